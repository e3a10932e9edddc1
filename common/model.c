#include "model.h"

static const struct {
    const char *code, *vi, *en;
} types[] = {
#define X(name, code, vi, en) {code, vi, en},
    PETITION_TYPES (X)
#undef X
};

static const struct {
    const char *code;
    bool live;
    const char *vi, *en;
} states[] = {
#define X(name, code, live, vi, en) {code, live, vi, en},
    CASE_STATES (X)
#undef X
};

static const char *const channels[] = {
#define X(name, code) code,
    CHANNELS (X)
#undef X
};

static const char *const flags[] = {
#define X(name, code) code,
    LABEL_FLAGS (X)
#undef X
};

const char *
type_code (petition_type_t type)
{
    assert (type < TYPE_COUNT);
    return types[type].code;
}

petition_type_t
type_from (slice_t code)
{
    for (size_t i = 0; i < TYPE_COUNT; i++)
        if (slice_is (code, types[i].code))
            return (petition_type_t)i;
    return TYPE_COUNT;
}

const char *
type_name (petition_type_t type, bool english)
{
    assert (type < TYPE_COUNT);
    return english ? types[type].en : types[type].vi;
}

bool
type_is_secret (petition_type_t type)
{
    return type == TYPE_TO_CAO || type == TYPE_THONG_TIN_TO_CAO;
}

const char *
state_code (case_state_t state)
{
    assert (state < STATE_COUNT);
    return states[state].code;
}

case_state_t
state_from (slice_t code)
{
    for (size_t i = 0; i < STATE_COUNT; i++)
        if (slice_is (code, states[i].code))
            return (case_state_t)i;
    return STATE_COUNT;
}

const char *
state_name (case_state_t state, bool english)
{
    assert (state < STATE_COUNT);
    return english ? states[state].en : states[state].vi;
}

bool
state_is_live (case_state_t state)
{
    assert (state < STATE_COUNT);
    return states[state].live;
}

channel_t
channel_from (slice_t code)
{
    for (size_t i = 0; i < CHANNEL_COUNT; i++)
        if (slice_is (code, channels[i]))
            return (channel_t)i;
    return CHANNEL_COUNT;
}

const char *
flag_code (flag_bit_t bit)
{
    assert (bit < FLAG_COUNT);
    return flags[bit];
}
