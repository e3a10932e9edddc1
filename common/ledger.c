#include "ledger_inner.h"

#include "clock.h"

#include <stdio.h>

//  --- sending

static size_t
head_words (ledger_t *self, batch_t *batch, arena_t *arena, slice_t *words)
{
    const kind_row_t *kind = batch_kind (batch->kind);
    size_t n = 0;
    words[n++] = SLICE ("FCALL");
    words[n++] = slice_from (kind->function);
    words[n++] = arena_printf (arena, "%zu", HEAD_KEYS + batch->count * kind->keys);
    for (size_t i = 0; i < HEAD_KEYS; i++)
        words[n++] = ledger_key (arena, batch->partition, kind->head[i], (slice_t){NULL, 0});
    for (size_t i = 0; i < batch->count * kind->keys; i++)
        words[n++] = batch->keys[i];
    words[n++] = slice_from (self->profile_hash);
    words[n++] = arena_printf (arena, "%lld", (long long)ledger_legal_ms (self));
    if (batch->kind == BATCH_REGISTER) {
        words[n++] = arena_printf (arena, "%d", LEDGER_LEASE_MS);
        words[n++] = arena_printf (arena, "%lld", LEDGER_KEY_DAYS * (long long)CLOCK_DAY_MS);
    }
    return n;
}

static void
ledger_send (ledger_t *self, batch_t *batch)
{
    static slice_t words[16 + BATCH_CASES * (REGISTER_KEYS + REGISTER_ARGS)];
    const kind_row_t *kind = batch_kind (batch->kind);
    arena_t *arena = arena_new ();
    size_t n = head_words (self, batch, arena, words);
    for (size_t i = 0; i < batch->count * kind->args; i++)
        words[n++] = batch->args[i];
    self->flying[batch->kind][batch->partition]++;
    redis_command (self->redis, batch_on_reply, batch, n, words);
    arena_destroy (&arena);
}

//  Nothing is sent to functions that have not said that they are ours.
static bool
ledger_may_send (const ledger_t *self)
{
    return redis_connected (self->redis) && self->library_fits;
}

static void
ledger_send_again (ledger_t *self)
{
    batch_t *list = self->again;
    self->again = NULL;
    self->again_end = &self->again;
    int64_t now_ms = clock_monotonic_ms ();
    while (list) {
        batch_t *batch = list;
        list = list->next;
        if (ledger_may_send (self) && batch->not_before_ms <= now_ms)
            ledger_send (self, batch);
        else
            batch_again (batch, batch->not_before_ms > now_ms ? batch->not_before_ms - now_ms : 0);
    }
}

static void
ledger_turn_end (void *arg)
{
    ledger_t *self = arg;
    if (self->again)
        ledger_send_again (self);
    for (int kind = 0; kind < 2; kind++)
        for (unsigned p = 0; p < LEDGER_PARTITIONS_MAX; p++) {
            batch_t *batch = self->open[kind][p];
            //  A call costs much beside what each case costs, and a sync serves a whole call: while
            //  two are under way, what arrives waits for one of them and goes together.
            if (self->flying[kind][p] >= FLYING_MAX)
                continue;
            self->open[kind][p] = NULL;
            if (batch && ledger_may_send (self))
                ledger_send (self, batch);
            else if (batch)
                batch_again (batch, 0);
        }
}

//  The open batch of a partition with room for one more case.
static batch_t *
ledger_open (ledger_t *self, batch_kind_t kind, unsigned partition, size_t bytes)
{
    batch_t **open = &self->open[kind][partition];
    if (*open && ((*open)->count == BATCH_CASES || (*open)->bytes + bytes > BATCH_BYTES)) {
        batch_t *full = *open;
        *open = NULL;
        if (ledger_may_send (self))
            ledger_send (self, full);
        else
            batch_again (full, 0);
    }
    if (!*open)
        *open = batch_new (self, kind, partition);
    (*open)->bytes += bytes;
    self->waiting++;
    return *open;
}

//  --- the library in Redis must be ours

