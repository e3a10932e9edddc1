#include "profile_inner.h"

#include "clock.h"

//  --- nodes

spot_t
profile_root (loader_t *loader, int number)
{
    profile_file_t *file = &loader->files[number];
    return (spot_t){loader, file, yaml_document_get_root_node (&file->document)};
}

size_t
spot_count (spot_t spot)
{
    if (!spot.node)
        return 0;
    if (spot.node->type != YAML_SEQUENCE_NODE) {
        spot_error (spot, "must be a list: write each entry after \"- \"");
        return 0;
    }
    return (size_t)(spot.node->data.sequence.items.top - spot.node->data.sequence.items.start);
}

spot_t
spot_item (spot_t spot, size_t index)
{
    int id = spot.node->data.sequence.items.start[index];
    return (spot_t){spot.loader, spot.file, yaml_document_get_node (&spot.file->document, id)};
}

static bool
has_control (slice_t text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return true;
    return false;
}

slice_t
spot_text (spot_t spot)
{
    slice_t none = {NULL, 0};
    if (!spot.node)
        return none;
    if (spot.node->type != YAML_SCALAR_NODE) {
        spot_error (spot, "must be one text, not a list or mapping");
        return none;
    }
    slice_t text = {(const char *)spot.node->data.scalar.value, spot.node->data.scalar.length};
    if (text.size == 0 || text.size > PROFILE_TEXT_MAX || has_control (text)) {
        spot_error (spot, "must be one line of 1 to %d bytes", PROFILE_TEXT_MAX);
        return none;
    }
    return arena_copy (spot.loader->profile->arena, text);
}

//  --- shapes: each reads one value into a member; false with an error when it cannot

static bool
only_of (slice_t text, const char *more)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr (more, c))
            return false;
    }
    return text.size > 0 && text.size <= PROFILE_ID_MAX;
}

bool
slice_is_id (slice_t id)
{
    return only_of (id, ".-");
}

static bool
read_text (spot_t spot, void *out)
{
    slice_t text = spot_text (spot);
    memcpy (out, &text, sizeof text);
    return text.ptr != NULL;
}

static bool
read_id (spot_t spot, void *out)
{
    slice_t text = spot_text (spot);
    if (!text.ptr)
        return false;
    if (!slice_is_id (text)) {
        spot_error (spot, "\"%.40s\" is no id: use a-z, 0-9, '.' and '-', at most %d bytes",
            text.ptr, PROFILE_ID_MAX);
        return false;
    }
    memcpy (out, &text, sizeof text);
    return true;
}

static bool
read_code (spot_t spot, void *out)
{
    slice_t text = spot_text (spot);
    if (!text.ptr)
        return false;
    if (!only_of (text, "_.")) {
        spot_error (spot, "\"%.40s\" is no code: use a-z, 0-9, '_' and '.', at most %d bytes",
            text.ptr, PROFILE_ID_MAX);
        return false;
    }
    memcpy (out, &text, sizeof text);
    return true;
}

static bool
read_number (spot_t spot, void *out)
{
    slice_t text = spot_text (spot);
    int64_t value = 0;
    bool good = text.size > 0 && text.size <= 4;
    for (size_t i = 0; good && i < text.size; i++) {
        good = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        value = value * 10 + (text.ptr[i] - '0');
    }
    if (text.ptr && (!good || value > PROFILE_DAYS_MAX))
        spot_error (
            spot, "\"%.40s\" must be a whole number from 0 to %d", text.ptr, PROFILE_DAYS_MAX);
    if (!good || value > PROFILE_DAYS_MAX)
        return false;
    memcpy (out, &value, sizeof value);
    return true;
}

static bool
read_flag (spot_t spot, void *out)
{
    slice_t text = spot_text (spot);
    bool value = slice_is (text, "true");
    if (text.ptr && !value && !slice_is (text, "false"))
        spot_error (spot, "\"%.40s\" must be true or false", text.ptr);
    memcpy (out, &value, sizeof value);
    return value || slice_is (text, "false");
}

