//  The load generator: hands petitions to intake, checks every receipt, and sees on the feed when
//  each case has its owner. The feed is read with a blocking XREAD, so it shows a case as soon as
//  Redis has synced its assignment. Prints one JSON object; any receipt that is missing, refused
//  or doubled, and any case that is not assigned exactly once, ends it with status 1.
//
//      load REDIS ENDPOINT full  COUNT WINDOW   as fast as it goes, WINDOW without a receipt
//      load REDIS ENDPOINT one   COUNT          the next one when the last is assigned
//      load REDIS ENDPOINT paced COUNT RATE     RATE per second, however long the answers take

#include "bench.h"
#include "code.h"
#include "petition.h"
#include "redis.h"
#include "wire.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <zmq.h>

enum { SILENCE_MS = 30000 };

typedef struct load load_t;

typedef struct {
    int64_t sent_us, receipt_us; // sent: when it should have been, at a pace
    int64_t serial;
} petition_in_hand_t;

typedef struct {
    char id[CASE_ID_TEXT];
    int64_t seen_us;
} assigned_t;

typedef struct {
    const char *name;
    size_t words;
    bool (*due) (load_t *self); // may one more be sent now?
} load_mode_t;

struct load {
    const load_mode_t *mode;
    size_t count, window, rate;
    size_t sent, received, assigned;
    buffer_t *bodies;
    petition_in_hand_t *petitions;
    assigned_t *cases;
    zsock_t *sock;
    void *socket;
    redisContext *redis, *feed;
    char last[64]; // entry of the feed
    int timer;
    uint64_t ticks;
    char day[8];
    int64_t start_us;
};

//  --- petitions

static const char sentence[] =
    "Kính gửi Ủy ban nhân dân phường, đống rác cạnh bể nước tổ 14 đã ba hôm chưa có xe vào lấy, "
    "mùi bốc lên cả ngõ, mong phường cho người xuống xem và báo lại cho bà con được biết. ";

static petition_t
petition_example (char *text, size_t size)
{
    return (petition_t){
        .desk = SLICE ("tcd-ha-tu"),
        .channel = SLICE ("counter"),
        .text = {text, size},
        .petitioner = {.name = SLICE ("Nguyễn Thị Mẫu"), .phone = SLICE ("0900000000")},
        .place = SLICE ("ha-tu"),
    };
}

//  A whole sentence again and again; what is left over becomes full stops.
static void
text_fill (char *text, size_t size, size_t number)
{
    size_t at = (size_t)snprintf (text, size, "%zu. ", number);
    while (at + sizeof sentence <= size) {
        memcpy (text + at, sentence, sizeof sentence - 1);
        at += sizeof sentence - 1;
    }
    memset (text + at, '.', size - at);
}

//  As many bytes of text as make the petition, without its key, BENCH_PETITION bytes.
static size_t
text_size (void)
{
    char text[BENCH_PETITION];
    size_t size = BENCH_PETITION / 2;
    buffer_t out = {0};
    text_fill (text, size, 0);
    petition_t petition = petition_example (text, size);
    codec_encode (&petition_schema, &petition, &out);
    assert (size >= 256 && out.size < BENCH_PETITION); // the length's own length stays
    size += BENCH_PETITION - out.size;
    buffer_free (&out);
    return size;
}

static void
load_prepare (load_t *self)
{
    char text[BENCH_PETITION], key[40];
    size_t size = text_size ();
    self->bodies = mem_new (self->count * sizeof *self->bodies);
    self->petitions = mem_new (self->count * sizeof *self->petitions);
    self->cases = mem_new (self->count * sizeof *self->cases);
    for (size_t i = 0; i < self->count; i++) {
        text_fill (text, size, i);
        petition_t petition = petition_example (text, size);
        snprintf (key, sizeof key, "%d-%lld-%zu", (int)getpid (), (long long)self->start_us, i);
        petition.key = slice_from (key);
        codec_encode (&petition_schema, &petition, &self->bodies[i]);
    }
}

