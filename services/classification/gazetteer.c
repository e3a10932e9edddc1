#include "gazetteer.h"

#include "text.h"

enum {
    PLACES_MAX = 256,
    SETS_MAX = 64,
    FORMER_WORDS = 8,
    FORMER_PLACES = 32,
    KIND_VALUE = 1 << 20
};

typedef struct {
    const place_t *place;
    slice_t kind;  // folded: "phuong"
    slice_t tones; // of the name without its kind
} name_t;

struct gazetteer {
    const profile_t *profile;
    arena_t *arena;
    lexicon_t *names; // value: index in `rows`, or KIND_VALUE + index in `kinds`
    name_t *rows;
    size_t count;
};

//  Words that stand before a name. Those of before 2025 lead to the list of old names.
static const struct {
    const char *word;
    bool today;
} kinds[] = {{"phuong", true}, {"p", true}, {"xa", true}, {"x", true}, {"dac khu", true},
    {"thi tran", false}, {"tt", false}, {"thi xa", false}, {"tx", false}, {"thanh pho", false},
    {"tp", false}, {"huyen", false}, {"h", false}};
enum { KINDS = sizeof kinds / sizeof *kinds };
//  Old names are kept with their kind in full.
static const struct {
    const char *brief, *full;
} briefs[] = {{"p", "phuong"}, {"x", "xa"}, {"tt", "thi tran"}, {"tx", "thi xa"},
    {"tp", "thanh pho"}, {"h", "huyen"}};
//  Before a name without its kind: says that a place is meant.
static const char *const at_words[] = {"o", "tai", "ubnd", "thuoc", "tram y te", "cho", "truong"};
//  Before a name: something else bears it.
static const char *const not_words[] = {"vinh", "cong ty", "duong", "pho", "song", "khach san"};

static bool
kind_is_today (slice_t kind)
{
    for (size_t i = 0; i < KINDS; i++)
        if (slice_is (kind, kinds[i].word))
            return kinds[i].today;
    return false;
}

//  "phuong ha tu" -> how many bytes belong to the kind and the blank behind it.
static size_t
kind_size (slice_t folded)
{
    for (size_t i = 0; i < KINDS; i++) {
        size_t size = strlen (kinds[i].word);
        if (folded.size > size + 1 && memcmp (folded.ptr, kinds[i].word, size) == 0 &&
            folded.ptr[size] == ' ')
            return size + 1;
    }
    return 0;
}

static slice_t
drop_words (slice_t text, size_t count)
{
    while (text.size && count) {
        count -= *text.ptr == ' ';
        text = (slice_t){text.ptr + 1, text.size - 1};
    }
    return text;
}

static size_t
count_words (slice_t folded)
{
    size_t count = 1;
    for (size_t i = 0; i < folded.size; i++)
        count += folded.ptr[i] == ' ';
    return count;
}

static void
add_name (gazetteer_t *self, const place_t *place)
{
    slice_t folded = text_fold (place->name, self->arena);
    size_t skip = kind_size (folded);
    slice_t bare = {folded.ptr + skip, folded.size - skip};
    slice_t kind = {folded.ptr, skip ? skip - 1 : 0};
    slice_t tones = reading_tones (place->name, self->arena);
    name_t row = {place, kind, drop_words (tones, skip ? count_words (kind) : 0)};
    self->rows[self->count] = row;
    lexicon_add (self->names, bare, self->count++);
}

gazetteer_t *
gazetteer_new (const profile_t *profile)
{
    gazetteer_t *self = mem_new (sizeof *self);
    self->profile = profile;
    self->arena = arena_new ();
    self->names = lexicon_new ();
    size_t count;
    const place_t *places = profile_places (profile, &count);
    if (count > PLACES_MAX)
        die ("a profile of more than %d places", PLACES_MAX);
    self->rows = mem_new (count * sizeof *self->rows);
    for (size_t i = 0; i < count; i++)
        add_name (self, &places[i]);
    for (size_t i = 0; i < KINDS; i++)
        lexicon_add (self->names, slice_from (kinds[i].word), KIND_VALUE + i);
    lexicon_close (self->names);
    return self;
}

void
gazetteer_destroy (gazetteer_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    lexicon_destroy (&(*self_p)->names);
    arena_destroy (&(*self_p)->arena);
    free ((*self_p)->rows);
    free (*self_p);
    *self_p = NULL;
}

//  --- what the text names: sets of places, each set the candidates of one mention

typedef struct {
    uint64_t bits[PLACES_MAX / 64];
    bool certain; // by a name of today with its kind
} set_t;

typedef struct {
    const gazetteer_t *gazetteer;
    const reading_t *reading;
    arena_t *arena;
    set_t sets[SETS_MAX];
    size_t count;
    size_t mentions[PLACES_MAX];
    uint8_t *kind_before; // by word: 1 + index in `kinds` of what ends right before it; 0 = none
} search_t;

