//  Text in, labels out. Pure: no sockets, no Redis, no clock; the model is loaded once.

#ifndef DAUMOI_CLASSIFY_H
#define DAUMOI_CLASSIFY_H

#include <jansson.h>

#include "model.h"
#include "profile.h"

typedef struct classifier classifier_t;

//  Loads the model file and builds the gazetteer from the profile (borrowed, must outlive it).
//  NULL with the reason. Blocks while reading the file.
classifier_t *classifier_new (const char *model_file, const profile_t *profile, refusal_t *refusal);
void classifier_destroy (classifier_t **self_p);
const char *classifier_version (const classifier_t *self); // 16 hex digits

//  Labels for a petition. What the desk stated (type, field, place, respondent, contested author
//  and instance) is taken where it names a thing of the profile. Strings in *labels live in the
//  arena, the classifier or the profile. Never fails: what it cannot say is unsure, with the
//  reason.
void classify (
    const classifier_t *self, const petition_t *petition, arena_t *arena, labels_t *labels);

//  For `daumoi classify --explain`: for each label the words and rules that decided and those that
//  spoke against, with weights. A new reference.
json_t *classify_explain (const classifier_t *self, const petition_t *petition, arena_t *arena);

#endif
