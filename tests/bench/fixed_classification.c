//  The classification service with a fixed amount of work in place of the model, so that the bench
//  measures the way and not the reading. Labels are the same for every text: a report on waste at
//  the place the desk stated.
//
//      fixed_classification [WORK_US]     20 us of work unless given

#include "bench.h"
#include "classification/classification.h"

enum { WORK_US = 20, WORK_US_MAX = 1000000 };

static int64_t work_ns = WORK_US * 1000;

//  Of this thread alone: what other processes take from it is no work.
static int64_t
now_ns (void)
{
    struct timespec now;
    clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
label (void *arg, const petition_t *petition, arena_t *arena, labels_t *labels)
{
    (void)arg;
    (void)arena;
    int64_t until_ns = now_ns () + work_ns;
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
    if (argc > 1)
        work_ns = (int64_t)bench_count (argv[1]) * 1000;
    if (work_ns > WORK_US_MAX * INT64_C (1000))
        die ("more than %d us of work per text is no service", WORK_US_MAX);
    service_open (&service, "classification", 1, argv, false);
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