//  --- sending

static bool
due_full (load_t *self)
{
    return self->sent - self->received < self->window;
}

static bool
due_one (load_t *self)
{
    return self->sent == self->assigned && self->sent == self->received;
}

static bool
due_paced (load_t *self)
{
    uint64_t ticks;
    if (read (self->timer, &ticks, sizeof ticks) == sizeof ticks)
        self->ticks += ticks;
    return self->sent < self->ticks;
}

static const load_mode_t modes[] = {
    {"full", 6, due_full},
    {"one", 5, due_one},
    {"paced", 6, due_paced},
};

static void
load_send (load_t *self)
{
    while (self->sent < self->count && self->mode->due (self)) {
        size_t i = self->sent;
        int64_t now_us = bench_now_us ();
        if (self->rate)
            now_us = self->start_us + (int64_t)((double)(i + 1) * 1e6 / (double)self->rate);
        slice_t none = {NULL, 0};
        if (wire_send (self->socket, none, "submit/1", i, buffer_slice (&self->bodies[i])) != 0)
            return; // not connected yet, or full: poll says when
        self->petitions[i].sent_us = now_us;
        self->sent++;
    }
}

//  --- receipts

static void
receipt_take (load_t *self, const wire_t *message, arena_t *arena)
{
    reply_t reply;
    code_t code;
    refusal_t refusal;
    int64_t now_us = bench_now_us ();
    if (codec_decode (&reply_schema, message->body, &reply, arena, NULL, &refusal) != 0)
        die ("a reply cannot be read: %s", refusal.text);
    if (!slice_is (reply.refusal, "done"))
        die ("refused: %.*s %.*s", SLICE_ARGS (reply.refusal), SLICE_ARGS (reply.text));
    if (reply.repeated || code_read (reply.code, &code, &refusal) != 0)
        die ("not a receipt of a new petition: %.*s", SLICE_ARGS (reply.code));
    if (message->number >= self->sent || self->petitions[message->number].receipt_us)
        die ("a receipt for what was not asked, or a second one");
    self->petitions[message->number].receipt_us = now_us;
    self->petitions[message->number].serial = code.serial;
    snprintf (self->day, sizeof self->day, "%.*s", SLICE_ARGS (code.day));
    self->received++;
}

static void
receipts_take (load_t *self, arena_t *arena)
{
    wire_t message;
    while (wire_receive (self->socket, false, &message) == 0) {
        arena_reset (arena);
        receipt_take (self, &message, arena);
        wire_drop (&message);
    }
}

//  --- the feed: "id version owner-before owner-after" a line

static void
feed_ask (load_t *self)
{
    if (redisAppendCommand (self->feed, "XREAD BLOCK 0 STREAMS {p00}feed %s", self->last) !=
        REDIS_OK)
        die ("redis: %s", self->feed->errstr);
    int done = 0;
    while (!done)
        if (redisBufferWrite (self->feed, &done) != REDIS_OK)
            die ("redis: %s", self->feed->errstr);
}

static void
feed_line (load_t *self, const char *line, int64_t now_us)
{
    char id[CASE_ID_TEXT + 1], before[64], after[64];
    long long version;
    if (sscanf (line, "%16s %lld %63s %63s", id, &version, before, after) != 4)
        die ("a line of the feed cannot be read");
    if (version == 1)
        return;
    if (version != 2 || strcmp (before, after) == 0 || self->assigned == self->count)
        die ("case %s was not assigned by its first change alone", id);
    memcpy (self->cases[self->assigned].id, id, CASE_ID_TEXT);
    self->cases[self->assigned++].seen_us = now_us;
}

static void
feed_entry (load_t *self, const redisReply *entry, int64_t now_us)
{
    snprintf (self->last, sizeof self->last, "%s", entry->element[0]->str);
    char *rest = entry->element[1]->element[1]->str;
    for (char *line; (line = strsep (&rest, "\n"));)
        feed_line (self, line, now_us);
}

