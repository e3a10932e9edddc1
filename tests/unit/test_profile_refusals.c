#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile.h"
#include "profile_copy.h"

static profile_copy_t copy;

static int
make_copy (void **state)
{
    (void)state;
    profile_copy_make (&copy);
    return 0;
}

static int
remove_copy (void **state)
{
    (void)state;
    profile_copy_remove (&copy);
    return 0;
}

static bool
has_line_with (const buffer_t *errors, const char *where, const char *words)
{
    for (const char *at = errors->data; at && *at;) {
        size_t size = strcspn (at, "\n");
        if (strncmp (at, where, strlen (where)) == 0 && memmem (at, size, words, strlen (words)))
            return true;
        at += size + (at[size] != 0);
    }
    return false;
}

//  Loads the copy, which must be refused at this place and with these words. `first`: it is the
//  error that the refusal names.
static void
assert_refused (const char *where, const char *words, bool first)
{
    buffer_t errors = {0};
    refusal_t refusal = {0};
    profile_t *profile = profile_load (copy.folder, &errors, &refusal);
    if (profile)
        fail_msg ("loaded, but \"%s\" was expected at %s", words, where);
    buffer_append (&errors, "", 1);
    assert_int_equal (refusal.code, REFUSAL_INVALID);
    if (!has_line_with (&errors, where, words))
        fail_msg ("\"%s\" was expected at %s, not:\n%s", words, where, errors.data);
    if (first && (strcmp (refusal.field, where) != 0 || !strstr (refusal.text, words)))
        fail_msg ("refused first at %s: %s", refusal.field, refusal.text);
    buffer_free (&errors);
}

//  `from` -> `to` in `file` must be refused at the line of `mark` in `at` (NULL = the same file).
typedef struct {
    const char *file, *from, *to, *at, *mark, *words;
} bad_t;

#define BASICS "profile.yaml"
#define UNITS "units.yaml"
#define COMMUNES "communes.yaml"
#define PLACES "places.yaml"
#define FIELDS "fields.yaml"
#define COMPETENCE "competence.yaml"
#define DESKS "desks.yaml"
#define RULES "rules.yaml"
#define CALENDAR "calendar.yaml"

static const bad_t bad_keys[] = {
    {UNITS, "    name_en: Provincial Inspectorate", "    name_en: x\n    colour: red", NULL,
        "colour: red", "unknown key \"colour\""},
    {BASICS, "province: H49\n", "", NULL, "name:", "key \"province\" is missing"},
    {BASICS, "province: H49", "province: H49\nname: again", NULL, "name: again",
        "key \"name\" is given twice"},
    {BASICS, "H49", "h49", NULL, "name:", "must be a letter and digits"},
    {BASICS, "365", "1e3", NULL, "1e3", "must be a whole number from 0 to 3650"},
    {BASICS, "365", "-1", NULL, "-1", "must be a whole number"},
    {BASICS, "365", "3651", NULL, "3651", "must be a whole number"},
    {BASICS, "365", "[365]", NULL, "[365]", "must be one text"},
    {BASICS, "name: Quảng Ninh", "name: \"\"", NULL, "name: \"\"", "must be one line"},
    {BASICS, "name: Quảng Ninh", "name: \"a\\nb\"", NULL, "name: \"a", "must be one line"},
    {BASICS, "[kien_nghi, phan_anh]", "[to_cao]", NULL, "[to_cao]", "without a human"},
    {BASICS, "[kien_nghi, phan_anh]", "[khieu_nai]", NULL, "[khieu_nai]", "without a human"},
    {BASICS, "[kien_nghi, phan_anh]", "kien_nghi", NULL, "assigns_alone", "must be a list"},
    {COMMUNES, "remote: true", "remote: yes", NULL, "remote: yes", "must be true or false"},
    {COMMUNES, "confidence: U", "confidence: maybe", NULL, "confidence: maybe",
        "confidence must be S"},
};

