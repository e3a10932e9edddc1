#include "profile_inner.h"

#include "text.h"

enum { UNITS_MAX = 20000 };

//  --- words of the files

static const struct {
    const char *word;
    unit_kind_t kind;
} kind_words[] = {{"tree", UNIT_TREE}, {"vertical", UNIT_VERTICAL}, {"external", UNIT_EXTERNAL}};

static const struct {
    const char *word;
    unit_level_t level;
} level_words[] = {
    {"province", LEVEL_PROVINCE}, {"department", LEVEL_DEPARTMENT}, {"subunit", LEVEL_SUBUNIT}};

//  The three kinds of a commune-level unit: inside a sentence, at its start, in English.
static const struct {
    const char *vi, *title, *en;
} commune_kinds[] = {
    {"phường", "Phường", "ward"}, {"xã", "Xã", "commune"}, {"đặc khu", "Đặc khu", "special zone"}};

enum { COMMUNE_KINDS = sizeof commune_kinds / sizeof *commune_kinds };

static bool
word_to_kind (spot_t spot, slice_t word, unit_kind_t *kind)
{
    *kind = UNIT_TREE;
    if (!word.ptr)
        return true;
    for (size_t i = 0; i < sizeof kind_words / sizeof *kind_words; i++)
        if (slice_is (word, kind_words[i].word)) {
            *kind = kind_words[i].kind;
            return true;
        }
    spot_error (spot, "kind \"%.40s\" must be tree, vertical or external", word.ptr);
    return false;
}

static bool
word_to_level (spot_t spot, slice_t word, unit_kind_t kind, unit_level_t *level)
{
    *level = LEVEL_OUTSIDE;
    if (kind != UNIT_TREE) {
        if (word.ptr)
            spot_error (spot, "only units of the tree have a level: remove it");
        return !word.ptr;
    }
    for (size_t i = 0; i < sizeof level_words / sizeof *level_words; i++)
        if (slice_is (word, level_words[i].word)) {
            *level = level_words[i].level;
            return true;
        }
    spot_error (spot, "a unit of the tree needs level: province, department or subunit");
    return false;
}

//  --- patterns

typedef struct {
    const char *name;
    size_t offset;
} blank_t;

static const blank_t blanks[] = {{"{id}", offsetof (filling_t, id)},
    {"{name}", offsetof (filling_t, name)}, {"{full}", offsetof (filling_t, full)},
    {"{kind_en}", offsetof (filling_t, kind_en)}};

static const blank_t *
blank_at (slice_t pattern, size_t at)
{
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        size_t size = strlen (blanks[i].name);
        if (pattern.size - at >= size && memcmp (pattern.ptr + at, blanks[i].name, size) == 0)
            return &blanks[i];
    }
    return NULL;
}

bool
pattern_check (spot_t spot, slice_t pattern)
{
    for (size_t i = 0; i < pattern.size; i++) {
        const blank_t *blank = pattern.ptr[i] == '{' ? blank_at (pattern, i) : NULL;
        if (pattern.ptr[i] == '{' && !blank) {
            spot_error (spot, "\"%.60s\": only {id}, {name}, {full} and {kind_en} can be filled in",
                pattern.ptr);
            return false;
        }
    }
    return true;
}

slice_t
pattern_fill (arena_t *arena, slice_t pattern, const filling_t *filling)
{
    buffer_t out = {0};
    for (size_t at = 0; at < pattern.size;) {
        const char *brace = memchr (pattern.ptr + at, '{', pattern.size - at);
        size_t stop = brace ? (size_t)(brace - pattern.ptr) : pattern.size;
        buffer_append (&out, pattern.ptr + at, stop - at);
        at = stop;
        if (!brace)
            break;
        const blank_t *blank = blank_at (pattern, at);
        assert (blank); // pattern_check has seen it
        const slice_t *value = (const slice_t *)((const char *)filling + blank->offset);
        buffer_append (&out, value->ptr, value->size);
        at += strlen (blank->name);
    }
    slice_t text = arena_copy (arena, buffer_slice (&out));
    buffer_free (&out);
    return text;
}

//  --- one unit

static const char *
alias_problem (slice_t folded)
{
    if (folded.size == 0)
        return "nothing is left of the alias without signs";
    return memchr (folded.ptr, '|', folded.size) ? "an alias cannot contain |" : NULL;
}

