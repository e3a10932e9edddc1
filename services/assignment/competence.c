//  The rules, in the order in which a clerk asks: what type is it, who is named, who manages him or
//  decided it, and may that unit touch it. Each type has one function; articles and words for the
//  clerk stand in tables. Everything unknown ends in triage: a wrong owner costs more than a look.

#include "competence.h"

#include "clock.h"
#include "party.h"

typedef struct {
    const profile_t *profile;
    const matter_t *matter;
    arena_t *arena;
    competent_t *out;
    party_t party;
} question_t;

//  Days since 1970 on which the law changed: the two-tier government, and Law 136/2025/QH15.
enum { DAY_TWO_TIERS = 20270, DAY_L136 = 20635 };
//  Units that every profile names so, where it has them.
static const slice_t INSPECTORATE = {"thanh-tra", 9};
static const slice_t POLICE = {"ca-tinh", 7};

//  Why the desk must decide, with the article that leaves it open.
typedef enum {
    OPEN_TYPE,
    OPEN_SEVERAL,
    OPEN_OTHER,
    OPEN_DISPUTE,
    OPEN_AUTHOR,
    OPEN_AUTHOR_LAND,
    OPEN_AUTHOR_JUSTICE,
    OPEN_ACCUSED,
    OPEN_SUPERIOR,
    OPEN_FIELD,
    OPEN_PLACE,
    OPEN_BODY,
    OPEN_EARLIER_LAW
} open_t;

static const struct {
    const char *basis, *reason;
} OPEN[] = {
    [OPEN_TYPE] = {"TT05/2021", "Chưa rõ loại đơn"},
    [OPEN_SEVERAL] = {"LTCD 25.3; NĐ154 14.4",
        "Đơn có nhiều nội dung: hướng dẫn tách riêng từng nội dung theo nơi có thẩm quyền"},
    [OPEN_OTHER] = {"TT05/2021",
        "Không phải khiếu nại, tố cáo, kiến nghị, phản ánh: cán bộ xem xét"},
    [OPEN_DISPUTE] = {"NĐ151/2025 5.2",
        "Có thể là tranh chấp đất đai, không phải khiếu nại: hòa giải ở cấp xã trước"},
    [OPEN_AUTHOR] = {"LKN 7", "Chưa rõ người có quyết định, hành vi bị khiếu nại"},
    [OPEN_AUTHOR_LAND] = {"LKN 7; NĐ151/2025 5.2",
        "Chưa rõ người có quyết định, hành vi bị khiếu nại; nếu là tranh chấp đất đai thì hòa giải "
        "ở cấp xã trước; nếu là quyết định của cấp huyện cũ thì xác định cơ quan kế thừa"},
    [OPEN_AUTHOR_JUSTICE] = {"LKN 7; TT05/2021",
        "Chưa rõ người bị khiếu nại; việc của tòa án, kiểm sát, thi hành án thì hướng dẫn đến cơ "
        "quan đó"},
    [OPEN_ACCUSED] = {"LTC 12", "Chưa rõ người bị tố cáo hoặc cơ quan quản lý người đó"},
    [OPEN_SUPERIOR] = {"LKN 7; LTC 12",
        "Thuộc người đứng đầu cơ quan cấp trên trực tiếp, chưa có trong danh mục đơn vị"},
    [OPEN_FIELD] = {"LTCD 26.2", "Chưa rõ lĩnh vực"},
    [OPEN_PLACE] = {"LTCD 26.2", "Lĩnh vực do cấp xã xử lý nhưng chưa rõ địa bàn"},
    [OPEN_BODY] = {"LTCD 26.2", "Chưa xác định được đơn vị theo lĩnh vực và địa bàn"},
    [OPEN_EARLIER_LAW] = {"NĐ141/2025",
        "Nhận trước 01/7/2025, khi còn cấp huyện: xác định cơ quan kế thừa"},
};

