//  Cases as they stand in Redis, read directly. Commands go out many at a time (store_put), replies
//  come in the same order (store_get).

#ifndef DAUMOI_STORE_H
#define DAUMOI_STORE_H

#include "case.h"
#include "cli.h"
#include "code.h"
#include "message.h"

//  Queues a command; nothing is sent before the first store_get.
void store_put (cli_t *cli, size_t argc, const slice_t *argv);
//  The next reply; NULL with the reason, also for an error reply. freeReplyObject it.
redisReply *store_get (cli_t *cli, refusal_t *refusal);
//  The same, but an error that is about the key (a wrong type) comes as a reply.
redisReply *store_get_any (cli_t *cli, refusal_t *refusal);
//  One command, one reply.
redisReply *store_ask (cli_t *cli, size_t argc, const slice_t *argv, refusal_t *refusal);

//  Where a case lies.
typedef struct {
    unsigned partition;
    char id[CASE_ID_TEXT + 1];
    char code[CODE_MAX]; // in the one form
} place_of_case_t;

//  A receipt code as people write it -> its case. Needs cli_data_set. -1: not a code, or no such
//  case.
int store_find (cli_t *cli, const char *text, place_of_case_t *place, refusal_t *refusal);
//  The code of a record; "" when it has no serial. Returns out.
const char *store_code (const cli_t *cli, const case_t *record, char out[CODE_MAX]);
//  A reply to HGETALL as a record, which borrows from it. False when it is no record.
bool store_record (const redisReply *reply, case_t *record);

//  Reads a case; the record borrows from *reply, which the caller frees.
int store_case (cli_t *cli, const char *code, place_of_case_t *place, case_t *record,
    redisReply **reply, refusal_t *refusal);

#endif
