#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "clock.h"
#include "petition.h"
#include "profile_double.h"

static const int64_t now_ms = INT64_C (1795136700000); // 2026-11-20T08:05:00+07:00

typedef struct {
    arena_t *arena;
    petition_t petition;
    int64_t received_ms;
    refusal_t refusal;
} fixture_t;

static int
setup (void **state)
{
    fixture_t *self = mem_new (sizeof *self);
    self->arena = arena_new ();
    *state = self;
    return 0;
}

static int
teardown (void **state)
{
    fixture_t *self = *state;
    arena_destroy (&self->arena);
    free (self);
    return 0;
}

//  Reads a petition of JSON and checks it; the strings move to the arena.
static int
submit (fixture_t *self, const char *text)
{
    self->refusal = (refusal_t){0};
    json_error_t error;
    json_t *json = json_loads (text, JSON_ALLOW_NUL, &error);
    if (!json)
        fail_msg ("%s: %s", text, error.text);
    buffer_t message = {0};
    int done = codec_from_json (
        &petition_schema, json, &self->petition, self->arena, NULL, &self->refusal);
    if (!done) {
        codec_encode (&petition_schema, &self->petition, &message);
        slice_t copy = arena_copy (self->arena, buffer_slice (&message));
        done = codec_decode (
            &petition_schema, copy, &self->petition, self->arena, NULL, &self->refusal);
        assert_int_equal (done, 0);
    }
    buffer_free (&message);
    json_decref (json);
    return done ? done
                : petition_check (&self->petition, &profile_double, now_ms, self->arena,
                      &self->received_ms, &self->refusal);
}

static void
assert_taken (fixture_t *self, const char *more)
{
    char json[1024];
    snprintf (json, sizeof json, "{\"desk\": \"tcd-tinh\", \"text\": \"Đường hỏng\"%s%s}",
        *more ? ", " : "", more);
    if (submit (self, json))
        fail_msg ("%s: %s", json, self->refusal.text);
}

static void
assert_refused (fixture_t *self, const char *more, const char *field, const char *why)
{
    char json[1024];
    snprintf (json, sizeof json, "{\"desk\": \"tcd-tinh\", \"text\": \"Đường hỏng\", %s}", more);
    if (!submit (self, json))
        fail_msg ("taken: %s", json);
    assert_string_equal (self->refusal.field, field);
    assert_int_equal (strncmp (self->refusal.text, field, strlen (field)) == 0 ||
                          strstr (self->refusal.text, "there is no") != NULL,
        1);
    if (!strstr (self->refusal.text, why))
        fail_msg ("%s: %s", json, self->refusal.text);
}

//  --- what is taken

static void
test_desk_and_text_are_enough (void **state)
{
    fixture_t *self = *state;
    assert_taken (self, "");
    assert_true (slice_is (self->petition.channel, "counter"));
    assert_true (self->received_ms == now_ms);
    assert_true (self->petition.received.ptr == NULL);
}

static void
test_the_whole_petition (void **state)
{
    fixture_t *self = *state;
    int done = submit (self,
        "{\"key\": \"0190f7c2\", \"desk\": \"tcd-tinh\", \"channel\": \"post\","
        " \"received\": \"2026-11-19T08:05:00+07:00\", \"text\": \"Một\\n\\thai\\r\\n\","
        " \"petitioner\": {\"name\": \"A\", \"id_number\": \"1\", \"phone\": \"2\","
        " \"address\": \"B\", \"anonymous\": false}, \"signatories\": 8, \"place\": \"ha-tu\","
        " \"respondent\": \"C\", \"type\": \"khieu_nai\", \"field\": \"land\","
        " \"incoming\": {\"number\": \"12\", \"date\": \"2026-11-19\"},"
        " \"letter_date\": \"2026-11-01\", \"contested\": {\"author\": \"D\", \"number\": \"3\","
        " \"date\": \"2024-02-29\", \"instance\": 2},"
        " \"organisation\": {\"name\": \"E\", \"tax_code\": \"4\"},"
        " \"forwarded_by\": {\"body\": \"F\", \"number\": \"5\", \"date\": \"2026-11-18\"}}");
    assert_string_equal (self->refusal.text, "");
    assert_int_equal (done, 0);
    assert_true (self->received_ms == now_ms - CLOCK_DAY_MS);
    const petition_t *petition = &self->petition;
    assert_true (slice_is (petition->text, "Một\n\thai\r\n"));
    assert_true (slice_is (petition->petitioner.address, "B") && petition->signatories == 8);
    assert_true (slice_is (petition->incoming.number, "12") && petition->contested.instance == 2);
    assert_true (slice_is (petition->contested.author, "D"));
    assert_true (slice_is (petition->organisation.tax_code, "4"));
    assert_true (slice_is (petition->forwarded_by.body, "F"));
    //  As it was sent, name by name.
    json_t *json = codec_to_json (&petition_schema, petition);
    assert_int_equal (json_object_size (json), 16);
    assert_int_equal (
        json_object_size (json_object_get (json, "petitioner")), 4); // anonymous is false
    json_decref (json);
}

