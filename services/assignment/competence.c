//  The rules, in the order in which a clerk asks: what type is it, who is named, who manages him or
//  decided it, and may that unit touch it. Each type has one function; articles and words for the
//  clerk stand in tables. Everything unknown ends in triage: a wrong owner costs more than a look.

#include "competence_inner.h"

#include "clock.h"

//  Days since 1970 on which the law changed: the two-tier government, and Law 136/2025/QH15.
enum { DAY_TWO_TIERS = 20270, DAY_L136 = 20635 };
//  Units that every profile names so, where it has them.
static const slice_t POLICE = {"cong-an-tinh", 12};
static const slice_t GOVERNMENT = {"thu-tuong", 9}; // above the province chair

//  Articles as they stand since Law 136/2025/QH15, and before it where that differs.
typedef struct {
    const char *since, *before;
} article_t;

//  Rows of the tables: the levels, and schools and the like that a commune manages.
enum { COMMUNE_SERVICE = LEVEL_OUTSIDE + 1, ROWS };

//  Who settles a complaint first, by the body that does; and second, by the body that did first.
static const article_t FIRST[ROWS] = {
    [LEVEL_PROVINCE] = {"LKN 7.1; LKN 21.1; LKN 25", NULL},
    [LEVEL_DEPARTMENT] = {"LKN 7.1; LKN 20.1", NULL},
    [LEVEL_SUBUNIT] = {"LKN 7.1; LKN 19", NULL},
    [LEVEL_COMMUNE] = {"LKN 7.1; LKN 17", NULL},
    [LEVEL_OUTSIDE] = {"LKN 7.1", NULL},
    [COMMUNE_SERVICE] = {"LKN 7.1", NULL},
};

static const article_t SECOND[ROWS] = {
    [LEVEL_PROVINCE] = {"LKN 7.1; LKN 23.3", NULL},
    [LEVEL_DEPARTMENT] = {"LKN 7.1; LKN 21.2; LKN 25", NULL},
    [LEVEL_SUBUNIT] = {"LKN 7.1; LKN 20.2", NULL},
    [LEVEL_COMMUNE] = {"LKN 7.1; LKN 21.2; LKN 25", "LKN 7.1; NĐ141/2025; LKN 25"},
    [LEVEL_OUTSIDE] = {"LKN 7.1", NULL},
    [COMMUNE_SERVICE] = {"LKN 7.1", NULL},
};

//  Who settles a denunciation, by the accused's unit: of staff; of heads, deputies and the unit.
static const article_t OF_STAFF[ROWS] = {
    [LEVEL_PROVINCE] = {"LTC 12.1; LTC 13.4; LTC 32", NULL},
    [LEVEL_DEPARTMENT] = {"LTC 12.1; LTC 13.3", NULL},
    [LEVEL_SUBUNIT] = {"LTC 12.1", NULL},
    [LEVEL_COMMUNE] = {"LTC 12.1; LTC 13.1", NULL},
    [LEVEL_DIVISION] = {"LTC 12.1; LTC 13.1", NULL},
    [LEVEL_OUTSIDE] = {"LTC 12.1", NULL},
    [COMMUNE_SERVICE] = {"LTC 12.1", NULL},
};

