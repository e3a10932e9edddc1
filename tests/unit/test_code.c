#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "code.h"

static const slice_t province = SLICE ("H49");

//  A code with a day and number made from `i`; desks as they occur.
static size_t
sample (char out[CODE_MAX], unsigned i)
{
    static const char *const desks[] = {"tcd-tinh", "ha-tu", "so-nnmt", "a", "ha-tu.kt", "x9-1-2"};
    char day[16];
    snprintf (day, sizeof day, "%02u%02u%02u", i % 100, i % 12 + 1, i * 7 % 28 + 1);
    int64_t serial = (int64_t)i * 7919 % 9999 + 1;
    return code_write (out, province, slice_from (desks[i % 6]), slice_from (day),
        i % 10 ? serial : serial * 100003);
}

static int
read_code (const char *text, code_t *code)
{
    return code_read (slice_from (text), code, NULL);
}

static void
test_writes_the_documented_form (void **state)
{
    (void)state;
    char out[CODE_MAX];
    size_t size = code_write (out, province, SLICE ("tcd-tinh"), SLICE ("261120"), 1);
    assert_int_equal (size, strlen (out));
    assert_string_equal (out, "H49.tcd-tinh-261120-0001R");
    code_write (out, province, SLICE ("tcd-tinh"), SLICE ("261120"), 12345);
    assert_int_equal (strncmp (out, "H49.tcd-tinh-261120-12345", 25), 0);
    size = code_write (out, SLICE ("H4900000"), SLICE ("abcdefghijklmnopqrstuvwxyz-01234"),
        SLICE ("261120"), INT64_C (999999999999));
    assert_int_equal (size, 62);
}

static void
test_reads_what_it_wrote (void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        char out[CODE_MAX], again[CODE_MAX];
        size_t size = sample (out, i);
        code_t code;
        assert_int_equal (code_read ((slice_t){out, size}, &code, NULL), 0);
        assert_true (slice_is (code.province, "H49"));
        code_write (again, code.province, code.desk, code.day, code.serial);
        assert_string_equal (out, again);
    }
}

static void
test_the_desk_may_hold_hyphens (void **state)
{
    (void)state;
    char out[CODE_MAX];
    code_t code;
    code_write (out, province, SLICE ("x-261120-0001"), SLICE ("261121"), 77);
    assert_int_equal (read_code (out, &code), 0);
    assert_true (slice_is (code.desk, "x-261120-0001") && slice_is (code.day, "261121"));
    assert_true (code.serial == 77);
}

static void
test_either_case_and_spaces_around (void **state)
{
    (void)state;
    static const char *const forms[] = {"h49.tcd-tinh-261120-0001r", "H49.TCD-TINH-261120-0001R",
        " \tH49.tcd-tinh-261120-0001R\r\n"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        code_t code;
        char out[CODE_MAX];
        assert_int_equal (read_code (forms[i], &code), 0);
        code_write (out, code.province, code.desk, code.day, code.serial);
        assert_string_equal (out, "H49.tcd-tinh-261120-0001R");
    }
}

static void
test_every_wrong_digit_is_found (void **state)
{
    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        char out[CODE_MAX];
        size_t size = sample (out, i);
        size_t tried = 0;
        for (size_t at = 0; at < size - 1; at++) {
            char right = out[at];
            for (char digit = '0'; right >= '0' && right <= '9' && digit <= '9'; digit++) {
                out[at] = digit;
                code_t code;
                assert_int_equal (read_code (out, &code), digit == right ? 0 : -1);
                tried++;
            }
            out[at] = right;
        }
        assert_true (tried >= 100);
    }
}

//  Also where the digits alone would still be a date and a number.
static void
test_every_swap_of_digits_is_found (void **state)
{
    (void)state;
    size_t tried = 0;
    for (unsigned i = 0; i < 2000; i++) {
        char out[CODE_MAX];
        size_t size = sample (out, i);
        char check = out[size - 1];
        for (size_t at = 0; at + 2 < size; at++) {
            char a = out[at], b = out[at + 1];
            if (a < '0' || a > '9' || b < '0' || b > '9' || a == b)
                continue;
            out[at] = b, out[at + 1] = a;
            assert_int_not_equal (code_check ((slice_t){out, size - 1}), check);
            out[at] = a, out[at + 1] = b;
            tried++;
        }
    }
    assert_true (tried > 5000);
}

static void
test_every_wrong_check_is_found (void **state)
{
    (void)state;
    char out[] = "H49.tcd-tinh-261120-0001R";
    for (int letter = 1; letter < 256; letter++) {
        out[sizeof out - 2] = (char)letter;
        code_t code;
        //  White space at the end is trimmed, and leaves no letter.
        assert_int_equal (read_code (out, &code), letter == 'R' || letter == 'r' ? 0 : -1);
    }
}

static void
test_the_reason_helps (void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "empty"},
        {"  ", "empty"},
        {"K", "empty"},
        {"H49.tcd-tinh-261120-0001", "letter at the end is missing"},
        {"H49.tcd-tinh-261120-0001L", "does not fit"},
        {"H49.tcd-tinh-261120-0010R", "does not fit"},
        {"H49.tcd-tihn-261120-0001R", "does not fit"},
        {"H49.tcd-tinh-261320-0001R", "not a date"},
        {"H49.tcd-tinh-260229-0001R", "not a date"},
        {"H49.tcd-tinh-26112-0001R", "not a date"},
        {"H49.tcd-tinh-261120-001R", "the number"},
        {"H49.tcd-tinh-261120-00001R", "the number"},
        {"H49.tcd-tinh-261120-0000R", "the number"},
        {"H49.tcd-tinh-261120-1234567890123R", "the number"},
        {"H49.tcd-tinh-261120-00O1R", "the number"},
        {"0001R", "missing"},
        {"261120-0001R", "missing"},
        {"tinh-261120-0001R", "province"},
        {".tinh-261120-0001R", "province"},
        {"H49.-261120-0001R", "province"},
        {"H49.t nh-261120-0001R", "province"},
        {"H49.t\xc3\xadnh-261120-0001R", "province"},
        {"H49.abcdefghijklmnopqrstuvwxyz-012345-261120-0001R", "province"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        code_t code;
        refusal_t refusal = {0};
        assert_int_equal (code_read (slice_from (rows[i].text), &code, &refusal), -1);
        assert_string_equal (refusal.field, "code");
        if (!strstr (refusal.text, rows[i].why))
            fail_msg ("'%s': %s", rows[i].text, refusal.text);
    }
    code_t code;
    assert_int_equal (code_read ((slice_t){NULL, 0}, &code, NULL), -1);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_writes_the_documented_form),
        cmocka_unit_test (test_reads_what_it_wrote),
        cmocka_unit_test (test_the_desk_may_hold_hyphens),
        cmocka_unit_test (test_either_case_and_spaces_around),
        cmocka_unit_test (test_every_wrong_digit_is_found),
        cmocka_unit_test (test_every_swap_of_digits_is_found),
        cmocka_unit_test (test_every_wrong_check_is_found),
        cmocka_unit_test (test_the_reason_helps),
    };
    return cmocka_run_group_tests_name ("code", tests, NULL, NULL);
}
