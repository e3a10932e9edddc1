#include "brake.h"

#include "log.h"

#include <stdio.h>
#include <sys/statvfs.h>

enum { LOOK_MS = 1000, RETRY_MS = 30000 };

struct brake {
    service_t *service;
    char trouble[160]; // "" = free
};

static int64_t
info_number (slice_t info, const char *name)
{
    const char *found = memmem (info.ptr, info.size, name, strlen (name));
    return found ? strtoll (found + strlen (name), NULL, 10) : 0;
}

static void
brake_set (brake_t *self, const char *trouble)
{
    if (strcmp (self->trouble, trouble) != 0)
        log_event (LOG_WARNING, *trouble ? "brake-on" : "brake-off", "why", trouble, NULL);
    snprintf (self->trouble, sizeof self->trouble, "%s", trouble);
}

//  Free space where Redis writes, in MB; -1 when it is not watched or cannot be seen.
static int64_t
disk_free_mb (const char *folder)
{
    struct statvfs disk;
    if (!*folder || statvfs (folder, &disk) != 0)
        return -1;
    return (int64_t)(disk.f_bavail / 1024 * disk.f_frsize / 1024);
}

static void
on_info (void *arg, const redisReply *reply)
{
    brake_t *self = arg;
    slice_t info = redis_text (reply);
    if (!info.size)
        return; // an answer that did not come changes nothing: registration itself will tell
    const settings_t *settings = &self->service->settings;
    char trouble[160] = "";
    int64_t used = info_number (info, "\nused_memory:"), most = info_number (info, "\nmaxmemory:");
    if (most > 0 && used / (most / 100 + 1) >= settings->memory_percent)
        snprintf (trouble, sizeof trouble, "memory of the store is nearly full (%lld of %lld MB)",
            (long long)(used >> 20), (long long)(most >> 20));
    int64_t free_mb = disk_free_mb (settings->disk);
    if (free_mb >= 0 && free_mb < settings->disk_free_mb)
        snprintf (trouble, sizeof trouble, "disk of the store is nearly full (%lld MB left)",
            (long long)free_mb);
    brake_set (self, trouble);
}

static void
brake_look (void *arg)
{
    brake_t *self = arg;
    slice_t words[] = {SLICE ("INFO"), SLICE ("memory")};
    redis_command (self->service->redis, on_info, self, 2, words);
}

brake_t *
brake_new (service_t *service)
{
    brake_t *self = mem_new (sizeof *self);
    self->service = service;
    loop_add_timer (service->loop, LOOK_MS, brake_look, self);
    return self;
}

void
brake_destroy (brake_t **self_p)
{
    assert (self_p);
    free (*self_p);
    *self_p = NULL;
}

int
brake_check (const brake_t *self, refusal_t *refusal)
{
    if (!*self->trouble)
        return 0;
    refuse (refusal, REFUSAL_UNAVAILABLE, "store",
        "new petitions are not taken now: %s; keep the paper and try again", self->trouble);
    refusal->retry_ms = RETRY_MS;
    return -1;
}
