//  Who must do it: a table of matters with the unit, the person and the article, and what must hold
//  for every unit, field and place of the Quảng Ninh profile.

#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>

#include "assignment/competence.h"
#include "clock.h"

enum { NOVEMBER_2026 = 20780, MAY_2026 = 20590, MAY_2025 = 20225 }; // days since 1970

static profile_t *profile;
static arena_t *arena;

static int
set_up (void **state)
{
    refusal_t refusal = {0};
    (void)state;
    arena = arena_new ();
    profile = profile_load ("deploy/profiles/quang-ninh", NULL, &refusal);
    if (!profile)
        fprintf (stderr, "%s: %s\n", refusal.field, refusal.text);
    return profile ? 0 : -1;
}

static int
tear_down (void **state)
{
    (void)state;
    profile_destroy (&profile);
    arena_destroy (&arena);
    return 0;
}

static competent_t
find_on (int64_t day, matter_t matter)
{
    competent_t out;
    memset (&out, 0xAA, sizeof out); // every field must be written
    matter.at_ms = clock_day_start (day);
    competence_find (profile, &matter, arena, &out);
    return out;
}

static competent_t
find (matter_t matter)
{
    return find_on (NOVEMBER_2026, matter);
}

static bool
contains (slice_t text, const char *part)
{
    return text.size && memmem (text.ptr, text.size, part, strlen (part)) != NULL;
}

static const desk_t *
desk (const char *id)
{
    const desk_t *found = profile_desk (profile, slice_from (id));
    assert_non_null (found);
    return found;
}

//  --- the table

typedef struct {
    petition_type_t type;
    const char *field, *place, *respondent;
    int instance;
    const char *unit, *person, *basis; // unit NULL: the desk decides
} row_t;

#define KN TYPE_KHIEU_NAI
#define TC TYPE_TO_CAO
#define TT TYPE_THONG_TIN_TO_CAO
#define KNGH TYPE_KIEN_NGHI
#define PA TYPE_PHAN_ANH
#define CHAIR "Chủ tịch UBND tỉnh"

