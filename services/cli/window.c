#include "window.h"

#include <stdio.h>

enum { KEEP_BYTES = 4096, RETRY_MS = 500 };

struct window {
    slot_t slots[WINDOW_SLOTS];
    uint64_t head, tail; // numbers: head .. tail - 1 are in use
    size_t open, bytes;
};

window_t *
window_new (void)
{
    return mem_new (sizeof (window_t));
}

void
window_destroy (window_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    for (size_t i = 0; i < WINDOW_SLOTS; i++) {
        buffer_free (&(*self_p)->slots[i].body);
        free ((*self_p)->slots[i].trouble);
    }
    free (*self_p);
    *self_p = NULL;
}

static slot_t *
slot_at (window_t *self, uint64_t number)
{
    return &self->slots[number % WINDOW_SLOTS];
}

bool
window_takes (const window_t *self)
{
    return self->tail - self->head < WINDOW_SLOTS && self->open < WINDOW_OPEN &&
           self->bytes < WINDOW_BYTES;
}

slot_t *
window_put (window_t *self, int64_t line, uint64_t *number)
{
    assert (self->tail - self->head < WINDOW_SLOTS);
    *number = self->tail++;
    slot_t *slot = slot_at (self, *number);
    slot->state = SLOT_OPEN;
    slot->line = line;
    slot->due_ms = 0;
    slot->peer = -1;
    self->open++;
    return slot;
}

void
window_filled (window_t *self, slot_t *slot)
{
    self->bytes += slot->body.size;
}

//  The slot has its answer; a large body is not kept for the next one.
static void
slot_close (window_t *self, slot_t *slot, slot_state_t state)
{
    self->open--;
    self->bytes -= slot->body.size;
    slot->state = state;
    if (slot->body.room > KEEP_BYTES)
        buffer_free (&slot->body);
    buffer_clear (&slot->body);
}

void
window_bad (window_t *self, slot_t *slot, const refusal_t *why)
{
    buffer_t text = {0};
    buffer_printf (&text, "%s%s%s", why->field, why->field[0] ? ": " : "", why->text);
    free (slot->trouble);
    slot->trouble = mem_copy (buffer_slice (&text));
    buffer_free (&text);
    slot_close (self, slot, SLOT_BAD);
}

uint64_t
window_head (const window_t *self)
{
    return self->head;
}

slot_t *
window_due (window_t *self, uint64_t *number, int64_t now_ms)
{
    for (; *number < self->tail; ++*number) {
        slot_t *slot = slot_at (self, *number);
        if (slot->state == SLOT_OPEN && slot->due_ms <= now_ms)
            return slot;
    }
    return NULL;
}

static void
slot_receipt (window_t *self, slot_t *slot, const reply_t *reply)
{
    snprintf (slot->code, sizeof slot->code, "%.*s", SLICE_ARGS (reply->code));
    snprintf (slot->desk, sizeof slot->desk, "%.*s", SLICE_ARGS (reply->desk));
    slot->serial = reply->serial;
    slot->received_ms = reply->received_ms;
    slot->repeated = reply->repeated;
    slot_close (self, slot, SLOT_RECEIPT);
}

static void
slot_refused (window_t *self, slot_t *slot, const reply_t *reply, refusal_code_t code)
{
    refusal_t why;
    char field[64];
    snprintf (field, sizeof field, "%.*s", SLICE_ARGS (reply->field));
    refuse (&why, code, field, "%.*s", SLICE_ARGS (reply->text));
    window_bad (self, slot, &why);
}

bool
window_answer (window_t *self, uint64_t number, const reply_t *reply, int64_t now_ms, bool *busy)
{
    *busy = false;
    if (number < self->head || number >= self->tail)
        return false;
    slot_t *slot = slot_at (self, number);
    if (slot->state != SLOT_OPEN)
        return false;
    refusal_code_t code = refusal_code (reply->refusal);
    if (refusal_may_retry (code)) {
        *busy = true;
        slot->due_ms = now_ms + (reply->retry_ms ? reply->retry_ms : RETRY_MS);
        return true;
    }
    if (code == REFUSAL_DONE)
        slot_receipt (self, slot, reply);
    else
        slot_refused (self, slot, reply, code);
    return true;
}

slot_t *
window_done (window_t *self, bool skip)
{
    while (skip && self->head < self->tail && slot_at (self, self->head)->state == SLOT_OPEN) {
        slot_close (self, slot_at (self, self->head), SLOT_BAD);
        window_release (self);
    }
    slot_t *first = slot_at (self, self->head);
    return self->head < self->tail && first->state != SLOT_OPEN ? first : NULL;
}

void
window_release (window_t *self)
{
    slot_t *slot = slot_at (self, self->head++);
    free (slot->trouble);
    slot->trouble = NULL;
}

size_t
window_open (const window_t *self)
{
    return self->open;
}

bool
window_empty (const window_t *self)
{
    return self->head == self->tail;
}
