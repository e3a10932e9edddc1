//  What `daumoi submit` has sent and not printed yet: a ring in the order of the lines. Answers
//  come in any order, receipts go out in that of the file. Pure: time is an argument.

#ifndef DAUMOI_WINDOW_H
#define DAUMOI_WINDOW_H

#include "code.h"
#include "message.h"

enum {
    WINDOW_SLOTS = 4096,            // sent or waiting to be printed
    WINDOW_OPEN = 1024,             // without an answer
    WINDOW_BYTES = 8 * 1024 * 1024, // of these
    WINDOW_PATIENCE_MS = 3000       // without an answer: ask another copy
};

typedef enum { SLOT_OPEN, SLOT_RECEIPT, SLOT_BAD } slot_state_t;

typedef struct {
    slot_state_t state;
    int64_t line;
    buffer_t body;
    int64_t due_ms; // when it is sent (again)
    int peer;       // that was asked last, -1 = none yet
    //  the receipt
    char code[CODE_MAX], desk[40];
    int64_t serial, received_ms;
    bool repeated;
    char *trouble; // "field: reason" of a bad one
} slot_t;

typedef struct window window_t;

window_t *window_new (void);
void window_destroy (window_t **self_p);

//  May another be put in?
bool window_takes (const window_t *self);
//  A new slot with an empty body and its number; due at once. Call window_filled when its body is
//  there.
slot_t *window_put (window_t *self, int64_t line, uint64_t *number);
void window_filled (window_t *self, slot_t *slot);
//  A slot is bad; the reason is copied.
void window_bad (window_t *self, slot_t *slot, const refusal_t *why);
//  The next slot after *number that is due; NULL when there is none. Begin with window_head.
slot_t *window_due (window_t *self, uint64_t *number, int64_t now_ms);
uint64_t window_head (const window_t *self);
//  An answer: a receipt, a refusal for good, or one to be asked again after its hint. False when
//  nobody waits for it (an answer to what was asked twice). *busy: it is to be asked again.
bool window_answer (
    window_t *self, uint64_t number, const reply_t *reply, int64_t now_ms, bool *busy);
//  The first slot when it is done, to be printed; then window_release it. `skip`: the first that is
//  done at all (at the end, when the rest is given up).
slot_t *window_done (window_t *self, bool skip);
void window_release (window_t *self);
size_t window_open (const window_t *self); // without an answer
bool window_empty (const window_t *self);

#endif
