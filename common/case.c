#include "case.h"

#include "codec.h"

#include <msgpack.h>
#include <stdio.h>

typedef struct {
    char letter;
    bool number;
    size_t offset;
    const char *name;
} case_row_t;

#define TEXT(letter, member)                                                                       \
    {                                                                                              \
        letter, false, offsetof (case_t, member), #member                                          \
    }
#define NUMBER(letter, member)                                                                     \
    {                                                                                              \
        letter, true, offsetof (case_t, member), #member                                           \
    }

static const case_row_t rows[] = {
    TEXT ('d', desk),
    TEXT ('e', desk_now),
    TEXT ('y', day),
    TEXT ('s', state),
    TEXT ('u', owner),
    TEXT ('o', officer),
    TEXT ('C', channel),
    TEXT ('t', type),
    TEXT ('f', field),
    TEXT ('p', place),
    TEXT ('l', labels),
    TEXT ('c', person),
    TEXT ('b', basis),
    TEXT ('x', proposed),
    TEXT ('a', reason),
    TEXT ('z', past_owners),
    TEXT ('k', clocks),
    TEXT ('q', operations),
    TEXT ('B', body_digest),
    NUMBER ('i', serial),
    NUMBER ('v', version),
    NUMBER ('r', received_ms),
    NUMBER ('w', since_ms),
    NUMBER ('m', changed_ms),
    NUMBER ('n', next_alarm_ms),
    NUMBER ('g', flags),
    NUMBER ('j', instance),
    NUMBER ('h', hops),
};

static const case_row_t *
row_find (char letter)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].letter == letter)
            return &rows[i];
    return NULL;
}

static int64_t
number_read (slice_t text)
{
    char digits[24];
    snprintf (digits, sizeof digits, "%.*s", SLICE_ARGS (text));
    return strtoll (digits, NULL, 10);
}

bool
case_set (case_t *self, char letter, slice_t value)
{
    const case_row_t *row = row_find (letter);
    if (!row)
        return false;
    void *member = (char *)self + row->offset;
    if (row->number)
        *(int64_t *)member = number_read (value);
    else
        *(slice_t *)member = value;
    return true;
}

const char *
case_field_name (char letter)
{
    const case_row_t *row = row_find (letter);
    return row ? row->name : NULL;
}

slice_t
case_desk_now (const case_t *self)
{
    return self->desk_now.size ? self->desk_now : self->desk;
}

const char *
case_difference (const case_t *a, const case_t *b)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const void *one = (const char *)a + rows[i].offset;
        const void *other = (const char *)b + rows[i].offset;
        bool same = rows[i].number ? *(const int64_t *)one == *(const int64_t *)other
                                   : slice_equals (*(const slice_t *)one, *(const slice_t *)other);
        if (!same)
            return rows[i].name;
    }
    return NULL;
}

//  --- clocks

//  The next word of a line; moves *text past it.
static slice_t
word_next (slice_t *text)
{
    size_t size = 0;
    while (size < text->size && text->ptr[size] != ' ' && text->ptr[size] != '\n')
        size++;
    slice_t word = {text->ptr, size};
    size_t skip = size < text->size ? size + 1 : size;
    *text = (slice_t){text->ptr + skip, text->size - skip};
    return word;
}

size_t
case_clocks_read (slice_t text, case_clock_t clocks[CASE_CLOCKS])
{
    size_t count = 0;
    while (text.size && count < CASE_CLOCKS) {
        case_clock_t *clock = &clocks[count++];
        clock->step = word_next (&text);
        clock->kind = word_next (&text);
        clock->who = word_next (&text);
        clock->start_ms = number_read (word_next (&text));
        clock->due_ms = number_read (word_next (&text));
        clock->rule = word_next (&text);
    }
    return count;
}

void
case_clocks_write (const case_clock_t *clocks, size_t count, buffer_t *out)
{
    for (size_t i = 0; i < count; i++)
        buffer_printf (out, "%s%.*s %.*s %.*s %lld %lld %.*s", i ? "\n" : "",
            SLICE_ARGS (clocks[i].step), SLICE_ARGS (clocks[i].kind), SLICE_ARGS (clocks[i].who),
            (long long)clocks[i].start_ms, (long long)clocks[i].due_ms,
            SLICE_ARGS (clocks[i].rule));
}

int64_t
case_clocks_next (const case_clock_t *clocks, size_t count)
{
    int64_t next_ms = 0;
    for (size_t i = 0; i < count; i++)
        if (next_ms == 0 || clocks[i].due_ms < next_ms)
            next_ms = clocks[i].due_ms;
    return next_ms;
}

//  --- writing an entry

void
change_set (change_t *self, char letter, slice_t value)
{
    assert (self->count < ENTRY_PAIRS && row_find (letter));
    self->set[self->count].letter = letter;
    self->set[self->count++].value = value;
}

void
change_set_number (change_t *self, char letter, int64_t value, arena_t *arena)
{
    change_set (self, letter, arena_printf (arena, "%lld", (long long)value));
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

//  The record keeps the last four operation ids (ledger.lua: OPS, OP).
static slice_t
operations_after (slice_t before, slice_t operation, arena_t *arena)
{
    enum { KEPT = 4 * 16 };
    slice_t all = arena_printf (arena, "%.*s%.*s", SLICE_ARGS (before), SLICE_ARGS (operation));
    size_t drop = all.size > KEPT ? all.size - KEPT : 0;
    return (slice_t){all.ptr + drop, all.size - drop};
}

void
case_fold (case_t *self, const entry_t *entry, arena_t *arena)
{
    for (size_t i = 0; i < entry->count; i++)
        case_set (self, entry->set[i].letter, entry->set[i].value);
    self->version = entry->version;
    self->changed_ms = entry->time_ms;
    if (entry->serial)
        self->serial = entry->serial;
    self->operations = operations_after (self->operations, entry->operation, arena);
}
