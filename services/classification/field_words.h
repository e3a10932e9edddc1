//  Finer fields by the profile's own phrases: "quốc lộ" names transport.main_road. Pure.
//
//  A second witness beside the model, and the only one below the top level, where too few labelled
//  texts exist for a model.

#ifndef DAUMOI_FIELD_WORDS_H
#define DAUMOI_FIELD_WORDS_H

#include "profile.h"
#include "reading.h"

typedef struct field_words field_words_t;

//  The profile is borrowed and must outlive it.
field_words_t *field_words_new (const profile_t *profile);
void field_words_destroy (field_words_t **self_p);

//  How much the text names each field of the profile, in the profile's order, a field of the top
//  level by what lies within it; there a phrase inside a longer one does not count. Lives in the
//  arena.
typedef struct {
    const field_words_t *by;
    uint32_t *weights;
} named_fields_t;

named_fields_t field_words_find (
    const field_words_t *self, const reading_t *reading, arena_t *arena);

//  Is anything named within a field of the top level? `finer` (may be NULL): what the letter is
//  about, when that is one finer field, or several for which the same units are competent
//  everywhere (then the one named most); else NULL. One mention far behind the opening does not
//  say what a letter is about, but speaks against another.
bool named_within (const named_fields_t *self, slice_t top, const profile_field_t **finer);

//  For explanations: each phrase found, with its field.
typedef void field_word_seen_fn (void *context, slice_t field, slice_t phrase);
void field_words_tell (const field_words_t *self, const reading_t *reading, arena_t *arena,
    field_word_seen_fn *seen, void *context);

#endif
