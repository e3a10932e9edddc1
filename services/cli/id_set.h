//  A set of case ids in 8 bytes each: only a hash is kept, and ids are random, so that among a
//  million of them one is mistaken for another once in ten million runs. Pure.

#ifndef DAUMOI_ID_SET_H
#define DAUMOI_ID_SET_H

#include "base.h"

typedef struct id_set id_set_t;

id_set_t *id_set_new (void);
void id_set_destroy (id_set_t **self_p);
//  False when it was in already.
bool id_set_add (id_set_t *self, slice_t id);
bool id_set_has (const id_set_t *self, slice_t id);
size_t id_set_count (const id_set_t *self);

#endif
