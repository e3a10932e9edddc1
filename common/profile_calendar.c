#include "profile_inner.h"

#include <stdio.h>

#include "clock.h"

static bool
is_weekend (int64_t day)
{
    return clock_weekday (day) == 0 || clock_weekday (day) == 6;
}

static void
add_day (spot_t spot, int64_t day, bool works, slice_t name)
{
    profile_t *profile = spot.loader->profile;
    profile->days[profile->day_count++] =
        (special_day_t){.day = day, .works = works, .name = name, .line = spot_line (spot)};
}

typedef struct {
    int64_t date;
    slice_t name, basis;
} holiday_t;

static const key_row_t holiday_keys[] = {
    KEY (holiday_t, date, SHAPE_DATE, true),
    KEY (holiday_t, name, SHAPE_TEXT, true),
    KEY (holiday_t, basis, SHAPE_TEXT, true),
};

static void
load_holiday (spot_t spot)
{
    holiday_t entry = {0};
    if (spot_read (spot, holiday_keys, sizeof holiday_keys / sizeof *holiday_keys, &entry))
        add_day (spot, entry.date, false, entry.name);
}

typedef struct {
    int64_t off, worked;
    slice_t name, basis;
} swap_t;

static const key_row_t swap_keys[] = {
    KEY (swap_t, off, SHAPE_DATE, true),
    KEY (swap_t, worked, SHAPE_DATE, true),
    KEY (swap_t, name, SHAPE_TEXT, true),
    KEY (swap_t, basis, SHAPE_TEXT, true),
};

static void
load_swap (spot_t spot)
{
    swap_t entry = {0};
    if (!spot_read (spot, swap_keys, sizeof swap_keys / sizeof *swap_keys, &entry))
        return;
    if (is_weekend (entry.off))
        spot_error (spot, "\"off\" is a Saturday or Sunday: nobody works then anyway");
    if (!is_weekend (entry.worked))
        spot_error (spot, "\"worked\" is no Saturday or Sunday: it is a working day already");
    add_day (spot, entry.off, false, entry.name);
    add_day (spot, entry.worked, true, entry.name);
}

static int
compare_days (const void *a, const void *b)
{
    const special_day_t *one = a, *two = b;
    if (one->day != two->day)
        return one->day < two->day ? -1 : 1;
    return one->line - two->line;
}

static void
check_days (loader_t *loader)
{
    const profile_t *profile = loader->profile;
    for (size_t i = 1; i < profile->day_count; i++)
        if (profile->days[i].day == profile->days[i - 1].day)
            profile_error (loader, loader->files[PROFILE_FILE_CALENDAR].name, profile->days[i].line,
                "the day is given in line %d already: keep one of the two",
                profile->days[i - 1].line);
}

typedef struct {
    spot_t holidays, swapped;
} calendar_file_t;

static const key_row_t calendar_file_keys[] = {
    KEY (calendar_file_t, holidays, SHAPE_SPOT, true),
    KEY (calendar_file_t, swapped, SHAPE_SPOT, true),
};

void
load_calendar (loader_t *loader)
{
    calendar_file_t file = {0};
    profile_t *profile = loader->profile;
    spot_read (profile_root (loader, PROFILE_FILE_CALENDAR), calendar_file_keys, 2, &file);
    size_t holidays = spot_count (file.holidays), swaps = spot_count (file.swapped);
    profile->days =
        arena_alloc (profile->arena, (holidays + 2 * swaps) * sizeof *profile->days + 1);
    for (size_t i = 0; i < holidays; i++)
        load_holiday (spot_item (file.holidays, i));
    for (size_t i = 0; i < swaps; i++)
        load_swap (spot_item (file.swapped, i));
    qsort (profile->days, profile->day_count, sizeof *profile->days, compare_days);
    check_days (loader);
}

static int
compare_day (const void *key, const void *row)
{
    int64_t day = *(const int64_t *)key, other = ((const special_day_t *)row)->day;
    return day < other ? -1 : day > other;
}

static const special_day_t *
find_day (const profile_t *self, int64_t day)
{
    return self->day_count
               ? bsearch (&day, self->days, self->day_count, sizeof *self->days, compare_day)
               : NULL;
}

bool
profile_works (const profile_t *self, int64_t day)
{
    const special_day_t *special = find_day (self, day);
    return special ? special->works : !is_weekend (day);
}

slice_t
profile_day_name (const profile_t *self, int64_t day)
{
    const special_day_t *special = find_day (self, day);
    return special ? special->name : SLICE ("");
}
