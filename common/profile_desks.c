#include "profile_inner.h"

//  desks.yaml: the reception points.

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
