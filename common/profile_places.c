#include "profile_inner.h"

#include "text.h"

//  places.yaml: names of before the reform of 1 July 2025, which citizens still write. One old name
//  may lead to several of today's places; all are kept, and somebody asks.

static void
add_former (profile_t *profile, slice_t folded, const place_t *place)
{
    former_t *added = arena_alloc (profile->arena, sizeof *added);
    added->place = place;
    if (name_index_put (&profile->former_index, folded, added)) {
        profile->former_count++;
        return;
    }
    former_t *last = (former_t *)name_index_get (&profile->former_index, folded);
    for (; last->place != place && last->next; last = last->next)
        continue;
    if (last->place != place)
        last->next = added;
}

//  The words, those that are not empty, folded and joined: "phường", "Bắc Sơn", "", "Uông Bí".
static void
add_former_words (spot_t spot, const slice_t words[4], const place_t *place)
{
    arena_t *arena = spot.loader->profile->arena;
    slice_t all = arena_printf (arena, "%.*s %.*s %.*s %.*s", SLICE_ARGS (words[0]),
        SLICE_ARGS (words[1]), SLICE_ARGS (words[2]), SLICE_ARGS (words[3]));
    slice_t folded = text_fold (all, arena);
    if (folded.size)
        add_former (spot.loader->profile, folded, place);
    else
        spot_error (spot, "nothing is left of the name without signs");
}

//  --- former districts

typedef struct {
    slice_t name;
    spot_t kinds;
} district_t;

static const key_row_t district_keys[] = {
    KEY (district_t, name, SHAPE_TEXT, true),
    KEY (district_t, kinds, SHAPE_SPOT, true),
};

//  "Hạ Long", "thành phố Hạ Long" ... -> every place that lies in it today.
static void
add_district_place (spot_t spot, const district_t *district, const place_t *place)
{
    slice_t none = SLICE ("");
    size_t kinds = spot_count (district->kinds);
    add_former_words (spot, (const slice_t[]){district->name, none, none, none}, place);
    for (size_t i = 0; i < kinds; i++) {
        slice_t kind = spot_text (spot_item (district->kinds, i));
        add_former_words (spot, (const slice_t[]){kind, district->name, none, none}, place);
    }
}

static void
load_district (spot_t spot, district_t *district)
{
    const profile_t *profile = spot.loader->profile;
    if (!spot_read (spot, district_keys, sizeof district_keys / sizeof *district_keys, district))
        return;
    size_t found = 0;
    for (size_t i = 0; i < profile->place_count; i++)
        if (slice_equals (spot.loader->former_districts[i], district->name)) {
            add_district_place (spot, district, &profile->places[i]);
            found++;
        }
    if (!found)
        spot_error (spot, "no commune of communes.yaml lies in the former district \"%s\"",
            district->name.ptr);
}

static const district_t *
find_district (const district_t *districts, size_t count, slice_t name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equals (districts[i].name, name))
            return &districts[i];
    return NULL;
}

//  --- former communes

typedef struct {
    slice_t kind, name, district;
    spot_t now;
} former_entry_t;

static const key_row_t former_keys[] = {
    KEY (former_entry_t, kind, SHAPE_TEXT, true),
    KEY (former_entry_t, name, SHAPE_TEXT, true),
    KEY (former_entry_t, district, SHAPE_TEXT, true),
    KEY (former_entry_t, now, SHAPE_SPOT, true),
};

//  With and without its kind, with and without its district, and that with its kinds: the district
//  is what tells one "Bắc Sơn" from the other.
static void
add_former_commune (
    spot_t spot, const former_entry_t *entry, const district_t *district, const place_t *place)
{
    slice_t none = SLICE ("");
    size_t kinds = spot_count (district->kinds);
    for (int with_kind = 0; with_kind < 2; with_kind++) {
        slice_t kind = with_kind ? entry->kind : none;
        add_former_words (spot, (const slice_t[]){kind, entry->name, none, none}, place);
        add_former_words (spot, (const slice_t[]){kind, entry->name, none, district->name}, place);
        for (size_t i = 0; i < kinds; i++) {
            slice_t above = spot_text (spot_item (district->kinds, i));
            add_former_words (
                spot, (const slice_t[]){kind, entry->name, above, district->name}, place);
        }
    }
}

static void
load_former (spot_t spot, const district_t *districts, size_t district_count)
{
    former_entry_t entry = {0};
    if (!spot_read (spot, former_keys, sizeof former_keys / sizeof *former_keys, &entry))
        return;
    const district_t *district = find_district (districts, district_count, entry.district);
    if (!district)
        spot_error (
            spot, "former district \"%s\" is not in the list of districts", entry.district.ptr);
    size_t count = district ? spot_count (entry.now) : 0;
    if (district && count == 0)
        spot_error (spot, "\"now\" names no place: say where \"%s\" went", entry.name.ptr);
    for (size_t i = 0; i < count; i++) {
        slice_t code = spot_text (spot_item (entry.now, i));
        const place_t *place = profile_place (spot.loader->profile, code);
        if (place)
            add_former_commune (spot, &entry, district, place);
        else if (code.ptr)
            spot_error (spot_item (entry.now, i), "place \"%s\" is not in communes.yaml", code.ptr);
    }
}

typedef struct {
    spot_t districts, former;
} places_file_t;

static const key_row_t places_file_keys[] = {
    KEY (places_file_t, districts, SHAPE_SPOT, true),
    KEY (places_file_t, former, SHAPE_SPOT, true),
};

//  Every commune's former district must be listed, or its old name would lead nowhere.
static void
check_districts (loader_t *loader, const district_t *districts, size_t count)
{
    const profile_t *profile = loader->profile;
    for (size_t i = 0; i < profile->place_count; i++)
        if (!find_district (districts, count, loader->former_districts[i]))
            profile_error (loader, profile->places[i].unit->file, profile->places[i].unit->line,
                "former district \"%s\" is not in places.yaml", loader->former_districts[i].ptr);
}

void
load_former_places (loader_t *loader)
{
    places_file_t file = {0};
    spot_read (profile_root (loader, PROFILE_FILE_PLACES), places_file_keys, 2, &file);
    size_t count = spot_count (file.districts);
    district_t *districts = arena_alloc (loader->profile->arena, count * sizeof *districts + 1);
    for (size_t i = 0; i < count; i++)
        load_district (spot_item (file.districts, i), &districts[i]);
    check_districts (loader, districts, count);
    size_t former = spot_count (file.former);
    for (size_t i = 0; i < former; i++)
        load_former (spot_item (file.former, i), districts, count);
}
