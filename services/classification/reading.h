//  A text read once for the rules: its words without diacritics, and where each stands.
//
//  Rules look for phrases of whole words, so that "to cao" is not found in "hoto cao". Pure.

#ifndef DAUMOI_READING_H
#define DAUMOI_READING_H

#include "base.h"

typedef struct {
    uint32_t at, size;  // in `folded`
    uint32_t hash;      // of the folded word
    uint32_t from, end; // in the text
    bool capital;       // its first letter was one
    bool after_break;   // a line end or the end of a sentence stands before it
} reading_word_t;

typedef struct {
    slice_t text;
    slice_t folded; // words with one space between; a '\0' behind
    reading_word_t *words;
    size_t count;
    bool marked; // somewhere it has diacritics: then names may be compared with theirs
    bool mixed;  // capitals mean something: neither all capitals nor none
} reading_t;

//  Text is valid UTF-8 in NFC; only its first pages are read. Lives in the arena.
void reading_read (slice_t text, arena_t *arena, reading_t *out);

//  The words [first, first + count) without diacritics, "" beyond the end.
slice_t reading_words (const reading_t *self, size_t first, size_t count);
//  The same as written.
slice_t reading_written (const reading_t *self, size_t first, size_t count);
//  Is the phrase (folded words) what stands at this word? Returns its number of words, else 0.
size_t reading_phrase_at (const reading_t *self, size_t word, slice_t phrase);

//  Syllables in a form that says which tone each has but not on which letter it was put, so that
//  "Hoà" equals "Hòa". Lower case.
slice_t reading_tones (slice_t text, arena_t *arena);

//  Phrases, found all in one pass over a text.
typedef struct lexicon lexicon_t;
typedef struct {
    size_t word, count; // where, how many words
    size_t value;       // what was given with the phrase
} lexicon_hit_t;

lexicon_t *lexicon_new (void);
void lexicon_destroy (lexicon_t **self_p);
//  The phrase is folded; it is borrowed.
void lexicon_add (lexicon_t *self, slice_t phrase, size_t value);
//  After the last phrase and before the first search.
void lexicon_close (lexicon_t *self);
//  All hits in reading order, overlapping ones too, longer before shorter at the same word.
const lexicon_hit_t *lexicon_find (
    const lexicon_t *self, const reading_t *reading, arena_t *arena, size_t *count);

#endif