static void
on_version (void *arg, const redisReply *reply)
{
    ledger_t *self = arg;
    if (!reply)
        return;
    slice_t hash = redis_text (reply);
    self->library_fits = slice_is (hash, ledger_hash ());
    if (self->library_fits)
        self->trouble[0] = 0;
    else
        snprintf (self->trouble, sizeof self->trouble, "%s",
            hash.size ? "the ledger in Redis is another version: run `daumoi init`"
                      : "the ledger is not in Redis: run `daumoi init`");
}

static void
ledger_check_version (void *arg)
{
    ledger_t *self = arg;
    slice_t words[] = {SLICE ("FCALL"), SLICE ("dm1_version"), SLICE ("0")};
    if (redis_connected (self->redis))
        redis_command (self->redis, on_version, self, 3, words);
    else
        self->library_fits = false;
}

//  Another Redis, or the same one restored: it must say first which library it has.
static void
ledger_on_connected (void *arg)
{
    ledger_t *self = arg;
    self->library_fits = false;
    ledger_check_version (self);
}

//  --- life

ledger_t *
ledger_new (loop_t *loop, redis_t *redis, const char *profile_hash, size_t window)
{
    ledger_t *self = mem_new (sizeof *self);
    self->loop = loop;
    self->redis = redis;
    self->window = window;
    self->again_end = &self->again;
    snprintf (self->profile_hash, sizeof self->profile_hash, "%s", profile_hash);
    redis_on_connected (redis, ledger_on_connected, self);
    loop_add_timer (loop, VERSION_EVERY_MS, ledger_check_version, self);
    loop_at_turn_end (loop, ledger_turn_end, self);
    return self;
}

static void
batches_end (ledger_t *self)
{
    refusal_t refusal;
    refuse (&refusal, REFUSAL_UNAVAILABLE, "service", "the service is stopping; try again");
    for (int kind = 0; kind < 2; kind++)
        for (unsigned p = 0; p < LEDGER_PARTITIONS_MAX; p++)
            if (self->open[kind][p])
                batch_refuse (self->open[kind][p], &refusal);
    while (self->again) {
        batch_t *batch = self->again;
        self->again = batch->next;
        batch_refuse (batch, &refusal);
    }
}

void
ledger_destroy (ledger_t **self_p)
{
    assert (self_p);
    ledger_t *self = *self_p;
    if (!self)
        return;
    batches_end (self);
    while (self->spare) {
        batch_t *batch = self->spare;
        self->spare = batch->next;
        arena_destroy (&batch->arena);
        free (batch);
    }
    free (self);
    *self_p = NULL;
}

void
ledger_ready (const ledger_t *self, buffer_t *reasons)
{
    if (!redis_connected (self->redis))
        buffer_printf (reasons, "redis: %s\n", redis_trouble (self->redis));
    else if (!self->library_fits)
        buffer_printf (reasons, "ledger: %s\n", self->trouble);
    else if (self->partitions == 0)
        buffer_printf (reasons, "data set: not there yet: run `daumoi init`\n");
    else if (strcmp (self->active_profile, self->profile_hash) != 0)
        buffer_printf (reasons, "profile: Redis holds %.8s, this service has %.8s\n",
            self->active_profile, self->profile_hash);
}

size_t
ledger_room (const ledger_t *self)
{
    return self->waiting < self->window ? self->window - self->waiting : 0;
}

//  --- time and partitions

void
ledger_set_time (ledger_t *self, int64_t server_ms, bool is_virtual, int64_t clock_ms)
{
    self->offset_ms = server_ms - clock_now_ms ();
    self->is_virtual = is_virtual;
    self->clock_ms = clock_ms;
}

int64_t
ledger_legal_ms (const ledger_t *self)
{
    return self->is_virtual ? self->clock_ms : clock_now_ms () + self->offset_ms;
}

void
ledger_set_partitions (ledger_t *self, unsigned partitions, slice_t profile_hash)
{
    self->partitions = partitions <= LEDGER_PARTITIONS_MAX ? partitions : 0;
    snprintf (self->active_profile, sizeof self->active_profile, "%.*s", SLICE_ARGS (profile_hash));
}

unsigned
ledger_partitions (const ledger_t *self)
{
    return self->partitions;
}

