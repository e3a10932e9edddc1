//  Scores the way from a letter to its one responsible body on cases whose answer is known:
//
//      facts   competence alone: type and field given, the facts as a careful reader takes them
//      finer   the same, and the reader names the finer field where one fits
//      given   type and field given, everything else found in the text by the classifier
//      text    everything from the text
//
//  What matters is that few owners are wrong; leaving a case to the desk is no mistake.

#include <getopt.h>
#include <stdio.h>

#include "assignment/party.h"
#include "classification/classify.h"
#include "routing_cases.h"

typedef enum { RIGHT, ACCEPTABLE, ABSTAINED, PREMATURE, WRONG, GRADES } grade_t;

static const char *const GRADE_NAMES[GRADES] = {
    [RIGHT] = "right",
    [ACCEPTABLE] = "acceptable",
    [ABSTAINED] = "left to the desk",
    [PREMATURE] = "premature",
    [WRONG] = "wrong",
};

typedef struct {
    const char *data, *facts, *profile, *model;
    const char *round; // only this one; NULL = all
    long most_wrong;   // exit status 1 when a round has more; -1 = no limit
} settings_t;

typedef struct {
    settings_t settings;
    profile_t *profile;
    classifier_t *classifier;
    arena_t *arena;
    routing_cases_t cases;
} evaluation_t;

static void
die_refused (const refusal_t *refusal)
{
    die ("%s: %s", refusal->field, refusal->text);
}

//  --- rounds

static void
matter_from_labels (
    const evaluation_t *self, const sample_t *sample, petition_t *petition, matter_t *matter)
{
    labels_t labels = {0};
    petition->desk = sample->desk->id;
    petition->text = slice_from (sample->text);
    classify (self->classifier, petition, self->arena, &labels);
    *matter = (matter_t){.type = type_from (labels.type.value),
        .field = labels.field.value,
        .place = labels.place.value,
        .respondent = labels.respondent.value,
        .instance = labels.instance,
        .flags = labels.flags};
}

static void
facts_round (const evaluation_t *self, const sample_t *sample, matter_t *matter)
{
    (void)self;
    *matter = sample->facts;
    matter->type = sample->type;
    matter->field = sample->field;
}

static void
finer_round (const evaluation_t *self, const sample_t *sample, matter_t *matter)
{
    facts_round (self, sample, matter);
    if (sample->facts.field.size)
        matter->field = sample->facts.field;
}

static void
given_round (const evaluation_t *self, const sample_t *sample, matter_t *matter)
{
    petition_t petition = {.type = slice_from (type_code (sample->type)), .field = sample->field};
    matter_from_labels (self, sample, &petition, matter);
    matter->type = sample->type;
    matter->field = sample->field;
}

static void
text_round (const evaluation_t *self, const sample_t *sample, matter_t *matter)
{
    petition_t petition = {0};
    matter_from_labels (self, sample, &petition, matter);
}

static const struct {
    const char *name;
    void (*fill) (const evaluation_t *, const sample_t *, matter_t *);
} ROUNDS[] = {
    {"facts", facts_round}, {"finer", finer_round}, {"given", given_round}, {"text", text_round}};

//  --- grades

//  The body whose head settles answers for the case, whichever unit does the work for him.
static bool
names (const evaluation_t *self, const char *name, const competent_t *got)
{
    const unit_t *unit = routing_unit_named (&self->cases, name);
    if (!unit || !got->unit)
        return false;
    return unit == got->unit || (unit->head.size && slice_equals (got->person, unit->head));
}

static bool
is_one_of (const char *word, const char *const *words)
{
    while (*words && strcmp (word, *words) != 0)
        words++;
    return *words != NULL;
}

static bool
also_accepts (const evaluation_t *self, const sample_t *sample, const competent_t *got)
{
    for (size_t i = 0; i < json_array_size (sample->also); i++) {
        const char *name = json_string_value (json_array_get (sample->also, i));
        bool desk = strcmp (name, "triage") == 0 ||
                    routing_unit_named (&self->cases, name) == sample->desk->unit;
        if (got->unit ? names (self, name, got) : desk)
            return true;
    }
    return false;
}

//  A proposal or report with a sub-unit of the expected department is in the right house.
static bool
is_part_of (const evaluation_t *self, const sample_t *sample, const competent_t *got)
{
    const unit_t *expected = routing_unit_named (&self->cases, sample->expected);
    bool proposal = sample->type == TYPE_KIEN_NGHI || sample->type == TYPE_PHAN_ANH;
    return proposal && expected && got->unit && expected->level == LEVEL_DEPARTMENT &&
           party_answers_to (got->unit, expected);
}

//  Filing and returning are the desk's decisions: to name an owner there is premature, and a human
//  sees it first; to leave the case to the desk is right.
static grade_t
grade (const evaluation_t *self, const sample_t *sample, const competent_t *got)
{
    static const char *const DESK_DECIDES[] = {"triage", "luu", NULL};
    static const char *const NO_OWNER[] = {"luu", "tra_lai", NULL};
    if (!got->unit && is_one_of (sample->decision, DESK_DECIDES))
        return RIGHT;
    if (got->unit && names (self, sample->expected, got))
        return RIGHT;
    if (also_accepts (self, sample, got) || is_part_of (self, sample, got))
        return ACCEPTABLE;
    if (!got->unit)
        return ABSTAINED;
    return is_one_of (sample->decision, NO_OWNER) ? PREMATURE : WRONG;
}

