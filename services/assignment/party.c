#include "party.h"

static role_t
role_from (slice_t code)
{
    static const char *const CODES[] = {[ROLE_UNKNOWN] = "",
        [ROLE_BODY] = "body",
        [ROLE_HEAD] = "head",
        [ROLE_DEPUTY] = "deputy",
        [ROLE_STAFF] = "staff"};
    for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++)
        if (slice_is (code, CODES[i]))
            return (role_t)i;
    return ROLE_UNKNOWN; // a stranger implicates the whole unit: the safe reading
}

//  "Phó Chánh Văn phòng, Trưởng Ban ...": such a board is a part of the body above, and its head
//  one of that body's deputies.
static bool
led_by_deputy (const unit_t *unit)
{
    static const char DEPUTY[] = "Phó ";
    const size_t size = sizeof DEPUTY - 1;
    return unit->superior && unit->head.size > size && memcmp (unit->head.ptr, DEPUTY, size) == 0;
}

party_t
party_read (const profile_t *profile, slice_t respondent)
{
    const char *cut = respondent.size ? memchr (respondent.ptr, '/', respondent.size) : NULL;
    slice_t id = respondent, role = {NULL, 0};
    if (cut) {
        id.size = (size_t)(cut - respondent.ptr);
        role = (slice_t){cut + 1, respondent.size - id.size - 1};
    }
    party_t party = {id.size ? profile_unit (profile, id) : NULL, role_from (role)};
    if (party.unit && party.role == ROLE_HEAD && led_by_deputy (party.unit))
        return (party_t){party.unit->superior, ROLE_DEPUTY}; // LTC 12.1 looks at the higher post
    return party;
}

bool
party_answers_to (const unit_t *unit, const unit_t *above)
{
    while (unit && unit != above)
        unit = unit->superior;
    return unit != NULL;
}

const unit_t *
party_body (const unit_t *unit)
{
    while (unit && (unit->level == LEVEL_DIVISION || led_by_deputy (unit)))
        unit = unit->superior;
    return unit;
}

bool
party_is_person (party_t party)
{
    return party.unit && party.role >= ROLE_HEAD;
}

//  In a complaint the respondent settles, as the law wants it; elsewhere a letter that accuses, or
//  that is about a person's conduct, is kept from him.
bool
party_implicates (petition_type_t type, party_t party, const unit_t *unit)
{
    if (!party.unit || type == TYPE_KHIEU_NAI || party.role == ROLE_STAFF)
        return false;
    if (!party_is_person (party) && !type_is_secret (type))
        return false;
    return party_answers_to (unit, party.unit);
}
