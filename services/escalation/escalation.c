#include "escalation.h"

#include "clock.h"
#include "log.h"
#include "metrics.h"

#include <stdio.h>

enum { LOOK_MS = 200, TAKE_MAX = 128, QUEUE_MAX = 1024, TRIES_MAX = 3, RECORD_FIELDS = 5 };

//  An offer for its last try, kept until it can fly alone.
typedef struct suspect {
    struct suspect *next;
    char id[CASE_ID_TEXT + 1];
    slice_t offer;    // owned
    int64_t until_ms; // monotonic: then its lease is over soon, and it comes again
} suspect_t;

struct escalation {
    service_t *service;
    offer_source_t *offers;              // to classification
    offer_source_t *labelled;            // to assignment: what classification cannot finish
    bool looking[LEDGER_PARTITIONS_MAX]; // a lease call is under way
    int64_t overdue[LEDGER_PARTITIONS_MAX];
    arena_t *arena;
    buffer_t out;
    buffer_t taken; // ids that workers took since the last turn, 16 bytes each
    suspect_t *suspects, **suspects_end;
    bool stopping;
    metric_t *again, *given_up, *waiting;
};

//  A leased case whose record and body are on their way.
typedef struct {
    escalation_t *escalation;
    char id[CASE_ID_TEXT + 1];
    int64_t tries;
    arena_t *arena;
    case_head_t head;
    bool waits; // the record says that it still waits for the machine
} leased_t;

//  --- offering again

//  A worker that dies takes its whole batch along, and each offer in it has had a try. So the last
//  try is made alone: if the worker dies again, it was this text and no other.
static void
suspect_put (escalation_t *self, const leased_t *leased)
{
    suspect_t *suspect = mem_new (sizeof *suspect);
    memcpy (suspect->id, leased->id, sizeof suspect->id);
    suspect->offer = (slice_t){mem_copy (buffer_slice (&self->out)), self->out.size};
    suspect->until_ms = clock_monotonic_ms () + LEDGER_LEASE_MS / 2;
    *self->suspects_end = suspect;
    self->suspects_end = &suspect->next;
}

static void
suspect_pop (escalation_t *self)
{
    suspect_t *suspect = self->suspects;
    self->suspects = suspect->next;
    if (!self->suspects)
        self->suspects_end = &self->suspects;
    free ((char *)suspect->offer.ptr);
    free (suspect);
}

static void
suspects_offer (escalation_t *self)
{
    while (self->suspects && clock_monotonic_ms () > self->suspects->until_ms)
        suspect_pop (self);
    bool alone = offer_source_flying (self->offers) == 0 && offer_source_queued (self->offers) == 0;
    if (!self->suspects || !alone || offer_source_free (self->offers) == 0)
        return;
    offer_source_put (self->offers, self->suspects->offer, slice_from (self->suspects->id));
    suspect_pop (self);
}

static void
offer_again (escalation_t *self, const leased_t *leased, slice_t body)
{
    offer_t offer = {.head = leased->head, .body = body};
    buffer_clear (&self->out);
    codec_encode (&offer_schema, &offer, &self->out);
    if (leased->tries == TRIES_MAX - 1)
        suspect_put (self, leased);
    else
        offer_source_put (self->offers, buffer_slice (&self->out), leased->head.id);
    metric_add (self->again, 1);
}

static void
offer_to_desk (escalation_t *self, const leased_t *leased)
{
    labelled_t labelled = {.head = leased->head};
    labelled.labels.type.reason = SLICE ("máy không đọc được đơn này sau nhiều lần thử");
    buffer_clear (&self->out);
    codec_encode (&labelled_schema, &labelled, &self->out);
    offer_source_put (self->labelled, buffer_slice (&self->out), leased->head.id);
    metric_add (self->given_up, 1);
    log_event (LOG_WARNING, "machine-gave-up", "id", leased->id, NULL);
}

static void
leased_free (leased_t *leased)
{
    arena_destroy (&leased->arena);
    free (leased);
}

