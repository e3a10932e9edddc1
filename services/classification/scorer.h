//  The linear model: features in, a probability for each class of each head out.
//
//  A head is one question ("type", "field"), answered by one of its classes. Weights are small
//  integers and sparse in the file; in memory each known feature is one row, so that a feature of
//  the text costs one look-up. The file carries a hash of its content, which is the version.

#ifndef DAUMOI_SCORER_H
#define DAUMOI_SCORER_H

#include "text_features.h"

enum { HEAD_TYPE, HEAD_FIELD, HEAD_COUNT };
enum {
    SCORER_CLASSES_MAX = 32,
    SCORER_CODE_MAX = 32,
    SCORER_BLOCK = 32,
    SCORER_IDF_ONE = 16,
    SCORER_IDF_MAX = 127
};

typedef struct {
    char code[SCORER_CODE_MAX]; // NUL-terminated
    float scale, bias;          // logit = scale * dot product / length of the text's vector + bias
    float threshold;            // decided only when its probability is at least this
} scorer_class_t;

typedef struct {
    size_t count;    // 2 .. SCORER_CLASSES_MAX
    size_t first;    // its first column in a row
    float sharpness; // logits times this before they become probabilities (calibration)
    scorer_class_t classes[SCORER_CLASSES_MAX];
} scorer_head_t;

typedef struct {
    char version[17]; // 16 hex digits: hash of the file's content
    scorer_head_t heads[HEAD_COUNT];
    size_t columns, stride; // all classes; rounded up to SCORER_BLOCK
    size_t count;           // known features
    uint32_t *keys;         // sorted
    uint8_t *idf;           // rarity of each, in 1 / SCORER_IDF_ONE
    int8_t *rows;           // count rows of `stride`
    uint64_t *slots;        // key << 32 | row; 0 = empty
    size_t slot_mask;
} scorer_t;

typedef struct {
    float probability[HEAD_COUNT][SCORER_CLASSES_MAX];
    size_t known; // how many different features of the text the model knows
} scores_t;

//  Reads a model; every length is checked. NULL with the reason: foreign, truncated, corrupted.
scorer_t *scorer_read (slice_t bytes, refusal_t *refusal);
//  The same from a file. Blocks.
scorer_t *scorer_load (const char *file, refusal_t *refusal);
void scorer_destroy (scorer_t **self_p);

//  For the trainer, in this order: classes known -> layout (columns and stride); keys known ->
//  index (look-up); rows known -> write (bytes to `out`; sets the version).
void scorer_layout (scorer_t *self);
void scorer_index (scorer_t *self);
void scorer_write (scorer_t *self, buffer_t *out);

//  Row of a feature, or -1.
int64_t scorer_row (const scorer_t *self, uint32_t key);
//  How much a feature weighs that occurs so often, before the text's length is taken out.
int32_t scorer_weigh (const scorer_t *self, int64_t row, uint32_t count);
//  No allocation.
void scorer_score (const scorer_t *self, const features_t *features, scores_t *out);
//  Proposals and reports are routed and reported together: whether it is one of the two is decided
//  by the sum of their probabilities, and both have the threshold for that. The other class of the
//  pair; `class` itself for every other.
size_t scorer_partner (const scorer_head_t *head, size_t class);
//  Logits to probabilities, in place.
void scorer_calibrate (float *logits, size_t count, float sharpness);

#endif
