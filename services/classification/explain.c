//  Why the classifier said what it said. Words shown are words of the model: what stood in at least
//  two training texts, digits as 0, and phrases of the rules and the profile. Nothing else of the
//  letter appears.

#include <math.h>

#include "classify_inner.h"

enum { SHOWN = 8, TOLD_MAX = 4096 };

typedef struct {
    uint32_t key;
    slice_t words;
    double weight;
} told_t;

typedef struct {
    const classifier_t *classifier;
    const evidence_t *evidence;
    arena_t *arena;
    size_t column;
    double scale; // logit of one unit of weight
    told_t *told;
    size_t count;
} teller_t;

static double
length_of (const scorer_t *scorer, const features_t *features)
{
    double square = 0;
    for (size_t i = 0; i < features->used; i++) {
        const feature_t *feature = &features->slots[features->taken[i]];
        int64_t row = scorer_row (scorer, feature->key);
        double weight = row < 0 ? 0 : scorer_weigh (scorer, row, feature->count);
        square += weight * weight;
    }
    return square > 0 ? sqrt (square) : 1;
}

static void
take_feature (void *context, uint32_t key, slice_t words)
{
    teller_t *self = context;
    const scorer_t *scorer = self->classifier->scorer;
    int64_t row = scorer_row (scorer, key);
    if (row < 0 || self->count == TOLD_MAX)
        return;
    for (size_t i = 0; i < self->count; i++)
        if (self->told[i].key == key)
            return;
    int32_t weight = scorer_weigh (scorer, row, features_count (&self->evidence->features, key));
    int8_t step = scorer->rows[(size_t)row * scorer->stride + self->column];
    if (step)
        self->told[self->count++] =
            (told_t){key, arena_copy (self->arena, words), self->scale * weight * step};
}

static int
by_weight (const void *a, const void *b)
{
    double x = ((const told_t *)a)->weight, y = ((const told_t *)b)->weight;
    return (x < y) - (x > y);
}

static json_t *
told_json (const told_t *told)
{
    return json_pack ("{s:s%, s:f}", "words", told->words.ptr, told->words.size, "weight",
        round (told->weight * 1000) / 1000);
}

//  The words that spoke most for a class and most against it.
static void
explain_class (const classifier_t *self, const evidence_t *evidence, size_t h, size_t class,
    slice_t text, arena_t *arena, json_t *out)
{
    const scorer_head_t *head = &self->scorer->heads[h];
    teller_t teller = {self, evidence, arena, head->first + class, 0,
        arena_alloc (arena, TOLD_MAX * sizeof (told_t)), 0};
    teller.scale = (double)head->classes[class].scale * (double)head->sharpness /
                   length_of (self->scorer, &evidence->features);
    features_tell (text, arena, take_feature, &teller);
    if (teller.count)
        qsort (teller.told, teller.count, sizeof *teller.told, by_weight);
    json_t *pro = json_array (), *contra = json_array ();
    for (size_t i = 0; i < SHOWN && i < teller.count; i++) {
        const told_t *last = &teller.told[teller.count - 1 - i];
        if (teller.told[i].weight > 0)
            json_array_append_new (pro, told_json (&teller.told[i]));
        if (last->weight < 0)
            json_array_append_new (contra, told_json (last));
    }
    json_object_set_new (out, "for", pro);
    json_object_set_new (out, "against", contra);
}

static json_t *
slice_json (slice_t text)
{
    return json_stringn (text.size ? text.ptr : "", text.size);
}

static json_t *
label_json (const label_t *label)
{
    json_t *guesses = json_array ();
    for (size_t i = 0; i < LABEL_GUESSES && label->guesses[i].value.size; i++) {
        json_t *guess = json_object ();
        json_object_set_new (guess, "value", slice_json (label->guesses[i].value));
        json_object_set_new (guess, "confidence", json_integer (label->guesses[i].confidence));
        json_array_append_new (guesses, guess);
    }
    json_t *out = json_object ();
    json_object_set_new (out, "value", slice_json (label->value));
    json_object_set_new (out, "confidence", json_integer (label->confidence));
    json_object_set_new (out, "reason", slice_json (label->reason));
    json_object_set_new (out, "guesses", guesses);
    return out;
}

//  A head's label with the words behind its best guess by the model.
static json_t *
head_json (const classifier_t *self, const evidence_t *evidence, size_t h, const label_t *label,
    slice_t text, arena_t *arena)
{
    const scorer_head_t *head = &self->scorer->heads[h];
    size_t best = 0;
    for (size_t i = 1; i < head->count; i++)
        if (evidence->scores.probability[h][i] > evidence->scores.probability[h][best])
            best = i;
    json_t *out = label_json (label);
    json_object_set_new (
        out, "threshold", json_integer (lround ((double)head->classes[best].threshold * 1000)));
    json_object_set_new (out, "explains", json_string (head->classes[best].code));
    if (evidence->features.room)
        explain_class (self, evidence, h, best, text, arena, out);
    return out;
}

static void
take_flag (void *context, flag_bit_t bit, slice_t phrase)
{
    json_t *out = json_object ();
    json_object_set_new (out, "flag", json_string (flag_code (bit)));
    json_object_set_new (out, "phrase", slice_json (phrase));
    json_array_append_new (context, out);
}

static void
take_named (void *context, slice_t field, slice_t phrase)
{
    json_t *out = json_object ();
    json_object_set_new (out, "field", slice_json (field));
    json_object_set_new (out, "phrase", slice_json (phrase));
    json_array_append_new (context, out);
}

json_t *
classify_explain (const classifier_t *self, const petition_t *petition, arena_t *arena)
{
    labels_t labels;
    evidence_t evidence;
    classify_with (self, petition, arena, &labels, &evidence);
    slice_t text = evidence.reading.text; // NFC, or empty when it was not UTF-8
    json_t *phrases = json_array (), *flags = json_array ();
    flag_rules_tell (self->flags, &evidence.reading, arena, take_flag, phrases);
    field_words_tell (self->words, &evidence.reading, arena, take_named, phrases);
    for (int bit = 0; bit < FLAG_COUNT; bit++)
        if (labels.flags >> bit & 1)
            json_array_append_new (flags, json_string (flag_code ((flag_bit_t)bit)));
    json_t *out = json_object ();
    json_object_set_new (out, "model", slice_json (labels.model));
    json_object_set_new (
        out, "type", head_json (self, &evidence, HEAD_TYPE, &labels.type, text, arena));
    json_object_set_new (
        out, "field", head_json (self, &evidence, HEAD_FIELD, &labels.field, text, arena));
    json_object_set_new (out, "place", label_json (&labels.place));
    json_object_set_new (out, "respondent", label_json (&labels.respondent));
    json_object_set_new (out, "instance", json_integer (labels.instance));
    json_object_set_new (out, "flags", flags);
    json_object_set_new (out, "phrases", phrases);
    return out;
}
