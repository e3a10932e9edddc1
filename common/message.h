//  Every message between processes, in one place.
//
//  A message is two frames: a header of fixed size (wire.h: kind and a number) and one msgpack map
//  described by a table in message.c. Kinds carry their version: "offer/1". A receiver ignores
//  unknown fields, refuses wrong types and oversizes, and drops a kind that it does not know.
//
//      kind        from -> to                             number        body
//      submit/1    command line, gateway -> intake        correlation   petition_t (petition.h)
//      act/1       command line, gateway -> assignment    correlation   act_t
//      reply/1     service -> who asked                   correlation   reply_t
//      offer/1     intake, escalation -> classification   sequence      offer_t
//      labelled/1  classification, escalation -> assignment  sequence   labelled_t
//      credit/1    worker -> source of offers             -             credit_t
//      beat/1      source of offers -> worker             -             (empty)

#ifndef DAUMOI_MESSAGE_H
#define DAUMOI_MESSAGE_H

#include "codec.h"
#include "model.h"

enum { CASE_ID = 12, CASE_ID_TEXT = 16 }; // 12 random bytes, base64url in keys

//  What the machine steps need to know of a case; the record in Redis is the truth.
typedef struct {
    slice_t id;      // 16 characters
    int64_t version; // that the offer is about
    slice_t desk;    // desk of registration: names the partition
    int64_t received_ms;
    slice_t channel;
} case_head_t;

typedef struct {
    case_head_t head;
    slice_t body; // sealed petition (vault.h)
} offer_t;

typedef struct {
    case_head_t head;
    labels_t labels;
} labelled_t;

//  Absolute soft state: what a worker has seen of one source, what it still holds, how much it is
//  willing to hold. Lost credits cannot leak, since each one says everything.
typedef struct {
    slice_t epoch; // 16 characters, new with each start of the worker
    int64_t seen;  // highest sequence received from this source
    int64_t open;  // offers received and not yet processed
    int64_t window;
} credit_t;

//  A step that a person takes on a case (daumoi act CODE ACTION).
typedef struct {
    slice_t code;                           // receipt code as people write it
    slice_t action;                         // a verb of action.h, or "triage"
    slice_t actor;                          // who: officer or account
    slice_t to;                             // unit
    slice_t type, field, place, respondent; // the clerk's decision, when it differs
    slice_t decision; // triage: "assign", "guide", "transfer", "file"; "" = as proposed
    slice_t ground;   // why, in words
    slice_t key;      // operation id: the same key gives the first answer
    int64_t version;  // 0 = whatever it is now
} act_t;

typedef struct {
    slice_t refusal; // name of the refusal code; "done" when done
    slice_t field, text;
    int64_t retry_ms;
    slice_t code; // receipt code
    int64_t serial;
    slice_t desk;
    int64_t received_ms;
    bool repeated;
    int64_t ignored; // unknown fields of the submission
    int64_t version; // of the case after an act
    slice_t state, owner;
} reply_t;

extern const codec_schema_t offer_schema, labelled_schema, labels_schema, credit_schema, act_schema,
    reply_schema;

//  A fresh random id (base64url of CASE_ID bytes), NUL-terminated.
void message_id (char out[CASE_ID_TEXT + 1]);

#endif
