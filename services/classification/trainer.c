#include "trainer.h"

#include <linear.h>
#include <math.h>
#include <stdio.h>

//  Chosen on the tune part.
enum { TEXTS_LEAST = 2 };                        // a feature of one text is noise
static const double COST[HEAD_COUNT] = {64, 16}; // of a wrong training text
//  How much a feature's own leaning to a class counts beforehand: 0 = not at all (log-count ratio
//  as in "NB-SVM", Wang and Manning 2012). It helps the many thin classes of the field.
static const double LEANING[HEAD_COUNT] = {0, 0.4};
static const double RARITY = 1.0;  // how much more a rare feature weighs
static const double LETTERS = 0.3; // how much less letters weigh than words
//  Of the decided, at most this share may be wrong on the tune part; below the goal of 5 %, because
//  the settings above were chosen on the same texts.
static const double WRONG_MOST = 0.04;
//  Of what is decided as proposal or report, at most this share may be a complaint or denunciation:
//  a unit that is given one as a report may be the one complained of.
static const double GRAVE_MOST = 0.0025;

typedef struct {
    const record_t *record;
    slice_t text;
    struct feature_node *nodes;
} example_t;

typedef struct {
    example_t *items;
    size_t count;
} examples_t;

static examples_t
examples_of (const corpus_t *corpus, part_t part)
{
    examples_t all = {mem_new (corpus->count * 2 * sizeof (example_t)), 0};
    for (size_t i = 0; i < corpus->count; i++) {
        const record_t *record = &corpus->records[i];
        if (record->part != part)
            continue;
        all.items[all.count++] = (example_t){record, record->text, NULL};
        all.items[all.count++] = (example_t){record, record->plain, NULL};
    }
    return all;
}

static void
examples_free (examples_t *self)
{
    for (size_t i = 0; i < self->count; i++)
        free (self->items[i].nodes);
    free (self->items);
}

//  --- which features, and how rare they are

static int
by_key (const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

//  Every key once per text (as written), sorted: how often a key stands there is in how many texts
//  it occurs.
static uint32_t *
keys_collect (const examples_t *train, size_t *count, size_t *texts)
{
    uint32_t *keys = NULL;
    size_t room = 0;
    arena_t *arena = arena_new ();
    *count = *texts = 0;
    for (size_t i = 0; i < train->count; i += 2, ++*texts) {
        features_t features;
        arena_reset (arena);
        features_read (train->items[i].text, arena, &features);
        if (*count + features.used > room) {
            room = (*count + features.used) * 2;
            keys = mem_grow (keys, room * sizeof *keys);
        }
        for (size_t f = 0; f < features.used; f++)
            keys[(*count)++] = features.slots[features.taken[f]].key;
    }
    arena_destroy (&arena);
    if (keys)
        qsort (keys, *count, sizeof *keys, by_key);
    return keys;
}

static uint8_t
idf_of (uint32_t key, size_t texts, size_t with)
{
    double rarity = RARITY * log ((double)(texts + 1) / (double)with);
    double kind = features_key_is_letters (key) ? LETTERS : 1;
    long idf = lround (rarity * kind * SCORER_IDF_ONE);
    return (uint8_t)(idf < 1 ? 1 : idf > SCORER_IDF_MAX ? SCORER_IDF_MAX : idf);
}

static void
features_choose (scorer_t *self, const examples_t *train)
{
    size_t count, texts;
    uint32_t *keys = keys_collect (train, &count, &texts);
    self->keys = mem_new (count * sizeof *self->keys);
    self->idf = mem_new (count);
    for (size_t at = 0, next; at < count; at = next) {
        for (next = at + 1; next < count && keys[next] == keys[at];)
            next++;
        if (next - at < TEXTS_LEAST)
            continue;
        self->idf[self->count] = idf_of (keys[at], texts, next - at);
        self->keys[self->count++] = keys[at];
    }
    free (keys);
}

//  --- weights

static int
by_index (const void *a, const void *b)
{
    return ((const struct feature_node *)a)->index - ((const struct feature_node *)b)->index;
}

//  The text as liblinear wants it: known features by row, length 1, a constant 1 behind them.
static struct feature_node *
nodes_of (const scorer_t *self, slice_t text, arena_t *arena)
{
    features_t features;
    arena_reset (arena);
    features_read (text, arena, &features);
    struct feature_node *nodes = mem_new ((features.used + 2) * sizeof *nodes);
    size_t count = 0;
    double square = 0;
    for (size_t f = 0; f < features.used; f++) {
        const feature_t *feature = &features.slots[features.taken[f]];
        int64_t row = scorer_row (self, feature->key);
        if (row < 0)
            continue;
        double weight = scorer_weigh (self, row, feature->count);
        square += weight * weight;
        nodes[count++] = (struct feature_node){(int)row + 1, weight};
    }
    qsort (nodes, count, sizeof *nodes, by_index);
    for (size_t i = 0; i < count; i++)
        nodes[i].value /= sqrt (square);
    nodes[count++] = (struct feature_node){(int)self->count + 1, 1};
    nodes[count] = (struct feature_node){-1, 0};
    return nodes;
}

static void
nodes_make (const scorer_t *self, examples_t *examples)
{
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < examples->count; i++)
        examples->items[i].nodes = nodes_of (self, examples->items[i].text, arena);
    arena_destroy (&arena);
}

