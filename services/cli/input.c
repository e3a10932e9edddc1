#include "input.h"

#include "lines.h"
#include "petition.h"
#include "repeat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct input {
    const char *name;
    defaults_t defaults;
    lines_t *lines;
    repeats_t *repeats;
    arena_t *arena;
    buffer_t content;
    int64_t size; // of a regular file, else 0
    int64_t line, given, ignored;
    bool plain, broken;
};

//  --- one petition

static const struct {
    const char *name;
    size_t offset;
} fillings[] = {
    {"desk", offsetof (defaults_t, desk)},
    {"channel", offsetof (defaults_t, channel)},
    {"received", offsetof (defaults_t, received)},
    {"type", offsetof (defaults_t, type)},
    {"field", offsetof (defaults_t, field)},
    {"place", offsetof (defaults_t, place)},
    {"respondent", offsetof (defaults_t, respondent)},
};

static void
fill_in (json_t *json, const defaults_t *defaults)
{
    for (size_t i = 0; i < sizeof fillings / sizeof *fillings; i++) {
        const char *value = *(const char *const *)((const char *)defaults + fillings[i].offset);
        const json_t *said = json_object_get (json, fillings[i].name);
        if (value && (!said || json_is_null (said)))
            json_object_set_new (json, fillings[i].name, json_string (value));
    }
}

static int
key_in (input_t *self, petition_t *petition, char room[REPEAT_KEY], refusal_t *why)
{
    if (self->defaults.key && ++self->given > 1)
        return refuse (why, REFUSAL_INVALID, "--key",
            "names one petition, and this is another; leave --key away or give each line a key");
    if (self->defaults.key)
        petition->key = slice_from (self->defaults.key);
    if (petition->key.size)
        return 0;
    buffer_clear (&self->content);
    codec_encode (&petition_schema, petition, &self->content);
    petition->key = slice_from (repeats_key (self->repeats, buffer_slice (&self->content), room));
    return 0;
}

static int
petition_write (input_t *self, json_t *json, buffer_t *body, refusal_t *why)
{
    petition_t petition;
    char key[REPEAT_KEY];
    size_t unknown = 0;
    arena_reset (self->arena);
    fill_in (json, &self->defaults);
    if (codec_from_json (&petition_schema, json, &petition, self->arena, &unknown, why) != 0 ||
        key_in (self, &petition, key, why) != 0)
        return -1;
    self->ignored += (int64_t)unknown;
    codec_encode (&petition_schema, &petition, body);
    return 0;
}

//  jansson quotes what stands near the error: perhaps personal, so it is cut off.
static int
refuse_json (const json_error_t *error, int64_t line, refusal_t *why)
{
    const char *near = strstr (error->text, " near ");
    int size = near ? (int)(near - error->text) : (int)strlen (error->text);
    return refuse (why, REFUSAL_INVALID, "JSON", "line %lld column %d: %.*s", (long long)line,
        error->column, size, error->text);
}

static input_status_t
json_from (input_t *self, slice_t text, json_t **json, refusal_t *why)
{
    json_error_t error;
    *json = json_loadb (text.ptr, text.size, JSON_REJECT_DUPLICATES, &error);
    if (!*json)
        refuse_json (&error, self->line + error.line - 1, why);
    if (json_is_object (*json))
        return INPUT_PETITION;
    if (*json)
        refuse (why, REFUSAL_INVALID, "JSON", "a petition is an object: {\"desk\": ..., ...}");
    json_decref (*json);
    *json = NULL;
    return INPUT_BAD;
}

static input_status_t
json_plain (input_t *self, json_t **json, refusal_t *why)
{
    slice_t text;
    self->plain = false; // after it there is no more
    self->line = 1;
    if (!lines_rest (self->lines, &text)) {
        refuse (why, REFUSAL_INVALID, "text", "is longer than any petition may be");
        return INPUT_BAD;
    }
    json_t *string = json_stringn (text.ptr, text.size);
    if (!string) {
        refuse (why, REFUSAL_INVALID, "text", "is not UTF-8");
        return INPUT_BAD;
    }
    *json = json_object ();
    json_object_set_new (*json, "text", string);
    return INPUT_PETITION;
}

//  --- the file

static bool
is_blank (slice_t line)
{
    for (size_t i = 0; i < line.size; i++)
        if (!strchr (" \t\r\n", line.ptr[i]) || !line.ptr[i])
            return false;
    return true;
}

//  A byte order mark is no part of the first line.
static slice_t
without_mark (slice_t line)
{
    bool marked = line.size >= 3 && memcmp (line.ptr, "\xEF\xBB\xBF", 3) == 0;
    return marked ? (slice_t){line.ptr + 3, line.size - 3} : line;
}

