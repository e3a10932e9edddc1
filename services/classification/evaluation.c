#include "evaluation.h"

#include "evaluation_owner.h"
#include "text.h"

enum { CLASSES_MAX = 64, HEADS = 2 };

typedef struct {
    slice_t code;
    size_t right, missed, wrongly; // strict, of the best guess
    size_t decided, misrouted;     // lenient, of what is above the threshold
} class_row_t;

typedef struct {
    class_row_t rows[CLASSES_MAX];
    size_t classes, texts, right, accepted, decided, misrouted;
} head_table_t;

typedef struct {
    head_table_t heads[HEADS];
    owner_table_t owners;
    size_t place_texts, place_right, place_decided, place_wrong;
    struct {
        size_t right, missed, wrongly;
    } flags[FLAG_COUNT];
} tables_t;

static class_row_t *
row_of (head_table_t *table, slice_t code)
{
    for (size_t i = 0; i < table->classes; i++)
        if (slice_equals (table->rows[i].code, code))
            return &table->rows[i];
    if (table->classes == CLASSES_MAX)
        die ("more than %d labels", CLASSES_MAX);
    table->rows[table->classes] = (class_row_t){.code = code};
    return &table->rows[table->classes++];
}

static bool
accepts (const record_t *record, size_t head, slice_t code)
{
    for (size_t i = 0; i < CORPUS_ALSO; i++)
        if (record->also[head][i].size && slice_equals (record->also[head][i], code))
            return true;
    return slice_equals (record->label[head], code);
}

//  "environment.waste" -> "environment": the labels are those of the top level.
static slice_t
top_of (slice_t code)
{
    const char *dot = code.size ? memchr (code.ptr, '.', code.size) : NULL;
    return dot ? (slice_t){code.ptr, (size_t)(dot - code.ptr)} : code;
}

//  What would be routed: a proposal goes where a report goes.
static bool
routes (const record_t *record, size_t head, slice_t code)
{
    static const char *const pair[] = {"kien_nghi", "phan_anh"};
    bool paired = head == 0 && (slice_is (code, pair[0]) || slice_is (code, pair[1]));
    return accepts (record, head, code) ||
           (paired && (accepts (record, head, slice_from (pair[0])) ||
                          accepts (record, head, slice_from (pair[1]))));
}

//  The guess counts for accuracy, the value (when there is one) for what would be routed.
static void
judge_head (head_table_t *table, const record_t *record, size_t head, const label_t *label)
{
    slice_t guess = top_of (label->guesses[0].value), want = record->label[head];
    table->texts++;
    row_of (table, want);
    if (slice_equals (guess, want)) {
        table->right++;
        row_of (table, want)->right++;
    } else {
        row_of (table, want)->missed++;
        row_of (table, guess)->wrongly++;
    }
    bool accepted = accepts (record, head, guess);
    table->accepted += accepted;
    if (label->value.size) {
        table->decided++;
        bool wrong = !routes (record, head, guess);
        table->misrouted += wrong;
        row_of (table, guess)->decided++;
        row_of (table, guess)->misrouted += wrong;
    }
}

static void
judge_place (
    tables_t *tables, const record_t *record, const profile_t *profile, const label_t *label)
{
    const place_t *place = profile_place (profile, label->value);
    if (!record->places[0].size)
        return;
    bool right = false;
    for (size_t i = 0; place && i < CORPUS_PLACES; i++)
        right |= slice_equals (place->name, record->places[i]);
    tables->place_texts++;
    tables->place_right += right;
    tables->place_decided += place != NULL;
    tables->place_wrong += place && !right;
}

static void
judge_flags (tables_t *tables, const record_t *record, int64_t flags)
{
    for (int bit = 0; bit < FLAG_COUNT; bit++) {
        bool said = flags >> bit & 1, is = record->flags >> bit & 1;
        tables->flags[bit].right += said && is;
        tables->flags[bit].missed += !said && is;
        tables->flags[bit].wrongly += said && !is;
    }
}

//  --- printing

