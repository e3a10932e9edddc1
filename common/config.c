#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static int
refuse_row (const config_row_t *row, refusal_t *refusal, const char *what)
{
    return refuse (
        refusal, REFUSAL_INVALID, row->name, "%s %s; it means: %s", row->name, what, row->help);
}

static int
read_int (const config_row_t *row, const char *text, int64_t *number, refusal_t *refusal)
{
    char *end;
    errno = 0;
    long long value = strtoll (text, &end, 10);
    //  strtoll would skip spaces in front.
    bool begins = (text[0] >= '0' && text[0] <= '9') || text[0] == '-';
    if (!begins || *end || errno || value < row->least || value > row->most)
        return refuse (refusal, REFUSAL_INVALID, row->name,
            "%s must be a whole number from %" PRId64 " to %" PRId64 ", not \"%s\"", row->name,
            row->least, row->most, text);
    *number = value;
    return 0;
}

//  A path that cannot be read is told at start, not at the first use; "" means: not used.
static int
check_secret (const config_row_t *row, const char *path, refusal_t *refusal)
{
    if (!*path || access (path, R_OK) == 0)
        return 0;
    return refuse (refusal, REFUSAL_INVALID, row->name, "%s: cannot read %s: %s", row->name, path,
        strerror (errno));
}

static int
read_row (const config_row_t *row, void *settings, refusal_t *refusal)
{
    //  An empty variable is an unset one: compose files pass on what was never set.
    const char *text = getenv (row->name);
    if (!text || !*text)
        text = row->fallback;
    if (!text)
        return refuse_row (row, refusal, "is not set and has no default");
    void *at = (char *)settings + row->offset;
    if (row->kind == CONFIG_INT)
        return read_int (row, text, at, refusal);
    if (row->kind == CONFIG_SECRET_FILE && check_secret (row, text, refusal))
        return -1;
    *(const char **)at = text;
    return 0;
}

int
config_read (const config_row_t *rows, size_t count, void *settings, refusal_t *refusal)
{
    for (size_t i = 0; i < count; i++)
        if (read_row (&rows[i], settings, refusal))
            return -1;
    return 0;
}

static int
widest_name (const config_row_t *rows, size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++)
        if (strlen (rows[i].name) > widest)
            widest = strlen (rows[i].name);
    return (int)widest;
}

void
config_help (const config_row_t *rows, size_t count, buffer_t *out)
{
    int width = widest_name (rows, count);
    for (size_t i = 0; i < count; i++) {
        const config_row_t *row = &rows[i];
        const char *fallback = !row->fallback ? "(required)" : *row->fallback ? row->fallback : "-";
        buffer_printf (out, "  %-*s  %-24s  %s", width, row->name, fallback, row->help);
        if (row->kind == CONFIG_INT)
            buffer_printf (out, " (%" PRId64 " to %" PRId64 ")", row->least, row->most);
        buffer_append (out, "\n", 1);
    }
}
