#include "offer.h"

#include "clock.h"
#include "log.h"

#include <zmq.h>

enum { TAG = 16, PEERS_MAX = 256, FLIGHT_MAX = 4096, WINDOW_MAX = 1000000 };
//  No worker sees so many offers in its life: what says more is nonsense, and sums stay far from
//  their limits.
#define SEEN_MAX (INT64_C (1) << 52)

//  A worker, as its credits describe it.
typedef struct {
    zmq_msg_t route; // routing id of its present connection
    char epoch[CASE_ID_TEXT];
    int64_t sent, seen, open, window;
    int64_t heard_ms;    // last credit
    int64_t progress_ms; // last time that seen caught up with sent, or moved
    char (*tags)[TAG];   // ring of tags by sequence, while a taken handler is there
} peer_t;

typedef struct {
    slice_t body; // owned
    char tag[TAG];
    int64_t since_ms;
} queued_t;

struct offer_source {
    loop_t *loop;
    zsock_t *sock;
    void *socket;
    const char *kind;
    char endpoint[256];
    peer_t peers[PEERS_MAX];
    size_t peer_count, turn;
    queued_t *queue; // ring
    size_t head, count, queue_max;
    int64_t max_wait_ms;
    offer_taken_fn *taken;
    void *taken_arg;
    arena_t *arena;
};

//  --- peers

static int64_t
peer_free (const peer_t *self)
{
    int64_t free_now = self->window - self->open - (self->sent - self->seen);
    return free_now > 0 ? free_now : 0;
}

static void
peer_remove (offer_source_t *self, size_t index)
{
    peer_t *peer = &self->peers[index];
    zmq_msg_close (&peer->route);
    free (peer->tags);
    self->peers[index] = self->peers[--self->peer_count];
}

static peer_t *
peer_of_epoch (offer_source_t *self, slice_t epoch)
{
    for (size_t i = 0; i < self->peer_count; i++)
        if (memcmp (self->peers[i].epoch, epoch.ptr, CASE_ID_TEXT) == 0)
            return &self->peers[i];
    if (self->peer_count == PEERS_MAX)
        return NULL;
    peer_t *peer = &self->peers[self->peer_count++];
    *peer = (peer_t){.progress_ms = clock_monotonic_ms ()};
    memcpy (peer->epoch, epoch.ptr, CASE_ID_TEXT);
    zmq_msg_init (&peer->route);
    if (self->taken)
        peer->tags = mem_new (FLIGHT_MAX * TAG);
    return peer;
}

//  Tells for each offer that the worker has taken since its last credit.
static void
peer_tell_taken (offer_source_t *self, peer_t *peer, int64_t seen)
{
    if (!peer->tags)
        return;
    int64_t first = seen - FLIGHT_MAX > peer->seen ? seen - FLIGHT_MAX : peer->seen;
    for (int64_t sequence = first + 1; sequence <= seen; sequence++) {
        const char *tag = peer->tags[sequence % FLIGHT_MAX];
        if (*tag)
            self->taken (self->taken_arg, (slice_t){tag, strnlen (tag, TAG)});
    }
}

static void
peer_credit (offer_source_t *self, peer_t *peer, zmq_msg_t *route, const credit_t *credit)
{
    int64_t now_ms = clock_monotonic_ms ();
    bool same =
        zmq_msg_size (route) == zmq_msg_size (&peer->route) &&
        memcmp (zmq_msg_data (route), zmq_msg_data (&peer->route), zmq_msg_size (route)) == 0;
    //  A worker cannot have seen what was never sent to it: then it speaks of an earlier life of
    //  ours. Sequences go on from there.
    if (credit->seen > peer->sent)
        peer->sent = peer->seen = credit->seen;
    if (credit->seen > peer->seen) {
        peer_tell_taken (self, peer, credit->seen);
        peer->progress_ms = now_ms;
    }
    peer->seen = credit->seen;
    if (peer->seen == peer->sent)
        peer->progress_ms = now_ms;
    bool lost = now_ms - peer->progress_ms > OFFER_SILENCE_MS;
    if (!same || lost) {
        peer->sent = peer->seen;
        peer->progress_ms = now_ms;
    }
    zmq_msg_copy (&peer->route, route);
    peer->open = credit->open;
    peer->window = credit->window;
    peer->heard_ms = now_ms;
}

//  --- offering

static bool
source_offer (offer_source_t *self, peer_t *peer, slice_t body, slice_t tag)
{
    slice_t to = {zmq_msg_data (&peer->route), zmq_msg_size (&peer->route)};
    int64_t sequence = peer->sent + 1;
    if (wire_send (self->socket, to, self->kind, (uint64_t)sequence, body) != 0)
        return false;
    if (peer->sent == peer->seen)
        peer->progress_ms = clock_monotonic_ms ();
    peer->sent = sequence;
    if (peer->tags) {
        memset (peer->tags[sequence % FLIGHT_MAX], 0, TAG);
        if (tag.size)
            memcpy (peer->tags[sequence % FLIGHT_MAX], tag.ptr, tag.size < TAG ? tag.size : TAG);
    }
    return true;
}

//  The worker with the most free credit; NULL when none has any.
static peer_t *
source_choose (offer_source_t *self)
{
    peer_t *best = NULL;
    for (size_t i = 0; i < self->peer_count; i++) {
        peer_t *peer = &self->peers[(i + self->turn) % self->peer_count];
        if (peer_free (peer) > 0 && (!best || peer_free (peer) > peer_free (best)))
            best = peer;
    }
    self->turn++;
    return best;
}

