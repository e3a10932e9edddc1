//  One ZeroMQ round trip between two processes, over ipc and with the frames of the product: a
//  header and a petition there, a header and a receipt back. Prints one JSON object.
//
//      ping ENDPOINT COUNT

#include "bench.h"
#include "wire.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

enum { PATIENCE_MS = 5000, RECEIPT = 120 };

static void
await (void *socket)
{
    zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
    if (zmq_poll (&item, 1, PATIENCE_MS) != 1)
        die ("no answer in %d ms", PATIENCE_MS);
}

_Noreturn static void
answer_for_ever (const char *endpoint)
{
    static const char receipt[RECEIPT];
    refusal_t refusal;
    prctl (PR_SET_PDEATHSIG, SIGKILL);
    zsock_t *sock = wire_router (endpoint, NULL, &refusal);
    if (!sock)
        die ("%s: %s", refusal.field, refusal.text);
    void *socket = zsock_resolve (sock);
    for (;;) {
        wire_t message;
        zmq_pollitem_t item = {socket, 0, ZMQ_POLLIN, 0};
        zmq_poll (&item, 1, -1);
        if (wire_receive (socket, true, &message) != 0)
            continue;
        slice_t to = {zmq_msg_data (&message.sender), zmq_msg_size (&message.sender)};
        wire_send (socket, to, "pong/1", message.number, (slice_t){receipt, RECEIPT});
        wire_drop (&message);
    }
}

static int64_t
round_trip_us (void *socket, uint64_t number)
{
    static const char petition[BENCH_PETITION];
    wire_t message;
    slice_t none = {NULL, 0};
    int64_t start_us = bench_now_us ();
    while (wire_send (socket, none, "ping/1", number, (slice_t){petition, BENCH_PETITION}) != 0)
        if (bench_now_us () - start_us > PATIENCE_MS * INT64_C (1000))
            die ("nobody listens");
    await (socket);
    if (wire_receive (socket, false, &message) != 0 || message.number != number)
        die ("not the answer");
    wire_drop (&message);
    return bench_now_us () - start_us;
}

int
main (int argc, char **argv)
{
    enum { WARM_UP = 20 };
    refusal_t refusal;
    if (argc != 3)
        die ("usage: ping ENDPOINT COUNT");
    size_t count = bench_count (argv[2]);
    int64_t *times_us = mem_new (count * sizeof *times_us);
    pid_t child = fork (); // before any ZeroMQ context, which does not survive it
    if (child == 0)
        answer_for_ever (argv[1]);
    zsock_t *sock = wire_dealer (argv[1], &refusal);
    if (child < 0 || !sock)
        die ("cannot start");
    void *socket = zsock_resolve (sock);
    for (size_t i = 0; i < WARM_UP; i++)
        round_trip_us (socket, i);
    for (size_t i = 0; i < count; i++)
        times_us[i] = round_trip_us (socket, i);
    kill (child, SIGKILL);
    waitpid (child, NULL, 0);
    printf ("{\"round_trips\": %zu, \"round_trip_us\": %lld}\n", count,
        (long long)bench_quantile (times_us, count, 0.5));
    zsock_destroy (&sock);
    free (times_us);
    return 0;
}
