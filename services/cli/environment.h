//  Where an instance is: DIR/env, written by scripts/run, as lines KEY=VALUE.

#ifndef DAUMOI_ENVIRONMENT_H
#define DAUMOI_ENVIRONMENT_H

#include "base.h"

//  Puts every DAUMOI_ line of the text into the environment; what is set there already wins. Blank
//  lines, comments and other names are passed over.
void environment_apply (slice_t text);
//  The same for the file "<data>/env". A file that is not there is no error: the environment may
//  say everything.
void environment_read (const char *data);

#endif
