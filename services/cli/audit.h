//  Is one case what its journal says? The promises of ledger.lua, checked from outside. Pure.

#ifndef DAUMOI_AUDIT_H
#define DAUMOI_AUDIT_H

#include "case.h"

//  What Redis holds of a case; slices with ptr NULL are not there.
typedef struct {
    slice_t id, desk, day; // as its register has it
    int64_t serial;
    const case_t *record; // NULL: none, or not readable
    const slice_t *journal;
    size_t entries;
    slice_t body;
    slice_t alarm, lease, owned; // scores in the indexes; `owned`: of its present owner
} evidence_t;

typedef struct {
    case_state_t state;     // STATE_COUNT when it has none
    int64_t entries, moves; // entries that changed the owner
} audited_t;

//  Appends one line per broken promise to `breaches`; counts into *out.
void audit_case (const evidence_t *evidence, audited_t *out, arena_t *arena, buffer_t *breaches);

#endif
