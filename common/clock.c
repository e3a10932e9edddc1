#include "clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { YEAR_LEAST = 1900, YEAR_MOST = 2200, OFFSET_MOST_MINUTES = 14 * 60 };

static const int64_t vietnam_ms = INT64_C (7) * 3600 * 1000;

static int64_t
read_clock (clockid_t id)
{
    struct timespec now;
    clock_gettime (id, &now);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

int64_t
clock_now_ms (void)
{
    return read_clock (CLOCK_REALTIME);
}

int64_t
clock_monotonic_ms (void)
{
    return read_clock (CLOCK_MONOTONIC);
}

//  --- days

static int64_t
floor_div (int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

int64_t
clock_day (int64_t ms)
{
    return floor_div (ms + vietnam_ms, CLOCK_DAY_MS);
}

int64_t
clock_day_start (int64_t day)
{
    return day * CLOCK_DAY_MS - vietnam_ms;
}

//  Years are counted from 1 March, so that the leap day is the last of its year; 400 such years
//  (an era) have 146,097 days; day 0 (1970-01-01) is 719,468 days after 0000-03-01.
enum { ERA_DAYS = 146097, EPOCH_DAYS = 719468 };

int64_t
clock_from_civil (int year, int month, int mday)
{
    int64_t march_year = month > 2 ? year : year - 1;
    int64_t era = floor_div (march_year, 400);
    int64_t year_of_era = march_year - era * 400;
    int64_t march_month = (month + 9) % 12;
    int64_t day_of_year = (153 * march_month + 2) / 5 + mday - 1;
    int64_t leap_days = year_of_era / 4 - year_of_era / 100;
    return era * ERA_DAYS + year_of_era * 365 + leap_days + day_of_year - EPOCH_DAYS;
}

void
clock_civil (int64_t day, int *year, int *month, int *mday)
{
    int64_t era = floor_div (day + EPOCH_DAYS, ERA_DAYS);
    int64_t day_of_era = day + EPOCH_DAYS - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    *mday = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
    *month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2));
}

int
clock_weekday (int64_t day)
{
    //  1970-01-01 was a Thursday.
    return (int)(day + 4 - floor_div (day + 4, 7) * 7);
}

static bool
day_exists (int year, int month, int mday)
{
    if (year < YEAR_LEAST || year > YEAR_MOST || month < 1 || month > 12 || mday < 1 || mday > 31)
        return false;
    int same_year, same_month, same_mday;
    clock_civil (clock_from_civil (year, month, mday), &same_year, &same_month, &same_mday);
    return same_month == month && same_mday == mday;
}

//  --- reading: each step takes its characters from the front of the text, or fails

//  Exactly `count` digits.
static bool
take_digits (slice_t *text, size_t count, int *number)
{
    if (text->size < count)
        return false;
    *number = 0;
    for (size_t i = 0; i < count; i++) {
        if (text->ptr[i] < '0' || text->ptr[i] > '9')
            return false;
        *number = *number * 10 + (text->ptr[i] - '0');
    }
    *text = (slice_t){text->ptr + count, text->size - count};
    return true;
}

//  One character out of `allowed`; 0 when there is none.
static char
take_one (slice_t *text, const char *allowed)
{
    if (text->size == 0 || text->ptr[0] == 0 || !strchr (allowed, text->ptr[0]))
        return 0;
    char taken = text->ptr[0];
    *text = (slice_t){text->ptr + 1, text->size - 1};
    return taken;
}

static bool
take_date (slice_t *text, int64_t *day)
{
    int year, month, mday;
    if (!take_digits (text, 4, &year) || !take_one (text, "-") || !take_digits (text, 2, &month) ||
        !take_one (text, "-") || !take_digits (text, 2, &mday))
        return false;
    if (!day_exists (year, month, mday))
        return false;
    *day = clock_from_civil (year, month, mday);
    return true;
}

//  ".123" and further digits, which are dropped.
static bool
take_fraction (slice_t *text, int64_t *ms)
{
    *ms = 0;
    if (!take_one (text, "."))
        return true;
    int digit, worth = 100;
    if (!take_digits (text, 1, &digit))
        return false;
    do {
        *ms += digit * worth;
        worth /= 10;
    } while (take_digits (text, 1, &digit));
    return true;
}

static bool
take_time (slice_t *text, int64_t *ms)
{
    int hour, minute, second;
    int64_t fraction;
    if (!take_digits (text, 2, &hour) || !take_one (text, ":") || !take_digits (text, 2, &minute) ||
        !take_one (text, ":") || !take_digits (text, 2, &second) ||
        !take_fraction (text, &fraction))
        return false;
    //  No 24:00 and no leap second: each instant has one way to be written.
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ms = (((hour * 60) + minute) * 60 + second) * INT64_C (1000) + fraction;
    return true;
}

static bool
take_offset (slice_t *text, int64_t *ms)
{
    *ms = 0;
    if (take_one (text, "Zz"))
        return true;
    int hours, minutes;
    char sign = take_one (text, "+-");
    if (!sign || !take_digits (text, 2, &hours) || !take_one (text, ":") ||
        !take_digits (text, 2, &minutes))
        return false;
    int total = hours * 60 + minutes;
    *ms = (sign == '-' ? -total : total) * INT64_C (60000);
    return minutes < 60 && total <= OFFSET_MOST_MINUTES;
}

int
clock_read (slice_t text, int64_t *ms)
{
    int64_t day, time_ms, offset_ms;
    if (!take_date (&text, &day))
        return -1;
    if (text.size == 0) {
        *ms = clock_day_start (day);
        return 0;
    }
    if (!take_one (&text, "Tt") || !take_time (&text, &time_ms) ||
        !take_offset (&text, &offset_ms) || text.size)
        return -1;
    *ms = day * CLOCK_DAY_MS + time_ms - offset_ms;
    return 0;
}

//  --- writing

const char *
clock_write (int64_t ms, char out[CLOCK_TEXT])
{
    int year, month, mday;
    int64_t day = clock_day (ms);
    clock_civil (day, &year, &month, &mday);
    int second = (int)((ms - clock_day_start (day)) / 1000);
    snprintf (out, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d+07:00", year, month, mday,
        second / 3600, second / 60 % 60, second % 60);
    return out;
}

void
clock_yymmdd (int64_t ms, char out[8])
{
    int year, month, mday;
    clock_civil (clock_day (ms), &year, &month, &mday);
    int written = snprintf (out, 8, "%02d%02d%02d", year % 100, month, mday);
    assert (written == 6);
}
