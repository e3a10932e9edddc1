#include "redis.h"

#include "clock.h"
#include "log.h"
#include "redis_inner.h"

#include <hiredis/async.h>
#include <stdio.h>

enum {
    RETRY_FIRST_MS = 100,
    RETRY_LAST_MS = 2000,
    STALL_MS = 5000, // without any answer for so long, the connection is taken for dead
    TICK_MS = 100
};

//  What waits for an answer: a queue, since Redis answers in order. hiredis gets no pointer that
//  could die: every callback takes the head of this queue.
typedef struct {
    redis_fn *fn;
    void *arg;
} waiting_t;

struct redis {
    loop_t *loop;
    redisAsyncContext *context; // NULL while there is none
    char *address, *user, *password_file;
    bool connected;  // PING was answered
    bool want_write; // something to flush at the end of the turn
    bool failed;     // to be freed at the end of the turn, never inside a callback
    int fd;
    int64_t retry_ms, next_try_ms, last_answer_ms;
    waiting_t *waiting; // ring
    size_t head, count, room;
    loop_fn *on_connected;
    void *on_connected_arg;
    char trouble[128];
};

//  --- the queue

static void
waiting_put (redis_t *self, redis_fn *fn, void *arg)
{
    if (self->count == self->room) {
        size_t room = self->room ? self->room * 2 : 64;
        waiting_t *ring = mem_new (room * sizeof *ring);
        for (size_t i = 0; i < self->count; i++)
            ring[i] = self->waiting[(self->head + i) % self->room];
        free (self->waiting);
        self->waiting = ring;
        self->room = room;
        self->head = 0;
    }
    self->waiting[(self->head + self->count++) % self->room] = (waiting_t){fn, arg};
}

static void
waiting_answer (redis_t *self, const redisReply *reply)
{
    assert (self->count);
    waiting_t waiting = self->waiting[self->head];
    self->head = (self->head + 1) % self->room;
    self->count--;
    if (waiting.fn)
        waiting.fn (waiting.arg, reply);
}

//  --- the five hooks that hiredis wants; writing waits for the end of the turn

static void
hook_nothing (void *privdata)
{
    (void)privdata;
}

static void
hook_write (void *privdata)
{
    ((redis_t *)privdata)->want_write = true;
}

static void
hook_cleanup (void *privdata)
{
    redis_t *self = privdata;
    if (self->fd >= 0)
        loop_remove (self->loop, NULL, self->fd);
    self->fd = -1;
}

//  --- life of a connection

static void
redis_lost (redis_t *self, const char *why)
{
    if (self->connected)
        log_event (LOG_WARNING, "redis-lost", "why", why, NULL);
    snprintf (self->trouble, sizeof self->trouble, "%s", why);
    self->connected = false;
    self->want_write = false;
    self->next_try_ms = clock_monotonic_ms () + self->retry_ms;
    self->retry_ms = self->retry_ms * 2 < RETRY_LAST_MS ? self->retry_ms * 2 : RETRY_LAST_MS;
}

static void
on_disconnect (const redisAsyncContext *context, int status)
{
    redis_t *self = context->data;
    self->context = NULL; // hiredis frees it
    self->failed = false;
    redis_lost (self, status == REDIS_OK ? "disconnected" : context->errstr);
}

static void
on_connect (const redisAsyncContext *context, int status)
{
    redis_t *self = context->data;
    if (status == REDIS_OK)
        return;
    self->context = NULL; // hiredis frees it
    self->failed = false;
    redis_lost (self, context->errstr[0] ? context->errstr : "cannot connect");
}

static void
on_answer (redisAsyncContext *context, void *reply, void *privdata)
{
    (void)privdata;
    redis_t *self = context->data;
    self->last_answer_ms = clock_monotonic_ms ();
    waiting_answer (self, reply);
}

static void
redis_put (redis_t *self, redis_fn *fn, void *arg, size_t argc, const slice_t *argv)
{
    assert (argc > 0);
    const char *few[64];
    size_t few_sizes[64];
    const char **words = argc <= 64 ? few : mem_grow (NULL, argc * sizeof *words);
    size_t *sizes = argc <= 64 ? few_sizes : mem_grow (NULL, argc * sizeof *sizes);
    for (size_t i = 0; i < argc; i++) {
        words[i] = argv[i].ptr ? argv[i].ptr : "";
        sizes[i] = argv[i].size;
    }
    if (self->count == 0)
        self->last_answer_ms = clock_monotonic_ms ();
    waiting_put (self, fn, arg);
    int status = redisAsyncCommandArgv (self->context, on_answer, NULL, (int)argc, words, sizes);
    assert (status == REDIS_OK);
    if (words != few) {
        free (words);
        free (sizes);
    }
}

static void
on_ping (void *arg, const redisReply *reply)
{
    redis_t *self = arg;
    if (!reply)
        return;
    if (reply->type == REDIS_REPLY_ERROR) {
        snprintf (self->trouble, sizeof self->trouble, "%s", reply->str);
        self->failed = true; // LOADING, NOAUTH ...: try again later on a new connection
        return;
    }
    self->connected = true;
    self->retry_ms = RETRY_FIRST_MS;
    self->trouble[0] = 0;
    log_event (LOG_INFO, "redis-connected", NULL);
    if (self->on_connected)
        self->on_connected (self->on_connected_arg);
}

