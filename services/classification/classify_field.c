//  The field: the model says which of the top level, the profile's words which finer one.

#include "classify_inner.h"

//  Chosen on the tune part (`scripts/evaluate --tune`).
//
//  How much likelier a field becomes when one of its finer fields is named. The model has seen
//  the same words, so that it is less than the words alone would say.
static const float NAMED_ODDS = 2.7f;
//  Per mille from which two witnesses suffice for proposals and reports, the model and the words;
//  there a wrong unit hands the letter on, once (LTCD 26.2), and no time limit of the law runs.
enum { AGREED_LEAST = 750 };

static void
weigh_named (const classifier_t *self, evidence_t *evidence)
{
    const scorer_head_t *head = &self->scorer->heads[HEAD_FIELD];
    float *probability = evidence->scores.probability[HEAD_FIELD], sum = 0;
    for (size_t i = 0; i < head->count; i++) {
        if (named_within (&evidence->named, slice_from (head->classes[i].code), NULL))
            probability[i] *= NAMED_ODDS;
        sum += probability[i];
    }
    for (size_t i = 0; sum > 0 && i < head->count; i++)
        probability[i] /= sum;
}

static bool
is_proposal (const label_t *type)
{
    return slice_is (type->value, type_code (TYPE_KIEN_NGHI)) ||
           slice_is (type->value, type_code (TYPE_PHAN_ANH));
}

//  The words name no finer field of another field than the model's best guess.
static bool
words_agree (const classifier_t *self, const evidence_t *evidence, slice_t guess)
{
    const scorer_head_t *head = &self->scorer->heads[HEAD_FIELD];
    for (size_t i = 0; i < head->count; i++) {
        slice_t code = slice_from (head->classes[i].code);
        if (!slice_equals (code, guess) && named_within (&evidence->named, code, NULL))
            return false;
    }
    return evidence->reading.count >= WORDS_LEAST;
}

//  A letter that speaks of bribes or of wasted money is not made finer: a human should see it
//  before the unit that it speaks of.
void
label_field (const classifier_t *self, const petition_t *petition, const labels_t *labels,
    evidence_t *evidence, label_t *label)
{
    const profile_field_t *stated = profile_field (self->profile, petition->field), *finer = NULL;
    if (stated) {
        label_state (label, stated->code);
        return;
    }
    if (is_proposal (&labels->type))
        weigh_named (self, evidence);
    label_score (self->scorer, evidence, HEAD_FIELD, label);
    if (label->value.size && !profile_field (self->profile, label->value))
        label_unsure (label, "the profile has no such field");
    named_within (&evidence->named, label->guesses[0].value, &finer);
    bool agreed = is_proposal (&labels->type) && label->confidence >= AGREED_LEAST &&
                  words_agree (self, evidence, label->guesses[0].value);
    bool bribes = named_within (&evidence->named, SLICE ("corruption"), NULL);
    if (finer && !bribes && (label->value.size || agreed)) {
        label->value = label->guesses[0].value = finer->code;
        label->reason = SLICE ("words of the profile");
    }
}