static const row_t ROWS[] = {
    //  first complaints: the author, or the head of his body
    {KN, "land", "ha-tu", "ha-tu/head", 1, "ha-tu", "Chủ tịch UBND phường Hà Tu", "LKN 17"},
    {KN, "land", "ha-tu", "ha-tu", 0, "ha-tu", "Chủ tịch UBND phường Hà Tu", "LKN 7"},
    {KN, "administration", "mong-cai-1", "mong-cai-1/staff", 1, "mong-cai-1", "Chủ tịch", "LKN 17"},
    {KN, "land", "mao-khe", "mao-khe.kt/head", 1, "mao-khe", "Chủ tịch UBND", "LKN 17"},
    {KN, "administration", "tien-yen", "tien-yen.hcc/staff", 1, "tien-yen", "Chủ tịch", "LKN 17"},
    {KN, "social_policy", "quang-la", "quang-la.vhxh", 1, "quang-la", "Chủ tịch UBND xã", "LKN 17"},
    {KN, "social_policy", "", "so-nv/head", 1, "so-nv", "Giám đốc Sở Nội vụ", "LKN 20.1"},
    {KN, "transport", "", "so-xd/staff", 1, "so-xd", "Giám đốc Sở Xây dựng", "LKN 20.1"},
    {KN, "land", "", "so-nnmt.vpdk/staff", 1, "so-nnmt.vpdk", "Giám đốc Văn phòng Đăng", "LKN 19"},
    {KN, "agriculture", "", "so-nnmt.kiem-lam/head", 1, "so-nnmt.kiem-lam", "Chi cục", "LKN 19"},
    {KN, "culture_tourism", "", "bql-vinh/head", 1, "bql-vinh", "Trưởng Ban", "LKN 20.1"},
    {KN, "administration", "", "tt-pvhcc/staff", 1, "tt-pvhcc", "Giám đốc Trung tâm", "LKN 20.1"},
    {KN, "administration", "", "ban-tcd/staff", 1, "vp-ubnd", "Chánh Văn phòng", "LKN 20.1"},
    {KN, "land", "", "ubnd-tinh/head", 1, "thanh-tra", CHAIR, "LKN 21.1"},
    {KN, "other", "", "thanh-tra/head", 1, "thanh-tra", "Chánh Thanh tra tỉnh", "LKN 20.1"},
    //  second complaints: the direct superior
    {KN, "land", "mao-khe", "mao-khe/head", 2, "thanh-tra", CHAIR, "LKN 21.2"},
    {KN, "land", "mao-khe", "mao-khe.kt/staff", 2, "thanh-tra", CHAIR, "LKN 21.2"},
    {KN, "health", "", "so-yt/head", 2, "thanh-tra", CHAIR, "LKN 21.2"},
    {KN, "agriculture", "", "so-nnmt.thuy-san/head", 2, "so-nnmt", "Giám đốc Sở Nông", "LKN 20.2"},
    {KN, "education", "", "so-gddt.thpt/head", 2, "so-gddt", "Giám đốc Sở Giáo dục", "LKN 20.2"},
    {KN, "education", "", "dong-trieu.truong/head", 2, "dong-trieu", "Chủ tịch UBND", "LKN 7"},
    {KN, "other", "", "thanh-tra/head", 2, "ubnd-tinh", CHAIR, "LKN 21.2"},
    {KN, "land", "ba-che", "ubnd-tinh/head", 2, "bo-nnmt", "Bộ trưởng Bộ Nông", "LKN 23.3"},
    {KN, "land.registration", "", "ubnd-tinh/head", 2, "bo-nnmt", "Bộ trưởng", "LKN 23.3"},
    {KN, "education", "", "ubnd-tinh/body", 2, "bo-gddt", "Bộ trưởng Bộ Giáo", "LKN 23.3"},
    {KN, "corruption", "", "ubnd-tinh/head", 2, NULL, "", "LKN 7"},
    //  other lines
    {KN, "security_order", "", "cua-ong.ca/head", 1, "cua-ong.ca", "Trưởng Công an", "LKN 7"},
    {KN, "security_order", "", "hong-gai.ca/head", 2, "cong-an-tinh", "Giám đốc Công an", "LKN 7"},
    {KN, "finance_tax", "van-don", "thue-tinh", 1, "thue-tinh", "Trưởng Thuế tỉnh", "LKN 7"},
    {KN, "finance_tax", "", "thue-co-so/head", 2, "thue-tinh", "Trưởng Thuế tỉnh", "LKN 7"},
    {KN, "labour", "", "bhxh-tinh", 1, "bhxh-tinh", "Giám đốc Bảo hiểm", "LKN 7"},
    {KN, "justice", "", "toa-an-kv", 1, "toa-an-kv", "Chánh án", "LKN 7"},
    {KN, "justice", "", "thads/staff", 1, "thads", "Trưởng Thi hành án", "LKN 7"},
    {KN, "utilities", "ha-long", "dien-luc", 1, "dien-luc", "Giám đốc", "LKN 7"},
    {KN, "utilities", "ha-long", "dien-luc", 2, NULL, "", "LKN 7"},
    //  unknown author: never by field
    {KN, "construction", "ha-tu", "", 1, NULL, "", "LKN 7"},
    {KN, "land", "ha-tu", "", 1, NULL, "", "NĐ151/2025"},
    {KN, "land.compensation", "ha-tu", "", 2, NULL, "", "NĐ151/2025"},
    {KN, "justice", "", "", 0, NULL, "", "TT05"},
    //  named because the letter is sent to them, not because they decided
    {KN, "education", "", "ubnd-tinh", 2, NULL, "", "LKN 7"},
    {KN, "land", "", "ban-tcd", 1, NULL, "", "LKN 7"},
    {KN, "land", "", "no-such-unit/head", 1, NULL, "", "LKN 7"},
    //  schools without a name: the superior is known, the owner is not
    {KN, "education", "", "so-gddt.thpt/head", 1, NULL, "", "LKN 7"},
    {KN, "education", "", "ha-tu.truong/head", 1, NULL, "", "LKN 7"},
    {TC, "education", "", "ha-tu.truong/staff", 0, NULL, "", "LTC 12"},
    //  denunciations of staff: the head of the body
    {TC, "corruption", "mao-khe", "mao-khe.kt/staff", 0, "mao-khe", "Chủ tịch UBND", "LTC 13.1"},
    {TC, "administration", "", "tuan-chau/staff", 0, "tuan-chau", "Chủ tịch UBND", "LTC 13.1"},
    {TC, "corruption", "", "so-nnmt/staff", 0, "so-nnmt", "Giám đốc Sở Nông", "LTC 13.3"},
    {TC, "health", "", "so-yt.bvdk/staff", 0, "so-yt.bvdk", "Giám đốc Bệnh viện", "LTC 12.1"},
    {TC, "corruption", "", "thanh-tra/staff", 0, "thanh-tra", "Chánh Thanh tra", "LTC 13.3"},
    {TC, "administration", "", "ban-tcd/staff", 0, "vp-ubnd", "Chánh Văn phòng", "LTC 12.1"},
    {TC, "corruption", "", "ubnd-tinh/staff", 0, "thanh-tra", CHAIR, "LTC 13.4"},
    //  denunciations of heads, deputies and bodies: the superior
    {TC, "land", "yen-tu", "yen-tu.kt/head", 0, "yen-tu", "Chủ tịch UBND", "LTC 13.1"},
    {TC, "land", "yen-tu", "yen-tu.kt", 0, "yen-tu", "Chủ tịch UBND", "LTC 13.1"},
    {TC, "corruption", "", "thong-nhat/head", 0, "thanh-tra", CHAIR, "LTC 13.4a"},
    {TC, "land", "ha-an", "ha-an/deputy", 0, "thanh-tra", CHAIR, "LTC 13.4a"},
    {TC, "corruption", "", "ha-an/body", 0, "thanh-tra", CHAIR, "LTC 13.4a"},
    //  somebody in a unit: only where it makes no difference who
    {TC, "corruption", "", "ha-an", 0, NULL, "", "LTC 12.1"},
    {TC, "corruption", "", "so-nnmt", 0, NULL, "", "LTC 12.1"},
    {TC, "security_order", "", "ha-an.ca", 0, NULL, "", "LTC 12.1"},
    {TC, "administration", "", "ha-an.hcc", 0, "ha-an", "Chủ tịch UBND", "LTC 13.1"},
    {TC, "corruption", "", "so-xd/head", 0, "thanh-tra", CHAIR, "LTC 13.4a"},
    {TC, "corruption", "", "so-yt/deputy", 0, "thanh-tra", CHAIR, "LTC 13.4a"},
    {TC, "health", "", "so-yt.san-nhi/head", 0, "so-yt", "Giám đốc Sở Y tế", "LTC 13.3"},
    {TC, "education", "", "hong-gai.truong/head", 0, "hong-gai", "Chủ tịch UBND", "LTC 13.1"},
    {TC, "corruption", "", "thanh-tra/deputy", 0, "ubnd-tinh", CHAIR, "LTC 13.4a"},
    {TC, "corruption", "", "ban-tcd/head", 0, "thanh-tra", CHAIR, "LTC 13.4a"},
    {TC, "corruption", "", "ubnd-tinh/head", 0, "thu-tuong", "Thủ tướng", "LTC 12.1"},
    {TC, "security_order", "", "uong-bi.ca/head", 0, "cong-an-tinh", "Giám đốc", "LTC 12.1"},
    {TC, "security_order", "", "quang-duc.ca/staff", 0, "quang-duc.ca", "Trưởng", "LTC 12.1"},
    {TC, "security_order", "", "cong-an-tinh/head", 0, "bo-cong-an", "Bộ trưởng", "LTC 12.1"},
    {TC, "justice", "", "toa-an-kv/head", 0, "toa-an-tinh", "Chánh án", "LTC 12.1"},
    {TC, "other", "", "vang-danh.dang-uy/staff", 0, "vang-danh.ubkt", "Chủ nhiệm", "TT05/2021 15"},
    {TC, "other", "", "vang-danh.dang-uy/head", 0, "ubkt-tinh", "Chủ nhiệm", "TT05/2021 15"},
    {TC, "other", "", "vang-danh.ubkt/head", 0, "vang-danh.dang-uy", "Bí thư", "LTC 12.1"},
    {TC, "environment", "", "tkv", 0, "so-nnmt", "Giám đốc Sở Nông", "LTC 41"},
    {TC, "justice", "", "vp-cong-chung/staff", 0, "so-tp", "Giám đốc Sở Tư pháp", "LTC 41"},
    {TC, "other", "", "tkv", 0, NULL, "", "LTC 12"},
    {TC, "corruption", "ha-tu", "", 0, NULL, "", "LTC 12"},
    {TT, "corruption", "", "thong-nhat/head", 0, "thanh-tra", CHAIR, "LTC 13.4a"},
    {TT, "corruption", "", "", 0, NULL, "", "LTC 12"},
    //  proposals and reports: field, place and level
    {PA, "construction", "ha-long", "", 0, "ha-long.kt", "Chủ tịch UBND phường Hạ", "LTCD 26.2"},
    {PA, "transport", "binh-lieu", "", 0, "binh-lieu.kt", "Chủ tịch UBND xã", "LTCD 26.2"},
    {PA, "transport.main_road", "hai-lang", "", 0, "so-xd", "Giám đốc Sở Xây dựng", "LTCD 26.2"},
    {PA, "transport", "quang-la", "so-xd", 0, "so-xd", "Giám đốc Sở Xây dựng", "LTCD 26.2"},
    {PA, "construction", "ha-long", "so-xd", 0, "so-xd", "Giám đốc Sở Xây dựng", "LTCD 26.2"},
    {PA, "health", "", "so-yt.bvdk", 0, "so-yt", "Giám đốc Sở Y tế", "LTCD 26.2"},
    {PA, "environment", "bai-chay", "bql-vinh", 0, "bql-vinh", "Trưởng Ban", "LTCD 26.2"},
    {PA, "utilities", "quang-yen", "dien-luc", 0, "dien-luc", "Giám đốc", "LTCD 26.2"},
    {PA, "environment", "mong-duong", "tkv", 0, "mong-duong.kt", "Chủ tịch UBND", "LTCD 26.2"},
    {PA, "finance_tax", "mong-cai-2", "hai-quan", 0, "hai-quan", "Chi cục trưởng", "LTCD 26.2"},
    {KNGH, "labour", "", "", 0, "so-nv", "Giám đốc Sở Nội vụ", "LTCD 26.2"},
    {KNGH, "telecom", "cai-chien", "", 0, "so-khcn", "Giám đốc Sở Khoa học", "LTCD 26.2"},
    {KNGH, "education", "", "", 0, NULL, "", "LTCD 26.2"},
    {PA, "", "ha-tu", "", 0, NULL, "", "LTCD 26.2"},
    {PA, "other", "ha-tu", "", 0, NULL, "", "LTCD 26.2"},
    {PA, "no_such_field", "ha-tu", "", 0, NULL, "", "LTCD 26.2"},
    //  a report about a person is kept from him too
    {PA, "administration", "", "dien-xa/staff", 0, "dien-xa", "Chủ tịch UBND xã", "LTC 12.1"},
    {PA, "administration", "dien-xa", "dien-xa/head", 0, "thanh-tra", CHAIR, "LTC 12.1"},
    //  never a machine's
    {TYPE_NHIEU_NOI_DUNG, "land", "ha-tu", "ha-tu/head", 0, NULL, "", "LTCD 25.3"},
    {TYPE_KHAC, "land", "ha-lam", "", 0, NULL, "", "NĐ151/2025"},
    {TYPE_KHAC, "justice", "", "", 0, NULL, "", "TT05"},
    {TYPE_UNKNOWN, "land", "ha-tu", "", 0, NULL, "", "TT05"},
};
enum { ROW_COUNT = sizeof ROWS / sizeof *ROWS };

