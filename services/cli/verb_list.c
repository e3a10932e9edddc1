//  daumoi list: open cases by their next alarm, the register of a desk, or the leader's board.

#include "board.h"
#include "case_view.h"
#include "walk.h"

#include <stdio.h>

typedef struct {
    const char *unit, *desk, *state;
    bool overdue, board;
    int64_t limit, skip;
    //  while it runs
    cli_t *cli;
    int64_t printed, passed;
} list_t;

static const option_t options[] = {
    {"--unit", "U", OPTION_TEXT, offsetof (list_t, unit), 0, "of this owner"},
    {"--desk", "D", OPTION_TEXT, offsetof (list_t, desk), 0,
        "registered at this desk, the newest first, ended ones too"},
    {"--state", "S", OPTION_TEXT, offsetof (list_t, state), 0, "in this state"},
    {"--overdue", NULL, OPTION_FLAG, offsetof (list_t, overdue), 0, "whose next alarm has passed"},
    {"--board", NULL, OPTION_FLAG, offsetof (list_t, board), 0, "counts per unit and state"},
    {"--limit", "N", OPTION_NUMBER, offsetof (list_t, limit), 0, "at most so many (50)"},
    {"--skip", "N", OPTION_NUMBER, offsetof (list_t, skip), 0, "without the first so many"},
};

//  --- one row

//  In the register of a desk that had to give it up: a number, and nothing else (LTC 9, 12).
static bool
is_recused (const list_t *self, const case_t *record, view_t view)
{
    return self->desk && view == VIEW_SEALED && record->desk_now.size &&
           !slice_is (record->desk_now, self->desk);
}

static void
row_recused (const list_t *self, const case_t *record, const char *code)
{
    slice_t title = view_sealed_name (record, self->cli->arena);
    if (self->cli->json)
        cli_print_json (
            json_pack ("{s:s, s:b, s:o}", "code", code, "sealed", 1, "title", json_slice (title)));
    else
        printf ("%s  %.*s\n", code, SLICE_ARGS (title));
}

static void
row_json (const list_t *self, const case_t *record, const char *code, view_t view, bool overdue)
{
    const profile_t *profile = self->cli->profile;
    bool open = view == VIEW_OPEN;
    json_t *json = json_object (), *owner = json_object ();
    json_object_set_new (owner, "unit", json_slice (record->owner));
    json_object_set_new (owner, "name", json_slice (view_unit_name (profile, record->owner)));
    json_object_set_new (json, "code", json_string (code));
    json_object_set_new (json, "version", json_integer (record->version));
    json_object_set_new (json, "state", json_slice (record->state));
    json_object_set_new (json, "sealed", json_boolean (view == VIEW_SEALED));
    json_object_set_new (json, "desk", json_slice (record->desk));
    json_object_set_new (json, "owner", owner);
    json_object_set_new (json, "type", open ? json_slice (record->type) : json_null ());
    json_object_set_new (json, "field", open ? json_slice (record->field) : json_null ());
    json_object_set_new (json, "place", open ? json_slice (record->place) : json_null ());
    json_object_set_new (json, "received", json_time (record->received_ms));
    json_object_set_new (json, "next_alarm", json_time (record->next_alarm_ms));
    json_object_set_new (json, "overdue", json_boolean (overdue));
    cli_print_json (json);
}

static void
row_text (const list_t *self, const case_t *record, const char *code, view_t view, bool overdue)
{
    char alarm[24] = "-";
    case_state_t state = state_from (record->state);
    petition_type_t type = type_from (record->type);
    slice_t owner = view_unit_name (self->cli->profile, record->owner);
    const char *what = view == VIEW_SEALED      ? "Bảo mật"
                       : view == VIEW_UNDECIDED ? "-"
                       : type == TYPE_COUNT     ? "?"
                                                : type_name (type, false);
    if (record->next_alarm_ms)
        time_text (record->next_alarm_ms, alarm);
    slice_t proposed = {NULL, 0};
    if (view == VIEW_UNDECIDED)
        proposed = view_unit_name (self->cli->profile, record->proposed);
    printf ("%s  %s%s  %s · %s  %s  %.*s%s%.*s\n", code, alarm, overdue ? " QUÁ HẠN" : "",
        state == STATE_COUNT ? "?" : state_name (state, false),
        state == STATE_COUNT ? "?" : state_name (state, true), what, SLICE_ARGS (owner),
        proposed.size ? " → " : "", SLICE_ARGS (proposed));
}

