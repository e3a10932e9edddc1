//  What every service has: settings, loop, profile, Redis, registry, an HTTP port. A service's
//  main.c fills a service_plan_t, its own file does the thinking.

#ifndef DAUMOI_SERVICE_H
#define DAUMOI_SERVICE_H

#include "config.h"
#include "http.h"
#include "profile.h"
#include "registry.h"
#include "wire.h"

typedef struct {
    const char *redis, *redis_user, *redis_password_file;
    const char *profile, *vault_key, *model;
    const char *run, *bind, *advertise;
    const char *http, *curve, *log;
    const char *disk;
    int64_t window, disk_free_mb, memory_percent;
} settings_t;

//  The settings of all services, one table: also for --help and the command line.
extern const config_row_t settings_rows[];
extern const size_t settings_count;

typedef struct service service_t;
struct service {
    const char *name;
    settings_t settings;
    loop_t *loop;
    profile_t *profile;
    redis_t *redis;
    ledger_t *ledger; // NULL in classification: it has no case state
    registry_t *registry;
    http_t *http;
    registry_row_t row; // endpoints are set by the service before service_run
    char copy[CASE_ID_TEXT + 1];
    void *self;                                    // of the service
    void (*ready) (void *self, buffer_t *reasons); // what else is missing
    registry_fill_fn *fill;
    registry_rows_fn *rows;
    bool (*drained) (void *self); // may it end now?
    void (*stop) (void *self);    // take nothing more
    int64_t stop_by_ms;
    int drain_timer;
};

//  Reads settings (--help prints them), profile and keys; exits with a clear line when something is
//  wrong. `has_ledger`: false for classification.
void service_open (service_t *self, const char *name, int argc, char **argv, bool has_ledger);
//  An endpoint to bind for a purpose ("offers", "requests"): ipc in the run folder, or tcp.
void service_endpoint (const service_t *self, const char *purpose, char out[256]);
//  The endpoint that others connect to: what was bound, with the advertised host.
slice_t service_advertised (const service_t *self, const char *bound, char out[256]);
//  Runs until SIGINT or SIGTERM: takes no more work, waits (bounded) for what is open, leaves.
void service_run (service_t *self);
//  Ends the connection to Redis and the ledger: whatever waits is answered now, while the service's
//  sockets still stand.
void service_finish (service_t *self);
void service_close (service_t *self);

#endif
