#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "calendar.h"
#include "cli/case_view.h"
#include "clock.h"
#include "limit.h"
#include "message.h"

static profile_t *profile;
static arena_t *arena;

static int
setup (void **state)
{
    (void)state;
    refusal_t refusal = {.text = ""};
    profile = profile_load ("deploy/profiles/quang-ninh", NULL, &refusal);
    if (!profile)
        print_error ("%s: %s\n", refusal.field, refusal.text);
    arena = arena_new ();
    return profile ? 0 : -1;
}

static int
teardown (void **state)
{
    (void)state;
    profile_destroy (&profile);
    arena_destroy (&arena);
    return 0;
}

static int64_t
at (const char *time)
{
    int64_t ms = 0;
    assert_int_equal (clock_read (slice_from (time), &ms), 0);
    return ms;
}

//  A report that was assigned, with labels and the clock of its step.
static case_t
assigned (const char *type, const char *label_type)
{
    labels_t labels = {.type = {.value = slice_from (label_type), .confidence = 900},
        .respondent = {.value = SLICE ("ha-tu/head")},
        .flags = FLAG_URGENT};
    buffer_t packed = {0}, text = {0};
    case_clock_t clock;
    codec_encode (&labels_schema, &labels, &packed);
    assert_true (limit_start (profile, TYPE_UNKNOWN, "triage", at ("2026-11-20"), false, &clock));
    case_clocks_write (&clock, 1, &text);
    case_t record = {.desk = SLICE ("tcd-tinh"),
        .day = SLICE ("261120"),
        .serial = 12,
        .version = 2,
        .state = SLICE ("assigned"),
        .owner = SLICE ("ha-tu"),
        .officer = SLICE ("head"),
        .type = slice_from (type),
        .field = SLICE ("land"),
        .place = SLICE ("ha-tu"),
        .person = SLICE ("PERSON"),
        .reason = SLICE ("REASON"),
        .past_owners = SLICE ("ban-tcd,so-xd"),
        .flags = FLAG_URGENT,
        .received_ms = at ("2026-11-20"),
        .next_alarm_ms = clock.due_ms};
    record.labels = arena_copy (arena, buffer_slice (&packed));
    record.clocks = arena_copy (arena, buffer_slice (&text));
    buffer_free (&packed);
    buffer_free (&text);
    return record;
}

static char *
shown (const case_t *record, int64_t now_ms)
{
    json_t *json = view_json (profile, record, "CODE", now_ms, arena);
    char *text = json_dumps (json, JSON_COMPACT);
    json_decref (json);
    return text;
}

static void
has (const char *text, const char *part)
{
    if (!strstr (text, part))
        fail_msg ("expected %s in %s", part, text);
}

static void
lacks (const char *text, const char *part)
{
    if (strstr (text, part))
        fail_msg ("%s must not stand in %s", part, text);
}

static void
test_an_open_case_shows_what_the_contract_names (void **state)
{
    (void)state;
    static const char *const keys[] = {"code", "version", "state", "desk", "owner",
        "competent_person", "coordinators", "type", "field", "place", "flags", "labels", "hops",
        "past_owners", "clocks", "petitions", "next_alarm", "result"};
    case_t record = assigned ("phan_anh", "phan_anh");
    json_t *json = view_json (profile, &record, "CODE", at ("2026-11-21"), arena);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!json_object_get (json, keys[i]))
            fail_msg ("%s is missing", keys[i]);
    assert_int_equal (json_array_size (json_object_get (json, "past_owners")), 2);
    const json_t *owner = json_object_get (json, "owner");
    const unit_t *unit = profile_unit (profile, SLICE ("ha-tu"));
    const char *officer = json_string_value (json_object_get (owner, "officer"));
    assert_true (slice_is (unit->head, officer));
    json_decref (json);
    char *text = shown (&record, at ("2026-11-21"));
    has (text, "\"type\":\"phan_anh\"");
    has (text, "\"flags\":[\"urgent\"]");
    has (text, "\"respondent\":{\"value\":\"ha-tu/head\"");
    free (text);
}

static void
test_a_denunciation_stays_neutral (void **state)
{
    (void)state;
    static const char *const secrets[] = {
        "to_cao", "land", "ha-tu/head", "PERSON", "REASON", "urgent", "confidence"};
    static const char *const types[] = {"to_cao", "thong_tin_to_cao"};
    for (size_t t = 0; t < 2; t++) {
        case_t record = assigned (types[t], types[t]);
        char *text = shown (&record, at ("2026-11-21"));
        has (text, "\"sealed\":true");
        has (text, "Bảo mật - hồ sơ số 12");
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
            lacks (text, secrets[i]);
        free (text);
    }
}

