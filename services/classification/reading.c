#include "reading.h"

#include <utf8proc.h>

#include "text.h"
#include "text_features.h"

//  --- hashes: of a word, and of two words in a row

enum { HASH_START = 0x811C9DC5 & 0x7FFFFFFF };

static inline uint32_t
hash_add (uint32_t hash, uint32_t letter)
{
    return (hash ^ letter) * UINT32_C (0x01000193);
}

static inline uint32_t
hash_pair (uint32_t first, uint32_t second)
{
    uint32_t mixed = (first ^ (second << 7 | second >> 25)) * UINT32_C (0x9E3779B1);
    return mixed ^ mixed >> 15;
}

//  --- words

typedef struct {
    reading_t *out;
    char *folded;
    size_t size, capitals, room;
    bool inside, pause;
} scan_t;

static void
scan_letter (scan_t *self, uint32_t fold, uint32_t code, size_t from, size_t end)
{
    reading_t *out = self->out;
    bool capital = code != text_letter (code).lower;
    if (!self->inside) {
        if (self->size)
            self->folded[self->size++] = ' ';
        out->words[out->count] = (reading_word_t){.at = (uint32_t)self->size,
            .hash = HASH_START,
            .from = (uint32_t)from,
            .capital = capital,
            .after_break = self->pause || out->count == 0};
        out->count++;
        self->inside = true;
        self->pause = false;
    }
    self->capitals += capital;
    out->marked |= code >= 0x80;
    self->size += text_put (self->folded + self->size, fold);
    reading_word_t *word = &out->words[out->count - 1];
    word->size = (uint32_t)self->size - word->at;
    word->end = (uint32_t)end;
    word->hash = hash_add (word->hash, fold);
}

//  "P. Hà Tu" and "1.200" do not end a sentence: a dot does only before a blank and after a word of
//  three letters or more.
static bool
ends_sentence (const scan_t *self, uint32_t code, const char *at, const char *end)
{
    if (code == '\n' || code == ';' || code == '!' || code == '?')
        return true;
    if (code != '.' || self->out->count == 0)
        return false;
    return self->out->words[self->out->count - 1].size > 2 && (at == end || *at == ' ');
}

static void
scan (scan_t *self, slice_t text)
{
    const char *at = text.ptr, *end = text.ptr + text.size;
    size_t letters = 0;
    while (at < end) {
        const char *from = at;
        uint32_t code = text_next (&at, end);
        uint32_t fold = text_letter (code).fold;
        if (fold == TEXT_SEPARATOR) {
            self->inside = false;
            self->pause |= ends_sentence (self, code, at, end);
        } else if (fold != TEXT_MARK) {
            scan_letter (self, fold, code, (size_t)(from - text.ptr), (size_t)(at - text.ptr));
            letters++;
        }
    }
    self->out->mixed = self->capitals > 0 && self->capitals * 2 < letters;
}

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

void
reading_read (slice_t text, arena_t *arena, reading_t *out)
{
    slice_t pages = first_pages (text);
    *out = (reading_t){.text = pages};
    out->words = arena_alloc (arena, (pages.size / 2 + 1) * sizeof *out->words);
    scan_t self = {.out = out, .folded = arena_alloc (arena, pages.size * 3 / 2 + 8)};
    scan (&self, pages);
    out->folded = (slice_t){self.folded, self.size};
}

slice_t
reading_words (const reading_t *self, size_t first, size_t count)
{
    if (first >= self->count || count == 0)
        return SLICE ("");
    size_t last = first + count - 1 < self->count ? first + count - 1 : self->count - 1;
    size_t end = self->words[last].at + self->words[last].size;
    return (slice_t){self->folded.ptr + self->words[first].at, end - self->words[first].at};
}

slice_t
reading_written (const reading_t *self, size_t first, size_t count)
{
    if (first >= self->count || count == 0)
        return SLICE ("");
    size_t last = first + count - 1 < self->count ? first + count - 1 : self->count - 1;
    uint32_t from = self->words[first].from;
    return (slice_t){self->text.ptr + from, self->words[last].end - from};
}

size_t
reading_phrase_at (const reading_t *self, size_t word, slice_t phrase)
{
    if (word >= self->count)
        return 0;
    size_t at = self->words[word].at, left = self->folded.size - at;
    if (phrase.size > left || memcmp (self->folded.ptr + at, phrase.ptr, phrase.size) != 0)
        return 0;
    if (phrase.size < left && self->folded.ptr[at + phrase.size] != ' ')
        return 0;
    size_t count = 1;
    for (size_t i = 0; i < phrase.size; i++)
        count += phrase.ptr[i] == ' ';
    return count;
}

//  --- tones