static void
feed_take (load_t *self)
{
    void *got = NULL;
    int64_t now_us = bench_now_us ();
    if (redisBufferRead (self->feed) != REDIS_OK ||
        redisGetReplyFromReader (self->feed, &got) != REDIS_OK)
        die ("redis: %s", self->feed->errstr);
    redisReply *reply = got;
    if (!reply)
        return; // not whole yet
    if (reply->type != REDIS_REPLY_ARRAY)
        die ("the feed cannot be read: %s", reply->str ? reply->str : "no array");
    redisReply *entries = reply->element[0]->element[1];
    for (size_t i = 0; i < entries->elements; i++)
        feed_entry (self, entries->element[i], now_us);
    freeReplyObject (reply);
    feed_ask (self);
}

//  --- a run

static void
load_run (load_t *self)
{
    arena_t *arena = arena_new ();
    while (self->received < self->count || self->assigned < self->count) {
        load_send (self);
        bool eager = self->sent < self->count && self->mode->due (self);
        zmq_pollitem_t items[] = {
            {self->socket, 0, (short)(eager ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN), 0},
            {NULL, self->feed->fd, ZMQ_POLLIN, 0},
            {NULL, self->timer, ZMQ_POLLIN, 0},
        };
        bool timed = self->rate && self->sent < self->count;
        int ready = zmq_poll (items, timed ? 3 : 2, SILENCE_MS);
        if (ready == 0)
            die ("silence: %zu sent, %zu receipts, %zu assigned", self->sent, self->received,
                self->assigned);
        receipts_take (self, arena);
        if (items[1].revents)
            feed_take (self);
    }
    arena_destroy (&arena);
}

