#include "wire.h"

#include "log.h"
#include "metrics.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

static struct {
    zcert_t *own;
    zactor_t *auth;
    char *server_key; // public key of the deployment's services, Z85
    uint64_t malformed;
    metric_t *malformed_total;
} wire;

//  --- security

int
wire_secure (const char *folder, refusal_t *refusal)
{
    if (!folder || !*folder)
        return 0;
    char path[512];
    snprintf (path, sizeof path, "%s/own.key", folder);
    wire.own = zcert_load (path);
    if (!wire.own)
        return refuse (refusal, REFUSAL_INVALID, "DAUMOI_CURVE", "%s cannot be read", path);
    snprintf (path, sizeof path, "%s/allowed", folder);
    if (access (path, R_OK | X_OK) != 0)
        return refuse (refusal, REFUSAL_INVALID, "DAUMOI_CURVE", "%s does not exist", path);
    wire.auth = zactor_new (zauth, NULL);
    zstr_sendx (wire.auth, "CURVE", path, NULL);
    zsock_wait (wire.auth);
    wire.server_key = mem_copy (slice_from (zcert_public_txt (wire.own)));
    return 0;
}

int
wire_create_keys (const char *folder, refusal_t *refusal)
{
    char own[512], allowed[600], entry[700];
    snprintf (own, sizeof own, "%s/own.key", folder);
    snprintf (allowed, sizeof allowed, "%s/allowed", folder);
    snprintf (entry, sizeof entry, "%s/own.key", allowed);
    if (access (own, F_OK) == 0)
        return refuse (refusal, REFUSAL_CONFLICT, own, "is there already; nothing was changed");
    zcert_t *cert = zcert_new ();
    if (!cert)
        die ("no key pair: this libzmq has no CURVE");
    zcert_set_meta (cert, "name", "daumoi");
    mkdir (folder, 0700);
    mkdir (allowed, 0700);
    int status = zcert_save_public (cert, entry) != 0 || zcert_save (cert, own) != 0 ? -1 : 0;
    zcert_destroy (&cert);
    if (status != 0)
        refuse (refusal, REFUSAL_INVALID, folder, "cannot be written");
    return status;
}

void
wire_end (void)
{
    zactor_destroy (&wire.auth);
    zcert_destroy (&wire.own);
    free (wire.server_key);
    wire.server_key = NULL;
}

//  --- sockets

static zsock_t *
wire_socket (int type)
{
    zsock_t *socket = zsock_new (type);
    if (!socket)
        die ("no socket: %s", zmq_strerror (errno));
    zsock_set_linger (socket, 0);
    zsock_set_sndtimeo (socket, 0);
    zsock_set_sndhwm (socket, 10000); // credit is the bound, not this
    zsock_set_rcvhwm (socket, 10000);
    zsock_set_maxmsgsize (socket, WIRE_MAX);
    zsock_set_heartbeat_ivl (socket, 1000);
    zsock_set_heartbeat_timeout (socket, 3000);
    zsock_set_heartbeat_ttl (socket, 3000);
    return socket;
}

zsock_t *
wire_router (const char *endpoint, char bound[256], refusal_t *refusal)
{
    zsock_t *socket = wire_socket (ZMQ_ROUTER);
    zsock_set_router_mandatory (socket, 1);
    if (wire.own) {
        zsock_set_zap_domain (socket, "daumoi");
        zcert_apply (wire.own, socket);
        zsock_set_curve_server (socket, 1);
    }
    if (zsock_bind (socket, "%s", endpoint) < 0) {
        refuse (refusal, REFUSAL_UNAVAILABLE, "bind", "cannot listen on %s: %s", endpoint,
            zmq_strerror (errno));
        zsock_destroy (&socket);
        return NULL;
    }
    if (bound)
        snprintf (bound, 256, "%s", zsock_endpoint (socket));
    return socket;
}

zsock_t *
wire_dealer (const char *endpoint, refusal_t *refusal)
{
    zsock_t *socket = wire_socket (ZMQ_DEALER);
    zsock_set_immediate (socket, 1);
    zsock_set_reconnect_ivl (socket, 100);
    zsock_set_reconnect_ivl_max (socket, 2000);
    zsock_set_connect_timeout (socket, 1500);
    if (wire.own) {
        zcert_apply (wire.own, socket);
        zsock_set_curve_serverkey (socket, wire.server_key);
    }
    if (zsock_connect (socket, "%s", endpoint) != 0) {
        refuse (refusal, REFUSAL_UNAVAILABLE, "connect", "cannot connect to %s", endpoint);
        zsock_destroy (&socket);
        return NULL;
    }
    return socket;
}

//  --- receiving

void
wire_drop (wire_t *message)
{
    zmq_msg_close (&message->sender);
    zmq_msg_close (&message->header);
    zmq_msg_close (&message->body_frame);
}

//  Receives one frame; false when it is missing. *more says whether another follows.
static bool
frame_receive (void *socket, zmq_msg_t *frame, bool *more)
{
    if (!*more || zmq_msg_recv (frame, socket, ZMQ_DONTWAIT) < 0)
        return false;
    *more = zmq_msg_more (frame);
    return true;
}

static void
frames_skip (void *socket, bool more)
{
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init (&frame);
        if (zmq_msg_recv (&frame, socket, ZMQ_DONTWAIT) < 0)
            more = false;
        else
            more = zmq_msg_more (&frame);
        zmq_msg_close (&frame);
    }
}

static uint64_t
number_read (const uint8_t *bytes)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

static bool
header_read (wire_t *message)
{
    if (zmq_msg_size (&message->header) != WIRE_HEADER)
        return false;
    const char *header = zmq_msg_data (&message->header);
    message->kind = (slice_t){header, strnlen (header, WIRE_KIND)};
    message->number = number_read ((const uint8_t *)header + WIRE_KIND);
    message->body =
        (slice_t){zmq_msg_data (&message->body_frame), zmq_msg_size (&message->body_frame)};
    return true;
}

static int
wire_reject (wire_t *message)
{
    wire_drop (message);
    wire.malformed++;
    if (!wire.malformed_total)
        wire.malformed_total = metric_counter (
            "daumoi_messages_malformed_total", "Messages dropped because they are not ours.", NULL);
    metric_add (wire.malformed_total, 1);
    return -1;
}

int
wire_receive (void *socket, bool from_router, wire_t *message)
{
    zmq_msg_init (&message->sender);
    zmq_msg_init (&message->header);
    zmq_msg_init (&message->body_frame);
    bool more = true;
    zmq_msg_t *first = from_router ? &message->sender : &message->header;
    if (!frame_receive (socket, first, &more)) {
        wire_drop (message);
        return 1;
    }
    bool whole = (!from_router || frame_receive (socket, &message->header, &more)) &&
                 frame_receive (socket, &message->body_frame, &more) && !more;
    frames_skip (socket, more);
    return whole && header_read (message) ? 0 : wire_reject (message);
}

uint64_t
wire_malformed (void)
{
    return wire.malformed;
}

//  --- sending

int
wire_send (void *socket, slice_t to, const char *kind, uint64_t number, slice_t body)
{
    char header[WIRE_HEADER] = {0};
    memccpy (header, kind, 0, WIRE_KIND);
    for (int i = 0; i < 8; i++)
        header[WIRE_KIND + i] = (char)(number >> (56 - 8 * i));
    if (to.size && zmq_send (socket, to.ptr, to.size, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return -1;
    if (zmq_send (socket, header, sizeof header, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
        return -1;
    return zmq_send (socket, body.ptr ? body.ptr : "", body.size, ZMQ_DONTWAIT) < 0 ? -1 : 0;
}
