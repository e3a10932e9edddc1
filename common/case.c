#include "case.h"

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
    TEXT ('F', fingerprint),
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

bool
case_set (case_t *self, char letter, slice_t value)
{
    const case_row_t *row = row_find (letter);
    if (!row)
        return false;
    void *member = (char *)self + row->offset;
    if (row->number)
        *(int64_t *)member = slice_number (value);
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
        clock->start_ms = slice_number (word_next (&text));
        clock->due_ms = slice_number (word_next (&text));
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
