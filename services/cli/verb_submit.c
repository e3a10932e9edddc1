//  daumoi submit: petitions in, receipts out. Nothing is lost or doubled when it is repeated: every
//  petition has a key, and an answer that does not come is asked for again.

#include "cli.h"
#include "clock.h"
#include "input.h"
#include "peers.h"
#include "progress.h"
#include "window.h"

#include <stdio.h>

enum { FIRST_PATIENCE_MS = 10000, LOOK_MS = 20, IDLE_MS = 100 };

typedef struct {
    defaults_t defaults;
    const char *file;
    int64_t timeout_s; // 0 = not said
} submit_options_t;

#define TEXT(name, value, member, help)                                                            \
    {                                                                                              \
        name, value, OPTION_TEXT, offsetof (submit_options_t, member), 0, help                     \
    }
static const option_t options[] = {
    TEXT ("--file", "F", file, "a file, or - for standard input (the same as the bare word)"),
    TEXT ("--desk", "ID", defaults.desk, "where it was handed in, when the petition does not say"),
    TEXT ("--key", "KEY", defaults.key, "makes a repeat harmless; for one petition"),
    TEXT ("--channel", "C", defaults.channel, "counter, post, box, online, phone, forwarded"),
    TEXT ("--received", "TIME", defaults.received, "when it was handed in; now when not said"),
    TEXT ("--type", "T", defaults.type, "type as the desk sees it"),
    TEXT ("--field", "F", defaults.field, "field code of the profile"),
    TEXT ("--place", "P", defaults.place, "place code of the profile"),
    TEXT ("--respondent", "R", defaults.respondent, "whom it is about"),
    {"--timeout", "SECONDS", OPTION_NUMBER, offsetof (submit_options_t, timeout_s), 1,
        "give up after so long without any answer (60)"},
};

typedef struct {
    cli_t *cli;
    input_t *input;
    window_t *window;
    peers_t *peers;
    progress_t *progress;
    FILE *bad; // what was refused, told at the end
    bool ended, asked_all;
    int64_t patience_ms, first_patience_ms;
    int64_t moved_ms, hold_ms, looked_ms;
    char last_trouble[200];
    int64_t receipts, repeats, refused;
    wire_t message;
} submit_t;

//  --- out

static void
print_receipt (const submit_t *self, const slot_t *slot)
{
    char received[CLOCK_TEXT], people[24];
    if (self->cli->json)
        printf ("{\"code\":\"%s\",\"serial\":%lld,\"desk\":\"%s\",\"received\":\"%s\","
                "\"repeated\":%s,\"line\":%lld}\n",
            slot->code, (long long)slot->serial, slot->desk,
            clock_write (slot->received_ms, received), slot->repeated ? "true" : "false",
            (long long)slot->line);
    else
        printf ("%s  %s  %s\n", slot->code, time_text (slot->received_ms, people),
            slot->repeated ? "đã tiếp nhận trước đó · received before" : "đã tiếp nhận · received");
}

//  Prints what is done, in the order of the lines.
static void
submit_release (submit_t *self, bool skip)
{
    slot_t *slot;
    bool some = false;
    while ((slot = window_done (self->window, skip))) {
        if (slot->state == SLOT_RECEIPT) {
            if (!some)
                progress_clear (self->progress);
            some = true;
            print_receipt (self, slot);
            self->receipts++;
            self->repeats += slot->repeated;
        } else {
            fprintf (self->bad, "%s:%lld: %s\n", input_name (self->input), (long long)slot->line,
                slot->trouble);
            self->refused++;
        }
        window_release (self->window);
    }
    if (some)
        fflush (stdout);
}

//  --- in and to the services

static bool
submit_send (submit_t *self, uint64_t number, slot_t *slot, int64_t now_ms)
{
    int peer = peers_send (self->peers, slot->peer, "submit/1", number, buffer_slice (&slot->body));
    if (peer < 0)
        return false;
    slot->peer = peer;
    slot->due_ms = now_ms + WINDOW_PATIENCE_MS;
    return true;
}

