//  daumoi verify: replays every journal and looks at every key.

#include "verify.h"

#include <stdio.h>

enum { LISTED = 1000 };

void
verify_breach (verify_t *self, slice_t about, slice_t text)
{
    self->breaches++;
    if (!self->cli->json)
        printf ("VI PHẠM · BREACH  %.*s: %.*s\n", SLICE_ARGS (about), SLICE_ARGS (text));
    else if (self->breaches <= LISTED)
        json_array_append_new (self->list,
            json_pack ("{s:o, s:o}", "code", json_slice (about), "text", json_slice (text)));
}

//  Every partition is of the same data set.
static int
verify_meta (verify_t *self, refusal_t *refusal)
{
    cli_t *cli = self->cli;
    for (unsigned p = 0; p < cli->partitions; p++) {
        slice_t words[] = {SLICE ("HMGET"), ledger_key (cli->arena, p, "meta", SLICE ("")),
            SLICE ("format"), SLICE ("profile"), SLICE ("partitions"), SLICE ("virtual")};
        redisReply *reply = store_ask (cli, 6, words, refusal);
        if (!reply)
            return -1;
        slice_t count = redis_text (reply->element[2]), is_virtual = redis_text (reply->element[3]);
        bool same = slice_is (redis_text (reply->element[0]), "1") &&
                    slice_is (redis_text (reply->element[1]), cli->active_profile) && count.size &&
                    strtoul (count.ptr, NULL, 10) == cli->partitions &&
                    slice_is (is_virtual, cli->is_virtual ? "1" : "0");
        freeReplyObject (reply);
        if (!same)
            verify_breach (self, words[1], SLICE ("is not of the data set of partition 0"));
    }
    return 0;
}

static void
tell_json (verify_t *self)
{
    json_t *states = json_object ();
    for (int i = 0; i < STATE_COUNT; i++)
        json_object_set_new (states, state_code ((case_state_t)i), json_integer (self->states[i]));
    json_t *json = json_object ();
    json_object_set_new (json, "petitions", json_integer (self->petitions));
    json_object_set_new (json, "cases", states);
    json_object_set_new (json, "entries", json_integer (self->entries));
    json_object_set_new (json, "owner_changes", json_integer (self->moves));
    json_object_set_new (json, "breach_count", json_integer (self->breaches));
    json_object_set (json, "breaches", self->list);
    cli_print_json (json);
}

static void
tell (const verify_t *self)
{
    printf ("Đơn · petitions                 %lld\n", (long long)self->petitions);
    for (int i = 0; i < STATE_COUNT; i++)
        if (self->states[i])
            printf ("  %s · %s: %lld\n", state_name ((case_state_t)i, false),
                state_name ((case_state_t)i, true), (long long)self->states[i]);
    printf ("Bút ký nhật ký · journal entries %lld\n", (long long)self->entries);
    printf ("Đổi chủ trì · owner changes      %lld\n", (long long)self->moves);
    if (self->breaches)
        printf ("VI PHẠM · BREACHES               %lld\n", (long long)self->breaches);
    else
        printf ("Không có vi phạm · no breach\n");
}

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    refusal_t refusal;
    int none;
    if (!cli_options (&verb_verify, argc, argv, &none, &words, 0, 0))
        return 2;
    verify_t self = {.cli = cli};
    self.ids = id_set_new ();
    self.arena = arena_new ();
    self.list = json_array ();
    int status = cli_profile (cli, &refusal) || cli_data_set (cli, &refusal) ||
                 verify_meta (&self, &refusal) || verify_cases (&self, &refusal) ||
                 verify_keys (&self, &refusal) || verify_indexes (&self, &refusal);
    if (status)
        status = cli_refused (&verb_verify, &refusal);
    else {
        (cli->json ? tell_json (&self) : tell (&self));
        status = self.breaches ? 1 : 0;
    }
    id_set_destroy (&self.ids);
    arena_destroy (&self.arena);
    json_decref (self.list);
    return status;
}

const verb_t verb_verify = {
    .name = "verify",
    .words = "",
    .vi = "phát lại mọi nhật ký và kiểm tra: mỗi hồ sơ một chủ trì, không mất, không trùng",
    .en = "replay every journal and check: one owner, nothing lost, nothing doubled",
    .help =
        "  Reads the whole data set, changes nothing, may run beside the services. Checks that\n"
        "  registers have no gaps, every petition has record, body and journal, every version of\n"
        "  every case has one owner, each step was allowed, the record is the fold of the "
        "journal,\n"
        "  the indexes hold what they should, and nothing lies about. Each breach is a line; exit\n"
        "  status 1 when there is one.\n",
    .run = run,
};
