//  Private to redis.c and redis_ask.c: how an address and a password file are read.

#ifndef DAUMOI_REDIS_INNER_H
#define DAUMOI_REDIS_INNER_H

#include "redis.h"

//  "host:port" -> host in out; returns the port, or 0.
int redis_split_address (const char *address, char *host, size_t room);
//  The first line of the file, in out; absent when there is no file. Wipe out afterwards.
slice_t redis_read_password (const char *file, char *out, size_t room);

#endif
