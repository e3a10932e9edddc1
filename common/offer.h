//  Work is offered, not pushed. The stage before binds a ROUTER; workers of the next stage connect
//  a DEALER to every live copy of it.
//
//      worker --credit {epoch, seen, open, window}--> source     once a second, and after each
//      batch worker <--offer <sequence>------------------- source     only what its credit allows
//      worker <--beat------------------------------- source     once a second
//
//  Credit is absolute: free = window - open - (sent - seen). What was lost on the way shows as
//  sent > seen that does not move; after three seconds, on a new connection or a new epoch the
//  source takes `seen` for `sent`. Nothing can leak, since nothing is counted up or down by
//  messages. The lost offer itself comes again by its lease (escalation).

#ifndef DAUMOI_OFFER_H
#define DAUMOI_OFFER_H

#include "wire.h"

enum { OFFER_BEAT_MS = 1000, OFFER_SILENCE_MS = 3000 };

//  --- source

typedef struct offer_source offer_source_t;

//  A worker has reported that it took the offer with this tag.
typedef void (offer_taken_fn) (void *arg, slice_t tag);

//  Binds; `kind` is what it offers ("offer/1"); keeps at most `queue_max` offers that wait for
//  credit, none longer than max_wait_ms. NULL with the reason.
offer_source_t *offer_source_new (loop_t *loop, const char *endpoint, const char *kind,
    size_t queue_max, int64_t max_wait_ms, refusal_t *refusal);
void offer_source_destroy (offer_source_t **self_p);
const char *offer_source_endpoint (const offer_source_t *self);
void offer_source_on_taken (offer_source_t *self, offer_taken_fn *fn, void *arg);

//  Offers at once where credit is free, else queues a copy. `tag` (at most 16 bytes) comes back by
//  offer_taken_fn. False when the queue is full: the lease will bring it again.
bool offer_source_put (offer_source_t *self, slice_t body, slice_t tag);
//  What workers would take now, beyond what is queued.
size_t offer_source_free (const offer_source_t *self);
size_t offer_source_queued (const offer_source_t *self);
size_t offer_source_workers (const offer_source_t *self);
size_t offer_source_flying (const offer_source_t *self); // offered, not yet reported processed

//  --- worker

typedef struct offer_worker offer_worker_t;

//  Where an offer came from; give it back with offer_worker_done.
typedef struct {
    uint32_t peer, generation;
} offer_ticket_t;

//  Called for each offer; `body` is borrowed during the call. Call offer_worker_done once for the
//  ticket, now or later.
typedef void (offer_fn) (void *arg, slice_t body, offer_ticket_t ticket);

//  Takes at most `window` offers at a time over all sources.
offer_worker_t *offer_worker_new (
    loop_t *loop, const char *kind, int64_t window, offer_fn *fn, void *arg);
void offer_worker_destroy (offer_worker_t **self_p);
//  The endpoints of all live sources, as the registry has them. Adds new ones; drops one that is
//  not listed any more and has been silent, too.
void offer_worker_sources (offer_worker_t *self, const slice_t *endpoints, size_t count);
void offer_worker_done (offer_worker_t *self, offer_ticket_t ticket);
size_t offer_worker_open (const offer_worker_t *self);
//  Take nothing more (a service that stops): credit says window 0.
void offer_worker_pause (offer_worker_t *self);

#endif
