//  Every register of every partition, case by case.

#include "audit.h"
#include "verify.h"

#include <stdio.h>

enum { PARTS = 5, RECHECKS = 3 }; // replies per case: record, journal, body, alarm, lease

typedef struct {
    verify_t *verify;
    unsigned partition;
    slice_t key, desk, day; // of the register
} serials_t;

//  One case of a batch.
typedef struct {
    slice_t id;
    int64_t serial;
    redisReply *parts[PARTS], *owned;
    case_t record;
    bool readable;
} item_t;

static slice_t
key_of (const serials_t *self, const char *kind, slice_t rest)
{
    return ledger_key (self->verify->arena, self->partition, kind, rest);
}

static void
put_case (const serials_t *self, slice_t id)
{
    cli_t *cli = self->verify->cli;
    slice_t none = SLICE (""), zscore = SLICE ("ZSCORE");
    store_put (cli, 2, (slice_t[]){SLICE ("HGETALL"), key_of (self, "c:", id)});
    store_put (
        cli, 4, (slice_t[]){SLICE ("LRANGE"), key_of (self, "j:", id), SLICE ("0"), SLICE ("-1")});
    store_put (cli, 2, (slice_t[]){SLICE ("GET"), key_of (self, "b:", id)});
    store_put (cli, 3, (slice_t[]){zscore, key_of (self, "alarm", none), id});
    store_put (cli, 3, (slice_t[]){zscore, key_of (self, "lease", none), id});
}

static void
put_owned (const serials_t *self, slice_t owner, slice_t id)
{
    store_put (self->verify->cli, 3, (slice_t[]){SLICE ("ZSCORE"), key_of (self, "o:", owner), id});
}

//  --- judging

static evidence_t
evidence_of (const serials_t *self, const item_t *item)
{
    const redisReply *journal = item->parts[1];
    evidence_t evidence = {
        .id = item->id,
        .desk = self->desk,
        .day = self->day,
        .serial = item->serial,
        .record = item->readable ? &item->record : NULL,
        .body = redis_text (item->parts[2]),
        .alarm = redis_text (item->parts[3]),
        .lease = redis_text (item->parts[4]),
        .owned = redis_text (item->owned),
    };
    if (journal->type != REDIS_REPLY_ARRAY || journal->elements == 0)
        return evidence;
    slice_t *elements = arena_alloc (self->verify->arena, journal->elements * sizeof *elements);
    for (size_t i = 0; i < journal->elements; i++)
        elements[i] = redis_text (journal->element[i]);
    evidence.journal = elements;
    evidence.entries = journal->elements;
    return evidence;
}

static void
judge (const serials_t *self, const item_t *item, audited_t *audited, buffer_t *breaches)
{
    evidence_t evidence = evidence_of (self, item);
    audit_case (&evidence, audited, self->verify->arena, breaches);
}

static void
item_free (item_t *item)
{
    for (size_t i = 0; i < PARTS; i++)
        freeReplyObject (item->parts[i]);
    freeReplyObject (item->owned);
}

//  Everything of one case at one moment: EXEC's reply holds the parts.
static redisReply *
read_at_once (const serials_t *self, slice_t id, slice_t owner, refusal_t *refusal)
{
    cli_t *cli = self->verify->cli;
    redisReply *reply = NULL;
    store_put (cli, 1, (slice_t[]){SLICE ("MULTI")});
    put_case (self, id);
    put_owned (self, owner, id);
    store_put (cli, 1, (slice_t[]){SLICE ("EXEC")});
    for (int i = 0; i < PARTS + 3; i++) {
        freeReplyObject (reply);
        reply = store_get (cli, refusal);
        if (!reply)
            return NULL;
    }
    return reply;
}

//  False when the owner had moved on, so that the wrong index was asked.
static bool
judge_at_once (const serials_t *self, const item_t *item, slice_t owner, redisReply *reply,
    audited_t *audited, buffer_t *breaches)
{
    item_t again = {.id = item->id, .serial = item->serial};
    memcpy (again.parts, reply->element, sizeof again.parts);
    again.owned = reply->element[PARTS];
    again.readable = store_record (again.parts[0], &again.record);
    buffer_clear (breaches);
    judge (self, &again, audited, breaches);
    return slice_equals (again.record.owner, owner);
}

static int
recheck (const serials_t *self, const item_t *item, audited_t *audited, buffer_t *breaches,
    refusal_t *refusal)
{
    bool fits = false;
    for (int i = 0; i < RECHECKS && !fits; i++) {
        slice_t words[] = {SLICE ("HGET"), key_of (self, "c:", item->id), SLICE ("u")};
        store_put (self->verify->cli, 3, words);
        redisReply *owner = store_get_any (self->verify->cli, refusal);
        redisReply *reply =
            owner ? read_at_once (self, item->id, redis_text (owner), refusal) : NULL;
        if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == PARTS + 1)
            fits = judge_at_once (self, item, redis_text (owner), reply, audited, breaches);
        freeReplyObject (owner);
        freeReplyObject (reply);
        if (!reply)
            return -1;
    }
    return 0;
}