static bool
read_date (spot_t spot, void *out)
{
    slice_t text = spot_text (spot);
    if (!text.ptr)
        return false;
    int64_t ms;
    if (text.size != 10 || clock_read (text, &ms) != 0) {
        spot_error (spot, "\"%.40s\" is no date that exists: write YYYY-MM-DD", text.ptr);
        return false;
    }
    int64_t day = clock_day (ms);
    memcpy (out, &day, sizeof day);
    return true;
}

static bool
read_spot (spot_t spot, void *out)
{
    memcpy (out, &spot, sizeof spot);
    return spot.node != NULL;
}

static bool (*const shape_readers[SHAPE_COUNT]) (spot_t, void *) = {
    [SHAPE_TEXT] = read_text,
    [SHAPE_ID] = read_id,
    [SHAPE_CODE] = read_code,
    [SHAPE_NUMBER] = read_number,
    [SHAPE_FLAG] = read_flag,
    [SHAPE_DATE] = read_date,
    [SHAPE_SPOT] = read_spot,
};

//  --- mappings

enum { KEYS_MAX = 32 };

//  note, confidence (S read in a source, K known, U uncertain) and basis may stand anywhere.
static bool
read_remark (spot_t spot, slice_t key, spot_t value)
{
    slice_t text = spot_text (value);
    if (slice_is (key, "note") || slice_is (key, "basis"))
        return text.ptr != NULL;
    if (!slice_is (text, "S") && !slice_is (text, "K") && !slice_is (text, "U")) {
        spot_error (value, "confidence must be S (read in a source), K (known) or U (uncertain)");
        return false;
    }
    spot.loader->profile->uncertain += slice_is (text, "U");
    return true;
}

static bool
is_remark (slice_t key)
{
    return slice_is (key, "note") || slice_is (key, "confidence") || slice_is (key, "basis");
}

static const key_row_t *
key_find (const key_row_t *keys, size_t count, slice_t name)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is (name, keys[i].key))
            return &keys[i];
    return NULL;
}

static bool
read_pair (spot_t map, spot_t name, spot_t value, const key_row_t *keys, size_t count, bool *seen,
    void *out)
{
    slice_t text = spot_text (name);
    if (!text.ptr || !value.node)
        return false;
    const key_row_t *key = key_find (keys, count, text);
    if (!key && is_remark (text))
        return read_remark (map, text, value);
    if (!key) {
        spot_error (name, "unknown key \"%.40s\": correct its spelling or remove it", text.ptr);
        return false;
    }
    if (seen[key - keys]) {
        spot_error (name, "key \"%s\" is given twice", key->key);
        return false;
    }
    seen[key - keys] = true;
    return shape_readers[key->shape](value, (char *)out + key->offset);
}

bool
spot_read (spot_t spot, const key_row_t *keys, size_t count, void *out)
{
    bool seen[KEYS_MAX] = {false};
    assert (count <= KEYS_MAX);
    if (!spot.node)
        return false;
    if (spot.node->type != YAML_MAPPING_NODE) {
        spot_error (spot, "must be a mapping (key: value), beginning with \"%s\"", keys[0].key);
        return false;
    }
    bool good = true;
    yaml_document_t *document = &spot.file->document;
    yaml_node_pair_t *pair = spot.node->data.mapping.pairs.start;
    for (; pair < spot.node->data.mapping.pairs.top; pair++) {
        yaml_node_t *name = yaml_document_get_node (document, pair->key);
        yaml_node_t *value = yaml_document_get_node (document, pair->value);
        good &= read_pair (spot, (spot_t){spot.loader, spot.file, name},
            (spot_t){spot.loader, spot.file, value}, keys, count, seen, out);
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && !seen[i]) {
            spot_error (spot, "key \"%s\" is missing: add it", keys[i].key);
            good = false;
        }
    return good;
}
