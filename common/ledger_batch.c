#include "ledger_inner.h"

#include "clock.h"
#include "log.h"

#include <stdio.h>

static const kind_row_t kinds[] = {
    [BATCH_REGISTER] = {"dm1_register", REGISTER_KEYS, REGISTER_ARGS,
        {"meta", "lease", "alarm", "feed", "days"}},
    [BATCH_CHANGE] = {"dm1_change", CHANGE_KEYS, CHANGE_ARGS,
        {"meta", "lease", "alarm", "feed", "tries"}},
};

const kind_row_t *
batch_kind (batch_kind_t kind)
{
    return &kinds[kind];
}

batch_t *
batch_new (ledger_t *ledger, batch_kind_t kind, unsigned partition)
{
    batch_t *self = ledger->spare;
    if (self) {
        ledger->spare = self->next;
        ledger->spare_count--;
    } else {
        self = mem_new (sizeof *self);
        self->arena = arena_new ();
    }
    self->next = NULL;
    self->ledger = ledger;
    self->kind = kind;
    self->partition = partition;
    self->count = self->bytes = 0;
    self->not_before_ms = 0;
    self->give_up_ms = clock_monotonic_ms () + PATIENCE_MS;
    return self;
}

static void
batch_free (batch_t *self)
{
    ledger_t *ledger = self->ledger;
    arena_reset (self->arena);
    if (ledger->spare_count < 8) {
        self->next = ledger->spare;
        ledger->spare = self;
        ledger->spare_count++;
        return;
    }
    arena_destroy (&self->arena);
    free (self);
}

static void
batch_answer (batch_t *self, size_t index, const ledger_answer_t *answer)
{
    self->ledger->waiting--;
    self->askers[index].fn (self->askers[index].arg, answer);
}

void
batch_refuse (batch_t *self, const refusal_t *refusal)
{
    ledger_answer_t answer = {.refusal = *refusal};
    for (size_t i = 0; i < self->count; i++)
        batch_answer (self, i, &answer);
    batch_free (self);
}

void
batch_again (batch_t *self, int64_t wait_ms)
{
    ledger_t *ledger = self->ledger;
    int64_t now_ms = clock_monotonic_ms ();
    if (now_ms >= self->give_up_ms) {
        refusal_t refusal;
        refuse (&refusal, REFUSAL_UNAVAILABLE, "redis",
            "Redis did not answer in time; try again with the same key");
        refusal.retry_ms = 2000;
        batch_refuse (self, &refusal);
        return;
    }
    self->not_before_ms = now_ms + wait_ms;
    self->next = NULL;
    *ledger->again_end = self;
    ledger->again_end = &self->next;
}

//  --- answers

static const struct {
    const char *status;
    refusal_code_t code;
    const char *text;
} statuses[] = {
    {"done", REFUSAL_DONE, ""},
    {"repeated", REFUSAL_DONE, ""},
    {"conflict", REFUSAL_CONFLICT,
        "this key was used for another content; use a new key for a new petition"},
    {"expired", REFUSAL_CONFLICT, "this key was used too long ago"},
    {"stale", REFUSAL_STALE, "the case has changed since it was read; look at it again"},
    {"gone", REFUSAL_NOT_FOUND, "there is no such case"},
    {"state", REFUSAL_FORBIDDEN, "the case is not in a state that allows this action"},
    {"owner", REFUSAL_FORBIDDEN, "this action may not change the owner, or would leave none"},
    {"alarm", REFUSAL_FORBIDDEN, "a live case must keep a next alarm, an ended one has none"},
    {"person", REFUSAL_FORBIDDEN, "only a named person may do this, no machine"},
    {"action", REFUSAL_NOT_FOUND, "there is no such action"},
};

