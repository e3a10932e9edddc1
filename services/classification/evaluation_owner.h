//  What the labels are for: the owner that follows from them, and how many letters a machine would
//  give to one alone.

#ifndef DAUMOI_EVALUATION_OWNER_H
#define DAUMOI_EVALUATION_OWNER_H

#include <stdio.h>

#include "corpus.h"
#include "profile.h"

typedef struct {
    size_t texts; // proposals and reports that name their place
    size_t alone; // assigned without a human, whatever they are
    size_t wrong; // of these: to a unit that does not follow from the true labels
} owner_table_t;

//  `errors` (may be NULL): a line for each wrong owner.
void owner_table_add (owner_table_t *self, const record_t *record, const labels_t *labels,
    const profile_t *profile, arena_t *arena, FILE *errors);

#endif
