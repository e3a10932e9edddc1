//  Inside the classifier: what classify.c and explain.c share. Nobody else includes this.

#ifndef DAUMOI_CLASSIFY_INNER_H
#define DAUMOI_CLASSIFY_INNER_H

#include "classification/classify.h"
#include "field_words.h"
#include "flags.h"
#include "gazetteer.h"
#include "respondent.h"
#include "scorer.h"

//  Words below which a text says too little.
enum { WORDS_LEAST = 4 };

struct classifier {
    const profile_t *profile;
    scorer_t *scorer;
    gazetteer_t *gazetteer;
    respondents_t *respondents;
    flag_rules_t *flags;
    field_words_t *words;
};

//  What one text gave, kept for explanations.
typedef struct {
    features_t features;
    scores_t scores; // of the field: with what the profile's words say
    reading_t reading;
    named_fields_t named;
    flag_findings_t findings;
} evidence_t;

//  classify_label.c: what labels of both heads have in common

//  Stated by the desk.
void label_state (label_t *label, slice_t value);
void label_unsure (label_t *label, const char *reason);
//  The best guesses of a head; decided when the best is above its threshold.
void label_score (const scorer_t *scorer, const evidence_t *evidence, size_t h, label_t *label);
//  What is guessed for a value; 0 when it is not among the guesses.
int64_t label_guessed (const label_t *label, const char *value);
//  A guess put before the others, with the label's confidence.
void label_put_first (label_t *label, slice_t value, int64_t confidence);

//  classify_type.c, classify_field.c
void label_type (const classifier_t *self, const petition_t *petition, const evidence_t *evidence,
    label_t *label);
//  After the type, on which the cost of a wrong field depends.
void label_field (const classifier_t *self, const petition_t *petition, const labels_t *labels,
    evidence_t *evidence, label_t *label);

void classify_with (const classifier_t *self, const petition_t *petition, arena_t *arena,
    labels_t *labels, evidence_t *evidence);

#endif
