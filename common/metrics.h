//  Counters, gauges and histograms of one process, rendered as Prometheus text. Names as in
//  conventions: prefix daumoi_, base units, _total; labels from small closed sets, never a case.
//  One thread: no locks.

#ifndef DAUMOI_METRICS_H
#define DAUMOI_METRICS_H

#include "base.h"

typedef struct metric metric_t;

//  Registers (once, at start) and returns a handle. `labels` is ready text such as
//  "stage=\"triage\"" or NULL; the same name may be registered with several label texts. Lives
//  until exit.
metric_t *metric_counter (const char *name, const char *help, const char *labels);
metric_t *metric_gauge (const char *name, const char *help, const char *labels);
//  `bounds` ascending, in base units, kept by reference.
metric_t *metric_histogram (
    const char *name, const char *help, const char *labels, const double *bounds, size_t count);

void metric_add (metric_t *self, double value);     // counter or gauge
void metric_set (metric_t *self, double value);     // gauge
void metric_observe (metric_t *self, double value); // histogram
double metric_value (const metric_t *self);

//  All of them, with process_cpu_seconds_total, process_resident_memory_bytes,
//  process_start_time_seconds and daumoi_build_info.
void metrics_render (buffer_t *out);

#endif
