#include "decision.h"

#include "codec.h"
#include "limit.h"

//  A case as it is being decided, whoever decides.
typedef struct {
    const profile_t *profile;
    const desk_t *desk; // that has it now
    matter_t matter;
    competent_t competent;
    slice_t type, field, place, respondent;
    slice_t officer, past_owners;
    int64_t received_ms, now_ms;
    arena_t *arena;
    decision_t *out;
} work_t;

//  --- small parts

static bool
work_is_remote (const work_t *work)
{
    const place_t *place = profile_place (work->profile, work->place);
    return place && place->remote;
}

static void
set_if (change_t *change, char letter, slice_t value)
{
    if (value.size)
        change_set (change, letter, value);
}

//  The clock of the next step starts now; the promise runs from the first receipt and no step
//  restarts it.
static void
set_clocks (work_t *work, petition_type_t type, const char *step, int64_t step_start_ms)
{
    case_clock_t clocks[2];
    size_t count = 0;
    bool remote = work_is_remote (work);
    if (step)
        count += limit_start (work->profile, type, step, step_start_ms, remote, &clocks[count]);
    if (step)
        count +=
            limit_start (work->profile, type, "promise", work->received_ms, remote, &clocks[count]);
    limit_set (&work->out->change, clocks, count, work->arena);
}

static void
set_state (work_t *work, case_state_t state)
{
    work->out->state = slice_from (state_code (state));
    change_set (&work->out->change, 's', work->out->state);
}

static void
set_owner (work_t *work, const unit_t *unit)
{
    change_t *change = &work->out->change;
    work->out->owner_after = unit->id;
    change_set (change, 'u', unit->id);
    if (!slice_is (work->officer, "head"))
        change_set (change, 'o', SLICE ("head"));
    change_set_number (change, 'w', work->now_ms, work->arena);
}

static void
set_facts (work_t *work)
{
    change_t *change = &work->out->change;
    set_if (change, 't', work->type);
    set_if (change, 'f', work->field);
    set_if (change, 'p', work->place);
    set_if (change, 'c', work->competent.person);
    set_if (change, 'b', work->competent.basis);
    if (work->matter.instance)
        change_set_number (change, 'j', work->matter.instance, work->arena);
    if (work->matter.flags)
        change_set_number (change, 'g', work->matter.flags, work->arena);
}

//  Kept with the case: what was not sure with its guesses, what was by its value alone; and once
//  the machine has assigned, not even that: the value is the record's own field.
static slice_t
labels_kept (const labels_t *labels, bool assigned, arena_t *arena)
{
    labels_t kept = *labels;
    label_t *each[4] = {&kept.type, &kept.field, &kept.place, &kept.respondent};
    for (size_t i = 0; i < 4; i++) {
        bool own = assigned && each[i] != &kept.respondent;
        if (each[i]->value.size)
            *each[i] = (label_t){.value = own ? (slice_t){NULL, 0} : each[i]->value,
                .confidence = each[i]->confidence};
    }
    buffer_t text = {0};
    codec_encode (&labels_schema, &kept, &text);
    slice_t copy = arena_copy (arena, buffer_slice (&text));
    buffer_free (&text);
    return copy;
}

//  --- the machine

static void
machine_assign (work_t *work)
{
    work->out->change.action = "assign";
    set_state (work, STATE_ASSIGNED);
    set_owner (work, work->competent.unit);
    set_clocks (work, work->matter.type, "assigned", work->now_ms);
}

static void
machine_propose (work_t *work)
{
    change_t *change = &work->out->change;
    change->action = "propose";
    set_state (work, STATE_TRIAGE);
    if (work->competent.unit)
        change_set (change, 'x', work->competent.unit->id);
    set_if (change, 'a', work->competent.reason);
    set_clocks (work, work->matter.type, "triage", work->received_ms);
}

