//  The indexes: alarm, lease, and the open cases of each owner. Each case was found in its own; so
//  it is enough to count, and only where the counts differ to look who is in one too many.

#include "verify.h"

#include <stdio.h>

typedef struct {
    verify_t *verify;
    unsigned partition;
    slice_t key;
    slice_t owner; // of an owner's index; ptr NULL: alarm or lease
    bool lease;
} index_t;

static bool
belongs (const index_t *self, const redisReply *record)
{
    if (record->elements < 2)
        return false;
    slice_t state = redis_text (record->element[0]), owner = redis_text (record->element[1]);
    case_state_t at = state_from (state);
    if (self->lease)
        return at == STATE_RECEIVED;
    bool live = at != STATE_COUNT && state_is_live (at);
    return live && (!self->owner.ptr || slice_equals (owner, self->owner));
}

//  Record and index at one moment: a member that left meanwhile is no breach.
static int
member_recheck (const index_t *self, slice_t id, slice_t record_key, refusal_t *refusal)
{
    cli_t *cli = self->verify->cli;
    redisReply *reply = NULL;
    store_put (cli, 1, (slice_t[]){SLICE ("MULTI")});
    store_put (cli, 4, (slice_t[]){SLICE ("HMGET"), record_key, SLICE ("s"), SLICE ("u")});
    store_put (cli, 3, (slice_t[]){SLICE ("ZSCORE"), self->key, id});
    store_put (cli, 1, (slice_t[]){SLICE ("EXEC")});
    for (int i = 0; i < 4; i++) {
        freeReplyObject (reply);
        reply = store_get (cli, refusal);
        if (!reply)
            return -1;
    }
    bool is_in = reply->elements == 2 && reply->element[1]->type != REDIS_REPLY_NIL;
    if (is_in && !belongs (self, reply->element[0]))
        verify_breach (self->verify, self->key,
            arena_printf (self->verify->arena, "holds case %.*s, which does not belong there",
                SLICE_ARGS (id)));
    freeReplyObject (reply);
    return 0;
}

static int
members_check (const index_t *self, const redisReply *ids, refusal_t *refusal)
{
    arena_t *arena = self->verify->arena;
    cli_t *cli = self->verify->cli;
    slice_t *keys = arena_alloc (arena, (ids->elements + 1) * sizeof *keys);
    bool *doubtful = arena_alloc (arena, ids->elements + 1);
    for (size_t i = 0; i < ids->elements; i++) {
        keys[i] = ledger_key (arena, self->partition, "c:", redis_text (ids->element[i]));
        store_put (cli, 4, (slice_t[]){SLICE ("HMGET"), keys[i], SLICE ("s"), SLICE ("u")});
    }
    for (size_t i = 0; i < ids->elements; i++) {
        redisReply *record = store_get_any (cli, refusal);
        if (!record)
            return -1;
        doubtful[i] = !belongs (self, record);
        freeReplyObject (record);
    }
    for (size_t i = 0; i < ids->elements; i++)
        if (doubtful[i] &&
            member_recheck (self, redis_text (ids->element[i]), keys[i], refusal) != 0)
            return -1;
    return 0;
}

static int
index_walk (const index_t *self, refusal_t *refusal)
{
    bool more = true;
    for (int64_t start = 0; more; start += VERIFY_BATCH) {
        arena_t *arena = self->verify->arena;
        slice_t words[] = {SLICE ("ZRANGE"), self->key,
            arena_printf (arena, "%lld", (long long)start),
            arena_printf (arena, "%lld", (long long)start + VERIFY_BATCH - 1)};
        redisReply *ids = store_ask (self->verify->cli, 4, words, refusal);
        if (!ids)
            return -1;
        more = ids->elements == VERIFY_BATCH;
        int status = members_check (self, ids, refusal);
        freeReplyObject (ids);
        if (status)
            return -1;
    }
    return 0;
}

static int64_t
index_size (verify_t *verify, slice_t key, refusal_t *refusal)
{
    redisReply *reply = store_ask (verify->cli, 2, (slice_t[]){SLICE ("ZCARD"), key}, refusal);
    int64_t size = reply ? reply->integer : -1;
    freeReplyObject (reply);
    return size;
}

static int
index_check (
    verify_t *verify, unsigned partition, const char *name, int64_t expected, refusal_t *refusal)
{
    index_t self = {.verify = verify,
        .partition = partition,
        .key = ledger_key (verify->cli->arena, partition, name, SLICE ("")),
        .lease = strcmp (name, "lease") == 0};
    int64_t size = index_size (verify, self.key, refusal);
    if (size < 0)
        return -1;
    arena_reset (verify->arena);
    return size == expected ? 0 : index_walk (&self, refusal);
}

//  The owners' indexes of a partition, by their keys; SCAN may name one twice.
static int
owners_find (verify_t *verify, unsigned partition, id_set_t *seen, index_t **list, size_t *count,
    refusal_t *refusal)
{
    char cursor[24] = "0";
    arena_t *arena = verify->cli->arena;
    do {
        slice_t words[] = {SLICE ("SCAN"), slice_from (cursor), SLICE ("MATCH"),
            arena_printf (arena, "{p%02u}o:*", partition), SLICE ("COUNT"), SLICE ("10000")};
        redisReply *page = store_ask (verify->cli, 6, words, refusal);
        if (!page)
            return -1;
        snprintf (cursor, sizeof cursor, "%s", page->element[0]->str);
        for (size_t i = 0; i < page->element[1]->elements; i++) {
            slice_t key = arena_copy (arena, redis_text (page->element[1]->element[i]));
            if (!id_set_add (seen, key))
                continue;
            *list = mem_grow (*list, (*count + 1) * sizeof **list);
            (*list)[(*count)++] = (index_t){.verify = verify,
                .partition = partition,
                .key = key,
                .owner = {key.ptr + 7, key.size - 7}};
        }
        freeReplyObject (page);
    } while (strcmp (cursor, "0") != 0);
    return 0;
}

static int
owners_check (verify_t *verify, unsigned partition, refusal_t *refusal)
{
    id_set_t *seen = id_set_new ();
    index_t *list = NULL;
    size_t count = 0;
    int64_t sum = 0;
    int status = owners_find (verify, partition, seen, &list, &count, refusal);
    for (size_t i = 0; i < count && status == 0; i++) {
        int64_t size = index_size (verify, list[i].key, refusal);
        status = size < 0 ? -1 : 0;
        sum += size;
    }
    for (size_t i = 0; i < count && status == 0 && sum != verify->live[partition]; i++) {
        arena_reset (verify->arena);
        status = index_walk (&list[i], refusal);
    }
    free (list);
    id_set_destroy (&seen);
    return status;
}

int
verify_indexes (verify_t *self, refusal_t *refusal)
{
    for (unsigned p = 0; p < self->cli->partitions; p++)
        if (index_check (self, p, "alarm", self->live[p], refusal) != 0 ||
            index_check (self, p, "lease", self->waiting[p], refusal) != 0 ||
            owners_check (self, p, refusal) != 0)
            return -1;
    return 0;
}
