//  Starts the clocks of a case from the rules of the profile. Pure.

#ifndef DAUMOI_LIMIT_H
#define DAUMOI_LIMIT_H

#include "case.h"
#include "profile.h"

//  The clock of a step that starts at start_ms; `remote` for far communes (LKN 27, 28).
//  False when the profile has no rule for it that day.
bool limit_start (const profile_t *profile, petition_type_t type, const char *step,
    int64_t start_ms, bool remote, case_clock_t *clock);

//  Sets the fields k (clocks) and n (next alarm) of a change; without clocks both are removed.
void limit_set (change_t *change, const case_clock_t *clocks, size_t count, arena_t *arena);

#endif
