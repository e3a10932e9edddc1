#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "clock.h"
#include "log.h"

static int real_stderr, pipe_read;

//  From here to read_line, standard error goes into a pipe.
static void
catch_stderr (void)
{
    int ends[2];
    assert_int_equal (pipe (ends), 0);
    real_stderr = dup (STDERR_FILENO);
    dup2 (ends[1], STDERR_FILENO);
    close (ends[1]);
    pipe_read = ends[0];
}

static size_t
read_caught (char *out, size_t room)
{
    dup2 (real_stderr, STDERR_FILENO);
    close (real_stderr);
    ssize_t size = read (pipe_read, out, room);
    close (pipe_read);
    assert_true (size >= 0);
    return (size_t)size;
}

//  The one line that was written, as JSON; NULL when there was none.
static json_t *
read_line (void)
{
    char text[4096];
    size_t size = read_caught (text, sizeof text);
    if (size == 0)
        return NULL;
    assert_true (text[size - 1] == '\n');
    assert_null (memchr (text, '\n', size - 1));
    json_t *json = json_loadb (text, size, 0, NULL);
    assert_non_null (json);
    return json;
}

static const char *
get (json_t *json, const char *name)
{
    return json_string_value (json_object_get (json, name));
}

static void
test_a_line_has_head_and_fields (void **state)
{
    (void)state;
    log_open ("intake", LOG_INFO);
    catch_stderr ();
    log_event (LOG_WARNING, "started", "copy", "a1", "cases", log_number (-7), NULL);
    json_t *json = read_line ();
    assert_int_equal (json_object_size (json), 6);
    assert_string_equal (get (json, "level"), "warning");
    assert_string_equal (get (json, "service"), "intake");
    assert_string_equal (get (json, "event"), "started");
    assert_string_equal (get (json, "copy"), "a1");
    assert_string_equal (get (json, "cases"), "-7");
    int64_t ms = 0;
    assert_int_equal (clock_read (slice_from (get (json, "ts")), &ms), 0);
    assert_true (llabs (clock_now_ms () - ms) < 5000);
    json_decref (json);
}

static void
test_values_are_escaped (void **state)
{
    (void)state;
    log_open ("intake", LOG_DEBUG);
    catch_stderr ();
    log_event (LOG_DEBUG, "odd", "quote", "a\"b\\c\n\x01\x7f", "name", "Nguyễn", "bytes",
        "\xff"
        "a\xc3",
        "none", (char *)NULL, NULL);
    json_t *json = read_line ();
    assert_string_equal (get (json, "quote"), "a\"b\\c\n\x01\x7f");
    assert_string_equal (get (json, "name"), "Nguyễn");
    assert_string_equal (get (json, "bytes"), "ÿaÃ");
    assert_string_equal (get (json, "none"), "");
    json_decref (json);
}

static void
test_lower_levels_are_dropped (void **state)
{
    (void)state;
    log_open ("intake", LOG_WARNING);
    catch_stderr ();
    log_event (LOG_INFO, "quiet", NULL);
    assert_null (read_line ());
    catch_stderr ();
    log_event (LOG_ERROR, "loud", NULL);
    json_t *json = read_line ();
    assert_string_equal (get (json, "event"), "loud");
    json_decref (json);
}

static void
test_levels_have_names (void **state)
{
    (void)state;
    assert_int_equal (log_level_from ("debug"), LOG_DEBUG);
    assert_int_equal (log_level_from ("error"), LOG_ERROR);
    assert_int_equal (log_level_from ("ERROR"), LOG_INFO);
    assert_int_equal (log_level_from (NULL), LOG_INFO);
}

static void
test_four_numbers_stand_at_once (void **state)
{
    (void)state;
    const char *a = log_number (INT64_MIN), *b = log_number (2), *c = log_number (3);
    assert_string_equal (log_number (4), "4");
    assert_string_equal (a, "-9223372036854775808");
    assert_string_equal (b, "2");
    assert_string_equal (c, "3");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_a_line_has_head_and_fields),
        cmocka_unit_test (test_values_are_escaped),
        cmocka_unit_test (test_lower_levels_are_dropped),
        cmocka_unit_test (test_levels_have_names),
        cmocka_unit_test (test_four_numbers_stand_at_once),
    };
    return cmocka_run_group_tests_name ("log", tests, NULL, NULL);
}
