//  Offers and credit (offer.h): nothing is offered beyond credit, and no loss of messages,
//  connection or worker makes credit leak.

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "clock.h"
#include "offer.h"

typedef struct {
    loop_t *loop;
    offer_source_t *source;
    zsock_t *dealer; // a worker played by hand
    bool (*done) (void *world);
    int64_t give_up_ms;
    size_t handled;
    offer_ticket_t tickets[64];
    char bodies[64][32];
    char taken[256];
} world_t;

enum { PATIENCE_MS = 20000 };

static void
world_tick (void *arg)
{
    world_t *world = arg;
    if (clock_monotonic_ms () > world->give_up_ms)
        fail_msg ("the condition was not met in time");
    if (world->done && world->done (world))
        loop_stop (world->loop);
}

static void
on_taken (void *arg, slice_t tag)
{
    world_t *world = arg;
    size_t used = strlen (world->taken);
    snprintf (world->taken + used, sizeof world->taken - used, "%.*s ", SLICE_ARGS (tag));
}

static void
world_start (world_t *world, size_t queue_max, const char *name)
{
    char endpoint[64];
    *world = (world_t){.loop = loop_new ()};
    snprintf (endpoint, sizeof endpoint, "inproc://%s", name);
    world->source =
        offer_source_new (world->loop, endpoint, "offer/1", queue_max, PATIENCE_MS, NULL);
    assert_non_null (world->source);
    offer_source_on_taken (world->source, on_taken, world);
    loop_add_timer (world->loop, 1, world_tick, world);
}

static void
world_end (world_t *world)
{
    zsock_destroy (&world->dealer);
    offer_source_destroy (&world->source);
    loop_destroy (&world->loop);
}

//  Runs the loop until the condition holds; fails when it never does.
static void
world_wait (world_t *world, bool (*done) (void *world))
{
    world->done = done;
    world->give_up_ms = clock_monotonic_ms () + PATIENCE_MS;
    loop_run (world->loop);
    loop_resume (world->loop);
}

static void
dealer_open (world_t *world)
{
    zsock_destroy (&world->dealer);
    world->dealer = wire_dealer (offer_source_endpoint (world->source), NULL);
    assert_non_null (world->dealer);
}

static void
dealer_credit (world_t *world, const char *epoch, int64_t seen, int64_t open, int64_t window)
{
    buffer_t out = {0};
    credit_t credit = {slice_from (epoch), seen, open, window};
    codec_encode (&credit_schema, &credit, &out);
    int status = wire_send (
        zsock_resolve (world->dealer), (slice_t){NULL, 0}, "credit/1", 0, buffer_slice (&out));
    assert_int_equal (status, 0);
    buffer_free (&out);
}

static bool
has_worker (void *arg)
{
    return offer_source_workers (((world_t *)arg)->source) == 1;
}

//  Takes what has arrived at the hand-played worker; returns the last sequence, counts in handled.
static uint64_t
dealer_take (world_t *world)
{
    wire_t message;
    uint64_t last = 0;
    while (wire_receive (zsock_resolve (world->dealer), false, &message) == 0) {
        if (slice_is (message.kind, "offer/1")) {
            last = message.number;
            world->handled++;
        }
        wire_drop (&message);
    }
    return last;
}

static void
put (world_t *world, const char *text)
{
    assert_true (offer_source_put (world->source, slice_from (text), slice_from (text)));
}

static bool
three_arrived (void *arg)
{
    dealer_take (arg);
    return ((world_t *)arg)->handled == 3;
}