static void
print_sample (const sample_t *sample, const matter_t *matter, const competent_t *got, grade_t mark)
{
    printf ("  %s %-9s expected %s (%s; %s)\n            got %.*s, %.*s [%.*s]%s; respondent %.*s, "
            "place %.*s, field %.*s, type %s\n",
        sample->id, GRADE_NAMES[mark], sample->expected, sample->decision, sample->basis,
        SLICE_ARGS (got->unit->name), SLICE_ARGS (got->person), SLICE_ARGS (got->basis),
        got->certain ? " ALONE" : "", SLICE_ARGS (matter->respondent), SLICE_ARGS (matter->place),
        SLICE_ARGS (matter->field), type_code (matter->type));
}

typedef struct {
    int grades[GRADES], alone, alone_wrong;
} score_t;

static score_t
run_round (const evaluation_t *self, size_t round)
{
    score_t score = {0};
    for (size_t i = 0; i < self->cases.count; i++) {
        const sample_t *sample = &self->cases.samples[i];
        matter_t matter = {0};
        competent_t got = {0};
        ROUNDS[round].fill (self, sample, &matter);
        matter.desk = sample->desk;
        matter.at_ms = sample->at_ms;
        competence_find (self->profile, &matter, self->arena, &got);
        grade_t mark = grade (self, sample, &got);
        score.grades[mark]++;
        score.alone += got.certain;
        score.alone_wrong += got.certain && mark >= PREMATURE;
        if (mark >= PREMATURE)
            print_sample (sample, &matter, &got, mark);
    }
    return score;
}

static void
print_score (const char *name, const score_t *score, size_t count)
{
    printf ("%-6s", name);
    for (int i = 0; i < GRADES; i++)
        printf (" | %3d %s", score->grades[i], GRADE_NAMES[i]);
    printf (" | of %zu; assigned without a human %d, of these wrong %d\n", count, score->alone,
        score->alone_wrong);
}

static bool
is_wanted (const settings_t *settings, const char *round)
{
    return !settings->round || strcmp (settings->round, round) == 0;
}

static int
evaluate (const evaluation_t *self)
{
    enum { COUNT = sizeof ROUNDS / sizeof *ROUNDS };
    score_t scores[COUNT] = {0};
    int status = 0;
    for (size_t i = 0; i < COUNT; i++) {
        if (!is_wanted (&self->settings, ROUNDS[i].name))
            continue;
        printf ("%s: owners that are not the expected ones\n", ROUNDS[i].name);
        scores[i] = run_round (self, i);
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (!is_wanted (&self->settings, ROUNDS[i].name))
            continue;
        print_score (ROUNDS[i].name, &scores[i], self->cases.count);
        if (self->settings.most_wrong >= 0 && scores[i].grades[WRONG] > self->settings.most_wrong)
            status = 1;
    }
    return status;
}

//  --- the program

static const char USAGE[] =
    "usage: daumoi-evaluate-routing [--data FILE] [--facts FILE] [--profile DIR] [--model FILE]\n"
    "                               [--round NAME] [--most-wrong N]\n"
    "Scores competence and classification on cases whose responsible body is known.\n"
    "  --round NAME     only facts or finer (need no model), given or text\n"
    "  --most-wrong N   exit status 1 when a round names more than N wrong owners\n";

static const struct option OPTIONS[] = {{"data", required_argument, NULL, 'd'},
    {"facts", required_argument, NULL, 'f'}, {"profile", required_argument, NULL, 'p'},
    {"model", required_argument, NULL, 'm'}, {"round", required_argument, NULL, 'r'},
    {"most-wrong", required_argument, NULL, 'w'}, {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static void
read_options (settings_t *self, int argc, char **argv)
{
    int option;
    while ((option = getopt_long (argc, argv, "", OPTIONS, NULL)) != -1) {
        const char **text = option == 'd'   ? &self->data
                            : option == 'f' ? &self->facts
                            : option == 'p' ? &self->profile
                            : option == 'm' ? &self->model
                            : option == 'r' ? &self->round
                                            : NULL;
        if (text)
            *text = optarg;
        else if (option == 'w')
            self->most_wrong = atol (optarg);
        else {
            fputs (USAGE, option == 'h' ? stdout : stderr);
            exit (option == 'h' ? 0 : 2);
        }
    }
}

int
main (int argc, char **argv)
{
    evaluation_t self = {.settings = {.data = "tests/data/routing-cases.jsonl",
                             .facts = "tests/data/routing-facts.tsv",
                             .profile = "deploy/profiles/quang-ninh",
                             .model = "services/classification/model.bin",
                             .most_wrong = -1},
        .arena = arena_new ()};
    refusal_t refusal = {0};
    read_options (&self.settings, argc, argv);
    self.profile = profile_load (self.settings.profile, NULL, &refusal);
    if (!self.profile)
        die_refused (&refusal);
    bool reads = is_wanted (&self.settings, "given") || is_wanted (&self.settings, "text");
    if (reads)
        self.classifier = classifier_new (self.settings.model, self.profile, &refusal);
    if (refusal.code)
        die_refused (&refusal);
    routing_cases_read (
        &self.cases, self.profile, self.arena, self.settings.data, self.settings.facts);
    int status = evaluate (&self);
    routing_cases_free (&self.cases);
    arena_destroy (&self.arena);
    classifier_destroy (&self.classifier);
    profile_destroy (&self.profile);
    return status;
}
