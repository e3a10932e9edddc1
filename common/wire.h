//  Sockets and frames. A message between processes is a header frame of fixed size and one body
//  frame (message.h). Nothing here promises delivery: what must not be lost is in Redis already.

#ifndef DAUMOI_WIRE_H
#define DAUMOI_WIRE_H

#include <czmq.h>

#include "loop.h"
#include "message.h"

enum { WIRE_KIND = 16, WIRE_HEADER = WIRE_KIND + 8, WIRE_MAX = 512 * 1024, WIRE_BATCH = 64 };

//  A received message; destroy with wire_drop.
typedef struct {
    zmq_msg_t sender; // routing id, on a ROUTER
    zmq_msg_t header, body_frame;
    slice_t kind; // "offer/1"
    uint64_t number;
    slice_t body;
} wire_t;

//  CURVE for all sockets of this process: `folder` holds own.key (secret certificate), and one
//  public certificate per service that may speak to us in allowed/. NULL or "" = no encryption.
//  Must be called before any socket is made. -1 with the reason.
int wire_secure (const char *folder, refusal_t *refusal);
void wire_end (void);
//  Makes such a folder with a new key pair: own.key, own.key_secret (mode 0600) and
//  allowed/own.key. Refuses to overwrite one.
int wire_create_keys (const char *folder, refusal_t *refusal);

//  A bound ROUTER (mandatory routing) or a connecting DEALER, with the settings of facts about dead
//  peers, limits and heartbeats applied before bind or connect. `bound` (may be NULL) gets the
//  endpoint in use. NULL with the reason.
zsock_t *wire_router (const char *endpoint, char bound[256], refusal_t *refusal);
zsock_t *wire_dealer (const char *endpoint, refusal_t *refusal);

//  0 when a well-formed message was received, 1 when there is none, -1 when it was malformed (it is
//  gone, and counted). Does not block.
int wire_receive (void *socket, bool from_router, wire_t *message);
void wire_drop (wire_t *message);

//  0, or -1: EHOSTUNREACH peer gone, EAGAIN no room. `to` is empty on a DEALER. Does not block.
int wire_send (void *socket, slice_t to, const char *kind, uint64_t number, slice_t body);

uint64_t wire_malformed (void); // messages dropped since start

#endif
