//  A file or pipe, line by line, in bounded memory and without waiting when asked not to.

#ifndef DAUMOI_LINES_H
#define DAUMOI_LINES_H

#include "base.h"

enum { LINES_MAX = 1024 * 1024 }; // bytes of a line: more than any message may have

typedef enum {
    LINES_ONE,   // a line, without its end
    LINES_LATER, // nothing to read just now
    LINES_LONG,  // a line that is too long was skipped
    LINES_END    // no more; lines_error says when it is because of an error
} lines_status_t;

typedef struct lines lines_t;

//  Takes over the descriptor.
lines_t *lines_new (int fd);
void lines_destroy (lines_t **self_p);

//  The line is borrowed until the next call. Blocks only when `wait`.
lines_status_t lines_next (lines_t *self, bool wait, slice_t *line);
//  The line that was just given will be given again.
void lines_back (lines_t *self);
//  Everything that is left, borrowed; false when it is more than LINES_MAX. Blocks.
bool lines_rest (lines_t *self, slice_t *text);

int64_t lines_number (const lines_t *self); // of the last line, from 1
int64_t lines_bytes (const lines_t *self);  // given so far
int lines_fd (const lines_t *self);
int lines_error (const lines_t *self); // errno, or 0

#endif
