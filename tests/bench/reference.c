//  The reference: what Redis can do when one client writes what the services write, and does
//  nothing else. Each petition costs two function calls, register and assign, in batches, a few
//  calls in flight. The workload is frozen here, field by field; scripts/bench compares what it
//  leaves in Redis with a case that went through the services. Prints one JSON object.
//
//      reference REDIS batch COUNT [BATCH] [CALLS]   petitions per second; 128 a call, 8 in flight
//      reference REDIS single COUNT                  median time of each call with one case in it

#include "bench.h"
#include "case.h"
#include "clock.h"
#include "ledger.h"
#include "message.h"
#include "vault.h"

#include <sodium.h>

enum { BATCH = 128, CALLS = 8, CHUNK = 16384, POOL = 1 << 20, WORDS = 2560 };
enum { SEALED = BENCH_PETITION + VAULT_OVERHEAD };

#define DESK "tcd-ha-tu"
#define DESK_UNIT "ha-tu.vp"
#define OWNER "ha-tu.kt"

typedef struct {
    slice_t id;
    slice_t keys[2][5], args[2][3]; // of register, of change
} reference_case_t;

typedef struct {
    redisContext *redis;
    char profile[40], day[8];
    char *pool; // random bytes that stand for sealed ones
    arena_t *arena;
    reference_case_t cases[CHUNK];
    slice_t words[WORDS];
} reference_t;

typedef struct {
    const char *function, *head[5];
    size_t keys, args, answers;
    const char *tail[2]; // lease and life of a key, for registration
} call_t;

static const call_t calls[2] = {
    {"dm1_register", {"meta", "lease", "alarm", "feed", "days"}, 5, 3, 4, {"15000", "7776000000"}},
    {"dm1_change", {"meta", "lease", "alarm", "feed", "tries"}, 4, 3, 2, {NULL, NULL}},
};

//  --- what a case is made of

static slice_t
fresh_id (arena_t *arena)
{
    char id[CASE_ID_TEXT + 1];
    message_id (id);
    return arena_copy (arena, (slice_t){id, CASE_ID_TEXT});
}

static void
set_times (change_t *change, const char *step, const char *rule, int64_t now_ms, arena_t *arena)
{
    long long now = now_ms, due = now + 2 * CLOCK_DAY_MS, promised = now + 23 * CLOCK_DAY_MS;
    change_set (change, 'k',
        arena_printf (arena, "%s %lld %lld %s\npromise promise owner %lld %lld any-promise", step,
            now, due, rule, now, promised));
    change_set_number (change, 'n', due, arena);
}

static slice_t
register_entry (const reference_t *self, slice_t id, int64_t now_ms, arena_t *arena)
{
    change_t change = {
        .action = "register", .actor = SLICE ("desk:" DESK), .operation = id, .count = 0};
    change_set (&change, 's', SLICE ("received"));
    change_set (&change, 'd', SLICE (DESK));
    change_set (&change, 'y', slice_from (self->day));
    change_set (&change, 'u', SLICE (DESK_UNIT));
    change_set (&change, 'o', SLICE ("head"));
    change_set (&change, 'C', SLICE ("counter"));
    change_set (&change, 'F', (slice_t){id.ptr, 12});
    change_set (&change, 'B', (slice_t){id.ptr, 12});
    change_set_number (&change, 'r', now_ms, arena);
    change_set_number (&change, 'w', now_ms, arena);
    set_times (&change, "triage internal desk", "triage", now_ms, arena);
    return change_write (&change, arena);
}

