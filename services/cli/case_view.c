#include "case_view.h"

#include "calendar.h"
#include "cli.h"
#include "clock.h"
#include "message.h"

//  --- what may be shown

//  A label that became the record's own field is kept without its value.
static void
label_fill (label_t *label, slice_t value)
{
    if (label->confidence && !label->value.size && !label->guesses[0].value.size)
        label->value = value;
}

bool
view_labels (const case_t *record, labels_t *labels, arena_t *arena)
{
    if (!record->labels.size ||
        codec_decode (&labels_schema, record->labels, labels, arena, NULL, NULL) != 0)
        return false;
    label_fill (&labels->type, record->type);
    label_fill (&labels->field, record->field);
    label_fill (&labels->place, record->place);
    return true;
}

static bool
is_secret (slice_t type)
{
    return type_is_secret (type_from (type));
}

view_t
view_of (const case_t *record, const labels_t *labels)
{
    if (is_secret (record->type))
        return VIEW_SEALED;
    bool waits = slice_is (record->state, state_code (STATE_RECEIVED)) ||
                 slice_is (record->state, state_code (STATE_TRIAGE));
    if (!waits && record->type.size)
        return VIEW_OPEN;
    bool may_be =
        labels && (is_secret (labels->type.value) || is_secret (labels->type.guesses[0].value));
    return may_be ? VIEW_SEALED : VIEW_UNDECIDED;
}

slice_t
view_unit_name (const profile_t *profile, slice_t unit)
{
    const unit_t *found = unit.size ? profile_unit (profile, unit) : NULL;
    return found ? found->name : unit;
}

slice_t
view_officer (const profile_t *profile, const case_t *record)
{
    const unit_t *unit = record->owner.size ? profile_unit (profile, record->owner) : NULL;
    bool head = slice_is (record->officer, "head") && unit && unit->head.size;
    return head ? unit->head : record->officer;
}

slice_t
view_sealed_name (const case_t *record, arena_t *arena)
{
    return arena_printf (arena, "Bảo mật - hồ sơ số %lld", (long long)record->serial);
}

//  --- clocks

//  The variant that gave the recorded date: what was remote or complex then stands in the date.
static int64_t
recompute (const profile_t *profile, const rule_t *rule, const case_clock_t *clock, buffer_t *out)
{
    for (int variant = 0; variant < 4; variant++) {
        bool remote = variant & 1, complex = variant & 2;
        if (calendar_rule_due (profile, rule, clock->start_ms, remote, complex, NULL) ==
            clock->due_ms)
            return calendar_rule_due (profile, rule, clock->start_ms, remote, complex, out);
    }
    return 0;
}

static const rule_t *
rule_of (const profile_t *profile, const case_t *record, const case_clock_t *clock)
{
    petition_type_t types[] = {type_from (record->type), TYPE_UNKNOWN};
    for (size_t i = 0; i < 2; i++) {
        if (types[i] == TYPE_COUNT)
            continue;
        const rule_t *rule =
            profile_rule (profile, types[i], clock->step, clock_day (clock->start_ms));
        if (rule && slice_equals (rule->id, clock->rule))
            return rule;
    }
    return NULL;
}

static void
explain (const profile_t *profile, const rule_t *rule, arena_t *arena, clock_view_t *out)
{
    buffer_t text = {0};
    out->rule = rule->id;
    out->basis = rule->basis;
    if (recompute (profile, rule, &out->clock, &text))
        out->arithmetic = arena_copy (arena, buffer_slice (&text));
    buffer_free (&text);
}

size_t
view_clocks (const profile_t *profile, const case_t *record, view_t view, int64_t now_ms,
    arena_t *arena, clock_view_t out[CASE_CLOCKS])
{
    case_clock_t clocks[CASE_CLOCKS];
    size_t count = case_clocks_read (record->clocks, clocks);
    for (size_t i = 0; i < count; i++) {
        out[i] = (clock_view_t){.clock = clocks[i], .overdue = clocks[i].due_ms < now_ms};
        const rule_t *rule = rule_of (profile, record, &clocks[i]);
        //  A rule of one type alone would tell which type it is.
        bool tells = rule && rule->type.size && view != VIEW_OPEN;
        if (rule && !tells)
            explain (profile, rule, arena, &out[i]);
        else if (!tells && view == VIEW_OPEN)
            out[i].rule = clocks[i].rule;
    }
    return count;
}

