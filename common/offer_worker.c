#include "offer.h"

#include "clock.h"
#include "log.h"

#include <zmq.h>

enum { PEERS_MAX = 64 };

//  A source that this worker is connected to.
typedef struct {
    offer_worker_t *worker;
    char *endpoint; // NULL: free slot
    zsock_t *sock;
    void *socket;
    uint32_t generation; // tickets of an earlier connection are void
    int64_t seen, open;
    int64_t heard_ms;
    bool listed; // in the registry at the last look
    bool news;   // something to tell in this turn
} peer_t;

struct offer_worker {
    loop_t *loop;
    const char *kind;
    int64_t window, open;
    char epoch[CASE_ID_TEXT + 1];
    offer_fn *fn;
    void *arg;
    peer_t peers[PEERS_MAX];
    buffer_t credit;
};

static size_t
worker_connected (const offer_worker_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < PEERS_MAX; i++)
        count += self->peers[i].endpoint != NULL;
    return count;
}

//  The window is shared: each source may have as much as leaves the others their part.
static void
worker_tell (offer_worker_t *self, peer_t *peer)
{
    int64_t others = self->open - peer->open;
    int64_t sources = (int64_t)worker_connected (self);
    int64_t share = self->window / (sources ? sources : 1);
    int64_t left = self->window - others;
    credit_t credit = {
        .epoch = {self->epoch, CASE_ID_TEXT},
        .seen = peer->seen,
        .open = peer->open,
        .window = self->window ? (left > share ? left : share) : 0,
    };
    buffer_clear (&self->credit);
    codec_encode (&credit_schema, &credit, &self->credit);
    wire_send (peer->socket, (slice_t){NULL, 0}, "credit/1", 0, buffer_slice (&self->credit));
    peer->news = false;
}

//  Receives a bounded batch; returns how many offers are in it, in `messages`.
static size_t
peer_receive (offer_worker_t *self, peer_t *peer, wire_t messages[WIRE_BATCH])
{
    size_t count = 0;
    int status = 0;
    for (int i = 0;
         i < WIRE_BATCH && (status = wire_receive (peer->socket, false, &messages[count])) < 1;
         i++) {
        if (status < 0)
            continue;
        wire_t *message = &messages[count];
        peer->heard_ms = clock_monotonic_ms ();
        if (slice_is (message->kind, self->kind) && message->number <= INT64_MAX) {
            peer->seen = (int64_t)message->number;
            count++;
        } else
            wire_drop (message);
    }
    return count;
}

static void
peer_readable (void *arg)
{
    peer_t *peer = arg;
    offer_worker_t *self = peer->worker;
    wire_t messages[WIRE_BATCH];
    size_t count = peer_receive (self, peer, messages);
    if (count == 0)
        return;
    peer->open += (int64_t)count;
    self->open += (int64_t)count;
    //  What is taken is reported before it is worked on: should it kill this process, the source
    //  knows which offers had been taken (a try counts only then).
    worker_tell (self, peer);
    offer_ticket_t ticket = {(uint32_t)(peer - self->peers), peer->generation};
    for (size_t i = 0; i < count; i++) {
        self->fn (self->arg, messages[i].body, ticket);
        wire_drop (&messages[i]);
    }
}

static void
worker_turn_end (void *arg)
{
    offer_worker_t *self = arg;
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (self->peers[i].endpoint && self->peers[i].news)
            worker_tell (self, &self->peers[i]);
}

//  --- connections

static int
peer_connect (offer_worker_t *self, peer_t *peer)
{
    refusal_t refusal;
    peer->sock = wire_dealer (peer->endpoint, &refusal);
    if (!peer->sock) {
        log_event (LOG_WARNING, "source-refused", "why", refusal.text, NULL);
        return -1;
    }
    peer->socket = zsock_resolve (peer->sock);
    peer->heard_ms = clock_monotonic_ms ();
    loop_add_socket (self->loop, peer->socket, peer_readable, peer);
    worker_tell (self, peer);
    return 0;
}

