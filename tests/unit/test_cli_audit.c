#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/audit.h"
#include "intake/registration.h"

//  A case of three versions as Redis would hold it; each test damages one thing.
enum { VERSIONS = 3 };
typedef struct {
    arena_t *arena;
    slice_t journal[VERSIONS];
    case_t record;
    evidence_t evidence;
} whole_t;

static slice_t
number (arena_t *arena, int64_t value)
{
    char bytes[9] = {(char)0xcf};
    for (int i = 0; i < 8; i++)
        bytes[1 + i] = (char)((uint64_t)value >> (56 - 8 * i));
    return arena_copy (arena, (slice_t){bytes, 9});
}

//  An element of the journal as ledger.lua writes it.
static slice_t
element (arena_t *arena, int64_t version, int64_t time_ms, int64_t serial, const change_t *change)
{
    buffer_t out = {0};
    slice_t parts[] = {number (arena, version), number (arena, time_ms), number (arena, serial),
        change_write (change, arena)};
    for (size_t i = 0; i < 4; i++)
        buffer_append (&out, parts[i].ptr, parts[i].size);
    slice_t whole = arena_copy (arena, buffer_slice (&out));
    buffer_free (&out);
    return whole;
}

static change_t
registered (void)
{
    change_t change = {
        .action = "register", .actor = SLICE ("desk:d"), .operation = SLICE ("1111111111111111")};
    change_set (&change, 's', SLICE ("received"));
    change_set (&change, 'd', SLICE ("tcd-tinh"));
    change_set (&change, 'y', SLICE ("261120"));
    change_set (&change, 'u', SLICE ("ban-tcd"));
    change_set (&change, 'o', SLICE ("head"));
    change_set (&change, 'n', SLICE ("5000"));
    return change;
}

static change_t
proposed (void)
{
    change_t change = {
        .action = "propose", .actor = SLICE ("m"), .operation = SLICE ("2222222222222222")};
    change_set (&change, 's', SLICE ("triage"));
    change_set (&change, 'n', SLICE ("6000"));
    return change;
}

static change_t
assigned (void)
{
    change_t change = {
        .action = "assign", .actor = SLICE ("p"), .operation = SLICE ("3333333333333333")};
    change_set (&change, 's', SLICE ("assigned"));
    change_set (&change, 'u', SLICE ("so-xd"));
    change_set (&change, 'n', SLICE ("7000"));
    return change;
}

//  Journal of these changes at versions 1, 2, 3 and times 100, 200, 300; record: its fold.
static void
whole_from (whole_t *self, const change_t changes[VERSIONS])
{
    *self = (whole_t){.arena = arena_new ()};
    slice_t digest = registration_digest (SLICE ("sealed"), self->arena);
    for (int i = 0; i < VERSIONS; i++) {
        change_t change = changes[i];
        entry_t entry;
        if (i == 0)
            change_set (&change, 'B', digest);
        self->journal[i] = element (self->arena, i + 1, 100 * (i + 1), i == 0 ? 7 : 0, &change);
        assert_int_equal (entry_read (self->journal[i], &entry, NULL), 0);
        case_fold (&self->record, &entry, self->arena);
    }
    self->evidence = (evidence_t){.id = SLICE ("abcdefghijklmnop"),
        .desk = SLICE ("tcd-tinh"),
        .day = SLICE ("261120"),
        .serial = 7,
        .record = &self->record,
        .journal = self->journal,
        .entries = VERSIONS,
        .body = SLICE ("sealed"),
        .alarm = SLICE ("7000"),
        .owned = SLICE ("7000")};
}

static int
setup (void **state)
{
    whole_t *self = mem_new (sizeof *self);
    const change_t changes[] = {registered (), proposed (), assigned ()};
    whole_from (self, changes);
    *state = self;
    return 0;
}

static int
teardown (void **state)
{
    whole_t *self = *state;
    arena_destroy (&self->arena);
    free (self);
    return 0;
}

//  What the audit says, NUL-terminated; free () it.
static char *
audit (whole_t *self, audited_t *audited)
{
    buffer_t breaches = {0};
    audit_case (&self->evidence, audited, self->arena, &breaches);
    buffer_append (&breaches, "", 1);
    return breaches.data;
}

static void
expect (whole_t *self, const char *breach)
{
    audited_t audited;
    char *said = audit (self, &audited);
    if (!strstr (said, breach))
        fail_msg ("expected \"%s\" in:\n%s", breach, said);
    free (said);
}

static void
test_a_whole_case_has_no_breach (void **state)
{
    whole_t *self = *state;
    audited_t audited;
    char *said = audit (self, &audited);
    assert_string_equal (said, "");
    free (said);
    assert_int_equal (audited.state, STATE_ASSIGNED);
    assert_int_equal (audited.entries, 3);
    assert_int_equal (audited.moves, 1);
}

