//  One JSON line per event on standard error: time, level, service, event, then fields. Never
//  personal data: codes, counts, names of fields.

#ifndef DAUMOI_LOG_H
#define DAUMOI_LOG_H

#include "base.h"

typedef enum { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR } log_level_t;

void log_open (const char *service, log_level_t least);
log_level_t log_level_from (const char *name); // LOG_INFO for a stranger
//  Pairs of (name, value) end with NULL: log_event (LOG_INFO, "started", "copy", "a1", NULL).
void log_event (log_level_t level, const char *event, ...) __attribute__ ((sentinel));
//  A number as text for log_event; four buffers in turn.
const char *log_number (int64_t value);

#endif