static void
peer_disconnect (offer_worker_t *self, peer_t *peer)
{
    loop_remove (self->loop, peer->socket, -1);
    zsock_destroy (&peer->sock);
}

static void
peer_forget (offer_worker_t *self, peer_t *peer)
{
    if (peer->sock)
        peer_disconnect (self, peer);
    self->open -= peer->open;
    free (peer->endpoint);
    *peer = (peer_t){.worker = self, .generation = peer->generation + 1};
}

static void
worker_beat (void *arg)
{
    offer_worker_t *self = arg;
    int64_t now_ms = clock_monotonic_ms ();
    for (size_t i = 0; i < PEERS_MAX; i++) {
        peer_t *peer = &self->peers[i];
        if (!peer->endpoint)
            continue;
        bool silent = now_ms - peer->heard_ms > OFFER_SILENCE_MS;
        if (silent && !peer->listed) {
            peer_forget (self, peer);
            continue;
        }
        //  Hearing nothing for so long: the connection may be dead without knowing it.
        if (silent) {
            peer_disconnect (self, peer);
            if (peer_connect (self, peer) != 0)
                peer_forget (self, peer);
            continue;
        }
        worker_tell (self, peer);
    }
}

static peer_t *
worker_find (offer_worker_t *self, slice_t endpoint)
{
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (self->peers[i].endpoint && slice_is (endpoint, self->peers[i].endpoint))
            return &self->peers[i];
    return NULL;
}

static void
worker_add (offer_worker_t *self, slice_t endpoint)
{
    for (size_t i = 0; i < PEERS_MAX; i++) {
        peer_t *peer = &self->peers[i];
        if (peer->endpoint)
            continue;
        peer->endpoint = mem_copy (endpoint);
        peer->listed = true;
        if (peer_connect (self, peer) != 0)
            peer_forget (self, peer);
        return;
    }
}

void
offer_worker_sources (offer_worker_t *self, const slice_t *endpoints, size_t count)
{
    for (size_t i = 0; i < PEERS_MAX; i++)
        self->peers[i].listed = false;
    for (size_t i = 0; i < count; i++) {
        peer_t *peer = worker_find (self, endpoints[i]);
        if (peer)
            peer->listed = true;
        else
            worker_add (self, endpoints[i]);
    }
}

//  --- life

offer_worker_t *
offer_worker_new (loop_t *loop, const char *kind, int64_t window, offer_fn *fn, void *arg)
{
    offer_worker_t *self = mem_new (sizeof *self);
    self->loop = loop;
    self->kind = kind;
    self->window = window;
    self->fn = fn;
    self->arg = arg;
    message_id (self->epoch);
    for (size_t i = 0; i < PEERS_MAX; i++)
        self->peers[i].worker = self;
    loop_add_timer (loop, OFFER_BEAT_MS, worker_beat, self);
    loop_at_turn_end (loop, worker_turn_end, self);
    return self;
}

void
offer_worker_destroy (offer_worker_t **self_p)
{
    assert (self_p);
    offer_worker_t *self = *self_p;
    if (!self)
        return;
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (self->peers[i].endpoint)
            peer_forget (self, &self->peers[i]);
    buffer_free (&self->credit);
    free (self);
    *self_p = NULL;
}

void
offer_worker_done (offer_worker_t *self, offer_ticket_t ticket)
{
    assert (ticket.peer < PEERS_MAX);
    peer_t *peer = &self->peers[ticket.peer];
    if (!peer->endpoint || peer->generation != ticket.generation)
        return;
    assert (peer->open > 0 && self->open > 0);
    peer->open--;
    self->open--;
    peer->news = true;
}

size_t
offer_worker_open (const offer_worker_t *self)
{
    return (size_t)self->open;
}

void
offer_worker_pause (offer_worker_t *self)
{
    self->window = 0;
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (self->peers[i].endpoint)
            worker_tell (self, &self->peers[i]);
}