static const article_t OF_HEADS[ROWS] = {
    [LEVEL_PROVINCE] = {"LTC 12.1", NULL},
    [LEVEL_DEPARTMENT] = {"LTC 12.1; LTC 13.4a; LTC 32", NULL},
    [LEVEL_SUBUNIT] = {"LTC 12.1; LTC 13.3", NULL},
    [LEVEL_COMMUNE] = {"LTC 12.1; LTC 13.4a; LTC 32", "LTC 12.1; NĐ141/2025; LTC 32"},
    [LEVEL_DIVISION] = {"LTC 12.1; LTC 13.1", NULL},
    [LEVEL_OUTSIDE] = {"LTC 12.1", NULL},
    [COMMUNE_SERVICE] = {"LTC 12.1; LTC 13.1", NULL},
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

static const char *
article (const question_t *self, const article_t rows[ROWS], const unit_t *unit)
{
    bool service = unit->level == LEVEL_SUBUNIT && unit->superior->level == LEVEL_COMMUNE;
    const article_t *row = &rows[service ? COMMUNE_SERVICE : (int)unit->level];
    bool before = clock_day (self->matter->at_ms) < DAY_L136;
    return before && row->before ? row->before : row->since;
}

//  --- complaints

//  The one above who settles what the head of `body` may not; NULL when the profile has none.
static const unit_t *
superior_of (const question_t *self, const unit_t *body)
{
    if (body == profile_top (self->profile))
        return profile_unit (self->profile, GOVERNMENT);
    return party_body (body->superior);
}

//  LKN 23.3: what the province chair settled first goes to the minister of the field. A department
//  "so-x" of the profile has its ministry as "bo-x".
static const unit_t *
ministry_of (const question_t *self)
{
    const unit_t *unit = profile_competent (self->profile, self->matter->field, NULL);
    while (unit && unit->level == LEVEL_SUBUNIT)
        unit = unit->superior;
    if (!unit || unit->id.size < 3 || memcmp (unit->id.ptr, "so-", 3) != 0)
        return NULL;
    return profile_unit (self->profile,
        arena_printf (self->arena, "bo-%.*s", (int)unit->id.size - 3, unit->id.ptr + 3));
}

static void
find_second (question_t *self, const unit_t *first)
{
    const unit_t *second = superior_of (self, first);
    if (first == profile_top (self->profile))
        second = ministry_of (self);
    if (!second)
        competence_open (self, OPEN_SUPERIOR);
    else
        competence_decide (self, second, competence_worker (self, second, first),
            article (self, SECOND, first), "Khiếu nại lần hai, người giải quyết");
}

static open_t
open_author (slice_t field)
{
    if (competence_within (field, SLICE ("land")))
        return OPEN_AUTHOR_LAND;
    return competence_within (field, SLICE ("justice")) ? OPEN_AUTHOR_JUSTICE : OPEN_AUTHOR;
}

//  Letters name the desk and, in a second complaint, the province chair because they are sent to
//  them; without a post that does not make them authors.
static bool
is_addressee (const question_t *self, bool second)
{
    const desk_t *desk = self->matter->desk;
    const unit_t *named = self->party.unit;
    return self->party.role == ROLE_UNKNOWN &&
           ((desk && named == desk->unit) || (second && named == profile_top (self->profile)));
}

//  LKN 7: first the author or the head of his body, then the direct superior.
static void
find_complaint (question_t *self)
{
    const matter_t *matter = self->matter;
    const unit_t *first = party_body (self->party.unit);
    bool second = matter->instance == 2 || (matter->instance == 0 && matter->flags & FLAG_SECOND);
    if (!first)
        competence_open (self, open_author (matter->field));
    else if (is_addressee (self, second))
        competence_open (self, OPEN_ADDRESSEE);
    else if (second)
        find_second (self, first);
    else
        competence_decide (self, first, competence_worker (self, first, NULL),
            article (self, FIRST, first), "Khiếu nại lần đầu, người giải quyết");
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

//  What a party committee would settle goes to its inspection commission (TT05 15).
static const unit_t *
inspection_of (const question_t *self, const unit_t *committee)
{
    static const char NAME[] = "Ủy ban Kiểm tra";
    const size_t size = sizeof NAME - 1;
    size_t count = 0;
    const unit_t *units = profile_units (self->profile, &count);
    for (size_t i = 0; i < count; i++)
        if (units[i].superior == committee && units[i].name.size > size &&
            memcmp (units[i].name.ptr, NAME, size) == 0)
            return &units[i];
    return NULL;
}

void
competence_find_manager (question_t *self, const char *basis, const char *rule)
{
    const unit_t *manager = manager_of (self, self->party);
    const unit_t *party = manager ? inspection_of (self, manager) : NULL;
    if (!manager)
        competence_open (self, OPEN_SUPERIOR);
    else if (party && !party_implicates (self->matter->type, self->party, party))
        competence_decide (
            self, party, party, "TT05/2021 15", "Việc của tổ chức Đảng, nơi giải quyết");
    else
        competence_decide (self, manager, competence_worker (self, manager, NULL), basis, rule);
}

//  Enterprises and other private bodies stand under nobody: who breaks the law there is the
//  business of the body that manages the field (LTC 41).
bool
competence_is_private (const unit_t *unit)
{
    return unit->kind == UNIT_EXTERNAL && !unit->superior;
}

static void
find_by_management (question_t *self)
{
    slice_t field = self->matter->field;
    const unit_t *unit = profile_competent (self->profile, field, NULL);
    if (unit && !slice_is (field, "other"))
        competence_decide (self, party_body (unit), unit, "LTC 12; LTC 41",
            "Tố cáo trong lĩnh vực quản lý nhà nước, người giải quyết");
    else
        competence_open (self, OPEN_ACCUSED);
}

//  Nobody of the profile is accused. Only a crime against order is plain enough to name the
//  investigators (LTC 27).
static void
find_unknown_accused (question_t *self)
{
    const unit_t *police = profile_unit (self->profile, POLICE);
    bool crime = self->matter->flags & FLAG_CRIME &&
                 competence_within (self->matter->field, SLICE ("security_order"));
    if (crime && police)
        competence_decide (
            self, police, police, "LTC 27", "Có dấu hiệu tội phạm, chuyển ngay cơ quan điều tra");
    else
        competence_open (self, OPEN_ACCUSED);
}

//  False when the same body settles, whoever it is in that unit.
static bool
post_matters (const question_t *self)
{
    party_t staff = {self->party.unit, ROLE_STAFF}, body = {self->party.unit, ROLE_BODY};
    return self->party.role == ROLE_UNKNOWN && manager_of (self, staff) != manager_of (self, body);
}

static void
open_post (question_t *self)
{
    const unit_t *staff = manager_of (self, (party_t){self->party.unit, ROLE_STAFF});
    const unit_t *body = manager_of (self, (party_t){self->party.unit, ROLE_BODY});
    competence_open (self, OPEN_POST);
    if (body)
        self->out->reason = arena_printf (self->arena,
            "%.*s: người dưới quyền thì %.*s; người đứng đầu, cấp phó hoặc cả đơn vị thì %.*s",
            SLICE_ARGS (self->out->reason), SLICE_ARGS (staff->head), SLICE_ARGS (body->head));
}

static void
find_denunciation (question_t *self)
{
    party_t party = self->party;
    if (!party.unit)
        find_unknown_accused (self);
    else if (competence_is_private (party.unit))
        find_by_management (self);
    else if (post_matters (self))
        open_post (self);
    else
        competence_find_manager (self,
            article (self, party.role == ROLE_STAFF ? OF_STAFF : OF_HEADS, party.unit),
            "Tố cáo, người giải quyết");
}

//  --- the rest

static void
find_several (question_t *self)
{
    competence_open (self, OPEN_SEVERAL);
}

static void
find_other (question_t *self)
{
    competence_open (
        self, competence_within (self->matter->field, SLICE ("land")) ? OPEN_DISPUTE : OPEN_OTHER);
}

static void
find_unknown (question_t *self)
{
    competence_open (self, OPEN_TYPE);
}

static void (*const FIND[TYPE_COUNT]) (question_t *) = {
    [TYPE_UNKNOWN] = find_unknown,
    [TYPE_KHIEU_NAI] = find_complaint,
    [TYPE_TO_CAO] = find_denunciation,
    [TYPE_THONG_TIN_TO_CAO] = find_denunciation,
    [TYPE_KIEN_NGHI] = competence_find_proposal,
    [TYPE_PHAN_ANH] = competence_find_proposal,
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
        competence_open (&self, OPEN_EARLIER_LAW);
    out->recuse = desk_is_implicated (&self);
}