//  Articles as they stand since Law 136/2025/QH15, and before it where that differs.
typedef struct {
    const char *since, *before;
} article_t;

//  Who settles a complaint: [second][level of the body that settles the first instance].
static const article_t COMPLAINT[2][LEVEL_OUTSIDE + 1] = {
    {[LEVEL_PROVINCE] = {"LKN 7.1; LKN 21.1; LKN 25"},
        [LEVEL_DEPARTMENT] = {"LKN 7.1; LKN 20.1"},
        [LEVEL_SUBUNIT] = {"LKN 7.1; LKN 19"},
        [LEVEL_COMMUNE] = {"LKN 7.1; LKN 17"},
        [LEVEL_DIVISION] = {"LKN 7.1; LKN 17"},
        [LEVEL_OUTSIDE] = {"LKN 7.1"}},
    {[LEVEL_PROVINCE] = {"LKN 7.1; LKN 23.3"},
        [LEVEL_DEPARTMENT] = {"LKN 7.1; LKN 21.2; LKN 25"},
        [LEVEL_SUBUNIT] = {"LKN 7.1; LKN 20.2"},
        [LEVEL_COMMUNE] = {"LKN 7.1; LKN 21.2; LKN 25", "LKN 7.1; NĐ141/2025; LKN 25"},
        [LEVEL_DIVISION] = {"LKN 7.1; LKN 21.2; LKN 25", "LKN 7.1; NĐ141/2025; LKN 25"},
        [LEVEL_OUTSIDE] = {"LKN 7.1"}}};

//  Who settles a denunciation: [is head, deputy or the body][level of the accused's unit].
static const article_t DENUNCIATION[2][LEVEL_OUTSIDE + 1] = {
    {[LEVEL_PROVINCE] = {"LTC 12.1; LTC 13.4; LTC 32"},
        [LEVEL_DEPARTMENT] = {"LTC 12.1; LTC 13.3"},
        [LEVEL_SUBUNIT] = {"LTC 12.1"},
        [LEVEL_COMMUNE] = {"LTC 12.1; LTC 13.1"},
        [LEVEL_DIVISION] = {"LTC 12.1; LTC 13.1"},
        [LEVEL_OUTSIDE] = {"LTC 12.1"}},
    {[LEVEL_PROVINCE] = {"LTC 12.1"},
        [LEVEL_DEPARTMENT] = {"LTC 12.1; LTC 13.4a; LTC 32"},
        [LEVEL_SUBUNIT] = {"LTC 12.1; LTC 13.3"},
        [LEVEL_COMMUNE] = {"LTC 12.1; LTC 13.4a; LTC 32", "LTC 12.1; NĐ141/2025; LTC 32"},
        [LEVEL_DIVISION] = {"LTC 12.1; LTC 13.1"},
        [LEVEL_OUTSIDE] = {"LTC 12.1"}}};

//  What follows when the desk's own body is not the competent one.
static const char *const FOLLOWS[TYPE_COUNT] = {
    [TYPE_KHIEU_NAI] = "hướng dẫn một lần, hoặc chuyển đơn và báo người gửi (LTCD 26.1b)",
    [TYPE_TO_CAO] = "chuyển trong 5 ngày làm việc, một lần (LTC 24.2)",
    [TYPE_THONG_TIN_TO_CAO] = "chuyển trong 5 ngày làm việc, một lần (LTC 24.2, 25)",
    [TYPE_KIEN_NGHI] = "chuyển đơn (LTCD 26.2)",
    [TYPE_PHAN_ANH] = "chuyển đơn (LTCD 26.2)",
};

//  Flags that ask for a human even where the unit is clear. Mass letters, danger and repeats must
//  reach a head at once, by a person who has looked (LTCD 29; ND154; the province's own rule on hot
//  spots); signs of a crime go to the investigators (LTC 27); a letter without its form may be
//  filed or completed; the rest shows that the type may be wrong. A report without a name is none
//  of these: a hole in the road is one whoever tells of it.
enum {
    FLAGS_FOR_HUMANS = FLAG_MASS | FLAG_REPEATED | FLAG_SECOND | FLAG_URGENT | FLAG_CRIME |
                       FLAG_CONFIDENTIAL | FLAG_INELIGIBLE
};

