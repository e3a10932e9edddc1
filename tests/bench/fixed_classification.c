//  The classification service with a fixed 20 us of work in place of the model, so that the bench
//  measures the way and not the reading. Labels are the same for every text: a report on waste at
//  the place the desk stated.

#include "classification/classification.h"
#include "clock.h"

#include <stdio.h>
#include <time.h>

enum { WORK_NS = 20000 };

static int64_t
now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
label (void *arg, const petition_t *petition, arena_t *arena, labels_t *labels)
{
    (void)arg;
    (void)arena;
    int64_t until_ns = now_ns () + WORK_NS;
    *labels = (labels_t){
        .type = {.value = SLICE ("phan_anh"), .confidence = 950},
        .field = {.value = SLICE ("environment.waste"), .confidence = 950},
        .place = {.value = petition->place.size ? petition->place : SLICE ("ha-tu"),
            .confidence = 950},
        .model = SLICE ("fixed"),
    };
    while (now_ns () < until_ns)
        continue;
}

int
main (int argc, char **argv)
{
    static service_t service;
    refusal_t refusal;
    service_open (&service, "classification", argc, argv, false);
    classification_t *classification = classification_new (&service, label, NULL, NULL, &refusal);
    if (!classification) {
        fprintf (stderr, "classification: %s: %s\n", refusal.field, refusal.text);
        return refusal_exit_status (refusal.code);
    }
    service_run (&service);
    classification_destroy (&classification);
    service_close (&service);
    return 0;
}
