#include "intake.h"

#include "brake.h"
#include "clock.h"
#include "code.h"
#include "log.h"
#include "metrics.h"
#include "petition.h"
#include "registration.h"

#include <stdio.h>

enum { QUEUE_MAX = 4096 };

struct intake {
    service_t *service;
    vault_t *vault;
    request_server_t *requests;
    offer_source_t *offers;
    brake_t *brake;
    arena_t *arena; // of one submission
    buffer_t out;
    bool stopping;
    metric_t *received[CHANNEL_COUNT], *repeated, *refused, *seconds;
};

//  A submission between arrival and answer.
typedef struct {
    intake_t *intake;
    request_from_t from;
    char id[CASE_ID_TEXT + 1];
    char desk[40], channel[16];
    int64_t received_ms, arrived_ms;
    int64_t ignored;
    ledger_answer_t first; // of a repeat, while its time of receipt is looked up
    char first_day[8];
    size_t sealed_size;
    char sealed[];
} submission_t;

//  --- answers

static void
intake_receipt (submission_t *s, slice_t day, int64_t serial, int64_t received_ms, bool repeated)
{
    char code[CODE_MAX];
    slice_t province = profile_province (s->intake->service->profile);
    code_write (code, province, slice_from (s->desk), day, serial);
    reply_t reply = {
        .refusal = slice_from (refusal_name (REFUSAL_DONE)),
        .code = slice_from (code),
        .serial = serial,
        .desk = slice_from (s->desk),
        .received_ms = received_ms,
        .repeated = repeated,
        .ignored = s->ignored,
    };
    request_reply (s->intake->requests, &s->from, &reply);
    metric_observe (s->intake->seconds, (double)(clock_monotonic_ms () - s->arrived_ms) / 1000);
}

//  The receipt of a repeat tells when the first came.
static void
on_first_received (void *arg, const redisReply *reply)
{
    submission_t *s = arg;
    slice_t text = redis_text (reply);
    if (text.size)
        intake_receipt (
            s, slice_from (s->first_day), s->first.serial, strtoll (text.ptr, NULL, 10), true);
    else {
        refusal_t refusal;
        refuse (&refusal, REFUSAL_UNAVAILABLE, "redis", "the store did not answer; try again");
        request_refuse (s->intake->requests, &s->from, &refusal);
    }
    free (s);
}

static void
intake_look_up_first (submission_t *s, const ledger_answer_t *answer)
{
    intake_t *self = s->intake;
    arena_t *arena = arena_new ();
    s->first = *answer;
    snprintf (s->first_day, sizeof s->first_day, "%.*s", SLICE_ARGS (answer->day));
    unsigned partition = ledger_partition (self->service->ledger, slice_from (s->desk));
    slice_t words[] = {
        SLICE ("HGET"), ledger_key (arena, partition, "c:", answer->id), SLICE ("r")};
    metric_add (self->repeated, 1);
    redis_command (self->service->redis, on_first_received, s, 3, words);
    arena_destroy (&arena);
}

static void
intake_offer (submission_t *s)
{
    offer_t offer = {
        .head = {.id = slice_from (s->id),
            .version = 1,
            .desk = slice_from (s->desk),
            .received_ms = s->received_ms,
            .channel = slice_from (s->channel)},
        .body = {s->sealed, s->sealed_size},
    };
    buffer_t *out = &s->intake->out;
    buffer_clear (out);
    codec_encode (&offer_schema, &offer, out);
    //  A full queue loses nothing: the lease of the case will bring it again.
    offer_source_put (s->intake->offers, buffer_slice (out), (slice_t){NULL, 0});
}

static void
on_registered (void *arg, const ledger_answer_t *answer)
{
    submission_t *s = arg;
    intake_t *self = s->intake;
    if (answer->refusal.code != REFUSAL_DONE) {
        metric_add (self->refused, 1);
        request_refuse (self->requests, &s->from, &answer->refusal);
    } else if (answer->repeated) {
        intake_look_up_first (s, answer);
        return;
    } else {
        intake_receipt (s, answer->day, answer->serial, s->received_ms, false);
        metric_add (self->received[channel_from (slice_from (s->channel))], 1);
        intake_offer (s);
    }
    free (s);
}

//  --- submissions

static submission_t *
submission_new (
    intake_t *self, const request_from_t *from, const petition_t *petition, const desk_t *desk)
{
    char id[CASE_ID_TEXT + 1];
    message_id (id);
    buffer_clear (&self->out);
    registration_seal (petition, slice_from (id), self->vault, &self->out);
    submission_t *s = mem_new (sizeof *s + self->out.size);
    s->intake = self;
    s->from = *from;
    s->arrived_ms = clock_monotonic_ms ();
    memcpy (s->id, id, sizeof id);
    snprintf (s->desk, sizeof s->desk, "%.*s", SLICE_ARGS (desk->id));
    snprintf (s->channel, sizeof s->channel, "%.*s", SLICE_ARGS (petition->channel));
    memcpy (s->sealed, self->out.data, self->out.size);
    s->sealed_size = self->out.size;
    return s;
}

