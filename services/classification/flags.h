//  Flags that the form of a letter decides: rules of words and numbers, no model. Pure.

#ifndef DAUMOI_FLAGS_H
#define DAUMOI_FLAGS_H

#include "model.h"
#include "reading.h"

typedef struct flag_rules flag_rules_t;

flag_rules_t *flag_rules_new (void);
void flag_rules_destroy (flag_rules_t **self_p);

typedef struct {
    int64_t flags;    // FLAG_... that the text itself shows
    bool two_matters; // says that it both complains and denounces (TT05: to be split)
    bool writer;      // says who writes: "Tôi là ..."
    int64_t signers;  // number of people that it speaks for; 0 = not said
} flag_findings_t;

void flag_rules_apply (
    const flag_rules_t *self, const reading_t *reading, arena_t *arena, flag_findings_t *out);

//  For explanations: the flag's phrases that stand in the text, one call each.
typedef void flag_seen_fn (void *context, flag_bit_t bit, slice_t phrase);
void flag_rules_tell (const flag_rules_t *self, const reading_t *reading, arena_t *arena,
    flag_seen_fn *seen, void *context);

#endif
