#include "options.h"

#include <errno.h>
#include <stdio.h>

//  The value of "--name=value" when the word is this option; NULL otherwise, "" for a bare name.
static const char *
value_in (const char *word, const char *name)
{
    size_t size = strlen (name);
    if (strncmp (word, name, size) != 0)
        return NULL;
    if (word[size] == '=')
        return word + size + 1;
    return word[size] ? NULL : "";
}

static const option_t *
option_find (const option_t *table, size_t count, const char *word, const char **value)
{
    for (size_t i = 0; i < count; i++) {
        *value = value_in (word, table[i].name);
        if (*value)
            return &table[i];
    }
    return NULL;
}

static int
number_read (const option_t *option, const char *text, int64_t *out, refusal_t *refusal)
{
    char *end;
    errno = 0;
    long long number = strtoll (text, &end, 10);
    if (!*text || *end || errno || number < option->least)
        return refuse (refusal, REFUSAL_MALFORMED, option->name,
            "wants a whole number of at least %lld, not \"%s\"", (long long)option->least, text);
    *out = number;
    return 0;
}

static int
option_set (const option_t *option, const char *value, void *options, refusal_t *refusal)
{
    void *at = (char *)options + option->offset;
    if (option->kind == OPTION_NUMBER)
        return number_read (option, value, at, refusal);
    if (option->kind == OPTION_FLAG)
        *(bool *)at = true;
    else
        *(const char **)at = value;
    return 0;
}

static int
word_add (words_t *words, const char *word, refusal_t *refusal)
{
    if (words->count == OPTION_WORDS)
        return refuse (refusal, REFUSAL_MALFORMED, word, "is one word too many");
    words->words[words->count++] = word;
    return 0;
}

//  Reads argv[*at], moving *at over a value that stands behind.
static int
option_read (const option_t *table, size_t count, int argc, char **argv, int *at, void *options,
    refusal_t *refusal)
{
    const char *word = argv[*at], *value;
    const option_t *option = option_find (table, count, word, &value);
    if (!option)
        return refuse (refusal, REFUSAL_MALFORMED, word, "there is no such option here");
    bool bare = strlen (word) == strlen (option->name);
    if (option->kind == OPTION_FLAG && !bare)
        return refuse (refusal, REFUSAL_MALFORMED, option->name, "takes no value");
    if (option->kind != OPTION_FLAG && bare) {
        if (*at + 1 >= argc)
            return refuse (refusal, REFUSAL_MALFORMED, option->name, "wants a value: %s %s",
                option->name, option->value);
        value = argv[++*at];
    }
    return option_set (option, value, options, refusal);
}

int
options_read (const option_t *table, size_t count, int argc, char **argv, void *options,
    words_t *words, refusal_t *refusal)
{
    bool ended = false;
    *words = (words_t){.count = 0};
    for (int i = 0; i < argc; i++) {
        int status = 0;
        if (!ended && strcmp (argv[i], "--") == 0)
            ended = true;
        else if (ended || argv[i][0] != '-' || !argv[i][1])
            status = word_add (words, argv[i], refusal);
        else
            status = option_read (table, count, argc, argv, &i, options, refusal);
        if (status)
            return -1;
    }
    return 0;
}

void
options_help (const option_t *table, size_t count, buffer_t *out)
{
    for (size_t i = 0; i < count; i++) {
        char head[64];
        snprintf (head, sizeof head, "%s%s%s", table[i].name, table[i].value ? " " : "",
            table[i].value ? table[i].value : "");
        buffer_printf (out, "  %-22s %s\n", head, table[i].help);
    }
}

static void
words_remove (int *argc, char **argv, int at, int count)
{
    for (int i = at; i + count <= *argc; i++)
        argv[i] = argv[i + count]; // argv[argc] is NULL
    *argc -= count;
}

const char *
options_take (int *argc, char **argv, const char *name, bool is_flag)
{
    for (int i = 1; i < *argc && strcmp (argv[i], "--") != 0; i++) {
        const char *value = value_in (argv[i], name);
        if (!value || (is_flag && *value))
            continue;
        bool behind = !is_flag && !strchr (argv[i], '=') && i + 1 < *argc;
        const char *found = is_flag ? argv[i] : behind ? argv[i + 1] : value;
        words_remove (argc, argv, i, behind ? 2 : 1);
        return found;
    }
    return NULL;
}