static double
share (size_t part, size_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static double
f1_of (const class_row_t *row)
{
    size_t errors = row->missed + row->wrongly;
    return row->right ? 200.0 * (double)row->right / (double)(2 * row->right + errors) : 0;
}

static void
print_head (const head_table_t *table, const char *name, FILE *out)
{
    double sum = 0;
    size_t classes = 0;
    fprintf (out, "\n%-18s %6s %9s %7s %6s %8s %10s\n", name, "texts", "precision", "recall", "F1",
        "decided", "misrouted");
    for (size_t i = 0; i < table->classes; i++) {
        const class_row_t *row = &table->rows[i];
        size_t texts = row->right + row->missed;
        if (texts) {
            sum += f1_of (row);
            classes++;
        }
        fprintf (out, "%-18.*s %6zu %9.1f %7.1f %6.1f %8zu %10zu\n", SLICE_ARGS (row->code), texts,
            share (row->right, row->right + row->wrongly), share (row->right, texts), f1_of (row),
            row->decided, row->misrouted);
    }
    fprintf (out,
        "accuracy %.1f %% (%.1f %% where a second label is accepted), macro-F1 %.1f\n"
        "decided %.1f %%, of these wrong %.1f %%; left to a human %.1f %%\n",
        share (table->right, table->texts), share (table->accepted, table->texts),
        classes ? sum / (double)classes : 0, share (table->decided, table->texts),
        share (table->misrouted, table->decided), 100 - share (table->decided, table->texts));
}

static void
print_flags (const tables_t *tables, FILE *out)
{
    fprintf (out, "\n%-18s %6s %9s %7s\n", "flag", "texts", "precision", "recall");
    for (int bit = 0; bit < FLAG_COUNT; bit++) {
        size_t right = tables->flags[bit].right, texts = right + tables->flags[bit].missed;
        if (texts)
            fprintf (out, "%-18s %6zu %9.1f %7.1f\n", flag_code ((flag_bit_t)bit), texts,
                share (right, right + tables->flags[bit].wrongly), share (right, texts));
    }
}

static void
print_tables (const tables_t *tables, const char *title, FILE *out)
{
    fprintf (out, "\n== %s: %zu texts\n", title, tables->heads[0].texts);
    print_head (&tables->heads[0], "type", out);
    print_head (&tables->heads[1], "field", out);
    if (tables->place_texts)
        fprintf (out, "\nplace: %zu texts that have one; decided %.1f %%, of these wrong %.1f %%\n",
            tables->place_texts, share (tables->place_decided, tables->place_texts),
            share (tables->place_wrong, tables->place_decided));
    const owner_table_t *owners = &tables->owners;
    fprintf (out,
        "owner: %zu proposals and reports name their place; %zu texts (%.1f %%) assigned alone, of "
        "these wrong %zu (%.1f %%)\n",
        owners->texts, owners->alone, share (owners->alone, owners->texts), owners->wrong,
        share (owners->wrong, owners->alone));
    print_flags (tables, out);
}

static void
run_part (const corpus_t *corpus, const classifier_t *classifier, const profile_t *profile,
    part_t part, bool plain, const char *title, FILE *out)
{
    FILE *errors = part == PART_TUNE ? out : NULL;
    tables_t tables = {0};
    arena_t *arena = arena_new ();
    for (size_t i = 0; i < corpus->count; i++) {
        const record_t *record = &corpus->records[i];
        if (record->part != part)
            continue;
        petition_t petition = {.text = plain ? record->plain : record->text};
        labels_t labels;
        arena_reset (arena);
        classify (classifier, &petition, arena, &labels);
        judge_head (&tables.heads[0], record, 0, &labels.type);
        judge_head (&tables.heads[1], record, 1, &labels.field);
        judge_place (&tables, record, profile, &labels.place);
        judge_flags (&tables, record, labels.flags);
        owner_table_add (&tables.owners, record, &labels, profile, arena, errors);
    }
    arena_destroy (&arena);
    if (tables.heads[0].texts)
        print_tables (&tables, title, out);
}

void
evaluation_print (const corpus_t *corpus, const classifier_t *classifier, const profile_t *profile,
    bool tune, FILE *out)
{
    static const struct {
        part_t part;
        bool plain;
        const char *title;
    } parts[] = {
        {PART_TUNE, false, "written texts, the part on which thresholds are chosen"},
        {PART_TUNE, true, "the same without diacritics"},
        {PART_TEST, false, "written texts, test part"},
        {PART_TEST, true, "written texts, test part, without diacritics"},
        {PART_REAL, false, "real texts"},
        {PART_REAL, true, "real texts, without diacritics"},
    };
    fprintf (out,
        "Model %s. \"Decided\": above the threshold; \"misrouted\": decided and neither the label "
        "nor\none that a careful reader accepts (of proposal and report: neither of both).\n",
        classifier_version (classifier));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if ((parts[i].part == PART_TUNE) == tune)
            run_part (
                corpus, classifier, profile, parts[i].part, parts[i].plain, parts[i].title, out);
    fprintf (out,
        "\nComplaints and denunciations exist only as texts written for this project: the figures "
        "on them\nsay nothing yet about real letters.\n");
}