static slice_t
assign_entry (int64_t now_ms, arena_t *arena)
{
    change_t change = {
        .action = "assign", .actor = SLICE ("machine:assignment"), .operation = fresh_id (arena)};
    change_set (&change, 's', SLICE ("assigned"));
    change_set (&change, 'u', SLICE (OWNER));
    change_set_number (&change, 'w', now_ms, arena);
    set_times (&change, "assigned internal owner", "pa-answer", now_ms, arena);
    change_set (&change, 't', SLICE ("phan_anh"));
    change_set (&change, 'f', SLICE ("environment.waste"));
    change_set (&change, 'p', SLICE ("ha-tu"));
    change_set (&change, 'c', SLICE ("Chủ tịch UBND phường Hà Tu"));
    change_set (&change, 'b', SLICE ("LTCD 26.2; LTCD 28"));
    change_set (&change, 'l',
        SLICE ("\x84\xa4type\x81\xa1"
               "c\xcd\x03\xb6\xa5"
               "field\x81\xa1"
               "c\xcd\x03\xb6\xa5place\x81\xa1"
               "c\xcd\x03\xb6\xa5model\xa5"
               "fixed"));
    return change_write (&change, arena);
}

static void
case_prepare (reference_t *self, size_t index)
{
    arena_t *arena = self->arena;
    reference_case_t *one = &self->cases[index];
    int64_t now_ms = clock_now_ms ();
    slice_t id = one->id = fresh_id (arena);
    slice_t registering[] = {ledger_key (arena, 0, "c:", id), ledger_key (arena, 0, "b:", id),
        ledger_key (arena, 0, "j:", id),
        ledger_key (arena, 0, "s:" DESK ":", slice_from (self->day)), SLICE ("{p00}o:" DESK_UNIT)};
    slice_t changing[] = {
        registering[0], registering[2], SLICE ("{p00}o:" DESK_UNIT), SLICE ("{p00}o:" OWNER)};
    memcpy (one->keys[0], registering, sizeof registering);
    memcpy (one->keys[1], changing, sizeof changing);
    one->args[0][0] = one->args[1][0] = id;
    one->args[0][1] = (slice_t){self->pool + index * 61 % (POOL - SEALED), SEALED};
    one->args[0][2] = register_entry (self, id, now_ms, arena);
    one->args[1][1] = SLICE ("1");
    one->args[1][2] = assign_entry (now_ms, arena);
}

//  --- calls

static size_t
call_words (reference_t *self, int kind, size_t first, size_t count, arena_t *arena)
{
    const call_t *call = &calls[kind];
    slice_t *words = self->words;
    size_t n = 0;
    words[n++] = SLICE ("FCALL");
    words[n++] = slice_from (call->function);
    words[n++] = arena_printf (arena, "%zu", 5 + count * call->keys);
    for (size_t i = 0; i < 5; i++)
        words[n++] = ledger_key (arena, 0, call->head[i], (slice_t){NULL, 0});
    for (size_t i = 0; i < count; i++, n += call->keys)
        memcpy (words + n, self->cases[first + i].keys[kind], call->keys * sizeof *words);
    words[n++] = slice_from (self->profile);
    words[n++] = arena_printf (arena, "%lld", (long long)clock_now_ms ());
    for (size_t i = 0; i < 2 && call->tail[i]; i++)
        words[n++] = slice_from (call->tail[i]);
    for (size_t i = 0; i < count; i++, n += call->args)
        memcpy (words + n, self->cases[first + i].args[kind], call->args * sizeof *words);
    return n;
}

static void
call_send (reference_t *self, int kind, size_t first, size_t count)
{
    static const char *text[WORDS];
    static size_t sizes[WORDS];
    arena_t *arena = arena_new ();
    size_t n = call_words (self, kind, first, count, arena);
    for (size_t i = 0; i < n; i++) {
        text[i] = self->words[i].ptr;
        sizes[i] = self->words[i].size;
    }
    redisAppendCommandArgv (self->redis, (int)n, text, sizes);
    arena_destroy (&arena);
}

static void
call_await (reference_t *self, int kind, size_t count)
{
    void *got;
    if (redisGetReply (self->redis, &got) != REDIS_OK)
        die ("redis: %s", self->redis->errstr);
    redisReply *reply = got;
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != count * calls[kind].answers)
        die ("%s: %s", calls[kind].function, reply->str ? reply->str : "not the answers");
    for (size_t i = 0; i < reply->elements; i += calls[kind].answers)
        if (strcmp (reply->element[i]->str, "done") != 0)
            die ("%s: %s", calls[kind].function, reply->element[i]->str);
    freeReplyObject (reply);
}