static bool
row_holds (const row_t *row, const competent_t *got)
{
    if (!row->unit)
        return !got->unit && got->verdict == COMPETENT_UNSURE && contains (got->basis, row->basis);
    return got->unit && slice_is (got->unit->id, row->unit) &&
           contains (got->person, row->person) && contains (got->basis, row->basis);
}

static void
test_table (void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const row_t *row = &ROWS[i];
        competent_t got = find ((matter_t){.type = row->type,
            .field = slice_from (row->field),
            .place = slice_from (row->place),
            .respondent = slice_from (row->respondent),
            .instance = row->instance,
            .desk = desk ("tcd-tinh")});
        if (row_holds (row, &got))
            continue;
        slice_t unit = got.unit ? got.unit->id : SLICE ("triage");
        print_error ("row %zu %s %s: expected %s, got %.*s, %.*s [%.*s] %.*s\n", i,
            type_code (row->type), row->respondent, row->unit ? row->unit : "triage",
            SLICE_ARGS (unit), SLICE_ARGS (got.person), SLICE_ARGS (got.basis),
            SLICE_ARGS (got.reason));
        wrong++;
    }
    assert_int_equal (wrong, 0);
    assert_true (ROW_COUNT >= 60);
}

//  --- for every unit, role, field and place

static const char *const ROLES[] = {"", "/body", "/head", "/deputy", "/staff", "/stranger"};
enum { ROLE_COUNT = sizeof ROLES / sizeof *ROLES };

