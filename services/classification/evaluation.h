//  How good the labels are, on texts that neither training nor calibration has seen.

#ifndef DAUMOI_EVALUATION_H
#define DAUMOI_EVALUATION_H

#include <stdio.h>

#include "classification/classify.h"
#include "corpus.h"

//  Tables for type, field, place, owner and flags: written test part with and without diacritics,
//  and real texts apart where the data has them. `tune`: instead of them the part on which
//  thresholds are chosen, with a line for each wrong owner.
void evaluation_print (const corpus_t *corpus, const classifier_t *classifier,
    const profile_t *profile, bool tune, FILE *out);

#endif
