//  daumoi status: is everything there, and is it durable?

#include "board.h"
#include "clock.h"
#include "store.h"

#include <stdio.h>

typedef struct {
    cli_t *cli;
    json_t *json; // the whole answer, also for the table
    json_t *warnings;
} status_t;

static const char *const services[] = {"intake", "classification", "assignment", "escalation"};
enum { SERVICES = sizeof services / sizeof *services };

static void
warn (status_t *self, const char *text)
{
    json_array_append_new (self->warnings, json_string (text));
}

//  --- Redis

//  CONFIG may be denied to this user: then nothing is said, and that is a warning.
static void
settings_read (status_t *self, json_t *redis)
{
    static const struct {
        const char *name, *wanted, *warning;
    } settings[] = {
        {"appendonly", "yes", "Redis keeps no append-only file: a crash loses petitions"},
        {"appendfsync", "always", "Redis does not sync each write: a power cut loses receipts"},
        {"maxmemory-policy", "noeviction", "Redis throws data away when its memory is full"},
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        refusal_t refusal;
        slice_t words[] = {SLICE ("CONFIG"), SLICE ("GET"), slice_from (settings[i].name)};
        redisReply *reply = store_ask (self->cli, 3, words, &refusal);
        slice_t value =
            reply && reply->elements == 2 ? redis_text (reply->element[1]) : (slice_t){NULL, 0};
        json_object_set_new (redis, settings[i].name, json_slice (value));
        if (!value.size)
            warn (self, "Redis does not tell its settings to this user");
        else if (!slice_is (value, settings[i].wanted))
            warn (self, settings[i].warning);
        freeReplyObject (reply);
    }
}

static bool
info_value (const char *info, const char *name, char out[64])
{
    size_t size = strlen (name);
    for (const char *at = strstr (info, name); at; at = strstr (at + 1, name))
        if ((at == info || at[-1] == '\n') && at[size] == ':') {
            snprintf (out, 64, "%.*s", (int)strcspn (at + size + 1, "\r\n"), at + size + 1);
            return true;
        }
    return false;
}

static int
info_read (status_t *self, json_t *redis, refusal_t *refusal)
{
    static const char *const names[] = {"redis_version", "used_memory", "used_memory_rss",
        "maxmemory", "aof_last_write_status", "aof_rewrite_in_progress", "aof_current_size",
        "loading"};
    redisReply *reply = store_ask (self->cli, 1, (slice_t[]){SLICE ("INFO")}, refusal);
    if (!reply)
        return -1;
    char value[64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!info_value (reply->str, names[i], value))
            continue;
        char *end;
        long long number = strtoll (value, &end, 10);
        json_object_set_new (redis, names[i], *end ? json_string (value) : json_integer (number));
    }
    if (info_value (reply->str, "aof_last_write_status", value) && strcmp (value, "ok") != 0)
        warn (self, "Redis could not write its append-only file; is the disk full?");
    freeReplyObject (reply);
    return 0;
}

//  --- the data set

static int
data_set_read (status_t *self, refusal_t *refusal)
{
    cli_t *cli = self->cli;
    if (cli_data_set (cli, refusal) != 0)
        return -1;
    json_t *json = json_object ();
    refusal_t trouble;
    bool loaded = cli_profile (cli, &trouble) == 0;
    json_object_set_new (json, "partitions", json_integer (cli->partitions));
    json_object_set_new (json, "virtual", json_boolean (cli->is_virtual));
    json_object_set_new (json, "time", json_time (cli_legal_ms (cli)));
    json_object_set_new (json, "profile", json_string (cli->active_profile));
    json_object_set_new (
        json, "local_profile", loaded ? json_string (profile_hash (cli->profile)) : json_null ());
    json_object_set_new (self->json, "data_set", json);
    if (!loaded)
        warn (self, "the profile of this instance cannot be read; `daumoi profile check`");
    else if (strcmp (profile_hash (cli->profile), cli->active_profile) != 0)
        warn (self, "the profile in the folder is not the active one; services refuse to work: "
                    "run `daumoi init`");
    return 0;
}

//  --- services

