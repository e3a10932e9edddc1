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
    respondents_t *respondents;
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
    unsigned life; // how often its key was used before, longer ago than keys live
    slice_t key;   // owned
    buffer_t sealed;
} submission_t;

static void
submission_free (submission_t *s)
{
    free ((char *)s->key.ptr);
    buffer_free (&s->sealed);
    free (s);
}

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

static void
intake_offer (submission_t *s)
{
    offer_t offer = {
        .head = {.id = slice_from (s->id),
            .version = 1,
            .desk = slice_from (s->desk),
            .received_ms = s->received_ms,
            .channel = slice_from (s->channel)},
        .body = buffer_slice (&s->sealed),
    };
    buffer_t *out = &s->intake->out;
    buffer_clear (out);
    codec_encode (&offer_schema, &offer, out);
    //  A full queue loses nothing: the lease of the case will bring it again.
    offer_source_put (s->intake->offers, buffer_slice (out), (slice_t){NULL, 0});
}

static int intake_renew (submission_t *s);

static void
on_registered (void *arg, const ledger_answer_t *answer)
{
    submission_t *s = arg;
    intake_t *self = s->intake;
    if (answer->expired && intake_renew (s) == 0)
        return;
    if (answer->refusal.code != REFUSAL_DONE) {
        metric_add (self->refused, 1);
        request_refuse (self->requests, &s->from, &answer->refusal);
    } else {
        intake_receipt (s, answer->day, answer->serial, answer->received_ms, answer->repeated);
        metric_add (answer->repeated ? self->repeated
                                     : self->received[channel_from (slice_from (s->channel))],
            1);
    }
    if (answer->refusal.code == REFUSAL_DONE && !answer->repeated)
        intake_offer (s);
    submission_free (s);
}

//  --- submissions

static submission_t *
submission_new (intake_t *self, const request_from_t *from, const petition_t *petition)
{
    submission_t *s = mem_new (sizeof *s);
    s->intake = self;
    s->from = *from;
    s->arrived_ms = clock_monotonic_ms ();
    s->key = (slice_t){mem_copy (petition->key), petition->key.size};
    snprintf (s->channel, sizeof s->channel, "%.*s", SLICE_ARGS (petition->channel));
    return s;
}

//  Seals it under its id and hands it to the ledger. Strings of the petition live at least as long
//  as this call.
static int
intake_register (intake_t *self, submission_t *s, const petition_t *petition, refusal_t *refusal)
{
    change_t change;
    char day[8], operation[CASE_ID_TEXT + 1];
    const profile_t *profile = self->service->profile;
    const desk_t *desk = registration_desk (profile, self->respondents, petition, self->arena);
    int64_t now_ms = ledger_legal_ms (self->service->ledger);
    message_id (operation);
    registration_id (petition, s->life, self->vault, s->id);
    buffer_clear (&s->sealed);
    registration_seal (petition, slice_from (s->id), self->vault, &s->sealed);
    if (!registration_change (profile, desk, petition, slice_from (operation),
            buffer_slice (&s->sealed), s->received_ms, now_ms, &change, self->arena))
        return refuse (refusal, REFUSAL_UNAVAILABLE, "profile",
            "the profile has no rule for the step `triage` on this day; add one to rules.yaml");
    snprintf (s->desk, sizeof s->desk, "%.*s", SLICE_ARGS (desk->id));
    clock_yymmdd (now_ms, day);
    registration_t registration = {
        .id = slice_from (s->id),
        .desk = desk->id,
        .day = slice_from (day),
        .body = buffer_slice (&s->sealed),
        .owner = desk->unit->id,
        .change = &change,
    };
    ledger_register (self->service->ledger, &registration, on_registered, s);
    return 0;
}

//  The same key as long ago: a new petition under the next id of that key.
static int
intake_renew (submission_t *s)
{
    enum { LIVES_MAX = 100 };
    intake_t *self = s->intake;
    petition_t petition;
    refusal_t refusal;
    buffer_t body = {0};
    arena_t *arena = arena_new ();
    int status = vault_open (self->vault, slice_from (s->id), buffer_slice (&s->sealed), &body);
    if (status == 0)
        status =
            codec_decode (&petition_schema, buffer_slice (&body), &petition, arena, NULL, &refusal);
    petition.key = s->key;
    if (status == 0)
        status = s->life++ < LIVES_MAX ? intake_register (self, s, &petition, &refusal) : -1;
    arena_destroy (&arena);
    buffer_free (&body);
    return status;
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
    submission_t *s = submission_new (self, from, &petition);
    s->received_ms = received_ms;
    s->ignored = (int64_t)ignored;
    if (intake_register (self, s, &petition, refusal) == 0)
        return 0;
    submission_free (s);
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
    self->respondents = respondents_new (service->profile);
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
    respondents_destroy (&self->respondents);
    arena_destroy (&self->arena);
    buffer_free (&self->out);
    free (self);
    *self_p = NULL;
}
