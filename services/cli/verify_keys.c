//  Every key of the data set: nothing lies about that belongs to no case.

#include "verify.h"

#include <stdio.h>

//  "{p07}c:<rest>" -> partition, kind, rest.
typedef struct {
    slice_t key;
    unsigned partition;
    char kind;
    slice_t rest;
} name_t;

static bool
name_read (const verify_t *self, slice_t key, name_t *name)
{
    const char *at = key.ptr;
    if (key.size < 7 || at[0] != '{' || at[1] != 'p' || at[4] != '}' || at[6] != ':')
        return false;
    *name = (name_t){.key = key,
        .partition = (unsigned)(at[2] - '0') * 10 + (unsigned)(at[3] - '0'),
        .kind = at[5],
        .rest = {at + 7, key.size - 7}};
    return name->partition < self->cli->partitions;
}

//  --- records, bodies, journals

//  In no register when they were read: then registered since, or lying about.
static int
orphan_check (verify_t *self, const name_t *name, refusal_t *refusal)
{
    cli_t *cli = self->cli;
    slice_t read[] = {SLICE ("HMGET"), ledger_key (self->arena, name->partition, "c:", name->rest),
        SLICE ("d"), SLICE ("y"), SLICE ("i")};
    store_put (cli, 5, read);
    redisReply *record = store_get_any (cli, refusal);
    if (!record)
        return -1;
    if (record->elements < 3) {
        verify_breach (self, name->key, SLICE ("its record is none"));
        freeReplyObject (record);
        return 0;
    }
    slice_t serial = redis_text (record->element[2]);
    slice_t words[] = {SLICE ("LINDEX"),
        arena_printf (self->arena, "{p%02u}s:%.*s:%.*s", name->partition,
            SLICE_ARGS (redis_text (record->element[0])),
            SLICE_ARGS (redis_text (record->element[1]))),
        arena_printf (
            self->arena, "%lld", serial.size ? strtoll (serial.ptr, NULL, 10) - 1 : (long long)0)};
    freeReplyObject (record);
    redisReply *id = store_ask (cli, 3, words, refusal);
    if (!id)
        return -1;
    if (!slice_equals (redis_text (id), name->rest))
        verify_breach (self, name->key, SLICE ("belongs to no case of any register"));
    freeReplyObject (id);
    return 0;
}

//  --- registers that nobody knows of

static int
register_check (verify_t *self, const name_t *name, refusal_t *refusal)
{
    slice_t words[] = {SLICE ("SISMEMBER"),
        ledger_key (self->arena, name->partition, "days", SLICE ("")), name->key};
    redisReply *reply = store_ask (self->cli, 3, words, refusal);
    if (!reply)
        return -1;
    if (reply->integer != 1)
        verify_breach (self, name->key, SLICE ("is a register that the list of registers lacks"));
    freeReplyObject (reply);
    return 0;
}

//  --- one page of keys

static int
page_check (verify_t *self, const redisReply *keys, refusal_t *refusal)
{
    int status = 0;
    for (size_t i = 0; i < keys->elements && status == 0; i++) {
        name_t name;
        if (!name_read (self, redis_text (keys->element[i]), &name))
            continue;
        if (name.kind == 's')
            status = register_check (self, &name, refusal);
        else if (strchr ("cbj", name.kind) && !id_set_has (self->ids, name.rest))
            status = orphan_check (self, &name, refusal);
    }
    return status;
}

int
verify_keys (verify_t *self, refusal_t *refusal)
{
    char cursor[24] = "0";
    do {
        arena_reset (self->arena);
        slice_t words[] = {SLICE ("SCAN"), slice_from (cursor), SLICE ("COUNT"), SLICE ("1000")};
        redisReply *page = store_ask (self->cli, 4, words, refusal);
        if (!page)
            return -1;
        snprintf (cursor, sizeof cursor, "%s", page->element[0]->str);
        int status = page_check (self, page->element[1], refusal);
        freeReplyObject (page);
        if (status)
            return -1;
    } while (strcmp (cursor, "0") != 0);
    return 0;
}
