//  The record of a case: what its journal has left behind. One letter per field in Redis (a hash of
//  {p00}c:<id>), one member here; case.c has the table. Pure.

#ifndef DAUMOI_CASE_H
#define DAUMOI_CASE_H

#include "entry.h"

typedef struct {
    slice_t desk;          // d  desk of registration; names the partition
    slice_t desk_now;      // e  desk that may see it, when recused from the first
    slice_t day;           // y  day of registration, yymmdd
    slice_t state;         // s
    slice_t owner;         // u  unit
    slice_t officer;       // o  officer, at first the unit's head
    slice_t channel;       // C
    slice_t type;          // t
    slice_t field;         // f
    slice_t place;         // p
    slice_t labels;        // l  labels_t as msgpack, as the machine gave them
    slice_t person;        // c  competent person by law
    slice_t basis;         // b  article that gives the competence
    slice_t proposed;      // x  unit proposed (triage) or the outside body (transfer, guide)
    slice_t reason;        // a  why it waits for a human, or why it was decided so
    slice_t past_owners;   // z  units that had it, ',' between
    slice_t clocks;        // k  see case_clock_t
    slice_t operations;    // q  the last operation ids, 16 characters each
    slice_t fingerprint;   // F  of the content, to know a repeat from a conflict
    slice_t body_digest;   // B  of the sealed petition
    int64_t serial;        // i
    int64_t version;       // v
    int64_t received_ms;   // r
    int64_t since_ms;      // w  of the owner
    int64_t changed_ms;    // m  legal time of the last entry
    int64_t next_alarm_ms; // n  0 when ended
    int64_t flags;         // g
    int64_t instance;      // j
    int64_t hops;          // h
} case_t;

//  Sets the member of a letter; false for an unknown letter. Value "" removes.
bool case_set (case_t *self, char letter, slice_t value);
//  For people and JSON: the name of a letter, NULL when unknown.
const char *case_field_name (char letter);
slice_t case_desk_now (const case_t *self);
//  The name of the first field in which two records differ; NULL when they are the same.
const char *case_difference (const case_t *a, const case_t *b);

//  A running time limit of a case, in the record as lines "step kind who start due rule".
typedef struct {
    slice_t step, kind, who, rule;
    int64_t start_ms, due_ms;
} case_clock_t;

enum { CASE_CLOCKS = 16 };
size_t case_clocks_read (slice_t text, case_clock_t clocks[CASE_CLOCKS]);
void case_clocks_write (const case_clock_t *clocks, size_t count, buffer_t *out);
//  The earliest due time; 0 when there is none.
int64_t case_clocks_next (const case_clock_t *clocks, size_t count);

//  Applies an entry to a record: the fold.
void case_fold (case_t *self, const entry_t *entry, arena_t *arena);

#endif