static json_t *
copy_json (const registry_row_t *row)
{
    json_t *json = json_object ();
    json_object_set_new (json, "service", json_slice (row->service));
    json_object_set_new (json, "copy", json_slice (row->copy));
    json_object_set_new (json, "since", json_time (row->started_ms));
    json_object_set_new (json, "version", json_slice (row->version));
    json_object_set_new (json, "queued", json_integer (row->queued));
    json_object_set_new (json, "open", json_integer (row->open));
    json_object_set_new (json, "done", json_integer (row->done));
    json_object_set_new (json, "http", json_slice (row->http));
    json_object_set_new (json, "model", json_slice (row->model));
    return json;
}

static void
missing_tell (status_t *self, const registry_row_t *rows, size_t count)
{
    for (size_t s = 0; s < SERVICES; s++) {
        size_t copies = 0;
        for (size_t i = 0; i < count; i++)
            copies += slice_is (rows[i].service, services[s]);
        if (copies == 0)
            json_array_append_new (
                self->warnings, json_sprintf ("no copy of %s is running", services[s]));
    }
}

static int
services_read (status_t *self, refusal_t *refusal)
{
    slice_t words[REGISTRY_WORDS];
    registry_words ((slice_t){NULL, 0}, (slice_t){NULL, 0}, words);
    redisReply *reply = store_ask (self->cli, REGISTRY_WORDS, words, refusal);
    if (!reply)
        return -1;
    arena_t *arena = arena_new ();
    registry_row_t *rows = arena_alloc (arena, REGISTRY_ROWS * sizeof *rows);
    size_t count = registry_read (reply, arena, rows, REGISTRY_ROWS);
    json_t *list = json_array ();
    for (size_t s = 0; s < SERVICES; s++)
        for (size_t i = 0; i < count; i++)
            if (slice_is (rows[i].service, services[s]))
                json_array_append_new (list, copy_json (&rows[i]));
    missing_tell (self, rows, count);
    json_object_set_new (self->json, "copies", list);
    arena_destroy (&arena);
    freeReplyObject (reply);
    return 0;
}

//  --- depths

//  Leases: waiting in all, and those that nobody took in time.
static int
waiting_read (status_t *self, int64_t *waiting, int64_t *late, refusal_t *refusal)
{
    cli_t *cli = self->cli;
    char now[24];
    snprintf (now, sizeof now, "%lld", (long long)cli->server_ms);
    *waiting = *late = 0;
    for (unsigned p = 0; p < cli->partitions; p++) {
        slice_t key = ledger_key (cli->arena, p, "lease", SLICE (""));
        store_put (cli, 2, (slice_t[]){SLICE ("ZCARD"), key});
        store_put (cli, 4, (slice_t[]){SLICE ("ZCOUNT"), key, SLICE ("-inf"), slice_from (now)});
    }
    for (unsigned i = 0; i < cli->partitions * 2; i++) {
        redisReply *reply = store_get (cli, refusal);
        if (!reply)
            return -1;
        *(i % 2 ? late : waiting) += reply->integer;
        freeReplyObject (reply);
    }
    return 0;
}

static int
depths_read (status_t *self, refusal_t *refusal)
{
    board_t board;
    int64_t waiting, late;
    if (waiting_read (self, &waiting, &late, refusal) != 0)
        return -1;
    int status = board_count (self->cli, 'd', SLICE (""), &board, refusal);
    json_t *json = board_row_json (&board.total), *desks = json_object ();
    for (size_t i = 0; i < board.count; i++)
        if (board.rows[i].states[STATE_TRIAGE])
            json_object_set_new (
                desks, board.rows[i].name.ptr, json_integer (board.rows[i].states[STATE_TRIAGE]));
    json_object_set_new (json, "waiting_for_machine", json_integer (waiting));
    json_object_set_new (json, "waiting_too_long", json_integer (late));
    json_object_set_new (json, "triage_by_desk", desks);
    json_object_set_new (self->json, "depths", json);
    if (late)
        warn (self, "petitions wait for classification or assignment longer than they should");
    board_free (&board);
    return status;
}

//  --- telling

static const char *
text_of (const json_t *json, const char *name)
{
    const char *text = json_string_value (json_object_get (json, name));
    return text ? text : "?";
}

