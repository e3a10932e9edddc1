#include "repeat.h"

#include <sodium.h>
#include <stdio.h>

enum { HASH = 16, FIRST_ROOM = 1024 };

typedef struct {
    uint64_t hash; // 0 = empty
    uint64_t count;
} seen_t;

struct repeats {
    seen_t *seen; // open addressing over `room`, a power of two
    size_t room, used;
};

repeats_t *
repeats_new (void)
{
    repeats_t *self = mem_new (sizeof *self);
    self->room = FIRST_ROOM;
    self->seen = mem_new (self->room * sizeof *self->seen);
    return self;
}

void
repeats_destroy (repeats_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    free ((*self_p)->seen);
    free (*self_p);
    *self_p = NULL;
}

static seen_t *
seen_find (seen_t *seen, size_t room, uint64_t hash)
{
    size_t at = hash & (room - 1);
    while (seen[at].hash && seen[at].hash != hash)
        at = (at + 1) & (room - 1);
    return &seen[at];
}

static void
repeats_grow (repeats_t *self)
{
    size_t room = self->room * 2;
    seen_t *seen = mem_new (room * sizeof *seen);
    for (size_t i = 0; i < self->room; i++)
        if (self->seen[i].hash)
            *seen_find (seen, room, self->seen[i].hash) = self->seen[i];
    free (self->seen);
    self->seen = seen;
    self->room = room;
}

//  Two contents that share 64 bits of hash share a counter, and still have different keys.
static uint64_t
repeats_count (repeats_t *self, const uint8_t hash[HASH])
{
    uint64_t short_hash;
    memcpy (&short_hash, hash, sizeof short_hash);
    if (self->used * 4 > self->room * 3)
        repeats_grow (self);
    seen_t *seen = seen_find (self->seen, self->room, short_hash | 1);
    if (!seen->hash)
        self->used++;
    seen->hash = short_hash | 1;
    return ++seen->count;
}

const char *
repeats_key (repeats_t *self, slice_t content, char out[REPEAT_KEY])
{
    uint8_t hash[HASH];
    char hex[HASH * 2 + 1];
    crypto_generichash (hash, sizeof hash, (const uint8_t *)content.ptr, content.size, NULL, 0);
    sodium_bin2hex (hex, sizeof hex, hash, sizeof hash);
    snprintf (out, REPEAT_KEY, "auto-%s-%llu", hex, (unsigned long long)repeats_count (self, hash));
    return out;
}
