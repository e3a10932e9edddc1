#include "audit.h"

#include "action.h"
#include "intake/registration.h"
#include "message.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct {
    const evidence_t *evidence;
    audited_t *out;
    arena_t *arena;
    buffer_t *breaches;
    case_t folded;
} audit_t;

static void __attribute__ ((format (printf, 2, 3))) breach (audit_t *self, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start (arguments, format);
    vsnprintf (text, sizeof text, format, arguments);
    va_end (arguments);
    buffer_printf (self->breaches, "%s\n", text);
}

//  --- one entry on top of what was before

static bool
in_states (unsigned states, slice_t state)
{
    case_state_t at = state_from (state);
    return at != STATE_COUNT && states & (1u << at);
}

static void
audit_fields (audit_t *self, const action_t *action, const entry_t *entry)
{
    for (size_t i = 0; i < entry->count; i++) {
        char letter = entry->set[i].letter;
        if (!case_field_name (letter) ||
            (!strchr (action->fields, letter) && letter != 'k' && letter != 'n'))
            breach (self, "version %lld: %s may not set the field '%c'", (long long)entry->version,
                action->name, letter ? letter : '?');
    }
}

//  The table of actions allows this step from that state to this one.
static void
audit_action (audit_t *self, const entry_t *entry, const case_t *before)
{
    const case_t *after = &self->folded;
    const action_t *action = action_find (entry->action);
    long long version = entry->version;
    if (!action) {
        breach (self, "version %lld: there is no action %.*s", version, SLICE_ARGS (entry->action));
        return;
    }
    bool first = version == 1, registers = strcmp (action->name, "register") == 0;
    if (first != registers || (!first && !in_states (action->from, before->state)) ||
        !in_states (action->to, after->state))
        breach (self, "version %lld: %s is not allowed from '%.*s' to '%.*s'", version,
            action->name, SLICE_ARGS (before->state), SLICE_ARGS (after->state));
    bool moved = !first && !slice_equals (before->owner, after->owner);
    if (moved && !action->moves_owner)
        breach (self, "version %lld: %s may not change the owner", version, action->name);
    self->out->moves += moved;
    audit_fields (self, action, entry);
}

//  The record keeps the last few operation ids: none of them may be done again.
static void
audit_operation (audit_t *self, const entry_t *entry)
{
    slice_t done = self->folded.operations;
    if (entry->operation.size != CASE_ID_TEXT)
        breach (self, "version %lld has no operation id", (long long)entry->version);
    for (size_t at = 0; at + CASE_ID_TEXT <= done.size; at += CASE_ID_TEXT)
        if (slice_equals ((slice_t){done.ptr + at, CASE_ID_TEXT}, entry->operation))
            breach (self, "version %lld: its operation was done before", (long long)entry->version);
}

static void
audit_step (audit_t *self, const entry_t *entry, int64_t expected)
{
    case_t before = self->folded;
    long long version = expected;
    if (entry->version != expected)
        breach (self, "the journal has version %lld where %lld belongs", (long long)entry->version,
            version);
    if (entry->time_ms < before.changed_ms)
        breach (self, "version %lld: its time lies before that of the version before", version);
    if ((expected == 1) != (entry->serial != 0))
        breach (self, "version %lld: the first entry alone has a serial", version);
    audit_operation (self, entry);
    case_fold (&self->folded, entry, self->arena);
    if (!self->folded.owner.size || !self->folded.officer.size)
        breach (self, "version %lld has no owner", version);
    bool several = memchr (self->folded.owner.ptr ? self->folded.owner.ptr : "", ',',
                       self->folded.owner.size) != NULL;
    if (several)
        breach (self, "version %lld has several owners", version);
    case_state_t state = state_from (self->folded.state);
    bool live = state != STATE_COUNT && state_is_live (state);
    if (live != (self->folded.next_alarm_ms > 0))
        breach (self, "version %lld: %s", version,
            live ? "live, and without a next alarm" : "ended, and with an alarm");
    audit_action (self, entry, &before);
}

static void
audit_journal (audit_t *self)
{
    const evidence_t *evidence = self->evidence;
    if (evidence->entries == 0)
        breach (self, "it has no journal");
    for (size_t i = 0; i < evidence->entries; i++) {
        entry_t entry;
        refusal_t refusal;
        self->out->entries++;
        if (entry_read (evidence->journal[i], &entry, &refusal) != 0) {
            breach (self, "entry %zu of the journal: %s", i + 1, refusal.text);
            return;
        }
        audit_step (self, &entry, (int64_t)i + 1);
    }
    const char *field = case_difference (&self->folded, evidence->record);
    if (field)
        breach (self, "the record is not the fold of the journal: %s", field);
}

//  --- where it lies

static void
audit_register (audit_t *self)
{
    const evidence_t *evidence = self->evidence;
    const case_t *record = evidence->record;
    if (!slice_equals (record->desk, evidence->desk) ||
        !slice_equals (record->day, evidence->day) || record->serial != evidence->serial)
        breach (self, "the register has it as %.*s %.*s %lld, its record as %.*s %.*s %lld",
            SLICE_ARGS (evidence->desk), SLICE_ARGS (evidence->day), (long long)evidence->serial,
            SLICE_ARGS (record->desk), SLICE_ARGS (record->day), (long long)record->serial);
}

static void
audit_body (audit_t *self)
{
    slice_t body = self->evidence->body;
    if (!body.ptr)
        breach (self, "its sealed petition is missing");
    else if (!slice_equals (
                 registration_digest (body, self->arena), self->evidence->record->body_digest))
        breach (self, "its sealed petition is not the one that was registered");
}

static void
audit_score (audit_t *self, const char *index, slice_t score, int64_t expected_ms)
{
    char text[40];
    snprintf (text, sizeof text, "%.*s", SLICE_ARGS (score));
    if (expected_ms && !score.ptr)
        breach (self, "it is not in the index %s", index);
    else if (!expected_ms && score.ptr)
        breach (self, "it has ended and is still in the index %s", index);
    else if (expected_ms && (int64_t)strtod (text, NULL) != expected_ms)
        breach (self, "the index %s has another time than its next alarm", index);
}

static void
audit_indexes (audit_t *self)
{
    const evidence_t *evidence = self->evidence;
    case_state_t state = state_from (evidence->record->state);
    bool live = state != STATE_COUNT && state_is_live (state);
    int64_t alarm_ms = live ? evidence->record->next_alarm_ms : 0;
    audit_score (self, "alarm", evidence->alarm, alarm_ms);
    audit_score (self, "of its owner", evidence->owned, alarm_ms);
    bool waits = state == STATE_RECEIVED;
    if (waits && !evidence->lease.ptr)
        breach (self, "it waits for the machine and has no lease");
    if (!waits && evidence->lease.ptr)
        breach (self, "it does not wait for the machine and has a lease");
}

void
audit_case (const evidence_t *evidence, audited_t *out, arena_t *arena, buffer_t *breaches)
{
    audit_t self = {.evidence = evidence, .out = out, .arena = arena, .breaches = breaches};
    *out = (audited_t){.state = STATE_COUNT};
    if (!evidence->record) {
        breach (&self, "it has no readable record");
        return;
    }
    out->state = state_from (evidence->record->state);
    audit_register (&self);
    audit_journal (&self);
    audit_body (&self);
    audit_indexes (&self);
}
