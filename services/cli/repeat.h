//  Keys for petitions that bring none, so that a file that is submitted again makes no doubles: a
//  hash of the content and its occurrence. Equal lines of one file are different petitions. Pure.

#ifndef DAUMOI_REPEAT_H
#define DAUMOI_REPEAT_H

#include "base.h"

enum { REPEAT_KEY = 64 };

typedef struct repeats repeats_t;

repeats_t *repeats_new (void);
void repeats_destroy (repeats_t **self_p);
//  The key of this content, which is counted; returns out. Keeps 16 bytes per different content.
const char *repeats_key (repeats_t *self, slice_t content, char out[REPEAT_KEY]);

#endif