static const bad_t bad_units[] = {
    {UNITS, "  - id: so-xd\n", "  - id: So-XD\n", NULL, "So-XD", "is no id"},
    {UNITS, "  - id: so-xd\n", "  - id: a2345678901234567890123456789012x\n", NULL, "a2345",
        "is no id"},
    {UNITS, "  - id: so-xd\n", "  - id: so-nv\n", NULL, "  - id: so-nv\n    name: Sở Nội vụ",
        "unit \"so-nv\" is defined twice"},
    {UNITS, "superior: so-yt\n", "superior: so-yte\n", NULL, "so-yte",
        "superior \"so-yte\" of unit \"so-yt.bvdk\" does not exist"},
    {UNITS, "    superior: ubnd-tinh\n    head: Chánh Thanh", "    head: Chánh Thanh", NULL,
        "  - id: thanh-tra", "has no superior"},
    {UNITS, "    head: Chánh Thanh tra tỉnh\n", "", NULL, "  - id: thanh-tra", "has no head"},
    {UNITS, "    substitute: Phó Chủ tịch Thường trực UBND tỉnh Quảng Ninh\n", "", NULL,
        "  - id: ubnd-tinh", "is the top and has no substitute"},
    {UNITS, "superior: ubnd-tinh\n    head: Chánh Văn phòng", "superior: ban-tcd\n    head: x",
        NULL, "  - id: vp-ubnd", "is its own superior by a cycle"},
    {UNITS, "superior: ubnd-tinh\n    head: Chánh Văn phòng", "superior: ban-tcd\n    head: x",
        NULL, "  - id: ban-tcd", "is its own superior by a cycle"},
    {UNITS, "superior: thue-tinh", "superior: thue-co-so", NULL, "  - id: thue-co-so", "cycle"},
    {UNITS, "level: department\n    superior: ubnd-tinh", "level: province", NULL,
        "  - id: vp-ubnd", "is a second top"},
    {UNITS, "level: province\n", "level: department\n", NULL, "# Bodies",
        "no unit has level province"},
    {UNITS, "level: subunit\n    superior: vp-ubnd", "level: subunit\n    superior: ubnd-tinh",
        NULL, "  - id: ban-tcd", "superior of the wrong level"},
    {UNITS, "kind: vertical\n    superior: thue-tinh", "kind: vertical\n    superior: so-tc", NULL,
        "  - id: thue-co-so", "outside the tree, so its superior must be too"},
    {UNITS, "kind: vertical", "kind: horizontal", NULL, "  - id: cong-an-tinh",
        "must be tree, vertical or external"},
    {UNITS, "kind: vertical", "kind: vertical\n    level: department", NULL, "  - id: cong-an-tinh",
        "only units of the tree have a level"},
    {UNITS, "    level: subunit\n", "", NULL, "  - id: ban-tcd", "needs level"},
    {UNITS, "[Sở XD,", "[\"!!\",", NULL, "[\"!!\",", "nothing is left of the alias"},
};

static const bad_t bad_communes[] = {
    {COMMUNES, "id: ha-tu,", "id: cao-xanh,", NULL, "name: Cao Xanh",
        "\"cao-xanh\" is defined twice"},
    {COMMUNES, "code: \"06658\"", "code: \"06652\"", NULL, "name: Cao Xanh",
        "is also that of ha-tu"},
    {COMMUNES, "kind: phường, name: Hà Tu", "kind: quận, name: Hà Tu", NULL, "name: Hà Tu,",
        "must be phường, xã or đặc khu"},
    {COMMUNES, "[xã, đặc khu]", "[xã, thị trấn]", NULL, "[xã, thị trấn]",
        "must be phường, xã or đặc khu"},
    {COMMUNES, "name: UBND {full}", "name: UBND {whole}", NULL, "name: UBND {whole}", "{whole}"},
    {COMMUNES, "[\"CA {full}\"", "[\"CA {who}\"", NULL, "CA {who}", "{who}"},
    {COMMUNES, "    superior: cong-an-tinh", "    superior: cong-an", NULL, "suffix: ca",
        "superior \"cong-an\" of unit \"ha-tu.ca\" does not exist"},
    {COMMUNES, "  - suffix: vhxh\n    name", "  - name", NULL, "  - name: Phòng Văn hóa",
        "key \"suffix\" is missing"},
    {COMMUNES, "    head: Giám đốc Trung tâm Phục vụ hành chính công {full}\n", "", NULL,
        "suffix: hcc", "unit \"ha-tu.hcc\" has no head"},
    {COMMUNES, "level: subunit", "level: department", NULL, "suffix: truong",
        "only a division of the tree may have a level"},
    {COMMUNES, "suffix: hcc", "suffix: vp", NULL, "  - suffix: vp\n    name: Trung tâm Phục vụ",
        "unit \"ha-tu.vp\" is defined twice"},
    {COMMUNES, "district: Hạ Long", "district: Hạ Lưu", NULL, "id: ha-tu,",
        "former district \"Hạ Lưu\" is not in places.yaml"},
    {PLACES, "now: [viet-hung, tuan-chau]", "now: [viet-hung, tuan-chao]", NULL, "tuan-chao",
        "place \"tuan-chao\" is not in communes.yaml"},
    {PLACES, "now: [viet-hung, tuan-chau]", "now: []", NULL, "now: []", "names no place"},
    {PLACES, "name: Hà Khẩu, district: Hạ Long", "name: Hà Khẩu, district: Hạ Lưu", NULL,
        "name: Hà Khẩu", "former district \"Hạ Lưu\" is not in the list"},
    {PLACES, "  - {name: Cô Tô,", "  - {name: Thanh Lân, kinds: [xã]}\n  - {name: Cô Tô,", NULL,
        "name: Thanh Lân, kinds", "no commune of communes.yaml lies in"},
};

