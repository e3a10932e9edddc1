#include "field_words.h"

//  A letter says in its opening what it is about, or comes back to it.
enum { OPENING_WORDS = 60, OPENING_WEIGHT = 2, WEIGHT_LEAST = 2 };

typedef struct {
    size_t top;    // row of its field of the top level
    size_t office; // row of the first field below that top for which the same units are competent
} word_field_t;

struct field_words {
    const profile_field_t *fields; // the profile's
    word_field_t *rows;            // one for each
    size_t *tops;                  // rows of the top level
    size_t count, top_count;
    lexicon_t *lexicon; // values are rows
};

//  --- building

//  "land.compensation" -> "land"
static slice_t
top_of (slice_t code)
{
    const char *dot = memchr (code.ptr, '.', code.size);
    return dot ? (slice_t){code.ptr, (size_t)(dot - code.ptr)} : code;
}

static bool
is_same_office (const profile_t *profile, slice_t a, slice_t b)
{
    size_t count = 0;
    const place_t *places = profile_places (profile, &count);
    bool same = profile_competent (profile, a, NULL) == profile_competent (profile, b, NULL);
    for (size_t i = 0; same && i < count; i++)
        same = profile_competent (profile, a, &places[i]) ==
               profile_competent (profile, b, &places[i]);
    return same;
}

static word_field_t
row_of (const field_words_t *self, const profile_t *profile, size_t row)
{
    slice_t code = self->fields[row].code;
    size_t top = (size_t)(profile_field (profile, top_of (code)) - self->fields), office = 0;
    while (office < row && (self->rows[office].top != top ||
                               !is_same_office (profile, self->fields[office].code, code)))
        office++;
    return (word_field_t){top, office};
}

static void
add_phrases (field_words_t *self, size_t row)
{
    slice_t words = self->fields[row].words;
    for (const char *at = words.ptr, *end = words.ptr + words.size; at < end;) {
        const char *bar = memchr (at, '|', (size_t)(end - at));
        slice_t phrase = {at, (size_t)((bar ? bar : end) - at)};
        lexicon_add (self->lexicon, phrase, row);
        at = phrase.ptr + phrase.size + 1;
    }
}

field_words_t *
field_words_new (const profile_t *profile)
{
    field_words_t *self = mem_new (sizeof *self);
    self->fields = profile_fields (profile, &self->count);
    self->rows = mem_new ((self->count + 1) * sizeof *self->rows);
    self->tops = mem_new ((self->count + 1) * sizeof *self->tops);
    self->lexicon = lexicon_new ();
    for (size_t row = 0; row < self->count; row++) {
        self->rows[row] = row_of (self, profile, row);
        if (self->rows[row].top == row)
            self->tops[self->top_count++] = row;
        add_phrases (self, row);
    }
    lexicon_close (self->lexicon);
    return self;
}

void
field_words_destroy (field_words_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    lexicon_destroy (&(*self_p)->lexicon);
    free ((*self_p)->rows);
    free ((*self_p)->tops);
    free (*self_p);
    *self_p = NULL;
}

//  --- finding

typedef void hit_fn (void *context, const lexicon_hit_t *hit);

//  Every phrase that stands in no longer one of the same top level: hits come in reading order, so
//  it is enough to know how far the longest so far goes.
static void
walk (const field_words_t *self, const reading_t *reading, arena_t *arena, hit_fn *each,
    void *context)
{
    size_t count = 0;
    const lexicon_hit_t *hits = lexicon_find (self->lexicon, reading, arena, &count);
    size_t *until = arena_alloc (arena, (self->count + 1) * sizeof *until);
    memset (until, 0, (self->count + 1) * sizeof *until);
    for (size_t i = 0; i < count; i++) {
        size_t top = self->rows[hits[i].value].top, end = hits[i].word + hits[i].count;
        if (end <= until[top])
            continue;
        until[top] = end;
        each (context, &hits[i]);
    }
}

static void
count_hit (void *context, const lexicon_hit_t *hit)
{
    const named_fields_t *named = context;
    uint32_t weight = hit->word < OPENING_WORDS ? OPENING_WEIGHT : 1;
    named->weights[hit->value] += weight;
    named->weights[named->by->rows[hit->value].top] += weight;
}

named_fields_t
field_words_find (const field_words_t *self, const reading_t *reading, arena_t *arena)
{
    size_t size = (self->count + 1) * sizeof (uint32_t);
    named_fields_t named = {self, arena_alloc (arena, size)};
    memset (named.weights, 0, size);
    walk (self, reading, arena, count_hit, &named);
    return named;
}

//  The row of a field of the top level that is named; SIZE_MAX when it is not.
static size_t
named_top (const named_fields_t *self, slice_t top)
{
    for (size_t i = 0; self->by && i < self->by->top_count; i++) {
        size_t row = self->by->tops[i];
        if (self->weights[row] && slice_equals (self->by->fields[row].code, top))
            return row;
    }
    return SIZE_MAX;
}

bool
named_within (const named_fields_t *self, slice_t top, const profile_field_t **finer)
{
    const field_words_t *by = self->by;
    size_t row = named_top (self, top), best = SIZE_MAX;
    bool several = false;
    for (size_t i = 0; finer && row != SIZE_MAX && i < by->count; i++) {
        if (i == row || !self->weights[i] || by->rows[i].top != row)
            continue;
        several |= best != SIZE_MAX && by->rows[i].office != by->rows[best].office;
        if (best == SIZE_MAX || self->weights[i] > self->weights[best])
            best = i;
    }
    bool sure = best != SIZE_MAX && !several && self->weights[best] >= WEIGHT_LEAST;
    if (finer)
        *finer = sure ? &by->fields[best] : NULL;
    return row != SIZE_MAX;
}

//  --- telling

typedef struct {
    const field_words_t *self;
    const reading_t *reading;
    field_word_seen_fn *seen;
    void *context;
} tell_t;

static void
tell_hit (void *context, const lexicon_hit_t *hit)
{
    const tell_t *tell = context;
    tell->seen (tell->context, tell->self->fields[hit->value].code,
        reading_words (tell->reading, hit->word, hit->count));
}

void
field_words_tell (const field_words_t *self, const reading_t *reading, arena_t *arena,
    field_word_seen_fn *seen, void *context)
{
    tell_t tell = {self, reading, seen, context};
    walk (self, reading, arena, tell_hit, &tell);
}
