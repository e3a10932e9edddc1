#include "request.h"

#include <zmq.h>

struct request_server {
    loop_t *loop;
    zsock_t *sock;
    void *socket;
    char endpoint[256];
    request_fn *fn;
    void *arg;
    buffer_t out;
};

static void
server_readable (void *arg)
{
    request_server_t *self = arg;
    wire_t message;
    int status;
    for (int i = 0; i < WIRE_BATCH && (status = wire_receive (self->socket, true, &message)) < 1;
         i++) {
        if (status < 0)
            continue;
        request_from_t from = {.number = message.number};
        size_t size = zmq_msg_size (&message.sender);
        if (size <= sizeof from.route) {
            memcpy (from.route, zmq_msg_data (&message.sender), size);
            from.route_size = (uint8_t)size;
            self->fn (self->arg, &message, &from);
        }
        wire_drop (&message);
    }
}

request_server_t *
request_server_new (
    loop_t *loop, const char *endpoint, request_fn *fn, void *arg, refusal_t *refusal)
{
    request_server_t *self = mem_new (sizeof *self);
    self->sock = wire_router (endpoint, self->endpoint, refusal);
    if (!self->sock) {
        free (self);
        return NULL;
    }
    self->loop = loop;
    self->socket = zsock_resolve (self->sock);
    self->fn = fn;
    self->arg = arg;
    loop_add_socket (loop, self->socket, server_readable, self);
    return self;
}

void
request_server_destroy (request_server_t **self_p)
{
    assert (self_p);
    request_server_t *self = *self_p;
    if (!self)
        return;
    loop_remove (self->loop, self->socket, -1);
    zsock_destroy (&self->sock);
    buffer_free (&self->out);
    free (self);
    *self_p = NULL;
}

const char *
request_server_endpoint (const request_server_t *self)
{
    return self->endpoint;
}

void
request_reply (request_server_t *self, const request_from_t *from, const reply_t *reply)
{
    buffer_clear (&self->out);
    codec_encode (&reply_schema, reply, &self->out);
    slice_t to = {(const char *)from->route, from->route_size};
    wire_send (self->socket, to, "reply/1", from->number, buffer_slice (&self->out));
}

void
request_refuse (request_server_t *self, const request_from_t *from, const refusal_t *refusal)
{
    reply_t reply = {
        .refusal = slice_from (refusal_name (refusal->code)),
        .field = slice_from (refusal->field),
        .text = slice_from (refusal->text),
        .retry_ms = refusal->retry_ms,
    };
    request_reply (self, from, &reply);
}