static void
test_until_the_type_is_decided_only_guesses_and_proposal (void **state)
{
    (void)state;
    case_t record = assigned ("kien_nghi", "kien_nghi");
    record.state = SLICE ("triage");
    record.proposed = SLICE ("so-xd");
    char *text = shown (&record, at ("2026-11-21"));
    has (text, "\"sealed\":false");
    has (text, "\"type\":null");
    has (text, "\"labels\":{\"type\":{\"value\":\"kien_nghi\"");
    has (text, "\"proposed\":{\"unit\":\"so-xd\"");
    free (text);
    record = assigned ("", "to_cao"); // may be one
    record.state = SLICE ("triage");
    record.proposed = SLICE ("so-xd");
    text = shown (&record, at ("2026-11-21"));
    has (text, "\"sealed\":true");
    has (text, "\"labels\":{}");
    lacks (text, "so-xd\",\"name");
    lacks (text, "REASON");
    free (text);
}

//  A label that was sure when the machine assigned is the record's own field.
static void
test_a_label_without_its_value_is_the_field_s (void **state)
{
    (void)state;
    case_t record = assigned ("phan_anh", "");
    labels_t labels = {.type = {.confidence = 950}, .model = SLICE ("m")}, back;
    buffer_t packed = {0};
    codec_encode (&labels_schema, &labels, &packed);
    record.labels = buffer_slice (&packed);
    assert_true (view_labels (&record, &back, arena));
    assert_true (slice_is (back.type.value, "phan_anh"));
    assert_int_equal (back.field.value.size, 0);
    buffer_free (&packed);
}

static void
test_a_guess_at_a_denunciation_seals (void **state)
{
    (void)state;
    labels_t labels = {.type = {.guesses = {{SLICE ("to_cao"), 400}, {SLICE ("khac"), 300}}}};
    case_t record = {.state = SLICE ("triage")};
    assert_int_equal (view_of (&record, &labels), VIEW_SEALED);
    assert_int_equal (view_of (&record, NULL), VIEW_UNDECIDED);
    record = (case_t){.state = SLICE ("assigned"), .type = SLICE ("phan_anh")};
    assert_int_equal (view_of (&record, &labels), VIEW_OPEN); // a human decided
    record.type = SLICE ("");
    assert_int_equal (view_of (&record, NULL), VIEW_UNDECIDED);
}

static void
test_clocks_are_explained_by_their_rule (void **state)
{
    (void)state;
    case_t record = assigned ("phan_anh", "phan_anh");
    clock_view_t clocks[CASE_CLOCKS];
    size_t count =
        view_clocks (profile, &record, VIEW_OPEN, record.next_alarm_ms + 1, arena, clocks);
    assert_int_equal (count, 1);
    assert_true (clocks[0].overdue);
    assert_true (clocks[0].basis.size > 0);
    buffer_t expected = {0};
    const rule_t *rule =
        profile_rule (profile, TYPE_UNKNOWN, SLICE ("triage"), clock_day (at ("2026-11-20")));
    calendar_rule_due (profile, rule, at ("2026-11-20"), false, false, &expected);
    assert_true (slice_equals (clocks[0].arithmetic, buffer_slice (&expected)));
    buffer_free (&expected);
    record.clocks = SLICE ("triage internal desk 1 2 a-rule-of-another-profile");
    view_clocks (profile, &record, VIEW_OPEN, 0, arena, clocks);
    assert_int_equal (clocks[0].arithmetic.size, 0); // nothing is made up
    assert_false (clocks[0].overdue);
}

static void
test_an_ended_case_has_a_result (void **state)
{
    (void)state;
    case_t record = assigned ("phan_anh", "phan_anh");
    record.state = SLICE ("filed");
    record.next_alarm_ms = 0;
    char *text = shown (&record, at ("2026-11-21"));
    has (text, "\"result\":{\"outcome\":\"filed\"");
    has (text, "\"next_alarm\":null");
    free (text);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_an_open_case_shows_what_the_contract_names),
        cmocka_unit_test (test_a_denunciation_stays_neutral),
        cmocka_unit_test (test_until_the_type_is_decided_only_guesses_and_proposal),
        cmocka_unit_test (test_a_label_without_its_value_is_the_field_s),
        cmocka_unit_test (test_a_guess_at_a_denunciation_seals),
        cmocka_unit_test (test_clocks_are_explained_by_their_rule),
        cmocka_unit_test (test_an_ended_case_has_a_result),
    };
    return cmocka_run_group_tests (tests, setup, teardown);
}
