//  Scores the way from a letter to its one responsible body on cases whose answer is known:
//
//      facts   competence alone: type and field given, the facts as a careful reader takes them
//      given   type and field given, everything else found in the text by the classifier
//      text    everything from the text
//
//  What matters is that few owners are wrong; leaving a case to the desk is no mistake.

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>

#include "assignment/competence.h"
#include "classification/classify.h"
#include "clock.h"
#include "text.h"

typedef enum { RIGHT, ACCEPTABLE, ABSTAINED, PREMATURE, WRONG, GRADES } grade_t;

static const char *const GRADE_NAMES[GRADES] = {
    [RIGHT] = "right",
    [ACCEPTABLE] = "acceptable",
    [ABSTAINED] = "left to the desk",
    [PREMATURE] = "premature",
    [WRONG] = "wrong",
};

typedef struct {
    slice_t name; // folded
    const unit_t *unit;
} named_t;

typedef struct {
    const char *id, *text, *expected, *decision, *basis;
    json_t *also;
    const desk_t *desk;
    petition_type_t type;
    slice_t field;
    int64_t at_ms;
    matter_t facts; // as a reader takes them
} sample_t;

typedef struct {
    const char *data, *facts, *profile, *model;
    const char *round; // only this one; NULL = all
    long most_wrong;   // exit status 1 when a round has more; -1 = no limit
} settings_t;

typedef struct {
    settings_t settings;
    profile_t *profile;
    classifier_t *classifier;
    arena_t *arena; // lives as long as the run
    json_t *records;
    named_t *names;
    size_t name_count;
    sample_t *samples;
    size_t count;
} evaluation_t;

static void
die_refused (const refusal_t *refusal)
{
    die ("%s: %s", refusal->field, refusal->text);
}

//  --- names of bodies

static void
add_name (evaluation_t *self, slice_t folded, const unit_t *unit)
{
    if (!folded.size)
        return;
    self->names = mem_grow (self->names, (self->name_count + 1) * sizeof *self->names);
    self->names[self->name_count++] = (named_t){folded, unit};
}

static void
add_names_of (evaluation_t *self, const unit_t *unit)
{
    slice_t rest = unit->aliases;
    add_name (self, text_fold (unit->name, self->arena), unit);
    while (rest.size) {
        const char *cut = memchr (rest.ptr, '|', rest.size);
        size_t size = cut ? (size_t)(cut - rest.ptr) : rest.size;
        add_name (self, (slice_t){rest.ptr, size}, unit);
        size += cut != NULL;
        rest = (slice_t){rest.ptr + size, rest.size - size};
    }
}

static void
collect_names (evaluation_t *self)
{
    size_t count = 0;
    const unit_t *units = profile_units (self->profile, &count);
    for (size_t i = 0; i < count; i++)
        add_names_of (self, &units[i]);
    add_name (self, SLICE ("chu tich ubnd tinh"), profile_top (self->profile));
}

static const unit_t *
unit_named (const evaluation_t *self, const char *name)
{
    slice_t folded = text_fold (slice_from (name), self->arena);
    for (size_t i = 0; i < self->name_count; i++)
        if (slice_equals (self->names[i].name, folded))
            return self->names[i].unit;
    return NULL;
}

static slice_t
place_named (const evaluation_t *self, const char *name)
{
    size_t count = 0;
    const place_t *places = profile_places (self->profile, &count);
    slice_t folded = text_fold (slice_from (name), self->arena);
    for (size_t i = 0; i < count; i++) {
        slice_t whole = text_fold (places[i].name, self->arena);
        bool ends = whole.size > folded.size && whole.ptr[whole.size - folded.size - 1] == ' ' &&
                    memcmp (whole.ptr + whole.size - folded.size, folded.ptr, folded.size) == 0;
        if (folded.size && (slice_equals (whole, folded) || ends))
            return places[i].code;
    }
    return (slice_t){NULL, 0};
}

//  --- cases

static const desk_t *
desk_named (const evaluation_t *self, const char *name)
{
    size_t count = 0;
    const desk_t *desks = profile_desks (self->profile, &count);
    const desk_t *desk = profile_desk (self->profile, slice_from (name));
    slice_t place = desk ? (slice_t){NULL, 0} : place_named (self, name);
    for (size_t i = 0; i < count && !desk && place.size; i++)
        if (slice_equals (desks[i].place, place))
            desk = &desks[i];
    if (!desk)
        die ("%s: no desk \"%s\" in the profile", self->settings.data, name);
    return desk;
}

static const char *
text_of (const json_t *record, const char *key)
{
    const char *text = json_string_value (json_object_get (record, key));
    if (!text)
        die ("a case has no \"%s\"", key);
    return text;
}