static int
intake_register (intake_t *self, submission_t *s, const petition_t *petition, const desk_t *desk,
    refusal_t *refusal)
{
    uint8_t fingerprint[PETITION_FINGERPRINT];
    change_t change;
    char day[8];
    slice_t id = slice_from (s->id), sealed = {s->sealed, s->sealed_size};
    const profile_t *profile = self->service->profile;
    int64_t now_ms = ledger_legal_ms (self->service->ledger);
    if (!registration_change (profile, desk, petition->channel, id, sealed, s->received_ms, now_ms,
            &change, self->arena))
        return refuse (refusal, REFUSAL_UNAVAILABLE, "profile",
            "the profile has no rule for the step `triage` on this day; add one to rules.yaml");
    petition_fingerprint (petition, fingerprint);
    clock_yymmdd (now_ms, day);
    registration_t registration = {
        .id = id,
        .desk = desk->id,
        .day = slice_from (day),
        .key = registration_key (petition, id, self->vault, self->arena),
        .fingerprint = {(const char *)fingerprint, 8},
        .body = sealed,
        .owner = desk->unit->id,
        .change = &change,
    };
    ledger_register (self->service->ledger, &registration, on_registered, s);
    return 0;
}

static int
intake_take (intake_t *self, const wire_t *message, const request_from_t *from, refusal_t *refusal)
{
    petition_t petition;
    size_t ignored = 0;
    int64_t received_ms = 0;
    if (!slice_is (message->kind, "submit/1"))
        return refuse (refusal, REFUSAL_MALFORMED, "kind", "intake takes only submit/1");
    if (self->stopping || ledger_room (self->service->ledger) == 0) {
        refuse (refusal, REFUSAL_BUSY, "", "intake is busy; try again soon");
        refusal->retry_ms = 200;
        return -1;
    }
    if (brake_check (self->brake, refusal) != 0)
        return -1;
    if (codec_decode (&petition_schema, message->body, &petition, self->arena, &ignored, refusal) !=
        0)
        return -1;
    if (petition_check (&petition, self->service->profile, ledger_legal_ms (self->service->ledger),
            self->arena, &received_ms, refusal) != 0)
        return -1;
    const desk_t *desk = registration_desk (self->service->profile, &petition);
    submission_t *s = submission_new (self, from, &petition, desk);
    s->received_ms = received_ms;
    s->ignored = (int64_t)ignored;
    if (intake_register (self, s, &petition, desk, refusal) == 0)
        return 0;
    free (s);
    return -1;
}

static void
on_request (void *arg, const wire_t *message, const request_from_t *from)
{
    intake_t *self = arg;
    refusal_t refusal;
    arena_reset (self->arena);
    if (intake_take (self, message, from, &refusal) != 0) {
        metric_add (self->refused, 1);
        request_refuse (self->requests, from, &refusal);
    }
}

//  --- what the service asks of it

static void
intake_fill (void *arg, registry_row_t *row)
{
    intake_t *self = arg;
    row->queued = (int64_t)offer_source_queued (self->offers);
    row->open = self->service->settings.window - (int64_t)ledger_room (self->service->ledger);
    row->done = 0;
    for (int i = 0; i < CHANNEL_COUNT; i++)
        row->done += (int64_t)metric_value (self->received[i]);
}

static void
intake_stop (void *arg)
{
    ((intake_t *)arg)->stopping = true;
}

static bool
intake_drained (void *arg)
{
    intake_t *self = arg;
    bool idle = ledger_room (self->service->ledger) == (size_t)self->service->settings.window;
    return idle && offer_source_queued (self->offers) == 0 &&
           redis_pending (self->service->redis) == 0;
}

static void
intake_metrics (intake_t *self)
{
    static const char *labels[] = {
#define X(name, code) "channel=\"" code "\"",
        CHANNELS (X)
#undef X
    };
    static const double bounds[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
    for (int i = 0; i < CHANNEL_COUNT; i++)
        self->received[i] = metric_counter (
            "daumoi_cases_received_total", "Petitions registered, by channel.", labels[i]);
    self->repeated = metric_counter (
        "daumoi_receipts_repeated_total", "Submissions answered with an earlier receipt.", NULL);
    self->refused =
        metric_counter ("daumoi_submissions_refused_total", "Submissions refused.", NULL);
    self->seconds = metric_histogram ("daumoi_receipt_duration_seconds",
        "From arrival of a submission to its durable receipt.", NULL, bounds,
        sizeof bounds / sizeof *bounds);
}

intake_t *
intake_new (service_t *service, refusal_t *refusal)
{
    intake_t *self = mem_new (sizeof *self);
    static char requests[256], offers[256];
    char endpoint[256];
    self->service = service;
    self->arena = arena_new ();
    self->vault = vault_new (service->settings.vault_key, refusal);
    if (!self->vault)
        goto failed;
    service_endpoint (service, "ask", endpoint);
    self->requests = request_server_new (service->loop, endpoint, on_request, self, refusal);
    if (!self->requests)
        goto failed;
    service_endpoint (service, "off", endpoint);
    self->offers = offer_source_new (
        service->loop, endpoint, "offer/1", QUEUE_MAX, LEDGER_LEASE_MS / 2, refusal);
    if (!self->offers)
        goto failed;
    self->brake = brake_new (service);
    intake_metrics (self);
    service->row.requests =
        service_advertised (service, request_server_endpoint (self->requests), requests);
    service->row.offers =
        service_advertised (service, offer_source_endpoint (self->offers), offers);
    service->row.kind = SLICE ("offer/1");
    service->self = self;
    service->fill = intake_fill;
    service->stop = intake_stop;
    service->drained = intake_drained;
    return self;
failed:
    intake_destroy (&self);
    return NULL;
}

void
intake_destroy (intake_t **self_p)
{
    assert (self_p);
    intake_t *self = *self_p;
    if (!self)
        return;
    request_server_destroy (&self->requests);
    offer_source_destroy (&self->offers);
    brake_destroy (&self->brake);
    vault_destroy (&self->vault);
    arena_destroy (&self->arena);
    buffer_free (&self->out);
    free (self);
    *self_p = NULL;
}