static void
answer_status (ledger_answer_t *answer, slice_t status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (slice_is (status, statuses[i].status)) {
            answer->repeated = slice_is (status, "repeated");
            answer->expired = slice_is (status, "expired");
            if (statuses[i].code != REFUSAL_DONE)
                refuse (&answer->refusal, statuses[i].code, "case", "%s", statuses[i].text);
            return;
        }
    refuse (&answer->refusal, REFUSAL_INVALID, "ledger", "the ledger refused it: %.*s",
        SLICE_ARGS (status));
    log_event (LOG_ERROR, "case-parked", "status", answer->refusal.text, NULL);
}

static int64_t
reply_number (const redisReply *reply)
{
    return reply->type == REDIS_REPLY_INTEGER ? reply->integer : 0;
}

static void
batch_answer_each (batch_t *self, const redisReply *reply, size_t width)
{
    for (size_t i = 0; i < self->count; i++) {
        redisReply **part = reply->element + i * width;
        ledger_answer_t answer = {.version = reply_number (part[1])};
        answer_status (&answer, redis_text (part[0]));
        if (self->kind == BATCH_REGISTER) {
            answer.serial = reply_number (part[1]);
            answer.version = 1;
            answer.day = redis_text (part[2]);
            answer.received_ms = slice_number (redis_text (part[3]));
        }
        batch_answer (self, i, &answer);
    }
    batch_free (self);
}

//  One case per call: the culprit of a batch that failed as a whole fails alone.
static void
batch_split (batch_t *self)
{
    ledger_t *ledger = self->ledger;
    const kind_row_t *kind = batch_kind (self->kind);
    for (size_t i = 0; i < self->count; i++) {
        batch_t *single = batch_new (ledger, self->kind, self->partition);
        single->count = 1;
        single->askers[0] = self->askers[i];
        for (size_t k = 0; k < kind->keys; k++)
            single->keys[k] = arena_copy (single->arena, self->keys[i * kind->keys + k]);
        for (size_t a = 0; a < kind->args; a++)
            single->args[a] = arena_copy (single->arena, self->args[i * kind->args + a]);
        batch_again (single, 0);
    }
    batch_free (self);
}

static void
batch_failed (batch_t *self, const redisReply *reply)
{
    slice_t text = {reply->str, (size_t)reply->len};
    refusal_t refusal;
    //  A clock step or a profile switch shows here first: the next beat brings the news.
    if (slice_is (text, "REFUSED time") || slice_is (text, "REFUSED profile")) {
        snprintf (self->ledger->trouble, sizeof self->ledger->trouble, "%s", reply->str);
        batch_again (self, 500);
        return;
    }
    refusal_code_t code = redis_error_code (reply);
    if (code == REFUSAL_UNAVAILABLE && self->kind == BATCH_CHANGE) {
        batch_again (self, 500);
        return;
    }
    if (code == REFUSAL_UNAVAILABLE) {
        refuse (&refusal, code, "redis", "the store takes no new petitions now: %s", reply->str);
        refusal.retry_ms = 5000;
        batch_refuse (self, &refusal);
        return;
    }
    log_event (LOG_ERROR, "batch-failed", "why", reply->str, NULL);
    if (self->count > 1) {
        batch_split (self);
        return;
    }
    refuse (
        &refusal, REFUSAL_INVALID, "ledger", "the ledger cannot take this case: %s", reply->str);
    batch_refuse (self, &refusal);
}

void
batch_on_reply (void *arg, const redisReply *reply)
{
    batch_t *batch = arg;
    batch->ledger->flying[batch->kind][batch->partition]--;
    size_t width = batch->kind == BATCH_REGISTER ? 4 : 2;
    if (!reply)
        batch_again (batch, 0); // outcome unknown: repeat, the operation ids make it harmless
    else if (reply->type == REDIS_REPLY_ERROR)
        batch_failed (batch, reply);
    else if (reply->type == REDIS_REPLY_ARRAY && reply->elements == batch->count * width)
        batch_answer_each (batch, reply, width);
    else
        batch_again (batch, 1000);
}
