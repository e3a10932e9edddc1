//  The live copies of a service, asked from the command line: a DEALER to each, in turn.

#ifndef DAUMOI_PEERS_H
#define DAUMOI_PEERS_H

#include "cli.h"
#include "wire.h"

enum { PEERS_MAX = 32 };

typedef struct peers peers_t;

//  Sets up CURVE when the settings say so. NULL with the reason.
peers_t *peers_new (cli_t *cli, const char *service, refusal_t *refusal);
void peers_destroy (peers_t **self_p);

//  Reads the registry, at most once a second: adds new copies, drops one whose row is gone and that
//  has been silent for three seconds. When Redis does not answer, everything stays as it is.
void peers_refresh (peers_t *self);
size_t peers_count (const peers_t *self);
//  Why there is nobody, for people.
const char *peers_trouble (const peers_t *self);

//  Sends to the next copy, another one than `not_this` (-1: any) when there is one. Returns which,
//  or -1 when nobody can take it now.
int peers_send (peers_t *self, int not_this, const char *kind, uint64_t number, slice_t body);
//  Waits until an answer is there, `fd` (-1: none) can be read, or, when `to_send`, somebody can
//  take more; at most timeout_ms.
void peers_wait (peers_t *self, int fd, bool to_send, long timeout_ms);
//  The next answer; false when there is none. wire_drop it.
bool peers_receive (peers_t *self, wire_t *message);

#endif
