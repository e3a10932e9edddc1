#include <sodium.h>

#include "codec_field.h"

//  --- reading

static int read_object (
    codec_reader_t *reader, const codec_schema_t *schema, json_t *json, void *record);

static slice_t
json_text (const json_t *json)
{
    return (slice_t){json_string_value (json), json_string_length (json)};
}

static value_t
json_to_value (const json_t *json)
{
    switch (json_typeof (json)) {
    case JSON_NULL:
        return (value_t){.kind = VALUE_NIL};
    case JSON_TRUE:
    case JSON_FALSE:
        return (value_t){.kind = VALUE_BOOL, .number = json_is_true (json)};
    case JSON_INTEGER:
        return (value_t){.kind = VALUE_INT, .number = json_integer_value (json)};
    case JSON_REAL:
        return (value_t){.kind = VALUE_FLOAT};
    case JSON_STRING:
        return (value_t){.kind = VALUE_STR, .bytes = json_text (json)};
    case JSON_ARRAY:
        return (value_t){.kind = VALUE_LIST, .count = json_array_size (json)};
    case JSON_OBJECT:
        return (value_t){.kind = VALUE_MAP, .count = json_object_size (json)};
    }
    return (value_t){.kind = VALUE_NONE};
}

//  Base64 in the string becomes bytes in the arena; -1 when it is not base64.
static int
read_base64 (arena_t *arena, value_t *value)
{
    size_t room = value->bytes.size / 4 * 3 + 3;
    unsigned char *bytes = arena_alloc (arena, room);
    size_t size;
    const char *end;
    if (sodium_base642bin (bytes, room, value->bytes.ptr, value->bytes.size, NULL, &size, &end,
            sodium_base64_VARIANT_ORIGINAL) ||
        end != value->bytes.ptr + value->bytes.size)
        return -1;
    *value = (value_t){.kind = VALUE_BIN, .bytes = {(const char *)bytes, size}};
    return 0;
}

static int
read_scalar (codec_reader_t *reader, const codec_field_t *field, const json_t *json, void *record)
{
    value_t value = json_to_value (json);
    if (field->kind == CODEC_BIN && value.kind == VALUE_STR && read_base64 (reader->arena, &value))
        return codec_fail (reader, REFUSAL_INVALID, field, "is not base64");
    return codec_put (reader, field, &value, record);
}

static int
read_items (
    codec_reader_t *reader, const codec_field_t *field, json_t *json, const codec_list_t *list)
{
    for (size_t i = 0; i < list->count; i++) {
        reader->path[reader->depth - 1].item = i;
        json_t *item = json_array_get (json, i);
        if (!json_is_object (item))
            return codec_fail (reader, REFUSAL_INVALID, NULL, "must be an object");
        if (read_object (reader, field->sub, item, (char *)list->items + i * field->sub->size))
            return -1;
    }
    return 0;
}

static int
read_list (codec_reader_t *reader, const codec_field_t *field, json_t *json, void *record)
{
    const codec_list_t *list = codec_put_list (reader, field, json_array_size (json), record);
    if (!list || codec_enter (reader, field))
        return -1;
    int done = read_items (reader, field, json, list);
    codec_leave (reader);
    return done;
}

static int
read_sub (codec_reader_t *reader, const codec_field_t *field, json_t *json, void *record)
{
    if (codec_enter (reader, field))
        return -1;
    int done = read_object (reader, field->sub, json, (char *)record + field->offset);
    codec_leave (reader);
    return done;
}

static int
read_field (codec_reader_t *reader, const codec_field_t *field, json_t *json, void *record)
{
    if (field->kind == CODEC_LIST && json_is_array (json))
        return read_list (reader, field, json, record);
    if (field->kind == CODEC_MAP && json_is_object (json))
        return read_sub (reader, field, json, record);
    return read_scalar (reader, field, json, record);
}

static int
read_object (codec_reader_t *reader, const codec_schema_t *schema, json_t *json, void *record)
{
    assert (schema->count && schema->count <= 64);
    uint64_t seen = 0;
    size_t next = 0;
    const char *key;
    json_t *value;
    json_object_foreach (json, key, value)
    {
        const codec_field_t *field = codec_find (schema, slice_from (key), &next);
        if (!field)
            reader->unknown++;
        else if (codec_once (reader, schema, field, &seen) ||
                 read_field (reader, field, value, record))
            return -1;
    }
    return codec_complete (reader, schema, seen);
}

int
codec_from_json (const codec_schema_t *schema, json_t *json, void *out, arena_t *arena,
    size_t *unknown, refusal_t *refusal)
{
    if (!json_is_object (json))
        return refuse (refusal, REFUSAL_MALFORMED, "", "the message is not a JSON object");
    codec_reader_t reader = {.arena = arena, .refusal = refusal};
    memset (out, 0, schema->size);
    int done = read_object (&reader, schema, json, out);
    if (unknown)
        *unknown = reader.unknown;
    return done;
}

//  --- writing

static json_t *
write_str (const codec_field_t *field, const void *at)
{
    (void)field;
    const slice_t *text = at;
    return json_stringn (text->ptr, text->size);
}

static json_t *
write_bin (const codec_field_t *field, const void *at)
{
    (void)field;
    const slice_t *bytes = at;
    size_t room = sodium_base64_encoded_len (bytes->size, sodium_base64_VARIANT_ORIGINAL);
    char *text = mem_new (room);
    sodium_bin2base64 (
        text, room, (const unsigned char *)bytes->ptr, bytes->size, sodium_base64_VARIANT_ORIGINAL);
    json_t *json = json_stringn (text, room - 1);
    free (text);
    return json;
}

static json_t *
write_int (const codec_field_t *field, const void *at)
{
    (void)field;
    return json_integer (*(const int64_t *)at);
}

static json_t *
write_bool (const codec_field_t *field, const void *at)
{
    (void)field;
    return json_boolean (*(const bool *)at);
}

static json_t *
write_sub (const codec_field_t *field, const void *at)
{
    return codec_to_json (field->sub, at);
}

static json_t *
write_list (const codec_field_t *field, const void *at)
{
    const codec_list_t *list = at;
    json_t *json = json_array ();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new (
            json, codec_to_json (field->sub, (const char *)list->items + i * field->sub->size));
    return json;
}

typedef json_t *(write_fn)(const codec_field_t *field, const void *at);
static write_fn *const writers[] = {
    [CODEC_STR] = write_str,
    [CODEC_BIN] = write_bin,
    [CODEC_INT] = write_int,
    [CODEC_BOOL] = write_bool,
    [CODEC_MAP] = write_sub,
    [CODEC_LIST] = write_list,
};

json_t *
codec_to_json (const codec_schema_t *schema, const void *in)
{
    json_t *json = json_object ();
    assert (json);
    for (size_t i = 0; i < schema->count; i++) {
        const codec_field_t *field = &schema->fields[i];
        if (!codec_is_set (field, in))
            continue;
        json_t *value = writers[field->kind](field, (const char *)in + field->offset);
        //  NULL here is a string that is not UTF-8: the caller's mistake.
        int failed = json_object_set_new (json, field->name, value);
        assert (!failed);
    }
    return json;
}
