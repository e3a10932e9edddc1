//  What msgpack and JSON share: one value as it was read, the place where a reader stands, and what
//  a row of the table allows. Only for codec.c and codec_json.c.

#ifndef DAUMOI_CODEC_FIELD_H
#define DAUMOI_CODEC_FIELD_H

#include "codec.h"

enum { CODEC_DEPTH = 8 }; // maps and lists inside each other, the message itself included

typedef enum {
    VALUE_NIL,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_HUGE, // an integer that does not fit into int64_t
    VALUE_FLOAT,
    VALUE_STR,
    VALUE_BIN,
    VALUE_LIST,
    VALUE_MAP,
    VALUE_EXT,
    VALUE_NONE, // not msgpack at all
    VALUE_CUT,  // the message ended inside the value
} value_kind_t;

typedef struct {
    value_kind_t kind;
    union {
        slice_t bytes;  // STR, BIN
        int64_t number; // INT, BOOL
        uint64_t count; // LIST, MAP
    };
} value_t;

//  Where a reader stands; the path is only for refusals.
typedef struct {
    arena_t *arena;
    refusal_t *refusal;
    size_t unknown;
    size_t depth;
    struct {
        const codec_field_t *field;
        size_t item; // of a list, from 0
    } path[CODEC_DEPTH];
} codec_reader_t;

//  The row named `key`, or NULL. *next is where the last search ended: messages arrive in table
//  order nearly always, so the row is found at once.
const codec_field_t *codec_find (const codec_schema_t *schema, slice_t key, size_t *next);

//  Refuses `field` by its whole path (NULL: the item of the list that is being read); returns -1.
int codec_fail (const codec_reader_t *self, refusal_code_t code, const codec_field_t *field,
    const char *format, ...) __attribute__ ((format (printf, 4, 5)));
int codec_fail_kind (const codec_reader_t *self, const codec_field_t *field, value_kind_t got);

//  Enters and leaves a map or list; -1 when nested too deep.
int codec_enter (codec_reader_t *self, const codec_field_t *field);
void codec_leave (codec_reader_t *self);

//  Notes that the field came; refuses a second time.
int codec_once (
    codec_reader_t *self, const codec_schema_t *schema, const codec_field_t *field, uint64_t *seen);
//  Refuses the first required field that has not been seen.
int codec_complete (codec_reader_t *self, const codec_schema_t *schema, uint64_t seen);

//  Checks a value that is no map or list and writes it to the struct; nil leaves it absent.
int codec_put (
    codec_reader_t *self, const codec_field_t *field, const value_t *value, void *record);
//  Allocates `count` items for a list; NULL when there are too many.
codec_list_t *codec_put_list (
    codec_reader_t *self, const codec_field_t *field, uint64_t count, void *record);

//  Is there anything to write for this field? Required ones are always written.
bool codec_is_set (const codec_field_t *field, const void *record);

#endif
