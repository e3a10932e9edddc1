//  The model file, little-endian:
//
//      "DAUMOI-MODEL\n"  format u8  version 8 bytes (hash of everything behind it)
//      per head: classes u8, sharpness f32; per class: code (u8 size, bytes), scale, bias,
//      threshold f32
//      features u32; their keys as differences (LEB128); one idf byte each;
//      per feature: which columns are not 0 (bits, stride / 8 bytes), then those weights, one byte
//      each
//
//  To change the format: raise FORMAT, read both for one release, train again.

#include <math.h>
#include <sodium.h>
#include <stdio.h>

#include "scorer.h"

static const char magic[] = "DAUMOI-MODEL\n";
enum {
    FORMAT = 1,
    MAGIC_SIZE = sizeof magic - 1,
    VERSION_SIZE = 8,
    HEADER_SIZE = MAGIC_SIZE + 1 + VERSION_SIZE,
    FEATURES_MOST = 1 << 22,
    FILE_MOST = 64 << 20
};

static void
hash_content (slice_t content, uint8_t out[VERSION_SIZE])
{
    uint8_t hash[crypto_generichash_BYTES];
    crypto_generichash (hash, sizeof hash, (const uint8_t *)content.ptr, content.size, NULL, 0);
    memcpy (out, hash, VERSION_SIZE);
}

static void
version_set (scorer_t *self, const uint8_t hash[VERSION_SIZE])
{
    for (int i = 0; i < VERSION_SIZE; i++)
        snprintf (self->version + 2 * i, 3, "%02x", hash[i]);
}

//  --- writing

static void
put_u8 (buffer_t *out, size_t value)
{
    uint8_t byte = (uint8_t)value;
    buffer_append (out, &byte, 1);
}

static void
put_u32 (buffer_t *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        put_u8 (out, value >> (8 * i) & 0xFF);
}

static void
put_f32 (buffer_t *out, float value)
{
    uint32_t bits;
    memcpy (&bits, &value, sizeof bits);
    put_u32 (out, bits);
}

static void
put_leb (buffer_t *out, uint32_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_u8 (out, (value & 0x7F) | 0x80);
    put_u8 (out, value);
}

static void
put_head (buffer_t *out, const scorer_head_t *head)
{
    put_u8 (out, head->count);
    put_f32 (out, head->sharpness);
    for (size_t i = 0; i < head->count; i++) {
        const scorer_class_t *class = &head->classes[i];
        size_t size = strlen (class->code);
        put_u8 (out, size);
        buffer_append (out, class->code, size);
        put_f32 (out, class->scale);
        put_f32 (out, class->bias);
        put_f32 (out, class->threshold);
    }
}

static void
put_row (buffer_t *out, const int8_t *row, size_t stride)
{
    for (size_t at = 0; at < stride; at += 8) {
        size_t bits = 0;
        for (size_t i = 0; i < 8; i++)
            bits |= (size_t)(row[at + i] != 0) << i;
        put_u8 (out, bits);
    }
    for (size_t at = 0; at < stride; at++)
        if (row[at])
            buffer_append (out, &row[at], 1);
}

void
scorer_write (scorer_t *self, buffer_t *out)
{
    buffer_append (out, magic, MAGIC_SIZE);
    put_u8 (out, FORMAT);
    buffer_append (out, "\0\0\0\0\0\0\0", VERSION_SIZE);
    for (size_t h = 0; h < HEAD_COUNT; h++)
        put_head (out, &self->heads[h]);
    put_u32 (out, (uint32_t)self->count);
    uint32_t before = 0;
    for (size_t i = 0; i < self->count; i++) {
        put_leb (out, self->keys[i] - before);
        before = self->keys[i];
    }
    buffer_append (out, self->idf, self->count);
    for (size_t i = 0; i < self->count; i++)
        put_row (out, self->rows + i * self->stride, self->stride);
    uint8_t hash[VERSION_SIZE];
    hash_content ((slice_t){out->data + HEADER_SIZE, out->size - HEADER_SIZE}, hash);
    memcpy (out->data + MAGIC_SIZE + 1, hash, VERSION_SIZE);
    version_set (self, hash);
}

//  --- reading: the bound is checked in the primitive; after the first failure all give 0

typedef struct {
    const uint8_t *at, *end;
    bool failed;
} reader_t;

static const uint8_t *
take (reader_t *in, size_t size)
{
    if (in->failed || (size_t)(in->end - in->at) < size) {
        in->failed = true;
        return NULL;
    }
    in->at += size;
    return in->at - size;
}

static uint32_t
take_u8 (reader_t *in)
{
    const uint8_t *p = take (in, 1);
    return p ? *p : 0;
}

static uint32_t
take_u32 (reader_t *in)
{
    const uint8_t *p = take (in, 4);
    return p ? (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24
             : 0;
}

static float
take_f32 (reader_t *in)
{
    uint32_t bits = take_u32 (in);
    float value;
    memcpy (&value, &bits, sizeof value);
    in->failed |= !isfinite (value);
    return value;
}

static uint32_t
take_leb (reader_t *in)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        uint32_t byte = take_u8 (in);
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80)
            break;
    }
    in->failed |= value > UINT32_MAX;
    return (uint32_t)value;
}

