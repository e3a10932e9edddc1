//  daumoi curve create FOLDER: the keys by which services encrypt what they say to each other.

#include "wire.h"

#include "cli.h"

#include <stdio.h>

static int
run (cli_t *cli, int argc, char **argv)
{
    words_t words;
    refusal_t refusal;
    int none;
    if (!cli_options (&verb_curve, argc, argv, &none, &words, 2, 2))
        return 2;
    if (strcmp (words.words[0], "create") != 0) {
        refuse (&refusal, REFUSAL_MALFORMED, words.words[0], "is not what curve does");
        return cli_refused (&verb_curve, &refusal);
    }
    if (wire_create_keys (words.words[1], &refusal) != 0)
        return cli_refused (&verb_curve, &refusal);
    if (cli->json)
        cli_print_json (json_pack ("{s:s}", "created", words.words[1]));
    else
        printf ("Đã tạo khoá · keys created: %s\n", words.words[1]);
    return 0;
}

const verb_t verb_curve = {
    .name = "curve",
    .words = "create FOLDER",
    .vi = "tạo khoá mã hoá liên lạc giữa các dịch vụ",
    .en = "make the keys that encrypt what services say to each other",
    .help = "  Writes own.key, own.key_secret and allowed/own.key into FOLDER. Give the folder to "
            "every\n"
            "  service and to this command line as DAUMOI_CURVE. An existing key is never "
            "overwritten.\n",
    .run = run,
};
