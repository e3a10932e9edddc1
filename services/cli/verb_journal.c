//  daumoi journal CODE: what was done, by whom, when and why.

#include "action.h"
#include "case_view.h"
#include "clock.h"
#include "store.h"

#include <stdio.h>

//  Fields that are numbers or times read better as such.
static json_t *
value_json (char letter, slice_t value)
{
    if (!value.size)
        return json_null ();
    if (letter == 'l') // msgpack; `daumoi show` has it
        return json_string ("(labels)");
    if (strchr ("rwmn", letter))
        return json_time (strtoll (value.ptr, NULL, 10));
    if (strchr ("ivgjh", letter))
        return json_integer (strtoll (value.ptr, NULL, 10));
    return json_slice (value);
}

static json_t *
set_json (const entry_t *entry, bool open, arena_t *arena)
{
    json_t *json = json_object ();
    for (size_t i = 0; i < entry->count; i++) {
        char letter = entry->set[i].letter;
        const char *name = case_field_name (letter);
        bool shown = open || letter == 'u' || letter == 's';
        slice_t value = arena_copy (arena, entry->set[i].value); // with a NUL
        if (name && shown)
            json_object_set_new (json, name, value_json (letter, value));
    }
    return json;
}

static void
entry_print_json (const entry_t *entry, const case_t *after, bool open, arena_t *arena)
{
    const action_t *action = action_find (entry->action);
    json_t *json = json_object ();
    json_object_set_new (json, "version", json_integer (entry->version));
    json_object_set_new (json, "time", json_time (entry->time_ms));
    json_object_set_new (json, "action", json_slice (entry->action));
    json_object_set_new (json, "action_vi", json_string (action ? action->vi : ""));
    json_object_set_new (json, "actor", open ? json_slice (entry->actor) : json_null ());
    json_object_set_new (json, "why", open ? json_slice (entry->why) : json_null ());
    json_object_set_new (json, "operation", json_slice (entry->operation));
    json_object_set_new (json, "state", json_slice (after->state));
    json_object_set_new (json, "owner", json_slice (after->owner));
    json_object_set_new (json, "set", set_json (entry, open, arena));
    cli_print_json (json);
}

static void
entry_print (const cli_t *cli, const entry_t *entry, const case_t *after, bool open)
{
    char text[24];
    const action_t *action = action_find (entry->action);
    slice_t owner = view_unit_name (cli->profile, after->owner);
    printf ("%3lld  %s  %s · %.*s\n", (long long)entry->version, time_text (entry->time_ms, text),
        action ? action->vi : "?", SLICE_ARGS (entry->action));
    printf ("     chủ trì · owner: %.*s\n", SLICE_ARGS (owner));
    if (!open)
        return;
    printf ("     người thực hiện · by: %.*s\n", SLICE_ARGS (entry->actor));
    if (entry->why.size)
        printf ("     lý do · why: %.*s\n", SLICE_ARGS (entry->why));
    for (size_t i = 0; i < entry->count; i++) {
        char letter = entry->set[i].letter;
        const char *name = case_field_name (letter);
        if (!name || strchr ("lkBsuq", letter))
            continue;
        slice_t value = arena_copy (cli->arena, entry->set[i].value);
        if (strchr ("rwmn", letter) && value.size)
            value = slice_from (time_text (strtoll (value.ptr, NULL, 10), text));
        printf ("     %s: %.*s\n", name, SLICE_ARGS (value));
    }
}

static int
print_all (const cli_t *cli, const redisReply *list, view_t view, refusal_t *refusal)
{
    case_t after = {.serial = 0};
    entry_t entry;
    for (size_t i = 0; i < list->elements; i++) {
        if (entry_read (redis_text (list->element[i]), &entry, refusal) != 0)
            return -1;
        case_fold (&after, &entry, cli->arena);
        if (cli->json)
            entry_print_json (&entry, &after, view == VIEW_OPEN, cli->arena);
        else
            entry_print (cli, &entry, &after, view == VIEW_OPEN);
    }
    return 0;
}

static int
journal_show (cli_t *cli, const char *code, refusal_t *refusal)
{
    place_of_case_t place;
    case_t record;
    labels_t labels;
    redisReply *reply;
    if (cli_profile (cli, refusal) != 0 ||
        store_case (cli, code, &place, &record, &reply, refusal) != 0)
        return -1;
    bool labelled = view_labels (&record, &labels, cli->arena);
    view_t view = view_of (&record, labelled ? &labels : NULL);
    slice_t words[] = {SLICE ("LRANGE"),
        ledger_key (cli->arena, place.partition, "j:", slice_from (place.id)), SLICE ("0"),
        SLICE ("-1")};
    redisReply *list = store_ask (cli, 4, words, refusal);
    if (!cli->json && list)
        printf ("Nhật ký hồ sơ · journal of %s\n\n", place.code);
    int status = list ? print_all (cli, list, view, refusal) : -1;
    freeReplyObject (list);
    freeReplyObject (reply);
    return status;
}

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    refusal_t refusal;
    int none;
    if (!cli_options (&verb_journal, argc, argv, &none, &words, 1, 1))
        return 2;
    if (journal_show (cli, words.words[0], &refusal) != 0)
        return cli_refused (&verb_journal, &refusal);
    return 0;
}

const verb_t verb_journal = {
    .name = "journal",
    .words = "CODE",
    .vi = "xem nhật ký hồ sơ: ai, khi nào, làm gì, vì sao",
    .en = "a case's journal: who, when, what, why",
    .help =
        "  One entry per version, the oldest first. For a sealed case, and while the type is not\n"
        "  decided: version, time, action, state and owner only.\n",
    .run = run,
};