static void
offers_only_what_credit_allows (void **state)
{
    (void)state;
    world_t world;
    world_start (&world, 8, "credit");
    dealer_open (&world);
    dealer_credit (&world, "epoch-aaaaaaaaaa", 0, 0, 3);
    world_wait (&world, has_worker);
    for (int i = 0; i < 10; i++)
        put (&world, "x");
    assert_int_equal (offer_source_queued (world.source), 7);
    assert_int_equal (offer_source_free (world.source), 0);
    assert_true (offer_source_put (world.source, SLICE ("y"), SLICE ("")));
    assert_false (offer_source_put (world.source, SLICE ("z"), SLICE ("")));
    world_wait (&world, three_arrived);
    assert_int_equal (dealer_take (&world), 0);
    world_end (&world);
}

static bool
queue_is_empty (void *arg)
{
    return offer_source_queued (((world_t *)arg)->source) == 0;
}

static void
finished_work_frees_credit (void **state)
{
    (void)state;
    world_t world;
    world_start (&world, 8, "frees");
    dealer_open (&world);
    dealer_credit (&world, "epoch-bbbbbbbbbb", 0, 0, 2);
    world_wait (&world, has_worker);
    for (int i = 0; i < 4; i++)
        put (&world, "x");
    assert_int_equal (offer_source_queued (world.source), 2);
    dealer_credit (&world, "epoch-bbbbbbbbbb", 2, 0, 2);
    world_wait (&world, queue_is_empty);
    world_end (&world);
}

static bool
has_free (void *arg)
{
    return offer_source_free (((world_t *)arg)->source) == 2;
}

//  Offers that a broken connection swallowed: the worker's credits keep saying seen = 0. After
//  three seconds the source believes them, and the credit is there again.
static void
lost_offers_do_not_leak_credit (void **state)
{
    (void)state;
    world_t world;
    world_start (&world, 8, "lost");
    dealer_open (&world);
    dealer_credit (&world, "epoch-cccccccccc", 0, 0, 2);
    world_wait (&world, has_worker);
    put (&world, "x");
    put (&world, "x");
    assert_int_equal (offer_source_free (world.source), 0);
    dealer_open (&world); // a new connection of the same worker: what was under way is lost
    dealer_credit (&world, "epoch-cccccccccc", 0, 0, 2);
    world_wait (&world, has_free);
    assert_int_equal (offer_source_workers (world.source), 1);
    world_end (&world);
}

static bool
silent_is_dropped (void *arg)
{
    return offer_source_workers (((world_t *)arg)->source) == 0;
}

static void
a_silent_worker_is_dropped_with_its_credit (void **state)
{
    (void)state;
    world_t world;
    world_start (&world, 8, "silent");
    dealer_open (&world);
    dealer_credit (&world, "epoch-dddddddddd", 0, 0, 2);
    world_wait (&world, has_worker);
    world_wait (&world, silent_is_dropped);
    put (&world, "x");
    assert_int_equal (offer_source_queued (world.source), 1);
    world_end (&world);
}

static bool
taken_are_told (void *arg)
{
    return strcmp (((world_t *)arg)->taken, "one two ") == 0;
}

static void
taken_is_told_once_for_what_was_seen (void **state)
{
    (void)state;
    world_t world;
    world_start (&world, 8, "taken");
    dealer_open (&world);
    dealer_credit (&world, "epoch-eeeeeeeeee", 0, 0, 5);
    world_wait (&world, has_worker);
    put (&world, "one");
    put (&world, "two");
    put (&world, "three");
    dealer_credit (&world, "epoch-eeeeeeeeee", 2, 2, 5);
    dealer_credit (&world, "epoch-eeeeeeeeee", 2, 1, 5);
    world_wait (&world, taken_are_told);
    world_end (&world);
}

