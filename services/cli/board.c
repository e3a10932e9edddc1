#include "board.h"

#include "walk.h"

static tally_t *
row_of (cli_t *cli, board_t *board, slice_t name)
{
    for (size_t i = 0; i < board->count; i++)
        if (slice_equals (board->rows[i].name, name))
            return &board->rows[i];
    board->rows = mem_grow (board->rows, (board->count + 1) * sizeof *board->rows);
    tally_t *row = &board->rows[board->count++];
    *row = (tally_t){.name = arena_copy (cli->arena, name)};
    return row;
}

static void
tally_add (tally_t *row, case_state_t state, bool overdue)
{
    row->states[state]++;
    row->open++;
    row->overdue += overdue;
}

//  A case that ended meanwhile has no letter s that is live: it is left out.
static void
count_one (cli_t *cli, board_t *board, const redisReply *reply, int64_t alarm_ms)
{
    case_state_t state = state_from (redis_text (reply->element[0]));
    slice_t name = redis_text (reply->element[1]);
    if (state == STATE_COUNT || !state_is_live (state))
        return;
    bool overdue = alarm_ms < cli_legal_ms (cli);
    tally_add (row_of (cli, board, name), state, overdue);
    tally_add (&board->total, state, overdue);
}

static int
count_page (
    cli_t *cli, board_t *board, const walked_t *page, size_t count, char letter, refusal_t *refusal)
{
    arena_t *arena = arena_new ();
    int status = 0;
    for (size_t i = 0; i < count; i++)
        store_put (cli, 4,
            (slice_t[]){SLICE ("HMGET"),
                ledger_key (arena, page[i].partition, "c:", slice_from (page[i].id)), SLICE ("s"),
                (slice_t){&letter, 1}});
    for (size_t i = 0; i < count && status == 0; i++) {
        redisReply *reply = store_get (cli, refusal);
        if (reply)
            count_one (cli, board, reply, page[i].alarm_ms);
        status = reply ? 0 : -1;
        freeReplyObject (reply);
    }
    arena_destroy (&arena);
    return status;
}

int
board_count (cli_t *cli, char letter, slice_t unit, board_t *out, refusal_t *refusal)
{
    walked_t page[WALK_PAGE];
    size_t count = 1;
    int status = 0;
    *out = (board_t){.count = 0};
    walk_t *walk = walk_new (cli, unit, 0);
    while (status == 0 && count > 0) {
        status = walk_next (walk, page, WALK_PAGE, &count, refusal);
        if (status == 0)
            status = count_page (cli, out, page, count, letter, refusal);
    }
    walk_destroy (&walk);
    return status;
}

void
board_free (board_t *self)
{
    free (self->rows);
    self->rows = NULL;
    self->count = 0;
}

json_t *
board_row_json (const tally_t *row)
{
    json_t *json = json_object ();
    for (int i = 0; i < STATE_COUNT; i++)
        if (state_is_live ((case_state_t)i))
            json_object_set_new (json, state_code ((case_state_t)i), json_integer (row->states[i]));
    json_object_set_new (json, "open", json_integer (row->open));
    json_object_set_new (json, "overdue", json_integer (row->overdue));
    return json;
}
