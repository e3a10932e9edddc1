//  One table per message: the same table reads and writes msgpack and JSON.
//
//  A decoder trusts nothing: codec_scan walks the whole message first (one object, depth <= 8,
//  every length inside the message, string keys, no ext types, nothing after the end), then the
//  table is applied. Unknown fields are counted and skipped; a wrong type, an oversize, a repeated
//  or a missing required field is refused by its path ("petitioner.name", "labels[2].value"). nil
//  (null in JSON) is the same as absent.
//
//  Strings decoded from msgpack point into the message; from JSON into the json_t: keep it alive.

#ifndef DAUMOI_CODEC_H
#define DAUMOI_CODEC_H

#include <jansson.h>

#include "base.h"

typedef enum {
    CODEC_STR,  // slice_t, valid UTF-8, at most `max` bytes; absent = {NULL, 0}
    CODEC_BIN,  // slice_t, any bytes; in JSON base64
    CODEC_INT,  // int64_t; absent = 0
    CODEC_BOOL, // bool; absent = false
    CODEC_MAP,  // an embedded struct, described by `sub`
    CODEC_LIST, // codec_list_t of structs described by `sub`, at most `max` items
} codec_kind_t;

typedef struct codec_schema codec_schema_t;

typedef struct {
    const char *name;
    codec_kind_t kind;
    bool required;
    size_t offset; // in the struct
    size_t max; // bytes of a string, items of a list; for CODEC_INT the largest magnitude, 0 = any
    const codec_schema_t *sub;
} codec_field_t;

struct codec_schema {
    const char *name; // of the message, for errors
    size_t size;      // of the struct
    const codec_field_t *fields;
    size_t count; // 1 .. 64
};

//  `static CODEC_SCHEMA (x_schema, x_t, x_fields);`: const is part of it.
#define CODEC_SCHEMA(variable, struct_type, table)                                                 \
    const codec_schema_t variable = {                                                              \
        #struct_type, sizeof (struct_type), table, sizeof (table) / sizeof *(table)}

typedef struct {
    void *items; // count structs, in the arena
    size_t count;
} codec_list_t;

//  0, or -1 with the reason. Does not allocate, does not recurse on input.
int codec_scan (slice_t message, refusal_t *refusal);

//  Scans, then fills *out (zeroed first). Lists come from the arena. *unknown counts skipped fields
//  (may be NULL). -1: refused, *out is undefined.
int codec_decode (const codec_schema_t *schema, slice_t message, void *out, arena_t *arena,
    size_t *unknown, refusal_t *refusal);
int codec_from_json (const codec_schema_t *schema, json_t *json, void *out, arena_t *arena,
    size_t *unknown, refusal_t *refusal);

//  Appends one msgpack map. Absent strings, zero ints, false and empty maps or lists are left out,
//  unless required; a required string must be there, and strings must be UTF-8 (asserted for JSON).
void codec_encode (const codec_schema_t *schema, const void *in, buffer_t *out);
//  A new reference, owned by the caller.
json_t *codec_to_json (const codec_schema_t *schema, const void *in);

#endif
