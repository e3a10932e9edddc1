//  From a checked petition to what the ledger stores. Pure: time, ids and keys are arguments.

#ifndef DAUMOI_REGISTRATION_H
#define DAUMOI_REGISTRATION_H

#include "case.h"
#include "classification/respondent.h"
#include "ledger.h"
#include "message.h"
#include "petition.h"
#include "vault.h"

//  The desk whose register takes it. A denunciation that names at entry somebody whom its desk
//  answers to goes to the superior's desk at once, with a number of that desk's series: nothing
//  remains in the local register, its lists or its numbering (LTC 9, 12). Else the desk of the
//  petition.
//  Whom the letter accuses is read from its field `respondent`, as the desk wrote it.
const desk_t *registration_desk (const profile_t *profile, const respondents_t *respondents,
    const petition_t *petition, arena_t *arena);

//  The petition as it is sealed: everything but its key, as msgpack, appended to `sealed`.
void registration_seal (
    const petition_t *petition, slice_t id, const vault_t *vault, buffer_t *sealed);

//  The id of the case: a keyed hash of desk and key, so that a repeat has the id of the first;
//  fresh and random when no key was given. `life` counts up when the key was used before, longer
//  ago than keys live.
void registration_id (
    const petition_t *petition, unsigned life, const vault_t *vault, char out[CASE_ID_TEXT + 1]);

//  What the record keeps of a sealed body, so that `daumoi verify` sees one that was exchanged.
slice_t registration_digest (slice_t sealed, arena_t *arena);

//  The first entry of the journal at registration_desk: owner is the desk's unit, by its head; the
//  triage clock and the promise run from the receipt. False when the profile has no clock for the
//  desk (it would rest for ever). All strings in the arena, the petition or the profile.
bool registration_change (const profile_t *profile, const desk_t *desk, const petition_t *petition,
    slice_t operation, slice_t sealed, int64_t received_ms, int64_t now_ms, change_t *change,
    arena_t *arena);

#endif
