//  Which one unit must do it, and which person by law decides (LKN 7, 17-21; LTC 12-13; LTCD 26).
//  Pure: facts in, one unit with its basis out, or triage with the reason.

#ifndef DAUMOI_COMPETENCE_H
#define DAUMOI_COMPETENCE_H

#include "model.h"
#include "profile.h"

typedef struct {
    petition_type_t type;
    slice_t field;      // profile code; "" unknown
    slice_t place;      // profile code; "" unknown
    slice_t respondent; // "unit[/head|/deputy|/staff]" as in labels_t, or "unit/body" when it is
                        // the unit itself for certain; "" unknown
    int64_t instance;   // of a complaint; 0 = first
    int64_t flags;      // FLAG_...
    const desk_t *desk; // where it was handed in
    int64_t at_ms;      // the day whose law applies
} matter_t;

typedef enum {
    COMPETENT_HERE,  // a unit of our tree: assign
    COMPETENT_OUT,   // a vertical or external body: transfer, or guide by type
    COMPETENT_UNSURE // triage: the desk decides
} competence_t;

typedef struct {
    competence_t verdict;
    const unit_t *unit; // NULL when unsure
    slice_t person;     // competent person: the post that settles by law
    slice_t basis;      // article or rule, e.g. "LKN 7; LKN 17"
    slice_t reason;     // one line for the clerk, in Vietnamese, no personal data
    bool certain;       // may be assigned without a human, if the profile says so for the type
    bool recuse;        // the desk itself is implicated: it may neither keep nor see the case
} competent_t;

//  Fills *out; never fails. Text lives in the arena or the profile.
void competence_find (
    const profile_t *profile, const matter_t *matter, arena_t *arena, competent_t *out);

//  Promise 7: true when `unit` is the accused's unit where he heads it, answers to it, or is it:
//  such a unit may not own, coordinate, see or rule. `respondent` as in matter_t.
bool competence_implicated (
    const profile_t *profile, petition_type_t type, slice_t respondent, const unit_t *unit);

//  The first superior of `unit` (or the top's substitute path) that is not implicated; NULL when
//  the whole line is.
const unit_t *competence_unimplicated (
    const profile_t *profile, petition_type_t type, slice_t respondent, const unit_t *unit);

#endif
