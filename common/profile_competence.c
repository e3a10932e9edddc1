#include "profile_inner.h"

//  competence.yaml: who handles proposals and reports. An entry says for one field who is competent
//  at a commune (`local`: ".kt" is the division of the place's own commune, "." the commune itself,
//  anything else one unit for all places) and at the province, or, for listed places, who is there
//  instead. What a finer field leaves open its parent decides.

typedef struct {
    slice_t field, local, province, unit, basis;
    spot_t places;
} competence_entry_t;

static const key_row_t competence_keys[] = {
    KEY (competence_entry_t, field, SHAPE_CODE, true),
    KEY (competence_entry_t, local, SHAPE_ID, false),
    KEY (competence_entry_t, province, SHAPE_ID, false),
    KEY (competence_entry_t, places, SHAPE_SPOT, false),
    KEY (competence_entry_t, unit, SHAPE_ID, false),
    KEY (competence_entry_t, basis, SHAPE_TEXT, true),
};

//  What an entry said of a field somewhere, and where it did.
typedef struct {
    slice_t unit;
    spot_t spot;
} claim_t;

//  Per field: [0] province, [1] every place, [2 + place] this place alone.
enum { CLAIM_PROVINCE, CLAIM_LOCAL, CLAIM_PLACES };

typedef struct {
    loader_t *loader;
    claim_t *claims;
    size_t width;
} claims_t;

static claim_t *
claim_at (const claims_t *self, size_t field, size_t column)
{
    return &self->claims[field * self->width + column];
}

static void
claim_set (const claims_t *self, size_t field, size_t column, slice_t unit, spot_t spot)
{
    claim_t *claim = claim_at (self, field, column);
    if (claim->unit.ptr) {
        spot_error (spot,
            "two competent units for field \"%s\": \"%s\" here, \"%s\" in line %d; keep one",
            self->loader->profile->fields[field].code.ptr, unit.ptr, claim->unit.ptr,
            spot_line (claim->spot));
        return;
    }
    *claim = (claim_t){unit, spot};
}

static void
claim_places (const claims_t *self, size_t field, const competence_entry_t *entry, spot_t spot)
{
    const profile_t *profile = self->loader->profile;
    size_t count = spot_count (entry->places);
    for (size_t i = 0; i < count; i++) {
        slice_t code = spot_text (spot_item (entry->places, i));
        const place_t *place = profile_place (profile, code);
        if (place)
            claim_set (
                self, field, CLAIM_PLACES + (size_t)(place - profile->places), entry->unit, spot);
        else if (code.ptr)
            spot_error (
                spot_item (entry->places, i), "place \"%s\" is not in communes.yaml", code.ptr);
    }
}

static bool
entry_is_whole (spot_t spot, const competence_entry_t *entry)
{
    bool general = entry->local.ptr || entry->province.ptr;
    bool special = entry->places.node && entry->unit.ptr;
    if (general != special && (entry->places.node != NULL) == (entry->unit.ptr != NULL))
        return true;
    spot_error (spot, "give either \"local\" and \"province\" (or one of them), or \"places\" with "
                      "\"unit\"");
    return false;
}

static void
load_claim (const claims_t *self, spot_t spot)
{
    const profile_t *profile = self->loader->profile;
    competence_entry_t entry = {0};
    bool good =
        spot_read (spot, competence_keys, sizeof competence_keys / sizeof *competence_keys, &entry);
    if (!good || !entry_is_whole (spot, &entry))
        return;
    const profile_field_t *field = profile_field (profile, entry.field);
    if (!field) {
        spot_error (spot, "field \"%s\" is not in fields.yaml", entry.field.ptr);
        return;
    }
    size_t row = (size_t)(field - profile->fields);
    if (entry.local.ptr)
        claim_set (self, row, CLAIM_LOCAL, entry.local, spot);
    if (entry.province.ptr)
        claim_set (self, row, CLAIM_PROVINCE, entry.province, spot);
    claim_places (self, row, &entry, spot);
}

//  ".kt" of Hà Tu -> the unit "ha-tu.kt"; an error at the entry when there is none.
static const unit_t *
claim_unit (const claims_t *self, const claim_t *claim, const place_t *place)
{
    const profile_t *profile = self->loader->profile;
    slice_t id = claim->unit;
    if (place && slice_is (id, "."))
        return place->unit;
    if (place && id.ptr[0] == '.')
        id = arena_printf (profile->arena, "%s%s", place->code.ptr, id.ptr);
    const unit_t *unit = profile_unit (profile, id);
    if (!unit)
        spot_error (claim->spot, "unit \"%s\" does not exist: define it or correct the id", id.ptr);
    return unit;
}

//  The claim that decides for a field, or else for the field above it; NULL = a gap.
static const claim_t *
claim_find (const claims_t *self, const profile_field_t *field, const place_t *place)
{
    const profile_t *profile = self->loader->profile;
    for (; field; field = field->parent.size ? profile_field (profile, field->parent) : NULL) {
        size_t row = (size_t)(field - profile->fields);
        if (place) {
            size_t column = CLAIM_PLACES + (size_t)(place - profile->places);
            if (claim_at (self, row, column)->unit.ptr)
                return claim_at (self, row, column);
        }
        const claim_t *general = claim_at (self, row, place ? CLAIM_LOCAL : CLAIM_PROVINCE);
        if (general->unit.ptr)
            return general;
    }
    return NULL;
}

static void
resolve (const claims_t *self, size_t field, const place_t *place)
{
    profile_t *profile = self->loader->profile;
    const claim_t *claim = claim_find (self, &profile->fields[field], place);
    size_t column = place ? 1 + (size_t)(place - profile->places) : 0;
    size_t cell = field * (profile->place_count + 1) + column;
    if (claim)
        profile->competent[cell] = claim_unit (self, claim, place);
    else
        spot_error (self->loader->field_spots[field],
            "nobody is competent for field \"%s\" at %s: add it to competence.yaml",
            profile->fields[field].code.ptr, place ? "the communes" : "the province");
}

void
load_competence (loader_t *loader)
{
    spot_t entries = {0};
    profile_t *profile = loader->profile;
    const key_row_t keys[] = {{"competence", SHAPE_SPOT, true, 0}};
    spot_read (profile_root (loader, PROFILE_FILE_COMPETENCE), keys, 1, &entries);
    claims_t claims = {.loader = loader, .width = CLAIM_PLACES + profile->place_count};
    claims.claims = mem_new (profile->field_count * claims.width * sizeof *claims.claims);
    size_t count = spot_count (entries);
    for (size_t i = 0; i < count; i++)
        load_claim (&claims, spot_item (entries, i));
    size_t columns = profile->place_count + 1;
    profile->competent =
        arena_alloc (profile->arena, profile->field_count * columns * sizeof (unit_t *) + 1);
    loader->expanding = true;
    for (size_t field = 0; field < profile->field_count; field++) {
        resolve (&claims, field, NULL);
        for (size_t i = 0; i < profile->place_count; i++)
            resolve (&claims, field, &profile->places[i]);
    }
    loader->expanding = false;
    free (claims.claims);
}
