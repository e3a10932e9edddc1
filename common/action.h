//  What may be done to a case: one table, kept as data. ledger.lua gets it when the library is
//  loaded (action_lua), C, the tests and `daumoi actions` read it here.
//
//  An action names the states it may start from and end in, whether it may change the owner (the
//  closed list of promise 1), and the fields of the record that its patch may hold.

#ifndef DAUMOI_ACTION_H
#define DAUMOI_ACTION_H

#include "model.h"

typedef struct {
    const char *name;
    unsigned from, to; // bit 1 << case_state_t
    bool moves_owner;
    bool by_person;     // a named human only; else the machine may do it, too
    const char *fields; // letters of the record (case.h) beside those that every change may set
    const char *vi, *en, *basis;
} action_t;

const action_t *action_find (slice_t name); // NULL for a stranger
const action_t *action_all (size_t *count);
//  The table as Lua source, for ledger.lua.
void action_lua (buffer_t *out);

#endif
