//  Whatever bytes arrive: no crash, no leak, and what was decoded survives a round trip through
//  msgpack and through JSON, byte for byte.

#include "codec.h"
#include "petition.h"
#include "../unit/profile_double.h"

//  A message that holds itself, text and bytes: lists, maps and every scalar.
typedef struct {
    slice_t text, bytes;
    int64_t number;
    bool yes;
    codec_list_t nodes;
} node_t;

extern const codec_schema_t node_schema;
static const codec_field_t node_fields[] = {
    {.name = "t", .kind = CODEC_STR, .offset = offsetof (node_t, text), .max = 1000},
    {.name = "b", .kind = CODEC_BIN, .offset = offsetof (node_t, bytes), .max = 1000},
    {.name = "n", .kind = CODEC_INT, .offset = offsetof (node_t, number)},
    {.name = "y", .kind = CODEC_BOOL, .offset = offsetof (node_t, yes)},
    {.name = "l",
        .kind = CODEC_LIST,
        .offset = offsetof (node_t, nodes),
        .max = 16,
        .sub = &node_schema},
};
CODEC_SCHEMA (node_schema, node_t, node_fields);

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
must_encode_to (const codec_schema_t *schema, const void *record, slice_t wanted)
{
    buffer_t again = {0};
    codec_encode (schema, record, &again);
    assert (slice_equals (buffer_slice (&again), wanted));
    buffer_free (&again);
}

static void
try_schema (const codec_schema_t *schema, slice_t message, void *record, arena_t *arena)
{
    refusal_t refusal;
    if (codec_decode (schema, message, record, arena, NULL, &refusal))
        return;
    buffer_t bytes = {0};
    codec_encode (schema, record, &bytes);
    int done = codec_decode (schema, buffer_slice (&bytes), record, arena, NULL, &refusal);
    assert (!done);
    must_encode_to (schema, record, buffer_slice (&bytes));
    json_t *json = codec_to_json (schema, record);
    done = codec_from_json (schema, json, record, arena, NULL, &refusal);
    assert (!done);
    must_encode_to (schema, record, buffer_slice (&bytes));
    json_decref (json);
    buffer_free (&bytes);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static arena_t *arena;
    if (!arena)
        arena = arena_new ();
    arena_reset (arena);
    slice_t message = {(const char *)data, size};
    petition_t petition;
    node_t node;
    try_schema (&petition_schema, message, &petition, arena);
    try_schema (&node_schema, message, &node, arena);
    return 0;
}
