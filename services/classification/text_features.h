//  What the model sees of a text: hashed words and letters, each with how often it occurs.
//
//  Words (runs of letters and digits, digits all read as 0) count singly, in pairs and in threes,
//  in the form without diacritics; singly and in pairs also as written, when that differs. Letters
//  count in fours and fives over the form without diacritics, with one space between words, so that
//  a slip of the pen spoils few of them. One pass; each word is touched once. Pure.

#ifndef DAUMOI_FEATURES_H
#define DAUMOI_FEATURES_H

#include "base.h"

//  A letter states its matter in its first pages: what stands behind is not read, which bounds the
//  time.
enum { FEATURES_BYTES_MAX = 12 * 1024 };

typedef struct {
    uint32_t key; // hash of the feature; 0 = empty slot
    uint32_t count;
} feature_t;

typedef struct {
    feature_t *slots; // open addressing over `room`, a power of two
    uint32_t *taken;  // the slots in use, in the order in which they were first seen
    size_t room, used;
} features_t;

//  How often a feature occurs in the text; 0 = never.
uint32_t features_count (const features_t *self, uint32_t key);
//  Was the feature made of letters, or of whole words?
bool features_key_is_letters (uint32_t key);

//  Called for each feature found, in reading order, repeats included: words are `size` bytes of
//  `form` (lower case, one space between); letters likewise.
typedef void feature_seen_fn (void *context, uint32_t key, slice_t form);

//  Text is valid UTF-8 in NFC; the slots live in the arena.
void features_read (slice_t text, arena_t *arena, features_t *out);
//  The same walk for explanations: tells every word feature with its words.
void features_tell (slice_t text, arena_t *arena, feature_seen_fn *seen, void *context);

#endif