//  A first line that ends too early may be the beginning of one object over several lines.
static input_status_t
json_first (input_t *self, slice_t line, json_t **json, refusal_t *why)
{
    json_error_t error;
    json_t *whole_line = json_loadb (line.ptr, line.size, JSON_REJECT_DUPLICATES, &error);
    bool open = !whole_line && json_error_code (&error) == json_error_premature_end_of_input;
    json_decref (whole_line);
    if (!open)
        return json_from (self, line, json, why);
    char *kept = mem_copy (line);
    slice_t rest, first = {kept, line.size};
    lines_status_t status = lines_next (self->lines, true, &rest);
    bool many = status == LINES_ONE && rest.size && rest.ptr[0] == '{';
    input_status_t answer;
    if (status == LINES_ONE)
        lines_back (self->lines);
    if (many || !lines_rest (self->lines, &rest))
        answer = json_from (self, first, json, why);
    else {
        buffer_t whole = {0};
        buffer_append (&whole, kept, first.size);
        buffer_append (&whole, "\n", 1);
        buffer_append (&whole, rest.ptr, rest.size);
        answer = json_from (self, buffer_slice (&whole), json, why);
        buffer_free (&whole);
    }
    free (kept);
    return answer;
}

static input_status_t
status_from (input_t *self, lines_status_t status, refusal_t *why)
{
    if (status == LINES_LATER)
        return INPUT_LATER;
    bool broken = status == LINES_END && lines_error (self->lines) && !self->broken;
    if (status == LINES_END && !broken)
        return INPUT_END;
    self->line = lines_number (self->lines);
    self->broken = broken;
    if (broken)
        refuse (why, REFUSAL_INVALID, "file", "reading stopped behind this line: %s",
            strerror (lines_error (self->lines)));
    else
        refuse (why, REFUSAL_INVALID, "JSON", "the line is longer than %d bytes", LINES_MAX);
    return INPUT_BAD;
}

input_status_t
input_next_json (input_t *self, bool wait, json_t **json, refusal_t *why)
{
    slice_t line;
    *json = NULL;
    if (self->plain)
        return json_plain (self, json, why);
    do {
        lines_status_t status = lines_next (self->lines, wait, &line);
        if (status != LINES_ONE)
            return status_from (self, status, why);
        line = lines_number (self->lines) == 1 ? without_mark (line) : line;
    } while (is_blank (line));
    bool first = self->line == 0;
    self->line = lines_number (self->lines);
    return first ? json_first (self, line, json, why) : json_from (self, line, json, why);
}

input_status_t
input_next (input_t *self, bool wait, buffer_t *body, refusal_t *why)
{
    json_t *json;
    input_status_t status = input_next_json (self, wait, &json, why);
    if (status == INPUT_PETITION && petition_write (self, json, body, why) != 0)
        status = INPUT_BAD;
    json_decref (json);
    return status;
}

//  Is it JSON? The first character that is not blank tells; a text needs a desk.
static int
input_look (input_t *self, refusal_t *refusal)
{
    slice_t line = {0};
    lines_status_t status;
    size_t at = 0;
    while ((status = lines_next (self->lines, true, &line)) == LINES_ONE &&
           is_blank (without_mark (line)))
        ;
    if (lines_error (self->lines))
        return refuse (refusal, REFUSAL_INVALID, self->name, "cannot be read: %s",
            strerror (lines_error (self->lines)));
    if (status != LINES_ONE)
        return refuse (refusal, REFUSAL_INVALID, self->name,
            status == LINES_LONG ? "has a first line that is longer than any petition"
                                 : "is empty");
    line = without_mark (line);
    while (line.ptr[at] == ' ' || line.ptr[at] == '\t')
        at++;
    self->plain = line.ptr[at] != '{';
    lines_back (self->lines);
    if (self->plain && !self->defaults.desk)
        return refuse (refusal, REFUSAL_MALFORMED, self->name,
            "is not JSON (a petition begins with '{'); for a plain text say where it was handed "
            "in: --desk ID");
    return 0;
}

static int
input_open (const char *file, int64_t *size, refusal_t *refusal)
{
    struct stat stat;
    int fd = strcmp (file, "-") == 0 ? dup (STDIN_FILENO) : open (file, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse (refusal, REFUSAL_INVALID, file, "cannot be read: %s", strerror (errno));
    *size = fstat (fd, &stat) == 0 && S_ISREG (stat.st_mode) ? stat.st_size : 0;
    return fd;
}

input_t *
input_new (const char *file, const defaults_t *defaults, refusal_t *refusal)
{
    int64_t size = 0;
    int fd = input_open (file, &size, refusal);
    if (fd < 0)
        return NULL;
    input_t *self = mem_new (sizeof *self);
    self->name = strcmp (file, "-") == 0 ? "standard input" : file;
    self->size = size;
    self->defaults = *defaults;
    self->lines = lines_new (fd);
    self->repeats = repeats_new ();
    self->arena = arena_new ();
    if (input_look (self, refusal) != 0)
        input_destroy (&self);
    return self;
}

void
input_destroy (input_t **self_p)
{
    assert (self_p);
    input_t *self = *self_p;
    if (!self)
        return;
    lines_destroy (&self->lines);
    repeats_destroy (&self->repeats);
    arena_destroy (&self->arena);
    buffer_free (&self->content);
    free (self);
    *self_p = NULL;
}

int64_t
input_line (const input_t *self)
{
    return self->line;
}

int64_t
input_ignored (const input_t *self)
{
    return self->ignored;
}

int
input_fd (const input_t *self)
{
    return lines_fd (self->lines);
}

const char *
input_name (const input_t *self)
{
    return self->name;
}

int
input_share (const input_t *self)
{
    return self->size ? (int)(lines_bytes (self->lines) * 1000 / self->size) : -1;
}
