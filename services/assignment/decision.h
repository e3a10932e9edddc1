//  From labels, or from a clerk's word, to the change of a case. Pure: no sockets, no Redis; time
//  is an argument. Who is competent says competence.h.

#ifndef DAUMOI_DECISION_H
#define DAUMOI_DECISION_H

#include "case.h"
#include "competence.h"
#include "message.h"

typedef struct {
    change_t change;
    slice_t owner_before, owner_after; // units
    slice_t state;                     // after
} decision_t;

//  What the machine does with a labelled case that is still at its desk: assign it (proposals and
//  reports that are certain, where the profile allows it), propose (everything else: a human at
//  the desk decides), or take it away from a desk that answers to the accused (recuse).
//  False when the desk is not in the profile.
bool decision_by_machine (const profile_t *profile, const case_head_t *head, const labels_t *labels,
    int64_t now_ms, slice_t operation, arena_t *arena, decision_t *out);

//  What a named human decides on a case in triage. -1 with the reason that helps the clerk.
int decision_by_clerk (const profile_t *profile, const case_t *before, const act_t *act,
    int64_t now_ms, slice_t operation, arena_t *arena, decision_t *out, refusal_t *refusal);

#endif
