//  daumoi classify: texts in, labels out, by the same code as the service.

#include "classification/classify.h"

#include "case_view.h"
#include "cli.h"
#include "input.h"
#include "petition.h"

#include <stdio.h>

typedef struct {
    bool explain, stated;
} classify_options_t;

static const option_t options[] = {
    {"--explain", NULL, OPTION_FLAG, offsetof (classify_options_t, explain), 0,
        "also the words and rules that decided"},
    {"--stated", NULL, OPTION_FLAG, offsetof (classify_options_t, stated), 0,
        "believe type, field, place, respondent and contested as a desk states them"},
};

typedef struct {
    const classify_options_t *asked;
    classifier_t *classifier;
    input_t *input;
    arena_t *arena;
    int status;
} classify_t;

static void
label_print (const char *what, const label_t *label)
{
    bool sure = label->value.size;
    slice_t value = sure ? label->value : label->guesses[0].value;
    printf ("  %-26s %.*s%s (%lld %%)%s%.*s\n", what, SLICE_ARGS (value), sure ? "" : "?",
        (long long)label->confidence / 10, label->reason.size ? "  " : "",
        SLICE_ARGS (label->reason));
}

static void
labels_print (const classify_t *self, const labels_t *labels, json_t *why)
{
    printf ("%lld\n", (long long)input_line (self->input));
    label_print ("loại · type", &labels->type);
    label_print ("lĩnh vực · field", &labels->field);
    label_print ("nơi · place", &labels->place);
    label_print ("đối tượng · respondent", &labels->respondent);
    for (int i = 0; i < FLAG_COUNT; i++)
        if (labels->flags & (INT64_C (1) << i))
            printf ("  * %s\n", flag_code ((flag_bit_t)i));
    char *text = why ? json_dumps (why, JSON_INDENT (2)) : NULL;
    if (text)
        printf ("%s\n", text);
    free (text);
}

//  What the line says of itself must not answer the question, unless it is asked to.
static json_t *
question (const classify_t *self, json_t *json)
{
    json_t *asked = self->asked->stated ? json_copy (json) : json_object ();
    json_t *text = json_object_get (json, "text");
    json_object_set_new (asked, "desk", json_string ("-"));
    if (text)
        json_object_set (asked, "text", text);
    return asked;
}

static int
one (classify_t *self, const cli_t *cli, json_t *json, refusal_t *why)
{
    petition_t petition;
    labels_t labels;
    json_t *asked = question (self, json);
    arena_reset (self->arena);
    int status = codec_from_json (&petition_schema, asked, &petition, self->arena, NULL, why);
    if (status == 0) {
        classify (self->classifier, &petition, self->arena, &labels);
        json_t *explained = self->asked->explain
                                ? classify_explain (self->classifier, &petition, self->arena)
                                : NULL;
        if (cli->json) {
            json_t *out = view_labels_json (&labels), *id = json_object_get (json, "id");
            json_object_set_new (out, "line", json_integer (input_line (self->input)));
            if (id)
                json_object_set (out, "id", id);
            if (explained)
                json_object_set (out, "explain", explained);
            cli_print_json (out);
        } else
            labels_print (self, &labels, explained);
        json_decref (explained);
    }
    json_decref (asked);
    return status;
}

static int
all (classify_t *self, const cli_t *cli)
{
    refusal_t why;
    json_t *json;
    int result = 0;
    input_status_t status;
    while ((status = input_next_json (self->input, true, &json, &why)) != INPUT_END) {
        bool bad = status == INPUT_BAD || one (self, cli, json, &why) != 0;
        json_decref (json);
        if (!bad)
            continue;
        result = 1;
        fflush (stdout);
        fprintf (stderr, "%s:%lld: %s: %s\n", input_name (self->input),
            (long long)input_line (self->input), why.field, why.text);
    }
    return result;
}

static int
run (cli_t *cli, int argc, char **argv)
{
    static const defaults_t defaults = {.desk = "-"}; // a plain text needs none
    classify_options_t asked = {0};
    classify_t self = {.asked = &asked};
    words_t words;
    refusal_t refusal;
    if (!cli_options (&verb_classify, argc, argv, &asked, &words, 0, 1))
        return 2;
    int status = cli_profile (cli, &refusal);
    if (status == 0)
        self.classifier = classifier_new (cli->settings.model, cli->profile, &refusal);
    if (self.classifier)
        self.input = input_new (words.count ? words.words[0] : "-", &defaults, &refusal);
    self.arena = arena_new ();
    status = self.input ? all (&self, cli) : cli_refused (&verb_classify, &refusal);
    input_destroy (&self.input);
    classifier_destroy (&self.classifier);
    arena_destroy (&self.arena);
    return status;
}

const verb_t verb_classify = {
    .name = "classify",
    .words = "[--explain] [--stated] [FILE|-]",
    .vi = "phân loại văn bản, không cần dịch vụ nào chạy",
    .en = "labels for texts; no service needed",
    .help = "  JSONL with a field \"text\" in each line (an \"id\" comes back), or one plain text. "
            "What a\n"
            "  line says of its own type or place counts only with --stated.\n",
    VERB_OPTIONS (options),
    .run = run,
};
