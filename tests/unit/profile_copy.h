//  For tests: a copy of the good profile in a temporary folder, with something changed.

#ifndef DAUMOI_TEST_PROFILE_COPY_H
#define DAUMOI_TEST_PROFILE_COPY_H

#include <stdio.h>
#include <unistd.h>

#include "base.h"

#define PROFILE_GOOD "deploy/profiles/quang-ninh"

static const char *const profile_copy_files[] = {"profile.yaml", "units.yaml", "communes.yaml",
    "places.yaml", "fields.yaml", "competence.yaml", "desks.yaml", "rules.yaml", "calendar.yaml"};

enum { PROFILE_COPY_FILES = sizeof profile_copy_files / sizeof *profile_copy_files };

typedef struct {
    char folder[64];
} profile_copy_t;

//  The bytes of a file and a NUL that is not counted; buffer_free () it.
static inline buffer_t
profile_copy_read (const char *folder, const char *file)
{
    char path[512], chunk[8192];
    buffer_t bytes = {0};
    snprintf (path, sizeof path, "%s/%s", folder, file);
    FILE *stream = fopen (path, "rb");
    if (!stream)
        die ("%s cannot be read", path);
    size_t got;
    while ((got = fread (chunk, 1, sizeof chunk, stream)) > 0)
        buffer_append (&bytes, chunk, got);
    fclose (stream);
    buffer_append (&bytes, "", 1);
    bytes.size--;
    return bytes;
}

static inline void
profile_copy_write (const profile_copy_t *self, const char *file, slice_t content)
{
    char path[512];
    snprintf (path, sizeof path, "%s/%s", self->folder, file);
    FILE *stream = fopen (path, "wb");
    if (!stream || fwrite (content.ptr, 1, content.size, stream) != content.size)
        die ("%s cannot be written", path);
    fclose (stream);
}

static inline void
profile_copy_delete (const profile_copy_t *self, const char *file)
{
    char path[512];
    snprintf (path, sizeof path, "%s/%s", self->folder, file);
    unlink (path);
}

static inline void
profile_copy_restore (const profile_copy_t *self, const char *file)
{
    buffer_t bytes = profile_copy_read (PROFILE_GOOD, file);
    profile_copy_write (self, file, buffer_slice (&bytes));
    buffer_free (&bytes);
}

static inline void
profile_copy_make (profile_copy_t *self)
{
    snprintf (self->folder, sizeof self->folder, "/tmp/daumoi-profile-XXXXXX");
    if (!mkdtemp (self->folder))
        die ("no temporary folder");
    for (size_t i = 0; i < PROFILE_COPY_FILES; i++)
        profile_copy_restore (self, profile_copy_files[i]);
}

static inline void
profile_copy_remove (const profile_copy_t *self)
{
    for (size_t i = 0; i < PROFILE_COPY_FILES; i++)
        profile_copy_delete (self, profile_copy_files[i]);
    rmdir (self->folder);
}

//  Replaces the first `from` by `to`; it must be there.
static inline void
profile_copy_edit (const profile_copy_t *self, const char *file, const char *from, const char *to)
{
    buffer_t bytes = profile_copy_read (self->folder, file), out = {0};
    const char *at = strstr (bytes.data, from);
    if (!at)
        die ("%s does not contain \"%s\"", file, from);
    buffer_append (&out, bytes.data, (size_t)(at - bytes.data));
    buffer_append (&out, to, strlen (to));
    buffer_append (&out, at + strlen (from), strlen (at + strlen (from)));
    profile_copy_write (self, file, buffer_slice (&out));
    buffer_free (&bytes);
    buffer_free (&out);
}

//  The line on which the text first stands; it must be there.
static inline int
profile_copy_line (const profile_copy_t *self, const char *file, const char *text)
{
    buffer_t bytes = profile_copy_read (self->folder, file);
    const char *found = strstr (bytes.data, text);
    if (!found)
        die ("%s does not contain \"%s\"", file, text);
    int line = 1;
    for (const char *at = bytes.data; at < found; at++)
        line += *at == '\n';
    buffer_free (&bytes);
    return line;
}

#endif