bool
competence_implicated (
    const profile_t *profile, petition_type_t type, slice_t respondent, const unit_t *unit)
{
    return party_implicates (type, party_read (profile, respondent), unit);
}

const unit_t *
competence_unimplicated (
    const profile_t *profile, petition_type_t type, slice_t respondent, const unit_t *unit)
{
    party_t party = party_read (profile, respondent);
    while (unit && party_implicates (type, party, unit))
        unit = unit->superior;
    return unit;
}

static void
leave_open (question_t *self, open_t why)
{
    *self->out = (competent_t){.verdict = COMPETENT_UNSURE,
        .basis = slice_from (OPEN[why].basis),
        .reason = slice_from (OPEN[why].reason)};
}

static const char *
article (const question_t *self, const article_t *row)
{
    bool before = clock_day (self->matter->at_ms) < DAY_L136;
    return before && row->before ? row->before : row->since;
}

//  The field itself or a finer one of it: "land.compensation" is within "land".
static bool
field_within (slice_t field, const char *parent)
{
    const char *dot = field.size ? memchr (field.ptr, '.', field.size) : NULL;
    return slice_is (dot ? (slice_t){field.ptr, (size_t)(dot - field.ptr)} : field, parent);
}

static const unit_t *
desk_body (const question_t *self)
{
    const desk_t *desk = self->matter->desk;
    const place_t *place = desk ? profile_place (self->profile, desk->place) : NULL;
    return place ? place->unit : profile_top (self->profile);
}

//  For the province chair the inspectorate advises and verifies (LKN 25; LTC 32), unless it is
//  implicated or settled the first instance itself.
static const unit_t *
worker_for (const question_t *self, const unit_t *body, const unit_t *settled_first)
{
    const unit_t *adviser = profile_unit (self->profile, INSPECTORATE);
    if (body != profile_top (self->profile) || !adviser || adviser == settled_first)
        return body;
    return party_implicates (self->matter->type, self->party, adviser) ? body : adviser;
}

static slice_t
reason_line (const question_t *self, const char *rule, const unit_t *body, slice_t person)
{
    const char *follows = FOLLOWS[self->matter->type];
    if (body == desk_body (self) || !follows)
        return arena_printf (self->arena, "%s: %.*s", rule, SLICE_ARGS (person));
    return arena_printf (
        self->arena, "%s: %.*s; nơi khác tiếp nhận thì %s", rule, SLICE_ARGS (person), follows);
}

//  `body` is the one whose head settles, `unit` the one that does the work.
static void
decide (
    question_t *self, const unit_t *body, const unit_t *unit, const char *basis, const char *rule)
{
    slice_t person = body->head.size ? body->head : body->name;
    *self->out = (competent_t){
        .verdict = unit->kind == UNIT_TREE ? COMPETENT_HERE : COMPETENT_OUT,
        .unit = unit,
        .person = person,
        .basis = slice_from (basis),
        .reason = reason_line (self, rule, body, person),
    };
}

//  The one above who settles what the head of `body` may not; NULL when the profile has none.
static const unit_t *
superior_of (const question_t *self, const unit_t *body)
{
    if (body == profile_top (self->profile))
        return profile_unit (self->profile, body->substitute);
    return party_body (body->superior);
}

//  LKN 23.3: what the province chair settled first goes to the minister of the field. A department
//  "so-x" of the profile has its ministry as "bo-x".
static const unit_t *
ministry_of (const question_t *self)
{
    const unit_t *department = profile_competent (self->profile, self->matter->field, NULL);
    if (!department || department->id.size < 3 || memcmp (department->id.ptr, "so-", 3) != 0)
        return NULL;
    slice_t id =
        arena_printf (self->arena, "bo-%.*s", (int)department->id.size - 3, department->id.ptr + 3);
    return profile_unit (self->profile, id);
}

