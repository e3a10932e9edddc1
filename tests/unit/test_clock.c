#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"

static int64_t
read_ms (const char *text)
{
    int64_t ms = INT64_MIN;
    assert_int_equal (clock_read (slice_from (text), &ms), 0);
    return ms;
}

static void
test_reads_rfc3339 (void **state)
{
    (void)state;
    assert_true (read_ms ("1970-01-01T00:00:00Z") == 0);
    assert_true (read_ms ("1970-01-01T07:00:00+07:00") == 0);
    assert_true (read_ms ("2026-11-20T08:05:00+07:00") == INT64_C (1795136700000));
    assert_true (read_ms ("2026-11-20T01:05:00z") == INT64_C (1795136700000));
    assert_true (read_ms ("2026-11-19t20:05:00-05:00") == INT64_C (1795136700000));
    assert_true (read_ms ("2026-11-20T15:05:00+14:00") == INT64_C (1795136700000));
    assert_true (read_ms ("1969-12-31T23:59:59.999Z") == -1);
}

static void
test_reads_fractions_to_the_millisecond (void **state)
{
    (void)state;
    assert_true (read_ms ("1970-01-01T00:00:00.5Z") == 500);
    assert_true (read_ms ("1970-01-01T00:00:00.07Z") == 70);
    assert_true (read_ms ("1970-01-01T00:00:00.1239999999999999999999Z") == 123);
}

static void
test_a_bare_date_begins_in_vietnam (void **state)
{
    (void)state;
    assert_true (read_ms ("2026-11-20") == read_ms ("2026-11-20T00:00:00+07:00"));
    assert_true (read_ms ("2026-11-20") == read_ms ("2026-11-19T17:00:00Z"));
}

static void
test_leap_days (void **state)
{
    (void)state;
    int64_t ms;
    assert_true (read_ms ("2024-03-01") - read_ms ("2024-02-29") == CLOCK_DAY_MS);
    assert_true (read_ms ("2000-02-29") > 0);
    assert_int_equal (clock_read (SLICE ("1900-02-29"), &ms), -1);
    assert_int_equal (clock_read (SLICE ("2100-02-29"), &ms), -1);
    assert_int_equal (clock_read (SLICE ("2026-02-29"), &ms), -1);
}

static void
test_refuses_what_is_no_time (void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "2026", "2026-11", "2026-11-2", "2026-11-020",
        "20261120", "2026/11/20", "20-11-2026", "2026-02-30", "2026-04-31", "2026-00-10",
        "2026-13-01", "2026-11-00", "2026-11-32", "1899-12-31", "2201-01-01", "-026-11-20",
        "+2026-11-20", " 2026-11-20", "2026-11-20 ", "2026-11-20T", "2026-11-20T08:05",
        "2026-11-20T08:05Z", "2026-11-20T08:05:00", "2026-11-20 08:05:00Z", "2026-11-20T24:00:00Z",
        "2026-11-20T23:60:00Z", "2026-11-20T23:59:60Z", "2016-12-31T23:59:60Z",
        "2026-11-20T08:05:00.Z", "2026-11-20T08:05:00,5Z", "2026-11-20T08:05:00+7:00",
        "2026-11-20T08:05:00+0700", "2026-11-20T08:05:00+07", "2026-11-20T08:05:00+14:01",
        "2026-11-20T08:05:00-14:01", "2026-11-20T08:05:00+05:60", "2026-11-20T08:05:00Zx",
        "2026-11-20T08:05:00+07:00 ", "2026-11-2\xc2\xb2", "hôm qua"};
    int64_t ms;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (clock_read (slice_from (wrong[i]), &ms) == 0)
            fail_msg ("taken: '%s'", wrong[i]);
    assert_int_equal (clock_read ((slice_t){NULL, 0}, &ms), -1);
    assert_int_equal (clock_read (SLICE ("2026-11-20\0"), &ms), -1);
}

static void
test_writes_vietnamese_time (void **state)
{
    (void)state;
    char text[CLOCK_TEXT];
    assert_string_equal (clock_write (0, text), "1970-01-01T07:00:00+07:00");
    assert_string_equal (clock_write (-1, text), "1970-01-01T06:59:59+07:00");
    assert_string_equal (clock_write (INT64_C (1795136700999), text), "2026-11-20T08:05:00+07:00");
    assert_string_equal (
        clock_write (read_ms ("2025-12-31T17:00:00Z"), text), "2026-01-01T00:00:00+07:00");
}

//  The C library's calendar is the oracle for every day of three centuries.
static void
test_every_day_agrees_with_the_c_library (void **state)
{
    (void)state;
    int64_t last = clock_from_civil (2200, 12, 31);
    for (int64_t day = clock_from_civil (1900, 1, 1); day <= last; day++) {
        time_t seconds = (time_t)(day * 86400);
        struct tm tm;
        gmtime_r (&seconds, &tm);
        int year, month, mday;
        clock_civil (day, &year, &month, &mday);
        assert_int_equal (year, tm.tm_year + 1900);
        assert_int_equal (month, tm.tm_mon + 1);
        assert_int_equal (mday, tm.tm_mday);
        assert_int_equal (clock_weekday (day), tm.tm_wday);
        assert_true (clock_from_civil (year, month, mday) == day);
        assert_true (clock_day (clock_day_start (day)) == day);
        assert_true (clock_day (clock_day_start (day) - 1) == day - 1);
    }
}

static void
test_what_is_written_reads_back (void **state)
{
    (void)state;
    char text[CLOCK_TEXT];
    int64_t last = read_ms ("2200-12-31");
    for (int64_t ms = read_ms ("1900-01-01"); ms < last; ms += INT64_C (98765432) * 1000)
        assert_true (read_ms (clock_write (ms, text)) == ms);
}

static void
test_registration_day (void **state)
{
    (void)state;
    char text[8];
    clock_yymmdd (read_ms ("2026-11-20T23:59:59+07:00"), text);
    assert_string_equal (text, "261120");
    clock_yymmdd (read_ms ("2026-11-20T17:00:00Z"), text);
    assert_string_equal (text, "261121");
    clock_yymmdd (read_ms ("2005-01-02"), text);
    assert_string_equal (text, "050102");
}

static void
test_clocks_run (void **state)
{
    (void)state;
    assert_true (clock_now_ms () > read_ms ("2024-01-01"));
    assert_true (llabs (clock_now_ms () - (int64_t)time (NULL) * 1000) < 2000);
    int64_t before = clock_monotonic_ms ();
    while (clock_monotonic_ms () == before) {
    }
    assert_true (clock_monotonic_ms () > before);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_reads_rfc3339),
        cmocka_unit_test (test_reads_fractions_to_the_millisecond),
        cmocka_unit_test (test_a_bare_date_begins_in_vietnam),
        cmocka_unit_test (test_leap_days),
        cmocka_unit_test (test_refuses_what_is_no_time),
        cmocka_unit_test (test_writes_vietnamese_time),
        cmocka_unit_test (test_every_day_agrees_with_the_c_library),
        cmocka_unit_test (test_what_is_written_reads_back),
        cmocka_unit_test (test_registration_day),
        cmocka_unit_test (test_clocks_run),
    };
    return cmocka_run_group_tests_name ("clock", tests, NULL, NULL);
}
