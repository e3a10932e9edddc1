//  From a checked petition to what the ledger stores. Pure: time, ids and keys are arguments.

#ifndef DAUMOI_REGISTRATION_H
#define DAUMOI_REGISTRATION_H

#include "case.h"
#include "ledger.h"
#include "message.h"
#include "petition.h"
#include "vault.h"

//  The desk whose register takes it. A denunciation that names at entry somebody whom its desk
//  answers to goes to the superior's desk at once, with a number of that desk's series: nothing
//  remains in the local register, its lists or its numbering (LTC 9, 12). Else the desk of the
//  petition.
const desk_t *registration_desk (const profile_t *profile, const petition_t *petition);

//  The petition as it is sealed: everything but its key, as msgpack, appended to `sealed`.
void registration_seal (
    const petition_t *petition, slice_t id, const vault_t *vault, buffer_t *sealed);

//  The key under which a repeat is found: a keyed hash of desk and key (id when no key was given),
//  16 characters in the arena.
slice_t registration_key (
    const petition_t *petition, slice_t id, const vault_t *vault, arena_t *arena);

//  What the record keeps of a sealed body, so that `daumoi verify` sees one that was exchanged.
slice_t registration_digest (slice_t sealed, arena_t *arena);

//  The first entry of the journal at registration_desk: owner is the desk's unit, by its head; the
//  triage clock and the promise run from the receipt. False when the profile has no clock for the
//  desk (it would rest for ever). All strings in the arena, the petition or the profile.
bool registration_change (const profile_t *profile, const desk_t *desk, slice_t channel, slice_t id,
    slice_t sealed, int64_t received_ms, int64_t now_ms, change_t *change, arena_t *arena);

#endif
