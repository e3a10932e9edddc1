#include "assignment.h"

#include "act.h"
#include "decision.h"
#include "log.h"
#include "metrics.h"

enum { WINDOW = 1024 };

struct assignment {
    service_t *service;
    offer_worker_t *worker;
    request_server_t *requests;
    act_desk_t *acts;
    arena_t *arena;
    metric_t *assigned, *proposed, *recused, *stale, *failed;
};

//  A labelled case on its way through the ledger.
typedef struct {
    assignment_t *assignment;
    offer_ticket_t ticket;
    metric_t *counter;
} step_t;

static void
on_changed (void *arg, const ledger_answer_t *answer)
{
    step_t *step = arg;
    assignment_t *self = step->assignment;
    offer_worker_done (self->worker, step->ticket);
    refusal_code_t code = answer->refusal.code;
    //  Stale: another copy, or a clerk, was first. Unavailable: the lease brings it again.
    if (code == REFUSAL_DONE)
        metric_add (step->counter, 1);
    else
        metric_add (code == REFUSAL_STALE ? self->stale : self->failed, 1);
    free (step);
}

static metric_t *
counter_of (const assignment_t *self, const decision_t *decision)
{
    if (strcmp (decision->change.action, "assign") == 0)
        return self->assigned;
    return strcmp (decision->change.action, "recuse") == 0 ? self->recused : self->proposed;
}

static void
on_labelled (void *arg, slice_t message, offer_ticket_t ticket)
{
    assignment_t *self = arg;
    labelled_t labelled;
    decision_t decision;
    char operation[CASE_ID_TEXT + 1];
    arena_reset (self->arena);
    message_id (operation);
    if (codec_decode (&labelled_schema, message, &labelled, self->arena, NULL, NULL) != 0 ||
        !decision_by_machine (self->service->profile, &labelled.head, &labelled.labels,
            ledger_legal_ms (self->service->ledger), slice_from (operation), self->arena,
            &decision)) {
        metric_add (self->failed, 1);
        offer_worker_done (self->worker, ticket);
        return;
    }
    step_t *step = mem_new (sizeof *step);
    *step = (step_t){self, ticket, counter_of (self, &decision)};
    transition_t transition = {
        .id = labelled.head.id,
        .desk = labelled.head.desk,
        .version = labelled.head.version,
        .owner_before = decision.owner_before,
        .owner_after = decision.owner_after,
        .change = &decision.change,
    };
    ledger_change (self->service->ledger, &transition, on_changed, step);
}

//  --- what the service asks of it

static void
on_rows (void *arg, const registry_row_t *rows, size_t count)
{
    assignment_t *self = arg;
    slice_t endpoints[REGISTRY_ROWS];
    size_t found = registry_offers (rows, count, "labelled/1", endpoints, REGISTRY_ROWS);
    offer_worker_sources (self->worker, endpoints, found);
}

static void
on_fill (void *arg, registry_row_t *row)
{
    assignment_t *self = arg;
    row->open = (int64_t)offer_worker_open (self->worker);
    row->done = (int64_t)(metric_value (self->assigned) + metric_value (self->proposed) +
                          metric_value (self->recused));
}

static void
on_stop (void *arg)
{
    offer_worker_pause (((assignment_t *)arg)->worker);
}

static bool
on_drained (void *arg)
{
    assignment_t *self = arg;
    return offer_worker_open (self->worker) == 0 && redis_pending (self->service->redis) == 0;
}

static void
assignment_wire (assignment_t *self)
{
    static char endpoint[256];
    service_t *service = self->service;
    service->row.requests =
        service_advertised (service, request_server_endpoint (self->requests), endpoint);
    service->self = self;
    service->rows = on_rows;
    service->fill = on_fill;
    service->stop = on_stop;
    service->drained = on_drained;
    self->assigned = metric_counter (
        "daumoi_assignments_total", "Cases decided, by outcome.", "outcome=\"assigned\"");
    self->proposed = metric_counter (
        "daumoi_assignments_total", "Cases decided, by outcome.", "outcome=\"triage\"");
    self->recused = metric_counter (
        "daumoi_assignments_total", "Cases decided, by outcome.", "outcome=\"recused\"");
    self->stale = metric_counter (
        "daumoi_assignments_stale_total", "Offers whose case had moved on already.", NULL);
    self->failed = metric_counter (
        "daumoi_assignments_failed_total", "Offers that could not be carried out.", NULL);
}

assignment_t *
assignment_new (service_t *service, refusal_t *refusal)
{
    assignment_t *self = mem_new (sizeof *self);
    char endpoint[256];
    self->service = service;
    self->arena = arena_new ();
    self->acts = act_desk_new (service);
    service_endpoint (service, "ask", endpoint);
    self->requests =
        request_server_new (service->loop, endpoint, act_desk_request, self->acts, refusal);
    if (!self->requests) {
        assignment_destroy (&self);
        return NULL;
    }
    act_desk_answers_by (self->acts, self->requests);
    self->worker = offer_worker_new (service->loop, "labelled/1", WINDOW, on_labelled, self);
    assignment_wire (self);
    return self;
}

void
assignment_destroy (assignment_t **self_p)
{
    assert (self_p);
    assignment_t *self = *self_p;
    if (!self)
        return;
    offer_worker_destroy (&self->worker);
    request_server_destroy (&self->requests);
    act_desk_destroy (&self->acts);
    arena_destroy (&self->arena);
    free (self);
    *self_p = NULL;
}
