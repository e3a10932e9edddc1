#include "classification.h"

#include "classify.h"
#include "log.h"

#include <stdio.h>

typedef struct {
    service_t service;
    classifier_t *classifier;
} program_t;

static void
label (void *arg, const petition_t *petition, arena_t *arena, labels_t *labels)
{
    classify (((program_t *)arg)->classifier, petition, arena, labels);
}

static classifier_t *
load (program_t *self, refusal_t *refusal)
{
    return classifier_new (self->service.settings.model, self->service.profile, refusal);
}

//  SIGHUP: a new model, or the old one when the new cannot be read.
static void
reload (void *arg)
{
    program_t *self = arg;
    refusal_t refusal;
    classifier_t *fresh = load (self, &refusal);
    if (!fresh) {
        log_event (LOG_ERROR, "model-refused", "why", refusal.text, NULL);
        return;
    }
    classifier_destroy (&self->classifier);
    self->classifier = fresh;
    log_event (LOG_INFO, "model-loaded", "model", classifier_version (fresh), NULL);
}

int
main (int argc, char **argv)
{
    static program_t self;
    refusal_t refusal;
    service_open (&self.service, "classification", argc, argv, false);
    self.classifier = load (&self, &refusal);
    classification_t *classification = NULL;
    if (self.classifier)
        classification = classification_new (&self.service, label, reload, &self, &refusal);
    if (!classification) {
        fprintf (stderr, "classification: %s: %s\n", refusal.field, refusal.text);
        return refusal_exit_status (refusal.code);
    }
    service_run (&self.service);
    classification_destroy (&classification);
    classifier_destroy (&self.classifier);
    service_close (&self.service);
    return 0;
}