//  The desk that takes the case when this one may not see it: the superior's, as long as that one
//  is not implicated, too; in the end the first superior unit that is not.
static const unit_t *
recuse_to (const work_t *work)
{
    const unit_t *unit = work->desk->superior_desk_unit;
    const unit_t *clear = NULL;
    if (unit)
        clear = competence_unimplicated (work->profile, work->matter.type, work->respondent, unit);
    if (clear)
        return clear;
    //  The whole line is implicated: the province chair is accused. Then whoever settles it by law,
    //  an outside body, holds it (LTC 12); only a profile without one leaves it with the top.
    const unit_t *settles = work->competent.unit;
    return settles ? settles : profile_top (work->profile);
}

static const desk_t *
desk_of_unit (const profile_t *profile, const unit_t *unit)
{
    size_t count;
    const desk_t *desks = profile_desks (profile, &count);
    for (size_t i = 0; i < count; i++)
        if (desks[i].unit == unit)
            return &desks[i];
    return NULL;
}

//  "ha-tu.vp,ban-tcd": the units that had the case, the last one last.
static slice_t
with_owner_before (const work_t *work)
{
    slice_t owner = work->out->owner_before;
    if (!work->past_owners.size)
        return owner;
    return arena_printf (
        work->arena, "%.*s,%.*s", SLICE_ARGS (work->past_owners), SLICE_ARGS (owner));
}

static void
work_recuse (work_t *work)
{
    change_t *change = &work->out->change;
    const unit_t *unit = recuse_to (work);
    const desk_t *desk = desk_of_unit (work->profile, unit);
    change->action = "recuse";
    set_state (work, STATE_TRIAGE);
    set_owner (work, unit);
    //  Without a desk of its own the unit's name stands: what matters is that it is not the old
    //  one.
    change_set (change, 'e', desk ? desk->id : unit->id);
    change_set (change, 'z', with_owner_before (work));
    if (work->competent.unit)
        change_set (change, 'x', work->competent.unit->id);
    set_if (change, 'a', work->competent.reason);
    set_clocks (work, work->matter.type, "triage", work->received_ms);
}

static void
work_from_labels (work_t *work, const labels_t *labels)
{
    work->type = labels->type.value;
    work->field = labels->field.value;
    work->place = labels->place.value;
    work->respondent = labels->respondent.value;
    work->matter = (matter_t){
        .type = type_from (work->type) < TYPE_COUNT ? type_from (work->type) : TYPE_UNKNOWN,
        .field = work->field,
        .place = work->place,
        .respondent = work->respondent,
        .instance = labels->instance,
        .flags = labels->flags,
        .desk = work->desk,
        .at_ms = work->received_ms,
    };
}

bool
decision_by_machine (const profile_t *profile, const case_head_t *head, const labels_t *labels,
    int64_t now_ms, slice_t operation, arena_t *arena, decision_t *out)
{
    work_t work = {.profile = profile,
        .desk = profile_desk (profile, head->desk),
        .officer = SLICE ("head"), // as registered
        .received_ms = head->received_ms,
        .now_ms = now_ms,
        .arena = arena,
        .out = out};
    if (!work.desk)
        return false;
    *out = (decision_t){
        .change = {.actor = SLICE ("machine:assignment"), .operation = operation},
        .owner_before = work.desk->unit->id,
        .owner_after = work.desk->unit->id,
    };
    work_from_labels (&work, labels);
    competence_find (profile, &work.matter, arena, &work.competent);
    //  The machine could not even read it: that is why it waits.
    if (labels->model.size == 0 && labels->type.reason.size)
        work.competent.reason = labels->type.reason;
    bool alone = profile_assigns_alone (profile, work.matter.type);
    if (work.competent.recuse)
        work_recuse (&work);
    else if (alone && work.competent.certain && work.competent.verdict == COMPETENT_HERE)
        machine_assign (&work);
    else
        machine_propose (&work);
    set_facts (&work);
    bool assigned = slice_is (out->state, state_code (STATE_ASSIGNED));
    change_set (&out->change, 'l', labels_kept (labels, assigned, arena));
    return true;
}

//  --- a clerk

