#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/id_set.h"
#include "cli/input.h"
#include "cli/lines.h"
#include "cli/repeat.h"
#include "petition.h"

//  A file with this content, open; its name in `path`.
static void
file_with (char path[32], const char *content, size_t size)
{
    snprintf (path, 32, "/tmp/daumoi-test-XXXXXX");
    int fd = mkstemp (path);
    assert_true (fd >= 0);
    assert_int_equal (write (fd, content, size), (ssize_t)size);
    close (fd);
}

static lines_t *
lines_of (const char *content, size_t size)
{
    int ends[2];
    assert_int_equal (pipe (ends), 0);
    assert_int_equal (write (ends[1], content, size), (ssize_t)size);
    close (ends[1]);
    return lines_new (ends[0]);
}

//  --- lines

static void
test_lines_one_by_one (void **state)
{
    (void)state;
    slice_t line;
    lines_t *lines = lines_of ("a\r\n\nlast", 8);
    assert_int_equal (lines_next (lines, true, &line), LINES_ONE);
    assert_true (slice_is (line, "a"));
    lines_back (lines);
    assert_int_equal (lines_next (lines, true, &line), LINES_ONE);
    assert_true (slice_is (line, "a"));
    assert_int_equal (lines_number (lines), 1);
    assert_int_equal (lines_next (lines, true, &line), LINES_ONE);
    assert_int_equal (line.size, 0);
    assert_int_equal (lines_next (lines, true, &line), LINES_ONE);
    assert_true (slice_is (line, "last"));
    assert_int_equal (lines_bytes (lines), 8);
    assert_int_equal (lines_number (lines), 3);
    assert_int_equal (lines_next (lines, true, &line), LINES_END);
    assert_int_equal (lines_next (lines, true, &line), LINES_END);
    assert_int_equal (lines_error (lines), 0);
    lines_destroy (&lines);
    assert_null (lines);
}

static void
test_a_half_line_comes_later (void **state)
{
    (void)state;
    int ends[2];
    slice_t line;
    assert_int_equal (pipe (ends), 0);
    lines_t *lines = lines_new (ends[0]);
    assert_int_equal (lines_next (lines, false, &line), LINES_LATER);
    assert_int_equal (write (ends[1], "ha", 2), 2);
    assert_int_equal (lines_next (lines, false, &line), LINES_LATER);
    assert_int_equal (write (ends[1], "lf\n", 3), 3);
    assert_int_equal (lines_next (lines, false, &line), LINES_ONE);
    assert_true (slice_is (line, "half"));
    close (ends[1]);
    assert_int_equal (lines_next (lines, false, &line), LINES_END);
    lines_destroy (&lines);
}

static void
test_a_line_that_is_too_long_is_skipped (void **state)
{
    (void)state;
    size_t size = (size_t)LINES_MAX * 2 + 100;
    char *text = mem_new (size + 10), path[32];
    memset (text, 'x', size);
    static const char first[] = {'f', 'i', 'r', 's', 't', '\n'};
    static const char last[] = {'\n', 'l', 'a', 's', 't', '\n'};
    memcpy (text, first, sizeof first);
    memcpy (text + size, last, sizeof last);
    file_with (path, text, size + 6);
    FILE *file = fopen (path, "re");
    lines_t *lines = lines_new (dup (fileno (file)));
    slice_t line;
    assert_int_equal (lines_next (lines, true, &line), LINES_ONE);
    assert_int_equal (lines_next (lines, true, &line), LINES_LONG);
    assert_int_equal (lines_number (lines), 2);
    assert_int_equal (lines_next (lines, true, &line), LINES_ONE);
    assert_true (slice_is (line, "last"));
    assert_int_equal (lines_number (lines), 3);
    assert_int_equal (lines_bytes (lines), size + 6);
    lines_destroy (&lines);
    fclose (file);
    unlink (path);
    free (text);
}

//  --- keys

static void
test_equal_contents_have_different_keys_in_one_file (void **state)
{
    (void)state;
    char one[REPEAT_KEY], other[REPEAT_KEY], again[REPEAT_KEY];
    repeats_t *first = repeats_new (), *second = repeats_new ();
    repeats_key (first, SLICE ("a"), one);
    repeats_key (first, SLICE ("a"), other);
    assert_string_not_equal (one, other);
    repeats_key (second, SLICE ("b"), again);
    repeats_key (second, SLICE ("a"), again);
    assert_string_equal (one, again); // whatever else the file holds
    repeats_key (second, SLICE ("a"), again);
    assert_string_equal (other, again);
    repeats_destroy (&first);
    repeats_destroy (&second);
}

