//  Blocking access to Redis, for the command line and tools; and what both ways share.

#include "redis_inner.h"

#include <stdio.h>
#include <sys/time.h>

slice_t
redis_read_password (const char *file, char *out, size_t room)
{
    FILE *stream = file && *file ? fopen (file, "re") : NULL;
    if (!stream)
        return (slice_t){NULL, 0};
    char *line = fgets (out, (int)room, stream);
    fclose (stream);
    return (slice_t){out, line ? strcspn (line, "\r\n") : 0};
}

int
redis_split_address (const char *address, char *host, size_t room)
{
    const char *colon = strrchr (address, ':');
    if (!colon || (size_t)(colon - address) >= room)
        return 0;
    snprintf (host, room, "%.*s", (int)(colon - address), address);
    return atoi (colon + 1);
}

static int
redis_login (redisContext *context, const char *user, const char *password_file, refusal_t *refusal)
{
    char room[256];
    slice_t password = redis_read_password (password_file, room, sizeof room);
    if (!password.size)
        return 0;
    slice_t auth[] = {SLICE ("AUTH"), slice_from (user && *user ? user : "default"), password};
    redisReply *reply = redis_ask (context, 3, auth, refusal);
    explicit_bzero (room, sizeof room);
    if (!reply)
        return -1;
    freeReplyObject (reply);
    return 0;
}

redisContext *
redis_open (const char *address, const char *user, const char *password_file, refusal_t *refusal)
{
    char host[256];
    struct timeval patience = {.tv_sec = 10};
    bool is_unix = strncmp (address, "unix:", 5) == 0;
    int port = is_unix ? 0 : redis_split_address (address, host, sizeof host);
    redisContext *context = is_unix ? redisConnectUnixWithTimeout (address + 5, patience)
                                    : redisConnectWithTimeout (host, port, patience);
    if (!context || context->err) {
        refuse (refusal, REFUSAL_UNAVAILABLE, "redis", "Redis at %s cannot be reached: %s", address,
            context ? context->errstr : "out of memory");
        if (context)
            redisFree (context);
        return NULL;
    }
    redisSetTimeout (context, patience);
    if (redis_login (context, user, password_file, refusal) != 0) {
        redisFree (context);
        return NULL;
    }
    return context;
}

redisReply *
redis_ask (redisContext *context, size_t argc, const slice_t *argv, refusal_t *refusal)
{
    const char **words = mem_new (argc * sizeof *words);
    size_t *sizes = mem_new (argc * sizeof *sizes);
    for (size_t i = 0; i < argc; i++) {
        words[i] = argv[i].ptr ? argv[i].ptr : "";
        sizes[i] = argv[i].size;
    }
    redisReply *reply = redisCommandArgv (context, (int)argc, words, sizes);
    free (words);
    free (sizes);
    if (!reply) {
        refuse (refusal, REFUSAL_UNAVAILABLE, "redis", "Redis did not answer: %s", context->errstr);
        return NULL;
    }
    if (reply->type == REDIS_REPLY_ERROR) {
        refuse (refusal, redis_error_code (reply), "redis", "%s", reply->str);
        freeReplyObject (reply);
        return NULL;
    }
    return reply;
}

refusal_code_t
redis_error_code (const redisReply *reply)
{
    static const struct {
        const char *start;
        refusal_code_t code;
    } table[] = {
        {"OOM", REFUSAL_UNAVAILABLE},
        {"LOADING", REFUSAL_UNAVAILABLE},
        {"MISCONF", REFUSAL_UNAVAILABLE},
        {"BUSY", REFUSAL_UNAVAILABLE},
        {"READONLY", REFUSAL_UNAVAILABLE},
        {"CLUSTERDOWN", REFUSAL_UNAVAILABLE},
        {"TRYAGAIN", REFUSAL_UNAVAILABLE},
        {"NOAUTH", REFUSAL_UNAVAILABLE},
        {"WRONGPASS", REFUSAL_UNAVAILABLE},
        {"NOPERM", REFUSAL_FORBIDDEN},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strncmp (reply->str, table[i].start, strlen (table[i].start)) == 0)
            return table[i].code;
    return REFUSAL_INVALID;
}

slice_t
redis_text (const redisReply *reply)
{
    bool has = reply && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS);
    return has ? (slice_t){reply->str, (size_t)reply->len} : (slice_t){NULL, 0};
}
