//  What follows a verb: options by a table, the rest are its words. Pure.

#ifndef DAUMOI_OPTIONS_H
#define DAUMOI_OPTIONS_H

#include "base.h"

typedef enum {
    OPTION_FLAG,  // bool: --remote
    OPTION_TEXT,  // const char *: --desk ID or --desk=ID
    OPTION_NUMBER // int64_t, `least` or more
} option_kind_t;

typedef struct {
    const char *name;  // "--desk"
    const char *value; // "ID", for the help; NULL for a flag
    option_kind_t kind;
    size_t offset; // in the struct of options
    int64_t least;
    const char *help;
} option_t;

enum { OPTION_WORDS = 4 };
typedef struct {
    const char *words[OPTION_WORDS];
    size_t count;
} words_t;

//  Fills *options (defaults are what it holds before) and the words. "--" ends the options, "-" is
//  a word. -1 with MALFORMED (wrong usage) and what is wrong.
int options_read (const option_t *table, size_t count, int argc, char **argv, void *options,
    words_t *words, refusal_t *refusal);
//  The table for people.
void options_help (const option_t *table, size_t count, buffer_t *out);

//  Takes "--name VALUE" or "--name=VALUE" out of argv wherever it stands before a "--"; NULL when
//  it is not there, "" when its value is missing. `is_flag`: takes "--name", returns it.
const char *options_take (int *argc, char **argv, const char *name, bool is_flag);

#endif
