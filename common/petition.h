//  The petition as a message: its table, its checks, its fingerprint. Pure: no sockets, no Redis.

#ifndef DAUMOI_PETITION_H
#define DAUMOI_PETITION_H

#include "codec.h"
#include "model.h"
#include "profile.h"

extern const codec_schema_t petition_schema; // of petition_t

enum { PETITION_TEXT_MAX = 65536, PETITION_FINGERPRINT = 16 };

//  Checks everything that can be known without Redis and normalises in place: text and names to
//  NFC, default channel; new strings live in the arena. Refuses, naming the field: unknown desk,
//  empty, oversize or non-UTF-8 text, control characters, a date that does not exist, `received` in
//  the future (beyond 60 s) or older than the profile allows, unknown channel, type or field code,
//  negative or absurd signatories, a name beside `anonymous`. Empty strings become absent.
//  *received_ms gets the time of receipt (now_ms when absent).
int petition_check (petition_t *self, const profile_t *profile, int64_t now_ms, arena_t *arena,
    int64_t *received_ms, refusal_t *refusal);

//  Hash of everything but the key: the same content gives the same fingerprint whatever the order
//  of fields; call it after petition_check.
void petition_fingerprint (const petition_t *self, uint8_t out[PETITION_FINGERPRINT]);

#endif