static void
test_strings_become_nfc (void **state)
{
    fixture_t *self = *state;
    //  "ế" as e, circumflex, acute
    assert_taken (self, "\"petitioner\": {\"name\": \"Thie\\u0302\\u0301u\"}");
    assert_true (slice_is (self->petition.petitioner.name, "Thi\xe1\xba\xbfu"));
}

static void
test_empty_strings_are_absent (void **state)
{
    fixture_t *self = *state;
    assert_taken (self, "\"key\": \"\", \"received\": \"\", \"type\": \"\", \"field\": \"\", "
                        "\"letter_date\": \"\", \"channel\": \"\"");
    assert_true (self->petition.key.ptr == NULL && self->petition.received.ptr == NULL);
}

static void
test_every_channel_and_type (void **state)
{
    fixture_t *self = *state;
    char more[100];
#define X(name, code)                                                                              \
    assert_taken (self, "\"channel\": \"" code "\"");                                              \
    assert_true (slice_is (self->petition.channel, code));
    CHANNELS (X)
#undef X
#define X(name, code, vi, en)                                                                      \
    snprintf (more, sizeof more, "\"type\": \"%s\"", code);                                        \
    assert_taken (self, more);
    PETITION_TYPES (X)
#undef X
}

//  --- what is refused

static void
test_desk_is_known (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (submit (self, "{\"desk\": \"ha-noi\", \"text\": \"x\"}"), -1);
    assert_int_equal (self->refusal.code, REFUSAL_NOT_FOUND);
    assert_string_equal (self->refusal.field, "desk");
    assert_non_null (strstr (self->refusal.text, "ha-noi"));
    assert_int_equal (submit (self, "{\"desk\": \"\", \"text\": \"x\"}"), -1);
    assert_string_equal (self->refusal.field, "desk");
    assert_int_equal (submit (self, "{\"text\": \"x\"}"), -1);
    assert_string_equal (self->refusal.field, "desk");
}

static void
test_text_is_not_empty (void **state)
{
    fixture_t *self = *state;
    static const char *const texts[] = {
        "\"text\": \"\"", "\"text\": \" \\n\\t\"", "\"text\": null", "\"other\": 1", "\"text\": 1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char json[100];
        snprintf (json, sizeof json, "{\"desk\": \"tcd-tinh\", %s}", texts[i]);
        assert_int_equal (submit (self, json), -1);
        assert_string_equal (self->refusal.field, "text");
    }
    assert_int_equal (submit (self, "{\"desk\": \"tcd-tinh\", \"text\": \"x\"}"), 0);
}

static int
submit_text (fixture_t *self, const char *piece, size_t times)
{
    buffer_t json = {0};
    buffer_printf (&json, "{\"desk\": \"tcd-tinh\", \"text\": \"");
    while (times--)
        buffer_append (&json, piece, strlen (piece));
    buffer_append (&json, "\"}", 3);
    int done = submit (self, json.data);
    buffer_free (&json);
    return done;
}

