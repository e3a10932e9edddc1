#include "loop.h"

#include "clock.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <zmq.h>

typedef struct {
    zmq_pollitem_t item;
    loop_fn *fn; // NULL: removed in this turn
    void *arg;
} watch_t;

typedef struct {
    int64_t interval_ms;
    int64_t due_ms; // monotonic
    loop_fn *fn;
    void *arg;
} timer_slot_t;

typedef struct {
    loop_fn *fn;
    void *arg;
} hook_t;

enum { LOOP_TIMERS = 16, LOOP_HOOKS = 8 };

struct loop {
    watch_t *watches;
    zmq_pollitem_t *items; // a copy for zmq_poll, so that handlers may change `watches`
    size_t count, room;
    timer_slot_t timers[LOOP_TIMERS];
    size_t timer_count;
    hook_t turn_end[LOOP_HOOKS];
    size_t turn_end_count;
    hook_t hangup, stop;
    int signal_fd;
    bool stopped;
};

static void
loop_on_signal (void *arg)
{
    loop_t *self = arg;
    struct signalfd_siginfo info;
    while (read (self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        hook_t *hook = info.ssi_signo == SIGHUP ? &self->hangup : &self->stop;
        if (hook->fn)
            hook->fn (hook->arg);
        else if (hook == &self->stop)
            loop_stop (self);
    }
}

loop_t *
loop_new (void)
{
    loop_t *self = mem_new (sizeof *self);
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigaddset (&set, SIGHUP);
    sigprocmask (SIG_BLOCK, &set, NULL);
    signal (SIGPIPE, SIG_IGN);
    self->signal_fd = signalfd (-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (self->signal_fd < 0)
        die ("signalfd: %s", strerror (errno));
    loop_add_fd (self, self->signal_fd, loop_on_signal, self);
    return self;
}

void
loop_destroy (loop_t **self_p)
{
    assert (self_p);
    loop_t *self = *self_p;
    if (!self)
        return;
    close (self->signal_fd);
    free (self->watches);
    free (self->items);
    free (self);
    *self_p = NULL;
}

static void
loop_add (loop_t *self, void *socket, int fd, loop_fn *fn, void *arg)
{
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 16;
        self->watches = mem_grow (self->watches, self->room * sizeof *self->watches);
        self->items = mem_grow (self->items, self->room * sizeof *self->items);
    }
    self->watches[self->count++] =
        (watch_t){.item = {.socket = socket, .fd = fd, .events = ZMQ_POLLIN}, .fn = fn, .arg = arg};
}

void
loop_add_socket (loop_t *self, void *socket, loop_fn *readable, void *arg)
{
    assert (socket);
    loop_add (self, socket, -1, readable, arg);
}

void
loop_add_fd (loop_t *self, int fd, loop_fn *ready, void *arg)
{
    assert (fd >= 0);
    loop_add (self, NULL, fd, ready, arg);
}

static watch_t *
loop_find (loop_t *self, void *socket, int fd)
{
    for (size_t i = 0; i < self->count; i++) {
        watch_t *watch = &self->watches[i];
        bool same =
            socket ? watch->item.socket == socket : !watch->item.socket && watch->item.fd == fd;
        if (watch->fn && same)
            return watch;
    }
    return NULL;
}

void
loop_watch_write (loop_t *self, int fd, bool on)
{
    watch_t *watch = loop_find (self, NULL, fd);
    if (watch)
        watch->item.events = (short)(on ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
}

void
loop_remove (loop_t *self, void *socket, int fd)
{
    watch_t *watch = loop_find (self, socket, fd);
    if (watch)
        watch->fn = NULL;
}

int
loop_add_timer (loop_t *self, int64_t interval_ms, loop_fn *fn, void *arg)
{
    assert (self->timer_count < LOOP_TIMERS);
    self->timers[self->timer_count] = (timer_slot_t){.interval_ms = interval_ms,
        .due_ms = clock_monotonic_ms () + interval_ms,
        .fn = fn,
        .arg = arg};
    return (int)self->timer_count++;
}

void
loop_set_timer (loop_t *self, int id, int64_t interval_ms)
{
    assert (id >= 0 && (size_t)id < self->timer_count);
    self->timers[id].interval_ms = interval_ms;
    self->timers[id].due_ms = clock_monotonic_ms () + interval_ms;
}

void
loop_at_turn_end (loop_t *self, loop_fn *fn, void *arg)
{
    assert (self->turn_end_count < LOOP_HOOKS);
    self->turn_end[self->turn_end_count++] = (hook_t){fn, arg};
}

void
loop_on_hangup (loop_t *self, loop_fn *fn, void *arg)
{
    self->hangup = (hook_t){fn, arg};
}

void
loop_on_stop (loop_t *self, loop_fn *fn, void *arg)
{
    self->stop = (hook_t){fn, arg};
}

void
loop_stop (loop_t *self)
{
    self->stopped = true;
}

void
loop_resume (loop_t *self)
{
    self->stopped = false;
}

//  Runs what is due and says how long until the next one (ms, at least 0).
static int64_t
loop_tick (loop_t *self)
{
    int64_t wait_ms = 1000;
    for (size_t i = 0; i < self->timer_count; i++) {
        timer_slot_t *timer = &self->timers[i];
        int64_t now_ms = clock_monotonic_ms ();
        if (timer->due_ms <= now_ms) {
            timer->due_ms = now_ms + timer->interval_ms;
            timer->fn (timer->arg);
        }
        int64_t left_ms = timer->due_ms - clock_monotonic_ms ();
        if (left_ms < wait_ms)
            wait_ms = left_ms > 0 ? left_ms : 0;
    }
    return wait_ms;
}

static void
loop_sweep (loop_t *self)
{
    size_t kept = 0;
    for (size_t i = 0; i < self->count; i++)
        if (self->watches[i].fn)
            self->watches[kept++] = self->watches[i];
    self->count = kept;
}

static void
loop_turn (loop_t *self, int64_t wait_ms)
{
    loop_sweep (self);
    size_t count = self->count;
    for (size_t i = 0; i < count; i++)
        self->items[i] = self->watches[i].item;
    int ready = zmq_poll (self->items, (int)count, (long)wait_ms);
    if (ready < 0 && errno != EINTR)
        die ("poll: %s", zmq_strerror (errno));
    //  `items` may move when a handler adds a watch, but its old content is copied along.
    for (size_t i = 0; ready > 0 && i < count; i++) {
        watch_t watch = self->watches[i];
        if (self->items[i].revents && watch.fn)
            watch.fn (watch.arg);
    }
}

void
loop_run (loop_t *self)
{
    while (!self->stopped) {
        loop_turn (self, loop_tick (self));
        for (size_t i = self->turn_end_count; i-- > 0;)
            self->turn_end[i].fn (self->turn_end[i].arg);
    }
}
