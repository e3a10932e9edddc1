//  The connection to Redis: hiredis asynchronous in the service's loop, flushed once per turn,
//  reconnecting by itself. Commands are answered in order. A NULL reply means "outcome unknown":
//  the connection went away before the answer came; whatever is sent must be safe to repeat.

#ifndef DAUMOI_REDIS_H
#define DAUMOI_REDIS_H

#include <hiredis/hiredis.h>

#include "loop.h"

typedef struct redis redis_t;
//  `reply` is borrowed and may be an error reply (type REDIS_REPLY_ERROR).
typedef void (redis_fn) (void *arg, const redisReply *reply);

//  `address`: "unix:/path" or "host:port"; `user` may be NULL; `password_file` may be NULL.
//  Connects in the background, again and again (100 ms to 2 s apart).
redis_t *redis_new (loop_t *loop, const char *address, const char *user, const char *password_file);
void redis_destroy (redis_t **self_p); // pending commands are answered NULL

//  Called each time a connection is made and has answered PING (so: not LOADING).
void redis_on_connected (redis_t *self, loop_fn *fn, void *arg);
bool redis_connected (const redis_t *self);
//  Why not, for /readyz; "" when connected.
const char *redis_trouble (const redis_t *self);

//  Queues a command; binary safe; arguments are copied. fn may be NULL. When not connected, fn is
//  called at once with NULL.
void redis_command (redis_t *self, redis_fn *fn, void *arg, size_t argc, const slice_t *argv);
size_t redis_pending (const redis_t *self);

//  --- for the command line and tools: one connection, blocking. NULL with the reason.
redisContext *redis_open (
    const char *address, const char *user, const char *password_file, refusal_t *refusal);
//  NULL with the reason, also for an error reply. freeReplyObject () the result.
redisReply *redis_ask (redisContext *context, size_t argc, const slice_t *argv, refusal_t *refusal);

//  What an error reply means for the caller: BUSY, UNAVAILABLE (OOM, LOADING, MISCONF, READONLY)
//  ...
refusal_code_t redis_error_code (const redisReply *reply);
slice_t redis_text (const redisReply *reply); // "" for nil and other types

#endif
