#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "calendar.h"
#include "clock.h"

static profile_t *profile;

static int
load (void **state)
{
    (void)state;
    refusal_t refusal = {0};
    profile = profile_load ("deploy/profiles/quang-ninh", NULL, &refusal);
    if (!profile)
        fprintf (stderr, "%s: %s\n", refusal.field, refusal.text);
    return profile ? 0 : -1;
}

static int
unload (void **state)
{
    (void)state;
    profile_destroy (&profile);
    return 0;
}

static int64_t
time_of (const char *text)
{
    int64_t ms;
    assert_int_equal (clock_read (slice_from (text), &ms), 0);
    return ms;
}

//  The last day of the period, as YYYY-MM-DD; the due time must be its last millisecond.
static void
assert_due (const char *start, int64_t days, bool working, const char *last_day)
{
    int64_t due = calendar_due (profile, time_of (start), days, working, NULL);
    char text[CLOCK_TEXT];
    clock_write (due, text);
    text[10] = 0;
    assert_string_equal (text, last_day);
    assert_true (due == time_of (last_day) + CLOCK_DAY_MS - 1);
}

//  Each worked out by hand with the calendar on the wall.
static const struct {
    const char *start;
    int64_t days;
    bool working;
    const char *last;
} examples[] = {
    //  Thursday 12, Friday 13, the week of Tết, Monday 23 to Friday 27.
    {"2026-02-11", 7, true, "2026-02-27"},
    //  Its last day is the first of Tết: it ends on the first working day after it.
    {"2026-01-17", 30, false, "2026-02-23"},
    //  New Year, the bridge day 2 January, the weekend.
    {"2025-12-31", 1, true, "2026-01-05"},
    {"2025-12-03", 30, false, "2026-01-05"},
    //  Saturday 10 January is worked for it: counted, and a period may end on it.
    {"2026-01-08", 2, true, "2026-01-10"},
    {"2025-12-31", 10, false, "2026-01-10"},
    //  The Saturdays around it are not.
    {"2026-01-09", 2, true, "2026-01-12"},
    {"2026-01-07", 10, false, "2026-01-19"},
    //  Monday 31 August is the bridge to 1 and 2 September, worked on Saturday 22.
    {"2026-08-28", 1, true, "2026-09-03"},
    {"2026-08-21", 1, true, "2026-08-22"},
    {"2026-08-01", 30, false, "2026-09-03"},
    //  Hùng Vương on Sunday 26 April is made up for on Monday 27.
    {"2026-04-16", 10, false, "2026-04-28"},
    {"2026-04-24", 1, true, "2026-04-28"},
    //  24 November 2026, Vietnamese Culture Day, a Tuesday.
    {"2026-11-23", 1, true, "2026-11-25"},
    {"2026-10-25", 30, false, "2026-11-25"},
    //  The same day of 2025 was worked.
    {"2025-11-21", 1, true, "2025-11-24"},
    //  Swap of 2025: Friday 2 May free, Saturday 26 April worked.
    {"2025-04-25", 2, true, "2025-04-28"},
    {"2025-04-29", 1, true, "2025-05-05"},
    //  No days at all end today, or on the next working day.
    {"2026-11-20", 0, true, "2026-11-20"},
    {"2026-11-21", 0, false, "2026-11-23"},
    //  A leap year's February, which nobody should notice.
    {"2028-02-25", 4, false, "2028-02-29"},
};

static void
test_examples (void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        assert_due (examples[i].start, examples[i].days, examples[i].working, examples[i].last);
}

//  The day of the event is not counted, whatever its hour; it is Vietnam's day, not London's.
static void
test_the_hour_does_not_count (void **state)
{
    (void)state;
    assert_due ("2026-11-18T00:00:00+07:00", 1, true, "2026-11-19");
    assert_due ("2026-11-18T23:59:59.999+07:00", 1, true, "2026-11-19");
    assert_due ("2026-11-17T17:00:00Z", 1, true, "2026-11-19");
    assert_due ("2026-11-17T16:59:59Z", 1, true, "2026-11-18");
}

static void
assert_arithmetic (const char *start, int64_t days, bool working, const char *expected)
{
    buffer_t line = {0};
    calendar_due (profile, time_of (start), days, working, &line);
    buffer_append (&line, "", 1);
    assert_string_equal (line.data, expected);
    buffer_free (&line);
}

