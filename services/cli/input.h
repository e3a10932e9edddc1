//  What `daumoi submit` reads: one petition as JSON, many as JSONL, or a plain text; each becomes
//  the body of a submit/1 message, with a key.

#ifndef DAUMOI_INPUT_H
#define DAUMOI_INPUT_H

#include <jansson.h>

#include "base.h"

//  What the command line says for petitions that do not say it themselves; NULL = nothing.
typedef struct {
    const char *desk, *key, *channel, *received, *type, *field, *place, *respondent;
} defaults_t;

typedef enum { INPUT_PETITION, INPUT_BAD, INPUT_LATER, INPUT_END } input_status_t;

typedef struct input input_t;

//  `file` "-" is standard input. Blocks until the first character that is not blank. NULL with the
//  reason.
input_t *input_new (const char *file, const defaults_t *defaults, refusal_t *refusal);
void input_destroy (input_t **self_p);

//  The next petition as JSON, a new reference in *json; not looked at beyond being an object.
input_status_t input_next_json (input_t *self, bool wait, json_t **json, refusal_t *why);
//  The next petition: appends its message to body. INPUT_BAD: why. Blocks only when `wait`.
input_status_t input_next (input_t *self, bool wait, buffer_t *body, refusal_t *why);

int64_t input_line (const input_t *self);    // of the last petition, from 1
int64_t input_ignored (const input_t *self); // unknown fields so far
int input_fd (const input_t *self);
const char *input_name (const input_t *self);
//  How much of a regular file has been read, in per mille; -1 for a pipe.
int input_share (const input_t *self);

#endif
