#include "respondent.h"

#include "text.h"

typedef enum { ROLE_NONE, ROLE_HEAD, ROLE_DEPUTY, ROLE_STAFF } role_t;
static const char *const role_suffix[] = {"", "/head", "/deputy", "/staff"};

//  Posts as they stand right before the name of a body. Longer ones are found first.
static const struct {
    const char *words;
    role_t role;
} posts[] = {
    {"chu tich", ROLE_HEAD},
    {"pho chu tich", ROLE_DEPUTY},
    {"chu tich ubnd", ROLE_HEAD},
    {"pho chu tich ubnd", ROLE_DEPUTY},
    {"giam doc", ROLE_HEAD},
    {"pho giam doc", ROLE_DEPUTY},
    {"truong", ROLE_HEAD},
    {"pho", ROLE_DEPUTY},
    {"pho truong", ROLE_DEPUTY},
    {"thu truong", ROLE_HEAD},
    {"cuc truong", ROLE_HEAD},
    {"pho cuc truong", ROLE_DEPUTY},
    {"chi cuc truong", ROLE_HEAD},
    {"hieu truong", ROLE_HEAD},
    {"hieu pho", ROLE_DEPUTY},
    {"pho hieu truong", ROLE_DEPUTY},
    {"chanh thanh tra", ROLE_HEAD},
    {"chanh van phong", ROLE_HEAD},
    {"can bo", ROLE_STAFF},
    {"cong chuc", ROLE_STAFF},
    {"nhan vien", ROLE_STAFF},
    {"vien chuc", ROLE_STAFF},
    {"chuyen vien", ROLE_STAFF},
    {"can bo dia chinh", ROLE_STAFF},
    {"cong chuc dia chinh", ROLE_STAFF},
    {"cong chuc tu phap", ROLE_STAFF},
    {"cong chuc tu phap ho tich", ROLE_STAFF},
    {"can bo tu phap", ROLE_STAFF},
    {"can bo ho tich", ROLE_STAFF},
    {"can bo chinh sach", ROLE_STAFF},
    {"can bo mot cua", ROLE_STAFF},
    {"ke toan", ROLE_STAFF},
    {"dia chinh", ROLE_STAFF},
};
enum { POSTS = sizeof posts / sizeof *posts, POST_WORDS = 6 };

//  A commune's body without its name: the place of the matter says which.
static const char *const generic[] = {"ubnd phuong", "ubnd xa", "ubnd dac khu", "chu tich phuong",
    "chu tich xa", "chu tich dac khu", "uy ban phuong", "uy ban xa", "uy ban nhan dan phuong",
    "uy ban nhan dan xa", "uy ban nhan dan dac khu", "can bo xa", "can bo phuong", "cong chuc xa",
    "cong chuc phuong", "dia chinh xa", "dia chinh phuong"};
enum { GENERIC = sizeof generic / sizeof *generic };

//  What makes the next body or post the one that is complained of.
static const char *const triggers[] = {"khieu nai", "to cao", "quyet dinh", "thong bao", "hanh vi",
    "nguoi bi to cao", "nguoi bi khieu nai", "bi to cao la", "to giac", "van ban", "ket luan"};
enum { TRIGGERS = sizeof triggers / sizeof *triggers, REACH = 18 };

//  Before a body: it is asked for help, not complained of. Up to so many words may stand between.
static const char *const askings[] = {"gui", "mong", "xin", "nho", "de nghi", "yeu cau",
    "kien nghi", "kinh mong", "tiep len", "don len", "bao voi", "trinh"};
//  Behind a body: it is the one that acted.
static const char *const actings[] = {"ra quyet dinh", "ky quyet dinh", "ban hanh", "xu phat",
    "ra thong bao", "quyet dinh", "phat", "lap bien ban", "khong cho", "khong tra", "tu choi"};
enum { ASKED_REACH = 2, ACTED_REACH = 6 };

enum { VALUE_TRIGGER = 1 << 24, VALUE_GENERIC = 1 << 25, VALUE_INDEX = (1 << 24) - 1 };

struct respondents {
    const profile_t *profile;
    arena_t *arena;
    lexicon_t *lexicon; // value: unit index | VALUE_GENERIC | VALUE_TRIGGER
    size_t unit_count;
};

static void
add_aliases (respondents_t *self, size_t index, const unit_t *unit)
{
    lexicon_add (self->lexicon, text_fold (unit->name, self->arena), index);
    const char *at = unit->aliases.ptr;
    for (size_t left = unit->aliases.size; left > 0;) {
        const char *bar = memchr (at, '|', left);
        size_t size = bar ? (size_t)(bar - at) : left;
        if (size)
            lexicon_add (self->lexicon, (slice_t){at, size}, index);
        at += bar ? size + 1 : size;
        left -= bar ? size + 1 : size;
    }
}

