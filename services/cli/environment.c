#include "environment.h"

#include <stdio.h>

static void
line_apply (slice_t line)
{
    const char *equals = line.size ? memchr (line.ptr, '=', line.size) : NULL;
    if (!equals || line.size < 7 || memcmp (line.ptr, "DAUMOI_", 7) != 0)
        return;
    char *name = mem_copy ((slice_t){line.ptr, (size_t)(equals - line.ptr)});
    char *value = mem_copy ((slice_t){equals + 1, line.size - strlen (name) - 1});
    const char *present = getenv (name);
    if (!present || !*present) // an empty variable is an unset one (config.c)
        setenv (name, value, 1);
    free (name);
    free (value);
}

void
environment_apply (slice_t text)
{
    while (text.size) {
        const char *end = memchr (text.ptr, '\n', text.size);
        size_t size = end ? (size_t)(end - text.ptr) : text.size;
        line_apply ((slice_t){text.ptr, size});
        size_t skip = end ? size + 1 : size;
        text = (slice_t){text.ptr + skip, text.size - skip};
    }
}

bool
environment_read (const char *data)
{
    buffer_t path = {0}, text = {0};
    char block[4096];
    size_t got;
    buffer_printf (&path, "%s/env%c", data, 0);
    FILE *file = fopen (path.data, "re");
    buffer_free (&path);
    if (!file) {
        const char *redis = getenv ("DAUMOI_REDIS");
        return redis && *redis;
    }
    while ((got = fread (block, 1, sizeof block, file)) > 0)
        buffer_append (&text, block, got);
    fclose (file);
    environment_apply (buffer_slice (&text));
    buffer_free (&text);
    return true;
}
