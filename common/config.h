//  A service's settings: one table, read from the environment; printed by --help and at start.

#ifndef DAUMOI_CONFIG_H
#define DAUMOI_CONFIG_H

#include "base.h"

typedef enum { CONFIG_TEXT, CONFIG_INT, CONFIG_SECRET_FILE } config_kind_t;

typedef struct {
    const char *name; // environment variable, "DAUMOI_REDIS"
    config_kind_t kind;
    const char *fallback; // NULL = required
    int64_t least, most;  // of an int
    const char *help;
    size_t offset; // const char * or int64_t in the settings struct
} config_row_t;

//  Fills the struct from the environment and fallbacks; -1 names the variable. Text is borrowed
//  from the environment or the table.
int config_read (const config_row_t *rows, size_t count, void *settings, refusal_t *refusal);
//  The table for people: name, default, meaning.
void config_help (const config_row_t *rows, size_t count, buffer_t *out);

#endif
