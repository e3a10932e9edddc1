//  One line on a terminal's standard error that says how far it is; nothing elsewhere.

#ifndef DAUMOI_PROGRESS_H
#define DAUMOI_PROGRESS_H

#include "base.h"

typedef struct progress progress_t;

progress_t *progress_new (void);
void progress_destroy (progress_t **self_p);
//  Five times a second. `share`: of the input, in per mille; -1 when it is not known.
void progress_show (progress_t *self, int64_t done, int64_t refused, int share);
//  Before anything else is printed.
void progress_clear (progress_t *self);

#endif