static bool
is_wanted (const list_t *self, const case_t *record, bool overdue)
{
    return (!self->state || slice_is (record->state, self->state)) &&
           (!self->unit || slice_is (record->owner, self->unit)) && (!self->overdue || overdue);
}

static void
row (list_t *self, const case_t *record, arena_t *arena)
{
    char code[CODE_MAX];
    labels_t labels;
    bool overdue = record->next_alarm_ms && record->next_alarm_ms < cli_legal_ms (self->cli);
    if (!is_wanted (self, record, overdue) || self->passed++ < self->skip ||
        self->printed >= self->limit)
        return;
    bool labelled = view_labels (record, &labels, arena);
    view_t view = view_of (record, labelled ? &labels : NULL);
    store_code (self->cli, record, code);
    self->printed++;
    if (is_recused (self, record, view))
        row_recused (self, record, code);
    else
        (self->cli->json ? row_json : row_text) (self, record, code, view, overdue);
}

//  --- many

//  Reads and prints a page of records; -1 when Redis went away.
static int
rows (list_t *self, const walked_t *page, size_t count, refusal_t *refusal)
{
    arena_t *arena = arena_new ();
    int status = 0;
    for (size_t i = 0; i < count; i++)
        store_put (self->cli, 2,
            (slice_t[]){SLICE ("HGETALL"),
                ledger_key (arena, page[i].partition, "c:", slice_from (page[i].id))});
    for (size_t i = 0; i < count && status == 0; i++) {
        case_t record;
        redisReply *reply = store_get (self->cli, refusal);
        if (store_record (reply, &record))
            row (self, &record, arena);
        status = reply ? 0 : -1;
        freeReplyObject (reply);
    }
    arena_destroy (&arena);
    return status;
}

static int
list_open (list_t *self, refusal_t *refusal)
{
    walked_t page[WALK_PAGE];
    size_t count = 1;
    int status = 0;
    int64_t until_ms = self->overdue ? cli_legal_ms (self->cli) : 0;
    walk_t *walk =
        walk_new (self->cli, self->unit ? slice_from (self->unit) : SLICE (""), until_ms);
    while (status == 0 && count > 0 && self->printed < self->limit) {
        status = walk_next (walk, page, WALK_PAGE, &count, refusal);
        if (status == 0)
            status = rows (self, page, count, refusal);
    }
    walk_destroy (&walk);
    return status;
}

//  One register, from its end.
static int
list_day (list_t *self, unsigned partition, slice_t key, refusal_t *refusal)
{
    redisReply *size = store_ask (self->cli, 2, (slice_t[]){SLICE ("LLEN"), key}, refusal);
    int64_t end = size ? size->integer : 0;
    int status = size ? 0 : -1;
    freeReplyObject (size);
    while (status == 0 && end > 0 && self->printed < self->limit) {
        walked_t page[WALK_PAGE];
        char from[24], to[24];
        int64_t start = end > WALK_PAGE ? end - WALK_PAGE : 0;
        snprintf (from, sizeof from, "%lld", (long long)start);
        snprintf (to, sizeof to, "%lld", (long long)end - 1);
        slice_t words[] = {SLICE ("LRANGE"), key, slice_from (from), slice_from (to)};
        redisReply *ids = store_ask (self->cli, 4, words, refusal);
        size_t count = ids ? ids->elements : 0;
        for (size_t i = 0; i < count; i++) {
            page[i].partition = partition;
            snprintf (page[i].id, sizeof page[i].id, "%.16s", ids->element[count - 1 - i]->str);
        }
        status = ids ? rows (self, page, count, refusal) : -1;
        freeReplyObject (ids);
        end = start;
    }
    return status;
}

static int
newest_first (const void *a, const void *b)
{
    const redisReply *one = *(redisReply *const *)a, *other = *(redisReply *const *)b;
    return strcmp (other->str, one->str);
}

