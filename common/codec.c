#include "codec.h"

#include <msgpack.h>

#include "codec_field.h"

//  --- one value of msgpack at a cursor
//
//  msgpack_unpack would build a tree and believe the counts it reads: five bytes make it ask for
//  gigabytes. Nothing is allocated here, and every length is checked against what is left.

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} cursor_t;

//  The forms 0xc0 to 0xdf: what follows the first byte, and in how many bytes the number is
//  written.
typedef struct {
    value_kind_t kind;
    uint8_t width;
    bool negative; // the number is two's complement
} form_t;

static const form_t forms[32] = {
    [0x00] = {VALUE_NIL, 0, false},
    [0x01] = {VALUE_NONE, 0, false},
    [0x02] = {VALUE_BOOL, 0, false},
    [0x03] = {VALUE_BOOL, 0, false},
    [0x04] = {VALUE_BIN, 1, false},
    [0x05] = {VALUE_BIN, 2, false},
    [0x06] = {VALUE_BIN, 4, false},
    [0x07] = {VALUE_EXT, 1, false},
    [0x08] = {VALUE_EXT, 2, false},
    [0x09] = {VALUE_EXT, 4, false},
    [0x0a] = {VALUE_FLOAT, 4, false},
    [0x0b] = {VALUE_FLOAT, 8, false},
    [0x0c] = {VALUE_INT, 1, false},
    [0x0d] = {VALUE_INT, 2, false},
    [0x0e] = {VALUE_INT, 4, false},
    [0x0f] = {VALUE_INT, 8, false},
    [0x10] = {VALUE_INT, 1, true},
    [0x11] = {VALUE_INT, 2, true},
    [0x12] = {VALUE_INT, 4, true},
    [0x13] = {VALUE_INT, 8, true},
    [0x14] = {VALUE_EXT, 0, false},
    [0x15] = {VALUE_EXT, 0, false},
    [0x16] = {VALUE_EXT, 0, false},
    [0x17] = {VALUE_EXT, 0, false},
    [0x18] = {VALUE_EXT, 0, false},
    [0x19] = {VALUE_STR, 1, false},
    [0x1a] = {VALUE_STR, 2, false},
    [0x1b] = {VALUE_STR, 4, false},
    [0x1c] = {VALUE_LIST, 2, false},
    [0x1d] = {VALUE_LIST, 4, false},
    [0x1e] = {VALUE_MAP, 2, false},
    [0x1f] = {VALUE_MAP, 4, false},
};

static inline size_t
left (const cursor_t *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static inline uint64_t
read_bytes (cursor_t *cursor, size_t width)
{
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++)
        number = number << 8 | *cursor->at++;
    return number;
}

static inline value_t
read_payload (cursor_t *cursor, value_kind_t kind, size_t size)
{
    if (size > left (cursor))
        return (value_t){.kind = VALUE_CUT};
    const char *ptr = (const char *)cursor->at;
    cursor->at += size;
    return (value_t){.kind = kind, .bytes = {ptr, size}};
}

static inline value_t
read_int (uint64_t bits, form_t form)
{
    assert (form.width);
    if (form.negative) {
        unsigned shift = 64 - 8U * form.width;
        return (value_t){.kind = VALUE_INT, .number = (int64_t)(bits << shift) >> shift};
    }
    if (bits > INT64_MAX)
        return (value_t){.kind = VALUE_HUGE};
    return (value_t){.kind = VALUE_INT, .number = (int64_t)bits};
}

static value_t
read_form (cursor_t *cursor, uint8_t first)
{
    form_t form = forms[first & 0x1f];
    if (form.width > left (cursor))
        return (value_t){.kind = VALUE_CUT};
    uint64_t number = read_bytes (cursor, form.width);
    if (form.kind == VALUE_INT)
        return read_int (number, form);
    if (form.kind == VALUE_STR || form.kind == VALUE_BIN)
        return read_payload (cursor, form.kind, (size_t)number);
    if (form.kind == VALUE_BOOL)
        number = first & 1;
    return (value_t){.kind = form.kind, .count = number};
}

//  Reads one value; of a map or list only the head.
static inline value_t
read_value (cursor_t *cursor)
{
    if (left (cursor) == 0)
        return (value_t){.kind = VALUE_CUT};
    uint8_t first = *cursor->at++;
    if (first < 0x80)
        return (value_t){.kind = VALUE_INT, .number = first};
    if (first >= 0xe0)
        return (value_t){.kind = VALUE_INT, .number = (int8_t)first};
    if (first >= 0xc0)
        return read_form (cursor, first);
    if (first >= 0xa0)
        return read_payload (cursor, VALUE_STR, first & 0x1f);
    return (value_t){.kind = first < 0x90 ? VALUE_MAP : VALUE_LIST, .count = first & 0x0f};
}