static size_t
class_of (const scorer_head_t *head, slice_t code)
{
    size_t i = 0;
    while (i < head->count && !slice_is (code, head->classes[i].code))
        i++;
    return i;
}

static int
by_code (const void *a, const void *b)
{
    return strcmp (((const scorer_class_t *)a)->code, ((const scorer_class_t *)b)->code);
}

static void
classes_collect (scorer_t *self, const examples_t *train)
{
    for (size_t h = 0; h < HEAD_COUNT; h++) {
        scorer_head_t *head = &self->heads[h];
        for (size_t i = 0; i < train->count; i++) {
            slice_t code = train->items[i].record->label[h];
            if (class_of (head, code) < head->count)
                continue;
            if (head->count == SCORER_CLASSES_MAX || code.size >= SCORER_CODE_MAX)
                die ("too many or too long labels in the data");
            memcpy (head->classes[head->count++].code, code.ptr, code.size);
        }
        qsort (head->classes, head->count, sizeof *head->classes, by_code);
    }
}

//  A column of weights in bytes; one step is 1/127 of the largest.
static void
column_set (scorer_t *self, const struct model *model, size_t h, size_t c)
{
    scorer_class_t *class = &self->heads[h].classes[c];
    double sign = model->label[0] == 1 ? 1 : -1; // liblinear's weights speak for its first label
    double most = 0;
    for (size_t i = 0; i < self->count; i++)
        most = fmax (most, fabs (model->w[i]));
    class->scale = most > 0 ? (float)(most / 127) : 1;
    class->bias = (float)(sign * model->w[self->count]);
    for (size_t i = 0; i < self->count; i++) {
        double weight = sign * model->w[i] / (double)class->scale;
        self->rows[i * self->stride + self->heads[h].first + c] = (int8_t)lround (weight);
    }
}

static void
print_nothing (const char *text)
{
    (void)text;
}

//  How strongly each feature leans to one side: the logarithm of how much more often texts of the
//  class have it than the others. Row by row, 1 for the constant.
static double *
leanings_of (const struct problem *problem, double share)
{
    size_t count = (size_t)problem->n;
    double *with[2] = {mem_new (count * sizeof (double)), mem_new (count * sizeof (double))};
    double texts[2] = {0, 0};
    for (int i = 0; i < problem->l; i++) {
        int side = problem->y[i] > 0;
        texts[side]++;
        for (const struct feature_node *node = problem->x[i]; node->index > 0; node++)
            with[side][node->index - 1]++;
    }
    for (size_t f = 0; f < count; f++) {
        double in = (with[1][f] + 1) / (texts[1] + 2), out = (with[0][f] + 1) / (texts[0] + 2);
        with[0][f] = 1 - share + share * fabs (log (in / out));
    }
    with[0][count - 1] = 1;
    free (with[1]);
    return with[0];
}

