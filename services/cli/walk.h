//  Open cases in the order of their next alarm, over all partitions, page by page.

#ifndef DAUMOI_WALK_H
#define DAUMOI_WALK_H

#include "store.h"

enum { WALK_PAGE = 250 };

typedef struct {
    unsigned partition;
    char id[CASE_ID_TEXT + 1];
    int64_t alarm_ms;
} walked_t;

typedef struct walk walk_t;

//  Of one owner, or of all when `unit` is empty. Only alarms before until_ms, 0 = all.
walk_t *walk_new (cli_t *cli, slice_t unit, int64_t until_ms);
void walk_destroy (walk_t **self_p);
//  The next cases, at most `max`; *count 0 at the end. -1 when Redis went away.
int walk_next (walk_t *self, walked_t *out, size_t max, size_t *count, refusal_t *refusal);

#endif
