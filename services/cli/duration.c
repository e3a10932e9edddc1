#include "duration.h"

#define MOST_MS (INT64_C (100) * 366 * 86400000)

static int64_t
unit_ms (char unit)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (units[i].unit == unit)
            return units[i].ms;
    return 0;
}

bool
duration_read (slice_t text, int64_t *ms)
{
    int64_t number = 0, sum = 0;
    bool digits = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.ptr[i];
        if (c >= '0' && c <= '9') {
            number = number * 10 + (c - '0');
            digits = true;
            if (number > MOST_MS)
                return false;
            continue;
        }
        int64_t unit = unit_ms (c);
        if (!unit || !digits || number > (MOST_MS - sum) / unit)
            return false;
        sum += number * unit;
        number = 0;
        digits = false;
    }
    *ms = sum;
    return text.size && !digits;
}
