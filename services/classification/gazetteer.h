//  Where it is: communes by their names of today and of before July 2025.
//
//  Certain only when the text is: one name with its kind ("phường Hà Tu"), or one old name that led
//  to one place. Names that were split, or several places in one letter, give candidates and stay
//  unsure. Diacritics decide where the text has them; "Hoà" equals "Hòa". Pure.

#ifndef DAUMOI_GAZETTEER_H
#define DAUMOI_GAZETTEER_H

#include "model.h"
#include "profile.h"
#include "reading.h"

typedef struct gazetteer gazetteer_t;

//  The profile is borrowed and must outlive it.
gazetteer_t *gazetteer_new (const profile_t *profile);
void gazetteer_destroy (gazetteer_t **self_p);

//  Place as the text says it; value "" when it does not say or not surely.
void gazetteer_find (
    const gazetteer_t *self, const reading_t *reading, arena_t *arena, label_t *label);
//  A place stated in a field of its own: code, name of today, or an old name that led to one place.
//  NULL when it is none.
const place_t *gazetteer_named (const gazetteer_t *self, slice_t name, arena_t *arena);

#endif
