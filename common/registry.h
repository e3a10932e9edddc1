//  Who is there: each copy of a service writes a row into Redis twice a second; rows of copies that
//  are gone expire. The registry only adds peers: a peer is dropped when its row is gone and its
//  socket has been silent, so that a stalled Redis disconnects nobody.

#ifndef DAUMOI_REGISTRY_H
#define DAUMOI_REGISTRY_H

#include "codec.h"
#include "ledger.h"

enum { REGISTRY_BEAT_MS = 500, REGISTRY_TTL_MS = 5000, REGISTRY_ROWS = 128 };

//  JSON in Redis, by one table.
typedef struct {
    slice_t copy;                       // fresh with each start
    slice_t service;                    // "intake"
    slice_t kind;                       // what it offers ("offer/1"), "" when nothing
    slice_t offers;                     // endpoint of its offers
    slice_t second_kind, second_offers; // a copy may offer two kinds
    slice_t requests;                   // endpoint of its requests
    slice_t http;                       // host:port of /metrics
    slice_t version;
    slice_t model; // of classification
    int64_t started_ms;
    int64_t queued;   // waiting for credit
    int64_t open;     // taken and not finished
    int64_t done;     // finished since start
    int64_t clock_ms; // virtual legal time that it has adopted, 0 on a real data set
} registry_row_t;

extern const codec_schema_t registry_row_schema;

//  Puts the present numbers into the row, just before it is written.
typedef void (registry_fill_fn) (void *arg, registry_row_t *row);
//  What the beat brought. Rows are borrowed during the call.
typedef void (registry_rows_fn) (void *arg, const registry_row_t *rows, size_t count);

typedef struct registry registry_t;

//  Beats as soon as `ready` finds nothing missing (the row appears only then). `ledger` may be NULL
//  (classification has no case state); else its time and partitions are set by each beat.
registry_t *registry_new (loop_t *loop, redis_t *redis, ledger_t *ledger, const registry_row_t *row,
    void (*ready) (void *arg, buffer_t *reasons), registry_fill_fn *fill, registry_rows_fn *rows,
    void *arg);
void registry_destroy (registry_t **self_p);
//  Leaves: removes the row at once (sent, not awaited).
void registry_leave (registry_t *self);
//  True once a beat was answered.
bool registry_heard (const registry_t *self);

//  Endpoints of all rows of a kind of offers; returns the count (<= max).
size_t registry_offers (
    const registry_row_t *rows, size_t count, const char *kind, slice_t *out, size_t max);

//  Reads the rows of a dm1_beat reply; for services and the command line. Returns the count.
size_t registry_read (const redisReply *reply, arena_t *arena, registry_row_t *rows, size_t max);
//  The words of a dm1_beat call: asks only, when copy is empty.
enum { REGISTRY_WORDS = 9 };
void registry_words (slice_t copy, slice_t row, slice_t words[REGISTRY_WORDS]);

#endif
