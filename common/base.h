//  What every file may use: borrowed bytes, memory for one message, a growing buffer, refusals.
//
//  Errors are black and white. A caller's mistake is an assert, kept on in release builds. The
//  world's mistake is a refusal_t that names the field or rule. Out of memory ends the process.

#ifndef DAUMOI_BASE_H
#define DAUMOI_BASE_H

#undef NDEBUG
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

//  Bytes that belong to somebody else; not NUL-terminated. {NULL, 0} is "absent".
typedef struct {
    const char *ptr;
    size_t size;
} slice_t;

#define SLICE(literal) ((slice_t){"" literal, sizeof (literal) - 1})
//  For printf: "%.*s", SLICE_ARGS (s)
#define SLICE_ARGS(s) (int)(s).size, (s).size ? (s).ptr : ""

slice_t slice_from (const char *text);
bool slice_equals (slice_t a, slice_t b);
bool slice_is (slice_t a, const char *text);
int64_t slice_number (slice_t text); // decimal; 0 when it is none

//  malloc, calloc, realloc, strdup that end the process loudly instead of returning NULL.
void *mem_new (size_t size); // zeroed
void *mem_grow (void *ptr, size_t size);
char *mem_copy (slice_t text); // NUL-terminated copy; free () it
_Noreturn void die (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

//  Memory with the life of one message or one batch: allocate piecemeal, drop at once.
typedef struct arena arena_t;
arena_t *arena_new (void);
void arena_destroy (arena_t **self_p);
//  Forgets everything allocated, keeps the blocks for the next message.
void arena_reset (arena_t *self);
void *arena_alloc (arena_t *self, size_t size); // zeroed, aligned for any type
//  A NUL-terminated copy; the slice's size excludes the NUL.
slice_t arena_copy (arena_t *self, slice_t text);
slice_t arena_number (
    arena_t *self, int64_t value); // decimal, as a printf would, at a tenth of its cost
slice_t arena_printf (arena_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));

//  A buffer that grows; data is NULL until the first byte.
typedef struct {
    char *data;
    size_t size;
    size_t room;
} buffer_t;
void buffer_append (buffer_t *self, const void *data, size_t size);
void buffer_printf (buffer_t *self, const char *format, ...)
    __attribute__ ((format (printf, 2, 3)));
void buffer_free (buffer_t *self);
static inline void
buffer_clear (buffer_t *self)
{
    self->size = 0;
}
static inline slice_t
buffer_slice (const buffer_t *self)
{
    return (slice_t){self->data, self->size};
}

//  Why something was not done. One row: name on the wire, exit status of the command line
//  (design: 1 refused by the rules, 2 wrong usage, 3 a service cannot be reached), HTTP status,
//  and whether the same call may succeed later without being changed.
#define REFUSALS(X)                                                                                \
    X (DONE, "done", 0, 200, false)                                                                \
    X (INVALID, "invalid", 1, 400, false)        /* a field is wrong; the refusal names it */      \
    X (CONFLICT, "conflict", 1, 409, false)      /* same key, other content */                     \
    X (NOT_FOUND, "not-found", 1, 404, false)    /* no such case, desk, unit, action */            \
    X (STALE, "stale", 1, 409, false)            /* the case has moved on since it was read */     \
    X (FORBIDDEN, "forbidden", 1, 403, false)    /* a rule of the domain forbids it */             \
    X (BUSY, "busy", 3, 429, true)               /* window full: try again soon */                 \
    X (UNAVAILABLE, "unavailable", 3, 503, true) /* Redis or a service is away, memory or disk */  \
    X (MALFORMED, "malformed", 2, 400, false)    /* not a message of ours at all */

typedef enum {
#define X(name, text, exit_status, http_status, retry) REFUSAL_##name,
    REFUSALS (X)
#undef X
} refusal_code_t;

typedef struct {
    refusal_code_t code;
    char field[64];   // the field, "file:line" or rule that it is about; "" when none
    char text[384];   // what is wrong and what to do, one sentence, without personal data
    int64_t retry_ms; // a hint for BUSY and UNAVAILABLE; 0 = none
} refusal_t;

//  Fills *refusal (when not NULL) and returns -1, so that a caller can `return refuse (...)`.
int refuse (refusal_t *refusal, refusal_code_t code, const char *field, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));
const char *refusal_name (refusal_code_t code);
refusal_code_t refusal_code (slice_t name); // REFUSAL_MALFORMED when unknown
int refusal_exit_status (refusal_code_t code);
int refusal_http_status (refusal_code_t code);
bool refusal_may_retry (refusal_code_t code);

#endif
