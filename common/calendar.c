#include "calendar.h"

#include "clock.h"

//  What was passed over on the way, for the line that explains the date.
typedef struct {
    int64_t weekend_days;
    buffer_t holidays; // ", 16/02 Tết Âm lịch"
    buffer_t swapped;  // ", 10/01"
} passed_t;

static void
print_day (buffer_t *out, int64_t day)
{
    int year, month, mday;
    clock_civil (day, &year, &month, &mday);
    buffer_printf (out, "%02d/%02d/%04d", mday, month, year);
}

static bool
is_weekend (int64_t day)
{
    return clock_weekday (day) == 0 || clock_weekday (day) == 6;
}

static void
note_day (passed_t *passed, const profile_t *profile, int64_t day)
{
    if (!passed)
        return;
    slice_t name = profile_day_name (profile, day);
    bool works = profile_works (profile, day);
    if (works && is_weekend (day)) {
        buffer_printf (&passed->swapped, ", ");
        print_day (&passed->swapped, day);
    } else if (!works && !is_weekend (day)) {
        buffer_printf (&passed->holidays, ", ");
        print_day (&passed->holidays, day);
        buffer_printf (&passed->holidays, " %.*s", SLICE_ARGS (name));
    } else if (!works)
        passed->weekend_days++;
}

//  The n-th working day after a day.
static int64_t
count_working (const profile_t *profile, int64_t day, int64_t days, passed_t *passed)
{
    while (days > 0) {
        days -= profile_works (profile, ++day);
        note_day (passed, profile, day);
    }
    return day;
}

//  Civil Code 148.5: a last day off moves to the next working day.
static int64_t
move_to_working (const profile_t *profile, int64_t day, passed_t *passed)
{
    while (!profile_works (profile, day)) {
        note_day (passed, profile, day);
        day++;
    }
    return day;
}

static void
print_passed (buffer_t *out, passed_t *passed)
{
    if (passed->weekend_days)
        buffer_printf (out, "; %d ngày thứ Bảy, Chủ nhật", (int)passed->weekend_days);
    if (passed->holidays.size)
        buffer_printf (
            out, "; ngày nghỉ: %.*s", (int)passed->holidays.size - 2, passed->holidays.data + 2);
    if (passed->swapped.size)
        buffer_printf (out, "; làm bù được tính: %.*s", (int)passed->swapped.size - 2,
            passed->swapped.data + 2);
    buffer_free (&passed->holidays);
    buffer_free (&passed->swapped);
}

//  "từ 13/02/2026 (không tính ngày này), 7 ngày làm việc; 4 ngày ...; đến 24:00 ngày 03/03/2026"
static void
print_head (buffer_t *out, int64_t start, int64_t days, bool working)
{
    buffer_printf (out, "từ ");
    print_day (out, start);
    buffer_printf (
        out, " (không tính ngày này), %lld ngày%s", (long long)days, working ? " làm việc" : "");
}

int64_t
calendar_due (
    const profile_t *profile, int64_t start_ms, int64_t days, bool working, buffer_t *arithmetic)
{
    assert (days >= 0);
    passed_t passed = {0};
    passed_t *noted = arithmetic ? &passed : NULL;
    int64_t start = clock_day (start_ms);
    int64_t counted = working ? count_working (profile, start, days, noted) : start + days;
    int64_t last = move_to_working (profile, counted, noted);
    if (arithmetic) {
        print_head (arithmetic, start, days, working);
        if (last != counted) {
            buffer_printf (arithmetic, ", đến ");
            print_day (arithmetic, counted);
            buffer_printf (arithmetic, " là ngày nghỉ nên chuyển sang ngày làm việc tiếp theo");
        }
        print_passed (arithmetic, &passed);
        buffer_printf (arithmetic, "; hết 24:00 ngày ");
        print_day (arithmetic, last);
    }
    return clock_day_start (last + 1) - 1;
}

//  The variant that fits best: one that the rule does not have falls back to the plainer one.
static int64_t
rule_days (const rule_t *rule, bool remote, bool complex)
{
    if (remote && complex && rule->complex_remote_days)
        return rule->complex_remote_days;
    if (complex && rule->complex_days)
        return rule->complex_days;
    if (remote && rule->remote_days)
        return rule->remote_days;
    return rule->days;
}

int64_t
calendar_rule_due (const profile_t *profile, const rule_t *rule, int64_t start_ms, bool remote,
    bool complex, buffer_t *arithmetic)
{
    return calendar_due (
        profile, start_ms, rule_days (rule, remote, complex), rule->working, arithmetic);
}
