//  What the files of competence share. Nobody else includes this.
//
//  competence.c         complaints, denunciations, and which function takes which type
//  competence_field.c   proposals and reports
//  competence_answer.c  the answer's words, and who does the work for the province chair
//  party.c              who the letter is about, and whom that keeps away

#ifndef DAUMOI_COMPETENCE_INNER_H
#define DAUMOI_COMPETENCE_INNER_H

#include "competence.h"
#include "party.h"

typedef struct {
    const profile_t *profile;
    const matter_t *matter;
    arena_t *arena;
    competent_t *out;
    party_t party;
} question_t;

//  Why the desk must decide, with the article that leaves it open.
typedef enum {
    OPEN_TYPE,
    OPEN_SEVERAL,
    OPEN_OTHER,
    OPEN_DISPUTE,
    OPEN_AUTHOR,
    OPEN_AUTHOR_LAND,
    OPEN_AUTHOR_JUSTICE,
    OPEN_ADDRESSEE,
    OPEN_ACCUSED,
    OPEN_POST,
    OPEN_SUPERIOR,
    OPEN_NAMELESS,
    OPEN_FIELD,
    OPEN_PLACE,
    OPEN_EARLIER_LAW
} open_t;

void competence_open (question_t *self, open_t why);

//  `body` is the one whose head settles, `unit` the one that does the work. `rule` is the line for
//  the clerk, to which the person is added.
void competence_decide (
    question_t *self, const unit_t *body, const unit_t *unit, const char *basis, const char *rule);

//  For the province chair the inspectorate advises and verifies (LKN 25; LTC 32), unless it is
//  implicated or settled the first instance itself.
const unit_t *competence_worker (
    const question_t *self, const unit_t *body, const unit_t *settled_first);

//  The field itself or a finer one of it: "land.compensation" is within "land".
bool competence_within (slice_t field, slice_t parent);

//  LTC 12.1: the one who manages the party settles what is said about a person.
void competence_find_manager (question_t *self, const char *basis, const char *rule);
//  Enterprises and other private bodies stand under nobody.
bool competence_is_private (const unit_t *unit);

//  Proposals and reports.
void competence_find_proposal (question_t *self);

#endif