static void
test_the_arithmetic_can_be_checked_by_a_reader (void **state)
{
    (void)state;
    assert_arithmetic ("2026-11-23", 1, true,
        "từ 23/11/2026 (không tính ngày này), 1 ngày làm việc; ngày nghỉ: 24/11/2026 Ngày Văn hóa "
        "Việt Nam; hết 24:00 ngày 25/11/2026");
    assert_arithmetic ("2026-01-08", 3, true,
        "từ 08/01/2026 (không tính ngày này), 3 ngày làm việc; 1 ngày thứ Bảy, Chủ nhật; làm bù "
        "được tính: 10/01/2026; hết 24:00 ngày 12/01/2026");
    assert_arithmetic ("2026-04-16", 10, false,
        "từ 16/04/2026 (không tính ngày này), 10 ngày, đến 26/04/2026 là ngày nghỉ nên chuyển sang "
        "ngày làm việc tiếp theo; 1 ngày thứ Bảy, Chủ nhật; ngày nghỉ: 27/04/2026 nghỉ bù Giỗ Tổ "
        "Hùng Vương; hết 24:00 ngày 28/04/2026");
    assert_arithmetic ("2026-11-02", 3, false,
        "từ 02/11/2026 (không tính ngày này), 3 ngày; hết 24:00 ngày "
        "05/11/2026");
}

static void
test_variants_of_a_rule (void **state)
{
    (void)state;
    const rule_t rule = {
        .days = 30, .remote_days = 45, .complex_days = 46, .complex_remote_days = 60};
    const rule_t plain = {.days = 5, .working = true};
    int64_t start = time_of ("2026-05-04"); // no holiday for weeks
    const struct {
        bool remote, complex;
        int64_t days;
    } rows[] = {{false, false, 30}, {true, false, 45}, {false, true, 46}, {true, true, 60}};
    for (size_t i = 0; i < 4; i++)
        assert_true (calendar_rule_due (profile, &rule, start, rows[i].remote, rows[i].complex,
                         NULL) == calendar_due (profile, start, rows[i].days, false, NULL));
    assert_true (calendar_rule_due (profile, &plain, start, true, true, NULL) ==
                 calendar_due (profile, start, 5, true, NULL));
}

static int64_t
working_days_between (int64_t after, int64_t to)
{
    int64_t count = 0;
    for (int64_t day = after + 1; day <= to; day++)
        count += profile_works (profile, day);
    return count;
}

static void
assert_properties (int64_t start, int64_t days)
{
    int64_t ms = clock_day_start (start);
    int64_t calendar = clock_day (calendar_due (profile, ms, days, false, NULL));
    int64_t working = clock_day (calendar_due (profile, ms, days, true, NULL));
    assert_true (profile_works (profile, calendar));
    assert_true (profile_works (profile, working));
    assert_true (calendar >= start + days);
    assert_int_equal (working_days_between (start + days - 1, calendar - 1), 0);
    if (days > 0)
        assert_int_equal (working_days_between (start, working), days);
    assert_true (working >= start + days);
    if (days > 0)
        assert_true (calendar_due (profile, ms, days + 1, true, NULL) >
                     calendar_due (profile, ms, days, true, NULL));
    assert_true (calendar_due (profile, ms, days + 1, false, NULL) >=
                 calendar_due (profile, ms, days, false, NULL));
    assert_true (calendar_due (profile, ms + CLOCK_DAY_MS, days, true, NULL) >=
                 calendar_due (profile, ms, days, true, NULL));
}

//  For every day of three years and many lengths: never due on a day off, exactly as many working
//  days as the law gives, and who comes later is never due earlier.
static void
test_properties (void **state)
{
    (void)state;
    int64_t from = clock_from_civil (2025, 1, 1), to = clock_from_civil (2028, 1, 1);
    for (int64_t start = from; start < to; start++)
        for (int64_t days = 0; days <= 60; days += days < 12 ? 1 : 12)
            assert_properties (start, days);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_examples),
        cmocka_unit_test (test_the_hour_does_not_count),
        cmocka_unit_test (test_the_arithmetic_can_be_checked_by_a_reader),
        cmocka_unit_test (test_variants_of_a_rule),
        cmocka_unit_test (test_properties),
    };
    return cmocka_run_group_tests (tests, load, unload);
}
