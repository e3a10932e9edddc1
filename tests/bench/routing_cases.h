//  Cases whose responsible body is known, read against a profile: what evaluate_routing scores.

#ifndef DAUMOI_ROUTING_CASES_H
#define DAUMOI_ROUTING_CASES_H

#include <jansson.h>

#include "assignment/competence.h"

typedef struct {
    slice_t name; // folded
    const unit_t *unit;
} named_t;

typedef struct {
    const char *id, *text, *expected, *decision, *basis;
    json_t *also;
    const desk_t *desk;
    petition_type_t type;
    slice_t field;
    int64_t at_ms;
    matter_t facts; // as a reader takes them; its field is the finer one, or empty
} sample_t;

typedef struct {
    const char *file; // for messages
    const profile_t *profile;
    arena_t *arena; // everything read lives in it, or in records
    json_t *records;
    named_t *names;
    size_t name_count;
    sample_t *samples;
    size_t count;
} routing_cases_t;

//  Reads both files; what is wrong in them ends the program with a line that says where.
void routing_cases_read (routing_cases_t *self, const profile_t *profile, arena_t *arena,
    const char *data, const char *facts);
void routing_cases_free (routing_cases_t *self);

//  The unit that a name or alias means; NULL when the profile has none.
const unit_t *routing_unit_named (const routing_cases_t *self, const char *name);

#endif
