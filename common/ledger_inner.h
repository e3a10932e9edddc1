//  Private to ledger.c (life, time, handing in, sending) and ledger_batch.c (a batch, its answers).

#ifndef DAUMOI_LEDGER_INNER_H
#define DAUMOI_LEDGER_INNER_H

#include "ledger.h"

enum {
    BATCH_CASES = 256,
    BATCH_BYTES = 1024 * 1024,
    FLYING_MAX = 2, // calls of a kind and partition under way; more cases wait and share the next
    PATIENCE_MS = 30000, // so long a batch of unknown outcome is sent again
    VERSION_EVERY_MS = 1000,
    HEAD_KEYS = 5,
    REGISTER_KEYS = 5,
    REGISTER_ARGS = 3,
    CHANGE_KEYS = 4,
    CHANGE_ARGS = 3
};

typedef enum { BATCH_REGISTER, BATCH_CHANGE } batch_kind_t;

typedef struct {
    ledger_fn *fn;
    void *arg;
} asker_t;

//  One function call: its keys and arguments, and who waits for which case.
typedef struct batch {
    struct batch *next; // in the list of those to be sent again
    ledger_t *ledger;
    batch_kind_t kind;
    unsigned partition;
    arena_t *arena;
    size_t count, bytes;
    int64_t give_up_ms; // monotonic
    int64_t not_before_ms;
    asker_t askers[BATCH_CASES];
    slice_t keys[BATCH_CASES * REGISTER_KEYS];
    slice_t args[BATCH_CASES * REGISTER_ARGS];
} batch_t;

struct ledger {
    loop_t *loop;
    redis_t *redis;
    char profile_hash[33];
    char active_profile[33];
    bool library_fits;
    char trouble[96];
    size_t window, waiting;
    bool is_virtual;
    int64_t clock_ms, offset_ms;
    unsigned partitions;
    batch_t *open[2][LEDGER_PARTITIONS_MAX];
    unsigned flying[2][LEDGER_PARTITIONS_MAX]; // calls sent and not yet answered
    batch_t *again, **again_end;
    batch_t *spare; // a few kept, so that a busy service does not allocate 100 KB per batch
    size_t spare_count;
};

//  What a kind of call takes: so many keys and arguments per case, after the head keys.
typedef struct {
    const char *function;
    size_t keys, args;
    const char *head[HEAD_KEYS];
} kind_row_t;

const kind_row_t *batch_kind (batch_kind_t kind);

//  An empty batch, from the spare ones when there is one.
batch_t *batch_new (ledger_t *ledger, batch_kind_t kind, unsigned partition);
//  Answers every case with the refusal and gives the batch back.
void batch_refuse (batch_t *self, const refusal_t *refusal);
//  Puts it into the list of those to be sent again, after wait_ms; refuses when patience has ended.
void batch_again (batch_t *self, int64_t wait_ms);
//  The reply of a batch: a redis_fn; arg is the batch_t.
void batch_on_reply (void *arg, const redisReply *reply);

#endif
