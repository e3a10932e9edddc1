#include "base.h"

#include <stdarg.h>
#include <stdio.h>

slice_t
slice_from (const char *text)
{
    return text ? (slice_t){text, strlen (text)} : (slice_t){NULL, 0};
}

bool
slice_equals (slice_t a, slice_t b)
{
    return a.size == b.size && (a.size == 0 || memcmp (a.ptr, b.ptr, a.size) == 0);
}

bool
slice_is (slice_t a, const char *text)
{
    return slice_equals (a, slice_from (text));
}

int64_t
slice_number (slice_t text)
{
    char digits[24];
    size_t size = text.size < sizeof digits - 1 ? text.size : sizeof digits - 1;
    if (size)
        memcpy (digits, text.ptr, size);
    digits[size] = 0;
    return strtoll (digits, NULL, 10);
}

void
die (const char *format, ...)
{
    va_list args;
    va_start (args, format);
    fputs ("fatal: ", stderr);
    vfprintf (stderr, format, args);
    fputc ('\n', stderr);
    va_end (args);
    abort ();
}

void *
mem_new (size_t size)
{
    void *ptr = calloc (1, size ? size : 1);
    if (!ptr)
        die ("out of memory for %zu bytes", size);
    return ptr;
}

void *
mem_grow (void *ptr, size_t size)
{
    void *grown = realloc (ptr, size ? size : 1);
    if (!grown)
        die ("out of memory for %zu bytes", size);
    return grown;
}

char *
mem_copy (slice_t text)
{
    char *copy = mem_new (text.size + 1);
    if (text.size)
        memcpy (copy, text.ptr, text.size);
    return copy;
}

//  --- arena: a chain of blocks; reset keeps them all and starts again at the first

enum { ARENA_BLOCK = 16 * 1024, ARENA_ALIGN = 16 };

typedef struct block {
    struct block *next;
    size_t room;
    size_t used;
    _Alignas(ARENA_ALIGN) char data[];
} block_t;

struct arena {
    block_t *first;
    block_t *current;
};

static block_t *
block_new (size_t room)
{
    block_t *block = mem_grow (NULL, sizeof (block_t) + room);
    *block = (block_t){.room = room};
    return block;
}

arena_t *
arena_new (void)
{
    arena_t *self = mem_new (sizeof *self);
    self->first = self->current = block_new (ARENA_BLOCK);
    return self;
}

void
arena_destroy (arena_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    for (block_t *block = (*self_p)->first; block;) {
        block_t *next = block->next;
        free (block);
        block = next;
    }
    free (*self_p);
    *self_p = NULL;
}

void
arena_reset (arena_t *self)
{
    self->current = self->first;
    self->current->used = 0;
}

//  The next block that has room, reusing those kept by a reset.
static block_t *
arena_block_with (arena_t *self, size_t size)
{
    block_t *block = self->current;
    while (block->room - block->used < size) {
        if (!block->next)
            block->next = block_new (size > ARENA_BLOCK ? size : ARENA_BLOCK);
        block = block->next;
        block->used = 0;
    }
    return self->current = block;
}

void *
arena_alloc (arena_t *self, size_t size)
{
    size_t rounded = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    assert (rounded >= size);
    block_t *block = arena_block_with (self, rounded);
    void *ptr = block->data + block->used;
    block->used += rounded;
    return memset (ptr, 0, rounded);
}

slice_t
arena_copy (arena_t *self, slice_t text)
{
    char *copy = arena_alloc (self, text.size + 1);
    if (text.size)
        memcpy (copy, text.ptr, text.size);
    return (slice_t){copy, text.size};
}

slice_t
arena_number (arena_t *self, int64_t value)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        *--at = '-';
    return arena_copy (self, (slice_t){at, (size_t)(digits + sizeof digits - at)});
}

slice_t
arena_printf (arena_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    va_list again;
    va_copy (again, args);
    char few[256];
    int size = vsnprintf (few, sizeof few, format, args);
    va_end (args);
    assert (size >= 0);
    char *text = arena_alloc (self, (size_t)size + 1);
    if ((size_t)size < sizeof few)
        memcpy (text, few, (size_t)size);
    else
        vsnprintf (text, (size_t)size + 1, format, again);
    va_end (again);
    return (slice_t){text, (size_t)size};
}

//  --- buffer

static void
buffer_reserve (buffer_t *self, size_t more)
{
    if (self->room - self->size >= more)
        return;
    size_t room = self->room ? self->room * 2 : 256;
    while (room - self->size < more)
        room *= 2;
    self->data = mem_grow (self->data, room);
    self->room = room;
}

void
buffer_append (buffer_t *self, const void *data, size_t size)
{
    if (size == 0)
        return;
    buffer_reserve (self, size);
    memcpy (self->data + self->size, data, size);
    self->size += size;
}

void
buffer_printf (buffer_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    va_list again;
    va_copy (again, args);
    buffer_reserve (self, 128); // most are short: then one pass does
    size_t room = self->room - self->size;
    int size = vsnprintf (self->data + self->size, room, format, args);
    va_end (args);
    assert (size >= 0);
    if ((size_t)size >= room) {
        buffer_reserve (self, (size_t)size + 1);
        vsnprintf (self->data + self->size, (size_t)size + 1, format, again);
    }
    va_end (again);
    self->size += (size_t)size;
}

void
buffer_free (buffer_t *self)
{
    free (self->data);
    *self = (buffer_t){0};
}

//  --- refusals

static const struct {
    const char *name;
    int exit_status;
    int http_status;
    bool retry;
} refusals[] = {
#define X(name, text, exit_status, http_status, retry) {text, exit_status, http_status, retry},
    REFUSALS (X)
#undef X
};

int
refuse (refusal_t *refusal, refusal_code_t code, const char *field, const char *format, ...)
{
    if (!refusal)
        return -1;
    *refusal = (refusal_t){.code = code};
    snprintf (refusal->field, sizeof refusal->field, "%s", field ? field : "");
    va_list args;
    va_start (args, format);
    vsnprintf (refusal->text, sizeof refusal->text, format, args);
    va_end (args);
    return -1;
}

const char *
refusal_name (refusal_code_t code)
{
    return refusals[code].name;
}

refusal_code_t
refusal_code (slice_t name)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (slice_is (name, refusals[i].name))
            return (refusal_code_t)i;
    return REFUSAL_MALFORMED;
}

int
refusal_exit_status (refusal_code_t code)
{
    return refusals[code].exit_status;
}

int
refusal_http_status (refusal_code_t code)
{
    return refusals[code].http_status;
}

bool
refusal_may_retry (refusal_code_t code)
{
    return refusals[code].retry;
}
