//  Spans of time as people write them: "3d", "2h", "1d12h30m", "45s". Pure.

#ifndef DAUMOI_DURATION_H
#define DAUMOI_DURATION_H

#include "base.h"

//  False when it is none, or longer than 100 years.
bool duration_read (slice_t text, int64_t *ms);

#endif
