//  From labels or a clerk's word to the change of a case (decision.h), on the profile of Quảng
//  Ninh.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "assignment/decision.h"
#include "clock.h"
#include "codec.h"

static profile_t *profile;
static arena_t *arena;
static const int64_t NOW_MS = INT64_C (1795250000000); // 2026-11-21 in the morning, Vietnam
#define OPERATION SLICE ("0123456789abcdef")

static int
setup (void **state)
{
    (void)state;
    refusal_t refusal;
    profile = profile_load ("deploy/profiles/quang-ninh", NULL, &refusal);
    if (!profile)
        fail_msg ("%s: %s", refusal.field, refusal.text);
    arena = arena_new ();
    return 0;
}

static int
teardown (void **state)
{
    (void)state;
    profile_destroy (&profile);
    arena_destroy (&arena);
    return 0;
}

static label_t
sure (const char *value)
{
    return (label_t){.value = slice_from (value), .confidence = 950};
}

static case_head_t
head_at (const char *desk)
{
    return (case_head_t){.id = OPERATION,
        .version = 1,
        .desk = slice_from (desk),
        .received_ms = NOW_MS - 60000,
        .channel = SLICE ("counter")};
}

static decision_t
machine (const char *desk, const labels_t *labels)
{
    decision_t decision;
    case_head_t head = head_at (desk);
    assert_true (decision_by_machine (profile, &head, labels, NOW_MS, OPERATION, arena, &decision));
    return decision;
}

static slice_t
value_of (const decision_t *decision, char letter)
{
    for (size_t i = 0; i < decision->change.count; i++)
        if (decision->change.set[i].letter == letter)
            return decision->change.set[i].value;
    return (slice_t){NULL, 0};
}

#define assert_slice(slice, text) assert_true (slice_is (slice, text))

static void
a_certain_report_is_assigned_at_once (void **state)
{
    (void)state;
    labels_t labels = {.type = sure ("phan_anh"),
        .field = sure ("environment.waste"),
        .place = sure ("ha-tu"),
        .model = SLICE ("m")};
    decision_t decision = machine ("tcd-ha-tu", &labels);
    assert_string_equal (decision.change.action, "assign");
    assert_slice (value_of (&decision, 's'), "assigned");
    assert_slice (decision.owner_before, "ha-tu.vp");
    assert_slice (decision.owner_after, "ha-tu.kt");

    assert_true (value_of (&decision, 'b').size > 0);
    assert_true (value_of (&decision, 'n').size > 0);
}

static void
complaints_and_denunciations_wait_for_a_human (void **state)
{
    (void)state;
    const char *types[] = {"khieu_nai", "to_cao", "thong_tin_to_cao", "nhieu_noi_dung", "khac"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        labels_t labels = {.type = sure (types[i]),
            .field = sure ("land"),
            .place = sure ("ha-tu"),
            .respondent = sure ("hong-gai/head"),
            .instance = 1};
        decision_t decision = machine ("tcd-tinh", &labels);
        assert_string_equal (decision.change.action, "propose");
        assert_slice (value_of (&decision, 's'), "triage");
        assert_slice (decision.owner_after, "ban-tcd");
        assert_true (value_of (&decision, 'n').size > 0);
    }
}

static void
what_is_unsure_waits_with_its_reason (void **state)
{
    (void)state;
    labels_t labels = {0};
    decision_t decision = machine ("tcd-ha-tu", &labels);
    assert_string_equal (decision.change.action, "propose");
    assert_slice (decision.owner_after, "ha-tu.vp");
    assert_true (value_of (&decision, 'a').size > 0);
}

static void
what_no_machine_could_read_says_so (void **state)
{
    (void)state;
    labels_t labels = {.type = {.reason = SLICE ("máy không đọc được đơn này")}};
    decision_t decision = machine ("tcd-ha-tu", &labels);
    assert_slice (value_of (&decision, 'a'), "máy không đọc được đơn này");
}

//  Promise 7: the desk that answers to the accused loses the case with the version that names him.
static void
a_denunciation_of_the_own_chair_leaves_the_desk (void **state)
{
    (void)state;
    labels_t labels = {.type = sure ("to_cao"),
        .field = sure ("corruption"),
        .place = sure ("ha-tu"),
        .respondent = sure ("ha-tu/head")};
    decision_t decision = machine ("tcd-ha-tu", &labels);
    assert_string_equal (decision.change.action, "recuse");
    assert_slice (value_of (&decision, 'e'), "tcd-tinh");
    assert_slice (decision.owner_after, "ban-tcd");
    assert_slice (value_of (&decision, 'z'), "ha-tu.vp");
}

//  With the province chair accused nobody below may hold it.
static void
a_denunciation_of_the_top_leaves_the_tree (void **state)
{
    (void)state;
    labels_t labels = {.type = sure ("to_cao"),
        .field = sure ("corruption"),
        .respondent = sure ("ubnd-tinh/head")};
    decision_t decision = machine ("tcd-tinh", &labels);
    const unit_t *owner = profile_unit (profile, decision.owner_after);
    assert_string_equal (decision.change.action, "recuse");
    assert_non_null (owner);
    assert_false (competence_implicated (profile, TYPE_TO_CAO, labels.respondent.value, owner));
}