//  Folded and joined with '|', patterns filled in when there is a filling.
static slice_t
read_aliases (spot_t list, const filling_t *filling)
{
    buffer_t out = {0};
    arena_t *arena = list.node ? list.loader->profile->arena : NULL;
    size_t count = spot_count (list);
    for (size_t i = 0; i < count; i++) {
        slice_t text = spot_text (spot_item (list, i));
        if (!text.ptr)
            continue;
        slice_t folded = text_fold (filling ? pattern_fill (arena, text, filling) : text, arena);
        if (alias_problem (folded))
            spot_error (spot_item (list, i), "%s", alias_problem (folded));
        buffer_append (&out, "|", out.size ? 1 : 0);
        buffer_append (&out, folded.ptr, folded.size);
    }
    slice_t joined = out.size ? arena_copy (arena, buffer_slice (&out)) : SLICE ("");
    buffer_free (&out);
    return joined;
}

//  Appends; refuses an id that is taken. The array has room for all that can come.
static unit_t *
add_unit (spot_t spot, const unit_t *unit, spot_t superior, slice_t superior_id)
{
    loader_t *loader = spot.loader;
    profile_t *profile = loader->profile;
    const unit_t *other = name_index_get (&profile->unit_index, unit->id);
    if (!slice_is_id (unit->id)) {
        spot_error (spot, "the unit id \"%.60s\" is too long", unit->id.ptr);
        return NULL;
    }
    if (other) {
        spot_error (spot, "unit \"%s\" is defined twice, before in %s:%d: choose another id",
            unit->id.ptr, other->file, other->line);
        return NULL;
    }
    loader->superiors[profile->unit_count] =
        (superior_t){superior.node ? superior : spot, superior_id};
    unit_t *added = &profile->units[profile->unit_count++];
    *added = *unit;
    added->file = spot.file->name;
    added->line = spot_line (spot);
    name_index_put (&profile->unit_index, added->id, added);
    return added;
}

//  --- units.yaml

typedef struct {
    slice_t id, name, name_en, kind, level, head, substitute;
    spot_t superior, aliases;
} unit_entry_t;

static const key_row_t unit_keys[] = {
    KEY (unit_entry_t, id, SHAPE_ID, true),
    KEY (unit_entry_t, name, SHAPE_TEXT, true),
    KEY (unit_entry_t, name_en, SHAPE_TEXT, true),
    KEY (unit_entry_t, kind, SHAPE_TEXT, false),
    KEY (unit_entry_t, level, SHAPE_TEXT, false),
    KEY (unit_entry_t, superior, SHAPE_SPOT, false),
    KEY (unit_entry_t, head, SHAPE_TEXT, false),
    KEY (unit_entry_t, substitute, SHAPE_TEXT, false),
    KEY (unit_entry_t, aliases, SHAPE_SPOT, false),
};

static void
load_unit (spot_t spot)
{
    unit_entry_t entry = {0};
    spot_read (spot, unit_keys, sizeof unit_keys / sizeof *unit_keys, &entry);
    if (!entry.id.ptr)
        return;
    unit_t unit = {.id = entry.id,
        .name = entry.name,
        .name_en = entry.name_en,
        .head = entry.head,
        .substitute = entry.substitute,
        .aliases = read_aliases (entry.aliases, NULL)};
    if (word_to_kind (spot, entry.kind, &unit.kind))
        word_to_level (spot, entry.level, unit.kind, &unit.level);
    add_unit (spot, &unit, entry.superior, spot_text (entry.superior));
}

//  --- communes.yaml

typedef struct {
    slice_t suffix, name, name_en, kind, level, head, superior;
    spot_t aliases, only, spot;
    unit_kind_t unit_kind;
    bool for_kind[COMMUNE_KINDS];
} template_t;

typedef struct {
    slice_t id, kind, name, code, district;
    bool remote;
    size_t kind_row;
    filling_t filling;
} commune_t;

static const key_row_t template_keys[] = {
    KEY (template_t, suffix, SHAPE_ID, false),
    KEY (template_t, name, SHAPE_TEXT, true),
    KEY (template_t, name_en, SHAPE_TEXT, true),
    KEY (template_t, kind, SHAPE_TEXT, false),
    KEY (template_t, level, SHAPE_TEXT, false),
    KEY (template_t, head, SHAPE_TEXT, false),
    KEY (template_t, superior, SHAPE_TEXT, false),
    KEY (template_t, aliases, SHAPE_SPOT, false),
    KEY (template_t, only, SHAPE_SPOT, false),
};

