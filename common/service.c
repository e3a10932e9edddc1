#include "service.h"

#include "clock.h"
#include "log.h"
#include "metrics.h"

#include <errno.h>
#include <netdb.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { DRAIN_MS = 5000, DRAIN_TICK_MS = 20 };

#define ROW(variable, kind, fallback, least, most, member, help)                                   \
    {                                                                                              \
        variable, kind, fallback, least, most, help, offsetof (settings_t, member)                 \
    }

const config_row_t settings_rows[] = {
    ROW ("DAUMOI_REDIS", CONFIG_TEXT, "127.0.0.1:6379", 0, 0, redis, "unix:/path or host:port"),
    ROW ("DAUMOI_REDIS_USER", CONFIG_TEXT, "", 0, 0, redis_user, "Redis user, when it has users"),
    ROW ("DAUMOI_REDIS_PASSWORD_FILE", CONFIG_TEXT, "", 0, 0, redis_password_file,
        "file with the Redis password"),
    ROW ("DAUMOI_PROFILE", CONFIG_TEXT, "deploy/profiles/quang-ninh", 0, 0, profile,
        "folder of the profile"),
    ROW ("DAUMOI_VAULT_KEY", CONFIG_TEXT, "", 0, 0, vault_key,
        "file of the vault key (intake, classification, assignment)"),
    ROW ("DAUMOI_MODEL", CONFIG_TEXT, "services/classification/model.bin", 0, 0, model,
        "model file of classification"),
    ROW ("DAUMOI_RUN", CONFIG_TEXT, "", 0, 0, run, "folder for ipc sockets; empty: tcp"),
    ROW ("DAUMOI_BIND", CONFIG_TEXT, "tcp://127.0.0.1:*", 0, 0, bind,
        "where to listen when DAUMOI_RUN is empty"),
    ROW ("DAUMOI_ADVERTISE", CONFIG_TEXT, "", 0, 0, advertise,
        "host that others reach this copy by; empty: the bound one, or the container's address"),
    ROW ("DAUMOI_HTTP", CONFIG_TEXT, "127.0.0.1:0", 0, 0, http, "/metrics, /livez, /readyz"),
    ROW (
        "DAUMOI_CURVE", CONFIG_TEXT, "", 0, 0, curve, "folder of CURVE keys; empty: no encryption"),
    ROW ("DAUMOI_LOG", CONFIG_TEXT, "info", 0, 0, log, "debug, info, warning, error"),
    ROW ("DAUMOI_WINDOW", CONFIG_INT, "4096", 16, 100000, window,
        "cases that one copy holds between arrival and answer"),
    ROW ("DAUMOI_DISK", CONFIG_TEXT, "", 0, 0, disk,
        "a folder on Redis' disk, watched by intake; empty: not watched"),
    ROW ("DAUMOI_DISK_FREE_MB", CONFIG_INT, "512", 0, 1000000, disk_free_mb,
        "registration stops below so much free disk"),
    ROW ("DAUMOI_MEMORY_PERCENT", CONFIG_INT, "85", 1, 100, memory_percent,
        "registration stops above this share of Redis' maxmemory"),
};
const size_t settings_count = sizeof settings_rows / sizeof *settings_rows;

_Noreturn static void
service_exit (const char *name, const refusal_t *refusal)
{
    fprintf (stderr, "%s: %s: %s\n", name, refusal->field, refusal->text);
    exit (refusal_exit_status (refusal->code));
}

static void
service_help (const char *name)
{
    buffer_t out = {0};
    config_help (settings_rows, settings_count, &out);
    printf ("daumoi-%s: a service of Đầu Mối; settings come from the environment.\n\n%.*s", name,
        SLICE_ARGS (buffer_slice (&out)));
    buffer_free (&out);
    exit (0);
}

//  --- readiness

static void
service_missing (void *arg, buffer_t *reasons)
{
    service_t *self = arg;
    if (!redis_connected (self->redis))
        buffer_printf (reasons, "redis: %s\n", redis_trouble (self->redis));
    if (self->stop_by_ms)
        buffer_printf (reasons, "service: stopping\n");
    if (self->ledger)
        ledger_ready (self->ledger, reasons);
    if (self->ready)
        self->ready (self->self, reasons);
}

//  The row appears only when the service is ready; its port says the same.
static void
service_http_missing (void *arg, buffer_t *reasons)
{
    service_t *self = arg;
    service_missing (self, reasons);
    if (!registry_heard (self->registry))
        buffer_printf (reasons, "registry: not heard yet\n");
}

static void
service_http_readable (void *arg)
{
    http_run (((service_t *)arg)->http);
}

static void
service_http_tick (void *arg)
{
    http_run (((service_t *)arg)->http);
}

static void
service_rows (void *arg, const registry_row_t *rows, size_t count)
{
    service_t *self = arg;
    if (self->rows)
        self->rows (self->self, rows, count);
}

static void
service_fill (void *arg, registry_row_t *row)
{
    service_t *self = arg;
    if (self->fill)
        self->fill (self->self, row);
}

//  --- stopping

