#include "peers.h"

#include "clock.h"

#include <stdio.h>
#include <sys/time.h>
#include <zmq.h>

enum { REFRESH_MS = 1000, REFRESH_FIRST_MS = 100, SILENCE_MS = 3000 };

typedef struct {
    char endpoint[256];
    zsock_t *sock; // NULL = free
    void *socket;
    bool listed;
    int64_t heard_ms;
} peer_t;

struct peers {
    cli_t *cli;
    const char *service;
    peer_t peers[PEERS_MAX];
    size_t next; // to be asked
    size_t reading;
    int64_t refreshed_ms;
    char trouble[200];
};

peers_t *
peers_new (cli_t *cli, const char *service, refusal_t *refusal)
{
    if (wire_secure (cli->settings.curve, refusal) != 0)
        return NULL;
    peers_t *self = mem_new (sizeof *self);
    self->cli = cli;
    self->service = service;
    self->refreshed_ms = -REFRESH_MS;
    snprintf (self->trouble, sizeof self->trouble, "the registry was not read yet");
    return self;
}

void
peers_destroy (peers_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    for (size_t i = 0; i < PEERS_MAX; i++)
        zsock_destroy (&(*self_p)->peers[i].sock);
    free (*self_p);
    *self_p = NULL;
}

//  --- who is there

static void
peer_add (peers_t *self, slice_t endpoint, int64_t now_ms)
{
    peer_t *free_one = NULL;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        peer_t *peer = &self->peers[i];
        if (peer->sock && slice_is (endpoint, peer->endpoint)) {
            peer->listed = true;
            return;
        }
        if (!peer->sock && !free_one)
            free_one = peer;
    }
    if (!free_one || endpoint.size >= sizeof free_one->endpoint)
        return;
    snprintf (free_one->endpoint, sizeof free_one->endpoint, "%.*s", SLICE_ARGS (endpoint));
    free_one->sock = wire_dealer (free_one->endpoint, NULL);
    free_one->socket = free_one->sock ? zsock_resolve (free_one->sock) : NULL;
    free_one->listed = true;
    free_one->heard_ms = now_ms;
}

static void
peers_take (peers_t *self, const redisReply *reply, int64_t now_ms)
{
    arena_t *arena = arena_new ();
    registry_row_t *rows = arena_alloc (arena, REGISTRY_ROWS * sizeof *rows);
    size_t count = registry_read (reply, arena, rows, REGISTRY_ROWS);
    for (size_t i = 0; i < PEERS_MAX; i++)
        self->peers[i].listed = false;
    for (size_t i = 0; i < count; i++)
        if (slice_is (rows[i].service, self->service) && rows[i].requests.size)
            peer_add (self, rows[i].requests, now_ms);
    for (size_t i = 0; i < PEERS_MAX; i++) {
        peer_t *peer = &self->peers[i];
        if (peer->sock && !peer->listed && now_ms - peer->heard_ms > SILENCE_MS)
            zsock_destroy (&peer->sock);
    }
    arena_destroy (&arena);
    snprintf (self->trouble, sizeof self->trouble, "no copy of %s is running; `daumoi status`",
        self->service);
}

//  A Redis that is away or loading must not hold up the answers of those who are there.
static redisReply *
peers_ask (peers_t *self)
{
    static const struct timeval patience = {.tv_sec = 1};
    cli_t *cli = self->cli;
    refusal_t refusal;
    slice_t words[REGISTRY_WORDS];
    if (!cli->redis)
        cli->redis = cli_connect (cli, &refusal);
    redisReply *reply = NULL;
    if (cli->redis) {
        redisSetTimeout (cli->redis, patience);
        registry_words ((slice_t){NULL, 0}, (slice_t){NULL, 0}, words);
        reply = redis_ask (cli->redis, REGISTRY_WORDS, words, &refusal);
    }
    if (!reply)
        snprintf (self->trouble, sizeof self->trouble, "%.190s", refusal.text);
    if (cli->redis && cli->redis->err) {
        redisFree (cli->redis);
        cli->redis = NULL;
    }
    return reply;
}

void
peers_refresh (peers_t *self)
{
    int64_t now_ms = clock_monotonic_ms ();
    int64_t every_ms = peers_count (self) ? REFRESH_MS : REFRESH_FIRST_MS;
    if (now_ms - self->refreshed_ms < every_ms)
        return;
    redisReply *reply = peers_ask (self);
    if (reply && reply->type == REDIS_REPLY_ARRAY)
        peers_take (self, reply, now_ms);
    freeReplyObject (reply);
    self->refreshed_ms = clock_monotonic_ms ();
}

size_t
peers_count (const peers_t *self)
{
    size_t count = 0;
    for (size_t i = 0; i < PEERS_MAX; i++)
        count += self->peers[i].sock != NULL;
    return count;
}

const char *
peers_trouble (const peers_t *self)
{
    return self->trouble;
}

//  --- messages

//  Those whose row is gone are asked only when nobody else is there.
static int
peers_try (
    peers_t *self, int not_this, bool listed, const char *kind, uint64_t number, slice_t body)
{
    for (size_t i = 0; i < PEERS_MAX; i++) {
        size_t at = (self->next + i) % PEERS_MAX;
        peer_t *peer = &self->peers[at];
        if (!peer->sock || (int)at == not_this || peer->listed != listed)
            continue;
        if (wire_send (peer->socket, (slice_t){NULL, 0}, kind, number, body) == 0) {
            self->next = at + 1;
            return (int)at;
        }
    }
    return -1;
}

int
peers_send (peers_t *self, int not_this, const char *kind, uint64_t number, slice_t body)
{
    int at = peers_try (self, not_this, true, kind, number, body);
    if (at < 0 && not_this >= 0)
        at = peers_try (self, -1, true, kind, number, body);
    return at < 0 ? peers_try (self, -1, false, kind, number, body) : at;
}

void
peers_wait (peers_t *self, int fd, bool to_send, long timeout_ms)
{
    zmq_pollitem_t items[PEERS_MAX + 1];
    int count = 0;
    short events = (short)(ZMQ_POLLIN | (to_send ? ZMQ_POLLOUT : 0));
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (self->peers[i].sock)
            items[count++] = (zmq_pollitem_t){.socket = self->peers[i].socket, .events = events};
    if (fd >= 0)
        items[count++] = (zmq_pollitem_t){.fd = fd, .events = ZMQ_POLLIN};
    zmq_poll (items, count, timeout_ms);
}

bool
peers_receive (peers_t *self, wire_t *message)
{
    for (size_t i = 0; i < PEERS_MAX; i++) {
        peer_t *peer = &self->peers[(self->reading + i) % PEERS_MAX];
        int status = peer->sock ? wire_receive (peer->socket, false, message) : 1;
        while (status < 0)
            status = wire_receive (peer->socket, false, message);
        if (status != 0)
            continue;
        peer->heard_ms = clock_monotonic_ms ();
        self->reading += i; // go on with this one
        return true;
    }
    return false;
}
