#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "clock.h"
#include "profile.h"
#include "profile_copy.h"

static profile_t *profile;

static int
load (void **state)
{
    (void)state;
    buffer_t errors = {0};
    profile = profile_load (PROFILE_GOOD, &errors, NULL);
    if (!profile)
        fprintf (stderr, "%.*s", SLICE_ARGS (buffer_slice (&errors)));
    buffer_free (&errors);
    return profile ? 0 : -1;
}

static int
unload (void **state)
{
    (void)state;
    profile_destroy (&profile);
    assert_null (profile);
    profile_destroy (&profile);
    return 0;
}

static const unit_t *
unit (const char *id)
{
    const unit_t *found = profile_unit (profile, slice_from (id));
    if (!found)
        fail_msg ("no unit %s", id);
    return found;
}

static void
test_basics (void **state)
{
    (void)state;
    assert_true (slice_is (profile_name (profile), "Quảng Ninh"));
    assert_true (slice_is (profile_province (profile), "H49"));
    assert_int_equal (profile_received_max_days (profile), 365);
    for (int type = 0; type < TYPE_COUNT; type++)
        assert_int_equal (profile_assigns_alone (profile, (petition_type_t)type),
            type == TYPE_KIEN_NGHI || type == TYPE_PHAN_ANH);
}

//  --- organisation

static void
test_there_are_54_communes_with_all_their_divisions (void **state)
{
    (void)state;
    size_t count;
    const place_t *places = profile_places (profile, &count);
    const char *divisions[] = {"vp", "kt", "vhxh", "hcc", "ca"};
    assert_int_equal (count, 54);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal (profile_place (profile, places[i].code), &places[i]);
        assert_ptr_equal (places[i].unit, unit (places[i].code.ptr));
        assert_int_equal (places[i].unit->level, LEVEL_COMMUNE);
        assert_int_equal (places[i].official.size, 5);
        for (size_t d = 0; d < sizeof divisions / sizeof *divisions; d++) {
            char id[64];
            snprintf (id, sizeof id, "%s.%s", places[i].code.ptr, divisions[d]);
            assert_true (slice_equals (unit (id)->place, places[i].code));
        }
    }
}

static void
test_wards_and_communes_differ_where_the_decree_says_so (void **state)
{
    (void)state;
    assert_true (
        slice_is (unit ("ha-tu.kt")->name, "Phòng Kinh tế, Hạ tầng và Đô thị phường Hà Tu"));
    assert_true (slice_is (unit ("ba-che.kt")->name, "Phòng Kinh tế xã Ba Chẽ"));
    assert_true (slice_is (unit ("co-to.kt")->name, "Phòng Kinh tế đặc khu Cô Tô"));
    assert_true (slice_is (unit ("co-to")->name, "UBND đặc khu Cô Tô"));
    assert_true (slice_is (unit ("co-to")->name_en, "People's Committee of Cô Tô special zone"));
    assert_true (slice_is (unit ("mong-cai-1")->head, "Chủ tịch UBND phường Móng Cái 1"));
    const place_t *van_don = profile_place (profile, SLICE ("van-don"));
    assert_true (slice_is (van_don->name, "Đặc khu Vân Đồn"));
    assert_true (slice_is (van_don->official, "06994"));
    assert_true (van_don->remote);
    assert_false (profile_place (profile, SLICE ("ha-tu"))->remote);
}

//  Promise 3: from everywhere in the tree the way up ends at the top, which has a substitute.
static void
test_every_ladder_ends_at_the_top (void **state)
{
    (void)state;
    size_t count;
    const unit_t *units = profile_units (profile, &count), *top = profile_top (profile);
    assert_true (slice_is (top->id, "ubnd-tinh"));
    assert_true (top->substitute.size > 0);
    assert_null (top->superior);
    for (size_t i = 0; i < count; i++) {
        const unit_t *above = &units[i];
        for (int steps = 0; above->superior; above = above->superior)
            assert_true (++steps < 6);
        assert_int_equal (above == top, units[i].kind == UNIT_TREE);
        assert_int_equal (units[i].level == LEVEL_OUTSIDE, units[i].kind != UNIT_TREE);
        assert_true (units[i].head.size > 0);
        assert_true (units[i].id.size <= 32);
        assert_true (units[i].line > 0);
        assert_ptr_equal (profile_unit (profile, units[i].id), &units[i]);
    }
}

