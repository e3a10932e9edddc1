#include "scorer.h"

#include <math.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

//  The lowest bit of a key tells its kind and would leave half of the slots empty.
static inline size_t
slot_of (const scorer_t *self, uint32_t key)
{
    return (key >> 1) & self->slot_mask;
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
        size_t slot = slot_of (self, self->keys[i]);
        while (self->slots[slot])
            slot = (slot + 1) & self->slot_mask;
        self->slots[slot] = (uint64_t)self->keys[i] << 32 | i;
    }
}

int64_t
scorer_row (const scorer_t *self, uint32_t key)
{
    for (size_t slot = slot_of (self, key); self->slots[slot]; slot = (slot + 1) & self->slot_mask)
        if (self->slots[slot] >> 32 == key)
            return (int64_t)(self->slots[slot] & UINT32_MAX);
    return -1;
}

int32_t
scorer_weigh (const scorer_t *self, int64_t row, uint32_t count)
{
    return term_weight (count) * self->idf[row] / TF_ONE;
}

//  sums += weight_a * a + weight_b * b, 32 columns at a time.
static inline void
rows_add (int32_t *restrict sums, const int8_t *a, const int8_t *b, size_t stride, int32_t weight_a,
    int32_t weight_b)
{
#ifdef __SSE2__
    //  One instruction multiplies and adds four pairs of 16 bits: a row beside another costs
    //  nothing.
    const __m128i weights = _mm_set1_epi32 (weight_b << 16 | weight_a);
    for (size_t at = 0; at < stride; at += 16) {
        __m128i row_a = _mm_loadu_si128 ((const __m128i *)(const void *)(a + at));
        __m128i row_b = _mm_loadu_si128 ((const __m128i *)(const void *)(b + at));
        __m128i low = _mm_unpacklo_epi8 (row_a, row_b), high = _mm_unpackhi_epi8 (row_a, row_b);
        __m128i pairs[4] = {_mm_unpacklo_epi8 (low, low), _mm_unpackhi_epi8 (low, low),
            _mm_unpacklo_epi8 (high, high), _mm_unpackhi_epi8 (high, high)};
        for (size_t i = 0; i < 4; i++) {
            __m128i *sum = (__m128i *)(void *)(sums + at + 4 * i);
            __m128i more = _mm_madd_epi16 (_mm_srai_epi16 (pairs[i], 8), weights);
            _mm_storeu_si128 (sum, _mm_add_epi32 (_mm_loadu_si128 (sum), more));
        }
    }
#else
    for (size_t at = 0; at < stride; at++)
        sums[at] += weight_a * a[at] + weight_b * b[at];
#endif
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

//  Features in small groups: while one waits for memory, the others of its group are fetched too.
enum { GROUP = 32 };

typedef struct {
    int32_t sums[HEAD_COUNT * SCORER_CLASSES_MAX];
    uint64_t square;
    size_t known;
} tally_t;

typedef struct {
    const int8_t *row;
    int32_t weight;
} term_t;

//  Those of the group that the model knows, with their weights.
static size_t
group_find (const scorer_t *self, const features_t *features, size_t first, size_t count,
    term_t terms[GROUP])
{
    size_t known = 0;
    for (size_t i = first; i < first + count; i++) {
        uint32_t key = features->slots[features->taken[i]].key;
        __builtin_prefetch (&self->slots[slot_of (self, key)]);
    }
    for (size_t i = first; i < first + count; i++) {
        const feature_t *feature = &features->slots[features->taken[i]];
        int64_t row = scorer_row (self, feature->key);
        if (row < 0)
            continue;
        terms[known].row = self->rows + (size_t)row * self->stride;
        terms[known].weight = scorer_weigh (self, row, feature->count);
        __builtin_prefetch (terms[known++].row);
    }
    return known;
}

static void
group_add (size_t stride, const term_t *terms, size_t count, tally_t *tally)
{
    for (size_t i = 0; i < count; i++)
        tally->square += (uint64_t)terms[i].weight * (uint64_t)terms[i].weight;
    for (size_t i = 0; i + 1 < count; i += 2)
        rows_add (tally->sums, terms[i].row, terms[i + 1].row, stride, terms[i].weight,
            terms[i + 1].weight);
    if (count % 2)
        rows_add (tally->sums, terms[count - 1].row, terms[count - 1].row, stride,
            terms[count - 1].weight, 0);
    tally->known += count;
}

void
scorer_score (const scorer_t *self, const features_t *features, scores_t *out)
{
    tally_t tally = {0};
    for (size_t at = 0; at < features->used && tally.known < KNOWN_MAX; at += GROUP) {
        term_t terms[GROUP];
        size_t left = features->used - at;
        size_t count = group_find (self, features, at, left < GROUP ? left : GROUP, terms);
        group_add (self->stride, terms, count, &tally);
    }
    *out = (scores_t){.known = tally.known};
    float length = tally.square ? (float)sqrt ((double)tally.square) : 1;
    for (size_t i = 0; i < HEAD_COUNT; i++)
        head_score (&self->heads[i], tally.sums, length, out->probability[i]);
}

size_t
scorer_partner (const scorer_head_t *head, size_t class)
{
    static const char *const pair[] = {"kien_nghi", "phan_anh"};
    const char *want = NULL;
    for (size_t i = 0; i < 2; i++)
        if (strcmp (head->classes[class].code, pair[i]) == 0)
            want = pair[1 - i];
    for (size_t i = 0; want && i < head->count; i++)
        if (strcmp (head->classes[i].code, want) == 0)
            return i;
    return class;
}