//  FNV-1a: stable for ever, since it names where a desk's cases lie.
unsigned
ledger_partition_of (slice_t desk, unsigned partitions)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < desk.size; i++)
        hash = (hash ^ (uint8_t)desk.ptr[i]) * 16777619u;
    return partitions ? hash % partitions : 0;
}

unsigned
ledger_partition (const ledger_t *self, slice_t desk)
{
    return ledger_partition_of (desk, self->partitions);
}

slice_t
ledger_key (arena_t *arena, unsigned partition, const char *kind, slice_t rest)
{
    //  By hand: a case needs a dozen keys, and a printf for each is a fifth of intake's work.
    char head[] = {'{', 'p', (char)('0' + partition / 10 % 10), (char)('0' + partition % 10), '}'};
    size_t size = strlen (kind);
    char *text = arena_alloc (arena, sizeof head + size + rest.size + 1);
    memcpy (text, head, sizeof head);
    memcpy (text + sizeof head, kind, size);
    if (rest.size)
        memcpy (text + sizeof head + size, rest.ptr, rest.size);
    return (slice_t){text, sizeof head + size + rest.size};
}

//  --- handing in

static bool
ledger_takes (ledger_t *self, ledger_fn *fn, void *arg)
{
    ledger_answer_t answer = {0};
    bool foreign = redis_connected (self->redis) && !self->library_fits && self->trouble[0];
    if (self->waiting < self->window && self->partitions && !foreign)
        return true;
    if (foreign)
        refuse (&answer.refusal, REFUSAL_UNAVAILABLE, "redis", "%s", self->trouble);
    else if (self->partitions)
        refuse (&answer.refusal, REFUSAL_BUSY, "", "too many petitions at once; try again soon");
    else
        refuse (&answer.refusal, REFUSAL_UNAVAILABLE, "redis", "the store is not ready; try again");
    answer.refusal.retry_ms = 200;
    fn (arg, &answer);
    return false;
}

void
ledger_register (ledger_t *self, const registration_t *r, ledger_fn *fn, void *arg)
{
    if (!ledger_takes (self, fn, arg))
        return;
    unsigned p = ledger_partition (self, r->desk);
    batch_t *batch = ledger_open (self, BATCH_REGISTER, p, r->body.size + 1024);
    arena_t *arena = batch->arena;
    size_t i = batch->count++;
    slice_t *keys = &batch->keys[i * REGISTER_KEYS];
    slice_t *args = &batch->args[i * REGISTER_ARGS];
    batch->askers[i] = (asker_t){fn, arg};
    keys[0] = ledger_key (arena, p, "c:", r->id);
    keys[1] = ledger_key (arena, p, "b:", r->id);
    keys[2] = ledger_key (arena, p, "j:", r->id);
    keys[3] =
        arena_printf (arena, "{p%02u}s:%.*s:%.*s", p, SLICE_ARGS (r->desk), SLICE_ARGS (r->day));
    keys[4] = ledger_key (arena, p, "o:", r->owner);
    args[0] = arena_copy (arena, r->id);
    args[1] = arena_copy (arena, r->body);
    args[2] = change_write (r->change, arena);
}

void
ledger_change (ledger_t *self, const transition_t *t, ledger_fn *fn, void *arg)
{
    if (!ledger_takes (self, fn, arg))
        return;
    unsigned p = ledger_partition (self, t->desk);
    batch_t *batch = ledger_open (self, BATCH_CHANGE, p, 1024);
    arena_t *arena = batch->arena;
    size_t i = batch->count++;
    slice_t *keys = &batch->keys[i * CHANGE_KEYS];
    slice_t *args = &batch->args[i * CHANGE_ARGS];
    batch->askers[i] = (asker_t){fn, arg};
    keys[0] = ledger_key (arena, p, "c:", t->id);
    keys[1] = ledger_key (arena, p, "j:", t->id);
    keys[2] = ledger_key (arena, p, "o:", t->owner_before);
    keys[3] = ledger_key (arena, p, "o:", t->owner_after);
    args[0] = arena_copy (arena, t->id);
    args[1] = arena_number (arena, t->version);
    args[2] = change_write (t->change, arena);
}
