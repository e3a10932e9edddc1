#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "classification/scorer.h"

#define MODEL "services/classification/model.bin"

//  --- features

static void
features_count_words_and_letters (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    features_t once, twice, plain, other;
    features_read (SLICE ("Đất"), arena, &once);
    features_read (SLICE ("đất, ĐẤT!"), arena, &twice);
    features_read (SLICE ("dat"), arena, &plain);
    features_read (SLICE ("chó"), arena, &other);
    size_t shared = 0, doubled = 0;
    for (size_t i = 0; i < once.used; i++) {
        uint32_t key = once.slots[once.taken[i]].key;
        shared += features_count (&plain, key) > 0;
        doubled += features_count (&twice, key) == 2;
        assert_int_equal (features_count (&other, key), 0);
    }
    //  Everything but the word as written; all of it twice.
    assert_int_equal (shared, once.used - 1);
    assert_int_equal (shared, plain.used);
    assert_int_equal (doubled, once.used);
    arena_destroy (&arena);
}

static void
numbers_are_all_alike (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    features_t a, b;
    features_read (SLICE ("số 4711 tờ 38"), arena, &a);
    features_read (SLICE ("số 9025 tờ 16"), arena, &b);
    assert_int_equal (a.used, b.used);
    for (size_t i = 0; i < a.used; i++)
        assert_int_equal (a.slots[a.taken[i]].key, b.slots[b.taken[i]].key);
    arena_destroy (&arena);
}

//  The densest texts there are must not fill the table.
static void
any_text_fits (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    char *text = mem_new (65536);
    static const char *const fillings[] = {"a ", "ab", "\xC4\x91 ", "1 2 x y", "\xF0\x9F\x99\x82"};
    for (size_t f = 0; f < sizeof fillings / sizeof *fillings; f++) {
        size_t size = strlen (fillings[f]), count = 65536 / size;
        for (size_t i = 0; i < count; i++)
            memcpy (text + i * size, fillings[f], size);
        features_t features;
        features_read ((slice_t){text, count * size}, arena, &features);
        assert_true (features.used < features.room);
        arena_reset (arena);
    }
    //  All different: one-letter words in a changing order.
    uint32_t random = 1;
    for (size_t i = 0; i < 65536; i += 2) {
        random = random * 1664525 + 1013904223;
        text[i] = (char)('a' + (random >> 16) % 26);
        text[i + 1] = ' ';
    }
    features_t features;
    features_read ((slice_t){text, 65536}, arena, &features);
    assert_true (features.used > 10000 && features.used < features.room);
    free (text);
    arena_destroy (&arena);
}

//  --- scores

//  A model of the features of one text, with weights that one can add by hand.
static void
scores_are_what_the_weights_say (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    features_t features;
    features_read (SLICE ("mot hai ba bon mot"), arena, &features);
    scorer_t model = {0};
    for (size_t h = 0; h < HEAD_COUNT; h++) {
        model.heads[h].count = 3;
        model.heads[h].sharpness = 1;
        for (size_t c = 0; c < 3; c++)
            model.heads[h].classes[c].scale = 0.001f;
    }
    scorer_layout (&model);
    model.count = features.used;
    model.keys = mem_new (model.count * sizeof *model.keys);
    model.idf = mem_new (model.count);
    model.rows = mem_new (model.count * model.stride);
    double want[6] = {0}, square = 0;
    for (size_t i = 0; i < model.count; i++) {
        const feature_t *feature = &features.slots[features.taken[i]];
        model.keys[i] = feature->key;
        model.idf[i] = (uint8_t)(i % 40 + 1);
    }
    scorer_index (&model);
    for (size_t i = 0; i < model.count; i++) {
        const feature_t *feature = &features.slots[features.taken[i]];
        double weight = scorer_weigh (&model, (int64_t)i, feature->count);
        square += weight * weight;
        for (size_t c = 0; c < 6; c++) {
            int8_t step = (int8_t)((int)(i * 37 + c * 101) % 255 - 127);
            model.rows[i * model.stride + c] = step;
            want[c] += weight * step;
        }
    }
    scores_t scores;
    scorer_score (&model, &features, &scores);
    assert_int_equal (scores.known, model.count);
    for (size_t h = 0; h < HEAD_COUNT; h++) {
        float logits[3];
        for (size_t c = 0; c < 3; c++)
            logits[c] = (float)(want[h * 3 + c] / sqrt (square) * 0.001);
        scorer_calibrate (logits, 3, 1);
        for (size_t c = 0; c < 3; c++)
            assert_float_equal (scores.probability[h][c], logits[c], 1e-5);
    }
    free (model.keys);
    free (model.idf);
    free (model.rows);
    free (model.slots);
    arena_destroy (&arena);
}