static void
report (const serials_t *self, const item_t *item, slice_t breaches)
{
    case_t record = {.desk = self->desk, .day = self->day, .serial = item->serial};
    char code[CODE_MAX];
    store_code (self->verify->cli, &record, code);
    while (breaches.size) {
        const char *end = memchr (breaches.ptr, '\n', breaches.size);
        size_t size = end ? (size_t)(end - breaches.ptr) : breaches.size;
        verify_breach (self->verify, slice_from (code), (slice_t){breaches.ptr, size});
        size_t skip = end ? size + 1 : size;
        breaches = (slice_t){breaches.ptr + skip, breaches.size - skip};
    }
}

static void
count (const serials_t *self, const audited_t *audited)
{
    verify_t *verify = self->verify;
    verify->entries += audited->entries;
    verify->moves += audited->moves;
    if (audited->state == STATE_COUNT)
        return;
    verify->states[audited->state]++;
    verify->live[self->partition] += state_is_live (audited->state);
    verify->waiting[self->partition] += audited->state == STATE_RECEIVED;
}

static int
item_judge (const serials_t *self, const item_t *item, refusal_t *refusal)
{
    buffer_t breaches = {0};
    audited_t audited;
    int status = 0;
    self->verify->petitions++;
    judge (self, item, &audited, &breaches);
    if (breaches.size)
        status = recheck (self, item, &audited, &breaches, refusal);
    if (!id_set_add (self->verify->ids, item->id))
        buffer_printf (
            &breaches, "its id %.*s stands in a register twice\n", SLICE_ARGS (item->id));
    count (self, &audited);
    report (self, item, buffer_slice (&breaches));
    buffer_free (&breaches);
    return status;
}

//  --- reading a batch

static int
items_read (const serials_t *self, item_t *items, size_t count_, refusal_t *refusal)
{
    cli_t *cli = self->verify->cli;
    for (size_t i = 0; i < count_; i++)
        put_case (self, items[i].id);
    for (size_t i = 0; i < count_; i++) {
        for (size_t part = 0; part < PARTS; part++)
            if (!(items[i].parts[part] = store_get_any (cli, refusal)))
                return -1;
        items[i].readable = store_record (items[i].parts[0], &items[i].record);
        put_owned (self, items[i].record.owner, items[i].id);
    }
    for (size_t i = 0; i < count_; i++)
        if (!(items[i].owned = store_get_any (cli, refusal)))
            return -1;
    return 0;
}

static int
batch (const serials_t *self, const redisReply *ids, int64_t start, refusal_t *refusal)
{
    item_t items[VERIFY_BATCH] = {0};
    for (size_t i = 0; i < ids->elements; i++) {
        items[i].id = redis_text (ids->element[i]);
        items[i].serial = start + (int64_t)i + 1;
    }
    int status = items_read (self, items, ids->elements, refusal);
    for (size_t i = 0; i < ids->elements && status == 0; i++)
        status = item_judge (self, &items[i], refusal);
    for (size_t i = 0; i < ids->elements; i++)
        item_free (&items[i]);
    return status;
}

//  --- registers

//  "{p00}s:tcd-tinh:261121" -> desk, day.
static bool
register_open (serials_t *self)
{
    slice_t key = self->key;
    const char *colon = key.size > 7 ? memrchr (key.ptr, ':', key.size) : NULL;
    if (!colon || colon < key.ptr + 7 || memcmp (key.ptr + 5, "s:", 2) != 0)
        return false;
    self->desk = (slice_t){key.ptr + 7, (size_t)(colon - key.ptr) - 7};
    self->day = (slice_t){colon + 1, key.size - (size_t)(colon + 1 - key.ptr)};
    return self->day.size == 6 && self->desk.size && self->desk.size <= 32 &&
           ledger_partition_of (self->desk, self->verify->cli->partitions) == self->partition;
}

static int
register_read (serials_t *self, refusal_t *refusal)
{
    bool more = true;
    for (int64_t start = 0; more; start += VERIFY_BATCH) {
        arena_reset (self->verify->arena);
        slice_t words[] = {SLICE ("LRANGE"), self->key,
            arena_printf (self->verify->arena, "%lld", (long long)start),
            arena_printf (self->verify->arena, "%lld", (long long)start + VERIFY_BATCH - 1)};
        redisReply *ids = store_ask (self->verify->cli, 4, words, refusal);
        if (!ids)
            return -1;
        more = ids->elements == VERIFY_BATCH;
        int status = batch (self, ids, start, refusal);
        freeReplyObject (ids);
        if (status)
            return -1;
    }
    return 0;
}

static int
partition_read (verify_t *verify, unsigned partition, refusal_t *refusal)
{
    slice_t words[] = {
        SLICE ("SMEMBERS"), ledger_key (verify->cli->arena, partition, "days", SLICE (""))};
    redisReply *keys = store_ask (verify->cli, 2, words, refusal);
    if (!keys)
        return -1;
    int status = 0;
    for (size_t i = 0; i < keys->elements && status == 0; i++) {
        serials_t self = {
            .verify = verify, .partition = partition, .key = redis_text (keys->element[i])};
        if (register_open (&self))
            status = register_read (&self, refusal);
        else
            verify_breach (verify, self.key, SLICE ("is no register of this partition"));
    }
    freeReplyObject (keys);
    return status;
}

int
verify_cases (verify_t *self, refusal_t *refusal)
{
    for (unsigned p = 0; p < self->cli->partitions; p++)
        if (partition_read (self, p, refusal) != 0)
            return -1;
    return 0;
}