static size_t
place_index (const search_t *self, const place_t *place)
{
    size_t count;
    return (size_t)(place - profile_places (self->gazetteer->profile, &count));
}

static void
search_add (search_t *self, const place_t *const *places, size_t count, bool certain)
{
    if (self->count == SETS_MAX || count == 0)
        return;
    set_t *set = &self->sets[self->count++];
    *set = (set_t){.certain = certain};
    for (size_t i = 0; i < count; i++) {
        size_t index = place_index (self, places[i]);
        set->bits[index / 64] |= UINT64_C (1) << (index % 64);
        self->mentions[index]++;
    }
}

//  The kind that stands right before a word, "" when none.
static slice_t
kind_before (const search_t *self, size_t word)
{
    uint8_t kind = self->kind_before[word];
    return kind ? slice_from (kinds[kind - 1].word) : SLICE ("");
}

static bool
stands_before (const reading_t *reading, size_t word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t words = count_words (slice_from (list[i]));
        if (word >= words && slice_is (reading_words (reading, word - words, words), list[i]))
            return true;
    }
    return false;
}
#define STANDS_BEFORE(reading, word, list)                                                         \
    stands_before (reading, word, (list), sizeof (list) / sizeof *(list))

//  A name written with diacritics must be that name; written without, it may be.
static bool
written_like (const search_t *self, const lexicon_hit_t *hit, slice_t tones)
{
    slice_t written = reading_written (self->reading, hit->word, hit->count);
    for (size_t i = 0; i < written.size; i++)
        if ((unsigned char)written.ptr[i] >= 0x80)
            return slice_equals (reading_tones (written, self->arena), tones);
    return true;
}

//  Looks the old names up that begin at a word: the longest that is known.
static size_t
former_at (const search_t *self, size_t word, slice_t kind, const place_t **out, size_t *words)
{
    slice_t full = kind;
    for (size_t i = 0; i < sizeof briefs / sizeof *briefs; i++)
        if (slice_is (kind, briefs[i].brief))
            full = slice_from (briefs[i].full);
    for (size_t n = FORMER_WORDS; n > 0; n--) {
        if (word + n > self->reading->count)
            continue;
        slice_t name = reading_words (self->reading, word, n);
        if (full.size)
            name = arena_printf (self->arena, "%.*s %.*s", SLICE_ARGS (full), SLICE_ARGS (name));
        size_t count = profile_former_place (self->gazetteer->profile, name, out, FORMER_PLACES);
        if (count) {
            *words = n;
            return count;
        }
    }
    return 0;
}

//  "... cũ", "(cũ)", "trước đây" behind a name: the old one is meant.
static bool
old_is_meant (const reading_t *reading, size_t behind)
{
    return slice_is (reading_words (reading, behind, 1), "cu") ||
           slice_is (reading_words (reading, behind, 2), "truoc day");
}

static void
take_current (search_t *self, const lexicon_hit_t *hit)
{
    const reading_t *reading = self->reading;
    const name_t *name = &self->gazetteer->rows[hit->value];
    slice_t kind = kind_before (self, hit->word);
    if ((kind.size && !kind_is_today (kind)) || old_is_meant (reading, hit->word + hit->count))
        return; // the old names have it
    if (!written_like (self, hit, name->tones) || STANDS_BEFORE (reading, hit->word, not_words))
        return;
    const place_t *former[FORMER_PLACES];
    size_t words;
    if (!kind.size) {
        bool capital = reading->mixed && reading->words[hit->word].capital;
        if (!capital && !STANDS_BEFORE (reading, hit->word, at_words))
            return;
        //  "Hạ Long" alone may be the ward or the former city.
        size_t count = former_at (self, hit->word, kind, former, &words);
        if (count > 1 && words == hit->count) {
            search_add (self, former, count, false);
            return;
        }
    }
    search_add (self, &name->place, 1, kind.size > 0);
}

//  Old names: behind a kind, or before "cũ".
static void
take_former (search_t *self, size_t word)
{
    const reading_t *reading = self->reading;
    const place_t *former[FORMER_PLACES];
    size_t words = 0;
    slice_t kind = kind_before (self, word);
    if (!kind.size && !(reading->mixed && reading->words[word].capital))
        return;
    size_t count = former_at (self, word, kind, former, &words);
    if (count && (kind.size || (words > 1 && old_is_meant (reading, word + words))))
        search_add (self, former, count, false);
}

static void
note_kinds (search_t *self, const lexicon_hit_t *hits, size_t count)
{
    self->kind_before = arena_alloc (self->arena, self->reading->count + 8);
    for (size_t i = 0; i < count; i++)
        if (hits[i].value >= KIND_VALUE)
            self->kind_before[hits[i].word + hits[i].count] =
                (uint8_t)(hits[i].value - KIND_VALUE + 1);
}

