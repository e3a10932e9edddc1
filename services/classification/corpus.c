#include "corpus.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>

#include "text.h"

static const char *const head_keys[2] = {"type", "field"};
static const char *const also_keys[2] = {"type_alt", "field_alt"};

//  15 % for testing, 15 % for calibration, the rest for training.
static part_t
part_of (slice_t id, bool real)
{
    if (real)
        return PART_REAL;
    uint64_t hash = UINT64_C (0xCBF29CE484222325);
    for (size_t i = 0; i < id.size; i++)
        hash = (hash ^ (unsigned char)id.ptr[i]) * UINT64_C (0x100000001B3);
    hash ^= hash >> 32;
    uint64_t percent = hash % 100;
    return percent < 15 ? PART_TEST : percent < 30 ? PART_TUNE : PART_TRAIN;
}

static slice_t
text_of (const json_t *json, arena_t *arena)
{
    const char *text = json_string_value (json);
    return text ? arena_copy (arena, slice_from (text)) : (slice_t){NULL, 0};
}

static void
list_of (const json_t *json, arena_t *arena, slice_t *out, size_t most)
{
    for (size_t i = 0; i < json_array_size (json) && i < most; i++)
        out[i] = text_of (json_array_get (json, i), arena);
}

static int64_t
flags_of (const json_t *json)
{
    int64_t flags = 0;
    for (size_t i = 0; i < json_array_size (json); i++)
        for (int bit = 0; bit < FLAG_COUNT; bit++)
            if (slice_is (
                    slice_from (json_string_value (json_array_get (json, i))), flag_code (bit)))
                flags |= 1 << bit;
    return flags;
}

static bool
record_read (const json_t *json, arena_t *arena, record_t *out)
{
    *out = (record_t){.id = text_of (json_object_get (json, "id"), arena)};
    out->text = text_nfc (text_of (json_object_get (json, "text"), arena), arena);
    for (size_t head = 0; head < 2; head++) {
        out->label[head] = text_of (json_object_get (json, head_keys[head]), arena);
        list_of (json_object_get (json, also_keys[head]), arena, out->also[head], CORPUS_ALSO);
    }
    if (!out->id.size || !out->text.size || !out->label[0].size || !out->label[1].size)
        return false;
    list_of (json_object_get (json, "field_finer"), arena, out->finer, CORPUS_ALSO);
    out->plain = text_fold (out->text, arena);
    list_of (json_object_get (json, "locality_canonical"), arena, out->places, CORPUS_PLACES);
    out->flags = flags_of (json_object_get (json, "flags"));
    out->part = part_of (out->id, json_is_true (json_object_get (json, "real")));
    return true;
}

static void
corpus_add (corpus_t *self, const record_t *record)
{
    if (self->count == self->room) {
        self->room = self->room ? self->room * 2 : 1024;
        self->records = mem_grow (self->records, self->room * sizeof *self->records);
    }
    self->records[self->count++] = *record;
}

static size_t
file_read (corpus_t *self, const char *name)
{
    FILE *in = fopen (name, "r");
    char *line = NULL;
    size_t room = 0, skipped = 0;
    while (in && getline (&line, &room, in) > 0) {
        json_t *json = json_loads (line, 0, NULL);
        record_t record;
        if (json && record_read (json, self->arena, &record))
            corpus_add (self, &record);
        else
            skipped++;
        json_decref (json);
    }
    free (line);
    if (in)
        fclose (in);
    return skipped;
}

static int
by_id (const void *a, const void *b)
{
    slice_t x = ((const record_t *)a)->id, y = ((const record_t *)b)->id;
    int order = memcmp (x.ptr, y.ptr, x.size < y.size ? x.size : y.size);
    return order ? order : (x.size > y.size) - (x.size < y.size);
}

corpus_t *
corpus_load (const char *folder, size_t *skipped, refusal_t *refusal)
{
    corpus_t *self = mem_new (sizeof *self);
    self->arena = arena_new ();
    *skipped = 0;
    glob_t found = {0};
    slice_t pattern = arena_printf (self->arena, "%s/*.jsonl", folder);
    if (glob (pattern.ptr, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            *skipped += file_read (self, found.gl_pathv[i]);
    globfree (&found);
    if (self->count == 0) {
        refuse (refusal, REFUSAL_NOT_FOUND, "data", "no labelled texts in %s/*.jsonl", folder);
        corpus_destroy (&self);
        return NULL;
    }
    qsort (self->records, self->count, sizeof *self->records, by_id);
    return self;
}

void
corpus_destroy (corpus_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    arena_destroy (&(*self_p)->arena);
    free ((*self_p)->records);
    free (*self_p);
    *self_p = NULL;
}

bool
record_accepts (const record_t *self, size_t head, const char *code, bool lenient)
{
    if (slice_is (self->label[head], code))
        return true;
    for (size_t i = 0; lenient && i < CORPUS_ALSO; i++)
        if (self->also[head][i].size && slice_is (self->also[head][i], code))
            return true;
    return false;
}
