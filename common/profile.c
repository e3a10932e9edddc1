#include "profile_inner.h"

void
profile_destroy (profile_t **self_p)
{
    assert (self_p);
    profile_t *self = *self_p;
    if (!self)
        return;
    name_index_free (&self->unit_index);
    name_index_free (&self->desk_index);
    name_index_free (&self->field_index);
    name_index_free (&self->place_index);
    name_index_free (&self->former_index);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}

const char *
profile_hash (const profile_t *self)
{
    return self->hash;
}

slice_t
profile_name (const profile_t *self)
{
    return self->name;
}

slice_t
profile_province (const profile_t *self)
{
    return self->province;
}

int64_t
profile_received_max_days (const profile_t *self)
{
    return self->received_max_days;
}

bool
profile_assigns_alone (const profile_t *self, petition_type_t type)
{
    return type < TYPE_COUNT && self->assigns_alone[type];
}

const unit_t *
profile_unit (const profile_t *self, slice_t id)
{
    return name_index_get (&self->unit_index, id);
}

const desk_t *
profile_desk (const profile_t *self, slice_t id)
{
    return name_index_get (&self->desk_index, id);
}

const profile_field_t *
profile_field (const profile_t *self, slice_t code)
{
    return name_index_get (&self->field_index, code);
}

const place_t *
profile_place (const profile_t *self, slice_t code)
{
    return name_index_get (&self->place_index, code);
}

const unit_t *
profile_top (const profile_t *self)
{
    return self->top;
}

const unit_t *
profile_units (const profile_t *self, size_t *count)
{
    *count = self->unit_count;
    return self->units;
}

const desk_t *
profile_desks (const profile_t *self, size_t *count)
{
    *count = self->desk_count;
    return self->desks;
}

const profile_field_t *
profile_fields (const profile_t *self, size_t *count)
{
    *count = self->field_count;
    return self->fields;
}

const place_t *
profile_places (const profile_t *self, size_t *count)
{
    *count = self->place_count;
    return self->places;
}

const unit_t *
profile_competent (const profile_t *self, slice_t field, const place_t *place)
{
    const profile_field_t *row = profile_field (self, field);
    if (!row)
        return NULL;
    size_t column = place ? 1 + (size_t)(place - self->places) : 0;
    assert (column <= self->place_count);
    return self->competent[(size_t)(row - self->fields) * (self->place_count + 1) + column];
}

size_t
profile_former_place (const profile_t *self, slice_t folded_name, const place_t **out, size_t max)
{
    size_t count = 0;
    const former_t *former = name_index_get (&self->former_index, folded_name);
    for (; former && count < max; former = former->next)
        out[count++] = former->place;
    return count;
}

//  What was made for the type goes before what holds for all, the law before a promise, a promise
//  before an internal limit.
static int
rule_rank (const rule_t *rule)
{
    int kind = slice_is (rule->kind, "statutory") ? 2 : slice_is (rule->kind, "promise");
    return 1 + kind + (rule->type.size ? 3 : 0);
}

const rule_t *
profile_rule (const profile_t *self, petition_type_t type, slice_t step, int64_t day)
{
    const rule_t *best = NULL;
    for (const rule_t *rule = self->rules; rule < self->rules + self->rule_count; rule++) {
        if (!slice_equals (rule->step, step) || day < rule->from_day ||
            (rule->to_day && day >= rule->to_day))
            continue;
        if (rule->type.size && !slice_is (rule->type, type_code (type)))
            continue;
        if (!best || rule_rank (rule) > rule_rank (best))
            best = rule;
    }
    return best;
}

static size_t
count_kind (const profile_t *self, unit_kind_t kind)
{
    size_t count = 0;
    for (size_t i = 0; i < self->unit_count; i++)
        count += self->units[i].kind == kind;
    return count;
}

void
profile_describe (const profile_t *self, buffer_t *out)
{
    buffer_printf (
        out, "name: %s\nprovince: %s\nhash: %s\n", self->name.ptr, self->province.ptr, self->hash);
    const struct {
        const char *name;
        size_t count;
    } rows[] = {
        {"units of the tree", count_kind (self, UNIT_TREE)},
        {"vertical bodies", count_kind (self, UNIT_VERTICAL)},
        {"external bodies", count_kind (self, UNIT_EXTERNAL)},
        {"communes", self->place_count},
        {"former place names", self->former_count},
        {"desks", self->desk_count},
        {"fields", self->field_count},
        {"time limits", self->rule_count},
        {"days off or swapped", self->day_count},
        {"uncertain facts, to be confirmed", self->uncertain},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        buffer_printf (out, "%s: %zu\n", rows[i].name, rows[i].count);
}
