#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <sys/wait.h>

#include "base.h"

//  --- slices

static void
test_slices (void **state)
{
    (void)state;
    assert_true (slice_from (NULL).ptr == NULL && slice_from (NULL).size == 0);
    assert_int_equal (slice_from ("đơn").size, 5);
    assert_int_equal (SLICE ("a\0b").size, 3);
    assert_true (slice_equals (SLICE ("a\0b"), SLICE ("a\0b")));
    assert_false (slice_equals (SLICE ("a\0b"), SLICE ("a\0c")));
    assert_false (slice_equals (SLICE ("ab"), SLICE ("abc")));
    assert_true (slice_equals ((slice_t){NULL, 0}, SLICE ("")));
    assert_true (slice_is (SLICE ("x"), "x") && !slice_is (SLICE ("x"), "xy"));
    char text[16];
    snprintf (text, sizeof text, "[%.*s]", SLICE_ARGS (((slice_t){"abc", 2})));
    assert_string_equal (text, "[ab]");
    snprintf (text, sizeof text, "[%.*s]", SLICE_ARGS (((slice_t){NULL, 0})));
    assert_string_equal (text, "[]");
}

//  --- memory

static void
test_memory (void **state)
{
    (void)state;
    char *bytes = mem_new (100);
    for (int i = 0; i < 100; i++)
        assert_int_equal (bytes[i], 0);
    bytes = mem_grow (bytes, 1000);
    bytes[999] = 1;
    free (bytes);
    char *copy = mem_copy ((slice_t){"abcdef", 3});
    assert_string_equal (copy, "abc");
    free (copy);
    copy = mem_copy ((slice_t){NULL, 0});
    assert_string_equal (copy, "");
    free (copy);
}

//  Runs a function in a process of its own, and returns the signal that ended it.
static int
signal_of (void (*run) (void))
{
    fflush (NULL);
    pid_t child = fork ();
    if (child == 0) {
        //  The tool that watches for it must not turn abort () into something else.
        signal (SIGABRT, SIG_DFL);
        fclose (stderr);
        run ();
        _exit (0);
    }
    int status = 0;
    assert_int_equal (waitpid (child, &status, 0), child);
    return WIFSIGNALED (status) ? WTERMSIG (status) : 0;
}

static void
run_die (void)
{
    die ("on purpose: %d", 1);
}

static void
run_assert (void)
{
    volatile int one = 1;
    assert (one == 2);
}

static void
run_nothing (void)
{
}

static void
test_death_is_loud (void **state)
{
    (void)state;
    assert_int_equal (signal_of (run_die), SIGABRT);
    assert_int_equal (signal_of (run_assert), SIGABRT);
    assert_int_equal (signal_of (run_nothing), 0);
}

//  --- arena

static void
test_arena_gives_zeroed_aligned_memory (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 3000; size += 7) {
            unsigned char *bytes = arena_alloc (arena, size);
            assert_int_equal ((uintptr_t)bytes % 16, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal (bytes[i], 0);
            memset (bytes, 0xee, size);
        }
        arena_reset (arena);
    }
    arena_destroy (&arena);
    assert_null (arena);
    arena_destroy (&arena);
}

static void
test_arena_keeps_pieces_apart (void **state)
{
    (void)state;
    enum { MANY = 500 };
    arena_t *arena = arena_new ();
    unsigned char *pieces[MANY];
    for (size_t i = 0; i < MANY; i++) {
        pieces[i] = arena_alloc (arena, i * 37 % 40000 + 1);
        memset (pieces[i], (int)(i % 251), i * 37 % 40000 + 1);
    }
    for (size_t i = 0; i < MANY; i++)
        for (size_t at = 0; at < i * 37 % 40000 + 1; at++)
            assert_int_equal (pieces[i][at], i % 251);
    arena_destroy (&arena);
}

//  After a reset the same memory is given again: a service does not grow with its messages.
static void
test_arena_reset_keeps_its_blocks (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    void *first = arena_alloc (arena, 10);
    void *large = arena_alloc (arena, 100000);
    for (int round = 0; round < 100; round++) {
        arena_reset (arena);
        assert_ptr_equal (arena_alloc (arena, 10), first);
        assert_ptr_equal (arena_alloc (arena, 100000), large);
    }
    arena_destroy (&arena);
}

