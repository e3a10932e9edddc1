//  Requests and replies: a service answers on a ROUTER socket, at once or later, in any order.

#ifndef DAUMOI_REQUEST_H
#define DAUMOI_REQUEST_H

#include "wire.h"

typedef struct request_server request_server_t;

//  Whom to answer; plain data, safe to keep.
typedef struct {
    uint8_t route[32];
    uint8_t route_size;
    uint64_t number;
} request_from_t;

//  `message` is borrowed during the call.
typedef void (request_fn) (void *arg, const wire_t *message, const request_from_t *from);

request_server_t *request_server_new (
    loop_t *loop, const char *endpoint, request_fn *fn, void *arg, refusal_t *refusal);
void request_server_destroy (request_server_t **self_p);
const char *request_server_endpoint (const request_server_t *self);
//  An answer that cannot be delivered is dropped: the asker repeats its question by its key.
void request_reply (request_server_t *self, const request_from_t *from, const reply_t *reply);
void request_refuse (request_server_t *self, const request_from_t *from, const refusal_t *refusal);

#endif