//  Takes the tone mark out of a letter: ầ -> â and the grave.
static uint32_t
tone_take (uint32_t letter, char *tone)
{
    static const struct {
        int32_t mark;
        char tone;
    } marks[] = {{0x300, '1'}, {0x301, '2'}, {0x309, '3'}, {0x303, '4'}, {0x323, '5'}};
    utf8proc_int32_t parts[8], kept[8];
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char (
        (utf8proc_int32_t)letter, parts, 8, UTF8PROC_DECOMPOSE | UTF8PROC_STABLE, &boundary);
    utf8proc_ssize_t left = 0;
    for (utf8proc_ssize_t i = 0; i < count && i < 8; i++) {
        bool is_tone = false;
        for (size_t m = 0; m < sizeof marks / sizeof *marks; m++)
            if (parts[i] == marks[m].mark) {
                *tone = marks[m].tone;
                is_tone = true;
            }
        if (!is_tone)
            kept[left++] = parts[i];
    }
    left = utf8proc_normalize_utf32 (kept, left, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    return left > 0 ? (uint32_t)kept[0] : letter;
}

slice_t
reading_tones (slice_t text, arena_t *arena)
{
    char *out = arena_alloc (arena, text.size * 2 + 8);
    size_t size = 0;
    char tone = 0;
    bool gap = false;
    for (const char *at = text.ptr, *end = text.ptr + text.size; at < end;) {
        uint32_t lower = text_letter (text_next (&at, end)).lower;
        if (text_letter (lower).fold == TEXT_SEPARATOR) {
            if (tone)
                out[size++] = tone;
            tone = 0;
            gap = size > 0;
            continue;
        }
        if (gap)
            out[size++] = ' ';
        gap = false;
        size += text_put (out + size, lower < 0x80 ? lower : tone_take (lower, &tone));
    }
    if (tone)
        out[size++] = tone;
    return (slice_t){out, size};
}

//  --- lexicon: phrases by the hash of their first word, longest first

typedef struct {
    slice_t phrase;
    size_t value;
    uint32_t next; // 1 + index of the next with this first word; 0 = none
} entry_t;

struct lexicon {
    entry_t *entries;
    size_t count, room;
    uint32_t *heads; // 1 + index, by hash of the first two words (or the only one)
    size_t mask;
};

lexicon_t *
lexicon_new (void)
{
    return mem_new (sizeof (lexicon_t));
}

void
lexicon_destroy (lexicon_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    free ((*self_p)->entries);
    free ((*self_p)->heads);
    free (*self_p);
    *self_p = NULL;
}

void
lexicon_add (lexicon_t *self, slice_t phrase, size_t value)
{
    assert (!self->heads && phrase.size);
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 64;
        self->entries = mem_grow (self->entries, self->room * sizeof *self->entries);
    }
    self->entries[self->count++] = (entry_t){phrase, value, 0};
}

//  Hash of the first word, and with the second when there is one: what the look-up goes by.
static uint32_t
hash_phrase (slice_t phrase)
{
    uint32_t hashes[2] = {HASH_START, HASH_START};
    size_t word = 0;
    for (const char *at = phrase.ptr, *end = phrase.ptr + phrase.size; at < end;) {
        uint32_t letter = text_next (&at, end);
        if (letter == ' ' && ++word == 2)
            break;
        if (letter != ' ')
            hashes[word] = hash_add (hashes[word], letter);
    }
    return word ? hash_pair (hashes[0], hashes[1]) : hash_pair (hashes[0], 0);
}

static int
by_size (const void *a, const void *b)
{
    const entry_t *x = a, *y = b;
    if (x->phrase.size != y->phrase.size)
        return x->phrase.size < y->phrase.size ? -1 : 1;
    int order = memcmp (x->phrase.ptr, y->phrase.ptr, x->phrase.size);
    return order ? order : (x->value > y->value) - (x->value < y->value);
}

void
lexicon_close (lexicon_t *self)
{
    size_t room = 64;
    while (room < self->count * 2)
        room *= 2;
    self->mask = room - 1;
    self->heads = mem_new (room * sizeof *self->heads);
    if (self->count)
        qsort (self->entries, self->count, sizeof *self->entries, by_size);
    //  Shorter ones first, each put before those already there: a chain goes from long to short.
    for (size_t i = 0; i < self->count; i++) {
        uint32_t *head = &self->heads[hash_phrase (self->entries[i].phrase) & self->mask];
        self->entries[i].next = *head;
        *head = (uint32_t)i + 1;
    }
}

typedef struct {
    lexicon_hit_t *hits;
    size_t count, room;
} hits_t;

static void
hits_add (hits_t *self, arena_t *arena, lexicon_hit_t hit)
{
    if (self->count == self->room) {
        size_t room = self->room ? self->room * 2 : 32;
        lexicon_hit_t *grown = arena_alloc (arena, room * sizeof *grown);
        if (self->count)
            memcpy (grown, self->hits, self->count * sizeof *grown);
        self->hits = grown;
        self->room = room;
    }
    self->hits[self->count++] = hit;
}

static void
find_at (const lexicon_t *self, const reading_t *reading, size_t word, uint32_t hash, bool single,
    hits_t *out, arena_t *arena)
{
    for (uint32_t i = self->heads[hash & self->mask]; i; i = self->entries[i - 1].next) {
        const entry_t *entry = &self->entries[i - 1];
        size_t count = reading_phrase_at (reading, word, entry->phrase);
        if (count && (count == 1) == single)
            hits_add (out, arena, (lexicon_hit_t){word, count, entry->value});
    }
}

const lexicon_hit_t *
lexicon_find (const lexicon_t *self, const reading_t *reading, arena_t *arena, size_t *count)
{
    assert (self->heads);
    hits_t out = {0};
    for (size_t word = 0; word < reading->count; word++) {
        uint32_t hash = reading->words[word].hash;
        if (word + 1 < reading->count)
            find_at (self, reading, word, hash_pair (hash, reading->words[word + 1].hash), false,
                &out, arena);
        find_at (self, reading, word, hash_pair (hash, 0), true, &out, arena);
    }
    *count = out.count;
    return out.hits;
}