static void
test_the_record_must_be_the_fold (void **state)
{
    whole_t *self = *state;
    self->record.officer = SLICE ("somebody");
    expect (self, "not the fold of the journal: officer");
    self->record.officer = SLICE ("head");
    self->record.hops = 1;
    expect (self, "not the fold of the journal: hops");
    self->evidence.record = NULL;
    expect (self, "no readable record");
}

static void
test_no_entry_may_be_missing (void **state)
{
    whole_t *self = *state;
    self->evidence.entries = 2;
    expect (self, "not the fold");
    self->evidence.entries = 0;
    expect (self, "it has no journal");
    self->evidence.entries = 3;
    self->journal[1] = self->journal[2];
    expect (self, "has version 3 where 2 belongs");
    self->journal[1].size--;
    expect (self, "entry 2 of the journal");
}

static void
test_the_register_and_the_body (void **state)
{
    whole_t *self = *state;
    self->evidence.serial = 8;
    expect (self, "the register has it as tcd-tinh 261120 8");
    self->evidence.body = SLICE ("Sealed");
    expect (self, "not the one that was registered");
    self->evidence.body = (slice_t){NULL, 0};
    expect (self, "sealed petition is missing");
}

static void
test_the_indexes (void **state)
{
    whole_t *self = *state;
    self->evidence.owned = (slice_t){NULL, 0};
    expect (self, "not in the index of its owner");
    self->evidence.alarm = SLICE ("6999");
    expect (self, "the index alarm has another time");
    self->evidence.lease = SLICE ("1");
    expect (self, "has a lease");
}

//  A journal whose fold is right and whose steps are not.
static void
expect_of (const change_t changes[VERSIONS], const char *breach)
{
    whole_t whole;
    whole_from (&whole, changes);
    expect (&whole, breach);
    arena_destroy (&whole.arena);
}

static void
test_steps_that_the_table_forbids (void **state)
{
    (void)state;
    change_t moved = proposed (), unowned = proposed (), alien = proposed (), asleep = proposed ();
    change_set (&moved, 'u', SLICE ("so-xd"));
    expect_of ((change_t[]){registered (), moved, assigned ()}, "propose may not change the owner");
    change_set (&unowned, 'o', SLICE (""));
    expect_of ((change_t[]){registered (), unowned, assigned ()}, "version 2 has no owner");
    change_set (&alien, 'h', SLICE ("1"));
    expect_of (
        (change_t[]){registered (), alien, assigned ()}, "propose may not set the field 'h'");
    change_set (&asleep, 'n', SLICE (""));
    expect_of ((change_t[]){registered (), asleep, assigned ()}, "live, and without a next alarm");
    expect_of ((change_t[]){registered (), assigned (), proposed ()},
        "propose is not allowed from 'assigned' to 'triage'");
    expect_of ((change_t[]){registered (), registered (), assigned ()}, "version 2: register");
    expect_of ((change_t[]){proposed (), proposed (), assigned ()}, "version 1: propose");
    change_t unknown = proposed ();
    unknown.action = "vanish";
    expect_of ((change_t[]){registered (), unknown, assigned ()}, "there is no action vanish");
}

static void
test_times_do_not_go_back (void **state)
{
    whole_t *self = *state;
    change_t change = assigned ();
    self->journal[2] = element (self->arena, 3, 199, 0, &change);
    self->record.changed_ms = 199;
    expect (self, "version 3: its time lies before");
    self->journal[2] = element (self->arena, 3, 300, 4, &change);
    expect (self, "the first entry alone has a serial");
}

static void
test_an_ended_case_is_in_no_index (void **state)
{
    (void)state;
    change_t filed = {
        .action = "file", .actor = SLICE ("p"), .operation = SLICE ("3333333333333333")};
    change_set (&filed, 's', SLICE ("filed"));
    change_set (&filed, 'n', SLICE (""));
    whole_t whole;
    audited_t audited;
    whole_from (&whole, (change_t[]){registered (), proposed (), filed});
    expect (&whole, "ended and is still in the index alarm");
    expect (&whole, "ended and is still in the index of its owner");
    whole.evidence.alarm = whole.evidence.owned = (slice_t){NULL, 0};
    char *said = audit (&whole, &audited);
    assert_string_equal (said, "");
    free (said);
    arena_destroy (&whole.arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_a_whole_case_has_no_breach),
        TEST (test_the_record_must_be_the_fold),
        TEST (test_no_entry_may_be_missing),
        TEST (test_the_register_and_the_body),
        TEST (test_the_indexes),
        TEST (test_steps_that_the_table_forbids),
        TEST (test_times_do_not_go_back),
        TEST (test_an_ended_case_is_in_no_index),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
