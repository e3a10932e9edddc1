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

#endif
