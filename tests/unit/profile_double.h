//  A profile small enough to see whole, for tests of what only looks things up in one. Defining its
//  functions here keeps the real profile, and its files, out of the program.

#ifndef DAUMOI_PROFILE_DOUBLE_H
#define DAUMOI_PROFILE_DOUBLE_H

#include "profile.h"

struct profile {
    int64_t received_max_days;
    desk_t desk;
    profile_field_t field;
};

static const profile_t profile_double = {
    .received_max_days = 30,
    .desk = {.id = {"tcd-tinh", 8}},
    .field = {.code = {"land", 4}},
};

const desk_t *
profile_desk (const profile_t *self, slice_t id)
{
    return slice_equals (self->desk.id, id) ? &self->desk : NULL;
}

const profile_field_t *
profile_field (const profile_t *self, slice_t code)
{
    return slice_equals (self->field.code, code) ? &self->field : NULL;
}

int64_t
profile_received_max_days (const profile_t *self)
{
    return self->received_max_days;
}

#endif
