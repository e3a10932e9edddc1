//  What the labels of both heads of the model have in common.

#include "classify_inner.h"

void
label_state (label_t *label, slice_t value)
{
    *label = (label_t){.value = value, .confidence = 1000, .reason = SLICE ("stated by the desk")};
    label->guesses[0].value = value;
    label->guesses[0].confidence = 1000;
}

void
label_unsure (label_t *label, const char *reason)
{
    label->value = SLICE ("");
    label->reason = slice_from (reason);
}

//  The likeliest class that was not taken yet.
static size_t
next_best (const float *probability, size_t count, const size_t *taken, size_t taken_count)
{
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        bool is_taken = false;
        for (size_t u = 0; u < taken_count; u++)
            is_taken |= taken[u] == i;
        if (!is_taken && (best == SIZE_MAX || probability[i] > probability[best]))
            best = i;
    }
    return best;
}

void
label_score (const scorer_t *scorer, const evidence_t *evidence, size_t h, label_t *label)
{
    const float *probability = evidence->scores.probability[h];
    const scorer_head_t *head = &scorer->heads[h];
    size_t order[LABEL_GUESSES] = {0}, found = 0;
    for (; found < LABEL_GUESSES && found < head->count; found++) {
        size_t best = order[found] = next_best (probability, head->count, order, found);
        label->guesses[found].value = slice_from (head->classes[best].code);
        label->guesses[found].confidence = (int64_t)(probability[best] * 1000.0f + 0.5f);
    }
    label->confidence = label->guesses[0].confidence;
    bool sure = probability[order[0]] >= head->classes[order[0]].threshold;
    label->value = sure ? label->guesses[0].value : SLICE ("");
    label->reason = sure ? SLICE ("words of the text") : SLICE ("below the threshold");
    if (evidence->reading.count < WORDS_LEAST)
        label_unsure (label, "the text is too short");
}

int64_t
label_guessed (const label_t *label, const char *value)
{
    for (size_t i = 0; i < LABEL_GUESSES; i++)
        if (slice_is (label->guesses[i].value, value))
            return label->guesses[i].confidence;
    return 0;
}

void
label_put_first (label_t *label, slice_t value, int64_t confidence)
{
    size_t at = 0;
    while (at < LABEL_GUESSES - 1 && !slice_equals (label->guesses[at].value, value))
        at++;
    for (; at > 0; at--)
        label->guesses[at] = label->guesses[at - 1];
    label->guesses[0].value = value;
    label->guesses[0].confidence = label->confidence = confidence;
}
