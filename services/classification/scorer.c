#include "scorer.h"

#include <math.h>

enum {
    TF_MAX = 64,
    TF_ONE = 16,
    //  82 * 255 / 16 (weight) * 127 (row) * this stays below 2^31.
    KNOWN_MAX = 12000
};

//  Sublinear: the tenth mention of a word says little more than the third. TF_ONE * (1 + ln n),
//  as integers so that every machine gives the same answer.

static int32_t
term_weight (uint32_t count)
{
    static const uint8_t weights[TF_MAX] = {0, 16, 27, 34, 38, 42, 45, 47, 49, 51, 53, 54, 56, 57,
        58, 59, 60, 61, 62, 63, 64, 65, 65, 66, 67, 68, 68, 69, 69, 70, 70, 71, 71, 72, 72, 73, 73,
        74, 74, 75, 75, 75, 76, 76, 77, 77, 77, 78, 78, 78, 79, 79, 79, 80, 80, 80, 80, 81, 81, 81,
        82, 82, 82, 82};
    return weights[count < TF_MAX ? count : TF_MAX - 1];
}

void
scorer_destroy (scorer_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    free ((*self_p)->keys);
    free ((*self_p)->idf);
    free ((*self_p)->rows);
    free ((*self_p)->slots);
    free (*self_p);
    *self_p = NULL;
}

void
scorer_layout (scorer_t *self)
{
    self->columns = 0;
    for (size_t h = 0; h < HEAD_COUNT; h++) {
        self->heads[h].first = self->columns;
        self->columns += self->heads[h].count;
    }
    self->stride = (self->columns + SCORER_BLOCK - 1) / SCORER_BLOCK * SCORER_BLOCK;
}

void
scorer_index (scorer_t *self)
{
    size_t room = 1024;
    while (room < self->count * 2)
        room *= 2;
    free (self->slots);
    self->slots = mem_new (room * sizeof *self->slots);
    self->slot_mask = room - 1;
    for (size_t i = 0; i < self->count; i++) {
        size_t slot = self->keys[i] & self->slot_mask;
        while (self->slots[slot])
            slot = (slot + 1) & self->slot_mask;
        self->slots[slot] = (uint64_t)self->keys[i] << 32 | i;
    }
}

int64_t
scorer_row (const scorer_t *self, uint32_t key)
{
    for (size_t slot = key & self->slot_mask; self->slots[slot];
         slot = (slot + 1) & self->slot_mask)
        if (self->slots[slot] >> 32 == key)
            return (int64_t)(self->slots[slot] & UINT32_MAX);
    return -1;
}

int32_t
scorer_weigh (const scorer_t *self, int64_t row, uint32_t count)
{
    return term_weight (count) * self->idf[row] / TF_ONE;
}

//  sums += weight * row, 32 columns at a time so that the compiler can use vector instructions.
static inline void
row_add (int32_t *sums, const int8_t *row, size_t stride, int32_t weight)
{
    for (size_t at = 0; at < stride; at += SCORER_BLOCK)
        for (size_t i = 0; i < SCORER_BLOCK; i++)
            sums[at + i] += weight * row[at + i];
}

void
scorer_calibrate (float *logits, size_t count, float sharpness)
{
    float top = logits[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        top = logits[i] > top ? logits[i] : top;
    for (size_t i = 0; i < count; i++)
        sum += logits[i] = expf ((logits[i] - top) * sharpness);
    for (size_t i = 0; i < count; i++)
        logits[i] /= sum;
}

static void
head_score (const scorer_head_t *head, const int32_t *sums, float length, float *out)
{
    for (size_t i = 0; i < head->count; i++) {
        const scorer_class_t *class = &head->classes[i];
        out[i] = class->scale * (float)sums[head->first + i] / length + class->bias;
    }
    scorer_calibrate (out, head->count, head->sharpness);
}

void
scorer_score (const scorer_t *self, const features_t *features, scores_t *out)
{
    int32_t sums[HEAD_COUNT * SCORER_CLASSES_MAX] = {0};
    uint64_t square = 0;
    *out = (scores_t){0};
    for (size_t slot = 0; slot < features->room && out->known < KNOWN_MAX; slot++) {
        const feature_t *feature = &features->slots[slot];
        int64_t row = feature->key ? scorer_row (self, feature->key) : -1;
        if (row < 0)
            continue;
        int32_t weight = scorer_weigh (self, row, feature->count);
        square += (uint64_t)weight * (uint64_t)weight;
        row_add (sums, self->rows + (size_t)row * self->stride, self->stride, weight);
        out->known++;
    }
    float length = square ? (float)sqrt ((double)square) : 1;
    for (size_t i = 0; i < HEAD_COUNT; i++)
        head_score (&self->heads[i], sums, length, out->probability[i]);
}
