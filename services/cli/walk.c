#include "walk.h"

#include <stdio.h>

//  One index of one partition, a page of it in memory.
typedef struct {
    slice_t key;
    int64_t rank; // of the next page
    redisReply *page;
    size_t at; // in the page: id and score in turn
    bool ended;
} source_t;

struct walk {
    cli_t *cli;
    arena_t *arena;
    int64_t until_ms;
    source_t sources[LEDGER_PARTITIONS_MAX];
};

walk_t *
walk_new (cli_t *cli, slice_t unit, int64_t until_ms)
{
    walk_t *self = mem_new (sizeof *self);
    self->cli = cli;
    self->arena = arena_new ();
    self->until_ms = until_ms;
    for (unsigned p = 0; p < cli->partitions; p++)
        self->sources[p].key = unit.size ? ledger_key (self->arena, p, "o:", unit)
                                         : ledger_key (self->arena, p, "alarm", unit);
    return self;
}

void
walk_destroy (walk_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    for (unsigned p = 0; p < LEDGER_PARTITIONS_MAX; p++)
        freeReplyObject ((*self_p)->sources[p].page);
    arena_destroy (&(*self_p)->arena);
    free (*self_p);
    *self_p = NULL;
}

static int
source_fill (walk_t *self, source_t *source, refusal_t *refusal)
{
    char start[24], end[24];
    snprintf (start, sizeof start, "%lld", (long long)source->rank);
    snprintf (end, sizeof end, "%lld", (long long)source->rank + WALK_PAGE - 1);
    slice_t words[] = {
        SLICE ("ZRANGE"), source->key, slice_from (start), slice_from (end), SLICE ("WITHSCORES")};
    freeReplyObject (source->page);
    source->page = store_ask (self->cli, 5, words, refusal);
    source->at = 0;
    source->rank += WALK_PAGE;
    if (!source->page)
        return -1;
    source->ended = source->page->elements == 0;
    return 0;
}

static int64_t
source_score (const source_t *source)
{
    return (int64_t)strtod (source->page->element[source->at + 1]->str, NULL);
}

//  The source whose next case is the earliest; NULL in *first when all have ended.
static int
walk_first (walk_t *self, source_t **first, unsigned *partition, refusal_t *refusal)
{
    *first = NULL;
    for (unsigned p = 0; p < self->cli->partitions; p++) {
        source_t *source = &self->sources[p];
        bool empty = !source->page || source->at >= source->page->elements;
        if (!source->ended && empty && source_fill (self, source, refusal) != 0)
            return -1;
        if (source->ended || (*first && source_score (source) >= source_score (*first)))
            continue;
        *first = source;
        *partition = p;
    }
    return 0;
}

int
walk_next (walk_t *self, walked_t *out, size_t max, size_t *count, refusal_t *refusal)
{
    source_t *source;
    for (*count = 0; *count < max; ++*count) {
        walked_t *walked = &out[*count];
        if (walk_first (self, &source, &walked->partition, refusal) != 0)
            return -1;
        if (!source || (self->until_ms && source_score (source) >= self->until_ms))
            return 0;
        snprintf (walked->id, sizeof walked->id, "%.16s", source->page->element[source->at]->str);
        walked->alarm_ms = source_score (source);
        source->at += 2;
    }
    return 0;
}
