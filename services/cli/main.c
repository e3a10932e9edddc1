//  The command line: a table of verbs. Each verb is a file of its own.

#include "cli.h"
#include "environment.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <czmq.h>

static const verb_t *const verbs[] = {&verb_submit, &verb_show, &verb_journal, &verb_list,
    &verb_act, &verb_classify, &verb_due, &verb_status, &verb_verify, &verb_init, &verb_vault,
    &verb_curve, &verb_clock, &verb_profile, &verb_actions};
enum { VERBS = sizeof verbs / sizeof (const verb_t *) };

static const verb_t *
verb_find (const char *name)
{
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp (verbs[i]->name, name) == 0)
            return verbs[i];
    return NULL;
}

static int
help_all (FILE *out, int status)
{
    fprintf (out, "daumoi: dòng lệnh của Đầu Mối: một việc, một đầu mối xuyên suốt\n"
                  "        the command line of Đầu Mối: one matter, one responsible party\n\n"
                  "  daumoi [--data DIR] [--json] VERB ...      DIR: của / of scripts/run --data; "
                  "mặc định / default: var\n\n");
    for (size_t i = 0; i < VERBS; i++)
        fprintf (out, "  %-9s %s\n            %s\n", verbs[i]->name, verbs[i]->vi, verbs[i]->en);
    fprintf (out,
        "\n  daumoi help VERB: chi tiết / more. Mã thoát / exit status: 0 xong / done, "
        "1 bị từ chối / refused,\n  2 sai cách dùng / wrong usage, 3 không kết nối được / "
        "a service or Redis cannot be reached\n");
    return status;
}

static int
help_verb (const verb_t *verb)
{
    buffer_t out = {0};
    options_help (verb->options, verb->option_count, &out);
    printf ("daumoi %s %s\n\n  %s\n  %s\n\n%s%s%.*s", verb->name, verb->words, verb->vi, verb->en,
        verb->help, out.size ? "\n" : "", SLICE_ARGS (buffer_slice (&out)));
    buffer_free (&out);
    return 0;
}

static int
stranger (const char *name)
{
    fprintf (stderr, "daumoi: there is no verb \"%s\"; `daumoi --help` lists them\n", name);
    return 2;
}

static int
help (int argc, char **argv)
{
    if (argc < 3)
        return help_all (stdout, 0);
    const verb_t *verb = verb_find (argv[2]);
    return verb ? help_verb (verb) : stranger (argv[2]);
}

static int
run (cli_t *cli, const verb_t *verb, int argc, char **argv)
{
    refusal_t refusal;
    cli->nowhere = !environment_read (cli->data);
    if (config_read (settings_rows, settings_count, &cli->settings, &refusal) != 0)
        return cli_refused (verb, &refusal);
    zsys_handler_set (NULL);   // Ctrl-C ends the program
    signal (SIGPIPE, SIG_IGN); // a Redis that goes away must not
    if (sodium_init () < 0)
        die ("libsodium cannot start");
    cli->arena = arena_new ();
    int status = verb->run (cli, argc - 2, argv + 2);
    bool lost = fflush (stdout) != 0 || ferror (stdout);
    if (lost && errno != EPIPE) { // a reader such as `head` has had enough: nothing is wrong
        fprintf (stderr, "daumoi %s: standard output: cannot be written\n", verb->name);
        status = status ? status : 1;
    }
    wire_end ();
    profile_destroy (&cli->profile);
    if (cli->redis)
        redisFree (cli->redis);
    arena_destroy (&cli->arena);
    return status;
}

int
main (int argc, char **argv)
{
    cli_t cli = {.data = "var"};
    const char *data = options_take (&argc, argv, "--data", false);
    cli.json = options_take (&argc, argv, "--json", true) != NULL;
    bool asked = options_take (&argc, argv, "--help", true) != NULL;
    if (data && !*data) {
        fprintf (stderr, "daumoi: --data wants a folder\n");
        return 2;
    }
    cli.data = data ? data : cli.data;
    if (argc < 2)
        return help_all (stdout, 0);
    if (strcmp (argv[1], "help") == 0)
        return help (argc, argv);
    const verb_t *verb = verb_find (argv[1]);
    if (!verb)
        return stranger (argv[1]);
    return asked ? help_verb (verb) : run (&cli, verb, argc, argv);
}