static void
weights_grow_slowly_with_repeats (void **state)
{
    (void)state;
    uint8_t idf = SCORER_IDF_ONE;
    scorer_t model = {.count = 1, .idf = &idf};
    for (uint32_t count = 1; count < 100; count++) {
        double want = 16 * (1 + log (count < 63 ? count : 63));
        assert_int_equal (scorer_weigh (&model, 0, count), lround (want));
    }
}

//  --- the model file

static buffer_t
read_model (void)
{
    buffer_t bytes = {0};
    char block[65536];
    FILE *in = fopen (MODEL, "rb");
    assert_non_null (in);
    for (size_t got; (got = fread (block, 1, sizeof block, in)) > 0;)
        buffer_append (&bytes, block, got);
    fclose (in);
    assert (bytes.data);
    return bytes;
}

static void
assert_refused (slice_t bytes, const char *word)
{
    refusal_t refusal = {0};
    scorer_t *scorer = scorer_read (bytes, &refusal);
    assert_null (scorer);
    assert_int_equal (refusal.code, REFUSAL_INVALID);
    if (!strstr (refusal.text, word))
        print_error ("%s\n", refusal.text);
    assert_non_null (strstr (refusal.text, word));
}

static void
damaged_models_are_refused (void **state)
{
    (void)state;
    buffer_t bytes = read_model ();
    assert_refused ((slice_t){NULL, 0}, "not a model");
    assert_refused (SLICE ("#!/bin/sh\nexit 0\n and a few more bytes"), "not a model");
    for (size_t size = 30; size < bytes.size; size += bytes.size / 50)
        assert_refused ((slice_t){bytes.data, size}, "cut off or was altered");
    for (size_t at = 40; at < bytes.size; at += bytes.size / 50) {
        bytes.data[at] ^= 1;
        assert_refused (buffer_slice (&bytes), "cut off or was altered");
        bytes.data[at] ^= 1;
    }
    bytes.data[13] = 9;
    assert_refused (buffer_slice (&bytes), "format");
    buffer_free (&bytes);
}

//  A file written by somebody else: the hash is right, the content lies.
static void
models_that_contradict_themselves_are_refused (void **state)
{
    (void)state;
    scorer_t model = {0};
    for (size_t h = 0; h < HEAD_COUNT; h++) {
        model.heads[h].count = 2;
        strcpy (model.heads[h].classes[0].code, "a");
        strcpy (model.heads[h].classes[1].code, "b");
    }
    scorer_layout (&model);
    uint32_t keys[2] = {5, 5}; // not rising
    uint8_t idf[2] = {16, 16};
    int8_t rows[2 * SCORER_BLOCK] = {1, 2};
    model.keys = keys;
    model.idf = idf;
    model.rows = rows;
    model.count = 2;
    const struct {
        uint32_t second_key;
        uint8_t second_idf;
        int8_t stray; // a weight in a column that no class has
        bool good;
    } cases[] = {{9, 16, 0, true}, {5, 16, 0, false}, {9, 0, 0, false}, {9, 16, 1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buffer_t bytes = {0};
        keys[1] = cases[i].second_key;
        idf[1] = cases[i].second_idf;
        rows[SCORER_BLOCK - 1] = cases[i].stray;
        scorer_write (&model, &bytes);
        refusal_t refusal = {0};
        scorer_t *read = scorer_read (buffer_slice (&bytes), &refusal);
        assert_int_equal (read != NULL, cases[i].good);
        if (read)
            assert_string_equal (read->version, model.version);
        scorer_destroy (&read);
        buffer_free (&bytes);
    }
}

static void
proposals_and_reports_are_decided_together (void **state)
{
    (void)state;
    refusal_t refusal = {0};
    scorer_t *scorer = scorer_load (MODEL, &refusal);
    assert_non_null (scorer);
    const scorer_head_t *head = &scorer->heads[HEAD_TYPE];
    size_t pairs = 0;
    for (size_t i = 0; i < head->count; i++) {
        size_t partner = scorer_partner (head, i);
        bool proposal = strcmp (head->classes[i].code, "kien_nghi") == 0;
        bool report = strcmp (head->classes[i].code, "phan_anh") == 0;
        assert_int_equal (partner != i, proposal || report);
        assert_int_equal (scorer_partner (head, partner), i);
        assert_true (head->classes[partner].threshold >= head->classes[i].threshold);
        pairs += partner != i;
    }
    assert_int_equal (pairs, 2);
    head = &scorer->heads[HEAD_FIELD];
    for (size_t i = 0; i < head->count; i++)
        assert_int_equal (scorer_partner (head, i), i);
    scorer_destroy (&scorer);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (proposals_and_reports_are_decided_together),
        cmocka_unit_test (features_count_words_and_letters),
        cmocka_unit_test (numbers_are_all_alike),
        cmocka_unit_test (any_text_fits),
        cmocka_unit_test (scores_are_what_the_weights_say),
        cmocka_unit_test (weights_grow_slowly_with_repeats),
        cmocka_unit_test (damaged_models_are_refused),
        cmocka_unit_test (models_that_contradict_themselves_are_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