static void
read_sample (evaluation_t *self, const json_t *record)
{
    const json_t *expect = json_object_get (record, "expect");
    sample_t *sample = &self->samples[self->count++];
    *sample = (sample_t){.id = text_of (record, "id"),
        .text = text_of (record, "text"),
        .expected = text_of (expect, "unit"),
        .decision = text_of (expect, "decision"),
        .basis = text_of (expect, "basis"),
        .also = json_object_get (expect, "also_acceptable"),
        .desk = desk_named (self, text_of (record, "desk")),
        .type = type_from (slice_from (text_of (record, "type"))),
        .field = slice_from (text_of (record, "field"))};
    if (clock_read (slice_from (text_of (record, "received")), &sample->at_ms))
        die ("%s: \"received\" is no date", sample->id);
}

static void
read_samples (evaluation_t *self)
{
    FILE *file = fopen (self->settings.data, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file)
        die ("%s: cannot be read", self->settings.data);
    self->records = json_array ();
    while (getline (&line, &room, file) > 0) {
        json_error_t error;
        json_t *record = json_loads (line, 0, &error);
        if (!record)
            die ("%s: %s", self->settings.data, error.text);
        json_array_append_new (self->records, record);
    }
    free (line);
    fclose (file);
    size_t count = json_array_size (self->records);
    self->samples = mem_new ((count + 1) * sizeof *self->samples);
    for (size_t i = 0; i < count; i++)
        read_sample (self, json_array_get (self->records, i));
}

//  --- facts as a reader takes them: id, respondent, role, instance, place, flags

static int64_t
flags_from (char *list)
{
    int64_t flags = 0;
    char *rest = NULL;
    for (char *word = strtok_r (list, ",", &rest); word; word = strtok_r (NULL, ",", &rest))
        for (int bit = 0; bit < FLAG_COUNT; bit++)
            if (strcmp (flag_code ((flag_bit_t)bit), word) == 0)
                flags |= INT64_C (1) << bit;
    return flags;
}

static slice_t
respondent_from (const evaluation_t *self, const char *id, const char *name, const char *role)
{
    const unit_t *unit = *name ? unit_named (self, name) : NULL;
    if (*name && !unit)
        fprintf (stderr, "%s: no unit \"%s\" in the profile\n", id, name);
    if (!unit)
        return (slice_t){NULL, 0};
    return *role ? arena_printf (self->arena, "%.*s/%s", SLICE_ARGS (unit->id), role) : unit->id;
}

static void
read_facts_line (evaluation_t *self, char *line)
{
    enum { ID, RESPONDENT, ROLE, INSTANCE, PLACE, FLAGS, COLUMNS };
    char *column[COLUMNS];
    line[strcspn (line, "\n")] = '\0';
    for (int i = 0; i < COLUMNS; i++)
        if (!(column[i] = strsep (&line, "\t")))
            die ("%s: a line with %d columns", self->settings.facts, i);
    for (size_t i = 0; i < self->count; i++) {
        sample_t *sample = &self->samples[i];
        if (strcmp (sample->id, column[ID]) != 0)
            continue;
        sample->facts = (matter_t){
            .respondent = respondent_from (self, sample->id, column[RESPONDENT], column[ROLE]),
            .instance = atoi (column[INSTANCE]),
            .place = place_named (self, column[PLACE]),
            .flags = flags_from (column[FLAGS])};
    }
}

static void
read_facts (evaluation_t *self)
{
    FILE *file = fopen (self->settings.facts, "r");
    char *line = NULL;
    size_t room = 0;
    if (!file)
        die ("%s: cannot be read", self->settings.facts);
    while (getline (&line, &room, file) > 0)
        if (*line != '#')
            read_facts_line (self, line);
    free (line);
    fclose (file);
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
} ROUNDS[] = {{"facts", facts_round}, {"given", given_round}, {"text", text_round}};

//  --- grades

//  The body whose head settles answers for the case, whichever unit does the work for him.
static bool
names (const evaluation_t *self, const char *name, const competent_t *got)
{
    const unit_t *unit = unit_named (self, name);
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
        bool desk = strcmp (name, "triage") == 0 || unit_named (self, name) == sample->desk->unit;
        if (got->unit ? names (self, name, got) : desk)
            return true;
    }
    return false;
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
    if (also_accepts (self, sample, got))
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
    for (size_t i = 0; i < self->count; i++) {
        const sample_t *sample = &self->samples[i];
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
        print_score (ROUNDS[i].name, &scores[i], self->count);
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
    "  --round NAME     only facts (needs no model), given or text\n"
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
    if (!self.settings.round || strcmp (self.settings.round, "facts") != 0)
        self.classifier = classifier_new (self.settings.model, self.profile, &refusal);
    if (refusal.code)
        die_refused (&refusal);
    collect_names (&self);
    read_samples (&self);
    read_facts (&self);
    int status = evaluate (&self);
    json_decref (self.records);
    free (self.names);
    free (self.samples);
    arena_destroy (&self.arena);
    classifier_destroy (&self.classifier);
    profile_destroy (&self.profile);
    return status;
}
