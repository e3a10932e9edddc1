#include "evaluation_owner.h"

#include "assignment/competence.h"

//  A day of today's law; the letters of the corpus have no dates of their own.
static const int64_t DAY_MS = INT64_C (1785542400000); // 2026-08-01

static bool
is_proposal (slice_t type)
{
    return slice_is (type, type_code (TYPE_KIEN_NGHI)) ||
           slice_is (type, type_code (TYPE_PHAN_ANH));
}

static bool
is_named (const record_t *record, const place_t *place)
{
    for (size_t i = 0; i < CORPUS_PLACES; i++)
        if (slice_equals (record->places[i], place->name))
            return true;
    return false;
}

static bool
is_within (slice_t field, slice_t top)
{
    return top.size && field.size > top.size && field.ptr[top.size] == '.' &&
           memcmp (field.ptr, top.ptr, top.size) == 0;
}

//  The owner by a true field at a place: where the reader named finer ones within it by these, else
//  by the field itself.
static bool
field_leads_to (const record_t *record, slice_t field, const profile_t *profile,
    const place_t *place, const unit_t *unit)
{
    bool finer = false, leads = false;
    for (size_t i = 0; i < CORPUS_ALSO; i++) {
        if (!is_within (record->finer[i], field))
            continue;
        finer = true;
        leads |= profile_competent (profile, record->finer[i], place) == unit;
    }
    return finer ? leads : profile_competent (profile, field, place) == unit;
}

static bool
labels_lead_to (const record_t *record, const profile_t *profile, const unit_t *unit)
{
    size_t count = 0;
    const place_t *places = profile_places (profile, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_named (record, &places[i]))
            continue;
        if (field_leads_to (record, record->label[1], profile, &places[i], unit))
            return true;
        for (size_t a = 0; a < CORPUS_ALSO; a++)
            if (record->also[1][a].size &&
                field_leads_to (record, record->also[1][a], profile, &places[i], unit))
                return true;
    }
    return false;
}

static bool
owner_is_right (const record_t *record, const profile_t *profile, const unit_t *unit)
{
    bool proposal = record_accepts (record, 0, type_code (TYPE_KIEN_NGHI), true) ||
                    record_accepts (record, 0, type_code (TYPE_PHAN_ANH), true);
    return proposal && labels_lead_to (record, profile, unit);
}

void
owner_table_add (owner_table_t *self, const record_t *record, const labels_t *labels,
    const profile_t *profile, arena_t *arena, FILE *errors)
{
    matter_t matter = {.type = type_from (labels->type.value),
        .field = labels->field.value,
        .place = labels->place.value,
        .respondent = labels->respondent.value,
        .instance = labels->instance,
        .flags = labels->flags,
        .at_ms = DAY_MS};
    competent_t got = {0};
    if (!record->places[0].size)
        return;
    competence_find (profile, &matter, arena, &got);
    self->texts += is_proposal (record->label[0]);
    if (!got.certain || !profile_assigns_alone (profile, matter.type))
        return;
    bool right = owner_is_right (record, profile, got.unit);
    self->alone++;
    self->wrong += !right;
    if (!right && errors)
        fprintf (errors, "  %.*s: %.*s by %.*s; labelled %.*s, %.*s\n", SLICE_ARGS (record->id),
            SLICE_ARGS (got.unit->id), SLICE_ARGS (matter.field), SLICE_ARGS (record->label[0]),
            SLICE_ARGS (record->label[1]));
}