static slice_t
respondent_of (const unit_t *unit, size_t role)
{
    return arena_printf (arena, "%.*s%s", SLICE_ARGS (unit->id), ROLES[role]);
}

//  What holds for every answer.
static void
check_whole (const matter_t *matter, const competent_t *got)
{
    bool proposal = matter->type == TYPE_KIEN_NGHI || matter->type == TYPE_PHAN_ANH;
    assert_true (got->basis.size > 0 && got->reason.size > 0);
    assert_int_equal (got->verdict == COMPETENT_UNSURE, got->unit == NULL);
    if (got->unit) {
        assert_int_equal (got->verdict == COMPETENT_HERE, got->unit->kind == UNIT_TREE);
        assert_true (got->person.size > 0);
        assert_false (contains (got->unit->name, "(chưa rõ tên)"));
    }
    if (got->certain)
        assert_true (proposal && got->verdict == COMPETENT_HERE);
}

typedef void (check_fn) (const unit_t *unit, slice_t respondent);

static void
for_all_parties (check_fn *check)
{
    size_t count = 0;
    const unit_t *units = profile_units (profile, &count);
    assert_true (count > 300);
    for (size_t i = 0; i < count; i++)
        for (size_t role = 0; role < ROLE_COUNT; role++)
            check (&units[i], respondent_of (&units[i], role));
    arena_reset (arena);
}

