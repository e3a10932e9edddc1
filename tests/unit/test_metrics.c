#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "clock.h"
#include "metrics.h"

//  Everything rendered, with NUL.
static const char *
render (buffer_t *out)
{
    buffer_clear (out);
    metrics_render (out);
    buffer_append (out, "", 1);
    return out->data;
}

//  The value of the line that begins with `line`.
static double
rendered (const char *line)
{
    buffer_t out = {0};
    const char *text = render (&out);
    char wanted[200];
    snprintf (wanted, sizeof wanted, "\n%s ", line);
    const char *at = strstr (text, wanted);
    double value = at ? strtod (at + strlen (wanted), NULL) : -1;
    buffer_free (&out);
    return value;
}

static void
test_families_stand_together (void **state)
{
    (void)state;
    metric_t *a = metric_counter ("daumoi_t_total", "Things.", "stage=\"a\"");
    metric_t *gauge = metric_gauge ("daumoi_t_depth", "Depth.", NULL);
    metric_t *b = metric_counter ("daumoi_t_total", "Things.", "stage=\"b\"");
    metric_add (a, 1);
    metric_add (a, 2);
    metric_set (gauge, 7.5);
    metric_add (gauge, -10);
    metric_add (b, 4e9);
    buffer_t out = {0};
    assert_non_null (strstr (render (&out), "# HELP daumoi_t_total Things.\n"
                                            "# TYPE daumoi_t_total counter\n"
                                            "daumoi_t_total{stage=\"a\"} 3\n"
                                            "daumoi_t_total{stage=\"b\"} 4000000000\n"
                                            "# HELP daumoi_t_depth Depth.\n"
                                            "# TYPE daumoi_t_depth gauge\n"
                                            "daumoi_t_depth -2.5\n"));
    assert_true (metric_value (a) == 3.0);
    const char *head = strstr (out.data, "# HELP daumoi_t_total");
    assert_null (strstr (head + 1, "# HELP daumoi_t_total"));
    buffer_free (&out);
}

static void
test_histograms_count_upwards (void **state)
{
    (void)state;
    static const double bounds[] = {0.001, 0.01, 1};
    metric_t *self = metric_histogram ("daumoi_t_seconds", "Time.", "op=\"x\"", bounds, 3);
    static const double values[] = {0.0005, 0.001, 0.002, 0.5, 1, 30};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        metric_observe (self, values[i]);
    buffer_t out = {0};
    assert_non_null (strstr (render (&out), "# TYPE daumoi_t_seconds histogram\n"
                                            "daumoi_t_seconds_bucket{op=\"x\",le=\"0.001\"} 2\n"
                                            "daumoi_t_seconds_bucket{op=\"x\",le=\"0.01\"} 3\n"
                                            "daumoi_t_seconds_bucket{op=\"x\",le=\"1\"} 5\n"
                                            "daumoi_t_seconds_bucket{op=\"x\",le=\"+Inf\"} 6\n"
                                            "daumoi_t_seconds_sum{op=\"x\"} 31.5035\n"
                                            "daumoi_t_seconds_count{op=\"x\"} 6\n"));
    buffer_free (&out);
}

static void
test_the_process_is_measured (void **state)
{
    (void)state;
    double before = rendered ("process_cpu_seconds_total");
    for (volatile uint64_t i = 0; i < 50 * 1000 * 1000; i++) {
    }
    assert_true (rendered ("process_cpu_seconds_total") > before && before >= 0);
    double memory = rendered ("process_resident_memory_bytes");
    enum { MORE = 32 << 20 };
    char *block = mem_new (MORE);
    memset (block, 1, MORE);
    assert_true (memory > 100000);
    assert_true (rendered ("process_resident_memory_bytes") > memory + MORE * 0.5);
    assert_int_equal (block[MORE - 1], 1);
    free (block);
    double age = (double)clock_now_ms () / 1000 - rendered ("process_start_time_seconds");
    assert_true (age >= 0 && age < 60);
    assert_true (rendered ("daumoi_build_info{version=\"" DAUMOI_VERSION "\"}") == 1.0);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_families_stand_together),
        cmocka_unit_test (test_histograms_count_upwards),
        cmocka_unit_test (test_the_process_is_measured),
    };
    return cmocka_run_group_tests_name ("metrics", tests, NULL, NULL);
}