static size_t
batch_size (size_t count, size_t batch, size_t index)
{
    size_t first = index / 2 * batch;
    return count - first < batch ? count - first : batch;
}

//  Register and assign in turn; Redis answers in order, so the assignment of a batch may be sent
//  before its registration is answered.
static void
chunk_run (reference_t *self, size_t count, size_t batch, size_t in_flight)
{
    size_t total = (count + batch - 1) / batch * 2, sent = 0;
    for (size_t answered = 0; answered < total; answered++) {
        for (; sent < total && sent - answered < in_flight; sent++)
            call_send (self, sent % 2, sent / 2 * batch, batch_size (count, batch, sent));
        call_await (self, answered % 2, batch_size (count, batch, answered));
    }
}

//  --- runs

static void
chunk_prepare (reference_t *self, size_t count)
{
    arena_reset (self->arena);
    clock_yymmdd (clock_now_ms (), self->day);
    for (size_t i = 0; i < count; i++)
        case_prepare (self, i);
}

//  Only the calls are timed, not the making of what they carry.
static void
run_batch (reference_t *self, size_t count, size_t batch, size_t in_flight)
{
    int64_t spent_us = 0;
    if (batch > BATCH)
        die ("at most %d cases a call", BATCH);
    for (size_t done = 0; done < count;) {
        size_t chunk = count - done < CHUNK ? count - done : CHUNK;
        chunk_prepare (self, chunk);
        int64_t start_us = bench_now_us ();
        chunk_run (self, chunk, batch, in_flight);
        spent_us += bench_now_us () - start_us;
        done += chunk;
    }
    slice_t last = self->cases[(count - 1) % CHUNK].id;
    printf ("{\"petitions\": %zu, \"seconds\": %.6f, \"last\": \"%.*s\"}\n", count,
        (double)spent_us / 1e6, SLICE_ARGS (last));
}

static void
run_single (reference_t *self, size_t count)
{
    int64_t times_us[2][CHUNK];
    if (count > CHUNK)
        die ("at most %d", CHUNK);
    chunk_prepare (self, count);
    for (size_t i = 0; i < count; i++)
        for (int kind = 0; kind < 2; kind++) {
            int64_t start_us = bench_now_us ();
            call_send (self, kind, i, 1);
            call_await (self, kind, 1);
            times_us[kind][i] = bench_now_us () - start_us;
        }
    printf ("{\"petitions\": %zu, \"register_us\": %lld, \"assign_us\": %lld}\n", count,
        (long long)bench_quantile (times_us[0], count, 0.5),
        (long long)bench_quantile (times_us[1], count, 0.5));
}

static void
reference_open (reference_t *self, const char *address)
{
    refusal_t refusal;
    if (sodium_init () < 0)
        die ("libsodium cannot start");
    self->redis = redis_open (address, NULL, NULL, &refusal);
    if (!self->redis)
        die ("%s", refusal.text);
    redisReply *reply = redisCommand (self->redis, "HGET {p00}meta profile");
    if (!reply || reply->type != REDIS_REPLY_STRING)
        die ("there is no data set: run `daumoi init`");
    snprintf (self->profile, sizeof self->profile, "%s", reply->str);
    freeReplyObject (reply);
    self->arena = arena_new ();
    self->pool = mem_new (POOL);
    randombytes_buf (self->pool, POOL);
}

int
main (int argc, char **argv)
{
    reference_t *self = mem_new (sizeof *self);
    bool single = argc == 4 && strcmp (argv[2], "single") == 0;
    bool batch = argc >= 4 && argc <= 6 && strcmp (argv[2], "batch") == 0;
    if (!single && !batch)
        die ("usage: reference REDIS batch COUNT [BATCH] [CALLS] | single COUNT");
    size_t count = bench_count (argv[3]);
    reference_open (self, argv[1]);
    if (single)
        run_single (self, count);
    else
        run_batch (self, count, argc > 4 ? bench_count (argv[4]) : BATCH,
            argc > 5 ? bench_count (argv[5]) : CALLS);
    redisFree (self->redis);
    arena_destroy (&self->arena);
    free (self->pool);
    free (self);
    return 0;
}
