#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model.h"

static void
test_types_round_trip (void **state)
{
    (void)state;
    for (int i = 0; i < TYPE_COUNT; i++) {
        petition_type_t type = (petition_type_t)i;
        assert_int_equal (type_from (slice_from (type_code (type))), type);
        assert_true (type_name (type, false)[0] != 0);
        assert_true (type_name (type, true)[0] != 0);
    }
    assert_int_equal (type_from (SLICE ("khieu_nai")), TYPE_KHIEU_NAI);
    assert_string_equal (type_name (TYPE_TO_CAO, false), "tố cáo");
    assert_string_equal (type_name (TYPE_TO_CAO, true), "denunciation");
}

static void
test_no_type_is_unknown_and_a_stranger_is_refused (void **state)
{
    (void)state;
    assert_int_equal (type_from (SLICE ("")), TYPE_UNKNOWN);
    assert_int_equal (type_from ((slice_t){NULL, 0}), TYPE_UNKNOWN);
    assert_int_equal (type_from (SLICE ("khieu_na")), TYPE_COUNT);
    assert_int_equal (type_from (SLICE ("khieu_naii")), TYPE_COUNT);
}

static void
test_denunciations_alone_are_secret (void **state)
{
    (void)state;
    for (int i = 0; i < TYPE_COUNT; i++) {
        bool secret = i == TYPE_TO_CAO || i == TYPE_THONG_TIN_TO_CAO;
        assert_int_equal (type_is_secret ((petition_type_t)i), secret);
    }
}

static void
test_states_round_trip (void **state)
{
    (void)state;
    for (int i = 0; i < STATE_COUNT; i++) {
        case_state_t one = (case_state_t)i;
        assert_int_equal (state_from (slice_from (state_code (one))), one);
        assert_true (state_name (one, false)[0] != 0);
        assert_true (state_name (one, true)[0] != 0);
    }
    assert_int_equal (state_from (SLICE ("")), STATE_COUNT);
    assert_int_equal (state_from (SLICE ("asigned")), STATE_COUNT);
}

//  A live state needs a next alarm; one that has ended must not have one.
static void
test_states_that_live (void **state)
{
    (void)state;
    assert_true (state_is_live (STATE_RECEIVED));
    assert_true (state_is_live (STATE_TRIAGE));
    assert_true (state_is_live (STATE_ASSIGNED));
    assert_true (state_is_live (STATE_TRANSFERRED));
    assert_false (state_is_live (STATE_GUIDED));
    assert_false (state_is_live (STATE_FILED));
}

static void
test_channels_and_flags (void **state)
{
    (void)state;
    assert_int_equal (channel_from (SLICE ("counter")), CHANNEL_COUNTER);
    assert_int_equal (channel_from (SLICE ("forwarded")), CHANNEL_FORWARDED);
    assert_int_equal (channel_from (SLICE ("")), CHANNEL_COUNT);
    assert_string_equal (flag_code (FLAG_BIT_MASS), "mass");
    assert_string_equal (flag_code (FLAG_BIT_INELIGIBLE), "ineligible_form");
    assert_int_equal (FLAG_MASS, 1);
    assert_int_equal (FLAG_INELIGIBLE, 1 << FLAG_BIT_INELIGIBLE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_types_round_trip),
        cmocka_unit_test (test_no_type_is_unknown_and_a_stranger_is_refused),
        cmocka_unit_test (test_denunciations_alone_are_secret),
        cmocka_unit_test (test_states_round_trip),
        cmocka_unit_test (test_states_that_live),
        cmocka_unit_test (test_channels_and_flags),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