static void
on_body (void *arg, const redisReply *reply)
{
    leased_t *leased = arg;
    escalation_t *self = leased->escalation;
    slice_t body = redis_text (reply);
    //  A body that is not there, or is none, will not come: the desk has the paper.
    bool lost = reply && body.size == 0;
    if (leased->waits && (leased->tries >= TRIES_MAX || lost))
        offer_to_desk (self, leased);
    else if (leased->waits && body.size)
        offer_again (self, leased, body);
    leased_free (leased);
}

static void
on_record (void *arg, const redisReply *reply)
{
    leased_t *leased = arg;
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != RECORD_FIELDS) {
        if (reply)
            log_event (LOG_ERROR, "record-unreadable", "id", leased->id, NULL);
        return;
    }
    slice_t field[RECORD_FIELDS];
    for (size_t i = 0; i < RECORD_FIELDS; i++)
        field[i] = arena_copy (leased->arena, redis_text (reply->element[i]));
    leased->waits = slice_is (field[0], "received") && field[2].size;
    leased->head = (case_head_t){
        .id = slice_from (leased->id),
        .version = strtoll (field[1].ptr, NULL, 10),
        .desk = field[2],
        .received_ms = strtoll (field[3].ptr, NULL, 10),
        .channel = field[4],
    };
}

static void
leased_fetch (escalation_t *self, unsigned partition, slice_t id, int64_t tries)
{
    leased_t *leased = mem_new (sizeof *leased);
    leased->escalation = self;
    leased->arena = arena_new ();
    leased->tries = tries;
    snprintf (leased->id, sizeof leased->id, "%.*s", SLICE_ARGS (id));
    slice_t record[] = {SLICE ("HMGET"), ledger_key (self->arena, partition, "c:", id), SLICE ("s"),
        SLICE ("v"), SLICE ("d"), SLICE ("r"), SLICE ("C")};
    slice_t body[] = {SLICE ("GET"), ledger_key (self->arena, partition, "b:", id)};
    //  Answers come in order: the record first, then the body, which ends it.
    redis_command (self->service->redis, on_record, leased, 2 + RECORD_FIELDS, record);
    redis_command (self->service->redis, on_body, leased, 2, body);
}

//  --- taking leases

typedef struct {
    escalation_t *escalation;
    unsigned partition;
} look_t;

static void
on_leases (void *arg, const redisReply *reply)
{
    look_t look = *(look_t *)arg;
    escalation_t *self = look.escalation;
    free (arg);
    self->looking[look.partition] = false;
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements < 1)
        return;
    arena_reset (self->arena);
    self->overdue[look.partition] = reply->element[0]->integer;
    for (size_t i = 1; i + 1 < reply->elements; i += 2)
        leased_fetch (
            self, look.partition, redis_text (reply->element[i]), reply->element[i + 1]->integer);
}

static void
escalation_look (escalation_t *self, unsigned partition)
{
    size_t room = offer_source_free (self->offers);
    size_t queued = offer_source_queued (self->offers);
    size_t most = room < TAKE_MAX ? room : TAKE_MAX;
    if (self->looking[partition])
        return;
    //  Without free credit nothing is taken: an outage of the next stage is waited out, and so is
    //  one of the stage behind it, where labels would be lost and the try with them.
    if (queued || self->stopping || self->suspects || offer_source_free (self->labelled) == 0)
        most = 0;
    look_t *look = mem_new (sizeof *look);
    *look = (look_t){self, partition};
    self->looking[partition] = true;
    slice_t none = {NULL, 0};
    slice_t words[] = {SLICE ("FCALL"), SLICE ("dm1_lease"), SLICE ("2"),
        ledger_key (self->arena, partition, "lease", none),
        ledger_key (self->arena, partition, "tries", none), arena_printf (self->arena, "%zu", most),
        arena_printf (self->arena, "%d", LEDGER_LEASE_MS)};
    redis_command (self->service->redis, on_leases, look, 7, words);
}

static void
on_tick (void *arg)
{
    escalation_t *self = arg;
    unsigned partitions = ledger_partitions (self->service->ledger);
    int64_t overdue = 0;
    arena_reset (self->arena);
    for (unsigned p = 0; p < partitions; p++) {
        escalation_look (self, p);
        overdue += self->overdue[p];
    }
    metric_set (self->waiting, (double)overdue);
    suspects_offer (self);
}

//  --- tries

