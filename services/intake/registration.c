#include "registration.h"

#include "assignment/competence.h"
#include "clock.h"
#include "limit.h"

#include <sodium.h>

enum { DIGEST = 9 };

//  base64url of `size` bytes (a multiple of three) in the arena.
static slice_t
base64 (const uint8_t *bytes, size_t size, arena_t *arena)
{
    size_t room = sodium_base64_ENCODED_LEN (size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *text = arena_alloc (arena, room);
    sodium_bin2base64 (text, room, bytes, size, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return (slice_t){text, room - 1};
}

//  "ha-tu/head" of "Chủ tịch UBND phường Hà Tu", or what stands there already; "" when nobody of
//  the profile is named.
static slice_t
accused (const profile_t *profile, const respondents_t *respondents, const petition_t *petition,
    arena_t *arena)
{
    const desk_t *desk = profile_desk (profile, petition->desk);
    const place_t *place = profile_place (profile, petition->place);
    label_t label = {0};
    slice_t name = petition->respondent;
    const char *slash = name.size ? memchr (name.ptr, '/', name.size) : NULL;
    size_t size = slash ? (size_t)(slash - name.ptr) : name.size;
    if (!place)
        place = profile_place (profile, desk->place);
    if (name.size == 0 || profile_unit (profile, (slice_t){name.ptr, size}))
        return name;
    bool found = respondents_named (respondents, name, place, arena, &label);
    return found ? label.value : (slice_t){NULL, 0};
}

const desk_t *
registration_desk (const profile_t *profile, const respondents_t *respondents,
    const petition_t *petition, arena_t *arena)
{
    const desk_t *desk = profile_desk (profile, petition->desk);
    assert (desk); // petition_check has looked
    petition_type_t type = type_from (petition->type);
    if (!type_is_secret (type))
        return desk;
    slice_t respondent = accused (profile, respondents, petition, arena);
    bool own_cause = competence_implicated (profile, type, respondent, desk->unit);
    size_t count;
    const desk_t *desks = profile_desks (profile, &count);
    for (size_t i = 0; own_cause && i < count; i++)
        if (desks[i].unit == desk->superior_desk_unit)
            return &desks[i];
    return desk;
}

void
registration_seal (const petition_t *petition, slice_t id, const vault_t *vault, buffer_t *sealed)
{
    buffer_t body = {0};
    petition_t kept = *petition;
    kept.key = (slice_t){NULL, 0};
    codec_encode (&petition_schema, &kept, &body);
    vault_seal (vault, id, buffer_slice (&body), sealed);
    sodium_memzero (body.data, body.size);
    buffer_free (&body);
}

void
registration_id (
    const petition_t *petition, unsigned life, const vault_t *vault, char out[CASE_ID_TEXT + 1])
{
    uint8_t hash[16];
    buffer_t scoped = {0};
    if (petition->key.size == 0) {
        message_id (out);
        return;
    }
    buffer_printf (
        &scoped, "%.*s\n%u\n%.*s", SLICE_ARGS (petition->desk), life, SLICE_ARGS (petition->key));
    vault_hash (vault, "repeat", buffer_slice (&scoped), hash);
    sodium_bin2base64 (
        out, CASE_ID_TEXT + 1, hash, CASE_ID, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buffer_free (&scoped);
}

slice_t
registration_digest (slice_t sealed, arena_t *arena)
{
    uint8_t hash[16];
    crypto_generichash (hash, sizeof hash, (const uint8_t *)sealed.ptr, sealed.size, NULL, 0);
    return base64 (hash, DIGEST, arena);
}

//  Until a unit is assigned the desk owes the next step.
static size_t
first_clocks (
    const profile_t *profile, const desk_t *desk, int64_t received_ms, case_clock_t clocks[2])
{
    const place_t *place = profile_place (profile, desk->place);
    bool remote = place && place->remote;
    size_t count = 0;
    count += limit_start (profile, TYPE_UNKNOWN, "triage", received_ms, remote, &clocks[count]);
    count += limit_start (profile, TYPE_UNKNOWN, "promise", received_ms, remote, &clocks[count]);
    return count;
}

bool
registration_change (const profile_t *profile, const desk_t *desk, const petition_t *petition,
    slice_t operation, slice_t sealed, int64_t received_ms, int64_t now_ms, change_t *change,
    arena_t *arena)
{
    case_clock_t clocks[2];
    size_t count = first_clocks (profile, desk, received_ms, clocks);
    if (count == 0)
        return false;
    char day[8];
    uint8_t fingerprint[PETITION_FINGERPRINT];
    clock_yymmdd (now_ms, day);
    *change = (change_t){
        .action = "register",
        .actor = arena_printf (arena, "desk:%.*s", SLICE_ARGS (desk->id)),
        .operation = operation,
    };
    change_set (change, 's', slice_from (state_code (STATE_RECEIVED)));
    change_set (change, 'd', desk->id);
    change_set (change, 'y', arena_copy (arena, slice_from (day)));
    change_set (change, 'u', desk->unit->id);
    change_set (change, 'o', SLICE ("head"));
    change_set (change, 'C', petition->channel);
    change_set (change, 'B', registration_digest (sealed, arena));
    petition_fingerprint (petition, fingerprint);
    change_set (change, 'F', base64 (fingerprint, DIGEST, arena));
    change_set_number (change, 'r', received_ms, arena);
    change_set_number (change, 'w', now_ms, arena);
    limit_set (change, clocks, count, arena);
    return true;
}
