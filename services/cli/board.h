//  Open cases counted per owner and state, for a leader's board and for `daumoi status`.

#ifndef DAUMOI_BOARD_H
#define DAUMOI_BOARD_H

#include "cli.h"

typedef struct {
    slice_t name; // a unit, or a desk
    int64_t states[STATE_COUNT];
    int64_t open, overdue;
} tally_t;

typedef struct {
    tally_t *rows; // in the order in which they were met
    size_t count;
    tally_t total;
} board_t;

//  Counts by `letter` of the record: 'u' owner, 'd' desk; of one owner when `unit` is not empty.
//  Names live in the cli's arena. -1 when Redis went away; *out is to be freed in any case.
int board_count (cli_t *cli, char letter, slice_t unit, board_t *out, refusal_t *refusal);
void board_free (board_t *self);
//  {"received": n, "triage": n, "assigned": n, ..., "open": n, "overdue": n}; a new reference.
json_t *board_row_json (const tally_t *row);

#endif