static void
check_own_cause (const unit_t *unit, slice_t respondent)
{
    static const petition_type_t TYPES[] = {TC, TT, PA, KNGH, TYPE_NHIEU_NOI_DUNG, TYPE_KHAC};
    static const char *const FIELDS[] = {"corruption", "land", "security_order", "other", ""};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        for (size_t f = 0; f < sizeof FIELDS / sizeof *FIELDS; f++) {
            matter_t matter = {.type = TYPES[i],
                .field = slice_from (FIELDS[f]),
                .place = unit->place,
                .respondent = respondent,
                .flags = FLAG_CRIME,
                .desk = desk ("tcd-tinh")};
            competent_t got = find (matter);
            check_whole (&matter, &got);
            if (got.unit)
                assert_false (competence_implicated (profile, TYPES[i], respondent, got.unit));
        }
}

static void
test_nobody_judges_his_own_cause (void **state)
{
    (void)state;
    for_all_parties (check_own_cause);
}

static void
check_second (const unit_t *unit, slice_t respondent)
{
    matter_t matter = {
        .type = KN, .field = SLICE ("land"), .respondent = respondent, .instance = 1};
    (void)unit;
    competent_t first = find (matter);
    matter.instance = 2;
    competent_t second = find (matter);
    check_whole (&matter, &first);
    check_whole (&matter, &second);
    assert_false (first.recuse || second.recuse);
    if (first.unit && second.unit) {
        assert_false (slice_equals (first.person, second.person));
        assert_ptr_not_equal (second.unit, first.unit);
    }
    matter.instance = 0;
    matter.flags = FLAG_SECOND;
    assert_ptr_equal (find (matter).unit, second.unit);
}

