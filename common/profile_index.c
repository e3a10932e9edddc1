#include "profile_inner.h"

//  FNV-1a. The keys are the profile's own, so nobody can choose colliding ones from outside.
static size_t
name_hash (slice_t key)
{
    uint64_t hash = UINT64_C (14695981039346656037);
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ (unsigned char)key.ptr[i]) * UINT64_C (1099511628211);
    return (size_t)(hash ^ (hash >> 32));
}

//  The slot of the key, or the empty one where it would go.
static size_t
name_slot (const name_index_t *self, slice_t key)
{
    size_t at = name_hash (key) & (self->room - 1);
    while (self->slots[at].value && !slice_equals (self->slots[at].key, key))
        at = (at + 1) & (self->room - 1);
    return at;
}

static void
name_index_double (name_index_t *self)
{
    name_index_t bigger = {.room = self->room ? self->room * 2 : 64};
    bigger.slots = mem_new (bigger.room * sizeof *bigger.slots);
    for (size_t i = 0; i < self->room; i++)
        if (self->slots[i].value)
            name_index_put (&bigger, self->slots[i].key, self->slots[i].value);
    free (self->slots);
    *self = bigger;
}

bool
name_index_put (name_index_t *self, slice_t key, const void *value)
{
    assert (value);
    if (self->count * 2 >= self->room)
        name_index_double (self);
    size_t at = name_slot (self, key);
    if (self->slots[at].value)
        return false;
    self->slots[at].key = key;
    self->slots[at].value = value;
    self->count++;
    return true;
}

const void *
name_index_get (const name_index_t *self, slice_t key)
{
    return self->room ? self->slots[name_slot (self, key)].value : NULL;
}

void
name_index_free (name_index_t *self)
{
    free (self->slots);
    *self = (name_index_t){0};
}
