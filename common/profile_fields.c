#include "profile_inner.h"

#include "text.h"

//  fields.yaml: what a letter may be about, and for finer fields the phrases by which letters name
//  them.

enum {
    FIELD_WORDS_MAX = 64,  // phrases of one field
    PHRASE_BYTES_MAX = 60, // folded
    PHRASE_BYTES_MIN = 2
};

typedef struct {
    slice_t code, name, name_en;
    spot_t words;
} field_entry_t;

static const key_row_t field_keys[] = {
    KEY (field_entry_t, code, SHAPE_CODE, true),
    KEY (field_entry_t, name, SHAPE_TEXT, true),
    KEY (field_entry_t, name_en, SHAPE_TEXT, true),
    KEY (field_entry_t, words, SHAPE_SPOT, false),
};

typedef struct {
    loader_t *loader;
    name_index_t phrases; // "parent: phrase" -> its field
} fields_t;

//  "land.compensation" -> "land"; "" at the top level.
static slice_t
field_parent (slice_t code)
{
    const char *dot = memrchr (code.ptr, '.', code.size);
    return dot ? (slice_t){code.ptr, (size_t)(dot - code.ptr)} : SLICE ("");
}

//  --- words

//  A phrase, folded; {NULL, 0} with an error. Two finer fields of one field cannot have the same:
//  it would tell them apart no more.
static slice_t
read_phrase (fields_t *self, spot_t spot, const profile_field_t *field)
{
    arena_t *arena = self->loader->profile->arena;
    const slice_t none = {NULL, 0};
    slice_t text = spot_text (spot);
    if (!text.ptr)
        return none;
    slice_t phrase = text_fold (text, arena);
    if (phrase.size < PHRASE_BYTES_MIN || phrase.size > PHRASE_BYTES_MAX) {
        spot_error (spot, "a phrase must have %d to %d letters and digits", PHRASE_BYTES_MIN,
            PHRASE_BYTES_MAX);
        return none;
    }
    slice_t key =
        arena_printf (arena, "%.*s: %.*s", SLICE_ARGS (field->parent), SLICE_ARGS (phrase));
    const profile_field_t *other = name_index_get (&self->phrases, key);
    if (other)
        spot_error (spot, "the phrase \"%.60s\" is also one of field \"%s\": keep one", text.ptr,
            other->code.ptr);
    else
        name_index_put (&self->phrases, key, field);
    return other ? none : phrase;
}

static slice_t
read_words (fields_t *self, spot_t spot, const profile_field_t *field)
{
    arena_t *arena = self->loader->profile->arena;
    size_t count = spot_count (spot);
    slice_t all = SLICE ("");
    if (count && !field->parent.size) {
        spot_error (spot, "field \"%s\" is of the top level: only a finer field has words",
            field->code.ptr);
        return all;
    }
    if (count > FIELD_WORDS_MAX) {
        spot_error (spot, "%zu phrases are more than the %d of one field: keep the clearest", count,
            FIELD_WORDS_MAX);
        return all;
    }
    for (size_t i = 0; i < count; i++) {
        slice_t phrase = read_phrase (self, spot_item (spot, i), field);
        if (phrase.ptr)
            all = arena_printf (
                arena, "%.*s%s%.*s", SLICE_ARGS (all), all.size ? "|" : "", SLICE_ARGS (phrase));
    }
    return all;
}

//  --- fields

static void
load_field (fields_t *self, spot_t spot)
{
    profile_t *profile = self->loader->profile;
    field_entry_t entry = {0};
    spot_read (spot, field_keys, sizeof field_keys / sizeof *field_keys, &entry);
    if (!entry.code.ptr)
        return;
    profile_field_t *row = &profile->fields[profile->field_count];
    *row = (profile_field_t){.code = entry.code,
        .name = entry.name,
        .name_en = entry.name_en,
        .parent = arena_copy (profile->arena, field_parent (entry.code))};
    if (row->parent.size && !profile_field (profile, row->parent))
        spot_error (spot, "field \"%s\" is finer than \"%s\", which is not defined above it",
            row->code.ptr, row->parent.ptr);
    row->words = read_words (self, entry.words, row);
    self->loader->field_spots[profile->field_count] = spot;
    if (name_index_put (&profile->field_index, row->code, row))
        profile->field_count++;
    else
        spot_error (spot, "field \"%s\" is defined twice: remove one", row->code.ptr);
}

void
load_fields (loader_t *loader)
{
    spot_t fields = {0};
    profile_t *profile = loader->profile;
    const key_row_t keys[] = {{"fields", SHAPE_SPOT, true, 0}};
    spot_read (profile_root (loader, PROFILE_FILE_FIELDS), keys, 1, &fields);
    size_t count = spot_count (fields);
    fields_t self = {.loader = loader};
    profile->fields = arena_alloc (profile->arena, count * sizeof *profile->fields + 1);
    loader->field_spots = arena_alloc (profile->arena, count * sizeof (spot_t) + 1);
    for (size_t i = 0; i < count; i++)
        load_field (&self, spot_item (fields, i));
    name_index_free (&self.phrases);
}
