//  The parts of `daumoi verify`: every case against its journal, then every key against the cases.
//  A running system moves between two reads, so what looks wrong is read once more, at one moment,
//  before it is called a breach.

#ifndef DAUMOI_VERIFY_H
#define DAUMOI_VERIFY_H

#include "id_set.h"
#include "store.h"

enum { VERIFY_BATCH = 250 };

typedef struct {
    cli_t *cli;
    id_set_t *ids;  // that stand in a register
    arena_t *arena; // of one batch
    int64_t petitions, entries, moves, breaches;
    int64_t states[STATE_COUNT];
    int64_t live[LEDGER_PARTITIONS_MAX], waiting[LEDGER_PARTITIONS_MAX];
    json_t *list; // of breaches, for --json: the first ones
} verify_t;

//  One breach: a line, with the receipt code or the key it is about.
void verify_breach (verify_t *self, slice_t about, slice_t text);

//  -1 when Redis went away.
int verify_cases (verify_t *self, refusal_t *refusal);
int verify_keys (verify_t *self, refusal_t *refusal);
//  Members of the indexes that no case accounts for; after verify_cases.
int verify_indexes (verify_t *self, refusal_t *refusal);

#endif
