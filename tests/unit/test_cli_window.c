#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/window.h"

static uint64_t
put (window_t *window, int64_t line, const char *body)
{
    uint64_t number;
    slot_t *slot = window_put (window, line, &number);
    buffer_append (&slot->body, body, strlen (body));
    window_filled (window, slot);
    return number;
}

static bool
answer (window_t *window, uint64_t number, const char *refusal, int64_t retry_ms, bool *busy)
{
    reply_t reply = {.refusal = slice_from (refusal),
        .code = SLICE ("CODE"),
        .desk = SLICE ("d"),
        .text = SLICE ("why"),
        .field = SLICE ("text"),
        .retry_ms = retry_ms};
    return window_answer (window, number, &reply, 1000, busy);
}

static void
test_receipts_go_out_in_the_order_of_the_lines (void **state)
{
    (void)state;
    bool busy;
    window_t *window = window_new ();
    uint64_t a = put (window, 1, "a"), b = put (window, 2, "b"), c = put (window, 3, "c");
    assert_true (answer (window, c, "done", 0, &busy));
    assert_true (answer (window, b, "invalid", 0, &busy));
    assert_null (window_done (window, false));
    assert_true (answer (window, a, "done", 0, &busy));
    slot_t *slot = window_done (window, false);
    assert_int_equal (slot->line, 1);
    assert_int_equal (slot->state, SLOT_RECEIPT);
    assert_string_equal (slot->code, "CODE");
    window_release (window);
    slot = window_done (window, false);
    assert_int_equal (slot->line, 2);
    assert_int_equal (slot->state, SLOT_BAD);
    assert_string_equal (slot->trouble, "text: why");
    window_release (window);
    assert_int_equal (window_done (window, false)->line, 3);
    window_release (window);
    assert_true (window_empty (window));
    window_destroy (&window);
}

static void
test_an_answer_counts_once (void **state)
{
    (void)state;
    bool busy;
    window_t *window = window_new ();
    uint64_t a = put (window, 1, "a");
    put (window, 2, "b");
    assert_false (answer (window, a + 2, "done", 0, &busy)); // never asked
    assert_true (answer (window, a, "done", 0, &busy));
    assert_false (answer (window, a, "invalid", 0, &busy)); // asked twice, answered twice
    assert_int_equal (window_done (window, false)->state, SLOT_RECEIPT);
    window_release (window);
    assert_false (answer (window, a, "done", 0, &busy)); // its slot may serve another line
    assert_int_equal (window_open (window), 1);
    window_destroy (&window);
}

static void
test_silence_and_busy_are_asked_again (void **state)
{
    (void)state;
    bool busy;
    window_t *window = window_new ();
    uint64_t a = put (window, 1, "a"), number = window_head (window);
    slot_t *slot = window_due (window, &number, 0);
    assert_int_equal (number, a);
    slot->due_ms = 3000;
    number = window_head (window);
    assert_null (window_due (window, &number, 2999));
    number = window_head (window);
    assert_ptr_equal (window_due (window, &number, 3000), slot);
    assert_true (answer (window, a, "busy", 250, &busy));
    assert_true (busy);
    assert_int_equal (slot->due_ms, 1250);
    assert_int_equal (slot->body.size, 1); // still there to be sent
    assert_true (answer (window, a, "unavailable", 0, &busy));
    assert_true (busy && slot->due_ms > 1000);
    assert_true (answer (window, a, "done", 0, &busy));
    assert_false (busy);
    window_destroy (&window);
}

static void
test_the_window_is_bounded (void **state)
{
    (void)state;
    bool busy;
    window_t *window = window_new ();
    uint64_t first = put (window, 1, "x");
    for (int i = 2; window_takes (window); i++)
        put (window, i, "x");
    assert_int_equal (window_open (window), WINDOW_OPEN);
    for (uint64_t i = 1; i < WINDOW_OPEN; i++)
        assert_true (answer (window, first + i, "done", 0, &busy));
    int lines = WINDOW_OPEN;
    for (; window_takes (window); lines++) // the first line holds up the ring, not the memory
        answer (window, put (window, lines, "x"), "done", 0, &busy);
    assert_int_equal (lines, WINDOW_SLOTS);
    window_destroy (&window);
    char *large = mem_new (WINDOW_BYTES + 1);
    memset (large, 'x', WINDOW_BYTES);
    window = window_new ();
    first = put (window, 1, large);
    assert_false (window_takes (window));
    answer (window, first, "done", 0, &busy);
    assert_true (window_takes (window));
    window_destroy (&window);
    free (large);
}

static void
test_at_the_end_what_is_done_is_printed_and_the_rest_given_up (void **state)
{
    (void)state;
    bool busy;
    window_t *window = window_new ();
    put (window, 1, "a");
    uint64_t b = put (window, 2, "b");
    put (window, 3, "c");
    answer (window, b, "done", 0, &busy);
    slot_t *slot = window_done (window, true);
    assert_int_equal (slot->line, 2);
    window_release (window);
    assert_null (window_done (window, true));
    assert_int_equal (window_open (window), 0);
    assert_true (window_empty (window));
    window_destroy (&window);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_receipts_go_out_in_the_order_of_the_lines),
        cmocka_unit_test (test_an_answer_counts_once),
        cmocka_unit_test (test_silence_and_busy_are_asked_again),
        cmocka_unit_test (test_the_window_is_bounded),
        cmocka_unit_test (test_at_the_end_what_is_done_is_printed_and_the_rest_given_up),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
