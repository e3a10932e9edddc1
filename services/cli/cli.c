#include "cli.h"

#include "clock.h"

#include <poll.h>
#include <stdio.h>

enum { LOADING_PATIENCE_MS = 60000, LOADING_LOOK_MS = 100 };

int
cli_refused (const verb_t *verb, const refusal_t *refusal)
{
    fflush (stdout);
    fprintf (stderr, "daumoi %s: %s%s%s\n", verb->name, refusal->field,
        refusal->field[0] ? ": " : "", refusal->text);
    if (refusal->code == REFUSAL_MALFORMED)
        fprintf (stderr, "  daumoi %s %s\n  daumoi help %s\n", verb->name, verb->words, verb->name);
    return refusal_exit_status (refusal->code);
}

bool
cli_options (const verb_t *verb, int argc, char **argv, void *options, words_t *words, size_t least,
    size_t most)
{
    refusal_t refusal;
    int status =
        options_read (verb->options, verb->option_count, argc, argv, options, words, &refusal);
    if (status == 0 && words->count < least)
        status = refuse (&refusal, REFUSAL_MALFORMED, "", "something is missing");
    if (status == 0 && words->count > most)
        status = refuse (&refusal, REFUSAL_MALFORMED, words->words[most], "is one word too many");
    if (status)
        cli_refused (verb, &refusal);
    return status == 0;
}

//  --- Redis

static int
redis_ping (redisContext *redis, refusal_t *refusal)
{
    slice_t ping = SLICE ("PING");
    redisReply *reply = redis_ask (redis, 1, &ping, refusal);
    if (!reply)
        return -1;
    freeReplyObject (reply);
    return 0;
}

static int
redis_await (redisContext *redis, refusal_t *refusal)
{
    int64_t until_ms = clock_monotonic_ms () + LOADING_PATIENCE_MS;
    while (redis_ping (redis, refusal) != 0) {
        bool loading = !redis->err && strncmp (refusal->text, "LOADING", 7) == 0;
        if (!loading || clock_monotonic_ms () > until_ms)
            return -1;
        poll (NULL, 0, LOADING_LOOK_MS);
    }
    return 0;
}

redisContext *
cli_connect (const cli_t *self, refusal_t *refusal)
{
    const settings_t *settings = &self->settings;
    redisContext *redis = NULL;
    if (!self->nowhere)
        redis = redis_open (
            settings->redis, settings->redis_user, settings->redis_password_file, refusal);
    if (redis || (!self->nowhere && refusal->code != REFUSAL_UNAVAILABLE))
        return redis;
    if (self->nowhere)
        refuse (refusal, REFUSAL_UNAVAILABLE, "redis",
            "there is no %.200s/env: start it with scripts/run --data %.80s, or set DAUMOI_REDIS",
            self->data, self->data);
    else
        refuse (refusal, REFUSAL_UNAVAILABLE, "redis",
            "cannot be reached at %.200s; is it running? start it with scripts/run --data %.80s",
            settings->redis, self->data);
    return NULL;
}

int
cli_redis (cli_t *self, refusal_t *refusal)
{
    if (self->redis)
        return 0;
    self->redis = cli_connect (self, refusal);
    return self->redis ? redis_await (self->redis, refusal) : -1;
}

//  --- the data set

static int64_t
reply_number (const redisReply *reply)
{
    slice_t text = redis_text (reply);
    return text.size ? strtoll (text.ptr, NULL, 10) : 0;
}

static int
server_time (cli_t *self, refusal_t *refusal)
{
    slice_t word = SLICE ("TIME");
    redisReply *reply = redis_ask (self->redis, 1, &word, refusal);
    if (!reply)
        return -1;
    self->server_ms =
        reply_number (reply->element[0]) * 1000 + reply_number (reply->element[1]) / 1000;
    freeReplyObject (reply);
    return 0;
}

int
cli_data_set (cli_t *self, refusal_t *refusal)
{
    slice_t words[] = {SLICE ("HMGET"), SLICE ("{p00}meta"), SLICE ("format"), SLICE ("partitions"),
        SLICE ("virtual"), SLICE ("clock"), SLICE ("profile")};
    if (cli_redis (self, refusal) != 0 || server_time (self, refusal) != 0)
        return -1;
    redisReply *reply = redis_ask (self->redis, sizeof words / sizeof *words, words, refusal);
    if (!reply)
        return -1;
    slice_t format = redis_text (reply->element[0]);
    bool ours = slice_is (format, "1");
    self->partitions = (unsigned)reply_number (reply->element[1]);
    self->is_virtual = reply_number (reply->element[2]) == 1;
    self->clock_ms = reply_number (reply->element[3]);
    snprintf (self->active_profile, sizeof self->active_profile, "%.*s",
        SLICE_ARGS (redis_text (reply->element[4])));
    freeReplyObject (reply);
    if (ours && self->partitions >= 1 && self->partitions <= LEDGER_PARTITIONS_MAX)
        return 0;
    return refuse (refusal, REFUSAL_UNAVAILABLE, "redis",
        "there is no data set of format 1 in this Redis; make one with `daumoi init`");
}

int64_t
cli_legal_ms (const cli_t *self)
{
    return self->is_virtual ? self->clock_ms : self->server_ms;
}

int
cli_profile (cli_t *self, refusal_t *refusal)
{
    if (!self->profile)
        self->profile = profile_load (self->settings.profile, NULL, refusal);
    return self->profile ? 0 : -1;
}

//  --- printing

void
cli_print_json (json_t *json)
{
    char *text = json_dumps (json, JSON_COMPACT | JSON_REAL_PRECISION (6));
    assert (text);
    puts (text);
    free (text);
    json_decref (json);
}

json_t *
json_slice (slice_t text)
{
    json_t *json = text.size ? json_stringn (text.ptr, text.size) : json_null ();
    return json ? json : json_null (); // not UTF-8
}

json_t *
json_time (int64_t ms)
{
    char text[CLOCK_TEXT];
    return ms ? json_string (clock_write (ms, text)) : json_null ();
}

const char *
time_text (int64_t ms, char out[24])
{
    int year, month, mday;
    int64_t day = clock_day (ms), minute = (ms - clock_day_start (day)) / 60000;
    clock_civil (day, &year, &month, &mday);
    snprintf (out, 24, "%02u/%02u/%04u %02u:%02u", (unsigned)mday % 100, (unsigned)month % 100,
        (unsigned)year % 10000, (unsigned)(minute / 60) % 100, (unsigned)(minute % 60));
    return out;
}