static void
test_arena_text (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    slice_t copy = arena_copy (arena, (slice_t){"abcdef", 3});
    assert_int_equal (copy.size, 3);
    assert_string_equal (copy.ptr, "abc");
    slice_t empty = arena_copy (arena, (slice_t){NULL, 0});
    assert_true (empty.size == 0 && empty.ptr && empty.ptr[0] == 0);
    slice_t text = arena_printf (arena, "%s-%d-%0*d", "x", 7, 20000, 1);
    assert_int_equal (text.size, 20004);
    assert_int_equal (strlen (text.ptr), 20004);
    assert_int_equal (strncmp (text.ptr, "x-7-000", 7), 0);
    arena_destroy (&arena);
}

//  --- buffer

static void
test_buffer_grows (void **state)
{
    (void)state;
    buffer_t buffer = {0};
    buffer_append (&buffer, NULL, 0);
    assert_null (buffer.data);
    for (int i = 0; i < 100000; i++)
        buffer_append (&buffer, &(char){(char)i}, 1);
    buffer_printf (&buffer, "%0*d", 5000, 7);
    assert_int_equal (buffer.size, 105000);
    for (int i = 0; i < 100000; i++)
        assert_int_equal (buffer.data[i], (char)i);
    assert_int_equal (buffer.data[104999], '7');
    buffer_clear (&buffer);
    buffer_printf (&buffer, "a%c", 'b');
    assert_true (slice_is (buffer_slice (&buffer), "ab"));
    buffer_free (&buffer);
    assert_true (buffer.data == NULL && buffer.size == 0 && buffer.room == 0);
}

//  --- refusals

static void
test_refuse_fills_and_returns (void **state)
{
    (void)state;
    refusal_t refusal = {.retry_ms = 5};
    assert_int_equal (refuse (&refusal, REFUSAL_STALE, "code", "moved on to %d", 7), -1);
    assert_int_equal (refusal.code, REFUSAL_STALE);
    assert_string_equal (refusal.field, "code");
    assert_string_equal (refusal.text, "moved on to 7");
    assert_true (refusal.retry_ms == 0);
    assert_int_equal (refuse (NULL, REFUSAL_STALE, "code", "nobody listens"), -1);
    assert_int_equal (refuse (&refusal, REFUSAL_BUSY, NULL, "%0*d", 1000, 1), -1);
    assert_string_equal (refusal.field, "");
    assert_int_equal (strlen (refusal.text), sizeof refusal.text - 1);
}

static void
test_refusals_have_names_and_statuses (void **state)
{
    (void)state;
    static const struct {
        refusal_code_t code;
        const char *name;
        int exit_status, http_status;
        bool retry;
    } rows[] = {
        {REFUSAL_DONE, "done", 0, 200, false},
        {REFUSAL_INVALID, "invalid", 1, 400, false},
        {REFUSAL_CONFLICT, "conflict", 1, 409, false},
        {REFUSAL_NOT_FOUND, "not-found", 1, 404, false},
        {REFUSAL_BUSY, "busy", 3, 429, true},
        {REFUSAL_UNAVAILABLE, "unavailable", 3, 503, true},
        {REFUSAL_MALFORMED, "malformed", 2, 400, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal (refusal_name (rows[i].code), rows[i].name);
        assert_int_equal (refusal_code (slice_from (rows[i].name)), rows[i].code);
        assert_int_equal (refusal_exit_status (rows[i].code), rows[i].exit_status);
        assert_int_equal (refusal_http_status (rows[i].code), rows[i].http_status);
        assert_int_equal (refusal_may_retry (rows[i].code), rows[i].retry);
    }
    assert_int_equal (refusal_code (SLICE ("no such")), REFUSAL_MALFORMED);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_slices),
        cmocka_unit_test (test_memory),
        cmocka_unit_test (test_death_is_loud),
        cmocka_unit_test (test_arena_gives_zeroed_aligned_memory),
        cmocka_unit_test (test_arena_keeps_pieces_apart),
        cmocka_unit_test (test_arena_reset_keeps_its_blocks),
        cmocka_unit_test (test_arena_text),
        cmocka_unit_test (test_buffer_grows),
        cmocka_unit_test (test_refuse_fills_and_returns),
        cmocka_unit_test (test_refusals_have_names_and_statuses),
    };
    return cmocka_run_group_tests_name ("base", tests, NULL, NULL);
}
