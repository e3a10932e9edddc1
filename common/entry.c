#include "entry.h"

#include "case.h"

#include <msgpack.h>

//  --- writing an entry

void
change_set (change_t *self, char letter, slice_t value)
{
    assert (self->count < ENTRY_PAIRS && case_field_name (letter));
    self->set[self->count].letter = letter;
    self->set[self->count++].value = value;
}

void
change_set_number (change_t *self, char letter, int64_t value, arena_t *arena)
{
    change_set (self, letter, arena_number (arena, value));
}

static void
pack_text (msgpack_packer *packer, slice_t text)
{
    msgpack_pack_str (packer, text.size);
    msgpack_pack_str_body (packer, text.ptr ? text.ptr : "", text.size);
}

static int
pack_into_buffer (void *data, const char *bytes, size_t size)
{
    buffer_append (data, bytes, size);
    return 0;
}

slice_t
change_write (const change_t *self, arena_t *arena)
{
    buffer_t out = {0};
    msgpack_packer packer;
    msgpack_packer_init (&packer, &out, pack_into_buffer);
    msgpack_pack_array (&packer, 5);
    pack_text (&packer, slice_from (self->action));
    pack_text (&packer, self->actor);
    pack_text (&packer, self->operation);
    pack_text (&packer, self->why);
    msgpack_pack_array (&packer, self->count * 2);
    for (size_t i = 0; i < self->count; i++) {
        pack_text (&packer, (slice_t){&self->set[i].letter, 1});
        pack_text (&packer, self->set[i].value);
    }
    slice_t entry = arena_copy (arena, buffer_slice (&out));
    buffer_free (&out);
    return entry;
}

//  --- reading an entry: a cursor over msgpack that never trusts a length

typedef struct {
    const uint8_t *at, *end;
    bool bad;
} cursor_t;

static uint64_t
cursor_bytes (cursor_t *self, size_t count)
{
    uint64_t value = 0;
    if ((size_t)(self->end - self->at) < count) {
        self->bad = true;
        return 0;
    }
    for (size_t i = 0; i < count; i++)
        value = value << 8 | *self->at++;
    return value;
}

//  lua-cmsgpack writes a number in the shortest form, or as a double when it is no integer.
static int64_t
cursor_number (cursor_t *self)
{
    uint8_t tag = (uint8_t)cursor_bytes (self, 1);
    if (tag < 0x80)
        return tag;
    if (tag >= 0xcc && tag <= 0xcf)
        return (int64_t)cursor_bytes (self, (size_t)1 << (tag - 0xcc));
    if (tag == 0xd3)
        return (int64_t)cursor_bytes (self, 8);
    self->bad = true;
    return 0;
}

static size_t
cursor_array (cursor_t *self)
{
    uint8_t tag = (uint8_t)cursor_bytes (self, 1);
    if ((tag & 0xf0) == 0x90)
        return tag & 0x0f;
    if (tag == 0xdc)
        return (size_t)cursor_bytes (self, 2);
    self->bad = true;
    return 0;
}

static slice_t
cursor_text (cursor_t *self)
{
    uint8_t tag = (uint8_t)cursor_bytes (self, 1);
    size_t size = 0;
    if ((tag & 0xe0) == 0xa0)
        size = tag & 0x1f;
    else if (tag >= 0xd9 && tag <= 0xdb)
        size = (size_t)cursor_bytes (self, (size_t)1 << (tag - 0xd9));
    else
        self->bad = true;
    if (self->bad || (size_t)(self->end - self->at) < size) {
        self->bad = true;
        return (slice_t){NULL, 0};
    }
    slice_t text = {(const char *)self->at, size};
    self->at += size;
    return text;
}

int
entry_read (slice_t element, entry_t *entry, refusal_t *refusal)
{
    const uint8_t *start = (const uint8_t *)element.ptr;
    cursor_t cursor = {start, start + element.size, false};
    *entry = (entry_t){0};
    entry->version = cursor_number (&cursor);
    entry->time_ms = cursor_number (&cursor);
    entry->serial = cursor_number (&cursor);
    if (cursor_array (&cursor) != 5)
        cursor.bad = true;
    entry->action = cursor_text (&cursor);
    entry->actor = cursor_text (&cursor);
    entry->operation = cursor_text (&cursor);
    entry->why = cursor_text (&cursor);
    size_t words = cursor_array (&cursor);
    if (cursor.bad || words % 2 || words / 2 > ENTRY_PAIRS)
        return refuse (refusal, REFUSAL_MALFORMED, "journal", "not an entry of this format");
    for (size_t i = 0; i < words / 2; i++) {
        slice_t name = cursor_text (&cursor);
        entry->set[i].letter = name.size == 1 ? *name.ptr : 0;
        entry->set[i].value = cursor_text (&cursor);
    }
    entry->count = words / 2;
    if (cursor.bad || cursor.at != cursor.end)
        return refuse (refusal, REFUSAL_MALFORMED, "journal", "an entry is cut or too long");
    return 0;
}