static inline bool
is_container (value_kind_t kind)
{
    return kind == VALUE_MAP || kind == VALUE_LIST;
}

static inline uint64_t
values_inside (const value_t *value)
{
    return value->kind == VALUE_MAP ? value->count * 2 : value->count;
}

//  --- scan

typedef struct {
    cursor_t cursor;
    size_t depth;
    uint64_t left[CODEC_DEPTH + 1]; // values still to come, by level
    bool is_map[CODEC_DEPTH + 1];
} scan_t;

static const char *
scan_enter (scan_t *self, const value_t *value)
{
    if (self->depth == CODEC_DEPTH)
        return "is nested too deep";
    //  Each value takes a byte at least: a count beyond the rest is a lie.
    if (values_inside (value) > left (&self->cursor))
        return "is cut off, or a count in it is wrong";
    self->depth++;
    self->left[self->depth] = values_inside (value);
    self->is_map[self->depth] = value->kind == VALUE_MAP;
    return NULL;
}

static const char *
scan_one (scan_t *self)
{
    bool key = self->is_map[self->depth] && self->left[self->depth] % 2 == 0;
    self->left[self->depth]--;
    value_t value = read_value (&self->cursor);
    if (value.kind == VALUE_CUT)
        return "is cut off, or a length in it is wrong";
    if (value.kind == VALUE_NONE || value.kind == VALUE_EXT)
        return "holds a type that is not allowed";
    if (key && value.kind != VALUE_STR)
        return "has a key that is not a string";
    const char *wrong = is_container (value.kind) ? scan_enter (self, &value) : NULL;
    while (!wrong && self->depth && self->left[self->depth] == 0)
        self->depth--;
    return wrong;
}

static cursor_t
cursor_over (slice_t message)
{
    //  An empty message may have no address at all.
    const uint8_t *start = (const uint8_t *)(message.size ? message.ptr : "");
    return (cursor_t){start, start + message.size};
}

int
codec_scan (slice_t message, refusal_t *refusal)
{
    scan_t scan = {.cursor = cursor_over (message), .left = {1}};
    const char *wrong = NULL;
    while (!wrong && scan.left[scan.depth])
        wrong = scan_one (&scan);
    if (!wrong && left (&scan.cursor))
        wrong = "has something after its end";
    if (!wrong)
        return 0;
    return refuse (refusal, REFUSAL_MALFORMED, "", "the message %s (at byte %zu of %zu)", wrong,
        message.size - left (&scan.cursor), message.size);
}

//  --- decode, after a scan: lengths and counts are known to be right

static int decode_map (codec_reader_t *reader, cursor_t *cursor, const codec_schema_t *schema,
    uint64_t count, void *record);

static void
skip_value (cursor_t *cursor)
{
    for (uint64_t values = 1; values; values--) {
        value_t value = read_value (cursor);
        if (is_container (value.kind))
            values += values_inside (&value);
    }
}

static int
decode_items (
    codec_reader_t *reader, cursor_t *cursor, const codec_field_t *field, const codec_list_t *list)
{
    for (size_t i = 0; i < list->count; i++) {
        reader->path[reader->depth - 1].item = i;
        value_t value = read_value (cursor);
        if (value.kind != VALUE_MAP)
            return codec_fail (reader, REFUSAL_INVALID, NULL, "must be a map");
        void *item = (char *)list->items + i * field->sub->size;
        if (decode_map (reader, cursor, field->sub, value.count, item))
            return -1;
    }
    return 0;
}

static int
decode_container (codec_reader_t *reader, cursor_t *cursor, const codec_field_t *field,
    const value_t *value, void *record)
{
    if ((value->kind == VALUE_MAP) != (field->kind == CODEC_MAP))
        return codec_fail_kind (reader, field, value->kind);
    codec_list_t *list = NULL;
    if (field->kind == CODEC_LIST && !(list = codec_put_list (reader, field, value->count, record)))
        return -1;
    if (codec_enter (reader, field))
        return -1;
    int done = list ? decode_items (reader, cursor, field, list)
                    : decode_map (
                          reader, cursor, field->sub, value->count, (char *)record + field->offset);
    codec_leave (reader);
    return done;
}

static int
decode_field (codec_reader_t *reader, cursor_t *cursor, const codec_field_t *field, void *record)
{
    value_t value = read_value (cursor);
    if (is_container (value.kind) && (field->kind == CODEC_MAP || field->kind == CODEC_LIST))
        return decode_container (reader, cursor, field, &value, record);
    return codec_put (reader, field, &value, record);
}