static void
test_many_contents_are_counted_right (void **state)
{
    (void)state;
    enum { MANY = 20000 };
    repeats_t *repeats = repeats_new ();
    char key[REPEAT_KEY], text[16];
    for (int round = 1; round <= 2; round++)
        for (int i = 0; i < MANY; i++) {
            snprintf (text, sizeof text, "%d", i);
            repeats_key (repeats, slice_from (text), key);
            assert_int_equal (strrchr (key, '-')[1], '0' + round);
        }
    repeats_destroy (&repeats);
}

static void
test_an_id_is_in_the_set_once (void **state)
{
    (void)state;
    enum { MANY = 20000 };
    id_set_t *set = id_set_new ();
    char id[20];
    for (int i = 0; i < MANY; i++) {
        snprintf (id, sizeof id, "%016d", i);
        assert_true (id_set_add (set, slice_from (id)));
        assert_false (id_set_add (set, slice_from (id)));
    }
    assert_int_equal (id_set_count (set), MANY);
    assert_true (id_set_has (set, SLICE ("0000000000000007")));
    assert_false (id_set_has (set, SLICE ("0000000000020000")));
    id_set_destroy (&set);
}

//  --- petitions

typedef struct {
    input_t *input;
    buffer_t body;
    arena_t *arena;
    char path[32];
} read_t;

static void
read_open (read_t *self, const char *content, const defaults_t *defaults, refusal_t *refusal)
{
    static const defaults_t none = {.desk = NULL};
    *self = (read_t){.arena = arena_new ()};
    file_with (self->path, content, strlen (content));
    self->input = input_new (self->path, defaults ? defaults : &none, refusal);
}

static void
read_close (read_t *self)
{
    input_destroy (&self->input);
    buffer_free (&self->body);
    arena_destroy (&self->arena);
    unlink (self->path);
}

static input_status_t
read_one (read_t *self, petition_t *petition, refusal_t *why)
{
    buffer_clear (&self->body);
    input_status_t status = input_next (self->input, true, &self->body, why);
    slice_t body = buffer_slice (&self->body);
    if (status == INPUT_PETITION)
        assert_int_equal (
            codec_decode (&petition_schema, body, petition, self->arena, NULL, NULL), 0);
    return status;
}

static void
test_bad_lines_do_not_stop_the_good_ones (void **state)
{
    (void)state;
    read_t read;
    petition_t petition = {.key = {NULL, 0}};
    refusal_t why = {.text = ""};
    read_open (&read,
        "{\"desk\":\"d\",\"text\":\"one\",\"colour\":1}\n"
        "\n"
        "{\"desk\":\"d\",\"text\":\"Nguyen Van A\"]\n"
        "{\"text\":\"no desk\"}\n"
        "[1]\n"
        "{\"desk\":\"d\",\"text\":\"\xff\"}\n"
        "{\"desk\":\"d\",\"text\":\"two\",\"key\":\"k\"}",
        NULL, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.text, "one"));
    assert_true (petition.key.size > 30);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_BAD);
    assert_int_equal (input_line (read.input), 3);
    assert_non_null (strstr (why.text, "line 3 column "));
    assert_null (strstr (why.text, "Nguyen")); // what was written is not told on
    assert_int_equal (read_one (&read, &petition, &why), INPUT_BAD);
    assert_string_equal (why.field, "desk");
    assert_int_equal (read_one (&read, &petition, &why), INPUT_BAD);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_BAD);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.key, "k"));
    assert_int_equal (input_line (read.input), 7);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_END);
    assert_int_equal (input_ignored (read.input), 1);
    assert_int_equal (input_share (read.input), 1000);
    read_close (&read);
}

static void
test_one_object_over_several_lines (void **state)
{
    (void)state;
    read_t read;
    petition_t petition = {.key = {NULL, 0}};
    refusal_t why = {.text = ""};
    read_open (&read, "\xEF\xBB\xBF{\n \"desk\": \"d\",\n \"text\": \"long\"\n}\n", NULL, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.text, "long"));
    assert_int_equal (read_one (&read, &petition, &why), INPUT_END);
    read_close (&read);
    read_open (&read, "{\n \"desk\": \"d\",\n \"text\": oops\n}\n", NULL, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_BAD);
    assert_non_null (strstr (why.text, "line 3 "));
    read_close (&read);
}

