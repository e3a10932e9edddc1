//  daumoi act CODE ACTION: a step that a person takes; the assignment service judges it.

#include "cli.h"
#include "clock.h"
#include "code.h"
#include "peers.h"

#include <stdio.h>

enum { PATIENCE_MS = 3000, RETRY_MS = 500, LOOK_MS = 100 };

typedef struct {
    const char *as, *to, *type, *field, *place, *respondent, *decision, *ground, *key;
    int64_t version, timeout_s;
} act_options_t;

#define TEXT(name, value, member, help)                                                            \
    {                                                                                              \
        name, value, OPTION_TEXT, offsetof (act_options_t, member), 0, help                        \
    }
static const option_t options[] = {
    TEXT ("--as", "OFFICER", as, "who does it"),
    TEXT ("--to", "UNIT", to, "the unit, when it is not the proposed one"),
    TEXT ("--type", "T", type, "type as the clerk decides it"),
    TEXT ("--field", "F", field, "field, likewise"),
    TEXT ("--place", "P", place, "place, likewise"),
    TEXT ("--respondent", "R", respondent,
        "whom it is about: UNIT, UNIT/head, UNIT/deputy, UNIT/staff"),
    TEXT ("--decision", "D", decision, "of triage: assign, guide, transfer, file"),
    TEXT ("--ground", "TEXT", ground, "why, in words, without personal data"),
    TEXT ("--key", "KEY", key, "the same key gives the first answer again"),
    {"--version", "N", OPTION_NUMBER, offsetof (act_options_t, version), 1,
        "only if the case is still at this version"},
    {"--timeout", "SECONDS", OPTION_NUMBER, offsetof (act_options_t, timeout_s), 1,
        "give up after so long (30)"},
};

static slice_t
text_of (const char *text)
{
    return text ? slice_from (text) : (slice_t){NULL, 0};
}

static act_t
act_from (const act_options_t *asked, const char *code, const char *action, const char *key)
{
    return (act_t){
        .code = slice_from (code),
        .action = slice_from (action),
        .actor = text_of (asked->as),
        .to = text_of (asked->to),
        .type = text_of (asked->type),
        .field = text_of (asked->field),
        .place = text_of (asked->place),
        .respondent = text_of (asked->respondent),
        .decision = text_of (asked->decision),
        .ground = text_of (asked->ground),
        .key = slice_from (key),
        .version = asked->version,
    };
}

//  An act on its way.
typedef struct {
    peers_t *peers;
    buffer_t body;
    arena_t *arena;
    int peer;
    int64_t due_ms, until_ms;
    refusal_t last;
    wire_t answer; // the final one: strings of the reply point into it
    bool answered;
} asking_t;

//  True when the answer is final.
static bool
answer_take (asking_t *self, const wire_t *message, reply_t *reply, int64_t now_ms)
{
    if (codec_decode (&reply_schema, message->body, reply, self->arena, NULL, NULL) != 0)
        return false;
    refusal_code_t code = refusal_code (reply->refusal);
    char field[64];
    snprintf (field, sizeof field, "%.*s", SLICE_ARGS (reply->field));
    if (code != REFUSAL_DONE)
        refuse (&self->last, code, field, "%.*s", SLICE_ARGS (reply->text));
    if (!refusal_may_retry (code))
        return true;
    self->due_ms = now_ms + (reply->retry_ms ? reply->retry_ms : RETRY_MS);
    return false;
}

//  0 with the answer; -1 when nobody answered in time.
static int
ask (asking_t *self, reply_t *reply)
{
    for (int64_t now_ms; (now_ms = clock_monotonic_ms ()) < self->until_ms;) {
        peers_refresh (self->peers);
        bool due = now_ms >= self->due_ms;
        int peer =
            due ? peers_send (self->peers, self->peer, "act/1", 1, buffer_slice (&self->body)) : -1;
        if (peer >= 0) {
            self->peer = peer;
            self->due_ms = now_ms + PATIENCE_MS;
        }
        peers_wait (self->peers, -1, due && peer < 0, LOOK_MS);
        while (peers_receive (self->peers, &self->answer)) {
            self->answered = answer_take (self, &self->answer, reply, now_ms);
            if (self->answered)
                return 0;
            wire_drop (&self->answer);
        }
    }
    if (!self->last.text[0])
        refuse (&self->last, REFUSAL_UNAVAILABLE, "assignment",
            "no answer: %s; the same command with the same --key can be repeated",
            peers_count (self->peers) ? "the service is silent" : peers_trouble (self->peers));
    return -1;
}

