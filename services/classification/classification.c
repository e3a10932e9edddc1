#include "classification.h"

#include "log.h"
#include "metrics.h"
#include "petition.h"

#include <sodium.h>

//  What is labelled waits for assignment however long that is away: dropped, it would be offered
//  and labelled again and again, and each time count as a try of its text.
enum { WINDOW = 256, QUEUE_MAX = 2 * WINDOW, PATIENCE_MS = 24 * 3600 * 1000 };

struct classification {
    service_t *service;
    vault_t *vault;
    label_fn *label;
    void *arg;
    offer_worker_t *worker;
    offer_source_t *labelled;
    arena_t *arena;
    buffer_t body, out;
    //  Tickets of what is labelled and waits for assignment's credit, oldest first: they are given
    //  back when it has gone out, so that a slow next stage slows the stage before.
    offer_ticket_t held[QUEUE_MAX];
    size_t head, count;
    metric_t *done, *unread, *unsure;
};

//  What cannot be opened or read is for a human; the machine says so and goes on.
static void
labels_unread (labels_t *labels)
{
    *labels = (labels_t){0};
    labels->type.reason = SLICE ("máy không đọc được đơn này");
}

static void
label_offer (classification_t *self, const offer_t *offer, labels_t *labels)
{
    petition_t petition;
    buffer_clear (&self->body);
    bool open = vault_open (self->vault, offer->head.id, offer->body, &self->body) == 0;
    if (open && codec_decode (&petition_schema, buffer_slice (&self->body), &petition, self->arena,
                    NULL, NULL) == 0) {
        self->label (self->arg, &petition, self->arena, labels);
        return;
    }
    labels_unread (labels);
    metric_add (self->unread, 1);
    log_event (LOG_ERROR, "body-unread", "id", arena_copy (self->arena, offer->head.id).ptr, NULL);
}

static void
held_release (classification_t *self)
{
    while (self->count > offer_source_queued (self->labelled)) {
        offer_worker_done (self->worker, self->held[self->head]);
        self->head = (self->head + 1) % QUEUE_MAX;
        self->count--;
    }
}

static void
on_offer (void *arg, slice_t message, offer_ticket_t ticket)
{
    classification_t *self = arg;
    offer_t offer;
    arena_reset (self->arena);
    if (codec_decode (&offer_schema, message, &offer, self->arena, NULL, NULL) != 0) {
        offer_worker_done (self->worker, ticket);
        return;
    }
    labelled_t labelled = {.head = offer.head};
    label_offer (self, &offer, &labelled.labels);
    buffer_clear (&self->out);
    codec_encode (&labelled_schema, &labelled, &self->out);
    bool kept = offer_source_put (self->labelled, buffer_slice (&self->out), (slice_t){NULL, 0});
    metric_add (self->done, 1);
    metric_add (self->unsure, labelled.labels.type.value.size == 0);
    if (!kept || self->count == QUEUE_MAX) {
        offer_worker_done (self->worker, ticket);
        return;
    }
    self->held[(self->head + self->count++) % QUEUE_MAX] = ticket;
    held_release (self);
}

static void
on_turn_end (void *arg)
{
    held_release (arg);
}

//  --- what the service asks of it

static void
on_rows (void *arg, const registry_row_t *rows, size_t count)
{
    classification_t *self = arg;
    slice_t endpoints[REGISTRY_ROWS];
    size_t found = registry_offers (rows, count, "offer/1", endpoints, REGISTRY_ROWS);
    offer_worker_sources (self->worker, endpoints, found);
}

static void
on_fill (void *arg, registry_row_t *row)
{
    classification_t *self = arg;
    row->queued = (int64_t)offer_source_queued (self->labelled);
    row->open = (int64_t)offer_worker_open (self->worker);
    row->done = (int64_t)metric_value (self->done);
}

static void
on_stop (void *arg)
{
    offer_worker_pause (((classification_t *)arg)->worker);
}

static bool
on_drained (void *arg)
{
    classification_t *self = arg;
    return offer_worker_open (self->worker) == 0 && offer_source_queued (self->labelled) == 0;
}

static void
classification_wire (classification_t *self)
{
    static char endpoint[256];
    service_t *service = self->service;
    service->row.kind = SLICE ("labelled/1");
    service->row.offers =
        service_advertised (service, offer_source_endpoint (self->labelled), endpoint);
    service->self = self;
    service->rows = on_rows;
    service->fill = on_fill;
    service->stop = on_stop;
    service->drained = on_drained;
    self->done = metric_counter ("daumoi_classified_total", "Texts labelled.", NULL);
    self->unread = metric_counter (
        "daumoi_classification_unread_total", "Bodies that could not be opened or read.", NULL);
    self->unsure = metric_counter (
        "daumoi_classification_abstained_total", "Texts whose type stayed unsure.", NULL);
}

classification_t *
classification_new (
    service_t *service, label_fn *label, loop_fn *reload, void *arg, refusal_t *refusal)
{
    classification_t *self = mem_new (sizeof *self);
    char endpoint[256];
    self->service = service;
    self->label = label;
    self->arg = arg;
    self->arena = arena_new ();
    service_endpoint (service, "lab", endpoint);
    self->vault = vault_new (service->settings.vault_key, refusal);
    if (self->vault)
        self->labelled = offer_source_new (
            service->loop, endpoint, "labelled/1", QUEUE_MAX, PATIENCE_MS, refusal);
    if (!self->labelled) {
        classification_destroy (&self);
        return NULL;
    }
    self->worker = offer_worker_new (service->loop, "offer/1", WINDOW, on_offer, self);
    loop_at_turn_end (service->loop, on_turn_end, self);
    if (reload)
        loop_on_hangup (service->loop, reload, arg);
    classification_wire (self);
    return self;
}

void
classification_destroy (classification_t **self_p)
{
    assert (self_p);
    classification_t *self = *self_p;
    if (!self)
        return;
    offer_worker_destroy (&self->worker);
    offer_source_destroy (&self->labelled);
    vault_destroy (&self->vault);
    arena_destroy (&self->arena);
    if (self->body.data)
        sodium_memzero (self->body.data, self->body.room);
    buffer_free (&self->body);
    buffer_free (&self->out);
    free (self);
    *self_p = NULL;
}
