#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "text.h"

static const char *const levels[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARNING] = "warning",
    [LOG_ERROR] = "error",
};

//  Set once at start, before any thread; read by all.
static const char *log_service = "";
static log_level_t log_least = LOG_INFO;

void
log_open (const char *service, log_level_t least)
{
    log_service = service;
    log_least = least;
}

log_level_t
log_level_from (const char *name)
{
    for (log_level_t level = LOG_ERROR; name && level <= LOG_DEBUG; level++)
        if (levels[level] && strcmp (name, levels[level]) == 0)
            return level;
    return LOG_INFO;
}

//  A JSON string. Bytes that are no UTF-8 are written as if they were Latin-1: whatever a peer
//  sent, the line stays JSON.
static void
append_string (buffer_t *line, const char *text)
{
    bool utf8 = text_is_utf8 (slice_from (text));
    buffer_append (line, "\"", 1);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\')
            buffer_append (line, "\\", 1);
        if (*at < 0x20 || *at == 0x7f || (*at >= 0x80 && !utf8))
            buffer_printf (line, "\\u%04x", *at);
        else
            buffer_append (line, at, 1);
    }
    buffer_append (line, "\"", 1);
}

static void
append_pair (buffer_t *line, const char *name, const char *value)
{
    buffer_append (line, line->size ? "," : "{", 1);
    append_string (line, name);
    buffer_append (line, ":", 1);
    append_string (line, value ? value : "");
}

static void
append_head (buffer_t *line, log_level_t level, const char *event)
{
    int64_t now_ms = clock_now_ms ();
    char second[CLOCK_TEXT], stamp[2 * CLOCK_TEXT];
    clock_write (now_ms, second);
    //  "2026-11-20T08:05:00" and "+07:00", with the milliseconds between.
    snprintf (stamp, sizeof stamp, "%.19s.%03d%s", second, (int)(now_ms % 1000), second + 19);
    append_pair (line, "ts", stamp);
    append_pair (line, "level", levels[level]);
    append_pair (line, "service", log_service);
    append_pair (line, "event", event);
}

//  One write, so that lines of several processes on one pipe do not mix. A log that cannot be
//  written is no reason to stop.
static void
write_line (const buffer_t *line)
{
    ssize_t done;
    do
        done = write (STDERR_FILENO, line->data, line->size);
    while (done < 0 && errno == EINTR);
}

void
log_event (log_level_t level, const char *event, ...)
{
    if (level > log_least)
        return;
    int saved = errno;
    buffer_t line = {0};
    append_head (&line, level, event);
    va_list args;
    va_start (args, event);
    for (const char *name; (name = va_arg (args, const char *));)
        append_pair (&line, name, va_arg (args, const char *));
    va_end (args);
    buffer_append (&line, "}\n", 2);
    write_line (&line);
    buffer_free (&line);
    errno = saved;
}

const char *
log_number (int64_t value)
{
    static _Thread_local char texts[4][24];
    static _Thread_local unsigned turn;
    char *text = texts[turn++ % 4];
    snprintf (text, sizeof texts[0], "%" PRId64, value);
    return text;
}