static void
service_drain (void *arg)
{
    service_t *self = arg;
    if (!self->stop_by_ms)
        return;
    if (self->drained (self->self) || clock_monotonic_ms () > self->stop_by_ms)
        loop_stop (self->loop);
}

static void
service_on_stop (void *arg)
{
    service_t *self = arg;
    if (self->stop_by_ms)
        return;
    log_event (LOG_INFO, "stopping", NULL);
    self->stop_by_ms = clock_monotonic_ms () + DRAIN_MS;
    registry_leave (self->registry);
    self->stop (self->self);
    loop_set_timer (self->loop, self->drain_timer, DRAIN_TICK_MS);
}

//  --- opening

static void
service_open_http (service_t *self)
{
    refusal_t refusal;
    static char address[128];
    self->http = http_new (self->settings.http, service_http_missing, self, &refusal);
    if (!self->http)
        service_exit (self->name, &refusal);
    loop_add_fd (self->loop, http_fd (self->http), service_http_readable, self);
    loop_add_timer (self->loop, 1000, service_http_tick, self);
    const char *colon = strrchr (self->settings.http, ':');
    int host = colon ? (int)(colon - self->settings.http) : 0;
    snprintf (
        address, sizeof address, "%.*s:%d", host, self->settings.http, http_port (self->http));
    self->row.http = slice_from (address);
}

void
service_open (service_t *self, const char *name, int argc, char **argv, bool has_ledger)
{
    refusal_t refusal;
    self->name = name;
    if (argc > 1)
        service_help (name);
    (void)argv;
    if (config_read (settings_rows, settings_count, &self->settings, &refusal) != 0)
        service_exit (name, &refusal);
    self->loop = loop_new (); // before any thread, so that signals come to the loop alone
    zsys_handler_set (NULL);
    if (sodium_init () < 0)
        die ("libsodium cannot start");
    log_open (name, log_level_from (self->settings.log));
    buffer_t errors = {0};
    self->profile = profile_load (self->settings.profile, &errors, &refusal);
    if (!self->profile)
        service_exit (name, &refusal);
    buffer_free (&errors);
    if (wire_secure (self->settings.curve, &refusal) != 0)
        service_exit (name, &refusal);
    self->redis = redis_new (self->loop, self->settings.redis, self->settings.redis_user,
        self->settings.redis_password_file);
    if (has_ledger)
        self->ledger = ledger_new (
            self->loop, self->redis, profile_hash (self->profile), (size_t)self->settings.window);
    message_id (self->copy);
    self->row.copy = slice_from (self->copy);
    self->row.service = slice_from (name);
    self->row.version = SLICE (DAUMOI_VERSION);
    self->row.started_ms = clock_now_ms ();
    service_open_http (self);
}

//  --- endpoints

void
service_endpoint (const service_t *self, const char *purpose, char out[256])
{
    if (*self->settings.run)
        snprintf (
            out, 256, "ipc://%s/%.6s-%.8s-%s", self->settings.run, self->name, self->copy, purpose);
    else
        snprintf (out, 256, "%s", self->settings.bind);
}

//  The first address of this host's name: in a container, its own on the private network.
static void
own_address (char out[64])
{
    char name[128] = "";
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
    gethostname (name, sizeof name - 1);
    snprintf (out, 64, "127.0.0.1");
    if (getaddrinfo (name, NULL, &hints, &found) == 0 && found)
        getnameinfo (found->ai_addr, found->ai_addrlen, out, 64, NULL, 0, NI_NUMERICHOST);
    if (found)
        freeaddrinfo (found);
}

slice_t
service_advertised (const service_t *self, const char *bound, char out[256])
{
    const char *port = strrchr (bound, ':');
    bool everywhere = strncmp (bound, "tcp://0.0.0.0:", 14) == 0;
    char host[64];
    snprintf (out, 256, "%s", bound);
    if (strncmp (bound, "tcp://", 6) == 0 && (*self->settings.advertise || everywhere)) {
        own_address (host);
        snprintf (out, 256, "tcp://%s%s",
            *self->settings.advertise ? self->settings.advertise : host, port);
    }
    return slice_from (out);
}

//  --- running

void
service_run (service_t *self)
{
    self->registry = registry_new (self->loop, self->redis, self->ledger, &self->row,
        service_missing, service_fill, service_rows, self);
    loop_on_stop (self->loop, service_on_stop, self);
    self->drain_timer = loop_add_timer (self->loop, 1000, service_drain, self);
    log_event (LOG_INFO, "started", "copy", self->copy, "version", DAUMOI_VERSION, NULL);
    loop_run (self->loop);
    log_event (LOG_INFO, "stopped", NULL);
}

void
service_finish (service_t *self)
{
    redis_destroy (&self->redis); // answers NULL, then the ledger refuses what is left
    ledger_destroy (&self->ledger);
}

void
service_close (service_t *self)
{
    service_finish (self);
    http_destroy (&self->http);
    registry_destroy (&self->registry);
    profile_destroy (&self->profile);
    wire_end ();
    loop_destroy (&self->loop);
}