static void
the_promise_runs_from_the_receipt (void **state)
{
    (void)state;
    labels_t labels = {
        .type = sure ("phan_anh"), .field = sure ("environment.waste"), .place = sure ("ha-tu")};
    decision_t decision = machine ("tcd-ha-tu", &labels);
    case_clock_t clocks[CASE_CLOCKS];
    size_t count = case_clocks_read (value_of (&decision, 'k'), clocks);
    assert_int_equal (count, 2);
    for (size_t i = 0; i < count; i++) {
        bool promise = slice_is (clocks[i].step, "promise");
        assert_int_equal (clocks[i].start_ms, promise ? NOW_MS - 60000 : NOW_MS);
    }
}

//  --- a clerk

static case_t
in_triage (const char *type)
{
    return (case_t){.desk = SLICE ("tcd-tinh"),
        .state = SLICE ("triage"),
        .owner = SLICE ("ban-tcd"),
        .officer = SLICE ("head"),
        .type = slice_from (type),
        .field = SLICE ("land"),
        .version = 2,
        .received_ms = NOW_MS - 60000};
}

static int
clerk (const case_t *before, const act_t *act, decision_t *decision, refusal_t *refusal)
{
    return decision_by_clerk (profile, before, act, NOW_MS, OPERATION, arena, decision, refusal);
}

static void
a_clerk_confirms_or_decides (void **state)
{
    (void)state;
    static const struct {
        const char *type, *respondent, *to, *decision, *ground;
        const char *action, *state, *owner; // expected; action NULL: refused, state is the field
    } rows[] = {
        {"khieu_nai", "ha-tu/head", "", "", "", "assign", "assigned", "ha-tu"},
        {"khieu_nai", "ha-tu/head", "", "guide", "", "guide", "guided", "ban-tcd"},
        {"to_cao", "ha-tu/head", "", "", "", "assign", "assigned", "thanh-tra"},
        {"to_cao", "ha-tu/head", "ha-tu", "", "", NULL, "to", ""},
        {"to_cao", "ha-tu/head", "ha-tu.kt", "", "", NULL, "to", ""},
        {"to_cao", "", "", "guide", "", NULL, "to", ""},
        {"khieu_nai", "", "", "file", "", NULL, "ground", ""},
        {"khieu_nai", "", "", "file", "không đủ điều kiện", "file", "filed", "ban-tcd"},
        {"khieu_nai", "", "no-such-unit", "", "", NULL, "to", ""},
        {"khieu_nai", "ha-tu/head", "", "nonsense", "", NULL, "decision", ""},
        {"", "", "", "", "", NULL, "type", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        case_t before = in_triage (rows[i].type);
        act_t act = {.action = SLICE ("triage"),
            .actor = SLICE ("nv.an"),
            .respondent = slice_from (rows[i].respondent),
            .to = slice_from (rows[i].to),
            .decision = slice_from (rows[i].decision),
            .ground = slice_from (rows[i].ground)};
        decision_t decision;
        refusal_t refusal;
        int status = clerk (&before, &act, &decision, &refusal);
        if (!rows[i].action) {
            assert_int_equal (status, -1);
            assert_string_equal (refusal.field, rows[i].state);
            continue;
        }
        if (status != 0)
            fail_msg ("row %zu: %s: %s", i, refusal.field, refusal.text);
        assert_string_equal (decision.change.action, rows[i].action);
        assert_slice (decision.state, rows[i].state);
        if (!slice_is (decision.owner_after, rows[i].owner))
            fail_msg ("row %zu: owner %.*s", i, SLICE_ARGS (decision.owner_after));
    }
}

static void
nobody_decides_without_a_name (void **state)
{
    (void)state;
    case_t before = in_triage ("khieu_nai");
    act_t act = {.action = SLICE ("triage"), .to = SLICE ("ha-tu")};
    decision_t decision;
    refusal_t refusal;
    assert_int_equal (clerk (&before, &act, &decision, &refusal), -1);
    assert_string_equal (refusal.field, "as");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_certain_report_is_assigned_at_once),
        cmocka_unit_test (complaints_and_denunciations_wait_for_a_human),
        cmocka_unit_test (what_is_unsure_waits_with_its_reason),
        cmocka_unit_test (what_no_machine_could_read_says_so),
        cmocka_unit_test (a_denunciation_of_the_own_chair_leaves_the_desk),
        cmocka_unit_test (a_denunciation_of_the_top_leaves_the_tree),
        cmocka_unit_test (the_promise_runs_from_the_receipt),
        cmocka_unit_test (a_clerk_confirms_or_decides),
        cmocka_unit_test (nobody_decides_without_a_name),
    };
    return cmocka_run_group_tests_name ("decision", tests, setup, teardown);
}
