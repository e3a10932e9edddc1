//  What the programs of the bench share: a clock, medians, and how they tell a failure.

#ifndef DAUMOI_BENCH_H
#define DAUMOI_BENCH_H

#include "base.h"

#include <stdio.h>
#include <time.h>

//  The petition that the whole bench works with: so many bytes of msgpack before it is sealed.
enum { BENCH_PETITION = 1030 };

static inline int64_t
bench_now_us (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int
bench_compare (const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

//  Sorts the values; `part` is 0.5 for the median, 0.99 for the 99th percentile.
static inline int64_t
bench_quantile (int64_t *values, size_t count, double part)
{
    assert (count);
    qsort (values, count, sizeof *values, bench_compare);
    return values[(size_t)(part * (double)(count - 1) + 0.5)];
}

static inline size_t
bench_count (const char *text)
{
    char *end;
    long long count = strtoll (text, &end, 10);
    if (*end || count <= 0)
        die ("'%s' is not a count", text);
    return (size_t)count;
}

#endif