static int
clerk_type (work_t *work, const case_t *before, const act_t *act, const labels_t *labels,
    refusal_t *refusal)
{
    work->type = act->type.size ? act->type : before->type;
    if (!work->type.size)
        work->type = labels->type.value;
    petition_type_t type = type_from (work->type);
    if (type == TYPE_COUNT || type == TYPE_UNKNOWN)
        return refuse (refusal, REFUSAL_INVALID, "type",
            "say what kind of letter it is: --type khieu_nai, to_cao, thong_tin_to_cao, kien_nghi, "
            "phan_anh, nhieu_noi_dung or khac");
    work->matter.type = type;
    return 0;
}

static int
clerk_facts (work_t *work, const case_t *before, const act_t *act, refusal_t *refusal)
{
    labels_t labels = {0};
    if (before->labels.size)
        codec_decode (&labels_schema, before->labels, &labels, work->arena, NULL, NULL);
    if (clerk_type (work, before, act, &labels, refusal) != 0)
        return -1;
    work->field = act->field.size ? act->field : before->field;
    work->place = act->place.size ? act->place : before->place;
    work->respondent = act->respondent.size ? act->respondent : labels.respondent.value;
    if (work->field.size && !profile_field (work->profile, work->field))
        return refuse (refusal, REFUSAL_INVALID, "field", "the profile has no field %.*s",
            SLICE_ARGS (work->field));
    if (work->place.size && !profile_place (work->profile, work->place))
        return refuse (refusal, REFUSAL_INVALID, "place", "the profile has no place %.*s",
            SLICE_ARGS (work->place));
    work->matter.field = work->field;
    work->matter.place = work->place;
    work->matter.respondent = work->respondent;
    work->matter.instance = before->instance ? before->instance : labels.instance;
    work->matter.flags = before->flags;
    return 0;
}

//  The unit that the clerk names, else the one that the law gives.
static int
clerk_unit (work_t *work, const act_t *act, const unit_t **unit, refusal_t *refusal)
{
    competence_find (work->profile, &work->matter, work->arena, &work->competent);
    *unit = act->to.size ? profile_unit (work->profile, act->to) : work->competent.unit;
    if (act->to.size && !*unit)
        return refuse (
            refusal, REFUSAL_INVALID, "to", "the profile has no unit %.*s", SLICE_ARGS (act->to));
    if (!*unit)
        return refuse (refusal, REFUSAL_INVALID, "to",
            "no unit follows from what is known (%.*s); name one with --to",
            SLICE_ARGS (work->competent.reason));
    if (competence_implicated (work->profile, work->matter.type, work->respondent, *unit))
        return refuse (refusal, REFUSAL_FORBIDDEN, "to",
            "%.*s may not handle a matter about itself or its own head (LTC 12)",
            SLICE_ARGS ((*unit)->id));
    return 0;
}

static int
clerk_assign (work_t *work, const unit_t *unit, refusal_t *refusal)
{
    if (unit->kind != UNIT_TREE)
        return refuse (refusal, REFUSAL_FORBIDDEN, "to",
            "%.*s is outside our tree: transfer or guide instead of assigning",
            SLICE_ARGS (unit->id));
    work->out->change.action = "assign";
    set_state (work, STATE_ASSIGNED);
    set_owner (work, unit);
    set_clocks (work, work->matter.type, "assigned", work->now_ms);
    change_set (&work->out->change, 'x', (slice_t){"", 0});
    change_set (&work->out->change, 'a', (slice_t){"", 0});
    return 0;
}

//  To a body outside: the desk follows up until the answer is recorded.
static int
clerk_transfer (work_t *work, const unit_t *unit, refusal_t *refusal)
{
    (void)refusal;
    work->out->change.action = "transfer";
    set_state (work, STATE_TRANSFERRED);
    change_set (&work->out->change, 'x', unit->id);
    set_clocks (work, work->matter.type, "transferred", work->now_ms);
    return 0;
}