static void
redis_greet (redis_t *self)
{
    char room[256];
    slice_t password = redis_read_password (self->password_file, room, sizeof room);
    if (password.size) {
        slice_t auth[] = {
            SLICE ("AUTH"), slice_from (self->user ? self->user : "default"), password};
        redis_put (self, NULL, NULL, 3, auth);
        explicit_bzero (room, sizeof room);
    }
    slice_t ping = SLICE ("PING");
    redis_put (self, on_ping, self, 1, &ping);
}

static void
on_ready (void *arg)
{
    redis_t *self = arg;
    if (self->context)
        redisAsyncHandleRead (self->context);
}

static void
on_ready_both (void *arg)
{
    redis_t *self = arg;
    //  A connection being made reports by becoming writable; hiredis tells its outcome on write.
    if (self->context && !(self->context->c.flags & REDIS_CONNECTED)) {
        redisAsyncHandleWrite (self->context);
        if (self->context && self->context->c.flags & REDIS_CONNECTED)
            loop_watch_write (self->loop, self->fd, false);
        return;
    }
    on_ready (arg);
}

static void
redis_connect (redis_t *self)
{
    char host[256];
    bool is_unix = strncmp (self->address, "unix:", 5) == 0;
    int port = is_unix ? 0 : redis_split_address (self->address, host, sizeof host);
    self->context =
        is_unix ? redisAsyncConnectUnix (self->address + 5) : redisAsyncConnect (host, port);
    if (!self->context)
        die ("out of memory");
    if (self->context->err) {
        redisAsyncFree (self->context);
        self->context = NULL;
        redis_lost (self, "cannot connect");
        return;
    }
    redisAsyncContext *context = self->context;
    context->data = self;
    self->fd = context->c.fd;
    context->ev.data = self;
    context->ev.addRead = context->ev.delRead = context->ev.delWrite = hook_nothing;
    context->ev.addWrite = hook_write;
    context->ev.cleanup = hook_cleanup;
    loop_add_fd (self->loop, self->fd, on_ready_both, self);
    loop_watch_write (self->loop, self->fd, true);
    redisAsyncSetConnectCallback (context, on_connect);
    redisAsyncSetDisconnectCallback (context, on_disconnect);
    redis_greet (self);
}

static void
redis_drop (redis_t *self, const char *why)
{
    redisAsyncContext *context = self->context;
    self->failed = false;
    redis_lost (self, why);
    self->context = NULL;
    if (context)
        redisAsyncFree (context); // answers everything that waits with NULL
    assert (self->count == 0);
}

static void
redis_turn_end (void *arg)
{
    redis_t *self = arg;
    if (self->failed && self->context)
        redis_drop (self, self->trouble);
    if (!self->context || !self->want_write || !(self->context->c.flags & REDIS_CONNECTED))
        return;
    self->want_write = false;
    redisAsyncHandleWrite (self->context);
    //  A short write asks for more through the hook: then wake when the socket takes more.
    if (self->context)
        loop_watch_write (self->loop, self->fd, self->want_write);
}

static void
redis_tick (void *arg)
{
    redis_t *self = arg;
    int64_t now_ms = clock_monotonic_ms ();
    if (!self->context && now_ms >= self->next_try_ms)
        redis_connect (self);
    else if (self->context && self->count && now_ms - self->last_answer_ms > STALL_MS)
        redis_drop (self, "no answer");
}

redis_t *
redis_new (loop_t *loop, const char *address, const char *user, const char *password_file)
{
    redis_t *self = mem_new (sizeof *self);
    self->loop = loop;
    self->address = mem_copy (slice_from (address));
    self->user = user && *user ? mem_copy (slice_from (user)) : NULL;
    self->password_file = password_file ? mem_copy (slice_from (password_file)) : NULL;
    self->fd = -1;
    self->retry_ms = RETRY_FIRST_MS;
    snprintf (self->trouble, sizeof self->trouble, "not connected yet");
    loop_add_timer (loop, TICK_MS, redis_tick, self);
    loop_at_turn_end (loop, redis_turn_end, self);
    return self;
}

void
redis_destroy (redis_t **self_p)
{
    assert (self_p);
    redis_t *self = *self_p;
    if (!self)
        return;
    redis_drop (self, "stopped");
    free (self->waiting);
    free (self->address);
    free (self->user);
    free (self->password_file);
    free (self);
    *self_p = NULL;
}

void
redis_on_connected (redis_t *self, loop_fn *fn, void *arg)
{
    self->on_connected = fn;
    self->on_connected_arg = arg;
}

bool
redis_connected (const redis_t *self)
{
    return self->connected;
}

const char *
redis_trouble (const redis_t *self)
{
    return self->trouble;
}

size_t
redis_pending (const redis_t *self)
{
    return self->count;
}

void
redis_command (redis_t *self, redis_fn *fn, void *arg, size_t argc, const slice_t *argv)
{
    //  Inside the callbacks of a connection that is going away hiredis takes no more commands.
    bool going = self->context && self->context->c.flags & (REDIS_DISCONNECTING | REDIS_FREEING);
    if (!self->connected || self->failed || !self->context || going) {
        if (fn)
            fn (arg, NULL);
        return;
    }
    redis_put (self, fn, arg, argc, argv);
}
