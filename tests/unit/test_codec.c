#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <msgpack.h>

#include "codec.h"

//  --- a message with a field of every kind

typedef struct {
    slice_t word;
    int64_t weight;
} leaf_t;

typedef struct {
    slice_t name;
    slice_t blob;
    int64_t number, small;
    bool yes;
    leaf_t leaf;
    codec_list_t leaves;
} tree_t;

static const codec_field_t leaf_fields[] = {
    {.name = "word", .kind = CODEC_STR, .offset = offsetof (leaf_t, word), .max = 16},
    {.name = "weight", .kind = CODEC_INT, .offset = offsetof (leaf_t, weight)},
};
static CODEC_SCHEMA (leaf_schema, leaf_t, leaf_fields);

static const codec_field_t tree_fields[] = {
    {.name = "name",
        .kind = CODEC_STR,
        .offset = offsetof (tree_t, name),
        .max = 100000,
        .required = true},
    {.name = "blob", .kind = CODEC_BIN, .offset = offsetof (tree_t, blob), .max = 100000},
    {.name = "number", .kind = CODEC_INT, .offset = offsetof (tree_t, number)},
    {.name = "small", .kind = CODEC_INT, .offset = offsetof (tree_t, small), .max = 1000},
    {.name = "yes", .kind = CODEC_BOOL, .offset = offsetof (tree_t, yes)},
    {.name = "leaf", .kind = CODEC_MAP, .offset = offsetof (tree_t, leaf), .sub = &leaf_schema},
    {.name = "leaves",
        .kind = CODEC_LIST,
        .offset = offsetof (tree_t, leaves),
        .max = 5,
        .sub = &leaf_schema},
};
static CODEC_SCHEMA (tree_schema, tree_t, tree_fields);

//  A message that may hold itself: only the depth of the input ends it.
typedef struct {
    codec_list_t rings;
} ring_t;
extern const codec_schema_t ring_schema;
static const codec_field_t ring_fields[] = {
    {.name = "r",
        .kind = CODEC_LIST,
        .offset = offsetof (ring_t, rings),
        .max = 9,
        .sub = &ring_schema},
};
CODEC_SCHEMA (ring_schema, ring_t, ring_fields);

typedef struct {
    arena_t *arena;
    buffer_t buffer;
    tree_t tree;
    refusal_t refusal;
    size_t unknown;
} fixture_t;

static int
setup (void **state)
{
    fixture_t *self = mem_new (sizeof *self);
    self->arena = arena_new ();
    *state = self;
    return 0;
}

static int
teardown (void **state)
{
    fixture_t *self = *state;
    arena_destroy (&self->arena);
    buffer_free (&self->buffer);
    free (self);
    return 0;
}

static int
decode (fixture_t *self, slice_t message)
{
    self->refusal = (refusal_t){0};
    self->unknown = 0;
    return codec_decode (
        &tree_schema, message, &self->tree, self->arena, &self->unknown, &self->refusal);
}