static int
clerk_guide (work_t *work, const unit_t *unit, refusal_t *refusal)
{
    //  A denunciation is transferred, never sent back with its author (LTC 24.2).
    if (type_is_secret (work->matter.type))
        return refuse (refusal, REFUSAL_FORBIDDEN, "decision",
            "a denunciation is transferred within 5 working days, not guided (LTC 24.2)");
    work->out->change.action = "guide";
    set_state (work, STATE_GUIDED);
    change_set (&work->out->change, 'x', unit->id);
    set_clocks (work, work->matter.type, NULL, 0);
    return 0;
}

static int
clerk_file (work_t *work, const act_t *act, refusal_t *refusal)
{
    if (!act->ground.size)
        return refuse (refusal, REFUSAL_INVALID, "ground",
            "filing a letter without action needs its reason: --ground TEXT");
    work->out->change.action = "file";
    set_state (work, STATE_FILED);
    change_set (&work->out->change, 'a', act->ground);
    set_clocks (work, work->matter.type, NULL, 0);
    return 0;
}

typedef int (clerk_fn) (work_t *work, const unit_t *unit, refusal_t *refusal);

//  What follows when the clerk only confirms: our own bodies get it; a complaint for an outside
//  body is guided, anything else transferred (LTCD 26).
static clerk_fn *
clerk_choose (const work_t *work, const unit_t *unit, slice_t word)
{
    static const struct {
        const char *word;
        clerk_fn *fn;
    } table[] = {{"assign", clerk_assign}, {"transfer", clerk_transfer}, {"guide", clerk_guide}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (slice_is (word, table[i].word))
            return table[i].fn;
    if (word.size)
        return NULL;
    if (unit->kind == UNIT_TREE)
        return clerk_assign;
    return work->matter.type == TYPE_KHIEU_NAI ? clerk_guide : clerk_transfer;
}

static int
clerk_decide (work_t *work, const act_t *act, refusal_t *refusal)
{
    const unit_t *unit = NULL;
    if (slice_is (act->decision, "file"))
        return clerk_file (work, act, refusal);
    if (slice_is (act->action, "recuse")) {
        competence_find (work->profile, &work->matter, work->arena, &work->competent);
        work_recuse (work);
        return 0;
    }
    if (clerk_unit (work, act, &unit, refusal) != 0)
        return -1;
    assert (unit);
    clerk_fn *fn = clerk_choose (work, unit, act->decision);
    if (!fn)
        return refuse (refusal, REFUSAL_INVALID, "decision",
            "one of assign, guide, transfer, file; or nothing to confirm the proposal");
    return fn (work, unit, refusal);
}

int
decision_by_clerk (const profile_t *profile, const case_t *before, const act_t *act, int64_t now_ms,
    slice_t operation, arena_t *arena, decision_t *out, refusal_t *refusal)
{
    const desk_t *now_at = profile_desk (profile, case_desk_now (before));
    work_t work = {.profile = profile,
        .desk = now_at ? now_at : profile_desk (profile, before->desk),
        .officer = before->officer,
        .past_owners = before->past_owners,
        .received_ms = before->received_ms,
        .now_ms = now_ms,
        .arena = arena,
        .out = out};
    bool known = slice_is (act->action, "triage") || slice_is (act->action, "recuse");
    if (!known)
        return refuse (refusal, REFUSAL_NOT_FOUND, "action",
            "no action %.*s; there are: triage, recuse", SLICE_ARGS (act->action));
    if (!act->actor.size)
        return refuse (
            refusal, REFUSAL_INVALID, "as", "a named person decides: say who with --as OFFICER");
    if (!work.desk)
        return refuse (refusal, REFUSAL_NOT_FOUND, "desk", "the profile has no desk %.*s",
            SLICE_ARGS (before->desk));
    *out = (decision_t){
        .change = {.actor = act->actor, .operation = operation, .why = act->ground},
        .owner_before = before->owner,
        .owner_after = before->owner,
    };
    work.matter.desk = work.desk;
    work.matter.at_ms = before->received_ms;
    if (clerk_facts (&work, before, act, refusal) != 0 || clerk_decide (&work, act, refusal) != 0)
        return -1;
    set_facts (&work);
    return 0;
}