static void
take_class (reader_t *in, scorer_class_t *class)
{
    size_t size = take_u8 (in);
    const uint8_t *code = take (in, size);
    in->failed |= size == 0 || size >= SCORER_CODE_MAX;
    if (code && !in->failed)
        memcpy (class->code, code, size);
    class->scale = take_f32 (in);
    class->bias = take_f32 (in);
    class->threshold = take_f32 (in);
}

static void
take_head (reader_t *in, scorer_head_t *head)
{
    size_t count = take_u8 (in);
    if (count < 2 || count > SCORER_CLASSES_MAX) {
        in->failed = true;
        return;
    }
    head->count = count;
    head->sharpness = take_f32 (in);
    for (size_t i = 0; i < count; i++)
        take_class (in, &head->classes[i]);
}

static void
take_keys (reader_t *in, scorer_t *self)
{
    uint64_t key = 0;
    for (size_t i = 0; i < self->count && !in->failed; i++) {
        uint32_t step = take_leb (in);
        key += step;
        in->failed |= step == 0 || key > UINT32_MAX;
        self->keys[i] = (uint32_t)key;
    }
}

static void
take_row (reader_t *in, int8_t *row, const scorer_t *self)
{
    const uint8_t *bits = take (in, self->stride / 8);
    for (size_t i = 0; bits && i < self->stride; i++) {
        if (!(bits[i / 8] >> (i % 8) & 1))
            continue;
        in->failed |= i >= self->columns;
        row[i] = (int8_t)take_u8 (in);
    }
}

static void
take_features (reader_t *in, scorer_t *self)
{
    self->count = take_u32 (in);
    //  Each takes a byte of key, one of idf and its bits at least: no length is believed before.
    if (self->count > FEATURES_MOST || self->count * 3 > (size_t)(in->end - in->at))
        in->failed = true;
    if (in->failed)
        return;
    self->keys = mem_new (self->count * sizeof *self->keys);
    self->idf = mem_new (self->count);
    self->rows = mem_new (self->count * self->stride);
    take_keys (in, self);
    const uint8_t *idf = take (in, self->count);
    for (size_t i = 0; idf && i < self->count; i++) {
        self->idf[i] = idf[i];
        in->failed |= idf[i] == 0;
    }
    for (size_t i = 0; i < self->count && !in->failed; i++)
        take_row (in, self->rows + i * self->stride, self);
}

static int
header_check (slice_t bytes, uint8_t hash[VERSION_SIZE], refusal_t *refusal)
{
    if (bytes.size < HEADER_SIZE || memcmp (bytes.ptr, magic, MAGIC_SIZE) != 0)
        return refuse (refusal, REFUSAL_INVALID, "model", "this is not a model file");
    if (bytes.ptr[MAGIC_SIZE] != FORMAT)
        return refuse (refusal, REFUSAL_INVALID, "model",
            "the model file has format %d, this program reads %d: train it again",
            bytes.ptr[MAGIC_SIZE], FORMAT);
    hash_content ((slice_t){bytes.ptr + HEADER_SIZE, bytes.size - HEADER_SIZE}, hash);
    if (memcmp (hash, bytes.ptr + MAGIC_SIZE + 1, VERSION_SIZE) != 0)
        return refuse (refusal, REFUSAL_INVALID, "model",
            "the model file is cut off or was altered: its content does not match its hash");
    return 0;
}

scorer_t *
scorer_read (slice_t bytes, refusal_t *refusal)
{
    uint8_t hash[VERSION_SIZE];
    if (header_check (bytes, hash, refusal) != 0)
        return NULL;
    const uint8_t *start = (const uint8_t *)bytes.ptr;
    reader_t in = {start + HEADER_SIZE, start + bytes.size, false};
    scorer_t *self = mem_new (sizeof *self);
    for (size_t h = 0; h < HEAD_COUNT && !in.failed; h++)
        take_head (&in, &self->heads[h]);
    scorer_layout (self);
    if (!in.failed)
        take_features (&in, self);
    if (in.failed || in.at != in.end) {
        refuse (refusal, REFUSAL_INVALID, "model", "the model file contradicts itself at byte %zu",
            (size_t)(in.at - start));
        scorer_destroy (&self);
        return NULL;
    }
    version_set (self, hash);
    scorer_index (self);
    return self;
}

scorer_t *
scorer_load (const char *file, refusal_t *refusal)
{
    FILE *in = fopen (file, "rb");
    if (!in) {
        refuse (refusal, REFUSAL_NOT_FOUND, "model", "cannot open the model file %s", file);
        return NULL;
    }
    buffer_t bytes = {0};
    char block[65536];
    for (size_t got; (got = fread (block, 1, sizeof block, in)) > 0 && bytes.size <= FILE_MOST;)
        buffer_append (&bytes, block, got);
    fclose (in);
    scorer_t *self = scorer_read (buffer_slice (&bytes), refusal);
    buffer_free (&bytes);
    return self;
}
