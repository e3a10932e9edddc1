//  Vietnamese text: normal form, case, diacritics, tokens. Pure.

#ifndef DAUMOI_TEXT_H
#define DAUMOI_TEXT_H

#include "base.h"

//  True when every byte is part of well-formed UTF-8 (no surrogates, no overlong forms).
bool text_is_utf8 (slice_t text);
//  NFC in the arena; returns the input itself when it already is. Input must be UTF-8.
slice_t text_nfc (slice_t text, arena_t *arena);
//  Lower case NFC.
slice_t text_lower (slice_t text, arena_t *arena);
//  Lower case ASCII-like form for matching names: diacritics gone, đ -> d, every run of anything
//  that is not a letter or digit -> one space, no space at the ends. "Phường Hà Tu" -> "phuong ha
//  tu".
slice_t text_fold (slice_t text, arena_t *arena);

//  For whoever walks a text once by himself: the next code point of valid UTF-8, moving *at on.
uint32_t text_next (const char **at, const char *end);
//  Appends a code point as UTF-8 (room for 4 bytes); returns how many bytes it took.
size_t text_put (char *out, uint32_t code);

enum { TEXT_SEPARATOR = 0, TEXT_MARK = 1 };
typedef struct {
    uint32_t lower; // lower case of the code point
    uint32_t fold;  // its letter without diacritics, TEXT_SEPARATOR, or TEXT_MARK (no letter of its
                    // own: it belongs to the one before)
} text_letter_t;
text_letter_t text_letter (uint32_t code);

#endif
