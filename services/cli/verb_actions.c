//  daumoi actions: what may be done to a case, as the ledger has it.

#include "action.h"

#include "case.h"
#include "cli.h"

#include <stdio.h>

static json_t *
states_json (unsigned states)
{
    json_t *list = json_array ();
    for (unsigned i = 0; i < STATE_COUNT; i++)
        if (states & (1u << i))
            json_array_append_new (list, json_string (state_code ((case_state_t)i)));
    return list;
}

static json_t *
fields_json (const action_t *action)
{
    json_t *list = json_array ();
    for (const char *letter = action->fields; *letter; letter++)
        json_array_append_new (list, json_string (case_field_name (*letter)));
    json_array_append_new (list, json_string (case_field_name ('k')));
    json_array_append_new (list, json_string (case_field_name ('n')));
    return list;
}

static void
print_json (const action_t *action)
{
    json_t *json = json_object ();
    json_object_set_new (json, "name", json_string (action->name));
    json_object_set_new (json, "vi", json_string (action->vi));
    json_object_set_new (json, "en", json_string (action->en));
    json_object_set_new (json, "from", states_json (action->from));
    json_object_set_new (json, "to", states_json (action->to));
    json_object_set_new (json, "moves_owner", json_boolean (action->moves_owner));
    json_object_set_new (json, "by_person", json_boolean (action->by_person));
    json_object_set_new (json, "fields", fields_json (action));
    json_object_set_new (json, "letters", json_sprintf ("%skn", action->fields));
    json_object_set_new (json, "basis", json_string (action->basis));
    cli_print_json (json);
}

static void
print_states (unsigned states)
{
    const char *comma = "";
    for (unsigned i = 0; i < STATE_COUNT; i++)
        if (states & (1u << i)) {
            printf ("%s%s", comma, state_code ((case_state_t)i));
            comma = ", ";
        }
}

static void
print_text (const action_t *action)
{
    printf ("%-10s %s · %s (%s)\n           ", action->name, action->vi, action->en, action->basis);
    print_states (action->from);
    printf (" -> ");
    print_states (action->to);
    printf ("%s%s\n", action->moves_owner ? "; đổi chủ trì · moves the owner" : "",
        action->by_person ? "; chỉ người · by a person only" : "");
}

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    int none;
    size_t count;
    if (!cli_options (&verb_actions, argc, argv, &none, &words, 0, 0))
        return 2;
    const action_t *actions = action_all (&count);
    for (size_t i = 0; i < count; i++)
        (cli->json ? print_json : print_text) (&actions[i]);
    return 0;
}

const verb_t verb_actions = {
    .name = "actions",
    .words = "",
    .vi = "bảng các bước xử lý được phép",
    .en = "the table of what may be done to a case",
    .help = "  From which states, to which, whether the owner changes, which fields are set.\n",
    .run = run,
};