//  A longer name that begins at the same word hides the shorter: "Móng Cái 1". Where a name of
//  today stands with its kind, old names are not looked for.
static void
search_run (search_t *self)
{
    size_t count, taken = 0;
    const lexicon_hit_t *hits =
        lexicon_find (self->gazetteer->names, self->reading, self->arena, &count);
    note_kinds (self, hits, count);
    uint8_t *named = arena_alloc (self->arena, self->reading->count + 1);
    for (size_t i = 0; i < count; i++) {
        const lexicon_hit_t *hit = &hits[i];
        if (hit->value >= KIND_VALUE)
            continue;
        named[hit->word] |= kind_is_today (kind_before (self, hit->word)) &&
                            !old_is_meant (self->reading, hit->word + hit->count);
        size_t before = self->count;
        if (hit->word >= taken)
            take_current (self, hit);
        if (self->count > before)
            taken = hit->word + hit->count;
    }
    for (size_t word = 0; word < self->reading->count; word++)
        if (!named[word])
            take_former (self, word);
}

//  --- what follows from it

static void
guess_by_mentions (const search_t *self, label_t *label)
{
    size_t count, used[LABEL_GUESSES];
    const place_t *places = profile_places (self->gazetteer->profile, &count);
    for (size_t g = 0; g < LABEL_GUESSES; g++) {
        size_t best = PLACES_MAX;
        for (size_t i = 0; i < count; i++) {
            bool taken = false;
            for (size_t u = 0; u < g; u++)
                taken |= used[u] == i;
            if (!taken && self->mentions[i] &&
                (best == PLACES_MAX || self->mentions[i] > self->mentions[best]))
                best = i;
        }
        if (best == PLACES_MAX)
            return;
        used[g] = best;
        label->guesses[g].value = places[best].code;
        label->guesses[g].confidence = 400 / (int64_t)(g + 1);
    }
}

//  The one place that every mention of this strength allows; NULL when there is none or several.
static const place_t *
only_common (const search_t *self, bool certain, size_t *mentions)
{
    set_t all;
    memset (all.bits, 0xFF, sizeof all.bits);
    *mentions = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (self->sets[i].certain != certain)
            continue;
        for (size_t w = 0; w < PLACES_MAX / 64; w++)
            all.bits[w] &= self->sets[i].bits[w];
        ++*mentions;
    }
    size_t found = 0, index = 0, count;
    const place_t *places = profile_places (self->gazetteer->profile, &count);
    for (size_t i = 0; *mentions && i < count; i++)
        if (all.bits[i / 64] >> (i % 64) & 1) {
            index = i;
            found++;
        }
    return found == 1 ? &places[index] : NULL;
}

static void
label_set (label_t *label, const place_t *place, int64_t confidence, const char *reason)
{
    *label =
        (label_t){.value = place->code, .confidence = confidence, .reason = slice_from (reason)};
    label->guesses[0].value = place->code;
    label->guesses[0].confidence = confidence;
}

void
gazetteer_find (const gazetteer_t *self, const reading_t *reading, arena_t *arena, label_t *label)
{
    search_t *search = arena_alloc (arena, sizeof *search);
    search->gazetteer = self;
    search->reading = reading;
    search->arena = arena;
    search_run (search);
    size_t certain, softer;
    const place_t *named = only_common (search, true, &certain);
    const place_t *hinted = only_common (search, false, &softer);
    *label = (label_t){0};
    if (named)
        label_set (label, named, 950, "the text names it with its kind");
    else if (!certain && hinted)
        label_set (label, hinted, 850, "the text names it without its kind, or by its old name");
    else if (certain || softer) {
        guess_by_mentions (search, label);
        label->confidence = label->guesses[0].confidence;
        label->reason = certain ? SLICE ("the text names several places")
                                : SLICE ("an old or ambiguous name that leads to several places");
    } else {
        label->reason = SLICE ("the text names no place");
    }
}

const place_t *
gazetteer_named (const gazetteer_t *self, slice_t name, arena_t *arena)
{
    const place_t *place = profile_place (self->profile, name);
    if (place)
        return place;
    label_t label;
    reading_t reading;
    reading_read (name, arena, &reading);
    gazetteer_find (self, &reading, arena, &label);
    if (!label.value.size) { // a bare name in a field for names needs no other sign
        const place_t *former[2];
        slice_t folded = text_fold (name, arena);
        for (size_t i = 0; i < self->count; i++) {
            slice_t full = text_fold (self->rows[i].place->name, arena);
            if (slice_equals (full, folded) ||
                slice_equals (drop_words (full, count_words (self->rows[i].kind)), folded))
                place = self->rows[i].place;
        }
        if (!place && profile_former_place (self->profile, folded, former, 2) == 1)
            place = former[0];
        return place;
    }
    return profile_place (self->profile, label.value);
}
