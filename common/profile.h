//  The profile: law, organisation, competence, calendar and places as data, a folder of YAML files,
//  read and checked as a whole. Errors name file and line. Immutable once loaded.

#ifndef DAUMOI_PROFILE_H
#define DAUMOI_PROFILE_H

#include "base.h"
#include "model.h"

typedef enum { UNIT_TREE, UNIT_VERTICAL, UNIT_EXTERNAL } unit_kind_t;
//  Where a unit stands: who settles what depends on it (LKN 17-21, LTC 13).
typedef enum {
    LEVEL_PROVINCE,   // the province People's Committee: the top
    LEVEL_DEPARTMENT, // departments and bodies directly under the province
    LEVEL_SUBUNIT,    // units under a department, schools and the like of a commune
    LEVEL_COMMUNE,    // the 54 communes' People's Committees
    LEVEL_DIVISION,   // divisions of a commune: no settling power of their own (LKN 17)
    LEVEL_OUTSIDE     // vertical and external bodies
} unit_level_t;

typedef struct unit unit_t;
struct unit {
    slice_t id; // "so-nnmt", "ha-tu", "ha-tu.kt"
    slice_t name, name_en;
    unit_kind_t kind;
    unit_level_t level;
    const unit_t *superior; // NULL only for the top and for bodies outside the tree
    slice_t head;           // title of the post that answers for it: "Giám đốc Sở ..."
    slice_t substitute;     // for the top: who stands in (promise 3)
    slice_t place;          // commune code, for communes and their divisions
    slice_t aliases;        // further names, folded, '|' between them
    const char *file;       // where it was defined
    int line;
};

typedef struct {
    slice_t id, name;
    const unit_t *unit;               // owner of a case until a unit is assigned
    slice_t place;                    // commune code; "" at the province
    const unit_t *superior_desk_unit; // whose desk takes what this desk may not see
} desk_t;

typedef struct {
    slice_t code, name, name_en; // "land", or finer "land.compensation"
    slice_t parent;              // "" for the top level
    slice_t words; // phrases of letters that name a finer field, folded, '|' between them; or ""
} profile_field_t;

typedef struct {
    slice_t code;     // same as the commune's unit id: "ha-tu"
    slice_t name;     // "Phường Hà Tu"
    slice_t official; // "06652"
    bool remote;
    const unit_t *unit;
} place_t;

//  A time limit: how long a step may take.
typedef struct {
    slice_t id, type, step;                                       // type "" = all
    slice_t kind;                                                 // statutory | promise | internal
    slice_t who;                                                  // desk | owner | head | arbiter
    int64_t days, remote_days, complex_days, complex_remote_days; // 0 = no such variant
    bool working;             // working days, else calendar days
    slice_t basis;            // the article
    int64_t from_day, to_day; // days since 1970 on which it applies; to_day exclusive, 0 = open
} rule_t;

typedef struct profile profile_t;

//  Reads and checks a folder; NULL with file:line in refusal->field. Every error found is also
//  written to `errors` (may be NULL), one per line, so that all can be mended at once.
profile_t *profile_load (const char *folder, buffer_t *errors, refusal_t *refusal);
void profile_destroy (profile_t **self_p);

//  32 hex digits over the files' bytes: a change computed under another profile is refused.
const char *profile_hash (const profile_t *self);
slice_t profile_name (const profile_t *self);
slice_t profile_province (const profile_t *self);          // "H49"
int64_t profile_received_max_days (const profile_t *self); // oldest `received`
bool profile_assigns_alone (const profile_t *self, petition_type_t type);

//  NULL when there is none. Hash look-ups, no allocation.
const unit_t *profile_unit (const profile_t *self, slice_t id);
const desk_t *profile_desk (const profile_t *self, slice_t id);
const profile_field_t *profile_field (const profile_t *self, slice_t code);
const place_t *profile_place (const profile_t *self, slice_t code);
const unit_t *profile_top (const profile_t *self);
//  All of them, in file order.
const unit_t *profile_units (const profile_t *self, size_t *count);
const desk_t *profile_desks (const profile_t *self, size_t *count);
const profile_field_t *profile_fields (const profile_t *self, size_t *count);
const place_t *profile_places (const profile_t *self, size_t *count);

//  Exactly one unit for a proposal or report (checked total at load): by field and place when the
//  matter is local, by field alone at the province. A finer field falls back to its parent.
const unit_t *profile_competent (const profile_t *self, slice_t field, const place_t *place);

//  A former place name (folded) -> the places it went to. Returns how many were written (<= max).
size_t profile_former_place (
    const profile_t *self, slice_t folded_name, const place_t **out, size_t max);

//  The rule in force for a type and step on a day; NULL when there is none.
const rule_t *profile_rule (const profile_t *self, petition_type_t type, slice_t step, int64_t day);

//  Calendar: is it a working day (weekends, holidays, swapped Saturdays)?
bool profile_works (const profile_t *self, int64_t day);
//  Why the calendar names this day ("Giỗ Tổ Hùng Vương", a swap); "" for any other day.
slice_t profile_day_name (const profile_t *self, int64_t day);

//  What it holds, for `daumoi profile check`: one "name: count" per line.
void profile_describe (const profile_t *self, buffer_t *out);

#endif
