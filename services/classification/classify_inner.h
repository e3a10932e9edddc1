//  Inside the classifier: what classify.c and explain.c share. Nobody else includes this.

#ifndef DAUMOI_CLASSIFY_INNER_H
#define DAUMOI_CLASSIFY_INNER_H

#include "classification/classify.h"
#include "flags.h"
#include "gazetteer.h"
#include "respondent.h"
#include "scorer.h"

struct classifier {
    const profile_t *profile;
    scorer_t *scorer;
    gazetteer_t *gazetteer;
    respondents_t *respondents;
    flag_rules_t *flags;
};

//  What one text gave, kept for explanations.
typedef struct {
    features_t features;
    scores_t scores;
    reading_t reading;
    flag_findings_t findings;
} evidence_t;

void classify_with (const classifier_t *self, const petition_t *petition, arena_t *arena,
    labels_t *labels, evidence_t *evidence);

#endif
