//  The record as the fold of its journal (case.h), entries, clocks.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <msgpack.h>

#include "case.h"

static arena_t *arena;

static int
setup (void **state)
{
    (void)state;
    arena = arena_new ();
    return 0;
}

static int
teardown (void **state)
{
    (void)state;
    arena_destroy (&arena);
    return 0;
}

static int
into_buffer (void *data, const char *bytes, size_t size)
{
    buffer_append (data, bytes, size);
    return 0;
}

//  What ledger.lua puts in front of an entry.
static slice_t
element (int64_t version, int64_t time_ms, int64_t serial, const change_t *change)
{
    buffer_t out = {0};
    msgpack_packer packer;
    msgpack_packer_init (&packer, &out, into_buffer);
    msgpack_pack_int64 (&packer, version);
    msgpack_pack_int64 (&packer, time_ms);
    msgpack_pack_int64 (&packer, serial);
    slice_t entry = change_write (change, arena);
    buffer_append (&out, entry.ptr, entry.size);
    slice_t copy = arena_copy (arena, buffer_slice (&out));
    buffer_free (&out);
    return copy;
}

static change_t
registration (void)
{
    change_t change = {.action = "register",
        .actor = SLICE ("desk:tcd-tinh"),
        .operation = SLICE ("0123456789abcdef")};
    change_set (&change, 's', SLICE ("received"));
    change_set (&change, 'u', SLICE ("ban-tcd"));
    change_set (&change, 'o', SLICE ("head"));
    change_set_number (&change, 'n', 1795304066168, arena);
    return change;
}

static void
an_entry_reads_back_as_written (void **state)
{
    (void)state;
    change_t change = registration ();
    change.why = SLICE ("vì sao");
    entry_t entry;
    slice_t bytes = element (1, 1795304066168, 7, &change);
    assert_int_equal (entry_read (bytes, &entry, NULL), 0);
    assert_int_equal (entry.version, 1);
    assert_int_equal (entry.time_ms, 1795304066168);
    assert_int_equal (entry.serial, 7);
    assert_true (slice_is (entry.action, "register"));
    assert_true (slice_is (entry.why, "vì sao"));
    assert_int_equal (entry.count, 4);
    assert_int_equal (entry.set[3].letter, 'n');
    assert_true (slice_is (entry.set[3].value, "1795304066168"));
}

static void
a_cut_or_longer_entry_is_refused (void **state)
{
    (void)state;
    change_t change = registration ();
    slice_t bytes = element (1, 1795304066168, 7, &change);
    entry_t entry;
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal (entry_read ((slice_t){bytes.ptr, size}, &entry, NULL), -1);
    char *room = arena_alloc (arena, bytes.size + 1);
    memcpy (room, bytes.ptr, bytes.size);
    slice_t longer = {room, bytes.size + 1};
    assert_int_equal (entry_read (longer, &entry, NULL), -1);
}

static void
the_record_is_the_fold_of_its_entries (void **state)
{
    (void)state;
    change_t first = registration ();
    change_t second = {.action = "assign",
        .actor = SLICE ("machine:assignment"),
        .operation = SLICE ("fedcba9876543210")};
    change_set (&second, 's', SLICE ("assigned"));
    change_set (&second, 'u', SLICE ("ha-tu.kt"));
    change_set (&second, 'x', SLICE (""));
    case_t record = {0};
    entry_t entry;
    assert_int_equal (entry_read (element (1, 100, 7, &first), &entry, NULL), 0);
    case_fold (&record, &entry, arena);
    record.proposed = SLICE ("so-nnmt");
    assert_int_equal (entry_read (element (2, 200, 0, &second), &entry, NULL), 0);
    case_fold (&record, &entry, arena);
    assert_true (slice_is (record.state, "assigned"));
    assert_true (slice_is (record.owner, "ha-tu.kt"));
    assert_true (slice_is (record.officer, "head"));
    assert_int_equal (record.proposed.size, 0);
    assert_int_equal (record.serial, 7);
    assert_int_equal (record.version, 2);
    assert_int_equal (record.changed_ms, 200);
    assert_true (slice_is (record.operations, "0123456789abcdeffedcba9876543210"));
}

static void
only_the_last_four_operations_stay (void **state)
{
    (void)state;
    case_t record = {0};
    entry_t entry = {.version = 1};
    static const char *ids[] = {"a000000000000000", "b000000000000000", "c000000000000000",
        "d000000000000000", "e000000000000000"};
    for (int i = 0; i < 5; i++) {
        entry.operation = slice_from (ids[i]);
        case_fold (&record, &entry, arena);
    }
    assert_int_equal (record.operations.size, 64);
    assert_memory_equal (record.operations.ptr, ids[1], 16);
}

static void
clocks_read_back_and_the_earliest_is_next (void **state)
{
    (void)state;
    case_clock_t clocks[2] = {
        {SLICE ("assigned"), SLICE ("statutory"), SLICE ("owner"), SLICE ("kn-accept"), 10, 900},
        {SLICE ("promise"), SLICE ("promise"), SLICE ("owner"), SLICE ("kn-promise"), 5, 700},
    };
    case_clock_t back[CASE_CLOCKS];
    buffer_t text = {0};
    case_clocks_write (clocks, 2, &text);
    assert_int_equal (case_clocks_read (buffer_slice (&text), back), 2);
    assert_true (slice_is (back[1].rule, "kn-promise"));
    assert_int_equal (back[0].due_ms, 900);
    assert_int_equal (case_clocks_next (back, 2), 700);
    assert_int_equal (case_clocks_next (back, 0), 0);
    buffer_free (&text);
}

static void
every_letter_has_a_name_and_its_own_member (void **state)
{
    (void)state;
    const char *letters = "deysuoCtfplcbxazkqBivrwmngjh";
    for (const char *at = letters; *at; at++) {
        case_t record = {0};
        static const case_t empty;
        assert_non_null (case_field_name (*at));
        assert_true (case_set (&record, *at, SLICE ("1")));
        assert_memory_not_equal (&record, &empty, sizeof record);
    }
    case_t record = {0};
    assert_false (case_set (&record, '?', SLICE ("1")));
    assert_null (case_field_name ('?'));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_entry_reads_back_as_written),
        cmocka_unit_test (a_cut_or_longer_entry_is_refused),
        cmocka_unit_test (the_record_is_the_fold_of_its_entries),
        cmocka_unit_test (only_the_last_four_operations_stay),
        cmocka_unit_test (clocks_read_back_and_the_earliest_is_next),
        cmocka_unit_test (every_letter_has_a_name_and_its_own_member),
    };
    return cmocka_run_group_tests_name ("case", tests, setup, teardown);
}
