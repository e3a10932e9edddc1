#include "act.h"

#include "code.h"
#include "decision.h"

#include <sodium.h>
#include <stdio.h>

struct act_desk {
    service_t *service;
    request_server_t *requests;
};

//  One act between its request and its answer; the arena holds the request and the case.
typedef struct {
    act_desk_t *desk;
    request_from_t from;
    arena_t *arena;
    act_t act;
    char id[CASE_ID_TEXT + 1];
    slice_t case_desk;
    case_t before;
    decision_t decision;
} action_in_hand_t;

static void
act_free (action_in_hand_t *self)
{
    arena_destroy (&self->arena);
    free (self);
}

static void
act_refuse (action_in_hand_t *self, const refusal_t *refusal)
{
    request_refuse (self->desk->requests, &self->from, refusal);
    act_free (self);
}

static bool
reply_is_bad (action_in_hand_t *self, const redisReply *reply)
{
    refusal_t refusal;
    if (reply && reply->type != REDIS_REPLY_ERROR)
        return false;
    refuse (&refusal, REFUSAL_UNAVAILABLE, "redis", "the store did not answer; try again");
    refusal.retry_ms = 1000;
    act_refuse (self, &refusal);
    return true;
}

static void
on_changed (void *arg, const ledger_answer_t *answer)
{
    action_in_hand_t *self = arg;
    if (answer->refusal.code != REFUSAL_DONE) {
        act_refuse (self, &answer->refusal);
        return;
    }
    reply_t reply = {
        .refusal = slice_from (refusal_name (REFUSAL_DONE)),
        .code = self->act.code,
        .desk = self->before.desk,
        .version = answer->version,
        .repeated = answer->repeated,
        .state = self->decision.state,
        .owner = self->decision.owner_after,
    };
    request_reply (self->desk->requests, &self->from, &reply);
    act_free (self);
}

//  The operation id of a key: the same act with the same key is done once. `out` has 17 bytes.
static void
operation_of (const act_t *act, char out[CASE_ID_TEXT + 1])
{
    uint8_t hash[16];
    if (!act->key.size) {
        message_id (out);
        return;
    }
    crypto_generichash (hash, sizeof hash, (const uint8_t *)act->key.ptr, act->key.size, NULL, 0);
    sodium_bin2base64 (
        out, CASE_ID_TEXT + 1, hash, CASE_ID, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static bool
act_was_done (const case_t *before, slice_t operation)
{
    for (size_t at = 0; at + CASE_ID_TEXT <= before->operations.size; at += CASE_ID_TEXT)
        if (memcmp (before->operations.ptr + at, operation.ptr, CASE_ID_TEXT) == 0)
            return true;
    return false;
}

//  The act has been done: the first answer again, from the record.
static void
act_repeat (action_in_hand_t *self)
{
    reply_t reply = {
        .refusal = slice_from (refusal_name (REFUSAL_DONE)),
        .code = self->act.code,
        .desk = self->before.desk,
        .version = self->before.version,
        .repeated = true,
        .state = self->before.state,
        .owner = self->before.owner,
    };
    request_reply (self->desk->requests, &self->from, &reply);
    act_free (self);
}

static void
act_decide (action_in_hand_t *self)
{
    refusal_t refusal;
    char operation[CASE_ID_TEXT + 1];
    service_t *service = self->desk->service;
    operation_of (&self->act, operation);
    slice_t op = arena_copy (self->arena, slice_from (operation));
    if (act_was_done (&self->before, op)) {
        act_repeat (self);
        return;
    }
    if (decision_by_clerk (service->profile, &self->before, &self->act,
            ledger_legal_ms (service->ledger), op, self->arena, &self->decision, &refusal) != 0) {
        act_refuse (self, &refusal);
        return;
    }
    transition_t transition = {
        .id = slice_from (self->id),
        .desk = self->before.desk,
        .version = self->act.version ? self->act.version : self->before.version,
        .owner_before = self->decision.owner_before,
        .owner_after = self->decision.owner_after,
        .change = &self->decision.change,
    };
    ledger_change (service->ledger, &transition, on_changed, self);
}

static void
on_record (void *arg, const redisReply *reply)
{
    action_in_hand_t *self = arg;
    if (reply_is_bad (self, reply))
        return;
    for (size_t i = 0; i + 1 < reply->elements; i += 2) {
        slice_t name = redis_text (reply->element[i]);
        slice_t value = arena_copy (self->arena, redis_text (reply->element[i + 1]));
        if (name.size == 1)
            case_set (&self->before, *name.ptr, value);
    }
    if (self->before.version == 0) {
        refusal_t refusal;
        refuse (&refusal, REFUSAL_NOT_FOUND, "code", "there is no such case");
        act_refuse (self, &refusal);
        return;
    }
    act_decide (self);
}

static void
on_id (void *arg, const redisReply *reply)
{
    action_in_hand_t *self = arg;
    if (reply_is_bad (self, reply))
        return;
    slice_t id = redis_text (reply);
    if (id.size != CASE_ID_TEXT) {
        refusal_t refusal;
        refuse (&refusal, REFUSAL_NOT_FOUND, "code", "no petition has this receipt code");
        act_refuse (self, &refusal);
        return;
    }
    snprintf (self->id, sizeof self->id, "%.*s", SLICE_ARGS (id));
    service_t *service = self->desk->service;
    unsigned partition = ledger_partition (service->ledger, self->case_desk);
    slice_t words[] = {SLICE ("HGETALL"), ledger_key (self->arena, partition, "c:", id)};
    redis_command (service->redis, on_record, self, 2, words);
}

static int
act_read (action_in_hand_t *self, const wire_t *message, refusal_t *refusal)
{
    service_t *service = self->desk->service;
    code_t code;
    if (!slice_is (message->kind, "act/1"))
        return refuse (refusal, REFUSAL_MALFORMED, "kind", "assignment takes only act/1");
    slice_t body = arena_copy (self->arena, message->body);
    if (codec_decode (&act_schema, body, &self->act, self->arena, NULL, refusal) != 0)
        return -1;
    if (code_read (self->act.code, &code, refusal) != 0)
        return -1;
    if (!profile_desk (service->profile, code.desk))
        return refuse (refusal, REFUSAL_NOT_FOUND, "code", "no desk %.*s", SLICE_ARGS (code.desk));
    self->case_desk = code.desk;
    unsigned partition = ledger_partition (service->ledger, code.desk);
    slice_t words[] = {SLICE ("LINDEX"),
        arena_printf (self->arena, "{p%02u}s:%.*s:%.*s", partition, SLICE_ARGS (code.desk),
            SLICE_ARGS (code.day)),
        arena_printf (self->arena, "%lld", (long long)code.serial - 1)};
    redis_command (service->redis, on_id, self, 3, words);
    return 0;
}

void
act_desk_request (void *arg, const wire_t *message, const request_from_t *from)
{
    act_desk_t *desk = arg;
    refusal_t refusal;
    action_in_hand_t *self = mem_new (sizeof *self);
    self->desk = desk;
    self->from = *from;
    self->arena = arena_new ();
    if (act_read (self, message, &refusal) != 0)
        act_refuse (self, &refusal);
}

act_desk_t *
act_desk_new (service_t *service)
{
    act_desk_t *self = mem_new (sizeof *self);
    self->service = service;
    return self;
}

void
act_desk_answers_by (act_desk_t *self, request_server_t *requests)
{
    self->requests = requests;
}

void
act_desk_destroy (act_desk_t **self_p)
{
    assert (self_p);
    free (*self_p);
    *self_p = NULL;
}