static void
test_who_settled_first_has_no_part_in_the_second (void **state)
{
    (void)state;
    for_all_parties (check_second);
}

static void
check_unimplicated (const unit_t *unit, slice_t respondent)
{
    const unit_t *free = competence_unimplicated (profile, TC, respondent, unit);
    const unit_t *above = unit;
    if (free)
        assert_false (competence_implicated (profile, TC, respondent, free));
    while (above && above != free) {
        assert_true (competence_implicated (profile, TC, respondent, above));
        above = above->superior;
    }
    assert_ptr_equal (above, free);
    assert_ptr_equal (competence_unimplicated (profile, KN, respondent, unit), unit);
}

static void
test_unimplicated_is_the_first_above (void **state)
{
    (void)state;
    for_all_parties (check_unimplicated);
}

//  Without a place only what is the same everywhere can be said.
static bool
same_everywhere (const profile_field_t *field)
{
    size_t count = 0;
    const place_t *places = profile_places (profile, &count);
    const unit_t *province = profile_competent (profile, field->code, NULL);
    for (size_t i = 0; i < count; i++)
        if (profile_competent (profile, field->code, &places[i]) != province)
            return false;
    return true;
}

//  The profile is total for proposals and reports: each field and place has its unit.
static void
check_field (const profile_field_t *field, const place_t *place, const desk_t *at)
{
    slice_t code = place ? place->code : SLICE ("");
    matter_t matter = {.type = PA, .field = field->code, .place = code, .desk = at};
    competent_t got = find (matter);
    check_whole (&matter, &got);
    if (slice_is (field->code, "other"))
        assert_int_equal (got.verdict, COMPETENT_UNSURE);
    else
        assert_int_equal (got.unit != NULL, place || at->place.size || same_everywhere (field));
    if (place && got.unit)
        assert_ptr_equal (got.unit, profile_competent (profile, field->code, place));
    if (got.certain && !place)
        assert_ptr_equal (got.unit, profile_competent (profile, field->code, NULL));
}

static void
test_every_field_and_place_has_its_unit (void **state)
{
    size_t fields_count = 0, places_count = 0;
    const profile_field_t *fields = profile_fields (profile, &fields_count);
    const place_t *places = profile_places (profile, &places_count);
    (void)state;
    assert_true (fields_count >= 19 && places_count == 54);
    for (size_t f = 0; f < fields_count; f++) {
        for (size_t p = 0; p < places_count; p++)
            check_field (&fields[f], &places[p], desk ("tcd-tinh"));
        check_field (&fields[f], NULL, desk ("tcd-tinh"));
        check_field (&fields[f], NULL, desk ("tcd-ha-tu"));
    }
    arena_reset (arena);
}

//  --- when a machine may act

static void
test_certain_only_without_a_flag_for_humans (void **state)
{
    static const int64_t HUMANS = FLAG_MASS | FLAG_REPEATED | FLAG_SECOND | FLAG_URGENT |
                                  FLAG_CRIME | FLAG_CONFIDENTIAL | FLAG_INELIGIBLE;
    matter_t matter = {.type = PA,
        .field = SLICE ("construction"),
        .place = SLICE ("ha-long"),
        .desk = desk ("tcd-tinh")};
    (void)state;
    assert_true (find (matter).certain);
    for (int bit = 0; bit < FLAG_COUNT; bit++) {
        matter.flags = INT64_C (1) << bit;
        assert_int_equal (find (matter).certain, !(HUMANS & matter.flags));
        assert_non_null (find (matter).unit);
    }
}