static void
tell (const cli_t *cli, const reply_t *reply, const char *key)
{
    if (cli->json) {
        cli_print_json (
            json_pack ("{s:o, s:I, s:o, s:o, s:b, s:s}", "code", json_slice (reply->code),
                "version", (json_int_t)reply->version, "state", json_slice (reply->state), "owner",
                json_slice (reply->owner), "repeated", reply->repeated, "key", key));
        return;
    }
    case_state_t state = state_from (reply->state);
    const unit_t *unit = reply->owner.size ? profile_unit (cli->profile, reply->owner) : NULL;
    printf ("%.*s  lần · version %lld  %s · %s\n  chủ trì · owner: %.*s (%.*s)\n",
        SLICE_ARGS (reply->code), (long long)reply->version,
        state == STATE_COUNT ? "?" : state_name (state, false),
        state == STATE_COUNT ? "?" : state_name (state, true),
        SLICE_ARGS (unit ? unit->name : reply->owner), SLICE_ARGS (reply->owner));
}

static int
act (cli_t *cli, const act_options_t *asked, const words_t *words, refusal_t *refusal)
{
    code_t code;
    char key[CASE_ID_TEXT + 1];
    reply_t reply;
    asking_t asking = {.peer = -1, .arena = cli->arena};
    if (code_read (slice_from (words->words[0]), &code, refusal) != 0 ||
        cli_profile (cli, refusal) != 0 || cli_redis (cli, refusal) != 0)
        return -1;
    message_id (key);
    act_t message =
        act_from (asked, words->words[0], words->words[1], asked->key ? asked->key : key);
    codec_encode (&act_schema, &message, &asking.body);
    asking.peers = peers_new (cli, "assignment", refusal);
    asking.until_ms = clock_monotonic_ms () + (asked->timeout_s ? asked->timeout_s : 30) * 1000;
    int status = asking.peers ? ask (&asking, &reply) : -1;
    if (asking.peers)
        *refusal = asking.last;
    if (status == 0 && refusal_code (reply.refusal) == REFUSAL_DONE)
        tell (cli, &reply, message.key.ptr);
    else
        status = -1;
    if (asking.answered)
        wire_drop (&asking.answer);
    peers_destroy (&asking.peers);
    buffer_free (&asking.body);
    return status;
}

static int
run (cli_t *cli, int argc, char **argv)
{
    act_options_t asked = {0};
    words_t words;
    refusal_t refusal;
    if (!cli_options (&verb_act, argc, argv, &asked, &words, 2, 2))
        return 2;
    return act (cli, &asked, &words, &refusal) == 0 ? 0 : cli_refused (&verb_act, &refusal);
}

const verb_t verb_act = {
    .name = "act",
    .words = "CODE ACTION [--as OFFICER] [--to UNIT] [--ground TEXT] [--key KEY] ...",
    .vi = "xử lý hồ sơ: phân loại (triage), chuyển lên cấp trên khi liên quan (recuse) ...",
    .en = "take a step on a case: triage, recuse ...",
    .help =
        "  `daumoi act CODE triage` confirms what was proposed; options say what is decided\n"
        "  otherwise. `daumoi actions` lists all actions. Without --key each call is a new "
        "step.\n\n"
        "    daumoi act H49.tcd-tinh-261120-0001R triage --as nguyen-van-b\n"
        "    daumoi act H49.tcd-tinh-261120-0001R triage --to so-xd --ground \"theo nội dung\"\n",
    VERB_OPTIONS (options),
    .run = run,
};
