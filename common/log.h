//  One JSON line per event on standard error: time, level, service, event, then fields. Never
//  personal data: codes, counts, names of fields.

#ifndef DAUMOI_LOG_H
#define DAUMOI_LOG_H

//  The severities are syslog's (czmq.h brings them along anyway): a graver one is a smaller number.
#include <syslog.h>

#include "base.h"

typedef int log_level_t; // LOG_ERROR, LOG_WARNING, LOG_INFO or LOG_DEBUG
enum { LOG_ERROR = LOG_ERR };

//  `service` is kept by reference; what is less grave than `least` is dropped.
void log_open (const char *service, log_level_t least);
log_level_t log_level_from (const char *name); // "debug" .. "error"; LOG_INFO for a stranger
//  Pairs of (name, value) end with NULL: log_event (LOG_INFO, "started", "copy", "a1", NULL).
void log_event (log_level_t level, const char *event, ...) __attribute__ ((sentinel));
//  A number as text for log_event; four buffers in turn.
const char *log_number (int64_t value);

#endif