static struct feature_node *
nodes_scaled (const struct feature_node *nodes, const double *by)
{
    size_t count = 0;
    while (nodes[count].index > 0)
        count++;
    struct feature_node *scaled = mem_new ((count + 1) * sizeof *scaled);
    for (size_t i = 0; i < count; i++)
        scaled[i] = (struct feature_node){nodes[i].index, nodes[i].value * by[nodes[i].index - 1]};
    scaled[count] = nodes[count];
    return scaled;
}

//  One class against the rest; a text that a careful reader would also put into the class speaks
//  neither for nor against it.
static struct problem
class_problem (const scorer_t *self, size_t h, size_t c, const examples_t *examples)
{
    const char *code = self->heads[h].classes[c].code;
    struct problem problem = {.n = (int)self->count + 1, .bias = -1};
    problem.y = mem_new (examples->count * sizeof *problem.y);
    problem.x = mem_new (examples->count * sizeof (struct feature_node *));
    for (size_t i = 0; i < examples->count; i++) {
        const record_t *record = examples->items[i].record;
        bool is = slice_is (record->label[h], code);
        if (!is && record_accepts (record, h, code, true))
            continue;
        problem.y[problem.l] = is ? 1 : -1;
        problem.x[problem.l++] = examples->items[i].nodes;
    }
    return problem;
}

static void
class_train (scorer_t *self, size_t h, size_t c, const examples_t *examples)
{
    struct problem problem = class_problem (self, h, c, examples);
    double *leanings = leanings_of (&problem, LEANING[h]);
    for (int i = 0; i < problem.l; i++)
        problem.x[i] = nodes_scaled (problem.x[i], leanings);
    struct parameter parameter = {.solver_type = L2R_LR, .eps = 0.01, .C = COST[h]};
    struct model *model = train (&problem, &parameter);
    for (int f = 0; f < problem.n; f++)
        model->w[f] *= leanings[f];
    column_set (self, model, h, c);
    free_and_destroy_model (&model);
    for (int i = 0; i < problem.l; i++)
        free (problem.x[i]);
    free (problem.y);
    free (problem.x);
    free (leanings);
}

static void
head_train (scorer_t *self, size_t h, const examples_t *examples)
{
    set_print_string_function (print_nothing);
    for (size_t c = 0; c < self->heads[h].count; c++)
        class_train (self, h, c, examples);
}

//  --- calibration on texts that the weights have not seen

typedef struct {
    float logits[SCORER_CLASSES_MAX];
    size_t right;
    const record_t *record;
} judged_t;

//  Logits of head h up to a constant: the logarithm of what the scorer says at sharpness 1.
static void
judge (const scorer_t *self, size_t h, const example_t *example, arena_t *arena, judged_t *out)
{
    features_t features;
    scores_t scores;
    arena_reset (arena);
    features_read (example->text, arena, &features);
    scorer_score (self, &features, &scores);
    out->record = example->record;
    out->right = class_of (&self->heads[h], example->record->label[h]);
    for (size_t i = 0; i < self->heads[h].count; i++)
        out->logits[i] = logf (fmaxf (scores.probability[h][i], 1e-30f));
}

static double
loss_of (const judged_t *all, size_t count, size_t classes, float sharpness)
{
    double loss = 0;
    for (size_t i = 0; i < count; i++) {
        float probability[SCORER_CLASSES_MAX];
        memcpy (probability, all[i].logits, sizeof probability);
        scorer_calibrate (probability, classes, sharpness);
        if (all[i].right < classes)
            loss -= log (fmax ((double)probability[all[i].right], 1e-9));
    }
    return loss;
}

//  The sharpness with the least surprise, by narrowing in on a bowl-shaped function.
static float
sharpness_find (const judged_t *all, size_t count, size_t classes)
{
    float low = 0.2f, high = 8;
    for (int i = 0; i < 40; i++) {
        float third = (high - low) / 3;
        if (loss_of (all, count, classes, low + third) <
            loss_of (all, count, classes, high - third))
            high -= third;
        else
            low += third;
    }
    return (low + high) / 2;
}