static void
test_lines_of_command (void **state)
{
    (void)state;
    const struct {
        const char *unit, *superior;
        unit_kind_t kind;
        unit_level_t level;
    } rows[] = {
        {"ha-tu", "ubnd-tinh", UNIT_TREE, LEVEL_COMMUNE},
        {"ha-tu.vp", "ha-tu", UNIT_TREE, LEVEL_DIVISION},
        {"ha-tu.ca", "cong-an-tinh", UNIT_VERTICAL, LEVEL_OUTSIDE},
        {"ha-tu.ubkt", "ha-tu.dang-uy", UNIT_EXTERNAL, LEVEL_OUTSIDE},
        {"so-nnmt.kiem-lam", "so-nnmt", UNIT_TREE, LEVEL_SUBUNIT},
        {"so-nnmt", "ubnd-tinh", UNIT_TREE, LEVEL_DEPARTMENT},
        {"ban-tcd", "vp-ubnd", UNIT_TREE, LEVEL_SUBUNIT},
        {"bhxh-co-so", "bhxh-tinh", UNIT_VERTICAL, LEVEL_OUTSIDE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const unit_t *one = unit (rows[i].unit);
        assert_ptr_equal (one->superior, unit (rows[i].superior));
        assert_int_equal (one->kind, rows[i].kind);
        assert_int_equal (one->level, rows[i].level);
    }
    assert_null (unit ("doanh-nghiep")->superior);
    assert_null (profile_unit (profile, SLICE ("ha-t")));
    assert_null (profile_unit (profile, SLICE ("")));
}

static bool
lists_alias (slice_t aliases, slice_t alias)
{
    for (const char *at = aliases.ptr, *end = at + aliases.size; at < end;) {
        const char *bar = memchr (at, '|', (size_t)(end - at));
        size_t size = (size_t)((bar ? bar : end) - at);
        if (slice_equals ((slice_t){at, size}, alias))
            return true;
        at += size + 1;
    }
    return false;
}

static void
test_aliases_are_folded_and_filled_in (void **state)
{
    (void)state;
    assert_true (lists_alias (unit ("so-nnmt")->aliases, SLICE ("so nn mt")));
    assert_true (lists_alias (unit ("ha-tu")->aliases, SLICE ("uy ban nhan dan phuong ha tu")));
    assert_true (lists_alias (unit ("ha-tu.ca")->aliases, SLICE ("ca phuong ha tu")));
    assert_false (lists_alias (unit ("ha-tu.ca")->aliases, SLICE ("ca phuong ha")));
}

//  An alias that two units share would name neither.
static void
test_no_alias_names_two_units (void **state)
{
    (void)state;
    size_t count;
    const unit_t *units = profile_units (profile, &count);
    for (size_t i = 0; i < count; i++)
        for (const char *at = units[i].aliases.ptr; at && *at;) {
            slice_t alias = {at, strcspn (at, "|")};
            assert_true (alias.size > 0);
            for (size_t j = 0; j < i; j++)
                if (lists_alias (units[j].aliases, alias))
                    fail_msg (
                        "%.*s: %s and %s", SLICE_ARGS (alias), units[i].id.ptr, units[j].id.ptr);
            at += alias.size + (at[alias.size] == '|');
        }
}

static void
test_desks (void **state)
{
    (void)state;
    size_t count;
    const desk_t *desks = profile_desks (profile, &count);
    assert_int_equal (count, 1 + 54);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal (profile_desk (profile, desks[i].id), &desks[i]);
        assert_int_equal (desks[i].unit->kind, UNIT_TREE);
        assert_non_null (desks[i].superior_desk_unit);
        assert_ptr_not_equal (desks[i].superior_desk_unit, desks[i].unit);
        assert_true (desks[i].id.size <= 32);
    }
    const desk_t *province = profile_desk (profile, SLICE ("tcd-tinh"));
    assert_ptr_equal (province->unit, unit ("ban-tcd"));
    assert_int_equal (province->place.size, 0);
    const desk_t *ward = profile_desk (profile, SLICE ("tcd-mong-cai-1"));
    assert_ptr_equal (ward->unit, unit ("mong-cai-1.vp"));
    assert_ptr_equal (ward->superior_desk_unit, unit ("ban-tcd"));
    assert_true (slice_is (ward->place, "mong-cai-1"));
    assert_true (slice_is (ward->name, "Địa điểm tiếp công dân phường Móng Cái 1"));
    assert_null (profile_desk (profile, SLICE ("tcd-ha")));
}