static json_t *
clock_json (const clock_view_t *view)
{
    json_t *json = json_object ();
    json_object_set_new (json, "step", json_slice (view->clock.step));
    json_object_set_new (json, "kind", json_slice (view->clock.kind));
    json_object_set_new (json, "who", json_slice (view->clock.who));
    json_object_set_new (json, "start", json_time (view->clock.start_ms));
    json_object_set_new (json, "due", json_time (view->clock.due_ms));
    json_object_set_new (json, "rule", json_slice (view->rule));
    json_object_set_new (json, "basis", json_slice (view->basis));
    json_object_set_new (json, "arithmetic", json_slice (view->arithmetic));
    json_object_set_new (json, "level", json_string (view->overdue ? "overdue" : "running"));
    return json;
}

static json_t *
clocks_json (
    const profile_t *profile, const case_t *record, view_t view, int64_t now_ms, arena_t *arena)
{
    clock_view_t clocks[CASE_CLOCKS];
    size_t count = view_clocks (profile, record, view, now_ms, arena, clocks);
    json_t *list = json_array ();
    for (size_t i = 0; i < count; i++)
        json_array_append_new (list, clock_json (&clocks[i]));
    return list;
}

//  --- labels

static json_t *
guesses_json (const label_t *label)
{
    json_t *list = json_array ();
    for (size_t i = 0; i < LABEL_GUESSES && label->guesses[i].value.size; i++)
        json_array_append_new (
            list, json_pack ("{s:o, s:f}", "value", json_slice (label->guesses[i].value),
                      "confidence", (double)label->guesses[i].confidence / 1000));
    return list;
}

static json_t *
label_json (const label_t *label)
{
    json_t *json = json_object ();
    json_t *reasons = json_array ();
    if (label->reason.size)
        json_array_append_new (reasons, json_slice (label->reason));
    json_object_set_new (json, "value", json_slice (label->value));
    json_object_set_new (json, "confidence", json_real ((double)label->confidence / 1000));
    json_object_set_new (json, "guesses", guesses_json (label));
    json_object_set_new (json, "reasons", reasons);
    return json;
}

json_t *
view_labels_json (const labels_t *labels)
{
    json_t *json = json_object ();
    json_object_set_new (json, "type", label_json (&labels->type));
    json_object_set_new (json, "field", label_json (&labels->field));
    json_object_set_new (json, "place", label_json (&labels->place));
    json_object_set_new (json, "respondent", label_json (&labels->respondent));
    json_object_set_new (json, "instance", json_integer (labels->instance));
    json_object_set_new (json, "flags", view_flags_json (labels->flags));
    json_object_set_new (json, "model", json_slice (labels->model));
    return json;
}

json_t *
view_flags_json (int64_t flags)
{
    json_t *list = json_array ();
    for (int i = 0; i < FLAG_COUNT; i++)
        if (flags & (INT64_C (1) << i))
            json_array_append_new (list, json_string (flag_code ((flag_bit_t)i)));
    return list;
}

//  --- the case

static json_t *
owner_json (const profile_t *profile, const case_t *record)
{
    json_t *json = json_object ();
    json_object_set_new (json, "unit", json_slice (record->owner));
    json_object_set_new (json, "name", json_slice (view_unit_name (profile, record->owner)));
    json_object_set_new (json, "officer", json_slice (view_officer (profile, record)));
    json_object_set_new (json, "since", json_time (record->since_ms));
    return json;
}

