//  daumoi clock: the legal time of a virtual data set.

#include "clock.h"

#include "cli.h"
#include "duration.h"
#include "store.h"

#include <poll.h>
#include <stdio.h>

enum { LOOK_MS = 50, PATIENCE_MS = 30000 };

static int
clock_wanted (const cli_t *cli, const char *text, int64_t *ms, refusal_t *refusal)
{
    int64_t span_ms;
    if (text[0] == '+' && duration_read (slice_from (text + 1), &span_ms))
        *ms = cli->clock_ms + span_ms;
    else if (text[0] == '+' || clock_read (slice_from (text), ms) != 0)
        return refuse (refusal, REFUSAL_MALFORMED, text,
            "is no time: write 2026-11-20T08:05:00+07:00, 2026-11-20, or +3d, +2h, +30m");
    if (*ms < cli->clock_ms)
        return refuse (refusal, REFUSAL_INVALID, "clock",
            "legal time never goes back; take another --data folder to begin earlier");
    return 0;
}

static int
clock_set (cli_t *cli, int64_t ms, refusal_t *refusal)
{
    for (unsigned p = 0; p < cli->partitions; p++) {
        slice_t words[] = {SLICE ("HSET"), ledger_key (cli->arena, p, "meta", SLICE ("")),
            SLICE ("clock"), arena_printf (cli->arena, "%lld", (long long)ms)};
        redisReply *reply = store_ask (cli, 4, words, refusal);
        if (!reply)
            return -1;
        freeReplyObject (reply);
    }
    cli->clock_ms = ms;
    return 0;
}

//  A copy that works under another clock; "" when there is none. Classification has no clock.
static int
clock_behind (cli_t *cli, int64_t ms, char behind[96], refusal_t *refusal)
{
    slice_t words[REGISTRY_WORDS];
    registry_words ((slice_t){NULL, 0}, (slice_t){NULL, 0}, words);
    redisReply *reply = store_ask (cli, REGISTRY_WORDS, words, refusal);
    if (!reply)
        return -1;
    arena_t *arena = arena_new ();
    registry_row_t *rows = arena_alloc (arena, REGISTRY_ROWS * sizeof *rows);
    size_t count = registry_read (reply, arena, rows, REGISTRY_ROWS);
    behind[0] = 0;
    for (size_t i = 0; i < count; i++)
        if (!slice_is (rows[i].service, "classification") && rows[i].clock_ms < ms)
            snprintf (
                behind, 96, "%.*s %.*s", SLICE_ARGS (rows[i].service), SLICE_ARGS (rows[i].copy));
    arena_destroy (&arena);
    freeReplyObject (reply);
    return 0;
}

static int
clock_await (cli_t *cli, int64_t ms, refusal_t *refusal)
{
    int64_t until_ms = clock_monotonic_ms () + PATIENCE_MS;
    char behind[96] = "";
    do {
        if (behind[0])
            poll (NULL, 0, LOOK_MS);
        if (clock_behind (cli, ms, behind, refusal) != 0)
            return -1;
    } while (behind[0] && clock_monotonic_ms () < until_ms);
    if (!behind[0])
        return 0;
    return refuse (refusal, REFUSAL_UNAVAILABLE, "clock",
        "the time is set, but %s has not taken it over; look at its log", behind);
}

static int
clock_move (cli_t *cli, const char *text, refusal_t *refusal)
{
    int64_t ms = 0;
    if (!cli->is_virtual)
        return refuse (refusal, REFUSAL_FORBIDDEN, "clock",
            "this data set keeps real time; a virtual one is made with scripts/run --virtual");
    if (clock_wanted (cli, text, &ms, refusal) != 0 || clock_set (cli, ms, refusal) != 0)
        return -1;
    return clock_await (cli, ms, refusal);
}

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    refusal_t refusal;
    int none;
    char text[CLOCK_TEXT], people[24];
    if (!cli_options (&verb_clock, argc, argv, &none, &words, 0, 1))
        return 2;
    if (cli_data_set (cli, &refusal) != 0 ||
        (words.count && clock_move (cli, words.words[0], &refusal) != 0))
        return cli_refused (&verb_clock, &refusal);
    int64_t now_ms = cli_legal_ms (cli);
    if (cli->json)
        cli_print_json (json_pack (
            "{s:s, s:b}", "time", clock_write (now_ms, text), "virtual", cli->is_virtual));
    else
        printf ("%s  %s\n", time_text (now_ms, people),
            cli->is_virtual ? "thời gian ảo · virtual" : "thời gian thực · real");
    return 0;
}

const verb_t verb_clock = {
    .name = "clock",
    .words = "[TIME | +DURATION]",
    .vi = "xem giờ pháp lý; đặt giờ của tập dữ liệu ảo",
    .en = "legal time; sets that of a virtual data set",
    .help =
        "  TIME is 2026-11-20T08:05:00+07:00 or 2026-11-20, DURATION such as 3d, 2h, 1d12h. Comes\n"
        "  back when every copy of every service works under the new time. Never backwards, and\n"
        "  never on a real data set.\n",
    .run = run,
};