static void
find_second (question_t *self, const unit_t *first)
{
    const unit_t *second = superior_of (self, first);
    if (first == profile_top (self->profile))
        second = ministry_of (self);
    if (!second)
        leave_open (self, OPEN_SUPERIOR);
    else
        decide (self, second, worker_for (self, second, first),
            article (self, &COMPLAINT[1][first->level]), "Khiếu nại lần hai, người giải quyết");
}

static open_t
open_author (slice_t field)
{
    if (field_within (field, "land"))
        return OPEN_AUTHOR_LAND;
    return field_within (field, "justice") ? OPEN_AUTHOR_JUSTICE : OPEN_AUTHOR;
}

//  LKN 7: first the author or the head of his body, then the direct superior.
static void
find_complaint (question_t *self)
{
    const matter_t *matter = self->matter;
    const unit_t *first = party_body (self->party.unit);
    bool second = matter->instance == 2 || (matter->instance == 0 && matter->flags & FLAG_SECOND);
    if (!first)
        leave_open (self, open_author (matter->field));
    else if (second)
        find_second (self, first);
    else
        decide (self, first, worker_for (self, first, NULL),
            article (self, &COMPLAINT[0][first->level]), "Khiếu nại lần đầu, người giải quyết");
}

//  --- denunciations

//  LTC 12.1: staff are the business of the head of their body; heads, deputies and bodies that of
//  the superior body.
static const unit_t *
manager_of (const question_t *self, party_t party)
{
    const unit_t *body = party_body (party.unit);
    if (party.role == ROLE_STAFF || body != party.unit)
        return body;
    return superior_of (self, body);
}

static void
find_manager (question_t *self, const char *basis, const char *rule)
{
    const unit_t *manager = manager_of (self, self->party);
    if (manager)
        decide (self, manager, worker_for (self, manager, NULL), basis, rule);
    else
        leave_open (self, OPEN_SUPERIOR);
}

//  Nobody of the profile is accused. Only a crime against order is plain enough to name the
//  investigators (LTC 27).
static void
find_unknown_accused (question_t *self)
{
    const unit_t *police = profile_unit (self->profile, POLICE);
    bool crime =
        self->matter->flags & FLAG_CRIME && field_within (self->matter->field, "security_order");
    if (crime && police)
        decide (
            self, police, police, "LTC 27", "Có dấu hiệu tội phạm, chuyển ngay cơ quan điều tra");
    else
        leave_open (self, OPEN_ACCUSED);
}

static void
find_denunciation (question_t *self)
{
    party_t party = self->party;
    if (!party.unit)
        find_unknown_accused (self);
    else
        find_manager (self,
            article (self, &DENUNCIATION[party.role != ROLE_STAFF][party.unit->level]),
            "Tố cáo, người giải quyết");
}

//  --- proposals and reports

static const place_t *
place_of (const question_t *self)
{
    const unit_t *named = self->party.unit;
    const place_t *place = profile_place (self->profile, self->matter->place);
    return place || !named ? place : profile_place (self->profile, named->place);
}

//  The communes do it, so that a place is needed.
static bool
field_is_local (const profile_t *profile, slice_t field)
{
    size_t count = 0;
    const place_t *places = profile_places (profile, &count);
    return count > 0 &&
           profile_competent (profile, field, places) != profile_competent (profile, field, NULL);
}

//  A letter that names the province's body for the field, or one of its units, says the level.
static bool
names_province_level (const question_t *self)
{
    const unit_t *province = profile_competent (self->profile, self->matter->field, NULL);
    return self->party.unit && province && party_answers_to (self->party.unit, province);
}

