//  A service's one loop: ZeroMQ sockets, file descriptors, timers, signals. One thread; a turn
//  wakes, lets each ready handler do a bounded batch, then calls the end-of-turn handlers, where
//  the ledger sends what the turn collected.

#ifndef DAUMOI_LOOP_H
#define DAUMOI_LOOP_H

#include "base.h"

typedef struct loop loop_t;
typedef void (loop_fn) (void *arg);

//  Takes over SIGINT, SIGTERM and SIGHUP: make it before any thread or ZeroMQ context.
loop_t *loop_new (void);
void loop_destroy (loop_t **self_p);

//  Handlers may add and remove while the loop runs; a removed one is not called again. `socket` is
//  what zsock_resolve gives. A handler that leaves messages behind is called again in the next
//  turn.
void loop_add_socket (loop_t *self, void *socket, loop_fn *readable, void *arg);
void loop_add_fd (loop_t *self, int fd, loop_fn *ready, void *arg);
void loop_watch_write (loop_t *self, int fd, bool on); // also wake when fd can be written
void loop_remove (loop_t *self, void *socket, int fd); // socket, or NULL and fd

//  Every interval_ms; the first time after one interval. Returns an id.
int loop_add_timer (loop_t *self, int64_t interval_ms, loop_fn *fn, void *arg);
void loop_set_timer (
    loop_t *self, int id, int64_t interval_ms); // from now on; 0 = as soon as can be
//  Called last registered first: what was made first (the connection) flushes what the others put
//  in.
void loop_at_turn_end (loop_t *self, loop_fn *fn, void *arg);
void loop_on_hangup (loop_t *self, loop_fn *fn, void *arg); // SIGHUP
//  Called once when SIGINT or SIGTERM arrives: stop taking work; call loop_stop when drained.
void loop_on_stop (loop_t *self, loop_fn *fn, void *arg);

void loop_run (loop_t *self);
void loop_stop (loop_t *self);   // after this turn
void loop_resume (loop_t *self); // loop_run may be called again

#endif
