//  daumoi profile check DIR: is this profile whole?

#include "profile.h"

#include "cli.h"

#include <stdio.h>

//  "name: count" per line, as profile_describe writes it.
static json_t *
description_json (slice_t text)
{
    json_t *json = json_object ();
    while (text.size) {
        const char *end = memchr (text.ptr, '\n', text.size);
        size_t size = end ? (size_t)(end - text.ptr) : text.size;
        const char *colon = memchr (text.ptr, ':', size);
        if (colon) {
            char *name = mem_copy ((slice_t){text.ptr, (size_t)(colon - text.ptr)});
            size_t skip = (size_t)(colon - text.ptr) + 1;
            skip += skip < size && text.ptr[skip] == ' ';
            json_object_set_new (json, name, json_stringn (text.ptr + skip, size - skip));
            free (name);
        }
        size_t step = end ? size + 1 : size;
        text = (slice_t){text.ptr + step, text.size - step};
    }
    return json;
}

static void
tell (const cli_t *cli, const profile_t *profile)
{
    buffer_t text = {0};
    profile_describe (profile, &text);
    if (cli->json) {
        json_t *json = description_json (buffer_slice (&text));
        json_object_set_new (json, "hash", json_string (profile_hash (profile)));
        cli_print_json (json);
    } else
        printf ("%.*sCấu hình hợp lệ · the profile is whole: %s\n",
            SLICE_ARGS (buffer_slice (&text)), profile_hash (profile));
    buffer_free (&text);
}

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    refusal_t refusal;
    int none;
    if (!cli_options (&verb_profile, argc, argv, &none, &words, 1, 2))
        return 2;
    if (strcmp (words.words[0], "check") != 0) {
        refuse (&refusal, REFUSAL_MALFORMED, words.words[0], "is not what profile does");
        return cli_refused (&verb_profile, &refusal);
    }
    const char *folder = words.count > 1 ? words.words[1] : cli->settings.profile;
    buffer_t errors = {0};
    profile_t *profile = profile_load (folder, &errors, &refusal);
    if (profile)
        tell (cli, profile);
    else if (errors.size)
        fprintf (stderr, "%.*s", SLICE_ARGS (buffer_slice (&errors)));
    int status = profile ? 0 : errors.size ? 1 : cli_refused (&verb_profile, &refusal);
    profile_destroy (&profile);
    buffer_free (&errors);
    return status;
}

const verb_t verb_profile = {
    .name = "profile",
    .words = "check [DIR]",
    .vi = "kiểm tra cấu hình: lỗi kèm tệp và dòng, hoặc nội dung tóm tắt",
    .en = "check a profile: every error with file and line, or what it holds",
    .help = "  Without DIR the profile of the instance. All errors are told at once.\n",
    .run = run,
};