//  --- fields and competence

static void
test_the_top_level_is_what_classification_says (void **state)
{
    (void)state;
    const char *codes[] = {"land", "environment", "construction", "transport", "social_policy",
        "health", "education", "security_order", "justice", "corruption", "utilities",
        "administration", "labour", "market", "culture_tourism", "telecom", "agriculture",
        "finance_tax", "other"};
    size_t count, tops = 0;
    const profile_field_t *fields = profile_fields (profile, &count);
    for (size_t i = 0; i < count; i++)
        tops += fields[i].parent.size == 0;
    assert_int_equal (tops, 19);
    for (size_t i = 0; i < 19; i++)
        assert_int_equal (profile_field (profile, slice_from (codes[i]))->parent.size, 0);
    assert_true (slice_is (profile_field (profile, SLICE ("land.price"))->parent, "land"));
    assert_null (profile_field (profile, SLICE ("land.nothing")));
}

static void
test_competence_is_total (void **state)
{
    (void)state;
    size_t fields, places;
    const profile_field_t *field = profile_fields (profile, &fields);
    const place_t *place = profile_places (profile, &places);
    for (size_t f = 0; f < fields; f++) {
        assert_non_null (profile_competent (profile, field[f].code, NULL));
        for (size_t p = 0; p < places; p++) {
            const unit_t *one = profile_competent (profile, field[f].code, &place[p]);
            assert_non_null (one);
            assert_true (one->place.size == 0 || slice_equals (one->place, place[p].code));
        }
    }
    assert_null (profile_competent (profile, SLICE ("nothing"), NULL));
}