static const key_row_t commune_keys[] = {
    KEY (commune_t, id, SHAPE_ID, true),
    KEY (commune_t, kind, SHAPE_TEXT, true),
    KEY (commune_t, name, SHAPE_TEXT, true),
    KEY (commune_t, code, SHAPE_ID, true),
    KEY (commune_t, district, SHAPE_TEXT, true),
    KEY (commune_t, remote, SHAPE_FLAG, true),
};

static size_t
commune_kind_row (spot_t spot, slice_t kind)
{
    for (size_t i = 0; i < COMMUNE_KINDS; i++)
        if (slice_is (kind, commune_kinds[i].vi))
            return i;
    if (kind.ptr)
        spot_error (spot, "kind \"%.40s\" must be phường, xã or đặc khu", kind.ptr);
    return COMMUNE_KINDS;
}

//  Which kinds of commune have this division: all, unless `only` lists some.
static void
read_only (template_t *self)
{
    size_t count = spot_count (self->only);
    for (size_t i = 0; i < COMMUNE_KINDS; i++)
        self->for_kind[i] = !self->only.node;
    for (size_t i = 0; i < count; i++) {
        spot_t item = spot_item (self->only, i);
        size_t row = commune_kind_row (item, spot_text (item));
        if (row < COMMUNE_KINDS)
            self->for_kind[row] = true;
    }
}

//  A school is no division: its principal settles for himself (LKN 7).
static bool
level_is_good (spot_t spot, const template_t *self)
{
    if (!self->level.ptr)
        return true;
    if (slice_is (self->level, "subunit") && self->suffix.ptr && self->unit_kind == UNIT_TREE)
        return true;
    spot_error (spot, "only a division of the tree may have a level here, and only subunit");
    return false;
}

static bool
read_template (spot_t spot, template_t *self, bool division)
{
    self->spot = spot;
    bool good = spot_read (spot, template_keys, sizeof template_keys / sizeof *template_keys, self);
    if (good && division != (self->suffix.ptr != NULL)) {
        spot_error (spot, division ? "key \"suffix\" is missing: add it"
                                   : "the commune itself has no suffix: remove it");
        return false;
    }
    const slice_t patterns[] = {self->name, self->name_en, self->head, self->superior};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        good &= pattern_check (spot, patterns[i]);
    size_t count = spot_count (self->aliases);
    for (size_t i = 0; i < count; i++) {
        spot_t item = spot_item (self->aliases, i);
        good &= pattern_check (item, spot_text (item));
    }
    read_only (self);
    return word_to_kind (spot, self->kind, &self->unit_kind) && level_is_good (spot, self) && good;
}

static unit_level_t
template_level (const template_t *self)
{
    if (self->unit_kind != UNIT_TREE)
        return LEVEL_OUTSIDE;
    if (self->level.ptr)
        return LEVEL_SUBUNIT;
    return self->suffix.ptr ? LEVEL_DIVISION : LEVEL_COMMUNE;
}

//  One unit of one commune, from the template.
static unit_t *
expand (const template_t *self, const commune_t *commune, spot_t spot)
{
    arena_t *arena = spot.loader->profile->arena;
    const filling_t *filling = &commune->filling;
    unit_t unit = {
        .id = self->suffix.ptr ? arena_printf (arena, "%s.%s", commune->id.ptr, self->suffix.ptr)
                               : commune->id,
        .name = pattern_fill (arena, self->name, filling),
        .name_en = pattern_fill (arena, self->name_en, filling),
        .kind = self->unit_kind,
        .level = template_level (self),
        .head = self->head.ptr ? pattern_fill (arena, self->head, filling) : self->head,
        .place = commune->id,
        .aliases = read_aliases (self->aliases, filling),
    };
    slice_t superior =
        self->superior.ptr ? pattern_fill (arena, self->superior, filling) : self->superior;
    //  A division stands in its template's line, the commune in its own.
    return add_unit (self->suffix.ptr ? self->spot : spot, &unit, self->spot, superior);
}