typedef struct {
    float confidence;
    bool wrong, grave, paired;
} decision_t;

static int
by_confidence (const void *a, const void *b)
{
    float x = ((const decision_t *)a)->confidence, y = ((const decision_t *)b)->confidence;
    return (x < y) - (x > y);
}

//  A class with a partner is decided, and right, together with it.
static decision_t
decide (const judged_t *judged, size_t h, const scorer_head_t *head)
{
    float probability[SCORER_CLASSES_MAX], most = -1;
    memcpy (probability, judged->logits, sizeof probability);
    scorer_calibrate (probability, head->count, head->sharpness);
    size_t best = 0;
    for (size_t i = 0; i < head->count; i++) {
        size_t partner = scorer_partner (head, i);
        float sum = probability[i] + (partner == i ? 0 : probability[partner]);
        best = sum > most ? i : best;
        most = fmaxf (sum, most);
    }
    size_t partner = scorer_partner (head, best);
    bool right = record_accepts (judged->record, h, head->classes[best].code, true) ||
                 record_accepts (judged->record, h, head->classes[partner].code, true);
    slice_t label = judged->record->label[h];
    bool grave = slice_is (label, "to_cao") || slice_is (label, "khieu_nai");
    return (decision_t){most, !right, !right && grave && partner != best, partner != best};
}

//  The lowest threshold at which few enough of the decided are wrong; `paired`: among those that
//  are decided by a sum, else among the others.
static float
threshold_find (const judged_t *all, size_t count, size_t h, const scorer_head_t *head, bool paired)
{
    decision_t *decisions = mem_new (count * sizeof *decisions);
    size_t found = 0, wrong = 0, grave = 0;
    for (size_t i = 0; i < count; i++) {
        decisions[found] = decide (&all[i], h, head);
        found += decisions[found].paired == paired;
    }
    qsort (decisions, found, sizeof *decisions, by_confidence);
    float threshold = 1;
    for (size_t i = 0; i < found; i++) {
        wrong += decisions[i].wrong;
        grave += decisions[i].grave;
        if ((double)wrong <= WRONG_MOST * (double)(i + 1) &&
            (double)grave <= GRAVE_MOST * (double)(i + 1))
            threshold = decisions[i].confidence;
    }
    free (decisions);
    return threshold;
}

static void
head_calibrate (scorer_t *self, size_t h, const examples_t *tune)
{
    scorer_head_t *head = &self->heads[h];
    head->sharpness = 1;
    judged_t *judged = mem_new (tune->count * sizeof *judged);
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < tune->count; i++)
        judge (self, h, &tune->items[i], arena, &judged[i]);
    arena_destroy (&arena);
    head->sharpness = sharpness_find (judged, tune->count, head->count);
    const float thresholds[] = {threshold_find (judged, tune->count, h, head, false),
        threshold_find (judged, tune->count, h, head, true)};
    for (size_t i = 0; i < head->count; i++)
        head->classes[i].threshold = thresholds[scorer_partner (head, i) != i];
    free (judged);
}

scorer_t *
trainer_run (const corpus_t *corpus)
{
    scorer_t *self = mem_new (sizeof *self);
    examples_t train = examples_of (corpus, PART_TRAIN), tune = examples_of (corpus, PART_TUNE);
    classes_collect (self, &train);
    scorer_layout (self);
    features_choose (self, &train);
    scorer_index (self);
    self->rows = mem_new (self->count * self->stride);
    fprintf (
        stderr, "%zu texts, %zu features, %zu classes\n", train.count, self->count, self->columns);
    nodes_make (self, &train);
    for (size_t h = 0; h < HEAD_COUNT; h++) {
        head_train (self, h, &train);
        head_calibrate (self, h, &tune);
        fprintf (stderr, "head %zu trained: sharpness %.2f\n", h, (double)self->heads[h].sharpness);
        for (size_t i = 0; i < self->heads[h].count; i++)
            fprintf (stderr, "  %s: threshold %.3f\n", self->heads[h].classes[i].code,
                (double)self->heads[h].classes[i].threshold);
    }
    examples_free (&train);
    examples_free (&tune);
    return self;
}