static void
on_taken (void *arg, slice_t id)
{
    escalation_t *self = arg;
    if (id.size == CASE_ID_TEXT)
        buffer_append (&self->taken, id.ptr, id.size);
}

//  The partition of an id is not kept: the function counts only ids that wait in its own.
static void
on_turn_end (void *arg)
{
    escalation_t *self = arg;
    size_t count = self->taken.size / CASE_ID_TEXT;
    suspects_offer (self);
    if (count == 0)
        return;
    arena_reset (self->arena);
    slice_t none = {NULL, 0};
    slice_t *words = arena_alloc (self->arena, (5 + count) * sizeof *words);
    words[0] = SLICE ("FCALL");
    words[1] = SLICE ("dm1_tried");
    words[2] = SLICE ("2");
    for (size_t i = 0; i < count; i++)
        words[5 + i] = (slice_t){self->taken.data + i * CASE_ID_TEXT, CASE_ID_TEXT};
    for (unsigned p = 0; p < ledger_partitions (self->service->ledger); p++) {
        words[3] = ledger_key (self->arena, p, "lease", none);
        words[4] = ledger_key (self->arena, p, "tries", none);
        redis_command (self->service->redis, NULL, NULL, 5 + count, words);
    }
    buffer_clear (&self->taken);
}

//  --- what the service asks of it

static void
on_fill (void *arg, registry_row_t *row)
{
    escalation_t *self = arg;
    row->queued = (int64_t)metric_value (self->waiting);
    row->open = (int64_t)offer_source_flying (self->offers);
    row->done = (int64_t)(metric_value (self->again) + metric_value (self->given_up));
}

static void
on_stop (void *arg)
{
    ((escalation_t *)arg)->stopping = true;
}

static bool
on_drained (void *arg)
{
    escalation_t *self = arg;
    return redis_pending (self->service->redis) == 0;
}

static void
escalation_wire (escalation_t *self)
{
    static char offers[256], labelled[256];
    service_t *service = self->service;
    service->row.kind = SLICE ("offer/1");
    service->row.offers =
        service_advertised (service, offer_source_endpoint (self->offers), offers);
    service->row.second_kind = SLICE ("labelled/1");
    service->row.second_offers =
        service_advertised (service, offer_source_endpoint (self->labelled), labelled);
    service->self = self;
    service->fill = on_fill;
    service->stop = on_stop;
    service->drained = on_drained;
    self->again = metric_counter (
        "daumoi_messages_redelivered_total", "Offers made again after their lease.", NULL);
    self->given_up = metric_counter (
        "daumoi_machine_given_up_total", "Cases given to the desk after too many tries.", NULL);
    self->waiting =
        metric_gauge ("daumoi_leases_overdue", "Cases whose machine step is overdue.", NULL);
}

escalation_t *
escalation_new (service_t *service, refusal_t *refusal)
{
    escalation_t *self = mem_new (sizeof *self);
    char endpoint[256];
    self->service = service;
    self->arena = arena_new ();
    self->suspects_end = &self->suspects;
    service_endpoint (service, "off", endpoint);
    self->offers = offer_source_new (
        service->loop, endpoint, "offer/1", QUEUE_MAX, LEDGER_LEASE_MS / 2, refusal);
    service_endpoint (service, "lab", endpoint);
    if (self->offers)
        self->labelled = offer_source_new (
            service->loop, endpoint, "labelled/1", QUEUE_MAX, LEDGER_LEASE_MS / 2, refusal);
    if (!self->labelled) {
        escalation_destroy (&self);
        return NULL;
    }
    offer_source_on_taken (self->offers, on_taken, self);
    loop_add_timer (service->loop, LOOK_MS, on_tick, self);
    loop_at_turn_end (service->loop, on_turn_end, self);
    escalation_wire (self);
    return self;
}

void
escalation_destroy (escalation_t **self_p)
{
    assert (self_p);
    escalation_t *self = *self_p;
    if (!self)
        return;
    offer_source_destroy (&self->offers);
    offer_source_destroy (&self->labelled);
    while (self->suspects)
        suspect_pop (self);
    arena_destroy (&self->arena);
    buffer_free (&self->out);
    buffer_free (&self->taken);
    free (self);
    *self_p = NULL;
}
