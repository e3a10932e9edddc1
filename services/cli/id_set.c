#include "id_set.h"

enum { FIRST_ROOM = 4096 };

struct id_set {
    uint64_t *hashes; // open addressing over `room`, a power of two; 0 = empty
    size_t room, used;
};

id_set_t *
id_set_new (void)
{
    id_set_t *self = mem_new (sizeof *self);
    self->room = FIRST_ROOM;
    self->hashes = mem_new (self->room * sizeof *self->hashes);
    return self;
}

void
id_set_destroy (id_set_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    free ((*self_p)->hashes);
    free (*self_p);
    *self_p = NULL;
}

//  FNV-1a, its high bits folded into the low ones that choose the place.
static uint64_t
hash_of (slice_t id)
{
    uint64_t hash = UINT64_C (14695981039346656037);
    for (size_t i = 0; i < id.size; i++)
        hash = (hash ^ (uint8_t)id.ptr[i]) * UINT64_C (1099511628211);
    hash ^= hash >> 32;
    return hash ? hash : 1;
}

static uint64_t *
place_of (const id_set_t *self, uint64_t hash)
{
    size_t at = hash & (self->room - 1);
    while (self->hashes[at] && self->hashes[at] != hash)
        at = (at + 1) & (self->room - 1);
    return &self->hashes[at];
}

static void
id_set_grow (id_set_t *self)
{
    id_set_t larger = {.room = self->room * 2, .used = self->used};
    larger.hashes = mem_new (larger.room * sizeof *larger.hashes);
    for (size_t i = 0; i < self->room; i++)
        if (self->hashes[i])
            *place_of (&larger, self->hashes[i]) = self->hashes[i];
    free (self->hashes);
    *self = larger;
}

bool
id_set_add (id_set_t *self, slice_t id)
{
    if (self->used * 4 > self->room * 3)
        id_set_grow (self);
    uint64_t hash = hash_of (id), *place = place_of (self, hash);
    if (*place)
        return false;
    *place = hash;
    self->used++;
    return true;
}

bool
id_set_has (const id_set_t *self, slice_t id)
{
    return *place_of (self, hash_of (id)) != 0;
}

size_t
id_set_count (const id_set_t *self)
{
    return self->used;
}
