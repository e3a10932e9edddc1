//  A service's own little HTTP port: /metrics, /livez, /readyz (alias /healthz), /version. By
//  libmicrohttpd, with its epoll descriptor in the service's loop; GET only.

#ifndef DAUMOI_HTTP_H
#define DAUMOI_HTTP_H

#include "base.h"

typedef struct http http_t;

//  Why a service is not ready: appends one line per missing thing to `reasons`; nothing when ready.
typedef void (http_ready_fn) (void *arg, buffer_t *reasons);

//  Listens on `address`: numbers, "127.0.0.1:0" (any free port), ":9100" (every interface),
//  "[::1]:0". NULL with the reason. The loop must call http_run when http_fd is readable and when
//  http_timeout_ms has passed.
http_t *http_new (const char *address, http_ready_fn *ready, void *arg, refusal_t *refusal);
void http_destroy (http_t **self_p);
int http_port (const http_t *self);
int http_fd (const http_t *self);       // readable: call http_run
void http_run (http_t *self);           // does not block
int64_t http_timeout_ms (http_t *self); // -1 = none

#endif
