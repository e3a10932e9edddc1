//  daumoi vault create FILE: a new key that seals petitions.

#include "vault.h"

#include "cli.h"

#include <stdio.h>

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    refusal_t refusal;
    int none;
    if (!cli_options (&verb_vault, argc, argv, &none, &words, 2, 2))
        return 2;
    if (strcmp (words.words[0], "create") != 0) {
        refuse (&refusal, REFUSAL_MALFORMED, words.words[0], "is not what vault does");
        return cli_refused (&verb_vault, &refusal);
    }
    if (vault_create (words.words[1], &refusal) != 0)
        return cli_refused (&verb_vault, &refusal);
    if (cli->json)
        cli_print_json (json_pack ("{s:s}", "created", words.words[1]));
    else
        printf (
            "Đã tạo khoá · key created: %s\n"
            "Mất khoá là mất nội dung mọi đơn: cất một bản sao nơi an toàn, tách khỏi dữ liệu.\n"
            "Whoever loses it loses every petition's text: keep a copy, away from the data.\n",
            words.words[1]);
    return 0;
}

const verb_t verb_vault = {
    .name = "vault",
    .words = "create FILE",
    .vi = "tạo khoá niêm phong nội dung đơn",
    .en = "make the key that seals the petitions' text",
    .help = "  Writes a new random key to FILE, readable by its owner alone. An existing file is "
            "never\n"
            "  overwritten.\n",
    .run = run,
};
