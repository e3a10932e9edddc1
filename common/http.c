#include "http.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "metrics.h"

enum {
    CONNECTIONS = 64,       // probes and one or two scrapers; the rest waits or is closed
    IDLE_SECONDS = 10,      // a silent client is cut off
    CONNECTION_POOL = 8192, // bytes for one request's line and headers
    RUNS = 32,              // of MHD in one turn of the loop
};

struct http {
    struct MHD_Daemon *daemon;
    http_ready_fn *ready;
    void *arg;
    int fd, port;
};

//  --- pages: each writes its body and returns the status

static unsigned
page_metrics (http_t *self, buffer_t *body)
{
    (void)self;
    metrics_render (body);
    return MHD_HTTP_OK;
}

static unsigned
page_live (http_t *self, buffer_t *body)
{
    (void)self;
    buffer_printf (body, "ok\n");
    return MHD_HTTP_OK;
}

static unsigned
page_ready (http_t *self, buffer_t *body)
{
    self->ready (self->arg, body);
    if (body->size)
        return MHD_HTTP_SERVICE_UNAVAILABLE;
    buffer_printf (body, "ready\n");
    return MHD_HTTP_OK;
}

static unsigned
page_version (http_t *self, buffer_t *body)
{
    (void)self;
    buffer_printf (body, "%s\n", DAUMOI_VERSION);
    return MHD_HTTP_OK;
}

static unsigned
page_unknown (http_t *self, buffer_t *body)
{
    (void)self;
    buffer_printf (body, "not found; there are /metrics, /livez, /readyz and /version\n");
    return MHD_HTTP_NOT_FOUND;
}

static unsigned
page_wrong_method (http_t *self, buffer_t *body)
{
    (void)self;
    buffer_printf (body, "only GET and HEAD are allowed here\n");
    return MHD_HTTP_METHOD_NOT_ALLOWED;
}

typedef unsigned (page_fn) (http_t *self, buffer_t *body);

static const struct {
    const char *path;
    page_fn *page;
} pages[] = {
    {"/metrics", page_metrics},
    {"/livez", page_live},
    {"/readyz", page_ready},
    {"/healthz", page_ready},
    {"/version", page_version},
};

static page_fn *
find_page (const char *method, const char *path)
{
    if (strcmp (method, "GET") != 0 && strcmp (method, "HEAD") != 0)
        return page_wrong_method;
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (strcmp (path, pages[i].path) == 0)
            return pages[i].page;
    return page_unknown;
}

