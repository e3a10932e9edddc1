//  Proposals and reports: by field, place and level (practice: only here is the profile total).

#include "competence_inner.h"

//  Flags that ask for a human even where the unit is clear. Mass letters, danger and repeats must
//  reach a head at once, by a person who has looked (LTCD 29; ND154; the province's own rule on hot
//  spots); signs of a crime go to the investigators (LTC 27); a letter without its form may be
//  filed or completed; the rest shows that the type may be wrong. A report without a name is none
//  of these: a hole in the road is one whoever tells of it.
enum {
    FLAGS_FOR_HUMANS = FLAG_MASS | FLAG_REPEATED | FLAG_SECOND | FLAG_URGENT | FLAG_CRIME |
                       FLAG_CONFIDENTIAL | FLAG_INELIGIBLE
};

static const place_t *
place_of (const question_t *self)
{
    const unit_t *named = self->party.unit;
    const place_t *place = profile_place (self->profile, self->matter->place);
    return place || !named ? place : profile_place (self->profile, named->place);
}

//  Communes do it, so that a place is needed.
static bool
field_is_local (const profile_t *profile, slice_t field)
{
    size_t count = 0;
    const place_t *places = profile_places (profile, &count);
    const unit_t *province = profile_competent (profile, field, NULL);
    for (size_t i = 0; i < count; i++)
        if (profile_competent (profile, field, &places[i]) != province)
            return true;
    return false;
}

//  The lower of two units of one line; NULL is above everybody.
static const unit_t *
nearer (const unit_t *a, const unit_t *b)
{
    return !a || (b && party_answers_to (b, a)) ? b : a;
}

//  A letter that names a body does not name the finer field or the level, but says them: whoever is
//  competent somewhere within the field, and is that body or stands above it.
static const unit_t *
find_named (const question_t *self, const place_t *place)
{
    const unit_t *named = self->party.unit, *found = NULL;
    size_t count = 0;
    const profile_field_t *fields = profile_fields (self->profile, &count);
    for (size_t i = 0; named && i < count; i++) {
        if (!competence_within (fields[i].code, self->matter->field))
            continue;
        const unit_t *here = profile_competent (self->profile, fields[i].code, place);
        const unit_t *province = profile_competent (self->profile, fields[i].code, NULL);
        if (here && party_answers_to (named, here))
            found = nearer (found, here);
        if (province && party_answers_to (named, province))
            found = nearer (found, province);
    }
    return found;
}

//  Nobody else is competent for a finer field of it there: "transport" in a commune may yet be a
//  hamlet's road or a national one, and only a human or a finer label can say.
static bool
is_only_one (const question_t *self, const unit_t *unit, const place_t *place)
{
    size_t count = 0;
    const profile_field_t *fields = profile_fields (self->profile, &count);
    for (size_t i = 0; i < count; i++)
        if (competence_within (fields[i].code, self->matter->field) &&
            profile_competent (self->profile, fields[i].code, place) != unit)
            return false;
    return true;
}

//  Whether a machine may act on it: the letter names nobody else, no flag asks for a human, and it
//  is not about corruption, which may be a denunciation that does not call itself one.
static bool
is_plain (const question_t *self, const unit_t *unit)
{
    const unit_t *named = self->party.unit;
    bool agrees = !named || party_answers_to (named, unit) || party_answers_to (unit, named);
    return agrees && unit->kind == UNIT_TREE && !(self->matter->flags & FLAGS_FOR_HUMANS) &&
           !competence_within (self->matter->field, SLICE ("corruption"));
}

static void
find_by_field (question_t *self)
{
    const matter_t *matter = self->matter;
    const place_t *place = place_of (self);
    const unit_t *unit = find_named (self, place);
    const bool said = unit != NULL;
    bool lacks_place = !unit && !place && field_is_local (self->profile, matter->field);
    if (lacks_place && matter->desk)
        place = profile_place (self->profile, matter->desk->place);
    if (lacks_place && !place) {
        competence_open (self, OPEN_PLACE);
        return;
    }
    if (!unit)
        unit = profile_competent (self->profile, matter->field, place);
    assert (unit); // the profile is total
    competence_decide (self, party_body (unit), unit, "LTCD 26.2; LTCD 28",
        "Kiến nghị, phản ánh theo lĩnh vực và địa bàn");
    bool only = said || is_only_one (self, unit, place);
    self->out->certain = self->out->unit && only && !lacks_place && is_plain (self, unit);
    if (!only)
        self->out->reason = arena_printf (self->arena,
            "%.*s; lĩnh vực chi tiết hơn có thể thuộc nơi khác", SLICE_ARGS (self->out->reason));
}

void
competence_find_proposal (question_t *self)
{
    const unit_t *named = self->party.unit;
    slice_t field = self->matter->field;
    if (party_is_person (self->party) && !competence_is_private (named))
        competence_find_manager (
            self, "LTCD 26.2; LTC 12.1 (tương tự)", "Phản ánh về người của cơ quan, người quản lý");
    else if (named && named->kind == UNIT_VERTICAL)
        competence_decide (self, named, named, "LTCD 26.2", "Thuộc cơ quan ngành dọc");
    else if (!profile_field (self->profile, field) || slice_is (field, "other"))
        competence_open (self, OPEN_FIELD);
    else
        find_by_field (self);
}
