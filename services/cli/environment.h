//  Where an instance is: DIR/env, written by scripts/run, as lines KEY=VALUE.

#ifndef DAUMOI_ENVIRONMENT_H
#define DAUMOI_ENVIRONMENT_H

#include "base.h"

//  Puts every DAUMOI_ line of the text into the environment; what is set there already wins. Blank
//  lines, comments and other names are passed over.
void environment_apply (slice_t text);
//  The same for the file "<data>/env". False when it is not there and nothing else says where Redis
//  is: then a Redis that listens somewhere by chance is not ours to talk to.
bool environment_read (const char *data);

#endif