static void
load_start_timer (load_t *self)
{
    if (!self->rate)
        return;
    long interval_ns = (long)(1000000000 / self->rate);
    struct timespec each = {interval_ns / 1000000000, interval_ns % 1000000000};
    self->timer = timerfd_create (CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct itimerspec spec = {each, each};
    if (self->timer < 0 || timerfd_settime (self->timer, 0, &spec, NULL) != 0)
        die ("no timer");
}

//  Connected before the clock starts: intake answers what is not a submission, too.
static void
load_greet (load_t *self)
{
    wire_t message;
    slice_t none = {NULL, 0};
    zmq_pollitem_t item = {self->socket, 0, ZMQ_POLLOUT, 0};
    while (wire_send (self->socket, none, "hello/1", 0, SLICE ("\x80")) != 0)
        if (zmq_poll (&item, 1, SILENCE_MS) == 0)
            die ("intake does not listen");
    item.events = ZMQ_POLLIN;
    if (zmq_poll (&item, 1, SILENCE_MS) == 0 || wire_receive (self->socket, false, &message) != 0)
        die ("intake does not answer");
    wire_drop (&message);
}

static redisReply *
load_ask (load_t *self, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    redisReply *reply = redisvCommand (self->redis, format, args);
    va_end (args);
    if (!reply || reply->type == REDIS_REPLY_ERROR)
        die ("redis: %s", reply ? reply->str : self->redis->errstr);
    return reply;
}

static void
load_open (load_t *self, char **words)
{
    refusal_t refusal;
    self->redis = redis_open (words[1], NULL, NULL, &refusal);
    self->feed = self->redis ? redis_open (words[1], NULL, NULL, &refusal) : NULL;
    self->sock = self->feed ? wire_dealer (words[2], &refusal) : NULL;
    if (!self->sock)
        die ("%s: %s", refusal.field, refusal.text);
    self->socket = zsock_resolve (self->sock);
    redisReply *newest = load_ask (self, "XREVRANGE {p00}feed + - COUNT 1");
    snprintf (self->last, sizeof self->last, "%s",
        newest->elements ? newest->element[0]->element[0]->str : "0-0");
    freeReplyObject (newest);
    load_greet (self);
    feed_ask (self);
}

//  --- what it found

static int
case_compare (const void *a, const void *b)
{
    return memcmp (a, b, CASE_ID_TEXT);
}

static int
serial_compare (const void *a, const void *b)
{
    int64_t x = ((const petition_in_hand_t *)a)->serial,
            y = ((const petition_in_hand_t *)b)->serial;
    return (x > y) - (x < y);
}

//  Every receipt's case, found by its serial in the desk's register, must be among those assigned;
//  fills the waits from sending to receipt and to assigned.
static void
load_check (load_t *self, int64_t *receipt_us, int64_t *assigned_us)
{
    qsort (self->petitions, self->count, sizeof *self->petitions, serial_compare);
    qsort (self->cases, self->count, sizeof *self->cases, case_compare);
    int64_t first = self->petitions[0].serial;
    redisReply *ids = load_ask (self, "LRANGE {p00}s:tcd-ha-tu:%s %lld %lld", self->day,
        (long long)first - 1, (long long)first + (long long)self->count - 2);
    if (ids->elements != self->count)
        die ("the register has %zu of %zu petitions", ids->elements, self->count);
    for (size_t i = 0; i < self->count; i++) {
        const petition_in_hand_t *petition = &self->petitions[i];
        const assigned_t *found = bsearch (
            ids->element[i]->str, self->cases, self->count, sizeof *self->cases, case_compare);
        if (petition->serial != first + (int64_t)i || !found)
            die ("serial %lld: a gap, a double, or a case that is not assigned",
                (long long)petition->serial);
        receipt_us[i] = petition->receipt_us - petition->sent_us;
        assigned_us[i] = found->seen_us - petition->sent_us;
    }
    freeReplyObject (ids);
}

static void
load_report (load_t *self)
{
    int64_t *receipt_us = mem_new (self->count * sizeof *receipt_us);
    int64_t *assigned_us = mem_new (self->count * sizeof *assigned_us);
    int64_t end_us = 0, receipts_us = 0;
    for (size_t i = 0; i < self->count; i++) {
        if (self->cases[i].seen_us > end_us)
            end_us = self->cases[i].seen_us;
        if (self->petitions[i].receipt_us > receipts_us)
            receipts_us = self->petitions[i].receipt_us;
    }
    load_check (self, receipt_us, assigned_us);
    printf ("{\"petitions\": %zu, \"seconds\": %.6f, \"receipts_seconds\": %.6f, "
            "\"receipt_us\": %lld, \"receipt_p99_us\": %lld, "
            "\"assigned_us\": %lld, \"assigned_p99_us\": %lld}\n",
        self->count, (double)(end_us - self->start_us) / 1e6,
        (double)(receipts_us - self->start_us) / 1e6,
        (long long)bench_quantile (receipt_us, self->count, 0.5),
        (long long)bench_quantile (receipt_us, self->count, 0.99),
        (long long)bench_quantile (assigned_us, self->count, 0.5),
        (long long)bench_quantile (assigned_us, self->count, 0.99));
    free (receipt_us);
    free (assigned_us);
}

static const load_mode_t *
mode_find (int argc, char **argv)
{
    for (size_t i = 0; argc > 4 && i < sizeof modes / sizeof *modes; i++)
        if (strcmp (argv[3], modes[i].name) == 0 && (size_t)argc == modes[i].words)
            return &modes[i];
    die ("usage: load REDIS ENDPOINT full COUNT WINDOW | one COUNT | paced COUNT RATE");
}

int
main (int argc, char **argv)
{
    static load_t self;
    self.mode = mode_find (argc, argv);
    self.count = bench_count (argv[4]);
    size_t last = argc > 5 ? bench_count (argv[5]) : 0;
    self.window = last;
    self.rate = self.mode->due == due_paced ? last : 0;
    self.start_us = bench_now_us ();
    load_prepare (&self);
    load_open (&self, argv);
    load_start_timer (&self);
    self.start_us = bench_now_us ();
    load_run (&self);
    load_report (&self);
    zsock_destroy (&self.sock);
    redisFree (self.redis);
    redisFree (self.feed);
    return 0;
}