static int
decode_json (fixture_t *self, const char *text)
{
    self->refusal = (refusal_t){0};
    json_t *json = json_loads (text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null (json);
    int done = codec_from_json (
        &tree_schema, json, &self->tree, self->arena, &self->unknown, &self->refusal);
    json_decref (json);
    return done;
}

static void
assert_refused (fixture_t *self, int done, refusal_code_t code, const char *field)
{
    assert_int_equal (done, -1);
    assert_string_equal (self->refusal.field, field);
    assert_int_equal (self->refusal.code, code);
    assert_true (strlen (self->refusal.text) > 10);
}

//  xorshift, so that a failure repeats
static uint64_t seed = UINT64_C (88172645463325252);

static uint64_t
any (uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

static slice_t
any_text (arena_t *arena, size_t most)
{
    static const char *const pieces[] = {"a", "Z", " ", "\n", "đ", "ễ", "\xf0\x9f\x8f\xa0", "\\\""};
    if (any (3) == 0)
        return (slice_t){NULL, 0};
    buffer_t text = {0};
    for (size_t pieces_left = any (most / 4 + 1); pieces_left; pieces_left--) {
        const char *piece = pieces[any (8)];
        buffer_append (&text, piece, strlen (piece));
    }
    slice_t copy = arena_copy (arena, buffer_slice (&text));
    buffer_free (&text);
    return copy;
}

static slice_t
any_bytes (arena_t *arena, size_t most)
{
    size_t size = any (most);
    char *bytes = arena_alloc (arena, size + 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)any (256);
    return any (3) ? (slice_t){bytes, size} : (slice_t){NULL, 0};
}

static int64_t
any_number (void)
{
    int64_t number = (int64_t)(any (UINT64_MAX) >> any (64));
    return any (2) ? number : -number;
}

static leaf_t
any_leaf (arena_t *arena)
{
    return (leaf_t){any_text (arena, 16), any (2) ? any_number () : 0};
}

static tree_t
any_tree (arena_t *arena)
{
    tree_t tree = {.name = arena_copy (arena, any_text (arena, 1 << any (17))),
        .blob = any_bytes (arena, 1 << any (17)),
        .number = any_number (),
        .small = (int64_t)any (2001) - 1000,
        .yes = any (2),
        .leaf = any_leaf (arena),
        .leaves.count = any (6)};
    leaf_t *leaves = arena_alloc (arena, sizeof (leaf_t) * 5);
    for (size_t i = 0; i < tree.leaves.count; i++)
        leaves[i] = any_leaf (arena);
    tree.leaves.items = leaves;
    return tree;
}

static void
assert_slices_equal (slice_t a, slice_t b)
{
    assert_true (slice_equals (a, b));
    assert_int_equal (a.ptr == NULL, b.ptr == NULL);
}

static void
assert_leaves_equal (const leaf_t *a, const leaf_t *b)
{
    assert_slices_equal (a->word, b->word);
    assert_true (a->weight == b->weight);
}

static void
assert_trees_equal (const tree_t *a, const tree_t *b)
{
    assert_slices_equal (a->name, b->name);
    assert_slices_equal (a->blob, b->blob);
    assert_true (a->number == b->number && a->small == b->small && a->yes == b->yes);
    assert_leaves_equal (&a->leaf, &b->leaf);
    assert_int_equal (a->leaves.count, b->leaves.count);
    for (size_t i = 0; i < a->leaves.count; i++)
        assert_leaves_equal ((leaf_t *)a->leaves.items + i, (leaf_t *)b->leaves.items + i);
}

//  --- encode and decode

static void
test_encodes_the_documented_bytes (void **state)
{
    fixture_t *self = *state;
    leaf_t leaves[2] = {{.weight = -1}, {{NULL, 0}, 0}};
    tree_t tree = {.name = SLICE ("A"),
        .blob = SLICE ("\0"),
        .number = 300,
        .yes = true,
        .leaves = {leaves, 2}};
    codec_encode (&tree_schema, &tree, &self->buffer);
    static const char wanted[] = "\x85\xa4name\xa1"
                                 "A\xa4"
                                 "blob\xc4\x01\x00\xa6number\xcd\x01\x2c\xa3yes\xc3"
                                 "\xa6leaves\x92\x81\xa6weight\xff\x80";
    assert_int_equal (self->buffer.size, sizeof wanted - 1);
    assert_memory_equal (self->buffer.data, wanted, sizeof wanted - 1);
}

static void
test_leaves_out_what_is_absent (void **state)
{
    fixture_t *self = *state;
    tree_t tree = {.name = SLICE ("")};
    codec_encode (&tree_schema, &tree, &self->buffer);
    assert_int_equal (self->buffer.size, 7);
    assert_memory_equal (self->buffer.data, "\x81\xa4name\xa0", 7);
    json_t *json = codec_to_json (&tree_schema, &tree);
    assert_int_equal (json_object_size (json), 1);
    json_decref (json);
}

static void
test_required_numbers_are_written_when_zero (void **state)
{
    fixture_t *self = *state;
    static const codec_field_t fields[] = {
        {.name = "n", .kind = CODEC_INT, .offset = offsetof (leaf_t, weight), .required = true}};
    static CODEC_SCHEMA (schema, leaf_t, fields);
    leaf_t in = {.weight = 0}, out = {.weight = 7};
    codec_encode (&schema, &in, &self->buffer);
    slice_t message = buffer_slice (&self->buffer);
    assert_int_equal (codec_decode (&schema, message, &out, self->arena, NULL, NULL), 0);
    assert_true (out.weight == 0);
}

static void
test_random_messages_come_back_through_msgpack (void **state)
{
    fixture_t *self = *state;
    for (int i = 0; i < 2000; i++) {
        arena_reset (self->arena);
        buffer_clear (&self->buffer);
        tree_t tree = any_tree (self->arena);
        codec_encode (&tree_schema, &tree, &self->buffer);
        assert_int_equal (decode (self, buffer_slice (&self->buffer)), 0);
        assert_trees_equal (&tree, &self->tree);
        assert_int_equal (self->unknown, 0);
    }
}

static void
test_random_messages_come_back_through_json (void **state)
{
    fixture_t *self = *state;
    for (int i = 0; i < 500; i++) {
        arena_reset (self->arena);
        tree_t tree = any_tree (self->arena);
        json_t *json = codec_to_json (&tree_schema, &tree);
        int done = codec_from_json (
            &tree_schema, json, &self->tree, self->arena, &self->unknown, &self->refusal);
        assert_int_equal (done, 0);
        assert_trees_equal (&tree, &self->tree);
        json_decref (json);
    }
}

static void
test_order_of_fields_does_not_matter (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (decode (self, SLICE ("\x83\xa3yes\xc3\xa5small\x05\xa4name\xa1x")), 0);
    assert_true (self->tree.yes && self->tree.small == 5 && slice_is (self->tree.name, "x"));
}

static void
test_integers_of_every_width (void **state)
{
    fixture_t *self = *state;
    static const struct {
        slice_t bytes;
        int64_t number;
    } rows[] = {
        {SLICE ("\x7f"), 127},
        {SLICE ("\xe0"), -32},
        {SLICE ("\xcc\xff"), 255},
        {SLICE ("\xcd\xff\xff"), 65535},
        {SLICE ("\xce\xff\xff\xff\xff"), 4294967295},
        {SLICE ("\xcf\x7f\xff\xff\xff\xff\xff\xff\xff"), INT64_MAX},
        {SLICE ("\xd0\x80"), -128},
        {SLICE ("\xd1\x80\x00"), -32768},
        {SLICE ("\xd2\x80\x00\x00\x00"), INT32_MIN},
        {SLICE ("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), INT64_MIN},
        {SLICE ("\xd3\x00\x00\x00\x00\x00\x00\x00\x05"), 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buffer_clear (&self->buffer);
        buffer_printf (&self->buffer, "\x82\xa4name\xa1x\xa6number");
        buffer_append (&self->buffer, rows[i].bytes.ptr, rows[i].bytes.size);
        assert_int_equal (decode (self, buffer_slice (&self->buffer)), 0);
        assert_true (self->tree.number == rows[i].number);
    }
}

static void
test_unknown_fields_are_skipped_and_counted (void **state)
{
    fixture_t *self = *state;
    slice_t message = SLICE ("\x84\xa2no\x92\x81\xa1k\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xc0"
                             "\xa4name\xa1x\xa5n\x00"
                             "ame\xc4\x02hi\xa5small\x07");
    assert_int_equal (decode (self, message), 0);
    assert_int_equal (self->unknown, 2);
    assert_true (self->tree.small == 7 && slice_is (self->tree.name, "x"));
    assert_int_equal (
        decode_json (self, "{\"name\": \"\", \"x\": [1.5], \"leaf\": {\"y\": {}}}"), 0);
    assert_int_equal (self->unknown, 2);
}

static void
test_nil_is_absent (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (decode (self, SLICE ("\x82\xa4name\xa1x\xa4leaf\xc0")), 0);
    assert_refused (self, decode (self, SLICE ("\x81\xa4name\xc0")), REFUSAL_INVALID, "name");
    assert_int_equal (decode_json (self, "{\"name\": \"\", \"blob\": null, \"leaves\": null}"), 0);
    assert_true (self->tree.blob.ptr == NULL);
}

//  --- refusals

static void
test_refusals_name_the_field (void **state)
{
    fixture_t *self = *state;
    static const struct {
        slice_t message;
        const char *field;
    } rows[] = {
        {SLICE ("\x80"), "name"},
        {SLICE ("\x81\xa4name\x01"), "name"},
        {SLICE ("\x81\xa4name\x80"), "name"},
        {SLICE ("\x81\xa4name\xa1\xff"), "name"},
        {SLICE ("\x81\xa4name\xa3\xed\xa0\x80"), "name"},
        {SLICE ("\x82\xa4name\xa1x\xa4name\xa1x"), "name"},
        {SLICE ("\x82\xa4name\xa1x\xa4"
                "blob\xa1x"),
            "blob"},
        {SLICE ("\x82\xa4name\xa1x\xa6number\xca\x00\x00\x00\x00"), "number"},
        {SLICE ("\x82\xa4name\xa1x\xa6number\xcf\x80\x00\x00\x00\x00\x00\x00\x00"), "number"},
        {SLICE ("\x82\xa4name\xa1x\xa5small\xcd\x03\xe9"), "small"},
        {SLICE ("\x82\xa4name\xa1x\xa5small\xd1\xfc\x17"), "small"},
        {SLICE ("\x82\xa4name\xa1x\xa3yes\x01"), "yes"},
        {SLICE ("\x82\xa4name\xa1x\xa4leaf\x90"), "leaf"},
        {SLICE ("\x82\xa4name\xa1x\xa4leaf\x81\xa4word\x01"), "leaf.word"},
        {SLICE ("\x82\xa4name\xa1x\xa4leaf\x81\xa4word\xb1"
                "aaaaaaaaaaaaaaaaa"),
            "leaf.word"},
        {SLICE ("\x82\xa4name\xa1x\xa6leaves\x80"), "leaves"},
        {SLICE ("\x82\xa4name\xa1x\xa6leaves\x92\x80\x01"), "leaves[1]"},
        {SLICE ("\x82\xa4name\xa1x\xa6leaves\x96\x80\x80\x80\x80\x80\x80"), "leaves"},
        {SLICE ("\x82\xa4name\xa1x\xa6leaves\x92\x80\x81\xa6weight\xc3"), "leaves[1].weight"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_refused (self, decode (self, rows[i].message), REFUSAL_INVALID, rows[i].field);
}

static void
test_refusals_of_json_name_the_field (void **state)
{
    fixture_t *self = *state;
    static const struct {
        const char *json, *field;
    } rows[] = {
        {"{}", "name"},
        {"{\"name\": null}", "name"},
        {"{\"name\": 1}", "name"},
        {"{\"name\": \"\", \"small\": 1001}", "small"},
        {"{\"name\": \"\", \"small\": 1.0}", "small"},
        {"{\"name\": \"\", \"yes\": \"true\"}", "yes"},
        {"{\"name\": \"\", \"blob\": \"A\"}", "blob"},
        {"{\"name\": \"\", \"blob\": \"AAAA*\"}", "blob"},
        {"{\"name\": \"\", \"blob\": {}}", "blob"},
        {"{\"name\": \"\", \"leaf\": []}", "leaf"},
        {"{\"name\": \"\", \"leaf\": {\"word\": []}}", "leaf.word"},
        {"{\"name\": \"\", \"leaves\": [{}, {\"weight\": true}]}", "leaves[1].weight"},
        {"{\"name\": \"\", \"leaves\": [1]}", "leaves[0]"},
        {"{\"name\": \"\", \"leaves\": [{},{},{},{},{},{}]}", "leaves"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_refused (self, decode_json (self, rows[i].json), REFUSAL_INVALID, rows[i].field);
    assert_refused (self, decode_json (self, "[]"), REFUSAL_MALFORMED, "");
}

static void
test_hostile_messages_are_refused (void **state)
{
    fixture_t *self = *state;
    static const slice_t rows[] = {
        SLICE (""),
        SLICE ("\x01"),                                          // no map
        SLICE ("\xdd\xff\xff\xff\xff"),                          // 4 billion items in 5 bytes
        SLICE ("\xdd\x00\xff\xff\xff"),                          // 16 million
        SLICE ("\xdf\xff\xff\xff\xff"),                          // as many pairs
        SLICE ("\xdf\x80\x00\x00\x00"),                          // twice that is 2^32
        SLICE ("\x81\xa4name\xdb\xff\xff\xff\xff"),              // string of 4 GiB
        SLICE ("\x81\xa4name\xc6\xff\xff\xff\xff"),              // binary of 4 GiB
        SLICE ("\x81\xa4name\xc9\xff\xff\xff\xff\x01"),          // extension
        SLICE ("\x81\xa1x\xd4\x01\x02"),                         // small extension
        SLICE ("\x81\xa4name\xa1x\x00"),                         // something after the end
        SLICE ("\x81\xa4name\xa1x\x81\xa4name\xa1x"),            // two messages
        SLICE ("\x81\x01\xa1x"),                                 // key is a number
        SLICE ("\x81\xc4\x04name\xa1x"),                         // key is binary
        SLICE ("\x81\x80\xa1x"),                                 // key is a map
        SLICE ("\x81\xa4name"),                                  // key without value
        SLICE ("\x81\xa4name\xc1"),                              // never used byte
        SLICE ("\x82\xa4name\xa1x"),                             // one pair too few
        SLICE ("\x81\xa1x\x91\x91\x91\x91\x91\x91\x91\x91\x90"), // depth 10
        SLICE ("\x81\xa1x\x91\x91\x91\x91\x91\x91\x91\x90"),     // depth 9
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_refused (self, decode (self, rows[i]), REFUSAL_MALFORMED, "");
    assert_int_equal (codec_scan ((slice_t){NULL, 0}, NULL), -1);
}

static void
test_depth_of_eight_is_allowed (void **state)
{
    fixture_t *self = *state;
    slice_t eight = SLICE ("\x81\xa1x\x91\x91\x91\x91\x91\x91\x90");
    assert_int_equal (codec_scan (eight, &self->refusal), 0);
    ring_t ring;
    slice_t rings = SLICE ("\x81\xa1r\x91\x81\xa1r\x91\x81\xa1r\x91\x81\xa1r\x90");
    assert_int_equal (codec_decode (&ring_schema, rings, &ring, self->arena, NULL, NULL), 0);
    assert_int_equal (ring.rings.count, 1);
}

static void
test_deep_json_is_refused (void **state)
{
    fixture_t *self = *state;
    for (int i = 0; i < 1000; i++)
        buffer_printf (&self->buffer, "{\"r\": [");
    for (int i = 0; i < 1000; i++)
        buffer_printf (&self->buffer, "]}");
    json_t *json = json_loadb (self->buffer.data, self->buffer.size, 0, NULL);
    assert_non_null (json);
    ring_t ring;
    int done = codec_from_json (&ring_schema, json, &ring, self->arena, NULL, &self->refusal);
    assert_int_equal (done, -1);
    assert_non_null (strstr (self->refusal.text, "deeper"));
    json_decref (json);
}

//  A long run of nils and a long run of lists must not need memory or stack.
static void
test_long_messages_are_scanned_in_place (void **state)
{
    fixture_t *self = *state;
    enum { MANY = 1 << 20 };
    buffer_printf (&self->buffer, "\xdd%c%c%c%c", 0, MANY >> 16, 0, 0);
    char *nils = mem_new (MANY);
    memset (nils, 0xc0, MANY);
    buffer_append (&self->buffer, nils, MANY);
    assert_int_equal (codec_scan (buffer_slice (&self->buffer), NULL), 0);
    self->buffer.size--;
    assert_int_equal (codec_scan (buffer_slice (&self->buffer), NULL), -1);
    memset (nils, 0x91, MANY);
    assert_int_equal (codec_scan ((slice_t){nils, MANY}, NULL), -1);
    free (nils);
}

//  A count that cannot be true is refused where it stands, not after a walk to the end.
static void
test_a_lying_count_is_found_at_once (void **state)
{
    fixture_t *self = *state;
    char message[1000];
    memset (message, 0xc0, sizeof message);
    memcpy (message, "\xdd\x00\x00\x03\xe4", 5); // 996 values in the 995 bytes left
    slice_t bytes = {message, sizeof message};
    assert_int_equal (codec_scan (bytes, &self->refusal), -1);
    assert_non_null (strstr (self->refusal.text, "at byte 5 of 1000"));
    message[4] = '\xe3';
    assert_int_equal (codec_scan (bytes, &self->refusal), 0);
}

//  --- every truncation and every flipped bit of valid messages

//  A copy of exactly the message's size, so that a sanitizer sees one byte too many.
static int
decode_copy (fixture_t *self, slice_t message)
{
    char *copy = mem_copy (message);
    char *exact = mem_grow (copy, message.size);
    int done = decode (self, (slice_t){exact, message.size});
    free (exact);
    return done;
}

static void
test_every_truncation_is_refused (void **state)
{
    fixture_t *self = *state;
    for (int i = 0; i < 20; i++) {
        tree_t tree = any_tree (self->arena);
        tree.name = SLICE ("Nguyễn Văn A");
        tree.blob.size = tree.blob.size > 300 ? 300 : tree.blob.size;
        buffer_clear (&self->buffer);
        codec_encode (&tree_schema, &tree, &self->buffer);
        for (size_t size = 0; size < self->buffer.size; size++)
            assert_refused (self, decode_copy (self, (slice_t){self->buffer.data, size}),
                REFUSAL_MALFORMED, "");
    }
}

static void
test_flipped_bits_never_crash (void **state)
{
    fixture_t *self = *state;
    tree_t tree = any_tree (self->arena);
    tree.name = SLICE ("Trần Thị B");
    tree.blob = SLICE ("bytes");
    codec_encode (&tree_schema, &tree, &self->buffer);
    int refused = 0, taken = 0;
    for (size_t bit = 0; bit < self->buffer.size * 8; bit++) {
        self->buffer.data[bit / 8] ^= (char)(1 << bit % 8);
        arena_reset (self->arena);
        if (decode_copy (self, buffer_slice (&self->buffer)))
            refused++;
        else
            taken++;
        self->buffer.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    assert_true (refused > 0 && taken > 0);
    assert_int_equal (decode (self, buffer_slice (&self->buffer)), 0);
}

//  msgpack-c must read what we write, value for value.
static void
test_other_readers_agree (void **state)
{
    fixture_t *self = *state;
    for (int i = 0; i < 200; i++) {
        arena_reset (self->arena);
        tree_t tree = any_tree (self->arena);
        buffer_clear (&self->buffer);
        codec_encode (&tree_schema, &tree, &self->buffer);
        msgpack_unpacked got;
        msgpack_unpacked_init (&got);
        size_t end = 0;
        assert_int_equal (msgpack_unpack_next (&got, self->buffer.data, self->buffer.size, &end),
            MSGPACK_UNPACK_SUCCESS);
        assert_int_equal (end, self->buffer.size);
        msgpack_object_str name = got.data.via.map.ptr[0].val.via.str;
        assert_slices_equal ((slice_t){name.ptr, name.size}, tree.name);
        msgpack_unpacked_destroy (&got);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_encodes_the_documented_bytes),
        TEST (test_leaves_out_what_is_absent),
        TEST (test_required_numbers_are_written_when_zero),
        TEST (test_random_messages_come_back_through_msgpack),
        TEST (test_random_messages_come_back_through_json),
        TEST (test_order_of_fields_does_not_matter),
        TEST (test_integers_of_every_width),
        TEST (test_unknown_fields_are_skipped_and_counted),
        TEST (test_nil_is_absent),
        TEST (test_refusals_name_the_field),
        TEST (test_refusals_of_json_name_the_field),
        TEST (test_hostile_messages_are_refused),
        TEST (test_depth_of_eight_is_allowed),
        TEST (test_deep_json_is_refused),
        TEST (test_long_messages_are_scanned_in_place),
        TEST (test_a_lying_count_is_found_at_once),
        TEST (test_every_truncation_is_refused),
        TEST (test_flipped_bits_never_crash),
        TEST (test_other_readers_agree),
    };
    return cmocka_run_group_tests_name ("codec", tests, NULL, NULL);
}