static const bad_t bad_routing[] = {
    {FIELDS, "code: land.price", "code: land.registration", NULL, "name: \"giá đất",
        "\"land.registration\" is defined twice"},
    {FIELDS, "code: land.price", "code: soil.price", NULL, "soil.price",
        "finer than \"soil\", which is not defined"},
    {FIELDS, "code: land.price", "code: land-price", NULL, "land-price", "is no code"},
    //  words
    {FIELDS, "words: [bảng giá đất,", "words: [\"!\", bảng giá đất,", NULL, "words: [\"!\"",
        "must have 2 to 60 letters"},
    {FIELDS, "words: [bảng giá đất,", "words: [a,", NULL, "words: [a,",
        "must have 2 to 60 letters"},
    {FIELDS, "words: [bảng giá đất,",
        "words: [một hai ba bốn năm sáu bảy tám chín mười một hai ba bốn năm sáu,", NULL,
        "words: [một hai", "must have 2 to 60 letters"},
    {FIELDS, "words: [bảng giá đất,", "words: [Sang  Tên,", NULL, "words: [Sang",
        "the phrase \"Sang  Tên\" is also one of field \"land.registration\""},
    {FIELDS, "words: [bảng giá đất,", "words: [bảng giá đất, bang gia dat,", NULL, "bang gia dat",
        "is also one of field \"land.price\""},
    {FIELDS, "words: [bảng giá đất,", "words: [[bảng giá đất],", NULL, "words: [[bảng",
        "must be one text"},
    {FIELDS, "{code: land, name: đất đai,", "{code: land, words: [đất đai], name: đất đai,", NULL,
        "code: land,", "only a finer field has words"},
    {FIELDS, "{code: land.price,", "{code: land.price, words: đất, ", NULL, "words: đất",
        "must be a list"},
    //  gaps
    {COMPETENCE, "field: labour, local: so-nv, province", "field: labour, province", FIELDS,
        "code: labour", "nobody is competent for field \"labour\" at the communes"},
    {COMPETENCE, "field: labour, local: so-nv, province: so-nv", "field: labour, local: so-nv",
        FIELDS, "code: labour", "nobody is competent for field \"labour\" at the province"},
    {FIELDS, "  - {code: telecom,", "  - {code: x, name: x, name_en: x}\n  - {code: telecom,", NULL,
        "code: x,", "nobody is competent for field \"x\""},
    //  overlaps
    {COMPETENCE, "field: market,", "field: labour,", NULL, "field: labour, local: .kt",
        "two competent units for field \"labour\": \".kt\" here, \"so-nv\" in line"},
    {COMPETENCE, "places: [van-don]", "places: [van-don, van-don]", NULL, "[van-don, van-don]",
        "two competent units"},
    //  references
    {COMPETENCE, "field: market,", "field: markets,", NULL, "field: markets",
        "field \"markets\" is not in fields.yaml"},
    {COMPETENCE, "local: .hcc", "local: .hccc", NULL, ".hccc",
        "unit \"ha-tu.hccc\" does not exist"},
    {COMPETENCE, "province: tt-pvhcc", "province: .hcc", NULL, "province: .hcc",
        "unit \".hcc\" does not exist"},
    {COMPETENCE, "[van-don]", "[van-dong]", NULL, "[van-dong]", "place \"van-dong\""},
    {COMPETENCE, "unit: bql-kkt-vd", "local: .kt", NULL, "[van-don]", "\"places\" with \"unit\""},
    {COMPETENCE, ", basis: \"LTCD 15.3; ND154\"", "", NULL, "field: other,",
        "key \"basis\" is missing"},
    //  desks
    {DESKS, "    unit: ban-tcd\n", "", NULL, "id: tcd-tinh", "key \"unit\" is missing"},
    {DESKS, "unit: ban-tcd\n", "unit: ban-tdc\n", NULL, "id: tcd-tinh",
        "unit \"ban-tdc\" does not exist"},
    {DESKS, "unit: \"{id}.vp\"", "unit: \"{id}.vpp\"", NULL, "id: tcd-{id}",
        "unit \"ha-tu.vpp\" does not exist"},
    {DESKS, "unit: \"{id}.vp\"", "unit: \"{id}.ca\"", NULL, "id: tcd-{id}", "outside the tree"},
    {DESKS, "id: tcd-{id}", "id: tcd", NULL, "id: tcd\n", "desk \"tcd\" is defined twice"},
    {DESKS, "id: tcd-{id}", "id: diem-tiep-cong-dan-cua-phuong-xa-{id}", NULL, "cua-phuong-xa",
        "must be 1 to 32 bytes"},
    {DESKS, "id: tcd-tinh", "id: TCD", NULL, "id: TCD", "must be 1 to 32 bytes"},
};

