#include "text_features.h"

#include "text.h"

//  Salts keep the kinds apart: the word "nha" is not the letters "nha".
enum { FOLD_1 = 1, FOLD_2, FOLD_3, LOWER_1, LOWER_2, LETTERS_4, LETTERS_5 };

static inline uint32_t
key_of (uint64_t value, uint64_t salt)
{
    uint64_t mixed = (value + salt * UINT64_C (0x9E3779B97F4A7C15)) * UINT64_C (0xD6E8FEB86659FD93);
    mixed ^= mixed >> 32;
    uint32_t key = (uint32_t)((mixed * UINT64_C (0xD6E8FEB86659FD93)) >> 32);
    key = (key & ~UINT32_C (1)) | (salt >= LETTERS_4);
    return key ? key : 2;
}

bool
features_key_is_letters (uint32_t key)
{
    return key & 1;
}

static inline uint64_t
hash_add (uint64_t hash, uint32_t letter)
{
    return (hash ^ letter) * UINT64_C (0x100000001B3);
}

static inline uint64_t
hash_join (uint64_t before, uint64_t word)
{
    return (before * UINT64_C (0x9E3779B97F4A7C15)) ^ word;
}

enum { HASH_START = 0x2D51 };

typedef struct {
    uint64_t fold, lower; // hashes of the word without and with diacritics
    size_t at, end;       // where it stands in the walk's copy of words as written
} word_t;

typedef struct {
    features_t *out;  // NULL when features are told
    uint64_t letters; // the last eight letters of the folded text, one byte each
    size_t letter_count;
    word_t word, last, before_last;
    bool inside;
    size_t words;
    feature_seen_fn *seen; // NULL when features are counted
    void *context;
    char *written; // lower case copy, for `seen`
    size_t size;
} walk_t;

static inline void
count (features_t *out, uint32_t key)
{
    size_t slot = (key >> 1) & (out->room - 1);
    while (out->slots[slot].key != key) {
        if (!out->slots[slot].key) {
            out->slots[slot].key = key;
            out->taken[out->used++] = (uint32_t)slot;
            break;
        }
        slot = (slot + 1) & (out->room - 1);
    }
    out->slots[slot].count++;
}

uint32_t
features_count (const features_t *self, uint32_t key)
{
    size_t slot = (key >> 1) & (self->room - 1);
    while (self->slots[slot].key && self->slots[slot].key != key)
        slot = (slot + 1) & (self->room - 1);
    return self->slots[slot].count;
}

static inline void
emit (walk_t *self, uint32_t key, size_t from)
{
    if (self->out)
        count (self->out, key);
    else if (self->seen)
        self->seen (self->context, key, (slice_t){self->written + from, self->size - from});
}

static inline void
letter_add (walk_t *self, uint32_t letter)
{
    //  Letters beyond Latin share bytes: rare here, and a clash only blurs them.
    self->letters = self->letters << 8 | (letter & 0xFF);
    self->letter_count++;
    if (!self->out)
        return;
    if (self->letter_count >= 4)
        count (self->out, key_of (self->letters & UINT64_C (0xFFFFFFFF), LETTERS_4));
    if (self->letter_count >= 5)
        count (self->out, key_of (self->letters & UINT64_C (0xFFFFFFFFFF), LETTERS_5));
}

static void
word_begin (walk_t *self)
{
    letter_add (self, ' ');
    if (self->written && self->size)
        self->written[self->size++] = ' ';
    self->word = (word_t){HASH_START, HASH_START, self->size, self->size};
    self->inside = true;
}

static void
word_end (walk_t *self)
{
    const word_t *word = &self->word, *last = &self->last, *before = &self->before_last;
    self->inside = false;
    self->words++;
    emit (self, key_of (word->fold, FOLD_1), word->at);
    if (word->lower != word->fold)
        emit (self, key_of (word->lower, LOWER_1), word->at);
    if (self->words >= 2) {
        uint64_t pair = hash_join (last->fold, word->fold);
        uint64_t lower = hash_join (last->lower, word->lower);
        emit (self, key_of (pair, FOLD_2), last->at);
        if (lower != pair)
            emit (self, key_of (lower, LOWER_2), last->at);
        if (self->words >= 3)
            emit (self,
                key_of (hash_join (hash_join (before->fold, last->fold), word->fold), FOLD_3),
                before->at);
    }
    self->before_last = *last;
    self->last = *word;
}

static void
letter_take (walk_t *self, text_letter_t letter)
{
    if (!self->inside)
        word_begin (self);
    bool digit = letter.fold >= '0' && letter.fold <= '9';
    uint32_t fold = digit ? '0' : letter.fold, lower = digit ? '0' : letter.lower;
    self->word.fold = hash_add (self->word.fold, fold);
    self->word.lower = hash_add (self->word.lower, lower);
    if (self->written)
        self->size += text_put (self->written + self->size, lower);
    letter_add (self, fold);
}

static void
walk (walk_t *self, slice_t text)
{
    const char *at = text.ptr, *end = text.ptr + text.size;
    while (at < end) {
        text_letter_t letter = text_letter (text_next (&at, end));
        if (letter.fold == TEXT_SEPARATOR) {
            if (self->inside)
                word_end (self);
        } else if (letter.fold != TEXT_MARK) {
            letter_take (self, letter);
        }
    }
    if (self->inside)
        word_end (self);
    letter_add (self, ' ');
}

//  The part that is read, ending between two code points.
static slice_t
first_pages (slice_t text)
{
    if (text.size <= FEATURES_BYTES_MAX)
        return text;
    size_t size = FEATURES_BYTES_MAX;
    while (size && ((unsigned char)text.ptr[size] & 0xC0) == 0x80)
        size--;
    return (slice_t){text.ptr, size};
}

//  Two bytes, a letter and a space, give at most nine features: the table is never full.
static size_t
room_for (slice_t text)
{
    size_t most = text.size * 5 + 16, room = 1024;
    while (room < most)
        room *= 2;
    return room;
}

void
features_read (slice_t text, arena_t *arena, features_t *out)
{
    slice_t pages = first_pages (text);
    *out = (features_t){.room = room_for (pages)};
    out->slots = arena_alloc (arena, out->room * sizeof *out->slots);
    out->taken = arena_alloc (arena, out->room * sizeof *out->taken);
    walk_t self = {.out = out};
    walk (&self, pages);
}

void
features_tell (slice_t text, arena_t *arena, feature_seen_fn *seen, void *context)
{
    slice_t pages = first_pages (text);
    walk_t self = {.seen = seen, .context = context};
    //  A lower case letter takes at most half as much again, and there are fewer spaces than bytes.
    self.written = arena_alloc (arena, pages.size * 2 + 8);
    walk (&self, pages);
}
