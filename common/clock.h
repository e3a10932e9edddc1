//  Times as people and law write them. Vietnam keeps UTC+7 all year. Pure, but for clock_now_ms.

#ifndef DAUMOI_CLOCK_H
#define DAUMOI_CLOCK_H

#include "base.h"

enum { CLOCK_TEXT = 40 };
#define CLOCK_DAY_MS (INT64_C (86400000))

int64_t clock_now_ms (void);       // wall clock of this machine
int64_t clock_monotonic_ms (void); // for time-outs only

//  RFC 3339 with offset ("2026-11-20T08:05:00+07:00", 'Z', optional fraction), or a bare date
//  ("2026-11-20" = 00:00 in Vietnam), years 1900 to 2200. -1 when it is none of these, a day that
//  does not exist, 24:00, a leap second, or an offset beyond 14 hours.
int clock_read (slice_t text, int64_t *ms);
//  "2026-11-20T08:05:00+07:00", fractions dropped; returns out.
const char *clock_write (int64_t ms, char out[CLOCK_TEXT]);

//  Days since 1970-01-01 in Vietnam, and back to 00:00 of that day.
int64_t clock_day (int64_t ms);
int64_t clock_day_start (int64_t day);
void clock_civil (int64_t day, int *year, int *month, int *mday);
int64_t clock_from_civil (int year, int month, int mday);
int clock_weekday (int64_t day);             // 0 Sunday .. 6 Saturday
void clock_yymmdd (int64_t ms, char out[8]); // day of registration, NUL-terminated

#endif