static void
test_competence_by_field_and_place (void **state)
{
    (void)state;
    const struct {
        const char *field, *place, *unit;
    } rows[] = {
        {"land", "ha-tu", "ha-tu.kt"},
        {"land", NULL, "so-nnmt"},
        {"land.compensation", "ha-tu", "ha-tu.kt"}, // falls back to land
        {"land.compensation", NULL, "so-nnmt"},
        {"land.registration", "ha-tu", "so-nnmt.vpdk"},
        {"environment.bay", "tuan-chau", "bql-vinh"},
        {"environment.mining", "mong-duong", "so-nnmt"},
        {"environment.industrial_park", "quang-ha", "bql-kkt"},
        {"environment.industrial_park", "van-don", "bql-kkt-vd"}, // said for this place alone
        {"transport.main_road", "hai-lang", "so-xd"},
        {"education", "uong-bi", "uong-bi.vhxh"},
        {"education", NULL, "so-gddt"},
        {"security_order", "cam-pha", "cam-pha.ca"},
        {"telecom", "cai-chien", "so-khcn"},
        {"administration.one_stop", "vang-danh", "vang-danh.hcc"},
        {"administration.personnel", "vang-danh", "vang-danh"},
        {"administration.identity", "vang-danh", "vang-danh.ca"},
        {"agriculture.dykes", "lien-hoa", "so-nnmt"},
        {"construction.drainage", "ha-tu", "ha-tu.kt"},
        {"education.school", "ha-tu", "ha-tu.vhxh"},
        {"market.fuel", "ha-tu", "so-ct"},
        {"other", NULL, "ban-tcd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const place_t *place =
            rows[i].place ? profile_place (profile, slice_from (rows[i].place)) : NULL;
        assert_ptr_equal (
            profile_competent (profile, slice_from (rows[i].field), place), unit (rows[i].unit));
    }
}

//  --- former places

static void
assert_former (const char *folded, const char *expected)
{
    const place_t *found[16];
    buffer_t codes = {0};
    size_t count = profile_former_place (profile, slice_from (folded), found, 16);
    for (size_t i = 0; i < count; i++)
        buffer_printf (&codes, "%s%s", i ? " " : "", found[i]->code.ptr);
    buffer_append (&codes, "", 1);
    assert_string_equal (codes.data, expected);
    buffer_free (&codes);
}

static void
test_former_places_keep_every_candidate (void **state)
{
    (void)state;
    assert_former ("phuong ha khau", "viet-hung tuan-chau");
    assert_former ("ha khanh", "cao-xanh");
    assert_former ("thi tran cai rong", "van-don");
    assert_former ("bac son", "vang-danh hai-son");
    assert_former ("bac son uong bi", "vang-danh");
    assert_former ("phuong bac son thanh pho uong bi", "vang-danh");
    assert_former ("xa bac son", "hai-son");
    assert_former ("huyen binh lieu", "binh-lieu hoanh-mo luc-hon");
    assert_former ("thi xa quang yen", "quang-yen dong-mai hiep-hoa ha-an lien-hoa phong-coc");
    assert_former ("hai hoa", "mong-cai-1 hai-hoa hai-lang");
    assert_former ("binh lieu", "binh-lieu hoanh-mo luc-hon"); // town and district, each place once
    assert_former ("phuong ha noi", "");
}

static void
test_a_short_list_of_former_places_is_not_overrun (void **state)
{
    (void)state;
    const place_t *found[2] = {NULL, NULL};
    assert_int_equal (profile_former_place (profile, SLICE ("huyen binh lieu"), found, 1), 1);
    assert_non_null (found[0]);
    assert_null (found[1]);
}

//  --- rules

static void
assert_rule (petition_type_t type, const char *step, const char *date, const char *expected)
{
    int64_t ms;
    assert_int_equal (clock_read (slice_from (date), &ms), 0);
    const rule_t *rule = profile_rule (profile, type, slice_from (step), clock_day (ms));
    if (!expected) {
        assert_null (rule);
        return;
    }
    assert_non_null (rule);
    assert_string_equal (rule->id.ptr, expected);
}

static void
test_the_rule_of_the_day (void **state)
{
    (void)state;
    assert_rule (TYPE_KHIEU_NAI, "assigned", "2026-06-30", "kn-accept-2012");
    assert_rule (TYPE_KHIEU_NAI, "assigned", "2026-07-01", "kn-accept");
    assert_rule (TYPE_TO_CAO, "assigned", "2026-07-01", "tc-check");
    assert_rule (TYPE_KHAC, "assigned", "2026-07-01", "any-answer");
    assert_rule (TYPE_UNKNOWN, "triage", "2026-07-01", "triage");
    assert_rule (TYPE_TO_CAO, "triage", "2026-07-01", "triage");
    assert_rule (TYPE_PHAN_ANH, "promise", "2026-07-01", "any-promise");
    assert_rule (TYPE_KHIEU_NAI, "promise", "2026-07-01", "kn-promise");
    assert_rule (TYPE_KHIEU_NAI, "assigned", "2012-06-30", NULL);
    assert_rule (TYPE_PHAN_ANH, "settlement", "2026-07-01", NULL); // the law gives none
    assert_rule (TYPE_KHIEU_NAI, "no such step", "2026-07-01", NULL);
}

//  What is made for a type goes before what holds for all, even where the latter is law.
static void
test_the_rule_of_the_type_goes_first (void **state)
{
    (void)state;
    profile_copy_t copy;
    profile_copy_make (&copy);
    profile_copy_edit (&copy, "rules.yaml", "id: any-answer, step: assigned, kind: internal",
        "id: any-answer, step: assigned, kind: statutory");
    profile_t *edited = profile_load (copy.folder, NULL, NULL);
    int64_t day = clock_from_civil (2026, 7, 1);
    assert_string_equal (
        profile_rule (edited, TYPE_PHAN_ANH, SLICE ("assigned"), day)->id.ptr, "pa-answer");
    assert_string_equal (
        profile_rule (edited, TYPE_KHAC, SLICE ("assigned"), day)->id.ptr, "any-answer");
    profile_destroy (&edited);
    profile_copy_remove (&copy);
}

static void
test_what_a_rule_says (void **state)
{
    (void)state;
    const rule_t *rule =
        profile_rule (profile, TYPE_KHIEU_NAI, SLICE ("settlement"), clock_from_civil (2026, 7, 1));
    assert_int_equal (rule->days, 30);
    assert_int_equal (rule->remote_days, 45);
    assert_int_equal (rule->complex_days, 45);
    assert_int_equal (rule->complex_remote_days, 60);
    assert_false (rule->working);
    assert_string_equal (rule->kind.ptr, "statutory");
    assert_string_equal (rule->who.ptr, "owner");
    assert_string_equal (rule->basis.ptr, "LKN 28");
    assert_int_equal (rule->from_day, clock_from_civil (2012, 7, 1));
    assert_int_equal (rule->to_day, 0);
}

//  --- calendar

static void
test_days (void **state)
{
    (void)state;
    assert_false (profile_works (profile, clock_from_civil (2026, 2, 17)));
    assert_true (
        slice_is (profile_day_name (profile, clock_from_civil (2026, 2, 17)), "Tết Âm lịch"));
    assert_true (profile_works (profile, clock_from_civil (2026, 1, 10)));  // swapped Saturday
    assert_false (profile_works (profile, clock_from_civil (2026, 1, 11))); // Sunday
    assert_true (profile_works (profile, clock_from_civil (2026, 1, 12)));
    assert_int_equal (profile_day_name (profile, clock_from_civil (2026, 1, 12)).size, 0);
}

//  --- the whole

static void
test_the_hash_is_that_of_the_bytes (void **state)
{
    (void)state;
    profile_copy_t copy;
    profile_copy_make (&copy);
    profile_t *same = profile_load (copy.folder, NULL, NULL);
    assert_string_equal (profile_hash (same), profile_hash (profile));
    assert_int_equal (strspn (profile_hash (same), "0123456789abcdef"), 32);
    profile_copy_edit (&copy, "calendar.yaml", "# Days off", "# days off");
    profile_t *other = profile_load (copy.folder, NULL, NULL);
    assert_string_not_equal (profile_hash (other), profile_hash (profile));
    profile_destroy (&same);
    profile_destroy (&other);
    profile_copy_remove (&copy);
}

static void
test_describe (void **state)
{
    (void)state;
    buffer_t out = {0};
    profile_describe (profile, &out);
    buffer_append (&out, "", 1);
    assert_non_null (strstr (out.data, "name: Quảng Ninh\nprovince: H49\nhash: "));
    assert_non_null (strstr (out.data, "\ncommunes: 54\n"));
    assert_non_null (strstr (out.data, "\ndesks: 55\n"));
    assert_non_null (strstr (out.data, "\nuncertain facts, to be confirmed: "));
    buffer_free (&out);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_basics),
        cmocka_unit_test (test_there_are_54_communes_with_all_their_divisions),
        cmocka_unit_test (test_wards_and_communes_differ_where_the_decree_says_so),
        cmocka_unit_test (test_every_ladder_ends_at_the_top),
        cmocka_unit_test (test_lines_of_command),
        cmocka_unit_test (test_aliases_are_folded_and_filled_in),
        cmocka_unit_test (test_no_alias_names_two_units),
        cmocka_unit_test (test_desks),
        cmocka_unit_test (test_the_top_level_is_what_classification_says),
        cmocka_unit_test (test_competence_is_total),
        cmocka_unit_test (test_competence_by_field_and_place),
        cmocka_unit_test (test_former_places_keep_every_candidate),
        cmocka_unit_test (test_a_short_list_of_former_places_is_not_overrun),
        cmocka_unit_test (test_the_rule_of_the_day),
        cmocka_unit_test (test_the_rule_of_the_type_goes_first),
        cmocka_unit_test (test_what_a_rule_says),
        cmocka_unit_test (test_days),
        cmocka_unit_test (test_the_hash_is_that_of_the_bytes),
        cmocka_unit_test (test_describe),
    };
    return cmocka_run_group_tests (tests, load, unload);
}