static int
list_desk (list_t *self, refusal_t *refusal)
{
    arena_t *arena = self->cli->arena;
    unsigned partition = ledger_partition_of (slice_from (self->desk), self->cli->partitions);
    slice_t words[] = {SLICE ("SMEMBERS"), ledger_key (arena, partition, "days", SLICE (""))};
    slice_t start = arena_printf (arena, "{p%02u}s:%s:", partition, self->desk);
    redisReply *days = store_ask (self->cli, 2, words, refusal);
    if (!days)
        return -1;
    int status = 0;
    if (days->elements)
        qsort (days->element, days->elements, sizeof (redisReply *), newest_first);
    for (size_t i = 0; i < days->elements && status == 0; i++) {
        slice_t key = redis_text (days->element[i]);
        if (key.size == start.size + 6 && memcmp (key.ptr, start.ptr, start.size) == 0)
            status = list_day (self, partition, key, refusal);
    }
    freeReplyObject (days);
    return status;
}

//  --- the board

static void
board_print (const list_t *self, const tally_t *row, slice_t name)
{
    if (self->cli->json) {
        json_t *json = board_row_json (row);
        json_object_set_new (json, "unit", json_slice (row->name));
        json_object_set_new (json, "name", json_slice (name));
        cli_print_json (json);
        return;
    }
    for (int i = 0; i < STATE_COUNT; i++)
        if (state_is_live ((case_state_t)i))
            printf ("%9lld", (long long)row->states[i]);
    printf ("%9lld  %.*s\n", (long long)row->overdue, SLICE_ARGS (name));
}

static int
list_board (list_t *self, refusal_t *refusal)
{
    board_t board;
    const profile_t *profile = self->cli->profile;
    slice_t unit = self->unit ? slice_from (self->unit) : SLICE ("");
    int status = board_count (self->cli, 'u', unit, &board, refusal);
    if (status == 0 && !self->cli->json) {
        printf ("%s", "Đang mở · open cases\n"
                      " received   triage assigned  transf.  overdue\n"
                      "  mới nhận  chờ p.l.  đã giao  đã chuyển quá hạn\n");
    }
    for (size_t i = 0; i < board.count && status == 0; i++)
        board_print (self, &board.rows[i], view_unit_name (profile, board.rows[i].name));
    if (status == 0 && !self->cli->json)
        board_print (self, &board.total, SLICE ("tổng · total"));
    board_free (&board);
    return status;
}

//  --- the verb

static int
list_check (const list_t *self, refusal_t *refusal)
{
    if (self->unit && !profile_unit (self->cli->profile, slice_from (self->unit)))
        return refuse (refusal, REFUSAL_NOT_FOUND, "--unit",
            "the profile has no unit %s; `daumoi profile check` names its file", self->unit);
    if (self->desk && !profile_desk (self->cli->profile, slice_from (self->desk)))
        return refuse (
            refusal, REFUSAL_NOT_FOUND, "--desk", "the profile has no desk %s", self->desk);
    if (self->state && state_from (slice_from (self->state)) == STATE_COUNT)
        return refuse (refusal, REFUSAL_MALFORMED, "--state", "there is no state %s", self->state);
    if (self->board && (self->desk || self->state || self->overdue))
        return refuse (refusal, REFUSAL_MALFORMED, "--board", "goes with --unit alone");
    return 0;
}

static int
run (cli_t *cli, int argc, char **argv)
{
    list_t self = {.limit = 50, .cli = cli};
    words_t words;
    refusal_t refusal;
    if (!cli_options (&verb_list, argc, argv, &self, &words, 0, 0))
        return 2;
    if (cli_profile (cli, &refusal) != 0 || list_check (&self, &refusal) != 0 ||
        cli_data_set (cli, &refusal) != 0)
        return cli_refused (&verb_list, &refusal);
    int status = self.board  ? list_board (&self, &refusal)
                 : self.desk ? list_desk (&self, &refusal)
                             : list_open (&self, &refusal);
    if (status)
        return cli_refused (&verb_list, &refusal);
    if (!cli->json && !self.board && self.printed == 0)
        printf ("Không có hồ sơ nào · no case\n");
    return 0;
}

const verb_t verb_list = {
    .name = "list",
    .words = "[--unit U] [--desk D] [--state S] [--overdue] [--board] [--limit N] [--skip N]",
    .vi = "danh sách hồ sơ đang mở, gần đến hạn trước; sổ của một nơi tiếp nhận; bảng tổng hợp",
    .en = "open cases, the nearest alarm first; a desk's register; the leader's board",
    .help = "  Denunciations, and what may be one, stand in it as \"Bảo mật\".\n",
    VERB_OPTIONS (options),
    .run = run,
};
