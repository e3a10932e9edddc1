#include "profile_inner.h"

#include "clock.h"

static bool
is_one_of (slice_t word, const char *const *words)
{
    for (; *words; words++)
        if (slice_is (word, *words))
            return true;
    return false;
}

//  --- rules.yaml

typedef struct {
    slice_t count; // "working" or "calendar"
    rule_t rule;
} rule_entry_t;

#define RULE_KEY(key, member, shape, required)                                                     \
    {                                                                                              \
        key, shape, required, offsetof (rule_entry_t, member)                                      \
    }

static const key_row_t rule_keys[] = {
    RULE_KEY ("id", rule.id, SHAPE_ID, true),
    RULE_KEY ("type", rule.type, SHAPE_CODE, false),
    RULE_KEY ("step", rule.step, SHAPE_CODE, true),
    RULE_KEY ("kind", rule.kind, SHAPE_CODE, true),
    RULE_KEY ("who", rule.who, SHAPE_CODE, true),
    RULE_KEY ("days", rule.days, SHAPE_NUMBER, true),
    RULE_KEY ("remote", rule.remote_days, SHAPE_NUMBER, false),
    RULE_KEY ("complex", rule.complex_days, SHAPE_NUMBER, false),
    RULE_KEY ("complex_remote", rule.complex_remote_days, SHAPE_NUMBER, false),
    RULE_KEY ("count", count, SHAPE_CODE, true),
    RULE_KEY ("basis", rule.basis, SHAPE_TEXT, true),
    RULE_KEY ("from", rule.from_day, SHAPE_DATE, true),
    RULE_KEY ("to", rule.to_day, SHAPE_DATE, false),
};

static const char *const rule_kinds[] = {"statutory", "promise", "internal", NULL};
static const char *const rule_owers[] = {"desk", "owner", "head", "arbiter", NULL};

static void
check_rule_words (spot_t spot, const rule_entry_t *entry)
{
    const rule_t *rule = &entry->rule;
    petition_type_t type = type_from (rule->type);
    if (rule->type.size && (type == TYPE_UNKNOWN || type == TYPE_COUNT))
        spot_error (spot, "type \"%s\" is none of the petition types", rule->type.ptr);
    if (rule->kind.ptr && !is_one_of (rule->kind, rule_kinds))
        spot_error (spot, "kind \"%s\" must be statutory, promise or internal", rule->kind.ptr);
    if (rule->who.ptr && !is_one_of (rule->who, rule_owers))
        spot_error (spot, "who \"%s\" must be desk, owner, head or arbiter", rule->who.ptr);
    if (entry->count.ptr && !slice_is (entry->count, "working") &&
        !slice_is (entry->count, "calendar"))
        spot_error (spot, "count \"%s\" must be working or calendar", entry->count.ptr);
    if (rule->to_day && rule->to_day <= rule->from_day)
        spot_error (spot, "the rule ends before it begins: \"to\" is the first day without it");
}

static void
load_rule (spot_t spot, name_index_t *ids)
{
    profile_t *profile = spot.loader->profile;
    rule_entry_t entry = {.rule = {.type = SLICE ("")}};
    bool good = spot_read (spot, rule_keys, sizeof rule_keys / sizeof *rule_keys, &entry);
    check_rule_words (spot, &entry);
    entry.rule.working = slice_is (entry.count, "working");
    rule_t *rule = &profile->rules[profile->rule_count];
    *rule = entry.rule;
    if (rule->id.ptr && !name_index_put (ids, rule->id, rule))
        spot_error (spot, "rule \"%s\" is defined twice: choose another id", rule->id.ptr);
    if (!good)
        return;
    spot.loader->rule_spots[profile->rule_count++] = spot;
}

void
load_rules (loader_t *loader)
{
    spot_t rules = {0};
    profile_t *profile = loader->profile;
    const key_row_t keys[] = {{"rules", SHAPE_SPOT, true, 0}};
    spot_read (profile_root (loader, PROFILE_FILE_RULES), keys, 1, &rules);
    size_t count = spot_count (rules);
    profile->rules = arena_alloc (profile->arena, count * sizeof *profile->rules + 1);
    loader->rule_spots = arena_alloc (profile->arena, count * sizeof (spot_t) + 1);
    name_index_t ids = {0};
    for (size_t i = 0; i < count; i++)
        load_rule (spot_item (rules, i), &ids);
    name_index_free (&ids);
}

//  --- what must hold between rules

static bool
rules_collide (const rule_t *a, const rule_t *b)
{
    return slice_equals (a->type, b->type) && slice_equals (a->step, b->step) &&
           slice_equals (a->kind, b->kind) && (!b->to_day || a->from_day < b->to_day) &&
           (!a->to_day || b->from_day < a->to_day);
}

static void
check_collisions (loader_t *loader)
{
    const profile_t *profile = loader->profile;
    for (size_t i = 0; i < profile->rule_count; i++)
        for (size_t j = 0; j < i; j++)
            if (rules_collide (&profile->rules[i], &profile->rules[j]))
                spot_error (loader->rule_spots[i],
                    "rule \"%s\" overlaps \"%s\" in line %d (same type, step and kind): end one "
                    "before the other begins",
                    profile->rules[i].id.ptr, profile->rules[j].id.ptr,
                    spot_line (loader->rule_spots[j]));
}

//  The steps in which every type of petition may rest: each needs a clock at all times (a case
//  without a next alarm would be a dead end).
static const char *const resting_steps[] = {"triage", "assigned", "transferred", "promise", NULL};

static void
check_no_end (loader_t *loader, petition_type_t type, const char *step)
{
    const int64_t far = clock_from_civil (9000, 1, 1);
    if (!profile_rule (loader->profile, type, slice_from (step), far))
        spot_error (profile_root (loader, PROFILE_FILE_RULES),
            "no rule without an end for step \"%s\" of type \"%s\": add one", step,
            type_code (type));
}

//  Where a rule ends another must begin.
static void
check_successor (loader_t *loader, size_t row)
{
    const rule_t *rule = &loader->profile->rules[row];
    if (!rule->to_day || !is_one_of (rule->step, resting_steps))
        return;
    for (int type = 0; type < TYPE_COUNT; type++) {
        bool meant = !rule->type.size || slice_is (rule->type, type_code (type));
        if (meant && !profile_rule (loader->profile, type, rule->step, rule->to_day))
            spot_error (loader->rule_spots[row],
                "no rule follows \"%s\" for type \"%s\" on the day that it ends", rule->id.ptr,
                type_code (type));
    }
}

void
check_rules (loader_t *loader)
{
    check_collisions (loader);
    for (size_t i = 0; i < loader->profile->rule_count; i++)
        check_successor (loader, i);
    for (int type = 0; type < TYPE_COUNT; type++)
        for (const char *const *step = resting_steps; *step; step++)
            check_no_end (loader, type, *step);
}