static void
nonsense_is_ignored (void **state)
{
    (void)state;
    world_t world;
    world_start (&world, 8, "nonsense");
    dealer_open (&world);
    dealer_credit (&world, "epoch-ffffffffff", -1, 0, 5);
    dealer_credit (&world, "epoch-ffffffffff", 0, -1, 5);
    dealer_credit (&world, "epoch-ffffffffff", 0, 0, INT64_MAX);
    dealer_credit (&world, "short", 0, 0, 5);
    void *socket = zsock_resolve (world.dealer);
    wire_send (socket, (slice_t){NULL, 0}, "credit/1", 0, SLICE ("\xff\xff"));
    wire_send (socket, (slice_t){NULL, 0}, "credit/9", 0, SLICE ("\x80"));
    zmq_send (socket, "one frame", 9, 0);
    uint64_t malformed = wire_malformed ();
    dealer_credit (&world, "epoch-gggggggggg", 0, 0, 2);
    world_wait (&world, has_free);
    assert_int_equal (offer_source_workers (world.source), 1);
    assert_int_equal (wire_malformed () - malformed, 1);
    world_end (&world);
}

//  --- the real worker against the real source

static void
on_offer (void *arg, slice_t body, offer_ticket_t ticket)
{
    world_t *world = arg;
    snprintf (world->bodies[world->handled], 32, "%.*s", SLICE_ARGS (body));
    world->tickets[world->handled++] = ticket;
}

static bool
four_handled (void *arg)
{
    return ((world_t *)arg)->handled == 4;
}

static bool
six_handled (void *arg)
{
    return ((world_t *)arg)->handled == 6;
}

static bool
source_has_all_back (void *arg)
{
    return offer_source_free (((world_t *)arg)->source) == 4;
}

static void
a_worker_takes_its_window_and_no_more (void **state)
{
    (void)state;
    world_t world;
    world_start (&world, 8, "window");
    offer_worker_t *worker = offer_worker_new (world.loop, "offer/1", 4, on_offer, &world);
    slice_t endpoint = slice_from (offer_source_endpoint (world.source));
    offer_worker_sources (worker, &endpoint, 1);
    world_wait (&world, has_worker);
    for (int i = 0; i < 6; i++)
        put (&world, (char[]){(char)('a' + i), 0});
    world_wait (&world, four_handled);
    assert_int_equal (offer_worker_open (worker), 4);
    assert_int_equal (offer_source_queued (world.source), 2);
    offer_worker_done (worker, world.tickets[0]);
    offer_worker_done (worker, world.tickets[1]);
    world_wait (&world, six_handled);
    assert_string_equal (world.bodies[5], "f");
    for (int i = 2; i < 6; i++)
        offer_worker_done (worker, world.tickets[i]);
    world_wait (&world, source_has_all_back);
    offer_worker_destroy (&worker);
    world_end (&world);
}

static bool
source_has_no_free (void *arg)
{
    world_t *world = arg;
    return offer_source_workers (world->source) == 1 && offer_source_free (world->source) == 0;
}

static void
a_paused_worker_gets_nothing_more (void **state)
{
    (void)state;
    world_t world;
    world_start (&world, 8, "paused");
    offer_worker_t *worker = offer_worker_new (world.loop, "offer/1", 4, on_offer, &world);
    slice_t endpoint = slice_from (offer_source_endpoint (world.source));
    offer_worker_sources (worker, &endpoint, 1);
    world_wait (&world, source_has_all_back);
    offer_worker_pause (worker);
    world_wait (&world, source_has_no_free);
    put (&world, "x");
    assert_int_equal (offer_source_queued (world.source), 1);
    offer_worker_destroy (&worker);
    world_end (&world);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (offers_only_what_credit_allows),
        cmocka_unit_test (finished_work_frees_credit),
        cmocka_unit_test (lost_offers_do_not_leak_credit),
        cmocka_unit_test (a_silent_worker_is_dropped_with_its_credit),
        cmocka_unit_test (taken_is_told_once_for_what_was_seen),
        cmocka_unit_test (nonsense_is_ignored),
        cmocka_unit_test (a_worker_takes_its_window_and_no_more),
        cmocka_unit_test (a_paused_worker_gets_nothing_more),
    };
    return cmocka_run_group_tests_name ("offer", tests, NULL, NULL);
}
