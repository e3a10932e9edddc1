#include "profile_inner.h"

//  The tree: one top, everyone else with a superior of the right level, nobody above himself, and
//  everywhere a head. Every ladder climbs it, so a flaw here would be a dead end (promise 3).

static void
unit_error (loader_t *loader, const unit_t *unit, const char *text)
{
    profile_error (loader, unit->file, unit->line, "unit \"%s\" %s", unit->id.ptr, text);
}

static void
link_superior (loader_t *loader, size_t row)
{
    profile_t *profile = loader->profile;
    const superior_t *superior = &loader->superiors[row];
    unit_t *unit = &profile->units[row];
    if (!superior->id.ptr)
        return;
    unit->superior = profile_unit (profile, superior->id);
    if (!unit->superior)
        spot_error (superior->spot,
            "superior \"%s\" of unit \"%s\" does not exist: define it or "
            "correct the id",
            superior->id.ptr, unit->id.ptr);
}

//  Level -> the level that its superior must have.
static const unit_level_t level_above[] = {
    [LEVEL_DEPARTMENT] = LEVEL_PROVINCE,
    [LEVEL_SUBUNIT] = LEVEL_DEPARTMENT,
    [LEVEL_COMMUNE] = LEVEL_PROVINCE,
    [LEVEL_DIVISION] = LEVEL_COMMUNE,
    [LEVEL_OUTSIDE] = LEVEL_OUTSIDE,
};

//  Schools and the like may also stand under a commune.
static bool
stands_under (const unit_t *unit, const unit_t *superior)
{
    return superior->level == level_above[unit->level] ||
           (unit->level == LEVEL_SUBUNIT && superior->level == LEVEL_COMMUNE);
}

static void
check_tree_unit (loader_t *loader, const unit_t *unit)
{
    if (unit->kind == UNIT_TREE && !unit->head.size)
        unit_error (loader, unit, "has no head: name the post that answers for it");
    if (unit == loader->profile->top) {
        if (!unit->substitute.size)
            unit_error (loader, unit, "is the top and has no substitute: name who stands in");
        return;
    }
    if (unit->kind == UNIT_TREE && unit->level == LEVEL_PROVINCE)
        unit_error (loader, unit, "is a second top: only one unit has level province");
    else if (unit->kind == UNIT_TREE && !unit->superior)
        unit_error (loader, unit, "has no superior: only the top may have none");
    else if (unit->superior && !stands_under (unit, unit->superior))
        unit_error (loader, unit,
            unit->kind == UNIT_TREE
                ? "has a superior of the wrong level: department under province, subunit under "
                  "department or commune, division under commune"
                : "is outside the tree, so its superior must be too");
}

static void
check_cycle (loader_t *loader, const unit_t *unit)
{
    const unit_t *above = unit->superior;
    for (size_t steps = 0; above && steps < loader->profile->unit_count; steps++) {
        if (above == unit) {
            unit_error (loader, unit, "is its own superior by a cycle: break it");
            return;
        }
        above = above->superior;
    }
}

static const unit_t *
find_top (loader_t *loader)
{
    const profile_t *profile = loader->profile;
    for (size_t i = 0; i < profile->unit_count; i++)
        if (profile->units[i].kind == UNIT_TREE && profile->units[i].level == LEVEL_PROVINCE)
            return &profile->units[i];
    profile_error (loader, loader->files[PROFILE_FILE_UNITS].name, 1,
        "no unit has level province: the tree needs one top");
    return NULL;
}

void
check_tree (loader_t *loader)
{
    profile_t *profile = loader->profile;
    loader->expanding = true;
    for (size_t i = 0; i < profile->unit_count; i++)
        link_superior (loader, i);
    profile->top = find_top (loader);
    if (profile->top && profile->top->superior)
        unit_error (loader, profile->top, "is the top and has a superior: remove it");
    for (size_t i = 0; i < profile->unit_count; i++) {
        check_cycle (loader, &profile->units[i]);
        check_tree_unit (loader, &profile->units[i]);
    }
    loader->expanding = false;
}
