//  daumoi init: the function library, the data set, the active profile. The only loader.

#include "cli.h"
#include "clock.h"

#include <stdio.h>

typedef struct {
    bool is_virtual;
    int64_t partitions; // 0: not said
} init_t;

static const option_t options[] = {
    {"--virtual", NULL, OPTION_FLAG, offsetof (init_t, is_virtual), 0,
        "legal time is set by `daumoi clock` (tests, training)"},
    {"--partitions", "1|16", OPTION_NUMBER, offsetof (init_t, partitions), 1,
        "1 for one server (default), 16 for a cluster; fixed for ever"},
};

//  What has been done, for the last line.
typedef struct {
    bool loaded, created;
    char profile_before[40];
} done_t;

static int
library_load (cli_t *cli, done_t *done, refusal_t *refusal)
{
    slice_t version[] = {SLICE ("FCALL"), SLICE ("dm1_version"), SLICE ("0")};
    redisReply *reply = redis_ask (cli->redis, 3, version, refusal);
    bool fits = reply && slice_is (redis_text (reply), ledger_hash ());
    freeReplyObject (reply);
    if (fits)
        return 0;
    if (cli->redis->err)
        return -1;
    buffer_t text = {0};
    ledger_library (&text);
    slice_t load[] = {SLICE ("FUNCTION"), SLICE ("LOAD"), SLICE ("REPLACE"), buffer_slice (&text)};
    reply = redis_ask (cli->redis, 4, load, refusal);
    buffer_free (&text);
    if (!reply)
        return -1;
    freeReplyObject (reply);
    done->loaded = true;
    return 0;
}

//  Partition 0 last: only then is there a data set, and a run that was cut off begins again.
static int
meta_create (cli_t *cli, const init_t *init, refusal_t *refusal)
{
    unsigned partitions = init->partitions ? (unsigned)init->partitions : 1;
    for (unsigned p = partitions; p-- > 0;) {
        slice_t words[] = {SLICE ("HSET"), ledger_key (cli->arena, p, "meta", SLICE ("")),
            SLICE ("format"), SLICE ("1"), SLICE ("profile"),
            slice_from (profile_hash (cli->profile)), SLICE ("virtual"),
            init->is_virtual ? SLICE ("1") : SLICE ("0"), SLICE ("clock"),
            arena_printf (cli->arena, "%lld", (long long)clock_now_ms ()), SLICE ("partitions"),
            arena_printf (cli->arena, "%u", partitions)};
        redisReply *reply = redis_ask (cli->redis, sizeof words / sizeof *words, words, refusal);
        if (!reply)
            return -1;
        freeReplyObject (reply);
    }
    return 0;
}

static int
meta_check (const cli_t *cli, const init_t *init, refusal_t *refusal)
{
    if (init->is_virtual && !cli->is_virtual)
        return refuse (refusal, REFUSAL_INVALID, "--virtual",
            "this data set is a real one and stays so; a virtual one needs another --data folder");
    if (init->partitions && init->partitions != cli->partitions)
        return refuse (refusal, REFUSAL_INVALID, "--partitions",
            "this data set has %u and keeps them", cli->partitions);
    return 0;
}

static int
profile_activate (cli_t *cli, done_t *done, refusal_t *refusal)
{
    if (strcmp (cli->active_profile, profile_hash (cli->profile)) == 0)
        return 0;
    for (unsigned p = 0; p < cli->partitions; p++) {
        slice_t words[] = {SLICE ("HSET"), ledger_key (cli->arena, p, "meta", SLICE ("")),
            SLICE ("profile"), slice_from (profile_hash (cli->profile))};
        redisReply *reply = redis_ask (cli->redis, 4, words, refusal);
        if (!reply)
            return -1;
        freeReplyObject (reply);
    }
    snprintf (done->profile_before, sizeof done->profile_before, "%s", cli->active_profile);
    return 0;
}

static int
data_set_open (cli_t *cli, const init_t *init, done_t *done, refusal_t *refusal)
{
    slice_t words[] = {SLICE ("EXISTS"), SLICE ("{p00}meta")};
    redisReply *reply = redis_ask (cli->redis, 2, words, refusal);
    if (!reply)
        return -1;
    done->created = reply->integer == 0;
    freeReplyObject (reply);
    if (done->created && meta_create (cli, init, refusal) != 0)
        return -1;
    if (cli_data_set (cli, refusal) != 0 || meta_check (cli, init, refusal) != 0)
        return -1;
    return profile_activate (cli, done, refusal);
}

static void
tell_json (const cli_t *cli, const done_t *done)
{
    json_t *json = json_object ();
    json_object_set_new (json, "created", json_boolean (done->created));
    json_object_set_new (json, "loaded", json_boolean (done->loaded));
    json_object_set_new (json, "partitions", json_integer (cli->partitions));
    json_object_set_new (json, "virtual", json_boolean (cli->is_virtual));
    json_object_set_new (json, "library", json_string (ledger_hash ()));
    json_object_set_new (json, "profile", json_string (profile_hash (cli->profile)));
    json_object_set_new (json, "profile_before", json_slice (slice_from (done->profile_before)));
    cli_print_json (json);
}

static void
tell (const cli_t *cli, const done_t *done)
{
    printf ("Kho dữ liệu %s · data set %s: %u partition(s), %s\n",
        done->created ? "đã tạo" : "đã có", done->created ? "created" : "found", cli->partitions,
        cli->is_virtual ? "thời gian ảo · virtual time" : "thời gian thực · real time");
    printf ("Sổ cái · ledger %.8s %s\n", ledger_hash (), done->loaded ? "loaded" : "in place");
    printf ("Cấu hình · profile %.*s %.8s", SLICE_ARGS (profile_name (cli->profile)),
        profile_hash (cli->profile));
    if (done->profile_before[0])
        printf (", thay / instead of %.8s", done->profile_before);
    printf ("\n");
}

static int
run (cli_t *cli, int argc, char **argv)
{
    init_t init = {0};
    done_t done = {0};
    words_t words;
    refusal_t refusal;
    if (!cli_options (&verb_init, argc, argv, &init, &words, 0, 0))
        return 2;
    if (init.partitions && init.partitions != 1 && init.partitions != 16) {
        refuse (&refusal, REFUSAL_MALFORMED, "--partitions", "is 1 or 16");
        return cli_refused (&verb_init, &refusal);
    }
    if (cli_profile (cli, &refusal) != 0 || cli_redis (cli, &refusal) != 0 ||
        library_load (cli, &done, &refusal) != 0 ||
        data_set_open (cli, &init, &done, &refusal) != 0)
        return cli_refused (&verb_init, &refusal);
    if (cli->json)
        tell_json (cli, &done);
    else
        tell (cli, &done);
    return 0;
}

const verb_t verb_init = {
    .name = "init",
    .words = "[--virtual] [--partitions 1|16]",
    .vi = "chuẩn bị kho dữ liệu: nạp sổ cái, tạo tập dữ liệu, ghi cấu hình",
    .en = "prepare Redis: load the ledger, make the data set, set the profile",
    .help =
        "  Checks the profile first, waits while Redis reads its data, loads the ledger's\n"
        "  functions when those in Redis are others, and makes the data set when there is none.\n"
        "  May be repeated at any time; it never changes what a data set was made as.\n",
    VERB_OPTIONS (options),
    .run = run,
};
