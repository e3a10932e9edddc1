//  daumoi due: when a time limit ends, with its arithmetic.

#include "calendar.h"
#include "cli.h"
#include "clock.h"

#include <stdio.h>

typedef struct {
    const char *type, *step, *from;
    bool remote;
    int64_t complex;
} due_t;

static const option_t options[] = {
    {"--type", "T", OPTION_TEXT, offsetof (due_t, type), 0, "type of the petition; none: any"},
    {"--step", "S", OPTION_TEXT, offsetof (due_t, step), 0, "step of the profile's rules.yaml"},
    {"--from", "TIME", OPTION_TEXT, offsetof (due_t, from), 0,
        "2026-11-20 or 2026-11-20T08:05:00+07:00"},
    {"--remote", NULL, OPTION_FLAG, offsetof (due_t, remote), 0, "a far commune (LKN 27, 28)"},
    {"--complex", "N", OPTION_NUMBER, offsetof (due_t, complex), 0,
        "1: the case was found complex"},
};

static const rule_t *
rule_find (cli_t *cli, const due_t *asked, int64_t from_ms, refusal_t *refusal)
{
    petition_type_t type = type_from (asked->type ? slice_from (asked->type) : SLICE (""));
    if (type == TYPE_COUNT) {
        refuse (refusal, REFUSAL_INVALID, "--type", "there is no type %s", asked->type);
        return NULL;
    }
    const rule_t *rule =
        profile_rule (cli->profile, type, slice_from (asked->step), clock_day (from_ms));
    if (!rule)
        refuse (refusal, REFUSAL_NOT_FOUND, "--step",
            "the profile has no rule for the step %s of %s on that day; see its rules.yaml",
            asked->step, asked->type ? asked->type : "any type");
    return rule;
}

static void
tell (const cli_t *cli, const due_t *asked, const rule_t *rule, int64_t from_ms)
{
    buffer_t text = {0};
    char due[24];
    int64_t due_ms =
        calendar_rule_due (cli->profile, rule, from_ms, asked->remote, asked->complex > 0, &text);
    slice_t arithmetic = buffer_slice (&text);
    if (cli->json) {
        json_t *json = json_object ();
        json_object_set_new (
            json, "type", json_slice (slice_from (asked->type ? asked->type : "")));
        json_object_set_new (json, "step", json_string (asked->step));
        json_object_set_new (json, "start", json_time (from_ms));
        json_object_set_new (json, "due", json_time (due_ms));
        json_object_set_new (json, "kind", json_slice (rule->kind));
        json_object_set_new (json, "who", json_slice (rule->who));
        json_object_set_new (json, "rule", json_slice (rule->id));
        json_object_set_new (json, "basis", json_slice (rule->basis));
        json_object_set_new (json, "arithmetic", json_slice (arithmetic));
        cli_print_json (json);
    } else
        printf ("%s\n  căn cứ · basis: %.*s (%.*s)\n  cách tính · arithmetic: %.*s\n",
            time_text (due_ms, due), SLICE_ARGS (rule->basis), SLICE_ARGS (rule->id),
            SLICE_ARGS (arithmetic));
    buffer_free (&text);
}

static int
run (cli_t *cli, int argc, char **argv)
{
    due_t asked = {0};
    words_t words;
    refusal_t refusal;
    int64_t from_ms = 0;
    if (!cli_options (&verb_due, argc, argv, &asked, &words, 0, 0))
        return 2;
    int status = 0;
    if (!asked.step || !asked.from)
        status = refuse (&refusal, REFUSAL_MALFORMED, "", "--step and --from are needed");
    else if (clock_read (slice_from (asked.from), &from_ms) != 0)
        status = refuse (&refusal, REFUSAL_INVALID, "--from",
            "%s is no time that exists; write 2026-11-20 or 2026-11-20T08:05:00+07:00", asked.from);
    const rule_t *rule = status == 0 && cli_profile (cli, &refusal) == 0
                             ? rule_find (cli, &asked, from_ms, &refusal)
                             : NULL;
    if (!rule)
        return cli_refused (&verb_due, &refusal);
    tell (cli, &asked, rule, from_ms);
    return 0;
}

const verb_t verb_due = {
    .name = "due",
    .words = "[--type T] --step S --from TIME [--remote] [--complex N]",
    .vi = "tính ngày đến hạn và cách tính, không cần dịch vụ nào chạy",
    .en = "a due time with its arithmetic; no service needed",
    .help =
        "  By the rules and the calendar of the profile: the day of the event is not counted, a\n"
        "  last day off moves to the next working day (Civil Code 2015, Art. 147-148).\n\n"
        "    daumoi due --type kien_nghi --step triage --from 2026-11-20\n",
    VERB_OPTIONS (options),
    .run = run,
};
