#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "config.h"

typedef struct {
    const char *redis;
    int64_t window;
    const char *key;
} settings_t;

static const config_row_t rows[] = {
    {"T_REDIS", CONFIG_TEXT, "127.0.0.1:6379", 0, 0, "where Redis is",
        offsetof (settings_t, redis)},
    {"T_WINDOW", CONFIG_INT, "512", -5, 4096, "cases in flight", offsetof (settings_t, window)},
    {"T_KEY", CONFIG_SECRET_FILE, "", 0, 0, "vault key file", offsetof (settings_t, key)},
};
static const config_row_t required[] = {
    {"T_PROFILE", CONFIG_TEXT, NULL, 0, 0, "folder of the profile", 0}};
enum { ROWS = sizeof rows / sizeof *rows };

static int
setup (void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        unsetenv (rows[i].name);
    unsetenv ("T_PROFILE");
    return 0;
}

static void
test_fallbacks (void **state)
{
    (void)state;
    settings_t settings = {0};
    assert_int_equal (config_read (rows, ROWS, &settings, NULL), 0);
    assert_string_equal (settings.redis, "127.0.0.1:6379");
    assert_int_equal (settings.window, 512);
    assert_string_equal (settings.key, "");
}

static void
test_the_environment_wins (void **state)
{
    (void)state;
    settings_t settings = {0};
    setenv ("T_REDIS", "/run/redis.sock", 1);
    setenv ("T_WINDOW", "-5", 1);
    setenv ("T_KEY", "/dev/null", 1);
    assert_int_equal (config_read (rows, ROWS, &settings, NULL), 0);
    assert_string_equal (settings.redis, "/run/redis.sock");
    assert_int_equal (settings.window, -5);
    assert_string_equal (settings.key, "/dev/null");
}

static void
test_empty_is_unset (void **state)
{
    (void)state;
    settings_t settings = {0};
    setenv ("T_WINDOW", "", 1);
    assert_int_equal (config_read (rows, ROWS, &settings, NULL), 0);
    assert_int_equal (settings.window, 512);
}

static void
test_numbers_are_strict (void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "-6", "4097", "12x", "x", " 12", "1.5", "0x10", "+5", "-", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        settings_t settings = {0};
        refusal_t refusal = {0};
        setenv ("T_WINDOW", wrong[i], 1);
        assert_int_equal (config_read (rows, ROWS, &settings, &refusal), -1);
        assert_string_equal (refusal.field, "T_WINDOW");
        assert_non_null (strstr (refusal.text, "-5 to 4096"));
    }
}

static void
test_missing_is_named (void **state)
{
    (void)state;
    const char *profile;
    refusal_t refusal = {0};
    assert_int_equal (config_read (required, 1, &profile, &refusal), -1);
    assert_string_equal (refusal.field, "T_PROFILE");
    assert_non_null (strstr (refusal.text, "folder of the profile"));
    setenv ("T_PROFILE", "p", 1);
    assert_int_equal (config_read (required, 1, &profile, &refusal), 0);
    assert_string_equal (profile, "p");
}

static void
test_secret_files_must_be_readable (void **state)
{
    (void)state;
    settings_t settings = {0};
    refusal_t refusal = {0};
    setenv ("T_KEY", "/nowhere/vault.key", 1);
    assert_int_equal (config_read (rows, ROWS, &settings, &refusal), -1);
    assert_string_equal (refusal.field, "T_KEY");
    assert_non_null (strstr (refusal.text, "/nowhere/vault.key"));
}

static void
test_help_shows_the_table (void **state)
{
    (void)state;
    buffer_t out = {0};
    config_help (rows, ROWS, &out);
    config_help (required, 1, &out);
    buffer_append (&out, "", 1);
    assert_non_null (strstr (out.data, "  T_REDIS   127.0.0.1:6379            where Redis is\n"));
    assert_non_null (strstr (out.data, "512                       cases in flight (-5 to 4096)\n"));
    assert_non_null (strstr (out.data, "(required)"));
    buffer_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (test_fallbacks, setup),
        cmocka_unit_test_setup (test_the_environment_wins, setup),
        cmocka_unit_test_setup (test_empty_is_unset, setup),
        cmocka_unit_test_setup (test_numbers_are_strict, setup),
        cmocka_unit_test_setup (test_missing_is_named, setup),
        cmocka_unit_test_setup (test_secret_files_must_be_readable, setup),
        cmocka_unit_test_setup (test_help_shows_the_table, setup),
    };
    return cmocka_run_group_tests_name ("config", tests, NULL, NULL);
}
