//  Who a letter is about, as `respondent` says it, and whom that keeps away from the case
//  (promise 7). The public face of the latter is competence_implicated.

#ifndef DAUMOI_PARTY_H
#define DAUMOI_PARTY_H

#include "model.h"
#include "profile.h"

//  Who in the named unit is meant. ROLE_UNKNOWN, a bare unit: somebody there or the unit itself.
typedef enum { ROLE_UNKNOWN, ROLE_BODY, ROLE_HEAD, ROLE_DEPUTY, ROLE_STAFF } role_t;
typedef struct {
    const unit_t *unit; // NULL: nobody of the profile is named
    role_t role;
} party_t;

//  "unit[/body|/head|/deputy|/staff]". A head who is by his title a deputy of the body above is
//  read as that deputy.
party_t party_read (const profile_t *profile, slice_t respondent);

//  A person is named, not only a body.
bool party_is_person (party_t party);

//  True when `unit` may not touch a case of this type about this party.
bool party_implicates (petition_type_t type, party_t party, const unit_t *unit);

//  `unit` is `above` or stands somewhere under it.
bool party_answers_to (const unit_t *unit, const unit_t *above);

//  The body whose head has power to settle: divisions of a commune have none of their own (LKN 17),
//  nor has a board led by a deputy of the body above.
const unit_t *party_body (const unit_t *unit);

#endif