static void
add_headers (struct MHD_Response *response, page_fn *page)
{
    //  The version parameter is what Prometheus asks for.
    const char *type = page == page_metrics ? "text/plain; version=0.0.4; charset=utf-8"
                                            : "text/plain; charset=utf-8";
    MHD_add_response_header (response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header (response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (page == page_wrong_method)
        MHD_add_response_header (response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
}

static enum MHD_Result
send_page (http_t *self, struct MHD_Connection *connection, page_fn *page)
{
    buffer_t body = {0};
    unsigned status = page (self, &body);
    struct MHD_Response *response =
        MHD_create_response_from_buffer (body.size, body.data, MHD_RESPMEM_MUST_COPY);
    buffer_free (&body);
    if (!response)
        return MHD_NO;
    add_headers (response, page);
    enum MHD_Result done = MHD_queue_response (connection, status, response);
    MHD_destroy_response (response);
    return done;
}

//  Called once when the headers are there and again when the request is complete; an answer at the
//  first call would close the connection, which is right only for what we do not take.
static enum MHD_Result
answer (void *arg, struct MHD_Connection *connection, const char *path, const char *method,
    const char *version, const char *upload, size_t *upload_size, void **request)
{
    (void)version, (void)upload;
    page_fn *page = find_page (method, path);
    bool complete = *request != NULL;
    *request = arg;
    if (page == page_wrong_method || (complete && *upload_size == 0))
        return send_page (arg, connection, page);
    return complete ? MHD_NO : MHD_YES;
}

//  --- listening

//  "host:port" or "[v6]:port"; the last colon divides. -1 when there is none.
static int
split_address (const char *address, char *host, size_t room, const char **port)
{
    const char *colon = strrchr (address, ':');
    if (!colon)
        return -1;
    slice_t name = {address, (size_t)(colon - address)};
    if (name.size >= 2 && name.ptr[0] == '[' && name.ptr[name.size - 1] == ']')
        name = (slice_t){name.ptr + 1, name.size - 2};
    if (name.size >= room)
        return -1;
    memcpy (host, name.ptr, name.size);
    host[name.size] = 0;
    *port = colon + 1;
    return 0;
}

static struct addrinfo *
resolve (const char *address)
{
    char host[64];
    const char *port;
    if (split_address (address, host, sizeof host, &port))
        return NULL;
    //  Numbers only: a look-up could hang the start.
    struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (strlen (port) > 5 || atoi (port) > UINT16_MAX) // getaddrinfo would cut it off
        return NULL;
    return getaddrinfo (*host ? host : NULL, port, &hints, &found) ? NULL : found;
}

static int
listen_at (const struct addrinfo *at)
{
    int fd = socket (at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind (fd, at->ai_addr, at->ai_addrlen) == 0 && listen (fd, CONNECTIONS) == 0)
        return fd;
    int saved = errno;
    close (fd);
    errno = saved;
    return -1;
}

static int
open_socket (const char *address, refusal_t *refusal)
{
    struct addrinfo *at = resolve (address);
    if (!at)
        return refuse (refusal, REFUSAL_INVALID, "address",
            "\"%s\" is no address to listen at; write it like 127.0.0.1:9100", address);
    int fd = listen_at (at);
    freeaddrinfo (at);
    if (fd < 0)
        return refuse (refusal, REFUSAL_UNAVAILABLE, "address", "cannot listen at %s: %s", address,
            strerror (errno));
    return fd;
}

static int
bound_port (int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at = {0};
    socklen_t size = sizeof at;
    in_port_t port = 0;
    if (getsockname (fd, &at.any, &size) == 0)
        port = at.any.sa_family == AF_INET6 ? at.v6.sin6_port : at.v4.sin_port;
    return ntohs (port);
}

//  The loop of the service drives it: no thread, one epoll descriptor.
static struct MHD_Daemon *
start_daemon (http_t *self, int fd)
{
    return MHD_start_daemon (MHD_USE_EPOLL, 0, NULL, NULL, answer, self, //
        MHD_OPTION_LISTEN_SOCKET, fd,                                    //
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,              //
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_SECONDS,           //
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_POOL,     //
        MHD_OPTION_END);
}

http_t *
http_new (const char *address, http_ready_fn *ready, void *arg, refusal_t *refusal)
{
    int fd = open_socket (address, refusal);
    if (fd < 0)
        return NULL;
    http_t *self = mem_new (sizeof *self);
    *self = (http_t){.ready = ready, .arg = arg, .port = bound_port (fd)};
    self->daemon = start_daemon (self, fd);
    if (!self->daemon) {
        refuse (refusal, REFUSAL_UNAVAILABLE, "address", "cannot start HTTP at %s", address);
        close (fd);
        free (self);
        return NULL;
    }
    self->fd = MHD_get_daemon_info (self->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    return self;
}

void
http_destroy (http_t **self_p)
{
    assert (self_p);
    if (!*self_p)
        return;
    MHD_stop_daemon ((*self_p)->daemon);
    free (*self_p);
    *self_p = NULL;
}

int
http_port (const http_t *self)
{
    return self->port;
}

int
http_fd (const http_t *self)
{
    return self->fd;
}

void
http_run (http_t *self)
{
    //  Inside, sockets are edge-triggered: work that is left over would wait for an event that
    //  never comes. What is left after the last run has a time-out of 0.
    for (int run = 0; run < RUNS; run++) {
        MHD_run (self->daemon);
        if (http_timeout_ms (self) != 0)
            return;
    }
}

int64_t
http_timeout_ms (http_t *self)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout (self->daemon, &timeout_ms) != MHD_YES)
        return -1;
    return (int64_t)timeout_ms;
}