static bool
read_commune (spot_t spot, commune_t *self)
{
    arena_t *arena = spot.loader->profile->arena;
    bool good = spot_read (spot, commune_keys, sizeof commune_keys / sizeof *commune_keys, self);
    self->kind_row = commune_kind_row (spot, self->kind);
    if (!good || self->kind_row == COMMUNE_KINDS)
        return false;
    self->filling = (filling_t){.id = self->id,
        .name = self->name,
        .full = arena_printf (arena, "%s %s", self->kind.ptr, self->name.ptr),
        .kind_en = slice_from (commune_kinds[self->kind_row].en)};
    return true;
}

static void
add_place (spot_t spot, const commune_t *commune, const unit_t *unit)
{
    profile_t *profile = spot.loader->profile;
    place_t *place = &profile->places[profile->place_count];
    *place = (place_t){.code = commune->id,
        .official = commune->code,
        .remote = commune->remote,
        .unit = unit,
        .name = arena_printf (
            profile->arena, "%s %s", commune_kinds[commune->kind_row].title, commune->name.ptr)};
    for (size_t i = 0; i < profile->place_count; i++)
        if (slice_equals (profile->places[i].official, place->official))
            spot_error (spot, "the official code %s is also that of %s: each has its own",
                place->official.ptr, profile->places[i].code.ptr);
    spot.loader->fillings[profile->place_count] = commune->filling;
    spot.loader->former_districts[profile->place_count++] = commune->district;
    name_index_put (&profile->place_index, place->code, place);
}

static void
load_commune (spot_t spot, const template_t *templates, size_t count)
{
    commune_t commune = {0};
    if (!read_commune (spot, &commune))
        return;
    unit_t *unit = expand (&templates[0], &commune, spot);
    if (!unit)
        return;
    add_place (spot, &commune, unit);
    spot.loader->expanding = true;
    for (size_t i = 1; i < count; i++)
        if (templates[i].for_kind[commune.kind_row])
            expand (&templates[i], &commune, spot);
    spot.loader->expanding = false;
}

typedef struct {
    spot_t commune, divisions, communes;
} communes_file_t;

static const key_row_t communes_file_keys[] = {
    KEY (communes_file_t, commune, SHAPE_SPOT, true),
    KEY (communes_file_t, divisions, SHAPE_SPOT, true),
    KEY (communes_file_t, communes, SHAPE_SPOT, true),
};

static void
load_communes (const communes_file_t *file, arena_t *arena)
{
    size_t count = 1 + spot_count (file->divisions);
    template_t *templates = arena_alloc (arena, count * sizeof *templates);
    bool good = read_template (file->commune, &templates[0], false);
    for (size_t i = 1; i < count; i++)
        good &= read_template (spot_item (file->divisions, i - 1), &templates[i], true);
    size_t communes = good ? spot_count (file->communes) : 0;
    for (size_t i = 0; i < communes; i++)
        load_commune (spot_item (file->communes, i), templates, count);
}

//  Room for all units, so that they never move and may point at each other.
static bool
make_room (loader_t *loader, spot_t units, const communes_file_t *file)
{
    profile_t *profile = loader->profile;
    size_t communes = spot_count (file->communes);
    size_t room = spot_count (units) + communes * (1 + spot_count (file->divisions));
    if (room > UNITS_MAX) {
        spot_error (units, "%zu units are more than the %d that fit", room, UNITS_MAX);
        return false;
    }
    profile->units = arena_alloc (profile->arena, room * sizeof *profile->units);
    profile->places = arena_alloc (profile->arena, communes * sizeof *profile->places);
    loader->superiors = arena_alloc (profile->arena, room * sizeof *loader->superiors);
    loader->former_districts = arena_alloc (profile->arena, communes * sizeof (slice_t));
    loader->fillings = arena_alloc (profile->arena, communes * sizeof (filling_t));
    return true;
}

void
load_units (loader_t *loader)
{
    spot_t units = {0};
    communes_file_t file = {0};
    const key_row_t units_keys[] = {{"units", SHAPE_SPOT, true, 0}};
    spot_read (profile_root (loader, PROFILE_FILE_UNITS), units_keys, 1, &units);
    spot_read (profile_root (loader, PROFILE_FILE_COMMUNES), communes_file_keys,
        sizeof communes_file_keys / sizeof *communes_file_keys, &file);
    if (!make_room (loader, units, &file))
        return;
    size_t count = spot_count (units);
    for (size_t i = 0; i < count; i++)
        load_unit (spot_item (units, i));
    load_communes (&file, loader->profile->arena);
}