static const bad_t bad_rules[] = {
    {RULES, "basis: LKN 28, ", "", NULL, "id: kn-settle-1", "key \"basis\" is missing"},
    {RULES, "basis: LKN 28, from: 2012-07-01", "basis: LKN 28", NULL, "id: kn-settle-1",
        "key \"from\" is missing"},
    {RULES, "basis: LKN 28, from: 2012-07-01", "basis: LKN 28, from: 2012-02-30", NULL,
        "2012-02-30", "is no date that exists"},
    {RULES, "basis: LKN 28, from: 2012-07-01", "basis: LKN 28, from: 2012-7-1", NULL, "2012-7-1",
        "is no date that exists"},
    {RULES, "from: 2012-07-01, to: 2026-07-01", "from: 2012-07-01, to: 2026-07-02", NULL,
        "id: kn-accept,", "rule \"kn-accept\" overlaps \"kn-accept-2012\""},
    {RULES, "from: 2012-07-01, to: 2026-07-01", "from: 2012-07-01", NULL, "id: kn-accept,",
        "overlaps"},
    {RULES, "from: 2012-07-01, to: 2026-07-01", "from: 2012-07-01, to: 2012-07-01", NULL,
        "id: kn-accept-2012", "ends before it begins"},
    {RULES, "basis: \"quy định nội bộ; trước hạn 5 ngày làm việc của LTC 24.2\", from: 2014-07-01",
        "basis: x, from: 2014-07-01, to: 2030-01-01", NULL, "id: triage",
        "no rule follows \"triage\" for type \"khieu_nai\""},
    {RULES, "step: triage,", "step: sorting,", NULL, "rules:", "for step \"triage\" of type \"\""},
    {RULES, "id: objection", "id: ruling", NULL, "step: ruling",
        "rule \"ruling\" is defined twice"},
    {RULES, "type: to_cao", "type: to_cao_moi", NULL, "to_cao_moi", "none of the petition types"},
    {RULES, "kind: promise", "kind: vow", NULL, "kind: vow", "must be statutory, promise"},
    {RULES, "who: arbiter", "who: nobody", NULL, "who: nobody", "must be desk, owner"},
    {RULES, "days: 1, count: working", "days: 1, count: lunar", NULL, "count: lunar",
        "must be working or calendar"},
    {CALENDAR, "date: 2026-02-20", "date: 2026-02-29", NULL, "2026-02-29", "no date that exists"},
    {CALENDAR, "worked: 2026-01-10", "worked: 2026-01-12", NULL, "worked: 2026-01-12",
        "is a working day already"},
    {CALENDAR, "off: 2026-01-02", "off: 2026-01-03", NULL, "off: 2026-01-03",
        "nobody works then anyway"},
    {CALENDAR, ", basis: NQ 28/2026/QH16,", ",", NULL, "date: 2026-11-24",
        "key \"basis\" is missing"},
};