static long long
number_of (const json_t *json, const char *name)
{
    return json_integer_value (json_object_get (json, name));
}

static void
tell_redis (const json_t *redis)
{
    printf ("Redis %s   bền vững · durability: appendonly %s, appendfsync %s, %s\n",
        text_of (redis, "redis_version"), text_of (redis, "appendonly"),
        text_of (redis, "appendfsync"), text_of (redis, "maxmemory-policy"));
    printf ("  bộ nhớ · memory %lld MB, tệp ghi · append-only file %lld MB (%s)\n",
        number_of (redis, "used_memory") >> 20, number_of (redis, "aof_current_size") >> 20,
        text_of (redis, "aof_last_write_status"));
}

static void
tell_depths (const json_t *depths)
{
    const char *desk;
    json_t *count;
    printf (
        "Hồ sơ đang mở · open cases %lld: chờ máy · waiting for the machine %lld (quá lâu · too "
        "long %lld),\n  chờ phân loại · triage %lld, đã giao · assigned %lld, quá hạn · overdue "
        "%lld\n",
        number_of (depths, "open"), number_of (depths, "waiting_for_machine"),
        number_of (depths, "waiting_too_long"), number_of (depths, "triage"),
        number_of (depths, "assigned"), number_of (depths, "overdue"));
    json_object_foreach (json_object_get (depths, "triage_by_desk"), desk, count)
        printf ("  %-16s chờ phân loại · triage %lld\n", desk, json_integer_value (count));
}

static void
tell (const status_t *self)
{
    size_t i;
    json_t *item;
    const json_t *set = json_object_get (self->json, "data_set");
    tell_redis (json_object_get (self->json, "redis"));
    printf ("Dữ liệu · data set: %lld partition(s), %s, %s, profile %.8s\n",
        number_of (set, "partitions"),
        json_is_true (json_object_get (set, "virtual")) ? "thời gian ảo · virtual"
                                                        : "thời gian thực · real time",
        text_of (set, "time"), text_of (set, "profile"));
    json_array_foreach (json_object_get (self->json, "copies"), i, item)
        printf ("  %-15s %.8s  từ · since %s  chờ · queued %lld, đang làm · open %lld, xong · done "
                "%lld  %s\n",
            text_of (item, "service"), text_of (item, "copy"), text_of (item, "since"),
            number_of (item, "queued"), number_of (item, "open"), number_of (item, "done"),
            text_of (item, "http"));
    tell_depths (json_object_get (self->json, "depths"));
    json_array_foreach (self->warnings, i, item)
        printf ("CẢNH BÁO · WARNING: %s\n", json_string_value (item));
}

static int
read_all (status_t *self, refusal_t *refusal)
{
    if (cli_redis (self->cli, refusal) != 0)
        return -1;
    json_t *redis = json_object ();
    json_object_set_new (self->json, "redis", redis);
    settings_read (self, redis);
    if (info_read (self, redis, refusal) != 0 || data_set_read (self, refusal) != 0 ||
        services_read (self, refusal) != 0)
        return -1;
    return depths_read (self, refusal);
}

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    refusal_t refusal;
    int none;
    if (!cli_options (&verb_status, argc, argv, &none, &words, 0, 0))
        return 2;
    status_t self = {.cli = cli, .json = json_object (), .warnings = json_array ()};
    json_object_set_new (self.json, "warnings", self.warnings);
    int status = read_all (&self, &refusal);
    if (status)
        status = cli_refused (&verb_status, &refusal);
    else {
        status = json_array_size (self.warnings) ? 1 : 0;
        if (cli->json)
            cli_print_json (json_incref (self.json));
        else
            tell (&self);
    }
    json_decref (self.json);
    return status;
}

const verb_t verb_status = {
    .name = "status",
    .words = "",
    .vi = "dịch vụ, hàng đợi, độ bền đang có hiệu lực; cảnh báo",
    .en = "services and copies, depths, durability in force; warnings",
    .help = "  Exit status 0 when everything is there, 1 when there is a warning, 3 when Redis is "
            "away.\n",
    .run = run,
};