//  Sends what is due again; false when nobody takes more.
static bool
submit_again (submit_t *self, int64_t now_ms)
{
    if (now_ms - self->looked_ms < LOOK_MS && self->asked_all)
        return true;
    self->looked_ms = now_ms;
    uint64_t number = window_head (self->window);
    slot_t *slot;
    self->asked_all = true;
    while (now_ms >= self->hold_ms && (slot = window_due (self->window, &number, now_ms))) {
        self->asked_all = submit_send (self, number, slot, now_ms);
        if (!self->asked_all)
            return false;
        number++;
    }
    return true;
}

//  One petition of the file; false when there is none now.
static bool
submit_read (submit_t *self, buffer_t *body, int64_t now_ms)
{
    refusal_t why;
    uint64_t number;
    buffer_clear (body);
    bool wait = window_empty (self->window);
    input_status_t status = input_next (self->input, wait, body, &why);
    if (status == INPUT_END)
        self->ended = true;
    if (status == INPUT_END || status == INPUT_LATER)
        return false;
    slot_t *slot = window_put (self->window, input_line (self->input), &number);
    buffer_append (&slot->body, body->data, body->size);
    window_filled (self->window, slot);
    if (status == INPUT_BAD)
        window_bad (self->window, slot, &why);
    else
        self->asked_all = submit_send (self, number, slot, now_ms);
    return self->asked_all;
}

static void
submit_fill (submit_t *self, int64_t now_ms)
{
    buffer_t body = {0};
    while (!self->ended && now_ms >= self->hold_ms && window_takes (self->window) &&
           submit_read (self, &body, now_ms))
        ;
    buffer_free (&body);
}

//  --- answers

static void
submit_take (submit_t *self, const wire_t *message, arena_t *arena, int64_t now_ms)
{
    reply_t reply;
    bool busy;
    if (!slice_is (message->kind, "reply/1") ||
        codec_decode (&reply_schema, message->body, &reply, arena, NULL, NULL) != 0 ||
        !window_answer (self->window, message->number, &reply, now_ms, &busy))
        return;
    if (!busy) {
        self->moved_ms = now_ms;
        return;
    }
    snprintf (self->last_trouble, sizeof self->last_trouble, "%.*s", SLICE_ARGS (reply.text));
    self->hold_ms = now_ms + (reply.retry_ms ? reply.retry_ms : IDLE_MS);
}

static void
submit_receive (submit_t *self)
{
    int64_t now_ms = clock_monotonic_ms ();
    for (int i = 0; i < WINDOW_OPEN && peers_receive (self->peers, &self->message); i++) {
        submit_take (self, &self->message, self->cli->arena, now_ms);
        wire_drop (&self->message);
    }
    arena_reset (self->cli->arena);
}

static void
submit_turn (submit_t *self)
{
    peers_refresh (self->peers);
    int64_t now_ms = clock_monotonic_ms ();
    if (submit_again (self, now_ms))
        submit_fill (self, now_ms);
    submit_release (self, false);
    if (self->ended && window_empty (self->window))
        return;
    bool reads =
        !self->ended && now_ms >= self->hold_ms && window_takes (self->window) && self->asked_all;
    if (window_open (self->window) > 0 || self->ended || now_ms < self->hold_ms)
        peers_wait (self->peers, reads ? input_fd (self->input) : -1, !self->asked_all, LOOK_MS);
    submit_receive (self);
    submit_release (self, false);
    progress_show (self->progress, self->receipts, self->refused, input_share (self->input));
}

static bool
submit_is_stuck (submit_t *self)
{
    int64_t now_ms = clock_monotonic_ms ();
    bool nobody = self->receipts == 0 && self->refused == 0 && peers_count (self->peers) == 0;
    if (window_open (self->window) == 0)
        self->moved_ms = now_ms; // waits for its input, not for a service
    return now_ms - self->moved_ms > (nobody ? self->first_patience_ms : self->patience_ms);
}

//  --- the end

static void
copy_bad (FILE *bad)
{
    char block[4096];
    size_t got;
    rewind (bad);
    while ((got = fread (block, 1, sizeof block, bad)) > 0)
        fwrite (block, 1, got, stderr);
}