static int
decode_map (codec_reader_t *reader, cursor_t *cursor, const codec_schema_t *schema, uint64_t count,
    void *record)
{
    assert (schema->count && schema->count <= 64);
    uint64_t seen = 0;
    size_t next = 0;
    for (; count; count--) {
        slice_t key = read_value (cursor).bytes;
        const codec_field_t *field = codec_find (schema, key, &next);
        if (!field) {
            skip_value (cursor);
            reader->unknown++;
        } else if (codec_once (reader, schema, field, &seen) ||
                   decode_field (reader, cursor, field, record))
            return -1;
    }
    return codec_complete (reader, schema, seen);
}

int
codec_decode (const codec_schema_t *schema, slice_t message, void *out, arena_t *arena,
    size_t *unknown, refusal_t *refusal)
{
    if (codec_scan (message, refusal))
        return -1;
    cursor_t cursor = cursor_over (message);
    value_t value = read_value (&cursor);
    if (value.kind != VALUE_MAP)
        return refuse (refusal, REFUSAL_MALFORMED, "", "the message is not a map");
    codec_reader_t reader = {.arena = arena, .refusal = refusal};
    memset (out, 0, schema->size);
    int done = decode_map (&reader, &cursor, schema, value.count, out);
    if (unknown)
        *unknown = reader.unknown;
    return done;
}

//  --- encode

static void encode_map (msgpack_packer *packer, const codec_schema_t *schema, const void *record);

static int
write_to_buffer (void *buffer, const char *data, size_t size)
{
    buffer_append (buffer, data, size);
    return 0;
}

static void
encode_text (msgpack_packer *packer, slice_t text)
{
    msgpack_pack_str (packer, text.size);
    msgpack_pack_str_body (packer, text.ptr, text.size);
}

static void
encode_str (msgpack_packer *packer, const codec_field_t *field, const void *at)
{
    (void)field;
    encode_text (packer, *(const slice_t *)at);
}

static void
encode_bin (msgpack_packer *packer, const codec_field_t *field, const void *at)
{
    (void)field;
    const slice_t *bytes = at;
    msgpack_pack_bin (packer, bytes->size);
    msgpack_pack_bin_body (packer, bytes->ptr, bytes->size);
}

static void
encode_int (msgpack_packer *packer, const codec_field_t *field, const void *at)
{
    (void)field;
    msgpack_pack_int64 (packer, *(const int64_t *)at);
}

static void
encode_bool (msgpack_packer *packer, const codec_field_t *field, const void *at)
{
    (void)field;
    if (*(const bool *)at)
        msgpack_pack_true (packer);
    else
        msgpack_pack_false (packer);
}

static void
encode_sub (msgpack_packer *packer, const codec_field_t *field, const void *at)
{
    encode_map (packer, field->sub, at);
}

static void
encode_list (msgpack_packer *packer, const codec_field_t *field, const void *at)
{
    const codec_list_t *list = at;
    msgpack_pack_array (packer, list->count);
    for (size_t i = 0; i < list->count; i++)
        encode_map (packer, field->sub, (const char *)list->items + i * field->sub->size);
}

typedef void (encode_fn) (msgpack_packer *packer, const codec_field_t *field, const void *at);
static encode_fn *const encoders[] = {
    [CODEC_STR] = encode_str,
    [CODEC_BIN] = encode_bin,
    [CODEC_INT] = encode_int,
    [CODEC_BOOL] = encode_bool,
    [CODEC_MAP] = encode_sub,
    [CODEC_LIST] = encode_list,
};

static void
encode_map (msgpack_packer *packer, const codec_schema_t *schema, const void *record)
{
    uint64_t set = 0;
    assert (schema->count <= 64);
    for (size_t i = 0; i < schema->count; i++)
        if (codec_is_set (&schema->fields[i], record))
            set |= UINT64_C (1) << i;
    msgpack_pack_map (packer, (size_t)__builtin_popcountll (set));
    for (size_t i = 0; i < schema->count; i++) {
        const codec_field_t *field = &schema->fields[i];
        if (!(set >> i & 1))
            continue;
        encode_text (packer, slice_from (field->name));
        encoders[field->kind](packer, field, (const char *)record + field->offset);
    }
}

void
codec_encode (const codec_schema_t *schema, const void *in, buffer_t *out)
{
    msgpack_packer packer;
    msgpack_packer_init (&packer, out, write_to_buffer);
    encode_map (&packer, schema, in);
}
