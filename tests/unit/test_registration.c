//  From a checked petition to what the ledger stores (registration.h).

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "intake/registration.h"

static profile_t *profile;
static vault_t *vault;
static respondents_t *respondents;
static arena_t *arena;
static char key_file[64];
#define ID SLICE ("0123456789abcdef")

static int
setup (void **state)
{
    (void)state;
    refusal_t refusal;
    if (sodium_init () < 0)
        return -1;
    profile = profile_load ("deploy/profiles/quang-ninh", NULL, &refusal);
    snprintf (key_file, sizeof key_file, "/tmp/daumoi-test-%d.key", (int)getpid ());
    unlink (key_file);
    vault_create (key_file, NULL);
    vault = vault_new (key_file, &refusal);
    arena = arena_new ();
    if (profile)
        respondents = respondents_new (profile);
    return profile && vault ? 0 : -1;
}

static int
teardown (void **state)
{
    (void)state;
    unlink (key_file);
    vault_destroy (&vault);
    respondents_destroy (&respondents);
    profile_destroy (&profile);
    arena_destroy (&arena);
    return 0;
}

static void
own_causes_go_to_the_superior_desk (void **state)
{
    (void)state;
    static const struct {
        const char *desk, *type, *respondent, *registered;
    } rows[] = {
        {"tcd-ha-tu", "to_cao", "ha-tu/head", "tcd-tinh"},
        {"tcd-ha-tu", "to_cao", "ha-tu/deputy", "tcd-tinh"},
        {"tcd-ha-tu", "thong_tin_to_cao", "ha-tu/head", "tcd-tinh"},
        {"tcd-ha-tu", "to_cao", "Chủ tịch UBND phường Hà Tu", "tcd-tinh"},
        {"tcd-ha-tu", "to_cao", "Phó Chủ tịch UBND phường", "tcd-tinh"},
        {"tcd-ha-tu", "to_cao", "Chủ tịch UBND phường Hồng Gai", "tcd-ha-tu"},
        {"tcd-ha-tu", "to_cao", "một người lạ mặt", "tcd-ha-tu"},
        {"tcd-ha-tu", "to_cao", "hong-gai/head", "tcd-ha-tu"},
        {"tcd-ha-tu", "khieu_nai", "ha-tu/head", "tcd-ha-tu"}, // the respondent settles first
        {"tcd-ha-tu", "to_cao", "", "tcd-ha-tu"},
        {"tcd-ha-tu", "", "ha-tu/head", "tcd-ha-tu"}, // not known for what it is: recused later
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        petition_t petition = {.desk = slice_from (rows[i].desk),
            .type = slice_from (rows[i].type),
            .respondent = slice_from (rows[i].respondent)};
        const desk_t *desk = registration_desk (profile, respondents, &petition, arena);
        if (!slice_is (desk->id, rows[i].registered))
            fail_msg ("row %zu: registered at %.*s", i, SLICE_ARGS (desk->id));
    }
}

static void
what_is_sealed_holds_all_but_the_key (void **state)
{
    (void)state;
    petition_t petition = {.desk = SLICE ("tcd-ha-tu"),
        .text = SLICE ("Đống rác đã ba hôm"),
        .key = SLICE ("a-key"),
        .petitioner = {.name = SLICE ("Nguyễn Văn Thử")}};
    buffer_t sealed = {0}, body = {0};
    petition_t back;
    registration_seal (&petition, ID, vault, &sealed);
    assert_null (memmem (sealed.data, sealed.size, "Nguy", 4));
    assert_int_equal (vault_open (vault, ID, buffer_slice (&sealed), &body), 0);
    assert_int_equal (
        codec_decode (&petition_schema, buffer_slice (&body), &back, arena, NULL, NULL), 0);
    assert_true (slice_equals (back.text, petition.text));
    assert_true (slice_equals (back.petitioner.name, petition.petitioner.name));
    assert_int_equal (back.key.size, 0);
    buffer_free (&sealed);
    buffer_free (&body);
}

static void
the_id_follows_from_desk_key_and_life (void **state)
{
    (void)state;
    petition_t first = {.desk = SLICE ("tcd-ha-tu"), .key = SLICE ("k1")};
    petition_t elsewhere = first, other = first, without = first;
    char id[17], again[17], differs[17];
    elsewhere.desk = SLICE ("tcd-tinh");
    other.key = SLICE ("k2");
    without.key = (slice_t){NULL, 0};
    registration_id (&first, 0, vault, id);
    registration_id (&first, 0, vault, again);
    assert_string_equal (id, again);
    assert_int_equal (strlen (id), CASE_ID_TEXT);
    registration_id (&first, 1, vault, differs);
    assert_string_not_equal (id, differs);
    registration_id (&elsewhere, 0, vault, differs);
    assert_string_not_equal (id, differs);
    registration_id (&other, 0, vault, differs);
    assert_string_not_equal (id, differs);
    registration_id (&without, 0, vault, again);
    registration_id (&without, 0, vault, differs);
    assert_string_not_equal (again, differs);
}

static void
the_first_entry_has_an_owner_and_an_alarm (void **state)
{
    (void)state;
    size_t count;
    const desk_t *desks = profile_desks (profile, &count);
    const int64_t now_ms = INT64_C (1795250000000);
    for (size_t i = 0; i < count; i++) {
        change_t change;
        petition_t petition = {.desk = desks[i].id, .channel = SLICE ("counter")};
        assert_true (registration_change (
            profile, &desks[i], &petition, ID, SLICE ("sealed"), now_ms, now_ms, &change, arena));
        case_t record = {0};
        for (size_t j = 0; j < change.count; j++)
            case_set (&record, change.set[j].letter, change.set[j].value);
        assert_true (slice_equals (record.owner, desks[i].unit->id));
        assert_true (record.officer.size > 0);
        assert_true (record.next_alarm_ms > now_ms);
        assert_true (slice_is (record.state, "received"));
    }
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (own_causes_go_to_the_superior_desk),
        cmocka_unit_test (what_is_sealed_holds_all_but_the_key),
        cmocka_unit_test (the_id_follows_from_desk_key_and_life),
        cmocka_unit_test (the_first_entry_has_an_owner_and_an_alarm),
    };
    return cmocka_run_group_tests_name ("registration", tests, setup, teardown);
}
