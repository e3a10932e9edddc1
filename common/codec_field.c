#include "codec_field.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "text.h"

static const char *const kind_names[] = {
    [VALUE_NIL] = "nothing",
    [VALUE_BOOL] = "true or false",
    [VALUE_INT] = "a whole number",
    [VALUE_HUGE] = "a number beyond 63 bits",
    [VALUE_FLOAT] = "a number with a fraction",
    [VALUE_STR] = "a string",
    [VALUE_BIN] = "binary data",
    [VALUE_LIST] = "a list",
    [VALUE_MAP] = "a map",
    [VALUE_EXT] = "an extension",
    [VALUE_NONE] = "nothing known",
    [VALUE_CUT] = "a piece of a value",
};

static const value_kind_t wanted_kinds[] = {
    [CODEC_STR] = VALUE_STR,
    [CODEC_BIN] = VALUE_BIN,
    [CODEC_INT] = VALUE_INT,
    [CODEC_BOOL] = VALUE_BOOL,
    [CODEC_MAP] = VALUE_MAP,
    [CODEC_LIST] = VALUE_LIST,
};

//  --- the table

static inline bool
is_named (const codec_field_t *field, slice_t key)
{
    //  strnlen first: a key may hold a NUL, or be longer than the name.
    return strnlen (field->name, key.size + 1) == key.size &&
           memcmp (field->name, key.ptr, key.size) == 0;
}

const codec_field_t *
codec_find (const codec_schema_t *schema, slice_t key, size_t *next)
{
    for (size_t tried = 0; tried < schema->count; tried++) {
        const codec_field_t *field = &schema->fields[*next];
        *next = *next + 1 == schema->count ? 0 : *next + 1;
        if (is_named (field, key))
            return field;
    }
    return NULL;
}

static bool
map_is_set (const codec_schema_t *schema, const void *record)
{
    for (size_t i = 0; i < schema->count; i++) {
        const codec_field_t *field = &schema->fields[i];
        codec_field_t optional = *field;
        optional.required = false;
        if (codec_is_set (&optional, record))
            return true;
    }
    return false;
}

static bool
bytes_are_set (const codec_field_t *field, slice_t bytes)
{
    assert (bytes.ptr || (bytes.size == 0 && !field->required));
    return bytes.ptr != NULL;
}

bool
codec_is_set (const codec_field_t *field, const void *record)
{
    const void *at = (const char *)record + field->offset;
    switch (field->kind) {
    case CODEC_STR:
    case CODEC_BIN:
        return bytes_are_set (field, *(const slice_t *)at);
    case CODEC_INT:
        return field->required || *(const int64_t *)at != 0;
    case CODEC_BOOL:
        return field->required || *(const bool *)at;
    case CODEC_LIST:
        return field->required || ((const codec_list_t *)at)->count != 0;
    case CODEC_MAP:
        return field->required || map_is_set (field->sub, at);
    }
    return false;
}

//  --- refusals

//  "petitions[2].petitioner.name", with NUL
static void
path_write (const codec_reader_t *self, const codec_field_t *field, buffer_t *out)
{
    for (size_t i = 0; i < self->depth; i++) {
        buffer_printf (out, "%s%s", i ? "." : "", self->path[i].field->name);
        if (self->path[i].field->kind == CODEC_LIST)
            buffer_printf (out, "[%zu]", self->path[i].item);
    }
    if (field)
        buffer_printf (out, "%s%s", self->depth ? "." : "", field->name);
    buffer_append (out, "", 1);
}

int
codec_fail (const codec_reader_t *self, refusal_code_t code, const codec_field_t *field,
    const char *format, ...)
{
    buffer_t path = {0};
    path_write (self, field, &path);
    char text[256];
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    refuse (self->refusal, code, path.data, "%s %s", path.data, text);
    buffer_free (&path);
    return -1;
}

int
codec_fail_kind (const codec_reader_t *self, const codec_field_t *field, value_kind_t got)
{
    return codec_fail (self, REFUSAL_INVALID, field, "must be %s, not %s",
        kind_names[wanted_kinds[field->kind]], kind_names[got]);
}

//  --- reading

int
codec_enter (codec_reader_t *self, const codec_field_t *field)
{
    if (self->depth == CODEC_DEPTH)
        return codec_fail (
            self, REFUSAL_INVALID, field, "is nested deeper than %d levels", CODEC_DEPTH);
    self->path[self->depth].field = field;
    self->path[self->depth++].item = 0;
    return 0;
}

void
codec_leave (codec_reader_t *self)
{
    self->depth--;
}

int
codec_once (
    codec_reader_t *self, const codec_schema_t *schema, const codec_field_t *field, uint64_t *seen)
{
    uint64_t bit = UINT64_C (1) << (field - schema->fields);
    if (*seen & bit)
        return codec_fail (self, REFUSAL_INVALID, field, "is there twice; send it once");
    *seen |= bit;
    return 0;
}

static int
fail_missing (const codec_reader_t *self, const codec_field_t *field)
{
    return codec_fail (self, REFUSAL_INVALID, field, "is missing; it is required");
}

int
codec_complete (codec_reader_t *self, const codec_schema_t *schema, uint64_t seen)
{
    for (size_t i = 0; i < schema->count; i++)
        if (schema->fields[i].required && !(seen & UINT64_C (1) << i))
            return fail_missing (self, &schema->fields[i]);
    return 0;
}

static int
put_bytes (
    const codec_reader_t *self, const codec_field_t *field, const value_t *value, void *record)
{
    slice_t bytes = value->bytes;
    if (bytes.size > field->max)
        return codec_fail (self, REFUSAL_INVALID, field, "has %zu bytes; at most %zu are allowed",
            bytes.size, field->max);
    if (field->kind == CODEC_STR && !text_is_utf8 (bytes))
        return codec_fail (
            self, REFUSAL_INVALID, field, "is not valid UTF-8; send the text in that encoding");
    *(slice_t *)((char *)record + field->offset) = bytes;
    return 0;
}

static int
put_number (const codec_reader_t *self, const codec_field_t *field, int64_t number, void *record)
{
    int64_t most = (int64_t)field->max;
    if (most && (number > most || number < -most))
        return codec_fail (self, REFUSAL_INVALID, field,
            "is %" PRId64 "; it must lie between %" PRId64 " and %" PRId64, number, -most, most);
    *(int64_t *)((char *)record + field->offset) = number;
    return 0;
}

int
codec_put (codec_reader_t *self, const codec_field_t *field, const value_t *value, void *record)
{
    if (value->kind == VALUE_NIL)
        return field->required ? fail_missing (self, field) : 0;
    if (value->kind != wanted_kinds[field->kind])
        return codec_fail_kind (self, field, value->kind);
    if (field->kind == CODEC_STR || field->kind == CODEC_BIN)
        return put_bytes (self, field, value, record);
    if (field->kind == CODEC_INT)
        return put_number (self, field, value->number, record);
    *(bool *)((char *)record + field->offset) = value->number != 0;
    return 0;
}

codec_list_t *
codec_put_list (codec_reader_t *self, const codec_field_t *field, uint64_t count, void *record)
{
    if (count > field->max) {
        codec_fail (self, REFUSAL_INVALID, field, "has %" PRIu64 " items; at most %zu are allowed",
            count, field->max);
        return NULL;
    }
    codec_list_t *list = (codec_list_t *)((char *)record + field->offset);
    list->count = (size_t)count;
    list->items = count ? arena_alloc (self->arena, (size_t)count * field->sub->size) : NULL;
    return list;
}
