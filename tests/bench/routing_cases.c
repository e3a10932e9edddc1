#include "routing_cases.h"

#include <stdio.h>

#include "clock.h"
#include "text.h"

//  --- names of bodies

static void
add_name (routing_cases_t *self, slice_t folded, const unit_t *unit)
{
    if (!folded.size)
        return;
    self->names = mem_grow (self->names, (self->name_count + 1) * sizeof *self->names);
    self->names[self->name_count++] = (named_t){folded, unit};
}

static void
add_names_of (routing_cases_t *self, const unit_t *unit)
{
    slice_t rest = unit->aliases;
    add_name (self, text_fold (unit->name, self->arena), unit);
    while (rest.size) {
        const char *cut = memchr (rest.ptr, '|', rest.size);
        size_t size = cut ? (size_t)(cut - rest.ptr) : rest.size;
        add_name (self, (slice_t){rest.ptr, size}, unit);
        size += cut != NULL;
        rest = (slice_t){rest.ptr + size, rest.size - size};
    }
}

static void
collect_names (routing_cases_t *self)
{
    size_t count = 0;
    const unit_t *units = profile_units (self->profile, &count);
    for (size_t i = 0; i < count; i++)
        add_names_of (self, &units[i]);
    add_name (self, SLICE ("chu tich ubnd tinh"), profile_top (self->profile));
}

const unit_t *
routing_unit_named (const routing_cases_t *self, const char *name)
{
    slice_t folded = text_fold (slice_from (name), self->arena);
    for (size_t i = 0; i < self->name_count; i++)
        if (slice_equals (self->names[i].name, folded))
            return self->names[i].unit;
    return NULL;
}

static slice_t
place_named (const routing_cases_t *self, const char *name)
{
    size_t count = 0;
    const place_t *places = profile_places (self->profile, &count);
    slice_t folded = text_fold (slice_from (name), self->arena);
    for (size_t i = 0; i < count; i++) {
        slice_t whole = text_fold (places[i].name, self->arena);
        bool ends = whole.size > folded.size && whole.ptr[whole.size - folded.size - 1] == ' ' &&
                    memcmp (whole.ptr + whole.size - folded.size, folded.ptr, folded.size) == 0;
        if (folded.size && (slice_equals (whole, folded) || ends))
            return places[i].code;
    }
    return (slice_t){NULL, 0};
}

//  --- cases

static const desk_t *
desk_named (const routing_cases_t *self, const char *name)
{
    size_t count = 0;
    const desk_t *desks = profile_desks (self->profile, &count);
    const desk_t *desk = profile_desk (self->profile, slice_from (name));
    slice_t place = desk ? (slice_t){NULL, 0} : place_named (self, name);
    for (size_t i = 0; i < count && !desk && place.size; i++)
        if (slice_equals (desks[i].place, place))
            desk = &desks[i];
    if (!desk)
        die ("%s: no desk \"%s\" in the profile", self->file, name);
    return desk;
}

static const char *
text_of (const json_t *record, const char *key)
{
    const char *text = json_string_value (json_object_get (record, key));
    if (!text)
        die ("a case has no \"%s\"", key);
    return text;
}

static void
read_sample (routing_cases_t *self, const json_t *record)
{
    const json_t *expect = json_object_get (record, "expect");
    sample_t *sample = &self->samples[self->count++];
    *sample = (sample_t){.id = text_of (record, "id"),
        .text = text_of (record, "text"),
        .expected = text_of (expect, "unit"),
        .decision = text_of (expect, "decision"),
        .basis = text_of (expect, "basis"),
        .also = json_object_get (expect, "also_acceptable"),
        .desk = desk_named (self, text_of (record, "desk")),
        .type = type_from (slice_from (text_of (record, "type"))),
        .field = slice_from (text_of (record, "field"))};
    if (clock_read (slice_from (text_of (record, "received")), &sample->at_ms))
        die ("%s: \"received\" is no date", sample->id);
}

static void
read_samples (routing_cases_t *self)
{
    FILE *file = fopen (self->file, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file)
        die ("%s: cannot be read", self->file);
    self->records = json_array ();
    while (getline (&line, &room, file) > 0) {
        json_error_t error;
        json_t *record = json_loads (line, 0, &error);
        if (!record)
            die ("%s: %s", self->file, error.text);
        json_array_append_new (self->records, record);
    }
    free (line);
    fclose (file);
    size_t count = json_array_size (self->records);
    self->samples = mem_new ((count + 1) * sizeof *self->samples);
    for (size_t i = 0; i < count; i++)
        read_sample (self, json_array_get (self->records, i));
}

//  --- facts as a reader takes them: id, respondent, role, instance, place, flags, finer field

static int64_t
flags_from (char *list)
{
    int64_t flags = 0;
    char *rest = NULL;
    for (char *word = strtok_r (list, ",", &rest); word; word = strtok_r (NULL, ",", &rest))
        for (int bit = 0; bit < FLAG_COUNT; bit++)
            if (strcmp (flag_code ((flag_bit_t)bit), word) == 0)
                flags |= INT64_C (1) << bit;
    return flags;
}

static slice_t
respondent_from (const routing_cases_t *self, const char *id, const char *name, const char *role)
{
    const unit_t *unit = *name ? routing_unit_named (self, name) : NULL;
    if (*name && !unit)
        fprintf (stderr, "%s: no unit \"%s\" in the profile\n", id, name);
    if (!unit)
        return (slice_t){NULL, 0};
    return *role ? arena_printf (self->arena, "%.*s/%s", SLICE_ARGS (unit->id), role) : unit->id;
}

static void
read_facts_line (routing_cases_t *self, char *line)
{
    enum { ID, RESPONDENT, ROLE, INSTANCE, PLACE, FLAGS, FINER, COLUMNS };
    char *column[COLUMNS];
    line[strcspn (line, "\n")] = '\0';
    for (int i = 0; i < COLUMNS; i++)
        if (!(column[i] = strsep (&line, "\t")))
            die ("%s: a line with %d columns", self->file, i);
    for (size_t i = 0; i < self->count; i++) {
        sample_t *sample = &self->samples[i];
        if (strcmp (sample->id, column[ID]) != 0)
            continue;
        sample->facts = (matter_t){
            .respondent = respondent_from (self, sample->id, column[RESPONDENT], column[ROLE]),
            .instance = atoi (column[INSTANCE]),
            .place = place_named (self, column[PLACE]),
            .flags = flags_from (column[FLAGS]),
            .field = arena_copy (self->arena, slice_from (column[FINER]))};
    }
}

static void
read_facts (routing_cases_t *self)
{
    FILE *file = fopen (self->file, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file)
        die ("%s: cannot be read", self->file);
    while (getline (&line, &room, file) > 0)
        if (*line != '#')
            read_facts_line (self, line);
    free (line);
    fclose (file);
}

void
routing_cases_read (routing_cases_t *self, const profile_t *profile, arena_t *arena,
    const char *data, const char *facts)
{
    *self = (routing_cases_t){.file = data, .profile = profile, .arena = arena};
    collect_names (self);
    read_samples (self);
    self->file = facts;
    read_facts (self);
}

void
routing_cases_free (routing_cases_t *self)
{
    json_decref (self->records);
    free (self->names);
    free (self->samples);
}
