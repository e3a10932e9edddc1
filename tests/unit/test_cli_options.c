#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/duration.h"
#include "cli/environment.h"
#include "cli/options.h"

typedef struct {
    const char *desk;
    bool remote;
    int64_t limit;
} asked_t;

static const option_t table[] = {
    {"--desk", "ID", OPTION_TEXT, offsetof (asked_t, desk), 0, "where"},
    {"--desks", "N", OPTION_NUMBER, offsetof (asked_t, limit), 1, "how many"},
    {"--remote", NULL, OPTION_FLAG, offsetof (asked_t, remote), 0, "far"},
};

static int
read_all (int argc, const char **argv, asked_t *asked, words_t *words, refusal_t *refusal)
{
    return options_read (table, 3, argc, (char **)argv, asked, words, refusal);
}

static void
test_options_and_words_in_any_order (void **state)
{
    (void)state;
    asked_t asked = {0};
    words_t words;
    const char *argv[] = {"one", "--desk", "a", "--desks=7", "-", "--remote", "--", "--x"};
    assert_int_equal (read_all (8, argv, &asked, &words, NULL), 0);
    assert_string_equal (asked.desk, "a");
    assert_int_equal (asked.limit, 7);
    assert_true (asked.remote);
    assert_int_equal (words.count, 3);
    assert_string_equal (words.words[0], "one");
    assert_string_equal (words.words[1], "-");
    assert_string_equal (words.words[2], "--x");
}

static void
test_wrong_usage_names_the_option (void **state)
{
    (void)state;
    static const char *const wrong[][2] = {{"--desk", NULL}, {"--dесk", "a"}, {"--desks", "0"},
        {"--desks", "7x"}, {"--desks", ""}, {"--remote=yes", NULL}, {"--des", "a"}, {"-d", NULL}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        asked_t asked = {0};
        words_t words;
        refusal_t refusal = {.field = ""};
        const char *argv[] = {wrong[i][0], wrong[i][1]};
        assert_int_equal (read_all (wrong[i][1] ? 2 : 1, argv, &asked, &words, &refusal), -1);
        assert_int_equal (refusal.code, REFUSAL_MALFORMED);
        assert_int_equal (refusal_exit_status (refusal.code), 2);
        assert_int_equal (strncmp (refusal.field, wrong[i][0], 5), 0);
    }
}

static void
test_too_many_words (void **state)
{
    (void)state;
    asked_t asked = {0};
    words_t words;
    const char *argv[] = {"1", "2", "3", "4", "5"};
    assert_int_equal (read_all (4, argv, &asked, &words, NULL), 0);
    assert_int_equal (read_all (5, argv, &asked, &words, NULL), -1);
}

static void
test_globals_are_taken_wherever_they_stand (void **state)
{
    (void)state;
    char *argv[] = {"daumoi", "--data", "x", "show", "--json", "CODE", "--", "--json", NULL};
    int argc = 8;
    assert_string_equal (options_take (&argc, argv, "--data", false), "x");
    assert_non_null (options_take (&argc, argv, "--json", true));
    assert_null (options_take (&argc, argv, "--json", true)); // what is left stands behind "--"
    assert_null (options_take (&argc, argv, "--help", true));
    assert_int_equal (argc, 5);
    assert_string_equal (argv[1], "show");
    assert_string_equal (argv[2], "CODE");
    char *bare[] = {"daumoi", "--data", NULL};
    argc = 2;
    assert_string_equal (options_take (&argc, bare, "--data", false), "");
    assert_int_equal (argc, 1);
}

static void
test_durations (void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{"3d", 259200000}, {"2h", 7200000}, {"1d12h30m5s", 131405000}, {"0s", 0}};
    static const char *const bad[] = {"", "3", "d", "3x", "3d4", "-3d", "3 d", "99999999999999999d",
        "36601d", "9223372036854775807s"};
    int64_t ms;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true (duration_read (slice_from (good[i].text), &ms));
        assert_int_equal (ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false (duration_read (slice_from (bad[i]), &ms));
}

static void
test_the_environment_wins_over_the_file (void **state)
{
    (void)state;
    setenv ("DAUMOI_TEST_A", "mine", 1);
    setenv ("DAUMOI_TEST_E", "", 1);
    unsetenv ("DAUMOI_TEST_B");
    unsetenv ("NOT_OURS");
    environment_apply (SLICE ("DAUMOI_TEST_A=file\n# DAUMOI_TEST_B=no\n\nDAUMOI_TEST_B=a=b c\n"
                              "NOT_OURS=x\nDAUMOI_TEST_E=filled\nDAUMOI_TEST_C=last"));
    assert_string_equal (getenv ("DAUMOI_TEST_A"), "mine");
    assert_string_equal (getenv ("DAUMOI_TEST_B"), "a=b c");
    assert_string_equal (getenv ("DAUMOI_TEST_C"), "last");
    assert_string_equal (getenv ("DAUMOI_TEST_E"), "filled");
    assert_null (getenv ("NOT_OURS"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_options_and_words_in_any_order),
        cmocka_unit_test (test_wrong_usage_names_the_option),
        cmocka_unit_test (test_too_many_words),
        cmocka_unit_test (test_globals_are_taken_wherever_they_stand),
        cmocka_unit_test (test_durations),
        cmocka_unit_test (test_the_environment_wins_over_the_file),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
