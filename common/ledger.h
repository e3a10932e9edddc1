//  The ledger as a service sees it: register cases and change them, in batches, safely repeatable.
//
//  A service hands in single registrations and changes during a turn; at the end of the turn the
//  ledger sends one function call per partition (at most 256 cases or 1 MiB each). Each case has an
//  answer of its own. A lost reply means "outcome unknown": the batch is sent again, and since each
//  case carries an operation id, it gets the first answer. A batch that fails as a whole is sent
//  case by case, and the one that fails alone is answered INVALID and logged.

#ifndef DAUMOI_LEDGER_H
#define DAUMOI_LEDGER_H

#include "case.h"
#include "redis.h"

typedef struct ledger ledger_t;

enum { LEDGER_LEASE_MS = 15000, LEDGER_KEY_DAYS = 90, LEDGER_PARTITIONS_MAX = 16 };

typedef struct {
    refusal_t refusal; // code DONE when done
    bool repeated;     // it had been done before: this is the first answer
    bool expired;      // of a registration: its key was used longer ago than keys live
    int64_t version;
    int64_t serial; // of a registration
    slice_t day;    // of a registration: that of the first, when repeated
    int64_t received_ms;
} ledger_answer_t;

//  Exactly one call per case. The answer is borrowed.
typedef void (ledger_fn) (void *arg, const ledger_answer_t *answer);

//  `profile_hash` is that of the profile the service computes under. Borrows redis.
ledger_t *ledger_new (loop_t *loop, redis_t *redis, const char *profile_hash, size_t window);
void ledger_destroy (ledger_t **self_p); // waiting cases are answered UNAVAILABLE

//  Appends to `reasons` why it cannot work (Redis away, other library, other profile); nothing
//  when ready.
void ledger_ready (const ledger_t *self, buffer_t *reasons);
//  Cases that may still be handed in before the window to Redis is full.
size_t ledger_room (const ledger_t *self);

//  --- time, as the registry's beat measures it
void ledger_set_time (ledger_t *self, int64_t server_ms, bool is_virtual, int64_t clock_ms);
void ledger_set_partitions (ledger_t *self, unsigned partitions, slice_t profile_hash);
int64_t ledger_legal_ms (const ledger_t *self);
unsigned ledger_partition (const ledger_t *self, slice_t desk);
unsigned ledger_partition_of (slice_t desk, unsigned partitions);
unsigned ledger_partitions (const ledger_t *self); // 0 until the first beat

//  A key of a partition in the arena: ledger_key (arena, 7, "c:", id) -> "{p07}c:<id>".
slice_t ledger_key (arena_t *arena, unsigned partition, const char *kind, slice_t rest);

typedef struct {
    slice_t id;        // 16 characters; a repeat of the same key has the same id
    slice_t desk, day; // yymmdd
    slice_t body;      // sealed
    slice_t owner;
    const change_t *change;
} registration_t;

//  Both copy what they need. REFUSAL_BUSY is answered at once when the window is full.
void ledger_register (ledger_t *self, const registration_t *registration, ledger_fn *fn, void *arg);

typedef struct {
    slice_t id;
    slice_t desk; // of registration
    int64_t version;
    slice_t owner_before, owner_after;
    const change_t *change;
} transition_t;
void ledger_change (ledger_t *self, const transition_t *transition, ledger_fn *fn, void *arg);

//  --- the function library
void ledger_library (buffer_t *out); // the text that is loaded
const char *ledger_hash (void);      // of that text; 32 hex digits

#endif
