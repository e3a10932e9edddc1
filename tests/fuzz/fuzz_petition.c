//  Whatever JSON arrives: no crash, a refusal names a field and says why, and checking a petition
//  that was taken changes nothing any more.

#include "petition.h"
#include "../unit/profile_double.h"

static const int64_t now_ms = INT64_C (1795136700000);

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static bool
is_taken (petition_t *petition, arena_t *arena)
{
    int64_t received_ms;
    refusal_t refusal = {0};
    if (petition_check (petition, &profile_double, now_ms, arena, &received_ms, &refusal)) {
        assert (refusal.code != REFUSAL_DONE && *refusal.field && *refusal.text);
        return false;
    }
    assert (received_ms <= now_ms + 60000 && petition->text.size <= PETITION_TEXT_MAX);
    return true;
}

static void
check_twice (json_t *json, arena_t *arena)
{
    petition_t petition;
    refusal_t refusal = {0};
    if (codec_from_json (&petition_schema, json, &petition, arena, NULL, &refusal)) {
        assert (refusal.code != REFUSAL_DONE && *refusal.text);
        return;
    }
    if (!is_taken (&petition, arena))
        return;
    uint8_t first[PETITION_FINGERPRINT], second[PETITION_FINGERPRINT];
    petition_fingerprint (&petition, first);
    bool again = is_taken (&petition, arena);
    assert (again);
    petition_fingerprint (&petition, second);
    assert (memcmp (first, second, sizeof first) == 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static arena_t *arena;
    if (!arena)
        arena = arena_new ();
    arena_reset (arena);
    json_t *json = json_loadb ((const char *)data, size, JSON_ALLOW_NUL, NULL);
    if (json)
        check_twice (json, arena);
    json_decref (json);
    return 0;
}
