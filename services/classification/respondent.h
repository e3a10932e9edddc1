//  Who is complained of or accused: a unit of the profile and, where the text says it, whether its
//  head, a deputy or one of its staff. Conservative: unsure when two differ. Pure.

#ifndef DAUMOI_RESPONDENT_H
#define DAUMOI_RESPONDENT_H

#include "model.h"
#include "profile.h"
#include "reading.h"

typedef struct respondents respondents_t;

//  The profile is borrowed and must outlive it.
respondents_t *respondents_new (const profile_t *profile);
void respondents_destroy (respondents_t **self_p);

//  Out of the text of a letter. `place` (may be NULL) is the place of the matter when it is sure:
//  it says which "Chủ tịch UBND xã" is meant that is named without its commune.
void respondents_find (const respondents_t *self, const reading_t *reading, const place_t *place,
    arena_t *arena, label_t *label);
//  Out of a field of its own: "Phó Chủ tịch UBND phường Hà Tu". False when no unit is named there,
//  or more than one.
bool respondents_named (
    const respondents_t *self, slice_t name, const place_t *place, arena_t *arena, label_t *label);

#endif