static int
submit_end (submit_t *self, bool stuck)
{
    size_t open = window_open (self->window);
    submit_release (self, stuck);
    progress_clear (self->progress);
    fflush (stdout);
    if (input_ignored (self->input))
        fprintf (stderr, "daumoi submit: %lld unknown field(s) were ignored\n",
            (long long)input_ignored (self->input));
    copy_bad (self->bad);
    if (self->receipts + self->refused > 1 || stuck)
        fprintf (stderr,
            "daumoi submit: %lld đơn đã tiếp nhận · received (%lld từ trước · before), "
            "%lld bị từ chối · refused\n",
            (long long)self->receipts, (long long)self->repeats, (long long)self->refused);
    if (!stuck)
        return self->refused ? 1 : 0;
    fprintf (stderr,
        "daumoi submit: intake: no answer for %zu petition(s): %s\n"
        "  Repeat the same command: what was received gets the same receipt again.\n",
        open,
        peers_count (self->peers) && self->last_trouble[0] ? self->last_trouble
        : peers_count (self->peers)                        ? "the service is silent"
                                                           : peers_trouble (self->peers));
    return 3;
}

static int
submit_run (submit_t *self)
{
    bool stuck = false;
    self->moved_ms = clock_monotonic_ms ();
    while (!stuck && !(self->ended && window_empty (self->window))) {
        submit_turn (self);
        stuck = submit_is_stuck (self);
    }
    return submit_end (self, stuck);
}

static int
submit_open (submit_t *self, const submit_options_t *asked, const char *file, refusal_t *refusal)
{
    int64_t said_ms = asked->timeout_s * 1000;
    self->patience_ms = said_ms ? said_ms : 60000;
    self->first_patience_ms = said_ms ? said_ms : FIRST_PATIENCE_MS;
    self->input = input_new (file, &asked->defaults, refusal);
    self->peers = self->input ? peers_new (self->cli, "intake", refusal) : NULL;
    if (!self->peers)
        return -1;
    self->bad = tmpfile ();
    if (!self->bad)
        return refuse (
            refusal, REFUSAL_INVALID, "temporary file", "cannot be made; is the disk full?");
    setvbuf (stdout, NULL, _IOFBF, 64 * 1024); // flushed once per turn
    self->window = window_new ();
    self->progress = progress_new ();
    self->asked_all = true;
    return 0;
}

static int
run (cli_t *cli, int argc, char **argv)
{
    submit_options_t asked = {0};
    submit_t self = {.cli = cli};
    words_t words;
    refusal_t refusal;
    if (!cli_options (&verb_submit, argc, argv, &asked, &words, 0, asked.file ? 0 : 1))
        return 2;
    const char *file = asked.file ? asked.file : words.count ? words.words[0] : "-";
    int status = submit_open (&self, &asked, file, &refusal) == 0
                     ? submit_run (&self)
                     : cli_refused (&verb_submit, &refusal);
    input_destroy (&self.input);
    peers_destroy (&self.peers);
    window_destroy (&self.window);
    progress_destroy (&self.progress);
    if (self.bad)
        fclose (self.bad);
    return status;
}

const verb_t verb_submit = {
    .name = "submit",
    .words = "[--desk ID] [--key KEY] [--file F | F | -]",
    .vi = "nộp một đơn (JSON) hoặc nhiều đơn (JSONL); in biên nhận",
    .en = "hand in one petition (JSON) or many (JSONL, one a line); prints receipts",
    .help =
        "  Reads standard input when no file is named. Input that does not begin with '{' is the\n"
        "  text of one petition: then --desk is needed. Receipts come in the order of the lines; "
        "a\n"
        "  bad line does not stop the others, it is listed at the end (exit status 1).\n\n"
        "  A petition without a key gets one from its content and its occurrence in the file, so "
        "the\n"
        "  same command can be repeated after an interruption and gives the same receipts.\n\n"
        "    daumoi submit --desk tcd-tinh letter.txt\n"
        "    daumoi submit --file many.jsonl --json >receipts.jsonl\n",
    VERB_OPTIONS (options),
    .run = run,
};
