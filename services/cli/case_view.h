//  A case as it may be shown: what is sealed stays neutral (promise 9). Pure.

#ifndef DAUMOI_CASE_VIEW_H
#define DAUMOI_CASE_VIEW_H

#include <jansson.h>

#include "case.h"
#include "profile.h"

typedef enum {
    VIEW_OPEN,      // everything that is no personal data
    VIEW_UNDECIDED, // until a human has decided the type: state, guesses and proposal
    VIEW_SEALED // a denunciation, or what may be one: "Bảo mật", number, state, owner, dates
} view_t;

//  `labels` NULL when the machine has said nothing.
view_t view_of (const case_t *record, const labels_t *labels);
//  Reads field l of a record; false when there is none. Strings point into the record.
bool view_labels (const case_t *record, labels_t *labels, arena_t *arena);

//  Who answers: the title of the unit's head for "head", else the officer's id.
slice_t view_officer (const profile_t *profile, const case_t *record);
//  "Sở Nông nghiệp và Môi trường"; the id when the profile has no such unit.
slice_t view_unit_name (const profile_t *profile, slice_t unit);
//  "Bảo mật - hồ sơ số 12" in the arena.
slice_t view_sealed_name (const case_t *record, arena_t *arena);

//  A clock with the rule it came from and its arithmetic, computed again from the profile.
typedef struct {
    case_clock_t clock;
    slice_t rule, basis, arithmetic; // "" when sealed, or when the profile has no such rule
    bool overdue;
} clock_view_t;
size_t view_clocks (const profile_t *profile, const case_t *record, view_t view, int64_t now_ms,
    arena_t *arena, clock_view_t out[CASE_CLOCKS]);

//  Labels with value, confidence (0 to 1), guesses and reasons; a new reference.
json_t *view_labels_json (const labels_t *labels);
json_t *view_flags_json (int64_t flags); // their codes

//  The whole case as the command line contract has it; a new reference.
json_t *view_json (const profile_t *profile, const case_t *record, const char *code, int64_t now_ms,
    arena_t *arena);

#endif