static void
decide_report (question_t *self, const unit_t *unit, bool sure)
{
    const unit_t *named = self->party.unit;
    if (!unit) {
        leave_open (self, OPEN_BODY);
        return;
    }
    decide (self, party_body (unit), unit, "LTCD 26.2; LTCD 28",
        "Kiến nghị, phản ánh theo lĩnh vực và địa bàn");
    bool agrees = !named || party_answers_to (named, unit) || party_answers_to (unit, named);
    self->out->certain =
        sure && agrees && unit->kind == UNIT_TREE && !(self->matter->flags & FLAGS_FOR_HUMANS);
}

static void
find_by_field (question_t *self)
{
    const matter_t *matter = self->matter;
    const place_t *place = place_of (self);
    bool local = field_is_local (self->profile, matter->field);
    bool assumed = local && !place && matter->desk && !names_province_level (self);
    if (names_province_level (self))
        place = NULL;
    else if (assumed)
        place = profile_place (self->profile, matter->desk->place);
    if (local && !place && !names_province_level (self))
        leave_open (self, OPEN_PLACE);
    else
        decide_report (self, profile_competent (self->profile, matter->field, place), !assumed);
}

static void
find_proposal (question_t *self)
{
    const unit_t *named = self->party.unit;
    if (named && self->party.role != ROLE_BODY)
        find_manager (
            self, "LTCD 26.2; LTC 12.1 (tương tự)", "Phản ánh về người của cơ quan, người quản lý");
    else if (named && named->kind == UNIT_VERTICAL)
        decide (self, named, named, "LTCD 26.2", "Thuộc cơ quan ngành dọc");
    else if (!profile_field (self->profile, self->matter->field))
        leave_open (self, OPEN_FIELD);
    else
        find_by_field (self);
}

//  --- the rest

static void
find_several (question_t *self)
{
    leave_open (self, OPEN_SEVERAL);
}

static void
find_other (question_t *self)
{
    leave_open (self, field_within (self->matter->field, "land") ? OPEN_DISPUTE : OPEN_OTHER);
}

static void
find_unknown (question_t *self)
{
    leave_open (self, OPEN_TYPE);
}

static void (*const FIND[TYPE_COUNT]) (question_t *) = {
    [TYPE_UNKNOWN] = find_unknown,
    [TYPE_KHIEU_NAI] = find_complaint,
    [TYPE_TO_CAO] = find_denunciation,
    [TYPE_THONG_TIN_TO_CAO] = find_denunciation,
    [TYPE_KIEN_NGHI] = find_proposal,
    [TYPE_PHAN_ANH] = find_proposal,
    [TYPE_NHIEU_NOI_DUNG] = find_several,
    [TYPE_KHAC] = find_other,
};

//  Also when one of the few people of the desk's own unit is accused: his letter would lie on the
//  table beside him. A commune is too large for that; there the chair keeps him away from it.
static bool
desk_is_implicated (const question_t *self)
{
    const desk_t *desk = self->matter->desk;
    petition_type_t type = self->matter->type;
    if (!desk)
        return false;
    bool own_staff = self->party.unit == desk->unit && self->party.role == ROLE_STAFF &&
                     desk->unit->level != LEVEL_COMMUNE && desk->unit->level != LEVEL_PROVINCE;
    return party_implicates (type, self->party, desk->unit) ||
           (own_staff && type != TYPE_KHIEU_NAI);
}

void
competence_find (const profile_t *profile, const matter_t *matter, arena_t *arena, competent_t *out)
{
    question_t self = {.profile = profile,
        .matter = matter,
        .arena = arena,
        .out = out,
        .party = party_read (profile, matter->respondent)};
    assert (matter->type >= 0 && matter->type < TYPE_COUNT);
    FIND[matter->type](&self);
    if (clock_day (matter->at_ms) < DAY_TWO_TIERS)
        leave_open (&self, OPEN_EARLIER_LAW);
    assert (!out->unit || !party_implicates (matter->type, self.party, out->unit));
    out->recuse = desk_is_implicated (&self);
}
