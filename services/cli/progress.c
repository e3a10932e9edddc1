#include "progress.h"

#include "clock.h"

#include <stdio.h>
#include <unistd.h>

enum { EVERY_MS = 200, FIRST_MS = 500 };

struct progress {
    bool on, shown;
    int64_t began_ms, last_ms;
};

progress_t *
progress_new (void)
{
    progress_t *self = mem_new (sizeof *self);
    self->on = isatty (STDERR_FILENO);
    self->began_ms = clock_monotonic_ms ();
    self->last_ms = self->began_ms + FIRST_MS - EVERY_MS;
    return self;
}

void
progress_destroy (progress_t **self_p)
{
    assert (self_p);
    free (*self_p);
    *self_p = NULL;
}

void
progress_show (progress_t *self, int64_t done, int64_t refused, int share)
{
    int64_t now_ms = clock_monotonic_ms (), spent_ms = now_ms - self->began_ms;
    if (!self->on || now_ms - self->last_ms < EVERY_MS)
        return;
    self->last_ms = now_ms;
    self->shown = true;
    fprintf (stderr, "\r\033[K%lld đơn · petitions, %lld/s", (long long)done,
        (long long)(done * 1000 / (spent_ms ? spent_ms : 1)));
    if (refused)
        fprintf (stderr, ", %lld bị từ chối · refused", (long long)refused);
    if (share > 0)
        fprintf (stderr, ", %d %%, còn · left %lld s", share / 10,
            (long long)(spent_ms * (1000 - share) / share / 1000));
    fflush (stderr);
}

void
progress_clear (progress_t *self)
{
    if (self->shown)
        fprintf (stderr, "\r\033[K");
    self->shown = false;
}
