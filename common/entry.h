//  An entry of a case's journal: written by a service as a change, put behind version, time and
//  serial by ledger.lua, read back by whoever replays. Pure.

#ifndef DAUMOI_ENTRY_H
#define DAUMOI_ENTRY_H

#include "model.h"

enum { ENTRY_PAIRS = 32 };

//  What a change does to a record: who, what, why, and the fields it sets.
typedef struct {
    const char *action;
    slice_t actor;     // a person, or "machine:<service>"
    slice_t operation; // 16 characters
    slice_t why;
    struct {
        char letter;
        slice_t value;
    } set[ENTRY_PAIRS];
    size_t count;
} change_t;

//  `value` is borrowed until the entry is written.
void change_set (change_t *self, char letter, slice_t value);
void change_set_number (change_t *self, char letter, int64_t value, arena_t *arena);
//  The msgpack that ledger.lua takes.
slice_t change_write (const change_t *self, arena_t *arena);

//  An entry as it stands in the journal.
typedef struct {
    int64_t version, time_ms, serial;
    slice_t action, actor, operation, why;
    struct {
        char letter;
        slice_t value;
    } set[ENTRY_PAIRS];
    size_t count;
} entry_t;

//  -1 when it is not an entry of this format. Slices point into the element.
int entry_read (slice_t element, entry_t *entry, refusal_t *refusal);

#endif