static bool
source_offer_any (offer_source_t *self, slice_t body, slice_t tag)
{
    for (;;) {
        peer_t *peer = source_choose (self);
        if (!peer)
            return false;
        if (source_offer (self, peer, body, tag))
            return true;
        peer_remove (self, (size_t)(peer - self->peers)); // gone; its next credit brings it back
    }
}

static void
queue_pop (offer_source_t *self)
{
    free ((char *)self->queue[self->head].body.ptr);
    self->head = (self->head + 1) % self->queue_max;
    self->count--;
}

static void
source_drain_queue (offer_source_t *self)
{
    int64_t now_ms = clock_monotonic_ms ();
    while (self->count) {
        queued_t *item = &self->queue[self->head];
        bool stale = now_ms - item->since_ms > self->max_wait_ms;
        slice_t tag = {item->tag, strnlen (item->tag, TAG)};
        if (!stale && !source_offer_any (self, item->body, tag))
            return;
        queue_pop (self);
    }
}

bool
offer_source_put (offer_source_t *self, slice_t body, slice_t tag)
{
    assert (tag.size <= TAG);
    if (self->count == 0 && source_offer_any (self, body, tag))
        return true;
    if (self->count == self->queue_max)
        return false;
    queued_t *item = &self->queue[(self->head + self->count++) % self->queue_max];
    *item = (queued_t){.body = {mem_copy (body), body.size}, .since_ms = clock_monotonic_ms ()};
    if (tag.size)
        memcpy (item->tag, tag.ptr, tag.size);
    return true;
}

//  --- what workers say

static void
source_take_credit (offer_source_t *self, wire_t *message)
{
    credit_t credit;
    if (!slice_is (message->kind, "credit/1"))
        return;
    arena_reset (self->arena);
    if (codec_decode (&credit_schema, message->body, &credit, self->arena, NULL, NULL) != 0)
        return;
    bool sane = credit.epoch.size == CASE_ID_TEXT && credit.seen >= 0 && credit.seen <= SEEN_MAX &&
                credit.open >= 0 && credit.open <= WINDOW_MAX && credit.window >= 0 &&
                credit.window <= WINDOW_MAX;
    peer_t *peer = sane ? peer_of_epoch (self, credit.epoch) : NULL;
    if (peer)
        peer_credit (self, peer, &message->sender, &credit);
}

static void
source_readable (void *arg)
{
    offer_source_t *self = arg;
    wire_t message;
    int status;
    for (int i = 0; i < WIRE_BATCH && (status = wire_receive (self->socket, true, &message)) < 1;
         i++) {
        if (status < 0)
            continue;
        source_take_credit (self, &message);
        wire_drop (&message);
    }
    source_drain_queue (self);
}

static void
source_beat (void *arg)
{
    offer_source_t *self = arg;
    int64_t now_ms = clock_monotonic_ms ();
    for (size_t i = self->peer_count; i-- > 0;) {
        peer_t *peer = &self->peers[i];
        slice_t to = {zmq_msg_data (&peer->route), zmq_msg_size (&peer->route)};
        bool silent = now_ms - peer->heard_ms > OFFER_SILENCE_MS;
        if (silent || wire_send (self->socket, to, "beat/1", 0, SLICE ("\x80")) != 0)
            peer_remove (self, i);
    }
    source_drain_queue (self);
}

//  --- life

offer_source_t *
offer_source_new (loop_t *loop, const char *endpoint, const char *kind, size_t queue_max,
    int64_t max_wait_ms, refusal_t *refusal)
{
    assert (queue_max > 0);
    offer_source_t *self = mem_new (sizeof *self);
    self->sock = wire_router (endpoint, self->endpoint, refusal);
    if (!self->sock) {
        free (self);
        return NULL;
    }
    self->loop = loop;
    self->socket = zsock_resolve (self->sock);
    self->kind = kind;
    self->queue_max = queue_max;
    self->queue = mem_new (queue_max * sizeof *self->queue);
    self->max_wait_ms = max_wait_ms;
    self->arena = arena_new ();
    loop_add_socket (loop, self->socket, source_readable, self);
    loop_add_timer (loop, OFFER_BEAT_MS, source_beat, self);
    return self;
}

void
offer_source_destroy (offer_source_t **self_p)
{
    assert (self_p);
    offer_source_t *self = *self_p;
    if (!self)
        return;
    loop_remove (self->loop, self->socket, -1);
    while (self->count)
        queue_pop (self);
    while (self->peer_count)
        peer_remove (self, 0);
    free (self->queue);
    arena_destroy (&self->arena);
    zsock_destroy (&self->sock);
    free (self);
    *self_p = NULL;
}

const char *
offer_source_endpoint (const offer_source_t *self)
{
    return self->endpoint;
}

void
offer_source_on_taken (offer_source_t *self, offer_taken_fn *fn, void *arg)
{
    assert (self->peer_count == 0);
    self->taken = fn;
    self->taken_arg = arg;
}

size_t
offer_source_free (const offer_source_t *self)
{
    int64_t total = 0;
    for (size_t i = 0; i < self->peer_count; i++)
        total += peer_free (&self->peers[i]);
    return total > (int64_t)self->count ? (size_t)total - self->count : 0;
}

size_t
offer_source_queued (const offer_source_t *self)
{
    return self->count;
}

size_t
offer_source_workers (const offer_source_t *self)
{
    return self->peer_count;
}

size_t
offer_source_flying (const offer_source_t *self)
{
    int64_t total = 0;
    for (size_t i = 0; i < self->peer_count; i++)
        total += self->peers[i].sent - self->peers[i].seen + self->peers[i].open;
    return total > 0 ? (size_t)total : 0;
}