static void
test_certain_only_when_nothing_else_could_be_meant (void **state)
{
    const desk_t *province = desk ("tcd-tinh");
    matter_t road = {
        .type = PA, .field = SLICE ("transport"), .place = SLICE ("ha-long"), .desk = province};
    (void)state;
    assert_false (find (road).certain); // a hamlet's road or a national one
    assert_true (contains (find (road).reason, "chi tiết hơn"));
    road.field = SLICE ("transport.local_road");
    assert_true (find (road).certain);
    assert_false (contains (find (road).reason, "chi tiết hơn"));
    road.respondent = SLICE ("ha-long.kt");
    assert_true (find (road).certain);
    road.respondent = SLICE ("so-yt"); // names a body that has nothing to do with it
    assert_false (find (road).certain);
    road.respondent = SLICE ("ha-long/staff"); // about a person
    assert_false (find (road).certain);
    matter_t bribe = {.type = PA, .field = SLICE ("corruption"), .desk = province};
    assert_false (find (bribe).certain);
    assert_non_null (find (bribe).unit);
    matter_t out = {.type = PA, .field = SLICE ("social_policy.insurance"), .desk = province};
    assert_false (find (out).certain);
}

//  The desk's place may stand in for a place that is not said, but a human looks.
static void
test_place_of_the_desk (void **state)
{
    matter_t matter = {.type = PA, .field = SLICE ("construction"), .desk = desk ("tcd-ha-tu")};
    (void)state;
    competent_t got = find (matter);
    assert_true (slice_is (got.unit->id, "ha-tu.kt"));
    assert_false (got.certain);
    matter.respondent = SLICE ("ha-an"); // the body named says where it is
    assert_true (slice_is (find (matter).unit->id, "ha-an.kt"));
    matter.respondent = SLICE ("");
    matter.desk = NULL;
    assert_int_equal (find (matter).verdict, COMPETENT_UNSURE);
}

//  --- the desk

static bool
recuses (petition_type_t type, const char *at, const char *respondent)
{
    return find ((matter_t){.type = type,
                     .field = SLICE ("land"),
                     .respondent = slice_from (respondent),
                     .desk = at ? desk (at) : NULL})
        .recuse;
}

static void
test_desk_that_answers_to_the_accused (void **state)
{
    (void)state;
    assert_true (recuses (TC, "tcd-ha-tu", "ha-tu/head"));
    assert_true (recuses (TC, "tcd-ha-tu", "ha-tu/deputy"));
    assert_true (recuses (TC, "tcd-ha-tu", "ha-tu"));
    assert_true (recuses (TC, "tcd-ha-tu", "ha-tu.vp/head"));
    assert_true (recuses (TC, "tcd-ha-tu", "ha-tu.vp/staff"));
    assert_true (recuses (TT, "tcd-ha-tu", "ha-tu/head"));
    assert_true (recuses (PA, "tcd-ha-tu", "ha-tu/head"));
    assert_true (recuses (TC, "tcd-ha-tu", "ubnd-tinh/head"));
    assert_true (recuses (TC, "tcd-tinh", "ban-tcd/staff"));
    assert_true (recuses (TC, "tcd-tinh", "ban-tcd/head"));
    assert_true (recuses (TC, "tcd-tinh", "vp-ubnd/head"));
    assert_true (recuses (TYPE_NHIEU_NOI_DUNG, "tcd-ha-tu", "ha-tu/head"));

    assert_false (recuses (TC, "tcd-ha-tu", "ha-tu/staff"));
    assert_false (recuses (TC, "tcd-ha-tu", "ha-tu.kt/head"));
    assert_false (recuses (TC, "tcd-ha-tu", "ha-an/head"));
    assert_false (recuses (TC, "tcd-tinh", "ha-tu/head"));
    assert_false (recuses (TC, "tcd-ha-tu", ""));
    assert_false (recuses (TC, NULL, "ha-tu/head"));
    assert_false (recuses (KN, "tcd-ha-tu", "ha-tu/head"));
    assert_false (recuses (PA, "tcd-ha-tu", "ha-tu"));
}

