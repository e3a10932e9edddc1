#include "metrics.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"

typedef enum { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM } metric_kind_t;

static const char *const kinds[] = {
    [METRIC_COUNTER] = "counter",
    [METRIC_GAUGE] = "gauge",
    [METRIC_HISTOGRAM] = "histogram",
};

struct metric {
    metric_t *next; // in order of registration
    metric_kind_t kind;
    const char *name, *help, *labels;
    double value; // of a histogram the sum
    uint64_t observed;
    const double *bounds;
    size_t count;      // of bounds
    uint64_t *buckets; // count + 1: how many fell at or below each bound and above the one before
};

static metric_t *first, *last;

//  --- registration

static metric_t *
find_family (const char *name)
{
    metric_t *metric = first;
    while (metric && strcmp (metric->name, name) != 0)
        metric = metric->next;
    return metric;
}

static void
assert_new (metric_kind_t kind, const char *name, const char *labels)
{
    assert (strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen (name));
    for (const metric_t *metric = first; metric; metric = metric->next) {
        if (strcmp (metric->name, name) != 0)
            continue;
        assert (metric->kind == kind);
        assert (strcmp (metric->labels, labels) != 0);
    }
}

static metric_t *
metric_new (metric_kind_t kind, const char *name, const char *help, const char *labels)
{
    labels = labels ? labels : "";
    assert_new (kind, name, labels);
    metric_t *self = mem_new (sizeof *self);
    *self = (metric_t){.kind = kind, .name = name, .help = help, .labels = labels};
    if (last)
        last->next = self;
    else
        first = self;
    return last = self;
}

metric_t *
metric_counter (const char *name, const char *help, const char *labels)
{
    return metric_new (METRIC_COUNTER, name, help, labels);
}

metric_t *
metric_gauge (const char *name, const char *help, const char *labels)
{
    return metric_new (METRIC_GAUGE, name, help, labels);
}

metric_t *
metric_histogram (
    const char *name, const char *help, const char *labels, const double *bounds, size_t count)
{
    for (size_t i = 1; i < count; i++)
        assert (bounds[i - 1] < bounds[i]);
    metric_t *self = metric_new (METRIC_HISTOGRAM, name, help, labels);
    self->bounds = bounds;
    self->count = count;
    self->buckets = mem_new ((count + 1) * sizeof *self->buckets);
    return self;
}

//  --- values

void
metric_add (metric_t *self, double value)
{
    assert (self->kind == METRIC_GAUGE || (self->kind == METRIC_COUNTER && value >= 0));
    self->value += value;
}

void
metric_set (metric_t *self, double value)
{
    assert (self->kind == METRIC_GAUGE);
    self->value = value;
}

void
metric_observe (metric_t *self, double value)
{
    assert (self->kind == METRIC_HISTOGRAM);
    size_t bucket = 0;
    while (bucket < self->count && value > self->bounds[bucket])
        bucket++;
    self->buckets[bucket]++;
    self->observed++;
    self->value += value;
}

double
metric_value (const metric_t *self)
{
    return self->value;
}

//  --- text

//  name{labels,more} value
static void
render_line (buffer_t *out, const char *name, const char *suffix, const char *labels,
    const char *more, double value)
{
    buffer_printf (out, "%s%s", name, suffix);
    if (*labels || *more)
        buffer_printf (out, "{%s%s%s}", labels, *labels && *more ? "," : "", more);
    buffer_printf (out, " %.15g\n", value);
}

static void
render_histogram (buffer_t *out, const metric_t *self)
{
    uint64_t below = 0;
    for (size_t i = 0; i <= self->count; i++) {
        char bound[40] = "le=\"+Inf\"";
        if (i < self->count)
            snprintf (bound, sizeof bound, "le=\"%.15g\"", self->bounds[i]);
        below += self->buckets[i];
        render_line (out, self->name, "_bucket", self->labels, bound, (double)below);
    }
    render_line (out, self->name, "_sum", self->labels, "", self->value);
    render_line (out, self->name, "_count", self->labels, "", (double)self->observed);
}

static void
render_head (buffer_t *out, const char *name, const char *help, metric_kind_t kind)
{
    buffer_printf (out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kinds[kind]);
}

//  A family's lines must stand together, in whatever order they were registered.
static void
render_family (buffer_t *out, const metric_t *head)
{
    render_head (out, head->name, head->help, head->kind);
    for (const metric_t *metric = head; metric; metric = metric->next) {
        if (strcmp (metric->name, head->name) != 0)
            continue;
        if (metric->kind == METRIC_HISTOGRAM)
            render_histogram (out, metric);
        else
            render_line (out, metric->name, "", metric->labels, "", metric->value);
    }
}

//  --- the process itself

static double
cpu_seconds (void)
{
    struct rusage usage;
    getrusage (RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

//  The second number of /proc/self/statm; 0 where there is no /proc.
static double
resident_bytes (void)
{
    long pages = 0;
    FILE *file = fopen ("/proc/self/statm", "r");
    if (!file)
        return 0;
    if (fscanf (file, "%*d %ld", &pages) != 1)
        pages = 0;
    fclose (file);
    return (double)pages * (double)sysconf (_SC_PAGESIZE);
}

//  Taken before main, so it is the start but for the loading of libraries.
static int64_t start_ms;

__attribute__ ((constructor)) static void
note_start (void)
{
    start_ms = clock_now_ms ();
}

static void
render_single (buffer_t *out, metric_kind_t kind, const char *name, const char *help, double value)
{
    render_head (out, name, help, kind);
    render_line (out, name, "", "", "", value);
}

static void
render_process (buffer_t *out)
{
    render_single (out, METRIC_COUNTER, "process_cpu_seconds_total",
        "User and system CPU time in seconds.", cpu_seconds ());
    render_single (out, METRIC_GAUGE, "process_resident_memory_bytes", "Resident memory in bytes.",
        resident_bytes ());
    render_single (out, METRIC_GAUGE, "process_start_time_seconds",
        "Start of the process in seconds since 1970.", (double)start_ms / 1000);
    render_head (out, "daumoi_build_info", "Version of the program; always 1.", METRIC_GAUGE);
    render_line (out, "daumoi_build_info", "", "version=\"" DAUMOI_VERSION "\"", "", 1);
}

void
metrics_render (buffer_t *out)
{
    for (const metric_t *metric = first; metric; metric = metric->next)
        if (find_family (metric->name) == metric)
            render_family (out, metric);
    render_process (out);
}