respondents_t *
respondents_new (const profile_t *profile)
{
    respondents_t *self = mem_new (sizeof *self);
    self->profile = profile;
    self->arena = arena_new ();
    self->lexicon = lexicon_new ();
    const unit_t *units = profile_units (profile, &self->unit_count);
    for (size_t i = 0; i < self->unit_count; i++)
        add_aliases (self, i, &units[i]);
    for (size_t i = 0; i < GENERIC; i++)
        lexicon_add (self->lexicon, slice_from (generic[i]), VALUE_GENERIC | i);
    for (size_t i = 0; i < TRIGGERS; i++)
        lexicon_add (self->lexicon, slice_from (triggers[i]), VALUE_TRIGGER | i);
    lexicon_close (self->lexicon);
    return self;
}

void
respondents_destroy (respondents_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    lexicon_destroy (&(*self_p)->lexicon);
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

//  --- mentions

typedef struct {
    const unit_t *unit;
    role_t role;
    bool aimed; // a trigger stands before it
    size_t count;
} mention_t;

enum { MENTIONS_MAX = 24 };

typedef struct {
    const respondents_t *self;
    const reading_t *reading;
    const place_t *place;
    mention_t mentions[MENTIONS_MAX];
    size_t count;
} hunt_t;

//  The longest post that ends right before a word: how many words it has, 0 = none.
static size_t
post_before (const reading_t *reading, size_t word, role_t *role)
{
    for (size_t words = POST_WORDS; words > 0; words--) {
        if (word < words)
            continue;
        slice_t before = reading_words (reading, word - words, words);
        for (size_t i = 0; i < POSTS; i++)
            if (slice_is (before, posts[i].words)) {
                if (role)
                    *role = posts[i].role;
                return words;
            }
    }
    return 0;
}

static role_t
role_before (const reading_t *reading, size_t word)
{
    role_t role = ROLE_NONE;
    post_before (reading, word, &role);
    return role;
}

static role_t
role_of (const reading_t *reading, const lexicon_hit_t *hit, bool in_phrase)
{
    role_t role = ROLE_NONE;
    for (size_t words = 1; in_phrase && words < hit->count; words++) {
        role_t inner = role_before (reading, hit->word + words);
        role = inner ? inner : role;
    }
    return role ? role : role_before (reading, hit->word);
}

static void
hunt_add (hunt_t *self, const unit_t *unit, role_t role, bool aimed)
{
    for (size_t i = 0; i < self->count; i++) {
        mention_t *mention = &self->mentions[i];
        if (mention->unit == unit && mention->role == role) {
            mention->aimed |= aimed;
            mention->count++;
            return;
        }
    }
    if (self->count < MENTIONS_MAX)
        self->mentions[self->count++] = (mention_t){unit, role, aimed, 1};
}

static bool
in_address (const reading_t *reading, size_t word)
{
    //  Back to the start of the line or sentence: does it open with "Kính gửi"?
    while (word > 0 && !reading->words[word].after_break)
        word--;
    slice_t opening = reading_words (reading, word, 2);
    return slice_is (opening, "kinh gui") || slice_is (opening, "kg kinh") ||
           slice_is (reading_words (reading, word, 1), "gui") || slice_is (opening, "noi nhan");
}

static bool
phrase_of (const reading_t *reading, size_t word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (reading_phrase_at (reading, word, slice_from (list[i])))
            return true;
    return false;
}

//  "đề nghị Chủ tịch UBND phường ...": is the body, with its post, what somebody turns to?
static bool
is_asked (const reading_t *reading, size_t word)
{
    size_t most = word < ASKED_REACH + POST_WORDS ? word : ASKED_REACH + POST_WORDS;
    size_t post = post_before (reading, word, NULL);
    for (size_t back = 1; back <= most && back <= post + ASKED_REACH + 1; back++)
        if (phrase_of (reading, word - back, askings, sizeof askings / sizeof *askings))
            return true;
    return false;
}

static bool
has_acted (const reading_t *reading, size_t behind)
{
    for (size_t word = behind; word < behind + ACTED_REACH && word < reading->count; word++)
        if (reading->words[word].after_break)
            return false;
        else if (phrase_of (reading, word, actings, sizeof actings / sizeof *actings))
            return true;
    return false;
}

//  "phường Vàng Danh" alone is where somebody lives; with a post or "của" before it, it is a body.
static bool
is_mere_place (const reading_t *reading, const lexicon_hit_t *hit)
{
    static const char *const kinds[] = {"phuong", "xa", "dac khu"};
    if (!phrase_of (reading, hit->word, kinds, 3) || post_before (reading, hit->word, NULL))
        return false;
    return !(hit->word && slice_is (reading_words (reading, hit->word - 1, 1), "cua"));
}

static void
hunt_hit (hunt_t *self, const lexicon_hit_t *hit, size_t trigger)
{
    size_t count;
    const unit_t *units = profile_units (self->self->profile, &count);
    bool is_generic = hit->value & VALUE_GENERIC;
    const unit_t *unit =
        is_generic ? (self->place ? self->place->unit : NULL) : &units[hit->value & VALUE_INDEX];
    if (!unit || in_address (self->reading, hit->word) || is_asked (self->reading, hit->word) ||
        is_mere_place (self->reading, hit))
        return;
    bool aimed = (trigger != SIZE_MAX && hit->word - trigger <= REACH) ||
                 has_acted (self->reading, hit->word + hit->count);
    hunt_add (self, unit, role_of (self->reading, hit, is_generic), aimed);
}

static void
hunt_run (hunt_t *self, arena_t *arena)
{
    size_t count, taken = 0, trigger = SIZE_MAX;
    const lexicon_hit_t *hits = lexicon_find (self->self->lexicon, self->reading, arena, &count);
    for (size_t i = 0; i < count; i++) {
        if (hits[i].word < taken)
            continue;
        if (hits[i].value & VALUE_TRIGGER) {
            trigger = hits[i].word;
            continue;
        }
        hunt_hit (self, &hits[i], trigger);
        taken = hits[i].word + hits[i].count;
    }
}

//  --- what follows

static slice_t
value_of (const mention_t *mention, arena_t *arena)
{
    return arena_printf (
        arena, "%.*s%s", SLICE_ARGS (mention->unit->id), role_suffix[mention->role]);
}

//  One unit among those that count; its role when all that name one agree, else the unit alone.
static bool
agreed (const hunt_t *self, bool aimed, mention_t *out)
{
    *out = (mention_t){0};
    for (size_t i = 0; i < self->count; i++) {
        const mention_t *mention = &self->mentions[i];
        if (mention->aimed < aimed)
            continue;
        if (out->unit && out->unit != mention->unit)
            return false;
        bool differ = out->role && mention->role && out->role != mention->role;
        if (differ)
            return false;
        out->unit = mention->unit;
        out->role = mention->role ? mention->role : out->role;
    }
    return out->unit != NULL;
}

static void
label_set (label_t *label, slice_t value, int64_t confidence, const char *reason)
{
    *label = (label_t){.value = value, .confidence = confidence, .reason = slice_from (reason)};
    label->guesses[0].value = value;
    label->guesses[0].confidence = confidence;
}

static void
label_guess (label_t *label, const hunt_t *hunt, arena_t *arena)
{
    *label = (label_t){0};
    size_t guess = 0;
    for (int aimed = 1; aimed >= 0; aimed--)
        for (size_t i = 0; i < hunt->count && guess < LABEL_GUESSES; i++)
            if (hunt->mentions[i].aimed == aimed) {
                label->guesses[guess].value = value_of (&hunt->mentions[i], arena);
                label->guesses[guess].confidence = 400 / (int64_t)(guess + 1);
                guess++;
            }
    label->confidence = label->guesses[0].confidence;
    label->reason = guess ? SLICE ("the text names several bodies or posts")
                          : SLICE ("the text names no body of the profile");
}

void
respondents_find (const respondents_t *self, const reading_t *reading, const place_t *place,
    arena_t *arena, label_t *label)
{
    hunt_t hunt = {.self = self, .reading = reading, .place = place};
    hunt_run (&hunt, arena);
    mention_t one;
    if (agreed (&hunt, true, &one))
        label_set (label, value_of (&one, arena), 850,
            "the only body that stands beside the decision, act or charge");
    else if (agreed (&hunt, false, &one))
        label_set (label, value_of (&one, arena), 700, "the only body that the text names");
    else
        label_guess (label, &hunt, arena);
}

bool
respondents_named (
    const respondents_t *self, slice_t name, const place_t *place, arena_t *arena, label_t *label)
{
    const unit_t *unit = profile_unit (self->profile, name);
    if (unit) {
        label_set (label, unit->id, 1000, "stated by the desk");
        return true;
    }
    reading_t reading;
    reading_read (name, arena, &reading);
    hunt_t hunt = {.self = self, .reading = &reading, .place = place};
    hunt_run (&hunt, arena);
    mention_t one;
    if (!agreed (&hunt, false, &one))
        return false;
    label_set (label, value_of (&one, arena), 1000, "stated by the desk");
    return true;
}
