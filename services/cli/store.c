#include "store.h"

#include <stdio.h>

enum { WORDS_MAX = 16 };

void
store_put (cli_t *cli, size_t argc, const slice_t *argv)
{
    const char *words[WORDS_MAX];
    size_t sizes[WORDS_MAX];
    assert (argc <= WORDS_MAX);
    for (size_t i = 0; i < argc; i++) {
        words[i] = argv[i].ptr ? argv[i].ptr : "";
        sizes[i] = argv[i].size;
    }
    redisAppendCommandArgv (cli->redis, (int)argc, words, sizes);
}

redisReply *
store_get_any (cli_t *cli, refusal_t *refusal)
{
    void *reply = NULL;
    if (redisGetReply (cli->redis, &reply) != REDIS_OK) {
        refuse (refusal, REFUSAL_UNAVAILABLE, "redis", "Redis went away: %s", cli->redis->errstr);
        return NULL;
    }
    redisReply *answer = reply;
    if (answer->type != REDIS_REPLY_ERROR || redis_error_code (answer) == REFUSAL_INVALID)
        return answer;
    refuse (refusal, redis_error_code (answer), "redis", "%s", answer->str);
    freeReplyObject (answer);
    return NULL;
}

redisReply *
store_get (cli_t *cli, refusal_t *refusal)
{
    redisReply *answer = store_get_any (cli, refusal);
    if (!answer || answer->type != REDIS_REPLY_ERROR)
        return answer;
    refuse (refusal, REFUSAL_INVALID, "redis", "%s", answer->str);
    freeReplyObject (answer);
    return NULL;
}

redisReply *
store_ask (cli_t *cli, size_t argc, const slice_t *argv, refusal_t *refusal)
{
    store_put (cli, argc, argv);
    return store_get (cli, refusal);
}

int
store_find (cli_t *cli, const char *text, place_of_case_t *place, refusal_t *refusal)
{
    code_t code;
    if (code_read (slice_from (text), &code, refusal) != 0)
        return -1;
    code_write (place->code, code.province, code.desk, code.day, code.serial);
    code_read (slice_from (place->code), &code, NULL); // the desk in lower case
    place->partition = ledger_partition_of (code.desk, cli->partitions);
    slice_t words[] = {SLICE ("LINDEX"),
        arena_printf (cli->arena, "{p%02u}s:%.*s:%.*s", place->partition, SLICE_ARGS (code.desk),
            SLICE_ARGS (code.day)),
        arena_printf (cli->arena, "%lld", (long long)code.serial - 1)};
    redisReply *reply = store_ask (cli, 3, words, refusal);
    if (!reply)
        return -1;
    slice_t id = redis_text (reply);
    snprintf (place->id, sizeof place->id, "%.*s", SLICE_ARGS (id));
    freeReplyObject (reply);
    if (id.size == CASE_ID_TEXT)
        return 0;
    return refuse (refusal, REFUSAL_NOT_FOUND, "code",
        "no petition has the number %s; compare it with the receipt", place->code);
}

const char *
store_code (const cli_t *cli, const case_t *record, char out[CODE_MAX])
{
    out[0] = 0;
    bool whole =
        record->serial > 0 && record->day.size == 6 && record->desk.size && record->desk.size <= 32;
    if (whole)
        code_write (
            out, profile_province (cli->profile), record->desk, record->day, record->serial);
    return out;
}

bool
store_record (const redisReply *reply, case_t *record)
{
    *record = (case_t){.serial = 0};
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements < 2)
        return false;
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        slice_t name = redis_text (reply->element[i]);
        if (name.size != 1 || !case_set (record, *name.ptr, redis_text (reply->element[i + 1])))
            return false;
    }
    return true;
}

int
store_case (cli_t *cli, const char *code, place_of_case_t *place, case_t *record,
    redisReply **reply, refusal_t *refusal)
{
    if (cli_data_set (cli, refusal) != 0 || store_find (cli, code, place, refusal) != 0)
        return -1;
    slice_t words[] = {
        SLICE ("HGETALL"), ledger_key (cli->arena, place->partition, "c:", slice_from (place->id))};
    *reply = store_ask (cli, 2, words, refusal);
    if (!*reply)
        return -1;
    if (store_record (*reply, record))
        return 0;
    freeReplyObject (*reply);
    *reply = NULL;
    return refuse (refusal, REFUSAL_NOT_FOUND, "code",
        "%s is in the register but has no readable record; run `daumoi verify`", place->code);
}
