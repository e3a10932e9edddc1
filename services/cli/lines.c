#include "lines.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

struct lines {
    int fd, error;
    bool ended;
    char *data;
    size_t room;
    size_t start, end; // what was read and not given
    size_t before;     // start of the last line
    size_t searched;   // no line end between start and here
    bool skipping;     // inside a line that is too long
    int64_t number, bytes, bytes_before;
};

lines_t *
lines_new (int fd)
{
    lines_t *self = mem_new (sizeof *self);
    self->fd = fd;
    return self;
}

void
lines_destroy (lines_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    close ((*self_p)->fd);
    free ((*self_p)->data);
    free (*self_p);
    *self_p = NULL;
}

//  Makes room for one more block behind what is kept.
static void
lines_room (lines_t *self)
{
    if (self->start > 0) {
        memmove (self->data, self->data + self->start, self->end - self->start);
        self->end -= self->start;
        self->searched -= self->start;
        self->start = self->before = 0;
    }
    if (self->room - self->end < BLOCK) {
        self->room = self->room * 2 > self->end + BLOCK ? self->room * 2 : self->end + BLOCK;
        self->data = mem_grow (self->data, self->room);
    }
}

//  False when nothing came: `ended`, or only later.
static bool
lines_fill (lines_t *self, bool wait)
{
    struct pollfd look = {.fd = self->fd, .events = POLLIN};
    if (self->ended || (!wait && poll (&look, 1, 0) == 0))
        return false;
    lines_room (self);
    ssize_t got;
    do
        got = read (self->fd, self->data + self->end, self->room - self->end);
    while (got < 0 && errno == EINTR);
    if (got <= 0) {
        self->error = got < 0 ? errno : 0;
        self->ended = true;
        return false;
    }
    self->end += (size_t)got;
    return true;
}

//  Gives the bytes up to `size`, of which `behind` are the line's end.
static void
lines_give (lines_t *self, size_t size, size_t behind, slice_t *line)
{
    *line = (slice_t){self->data + self->start, size};
    if (size && line->ptr[size - 1] == '\r')
        line->size--;
    self->before = self->start;
    self->bytes_before = self->bytes;
    self->start += size + behind;
    self->searched = self->start;
    self->bytes += (int64_t)(size + behind);
    self->number++;
}

//  A line that is whole in memory.
static bool
lines_take (lines_t *self, slice_t *line)
{
    size_t left = self->end - self->searched;
    const char *found = left ? memchr (self->data + self->searched, '\n', left) : NULL;
    self->searched = self->end;
    if (!found)
        return false;
    lines_give (self, (size_t)(found - self->data) - self->start, 1, line);
    return true;
}

static lines_status_t
lines_last (lines_t *self, slice_t *line)
{
    if (self->end == self->start || self->skipping)
        return LINES_END;
    lines_give (self, self->end - self->start, 0, line);
    return LINES_ONE;
}

lines_status_t
lines_next (lines_t *self, bool wait, slice_t *line)
{
    while (true) {
        if (lines_take (self, line)) {
            bool was_long = self->skipping || line->size > LINES_MAX;
            self->skipping = false;
            return was_long ? LINES_LONG : LINES_ONE;
        }
        if (self->end - self->start > LINES_MAX) {
            self->skipping = true;
            self->bytes += (int64_t)(self->end - self->start);
            self->start = self->searched = self->end;
        }
        if (lines_fill (self, wait))
            continue;
        if (!self->ended)
            return LINES_LATER;
        if (self->skipping && self->end == self->start) {
            self->skipping = false;
            self->number++;
            return LINES_LONG;
        }
        return lines_last (self, line);
    }
}

void
lines_back (lines_t *self)
{
    self->start = self->searched = self->before;
    self->bytes = self->bytes_before;
    self->number--;
}

bool
lines_rest (lines_t *self, slice_t *text)
{
    while (self->end - self->start <= LINES_MAX && lines_fill (self, true))
        ;
    if (self->end - self->start > LINES_MAX)
        return false;
    *text = (slice_t){self->data + self->start, self->end - self->start};
    self->start = self->searched = self->end;
    return true;
}

int64_t
lines_number (const lines_t *self)
{
    return self->number;
}

int64_t
lines_bytes (const lines_t *self)
{
    return self->bytes;
}

int
lines_fd (const lines_t *self)
{
    return self->fd;
}

int
lines_error (const lines_t *self)
{
    return self->error;
}