static void
test_a_first_line_that_is_cut_stays_one_line (void **state)
{
    (void)state;
    read_t read;
    petition_t petition = {.key = {NULL, 0}};
    refusal_t why = {.text = ""};
    read_open (&read, "{\"desk\":\"d\",\n{\"desk\":\"d\",\"text\":\"two\"}\n", NULL, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_BAD);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.text, "two"));
    read_close (&read);
}

static void
test_plain_text_needs_a_desk (void **state)
{
    (void)state;
    read_t read;
    petition_t petition = {.key = {NULL, 0}};
    refusal_t why = {.text = ""};
    const defaults_t defaults = {.desk = "tcd-tinh", .channel = "post"};
    read_open (&read, "Kính gửi\n{x}\n", NULL, &why);
    assert_null (read.input);
    assert_int_equal (refusal_exit_status (why.code), 2);
    read_close (&read);
    read_open (&read, "Kính gửi\n{x}\n", &defaults, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.text, "Kính gửi\n{x}\n"));
    assert_true (slice_is (petition.desk, "tcd-tinh"));
    assert_true (slice_is (petition.channel, "post"));
    assert_int_equal (read_one (&read, &petition, &why), INPUT_END);
    read_close (&read);
}

static void
test_what_a_line_says_wins_over_the_command_line (void **state)
{
    (void)state;
    read_t read;
    petition_t petition = {.key = {NULL, 0}};
    refusal_t why = {.text = ""};
    const defaults_t defaults = {.desk = "a", .place = "ha-tu"};
    read_open (&read, "{\"desk\":\"b\",\"text\":\"x\"}\n{\"desk\":null,\"text\":\"x\"}\n",
        &defaults, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.desk, "b"));
    assert_true (slice_is (petition.place, "ha-tu"));
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.desk, "a"));
    read_close (&read);
}

static void
test_one_key_is_for_one_petition (void **state)
{
    (void)state;
    read_t read;
    petition_t petition = {.key = {NULL, 0}};
    refusal_t why = {.text = ""};
    const defaults_t defaults = {.desk = "a", .key = "k"};
    read_open (&read, "{\"text\":\"x\"}\n{\"text\":\"y\"}\n", &defaults, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.key, "k"));
    assert_int_equal (read_one (&read, &petition, &why), INPUT_BAD);
    assert_string_equal (why.field, "--key");
    read_close (&read);
}

static void
test_the_form_of_a_line_does_not_change_its_key (void **state)
{
    (void)state;
    read_t read;
    petition_t petition = {.key = {NULL, 0}};
    refusal_t why = {.text = ""};
    char key[REPEAT_KEY];
    read_open (&read, "{\"desk\":\"a\",\"text\":\"x\"}\n", NULL, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    snprintf (key, sizeof key, "%.*s", SLICE_ARGS (petition.key));
    read_close (&read);
    read_open (
        &read, "{ \"text\":\"x\", \"desk\":\"a\" }\n{\"desk\":\"a\",\"text\":\"y\"}\n", NULL, &why);
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_true (slice_is (petition.key, key));
    assert_int_equal (read_one (&read, &petition, &why), INPUT_PETITION);
    assert_false (slice_is (petition.key, key));
    read_close (&read);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_lines_one_by_one),
        cmocka_unit_test (test_a_half_line_comes_later),
        cmocka_unit_test (test_a_line_that_is_too_long_is_skipped),
        cmocka_unit_test (test_equal_contents_have_different_keys_in_one_file),
        cmocka_unit_test (test_many_contents_are_counted_right),
        cmocka_unit_test (test_an_id_is_in_the_set_once),
        cmocka_unit_test (test_bad_lines_do_not_stop_the_good_ones),
        cmocka_unit_test (test_one_object_over_several_lines),
        cmocka_unit_test (test_a_first_line_that_is_cut_stays_one_line),
        cmocka_unit_test (test_plain_text_needs_a_desk),
        cmocka_unit_test (test_what_a_line_says_wins_over_the_command_line),
        cmocka_unit_test (test_one_key_is_for_one_petition),
        cmocka_unit_test (test_the_form_of_a_line_does_not_change_its_key),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
