//  What the verbs of the command line share: where the instance is, settings, Redis, the profile.
//
//  A verb reads Redis itself and blocks while it does; whatever changes a case goes to a service.
//  Everything in here lives until the process ends.

#ifndef DAUMOI_CLI_H
#define DAUMOI_CLI_H

#include "options.h"
#include "profile.h"
#include "redis.h"
#include "service.h"

typedef struct {
    const char *data; // folder of the instance
    bool json;        // JSON instead of tables
    bool nowhere;     // nothing says where Redis is
    settings_t settings;
    redisContext *redis; // by cli_redis
    profile_t *profile;  // by cli_profile
    arena_t *arena;      // for the whole run: what grows with the data is kept elsewhere
    //  The data set, by cli_data_set.
    unsigned partitions;
    bool is_virtual;
    int64_t clock_ms, server_ms;
    char active_profile[40];
} cli_t;

typedef struct {
    const char *name;
    const char *words;   // of its synopsis, behind the name
    const char *vi, *en; // one line each
    const char *help;    // more, for `daumoi help VERB`
    const option_t *options;
    size_t option_count;
    int (*run) (cli_t *cli, int argc, char **argv); // argv behind the verb; returns the exit status
} verb_t;

#define VERB_OPTIONS(table) .options = (table), .option_count = sizeof (table) / sizeof *(table)

//  One per file.
extern const verb_t verb_init, verb_vault, verb_submit, verb_show, verb_journal, verb_list,
    verb_act, verb_classify, verb_due, verb_profile, verb_actions, verb_clock, verb_verify,
    verb_status, verb_curve;

//  Says on standard error what was refused; returns the exit status for it.
int cli_refused (const verb_t *verb, const refusal_t *refusal);
//  Reads the options and words of a verb; false when they are wrong (said on standard error: the
//  exit status is then 2). `least` and `most` words.
bool cli_options (const verb_t *verb, int argc, char **argv, void *options, words_t *words,
    size_t least, size_t most);

//  Connects to Redis once and waits, at most 60 s, while it reads its data (LOADING). -1: not
//  there.
int cli_redis (cli_t *self, refusal_t *refusal);
//  One connection, not waiting for anything; NULL with the reason.
redisContext *cli_connect (const cli_t *self, refusal_t *refusal);
//  Loads the profile once. -1 with file and line.
int cli_profile (cli_t *self, refusal_t *refusal);
//  Reads what the data set is. -1 when there is none yet.
int cli_data_set (cli_t *self, refusal_t *refusal);
//  Legal time now: of the data set when it is virtual. After cli_data_set.
int64_t cli_legal_ms (const cli_t *self);

//  Prints one JSON value on a line of its own and lets it go.
void cli_print_json (json_t *json);
json_t *json_slice (slice_t text); // null for an absent one
json_t *json_time (int64_t ms);    // RFC 3339; null for 0
//  "21/11/2026 08:05", as people here write it; returns out.
const char *time_text (int64_t ms, char out[24]);

#endif
