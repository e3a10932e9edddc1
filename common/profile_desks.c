#include "profile_inner.h"

//  --- desks.yaml

typedef struct {
    slice_t id, name, unit, superior;
} desk_entry_t;

static const key_row_t desk_keys[] = {
    KEY (desk_entry_t, id, SHAPE_TEXT, true),
    KEY (desk_entry_t, name, SHAPE_TEXT, true),
    KEY (desk_entry_t, unit, SHAPE_TEXT, true),
    KEY (desk_entry_t, superior, SHAPE_TEXT, true),
};

static bool
read_desk (spot_t spot, desk_entry_t *entry)
{
    bool good = spot_read (spot, desk_keys, sizeof desk_keys / sizeof *desk_keys, entry);
    const slice_t patterns[] = {entry->id, entry->name, entry->unit, entry->superior};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        good &= pattern_check (spot, patterns[i]);
    return good;
}

static const unit_t *
find_unit (spot_t spot, slice_t id)
{
    const unit_t *unit = profile_unit (spot.loader->profile, id);
    if (!unit)
        spot_error (
            spot, "unit \"%s\" does not exist: define it in units.yaml or correct the id", id.ptr);
    return unit;
}

static void
add_desk (spot_t spot, const desk_entry_t *entry, slice_t place)
{
    profile_t *profile = spot.loader->profile;
    desk_t desk = {.id = entry->id,
        .name = entry->name,
        .place = place,
        .unit = find_unit (spot, entry->unit),
        .superior_desk_unit = find_unit (spot, entry->superior)};
    if (desk.unit && desk.unit->kind != UNIT_TREE)
        spot_error (spot, "the unit of desk \"%s\" is outside the tree", desk.id.ptr);
    if (!slice_is_id (desk.id))
        spot_error (spot, "the desk id \"%.60s\" must be 1 to %d bytes of a-z, 0-9, '.', '-'",
            desk.id.ptr, PROFILE_ID_MAX);
    profile->desks[profile->desk_count] = desk;
    if (name_index_put (&profile->desk_index, desk.id, &profile->desks[profile->desk_count]))
        profile->desk_count++;
    else
        spot_error (spot, "desk \"%s\" is defined twice: choose another id", desk.id.ptr);
}

static void
add_commune_desk (spot_t spot, const desk_entry_t *pattern, const place_t *place)
{
    arena_t *arena = spot.loader->profile->arena;
    const filling_t *filling = &spot.loader->fillings[place - spot.loader->profile->places];
    desk_entry_t entry = {
        .id = pattern_fill (arena, pattern->id, filling),
        .name = pattern_fill (arena, pattern->name, filling),
        .unit = pattern_fill (arena, pattern->unit, filling),
        .superior = pattern_fill (arena, pattern->superior, filling),
    };
    add_desk (spot, &entry, place->code);
}

typedef struct {
    spot_t desks, commune;
} desks_file_t;

static const key_row_t desks_file_keys[] = {
    KEY (desks_file_t, desks, SHAPE_SPOT, true),
    KEY (desks_file_t, commune, SHAPE_SPOT, true),
};

void
load_desks (loader_t *loader)
{
    desks_file_t file = {0};
    desk_entry_t entry = {0};
    profile_t *profile = loader->profile;
    spot_read (profile_root (loader, PROFILE_FILE_DESKS), desks_file_keys, 2, &file);
    size_t count = spot_count (file.desks);
    profile->desks =
        arena_alloc (profile->arena, (count + profile->place_count) * sizeof *profile->desks + 1);
    for (size_t i = 0; i < count; i++, entry = (desk_entry_t){0})
        if (read_desk (spot_item (file.desks, i), &entry))
            add_desk (spot_item (file.desks, i), &entry, SLICE (""));
    if (!read_desk (file.commune, &entry))
        return;
    loader->expanding = true;
    for (size_t i = 0; i < profile->place_count; i++)
        add_commune_desk (file.commune, &entry, &profile->places[i]);
    loader->expanding = false;
}

//  --- fields.yaml

static const key_row_t field_keys[] = {
    KEY (profile_field_t, code, SHAPE_CODE, true),
    KEY (profile_field_t, name, SHAPE_TEXT, true),
    KEY (profile_field_t, name_en, SHAPE_TEXT, true),
};

//  "land.compensation" -> "land"; "" at the top level.
static slice_t
field_parent (slice_t code)
{
    const char *dot = memrchr (code.ptr, '.', code.size);
    return dot ? (slice_t){code.ptr, (size_t)(dot - code.ptr)} : SLICE ("");
}

static void
load_field (spot_t spot)
{
    profile_t *profile = spot.loader->profile;
    profile_field_t field = {0};
    spot_read (spot, field_keys, sizeof field_keys / sizeof *field_keys, &field);
    if (!field.code.ptr)
        return;
    field.parent = arena_copy (profile->arena, field_parent (field.code));
    if (field.parent.size && !profile_field (profile, field.parent))
        spot_error (spot, "field \"%s\" is finer than \"%s\", which is not defined above it",
            field.code.ptr, field.parent.ptr);
    profile_field_t *row = &profile->fields[profile->field_count];
    *row = field;
    spot.loader->field_spots[profile->field_count] = spot;
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
    profile->fields = arena_alloc (profile->arena, count * sizeof *profile->fields + 1);
    loader->field_spots = arena_alloc (profile->arena, count * sizeof (spot_t) + 1);
    for (size_t i = 0; i < count; i++)
        load_field (spot_item (fields, i));
}
