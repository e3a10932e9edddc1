#include "registry.h"

#include "log.h"

#include <stdio.h>

struct registry {
    loop_t *loop;
    redis_t *redis;
    ledger_t *ledger;
    registry_row_t row;
    void (*ready) (void *arg, buffer_t *reasons);
    registry_fill_fn *fill;
    registry_rows_fn *rows;
    void *arg;
    arena_t *arena;
    bool heard, left;
};

#define STR(member, field_name, most)                                                              \
    {                                                                                              \
        .name = field_name, .kind = CODEC_STR, .offset = offsetof (registry_row_t, member),        \
        .max = most                                                                                \
    }
#define INT(member, field_name)                                                                    \
    {                                                                                              \
        .name = field_name, .kind = CODEC_INT, .offset = offsetof (registry_row_t, member)         \
    }

static const codec_field_t row_fields[] = {
    STR (copy, "copy", 32),
    STR (service, "service", 32),
    STR (kind, "kind", 16),
    STR (offers, "offers", 256),
    STR (second_kind, "second_kind", 16),
    STR (second_offers, "second_offers", 256),
    STR (requests, "requests", 256),
    STR (http, "http", 64),
    STR (version, "version", 32),
    STR (model, "model", 32),
    INT (started_ms, "started_ms"),
    INT (queued, "queued"),
    INT (open, "open"),
    INT (done, "done"),
    INT (clock_ms, "clock_ms"),
};
CODEC_SCHEMA (registry_row_schema, registry_row_t, row_fields);

void
registry_words (slice_t copy, slice_t row, slice_t words[REGISTRY_WORDS])
{
    static char ttl[16];
    snprintf (ttl, sizeof ttl, "%d", REGISTRY_TTL_MS);
    words[0] = SLICE ("FCALL");
    words[1] = SLICE ("dm1_beat");
    words[2] = SLICE ("3");
    words[3] = SLICE ("{p00}meta");
    words[4] = SLICE ("{p00}registry");
    words[5] = SLICE ("{p00}copies");
    words[6] = slice_from (ttl);
    words[7] = copy;
    words[8] = row;
}

//  Strings of a row point into a json_t that does not outlive this call: copied to the arena.
static void
row_keep (registry_row_t *row, arena_t *arena)
{
    for (size_t i = 0; i < registry_row_schema.count; i++) {
        const codec_field_t *field = &registry_row_schema.fields[i];
        if (field->kind != CODEC_STR)
            continue;
        slice_t *text = (slice_t *)((char *)row + field->offset);
        *text = arena_copy (arena, *text);
    }
}

size_t
registry_read (const redisReply *reply, arena_t *arena, registry_row_t *rows, size_t max)
{
    size_t count = 0;
    for (size_t i = 5; i < reply->elements && count < max; i++) {
        slice_t text = redis_text (reply->element[i]);
        json_t *json = json_loadb (text.ptr ? text.ptr : "", text.size, 0, NULL);
        registry_row_t *row = &rows[count];
        if (json && codec_from_json (&registry_row_schema, json, row, arena, NULL, NULL) == 0) {
            row_keep (row, arena);
            count++;
        }
        json_decref (json);
    }
    return count;
}

static int64_t
word_number (const redisReply *reply)
{
    if (reply->type == REDIS_REPLY_INTEGER)
        return reply->integer;
    return reply->type == REDIS_REPLY_STRING ? strtoll (reply->str, NULL, 10) : 0;
}

static void
on_beat (void *arg, const redisReply *reply)
{
    registry_t *self = arg;
    if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements < 5)
        return;
    if (self->ledger) {
        bool is_virtual = word_number (reply->element[1]) == 1;
        int64_t clock_ms = word_number (reply->element[2]);
        self->row.clock_ms = is_virtual ? clock_ms : 0;
        ledger_set_time (self->ledger, word_number (reply->element[0]), is_virtual, clock_ms);
        ledger_set_partitions (self->ledger, (unsigned)word_number (reply->element[4]),
            redis_text (reply->element[3]));
    }
    self->heard = true;
    arena_reset (self->arena);
    registry_row_t *rows = arena_alloc (self->arena, REGISTRY_ROWS * sizeof *rows);
    size_t count = registry_read (reply, self->arena, rows, REGISTRY_ROWS);
    if (self->rows)
        self->rows (self->arg, rows, count);
}

static bool
registry_is_ready (registry_t *self)
{
    buffer_t reasons = {0};
    self->ready (self->arg, &reasons);
    bool ready = reasons.size == 0;
    buffer_free (&reasons);
    return ready;
}

static void
registry_beat (void *arg)
{
    registry_t *self = arg;
    if (self->left || !redis_connected (self->redis))
        return;
    slice_t words[REGISTRY_WORDS];
    if (!registry_is_ready (self)) {
        registry_words ((slice_t){NULL, 0}, (slice_t){NULL, 0}, words);
        redis_command (self->redis, on_beat, self, REGISTRY_WORDS, words);
        return;
    }
    if (self->fill)
        self->fill (self->arg, &self->row);
    json_t *json = codec_to_json (&registry_row_schema, &self->row);
    char *text = json_dumps (json, JSON_COMPACT);
    registry_words (self->row.copy, slice_from (text), words);
    redis_command (self->redis, on_beat, self, REGISTRY_WORDS, words);
    free (text);
    json_decref (json);
}

registry_t *
registry_new (loop_t *loop, redis_t *redis, ledger_t *ledger, const registry_row_t *row,
    void (*ready) (void *arg, buffer_t *reasons), registry_fill_fn *fill, registry_rows_fn *rows,
    void *arg)
{
    registry_t *self = mem_new (sizeof *self);
    self->loop = loop;
    self->redis = redis;
    self->ledger = ledger;
    self->row = *row;
    self->ready = ready;
    self->fill = fill;
    self->rows = rows;
    self->arg = arg;
    self->arena = arena_new ();
    loop_add_timer (loop, REGISTRY_BEAT_MS, registry_beat, self);
    return self;
}

void
registry_destroy (registry_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

void
registry_leave (registry_t *self)
{
    slice_t words[REGISTRY_WORDS];
    registry_words (self->row.copy, (slice_t){NULL, 0}, words);
    redis_command (self->redis, NULL, NULL, REGISTRY_WORDS, words);
    self->left = true;
}

bool
registry_heard (const registry_t *self)
{
    return self->heard;
}

size_t
registry_offers (
    const registry_row_t *rows, size_t count, const char *kind, slice_t *out, size_t max)
{
    size_t found = 0;
    for (size_t i = 0; i < count && found < max; i++) {
        if (slice_is (rows[i].kind, kind))
            out[found++] = rows[i].offers;
        else if (slice_is (rows[i].second_kind, kind))
            out[found++] = rows[i].second_offers;
    }
    return found;
}