static const bad_t bad_yaml[] = {
    {RULES, "rules:", "rules: ]", NULL, "rules: ]", "not YAML"},
    {CALENDAR, "\nswapped:", "\n\tswapped:", NULL, "\tswapped:", "not YAML"},
    {DESKS, "desks:", "desks: &all", NULL, "desks: &all", "anchors (&x) and aliases"},
    {DESKS, "desks:", "desks: *all", NULL, "desks: *all", "anchors (&x) and aliases"},
    {BASICS, "[kien_nghi, phan_anh]", "[[[[[[[[[[a]]]]]]]]]]", NULL, "[[[[[[[[",
        "nested too deeply"},
    {BASICS, "assigns_alone: [kien_nghi, phan_anh]\n",
        "assigns_alone: [kien_nghi]\n---\nname: second\n", NULL, "---", "a second document"},
    {BASICS, "name: Quảng Ninh", "name: Qu\xc3 Ninh", NULL, "name: Qu\xc3", "not YAML"},
};

static void
assert_bad (const bad_t *bad)
{
    char where[64];
    const char *at = bad->at ? bad->at : bad->file;
    profile_copy_edit (&copy, bad->file, bad->from, bad->to);
    snprintf (where, sizeof where, "%s:%d", at, profile_copy_line (&copy, at, bad->mark));
    assert_refused (where, bad->words, false);
    profile_copy_restore (&copy, bad->file);
}

#define ASSERT_ALL_BAD(table)                                                                      \
    for (size_t i = 0; i < sizeof (table) / sizeof *(table); i++)                                  \
    assert_bad (&(table)[i])

static void
test_keys_and_values (void **state)
{
    (void)state;
    ASSERT_ALL_BAD (bad_keys);
}

static void
test_units (void **state)
{
    (void)state;
    ASSERT_ALL_BAD (bad_units);
}

static void
test_communes_and_places (void **state)
{
    (void)state;
    ASSERT_ALL_BAD (bad_communes);
}

static void
test_fields_competence_and_desks (void **state)
{
    (void)state;
    ASSERT_ALL_BAD (bad_routing);
}

static void
test_rules_and_calendar (void **state)
{
    (void)state;
    ASSERT_ALL_BAD (bad_rules);
}

static void
test_what_is_not_our_yaml (void **state)
{
    (void)state;
    ASSERT_ALL_BAD (bad_yaml);
}

static void
test_the_same_day_twice (void **state)
{
    (void)state;
    char where[64];
    int line = profile_copy_line (&copy, CALENDAR, "date: 2026-02-20");
    profile_copy_edit (&copy, CALENDAR, "date: 2026-02-20", "date: 2026-02-19");
    snprintf (where, sizeof where, "%s:%d", CALENDAR, line);
    assert_refused (where, "the day is given in line", true);
    profile_copy_restore (&copy, CALENDAR);
}

//  All can be mended at once: two flaws in two files, both are told, and the first is the
//  refusal's.
static void
test_all_errors_are_told (void **state)
{
    (void)state;
    char first[64], second[64];
    profile_copy_edit (&copy, UNITS, "    head: Chánh Thanh tra tỉnh\n", "");
    profile_copy_edit (&copy, CALENDAR, "2026-02-20", "2026-02-30");
    snprintf (
        first, sizeof first, "%s:%d", UNITS, profile_copy_line (&copy, UNITS, "  - id: thanh-tra"));
    snprintf (second, sizeof second, "%s:%d", CALENDAR,
        profile_copy_line (&copy, CALENDAR, "2026-02-30"));
    assert_refused (first, "has no head", true);
    assert_refused (second, "no date that exists", false);
    profile_copy_restore (&copy, UNITS);
    profile_copy_restore (&copy, CALENDAR);
}

