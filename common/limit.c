#include "limit.h"

#include "calendar.h"
#include "clock.h"

bool
limit_start (const profile_t *profile, petition_type_t type, const char *step, int64_t start_ms,
    bool remote, case_clock_t *clock)
{
    const rule_t *rule = profile_rule (profile, type, slice_from (step), clock_day (start_ms));
    if (!rule)
        return false;
    *clock = (case_clock_t){
        .step = slice_from (step),
        .kind = rule->kind,
        .who = rule->who,
        .rule = rule->id,
        .start_ms = start_ms,
        .due_ms = calendar_rule_due (profile, rule, start_ms, remote, false, NULL),
    };
    return true;
}

void
limit_set (change_t *change, const case_clock_t *clocks, size_t count, arena_t *arena)
{
    buffer_t text = {0};
    int64_t next_ms = case_clocks_next (clocks, count);
    case_clocks_write (clocks, count, &text);
    change_set (change, 'k', arena_copy (arena, buffer_slice (&text)));
    if (next_ms)
        change_set_number (change, 'n', next_ms, arena);
    else
        change_set (change, 'n', (slice_t){"", 0});
    buffer_free (&text);
}
