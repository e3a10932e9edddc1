#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "http.h"

static const char *missing; // what the service says is not ready; NULL when it is

static void
ready (void *arg, buffer_t *reasons)
{
    assert_ptr_equal (arg, &missing);
    if (missing)
        buffer_printf (reasons, "%s\n", missing);
}

static int
setup (void **state)
{
    missing = NULL;
    refusal_t refusal = {0};
    *state = http_new ("127.0.0.1:0", ready, &missing, &refusal);
    return *state ? 0 : -1;
}

static int
teardown (void **state)
{
    http_t *http = *state;
    http_destroy (&http);
    http_destroy (&http);
    return 0;
}

static int
dial (const http_t *http)
{
    int fd = socket (AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
        .sin_port = htons ((uint16_t)http_port (http)),
        .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
    assert_int_equal (connect (fd, (struct sockaddr *)&at, sizeof at), 0);
    fcntl (fd, F_SETFL, O_NONBLOCK);
    return fd;
}

//  Turns the loop as a service does, until the peer closes; at most five seconds.
static void
run_until_closed (http_t *http, int fd, buffer_t *out)
{
    int64_t end_ms = clock_monotonic_ms () + 5000;
    while (clock_monotonic_ms () < end_ms) {
        struct pollfd polls[] = {{http_fd (http), POLLIN, 0}, {fd, POLLIN, 0}};
        int64_t timeout_ms = http_timeout_ms (http);
        poll (polls, 2, timeout_ms < 0 || timeout_ms > 100 ? 100 : (int)timeout_ms);
        http_run (http);
        char data[4096];
        ssize_t got = read (fd, data, sizeof data);
        if (got == 0)
            return;
        if (got > 0)
            buffer_append (out, data, (size_t)got);
    }
    fail_msg ("no end within five seconds");
}

//  The whole answer, with NUL; free () it.
static char *
ask (http_t *http, const char *request)
{
    int fd = dial (http);
    assert_int_equal (write (fd, request, strlen (request)), strlen (request));
    buffer_t out = {0};
    run_until_closed (http, fd, &out);
    close (fd);
    buffer_append (&out, "", 1);
    return out.data;
}

static char *
ask_page (http_t *http, const char *method, const char *path)
{
    char request[200];
    snprintf (request, sizeof request, "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        method, path);
    return ask (http, request);
}

static const char *
body_of (const char *answer)
{
    const char *blank = strstr (answer, "\r\n\r\n");
    assert_non_null (blank);
    return blank + 4;
}

static void
assert_answer (
    http_t *http, const char *method, const char *path, const char *status, const char *body)
{
    char *answer = ask_page (http, method, path);
    char line[80];
    snprintf (line, sizeof line, "HTTP/1.1 %s\r\n", status);
    if (strncmp (answer, line, strlen (line)) != 0)
        fail_msg ("%s %s: %s", method, path, answer);
    assert_string_equal (body_of (answer), body);
    assert_non_null (strstr (answer, "no-store"));
    free (answer);
}

static void
test_the_pages (void **state)
{
    assert_answer (*state, "GET", "/livez", "200 OK", "ok\n");
    assert_answer (*state, "GET", "/readyz", "200 OK", "ready\n");
    assert_answer (*state, "GET", "/healthz", "200 OK", "ready\n");
    assert_answer (*state, "GET", "/version", "200 OK", DAUMOI_VERSION "\n");
    assert_answer (*state, "GET", "/livez?x=1", "200 OK", "ok\n");
}

static void
test_not_ready_says_why (void **state)
{
    missing = "redis: connection refused";
    const char *status = "503 Service Unavailable";
    assert_answer (*state, "GET", "/readyz", status, "redis: connection refused\n");
    assert_answer (*state, "GET", "/healthz", status, "redis: connection refused\n");
    assert_answer (*state, "GET", "/livez", "200 OK", "ok\n");
}

static void
test_metrics_are_for_prometheus (void **state)
{
    char *answer = ask_page (*state, "GET", "/metrics");
    assert_non_null (strstr (answer, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null (strstr (body_of (answer), "\nprocess_cpu_seconds_total "));
    free (answer);
}

static void
test_head_has_no_body (void **state)
{
    assert_answer (*state, "HEAD", "/livez", "200 OK", "");
    char *answer = ask_page (*state, "HEAD", "/livez");
    assert_non_null (strstr (answer, "Content-Length: 3\r\n"));
    free (answer);
}

static void
test_other_methods_and_paths (void **state)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "get"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        char *answer = ask_page (*state, methods[i], "/livez");
        assert_int_equal (strncmp (answer, "HTTP/1.1 405 ", 13), 0);
        assert_non_null (strstr (answer, "Allow: GET, HEAD\r\n"));
        free (answer);
    }
    static const char *const paths[] = {"/", "/metrics/", "/Livez", "/livez/../metrics"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        char *answer = ask_page (*state, "GET", paths[i]);
        assert_int_equal (strncmp (answer, "HTTP/1.1 404 ", 13), 0);
        assert_non_null (strstr (body_of (answer), "/readyz"));
        free (answer);
    }
}

static void
test_a_body_is_not_taken (void **state)
{
    char *answer = ask (*state, "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                                "Connection: close\r\n\r\nhello");
    assert_int_equal (strncmp (answer, "HTTP/1.1 405 ", 13), 0);
    free (answer);
}

static void
test_headers_have_a_limit (void **state)
{
    buffer_t request = {0};
    buffer_printf (&request, "GET /livez HTTP/1.1\r\nHost: x\r\nX: %0*d\r\n\r\n", 20000, 0);
    buffer_append (&request, "", 1);
    char *answer = ask (*state, request.data);
    assert_int_equal (strncmp (answer, "HTTP/1.1 4", 10), 0);
    free (answer);
    buffer_free (&request);
}

//  Several requests in one segment are all answered, though only one event comes for them.
static void
test_pipelined_requests (void **state)
{
    char *answer = ask (*state, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
                                "GET /version HTTP/1.1\r\nHost: x\r\n\r\n"
                                "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_non_null (strstr (answer, "\r\n\r\nok\n"));
    assert_non_null (strstr (answer, "\r\n\r\nready\n"));
    free (answer);
}

static void
test_a_silent_client_does_not_stop_others (void **state)
{
    http_t *http = *state;
    int silent = dial (http);
    assert_int_equal (write (silent, "GET /li", 7), 7);
    assert_answer (http, "GET", "/livez", "200 OK", "ok\n");
    int64_t timeout_ms = http_timeout_ms (http);
    assert_true (timeout_ms > 0 && timeout_ms <= 10000);
    close (silent);
}

static void
test_bad_addresses_are_told (void **state)
{
    char taken[40];
    snprintf (taken, sizeof taken, "127.0.0.1:%d", http_port (*state));
    const char *const wrong[] = {
        "", "127.0.0.1", "here:80", "127.0.0.1:x", "127.0.0.1:70000", taken};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        refusal_t refusal = {0};
        assert_null (http_new (wrong[i], ready, NULL, &refusal));
        assert_string_equal (refusal.field, "address");
    }
}

static void
test_every_interface (void **state)
{
    (void)state;
    refusal_t refusal = {0};
    http_t *http = http_new (":0", ready, &missing, &refusal);
    assert_non_null (http);
    assert_true (http_port (http) > 0);
    assert_answer (http, "GET", "/livez", "200 OK", "ok\n");
    http_destroy (&http);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_the_pages),
        TEST (test_not_ready_says_why),
        TEST (test_metrics_are_for_prometheus),
        TEST (test_head_has_no_body),
        TEST (test_other_methods_and_paths),
        TEST (test_a_body_is_not_taken),
        TEST (test_headers_have_a_limit),
        TEST (test_pipelined_requests),
        TEST (test_a_silent_client_does_not_stop_others),
        TEST (test_bad_addresses_are_told),
        cmocka_unit_test (test_every_interface),
    };
    return cmocka_run_group_tests_name ("http", tests, NULL, NULL);
}