static void
assert_told_once (const char *words)
{
    buffer_t errors = {0};
    assert_null (profile_load (copy.folder, &errors, NULL));
    buffer_append (&errors, "", 1);
    const char *at = strstr (errors.data, words);
    assert_non_null (at);
    assert_null (strstr (at + 1, words));
    buffer_free (&errors);
}

//  A flaw of a template is one error, not 54; a list that is read twice is told once.
static void
test_a_flaw_is_told_once (void **state)
{
    (void)state;
    profile_copy_edit (&copy, COMMUNES, "[\"CA {full}\"", "[\"CA {who}\"");
    assert_told_once ("{who}");
    profile_copy_restore (&copy, COMMUNES);
    profile_copy_edit (&copy, COMMUNES, "    superior: cong-an-tinh", "    superior: cong-an");
    assert_told_once ("does not exist");
    profile_copy_restore (&copy, COMMUNES);
    profile_copy_edit (&copy, COMMUNES, "suffix: hcc", "suffix: vp");
    assert_told_once ("is defined twice");
    profile_copy_write (&copy, UNITS, SLICE ("units: none\n"));
    assert_told_once ("units.yaml:1: must be a list");
}

//  --- files that are missing, empty, huge

static void
test_missing_and_empty_files (void **state)
{
    (void)state;
    for (size_t i = 0; i < PROFILE_COPY_FILES; i++) {
        char where[64];
        snprintf (where, sizeof where, "%s:1", profile_copy_files[i]);
        profile_copy_delete (&copy, profile_copy_files[i]);
        assert_refused (where, "cannot be opened", true);
        profile_copy_write (&copy, profile_copy_files[i], SLICE (""));
        assert_refused (where, "the file is empty", true);
        profile_copy_restore (&copy, profile_copy_files[i]);
    }
    refusal_t refusal = {0};
    assert_null (profile_load ("/nonexistent", NULL, &refusal));
    assert_string_equal (refusal.field, "profile.yaml:1");
    assert_null (profile_load ("/nonexistent", NULL, NULL));
}

static void
assert_flood_refused (const char *head, const char *piece, size_t times, const char *words)
{
    buffer_t flood = {0};
    buffer_append (&flood, head, strlen (head));
    for (size_t i = 0; i < times; i++)
        buffer_append (&flood, piece, strlen (piece));
    profile_copy_write (&copy, FIELDS, buffer_slice (&flood));
    assert_refused ("fields.yaml:", words, false);
    profile_copy_restore (&copy, FIELDS);
    buffer_free (&flood);
}

static void
test_floods_are_refused_early (void **state)
{
    (void)state;
    assert_flood_refused ("", "# nothing\n", 200000, "the file is larger than 1048576 bytes");
    assert_flood_refused ("fields:\n", "- x\n", 200000, "too many entries");
    assert_flood_refused ("", "[", 1000000, "nested too deeply");
    assert_flood_refused ("", "{a: ", 200000, "nested too deeply");
    assert_flood_refused ("fields:\n", "- &a x\n", 100000, "anchors");
    assert_flood_refused ("fields:\n", "- x\n", 40000, "must be a mapping");
    assert_flood_refused ("fields:\n- {code: a, name: a, name_en: a}\n- code: a.b\n  name: b\n"
                          "  name_en: b\n  words:\n",
        "  - xy\n", 65, "65 phrases are more than the 64 of one field");
}

//  The copy itself is good: what was refused above was refused for its change.
static void
test_the_copy_is_good (void **state)
{
    (void)state;
    profile_t *profile = profile_load (copy.folder, NULL, NULL);
    assert_non_null (profile);
    profile_destroy (&profile);
}

#define FRESH(test) cmocka_unit_test_setup_teardown (test, make_copy, remove_copy)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        FRESH (test_keys_and_values),
        FRESH (test_units),
        FRESH (test_communes_and_places),
        FRESH (test_fields_competence_and_desks),
        FRESH (test_rules_and_calendar),
        FRESH (test_what_is_not_our_yaml),
        FRESH (test_the_same_day_twice),
        FRESH (test_all_errors_are_told),
        FRESH (test_a_flaw_is_told_once),
        FRESH (test_missing_and_empty_files),
        FRESH (test_floods_are_refused_early),
        FRESH (test_the_copy_is_good),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