static void
test_reason_says_what_follows (void **state)
{
    matter_t matter = {.type = TC, .respondent = SLICE ("ha-tu/staff"), .desk = desk ("tcd-tinh")};
    (void)state;
    assert_true (contains (find (matter).reason, "LTC 24.2"));
    matter.desk = desk ("tcd-ha-tu");
    assert_false (contains (find (matter).reason, "LTC 24.2"));
    matter.type = KN;
    assert_false (contains (find (matter).reason, "hướng dẫn"));
    matter.desk = desk ("tcd-tinh");
    assert_true (contains (find (matter).reason, "hướng dẫn một lần"));
    matter.respondent = SLICE ("thue-tinh");
    assert_true (contains (find (matter).reason, "hướng dẫn một lần"));
}

//  --- time

static void
test_articles_have_dates (void **state)
{
    matter_t second = {.type = KN, .respondent = SLICE ("ha-tu/head"), .instance = 2};
    matter_t chair = {.type = TC, .respondent = SLICE ("ha-tu/head")};
    (void)state;
    assert_true (contains (find_on (NOVEMBER_2026, second).basis, "LKN 21.2"));
    assert_true (contains (find_on (MAY_2026, second).basis, "NĐ141/2025"));
    assert_true (contains (find_on (NOVEMBER_2026, chair).basis, "13.4a"));
    assert_false (contains (find_on (MAY_2026, chair).basis, "13.4a"));
    assert_int_equal (find_on (20634, chair).basis.size, find_on (MAY_2026, chair).basis.size);
    assert_true (contains (find_on (20635, chair).basis, "13.4a")); // 1 July 2026
    assert_int_equal (find_on (MAY_2025, second).verdict, COMPETENT_UNSURE);
    assert_true (contains (find_on (MAY_2025, second).basis, "NĐ141/2025"));
    assert_non_null (find_on (20270, second).unit); // 1 July 2025
    assert_null (find_on (20269, second).unit);
}

static void
test_recuse_holds_before_the_reform_too (void **state)
{
    matter_t chair = {.type = TC, .respondent = SLICE ("ha-tu/head"), .desk = desk ("tcd-ha-tu")};
    (void)state;
    assert_true (find_on (MAY_2025, chair).recuse);
}

//  The investigators are named for a crime against order only, and only when nobody else is.
static void
test_crime_without_a_name (void **state)
{
    matter_t matter = {.type = TC, .field = SLICE ("security_order"), .flags = FLAG_CRIME};
    (void)state;
    assert_true (slice_is (find (matter).unit->id, "cong-an-tinh"));
    assert_true (contains (find (matter).basis, "LTC 27"));
    matter.flags = 0;
    assert_null (find (matter).unit);
    matter.flags = FLAG_CRIME;
    matter.field = SLICE ("land");
    assert_null (find (matter).unit);
    matter.respondent = SLICE ("ha-tu/staff");
    assert_true (slice_is (find (matter).unit->id, "ha-tu"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_table),
        cmocka_unit_test (test_nobody_judges_his_own_cause),
        cmocka_unit_test (test_who_settled_first_has_no_part_in_the_second),
        cmocka_unit_test (test_unimplicated_is_the_first_above),
        cmocka_unit_test (test_every_field_and_place_has_its_unit),
        cmocka_unit_test (test_certain_only_without_a_flag_for_humans),
        cmocka_unit_test (test_certain_only_when_nothing_else_could_be_meant),
        cmocka_unit_test (test_place_of_the_desk),
        cmocka_unit_test (test_desk_that_answers_to_the_accused),
        cmocka_unit_test (test_reason_says_what_follows),
        cmocka_unit_test (test_articles_have_dates),
        cmocka_unit_test (test_recuse_holds_before_the_reform_too),
        cmocka_unit_test (test_crime_without_a_name),
    };
    return cmocka_run_group_tests (tests, set_up, tear_down);
}