static json_t *
words_json (slice_t words)
{
    json_t *list = json_array ();
    while (words.size) {
        const char *comma = memchr (words.ptr, ',', words.size);
        size_t size = comma ? (size_t)(comma - words.ptr) : words.size;
        if (size)
            json_array_append_new (list, json_stringn (words.ptr, size));
        size_t skip = comma ? size + 1 : size;
        words = (slice_t){words.ptr + skip, words.size - skip};
    }
    return list;
}

static json_t *
proposed_json (const profile_t *profile, const case_t *record)
{
    if (!record->proposed.size && !record->reason.size)
        return json_null ();
    json_t *json = json_object ();
    json_object_set_new (json, "unit", json_slice (record->proposed));
    json_object_set_new (json, "name", json_slice (view_unit_name (profile, record->proposed)));
    json_object_set_new (json, "person", json_slice (record->person));
    json_object_set_new (json, "basis", json_slice (record->basis));
    json_object_set_new (json, "reason", json_slice (record->reason));
    return json;
}

static json_t *
petitions_json (const case_t *record, const char *code)
{
    return json_pack ("[{s:s, s:o, s:o}]", "code", code, "received",
        json_time (record->received_ms), "channel", json_slice (record->channel));
}

static json_t *
result_json (const case_t *record, view_t view)
{
    case_state_t state = state_from (record->state);
    if (state == STATE_COUNT || state_is_live (state))
        return json_null ();
    json_t *json = json_object ();
    json_object_set_new (json, "outcome", json_slice (record->state));
    json_object_set_new (json, "at", json_time (record->changed_ms));
    json_object_set_new (
        json, "reason", view == VIEW_OPEN ? json_slice (record->reason) : json_null ());
    return json;
}

//  What tells of the matter: only when it is open. While it waits for a human, the machine's
//  guesses stand beside the proposal, so that he can confirm with one key.
static void
matter_json (json_t *json, const case_t *record, const labels_t *labels, view_t view)
{
    bool open = view == VIEW_OPEN;
    json_t *none = json_null ();
    json_object_set_new (json, "competent_person", open ? json_slice (record->person) : none);
    json_object_set_new (json, "basis", open ? json_slice (record->basis) : none);
    json_object_set_new (json, "type", open ? json_slice (record->type) : none);
    json_object_set_new (json, "field", open ? json_slice (record->field) : none);
    json_object_set_new (json, "place", open ? json_slice (record->place) : none);
    json_object_set_new (json, "flags", open ? view_flags_json (record->flags) : json_array ());
    json_object_set_new (
        json, "labels", view != VIEW_SEALED && labels ? view_labels_json (labels) : json_object ());
}

json_t *
view_json (const profile_t *profile, const case_t *record, const char *code, int64_t now_ms,
    arena_t *arena)
{
    labels_t labels;
    bool labelled = view_labels (record, &labels, arena);
    view_t view = view_of (record, labelled ? &labels : NULL);
    json_t *json = json_object ();
    json_object_set_new (json, "code", json_string (code));
    json_object_set_new (json, "version", json_integer (record->version));
    json_object_set_new (json, "state", json_slice (record->state));
    json_object_set_new (json, "sealed", json_boolean (view == VIEW_SEALED));
    if (view == VIEW_SEALED)
        json_object_set_new (json, "title", json_slice (view_sealed_name (record, arena)));
    json_object_set_new (json, "desk", json_slice (record->desk));
    json_object_set_new (json, "owner", owner_json (profile, record));
    matter_json (json, record, labelled ? &labels : NULL, view);
    json_object_set_new (
        json, "proposed", view == VIEW_UNDECIDED ? proposed_json (profile, record) : json_null ());
    json_object_set_new (json, "coordinators", json_array ());
    json_object_set_new (json, "hops", json_integer (record->hops));
    json_object_set_new (json, "past_owners", words_json (record->past_owners));
    json_object_set_new (json, "clocks", clocks_json (profile, record, view, now_ms, arena));
    json_object_set_new (json, "petitions", petitions_json (record, code));
    json_object_set_new (json, "next_alarm", json_time (record->next_alarm_ms));
    json_object_set_new (json, "result", result_json (record, view));
    return json;
}