//  The limit counts bytes after NFC, whatever the form that was sent.
static void
test_text_has_a_limit (void **state)
{
    fixture_t *self = *state;
    assert_int_equal (submit_text (self, "a", PETITION_TEXT_MAX), 0);
    assert_int_equal (submit_text (self, "a", PETITION_TEXT_MAX + 1), -1);
    assert_string_equal (self->refusal.field, "text");
    assert_non_null (strstr (self->refusal.text, "65536"));
    assert_int_equal (submit_text (self, "e\\u0302\\u0301", PETITION_TEXT_MAX / 3), 0);
    assert_int_equal (self->petition.text.size, PETITION_TEXT_MAX / 3 * 3);
    assert_int_equal (submit_text (self, "e\\u0302\\u0301", PETITION_TEXT_MAX / 3 + 1), -1);
    assert_string_equal (self->refusal.field, "text");
    assert_int_equal (submit_text (self, "a", 3 * PETITION_TEXT_MAX + 1), -1);
    assert_string_equal (self->refusal.field, "text");
}

static void
test_control_characters (void **state)
{
    fixture_t *self = *state;
    static const struct {
        const char *text, *at;
    } rows[] = {
        {"ab\\u0000c", "byte 2"},
        {"\\u0001", "byte 0"},
        {"đ\\u007f", "byte 2"},
        {"abc\\u0085", "byte 3"},
        {"\\u001b[1m", "byte 0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal (submit_text (self, rows[i].text, 1), -1);
        assert_string_equal (self->refusal.field, "text");
        assert_non_null (strstr (self->refusal.text, rows[i].at));
    }
    assert_int_equal (submit_text (self, "\\u00a0 \\u00c5 \\n\\r\\t", 1), 0);
    const char *control = "control character at byte 1";
    assert_refused (self, "\"key\": \"a\\u0000\"", "key", control);
    assert_refused (self, "\"petitioner\": {\"name\": \"a\\nb\"}", "petitioner.name", control);
}

static void
test_utf8_is_checked_without_the_codec (void **state)
{
    fixture_t *self = *state;
    self->petition = (petition_t){.desk = SLICE ("tcd-tinh"), .text = SLICE ("a\xc2")};
    assert_int_equal (petition_check (&self->petition, &profile_double, now_ms, self->arena,
                          &self->received_ms, &self->refusal),
        -1);
    assert_string_equal (self->refusal.field, "text");
    assert_non_null (strstr (self->refusal.text, "UTF-8"));
}

static void
test_codes_are_known (void **state)
{
    fixture_t *self = *state;
    assert_refused (self, "\"channel\": \"fax\"", "channel", "counter post box online");
    assert_refused (self, "\"type\": \"khieu nai\"", "type", "of: khieu_nai to_cao");
    assert_refused (self, "\"field\": \"moon\"", "field", "daumoi profile check");
    assert_taken (self, "\"field\": \"land\"");
}

static void
test_dates_exist (void **state)
{
    fixture_t *self = *state;
    const char *why = "2026-02-30\" is not a time that exists";
    assert_refused (self, "\"received\": \"2026-02-30\"", "received", why);
    assert_refused (self, "\"letter_date\": \"2026-02-30\"", "letter_date", why);
    assert_refused (self, "\"incoming\": {\"date\": \"2026-02-30\"}", "incoming.date", why);
    assert_refused (self, "\"contested\": {\"date\": \"2026-02-30\"}", "contested.date", why);
    assert_refused (self, "\"forwarded_by\": {\"date\": \"2026-02-30\"}", "forwarded_by.date", why);
    assert_refused (self, "\"letter_date\": \"20/11/2026\"", "letter_date", "write 2026-11-20");
    assert_refused (self, "\"received\": \"2026-11-20T08:05:00\"", "received", "+07:00");
}

static void
test_received_lies_between (void **state)
{
    fixture_t *self = *state;
    assert_taken (self, "\"received\": \"2026-11-20T08:06:00+07:00\"");
    assert_true (self->received_ms == now_ms + 60000);
    assert_refused (
        self, "\"received\": \"2026-11-20T08:06:00.001+07:00\"", "received", "in the future");
    assert_refused (self, "\"received\": \"2026-11-21\"", "received", "in the future");
    assert_taken (self, "\"received\": \"2026-10-21T08:05:00+07:00\"");
    assert_refused (
        self, "\"received\": \"2026-10-21T08:04:59+07:00\"", "received", "more than 30 days ago");
}

static void
test_numbers_are_sane (void **state)
{
    fixture_t *self = *state;
    assert_taken (self, "\"signatories\": 100000");
    assert_refused (self, "\"signatories\": 100001", "signatories", "100000");
    assert_refused (self, "\"signatories\": -1", "signatories", "between 0");
    assert_refused (self, "\"signatories\": \"8\"", "signatories", "whole number");
    assert_refused (self, "\"contested\": {\"instance\": 3}", "contested.instance", "3");
    assert_refused (self, "\"contested\": {\"instance\": -1}", "contested.instance", "second");
}

static void
test_anonymous_has_no_name (void **state)
{
    fixture_t *self = *state;
    assert_taken (self, "\"petitioner\": {\"anonymous\": true, \"phone\": \"0912\"}");
    const char *field = "petitioner.anonymous";
    assert_refused (self, "\"petitioner\": {\"anonymous\": true, \"name\": \"A\"}", field, "name");
    assert_refused (
        self, "\"petitioner\": {\"anonymous\": true, \"id_number\": \"1\"}", field, "identity");
}

//  Every string of the table has a limit of its own, and is taken up to it.
static void
test_every_string_has_a_limit (void **state)
{
    fixture_t *self = *state;
    static const struct {
        const char *before, *after, *field;
        int limit;
    } rows[] = {
        {"\"key\": \"", "\"", "key", 128},
        {"\"place\": \"", "\"", "place", 200},
        {"\"respondent\": \"", "\"", "respondent", 500},
        {"\"petitioner\": {\"name\": \"", "\"}", "petitioner.name", 200},
        {"\"petitioner\": {\"address\": \"", "\"}", "petitioner.address", 500},
        {"\"petitioner\": {\"id_number\": \"", "\"}", "petitioner.id_number", 32},
        {"\"petitioner\": {\"phone\": \"", "\"}", "petitioner.phone", 32},
        {"\"incoming\": {\"number\": \"", "\"}", "incoming.number", 100},
        {"\"contested\": {\"author\": \"", "\"}", "contested.author", 200},
        {"\"organisation\": {\"name\": \"", "\"}", "organisation.name", 200},
        {"\"organisation\": {\"tax_code\": \"", "\"}", "organisation.tax_code", 32},
        {"\"forwarded_by\": {\"body\": \"", "\"}", "forwarded_by.body", 200},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int more = 0; more < 2; more++) {
            char json[800];
            snprintf (json, sizeof json, "%s%0*d%s", rows[i].before, rows[i].limit + more, 0,
                rows[i].after);
            if (more)
                assert_refused (self, json, rows[i].field, "at most");
            else
                assert_taken (self, json);
        }
}

//  --- fingerprint

typedef struct {
    uint8_t bytes[PETITION_FINGERPRINT];
} print_t;

static print_t
print_of (fixture_t *self, const char *json)
{
    print_t print;
    if (submit (self, json))
        fail_msg ("%s: %s", json, self->refusal.text);
    petition_fingerprint (&self->petition, print.bytes);
    return print;
}

static void
test_the_same_content_has_the_same_fingerprint (void **state)
{
    fixture_t *self = *state;
    static const char *const same[] = {
        "{\"key\": \"1\", \"desk\": \"tcd-tinh\", \"text\": \"\\u1ebf\", \"signatories\": 2}",
        "{\"signatories\": 2, \"text\": \"\\u1ebf\", \"desk\": \"tcd-tinh\"}",
        "{\"key\": \"2\", \"desk\": \"tcd-tinh\", \"text\": \"e\\u0302\\u0301\","
        " \"signatories\": 2, \"unknown\": 1, \"place\": \"\", \"petitioner\": {}}",
        "{\"desk\": \"tcd-tinh\", \"text\": \"\\u1ebf\", \"signatories\": 2,"
        " \"channel\": \"counter\"}",
    };
    print_t first = print_of (self, same[0]);
    for (size_t i = 1; i < sizeof same / sizeof *same; i++) {
        print_t other = print_of (self, same[i]);
        assert_memory_equal (first.bytes, other.bytes, sizeof first.bytes);
    }
}

//  A repeat a second later, or across midnight, is the same content.
static void
test_the_time_of_the_call_does_not_count (void **state)
{
    fixture_t *self = *state;
    petition_t petition = {.desk = SLICE ("tcd-tinh"), .text = SLICE ("x")};
    print_t before, after;
    petition_t copy = petition;
    assert_int_equal (
        petition_check (&copy, &profile_double, now_ms, self->arena, &self->received_ms, NULL), 0);
    petition_fingerprint (&copy, before.bytes);
    copy = petition;
    assert_int_equal (petition_check (&copy, &profile_double, now_ms + CLOCK_DAY_MS, self->arena,
                          &self->received_ms, NULL),
        0);
    petition_fingerprint (&copy, after.bytes);
    assert_memory_equal (before.bytes, after.bytes, sizeof before.bytes);
}

static void
test_other_content_has_another_fingerprint (void **state)
{
    fixture_t *self = *state;
    static const char *const more[] = {"", "\"channel\": \"post\"", "\"place\": \"1\"",
        "\"respondent\": \"1\"", "\"letter_date\": \"2026-11-19\"", "\"received\": \"2026-11-19\"",
        "\"type\": \"to_cao\"", "\"field\": \"land\"", "\"signatories\": 1", "\"signatories\": 2",
        "\"petitioner\": {\"name\": \"1\"}", "\"petitioner\": {\"id_number\": \"1\"}",
        "\"petitioner\": {\"phone\": \"1\"}", "\"petitioner\": {\"address\": \"1\"}",
        "\"petitioner\": {\"anonymous\": true}", "\"incoming\": {\"number\": \"1\"}",
        "\"incoming\": {\"date\": \"2026-11-19\"}", "\"contested\": {\"author\": \"1\"}",
        "\"contested\": {\"number\": \"1\"}", "\"contested\": {\"date\": \"2026-11-19\"}",
        "\"contested\": {\"instance\": 1}", "\"organisation\": {\"name\": \"1\"}",
        "\"organisation\": {\"tax_code\": \"1\"}", "\"forwarded_by\": {\"body\": \"1\"}",
        "\"forwarded_by\": {\"number\": \"1\"}", "\"forwarded_by\": {\"date\": \"2026-11-19\"}",
        "\"place\": \"12\"", "\"place\": \"1\", \"respondent\": \"2\""};
    enum { MANY = sizeof more / sizeof *more };
    print_t prints[MANY];
    for (size_t i = 0; i < MANY; i++) {
        char json[200];
        snprintf (json, sizeof json, "{\"desk\": \"tcd-tinh\", \"text\": \"x\"%s%s}",
            *more[i] ? ", " : "", more[i]);
        prints[i] = print_of (self, json);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal (prints[i].bytes, prints[j].bytes, sizeof prints[i].bytes);
    }
}

//  Keys live 90 days: a new version must not take a repeat for other content.
static void
test_the_fingerprint_stays (void **state)
{
    fixture_t *self = *state;
    print_t print = print_of (
        self, "{\"desk\": \"tcd-tinh\", \"text\": \"x\", \"petitioner\": {\"name\": \"A\"}}");
    assert_memory_equal (print.bytes,
        "\x0a\xcd\x4a\x90\xf1\xd7\xff\xaf\x44\x43\x9d\xb2\xe8\xcc\xfb\xbd", sizeof print.bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_desk_and_text_are_enough),
        TEST (test_the_whole_petition),
        TEST (test_strings_become_nfc),
        TEST (test_empty_strings_are_absent),
        TEST (test_every_channel_and_type),
        TEST (test_desk_is_known),
        TEST (test_text_is_not_empty),
        TEST (test_text_has_a_limit),
        TEST (test_control_characters),
        TEST (test_utf8_is_checked_without_the_codec),
        TEST (test_codes_are_known),
        TEST (test_dates_exist),
        TEST (test_received_lies_between),
        TEST (test_numbers_are_sane),
        TEST (test_anonymous_has_no_name),
        TEST (test_every_string_has_a_limit),
        TEST (test_the_same_content_has_the_same_fingerprint),
        TEST (test_the_time_of_the_call_does_not_count),
        TEST (test_other_content_has_another_fingerprint),
        TEST (test_the_fingerprint_stays),
    };
    return cmocka_run_group_tests_name ("petition", tests, NULL, NULL);
}
