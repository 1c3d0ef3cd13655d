#include "protocol/base/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Upper bounds of the buckets, microseconds; the last one has none. */
static const uint64_t bounds[METRIC_BUCKETS] = {250,    1000,   2500,    5000,    10000,   25000,
                                                100000, 500000, 1000000, 2500000, 5000000, 30000000};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what is added: a series, a metric */
static struct metric *registered[METRICS_MAX];
static size_t registered_count;

void metrics_register(struct metric *metric)
{
    size_t i = 0;
    pthread_mutex_lock(&lock);
    while (i < registered_count && registered[i] != metric)
        i++;
    if (i == registered_count && i < METRICS_MAX)
        registered[registered_count++] = metric;
    pthread_mutex_unlock(&lock);
}

/* A series never moves or goes away, so finding one takes no lock. */
static struct metric_series *find(struct metric *m, const char *label)
{
    const unsigned count = atomic_load_explicit(&m->count, memory_order_acquire);
    for (unsigned i = 0; i < count; i++)
        if (strcmp(m->series[i].label, label) == 0)
            return &m->series[i];
    return NULL;
}

static struct metric_series *find_or_add(struct metric *m, const char *label)
{
    struct metric_series *s = find(m, label);
    if (s != NULL)
        return s;
    pthread_mutex_lock(&lock);
    s = find(m, label);
    const unsigned count = m->count;
    if (s == NULL) {
        s = &m->series[count < METRIC_SERIES_MAX ? count : METRIC_SERIES_MAX - 1];
        if (count < METRIC_SERIES_MAX) {
            snprintf(s->label, sizeof s->label, "%s", count == METRIC_SERIES_MAX - 1 ? "other" : label);
            atomic_store_explicit(&m->count, count + 1, memory_order_release);
        }
    }
    pthread_mutex_unlock(&lock);
    return s;
}

void metric_add(struct metric *metric, const char *label, uint64_t more)
{
    find_or_add(metric, label)->value += more;
}

void metric_set(struct metric *metric, const char *label, uint64_t value)
{
    find_or_add(metric, label)->value = value;
}

void metric_time(struct metric *metric, const char *label, uint64_t microseconds)
{
    struct metric_series *s = find_or_add(metric, label);
    unsigned i = 0;
    while (i < METRIC_BUCKETS && microseconds > bounds[i])
        i++;
    s->bucket[i]++;
    s->value += microseconds;
}

uint64_t metric_value(struct metric *metric, const char *label)
{
    const struct metric_series *s = find(metric, label);
    return s == NULL ? 0 : s->value;
}

/* --- printing --- */

static int print_escaped(struct buf *out, const char *text, struct err *err)
{
    int rc = 0;
    for (; rc == 0 && *text != '\0'; text++)
        rc = *text == '\n'                   ? buf_put(out, "\\n", 2, err)
             : *text == '"' || *text == '\\' ? buf_printf(out, err, "\\%c", *text)
                                             : buf_put(out, text, 1, err);
    return rc;
}

/* The name with its labels, `le` among them if it is not NULL. */
static int print_name(struct buf *out, const struct metric *m, const struct metric_series *s, const char *suffix,
                      const char *le, struct err *err)
{
    int rc = buf_printf(out, err, "%s%s", m->name, suffix);
    if (rc == 0 && (m->key != NULL || le != NULL))
        rc = buf_put(out, "{", 1, err);
    if (rc == 0 && m->key != NULL)
        rc = buf_printf(out, err, "%s=\"", m->key);
    if (rc == 0 && m->key != NULL)
        rc = print_escaped(out, s->label, err);
    if (rc == 0 && m->key != NULL)
        rc = buf_put(out, "\"", 1, err);
    if (rc == 0 && le != NULL)
        rc = buf_printf(out, err, "%sle=\"%s\"", m->key != NULL ? "," : "", le);
    if (rc == 0 && (m->key != NULL || le != NULL))
        rc = buf_put(out, "}", 1, err);
    return rc;
}

static int print_times(struct buf *out, const struct metric *m, const struct metric_series *s, struct err *err)
{
    char le[24];
    uint64_t sum = 0;
    int rc = 0;
    for (unsigned i = 0; rc == 0 && i <= METRIC_BUCKETS; i++) {
        sum += s->bucket[i];
        if (i < METRIC_BUCKETS)
            snprintf(le, sizeof le, "%g", (double)bounds[i] / 1e6);
        rc = print_name(out, m, s, "_bucket", i < METRIC_BUCKETS ? le : "+Inf", err);
        if (rc == 0)
            rc = buf_printf(out, err, " %llu\n", (unsigned long long)sum);
    }
    if (rc == 0)
        rc = print_name(out, m, s, "_sum", NULL, err);
    if (rc == 0)
        rc = buf_printf(out, err, " %.6f\n", (double)s->value / 1e6);
    if (rc == 0)
        rc = print_name(out, m, s, "_count", NULL, err);
    return rc == 0 ? buf_printf(out, err, " %llu\n", (unsigned long long)sum) : rc;
}

static int print_series(struct buf *out, const struct metric *m, const struct metric_series *s, struct err *err)
{
    if (m->kind == METRIC_TIMES)
        return print_times(out, m, s, err);
    int rc = print_name(out, m, s, "", NULL, err);
    return rc == 0 ? buf_printf(out, err, " %llu\n", (unsigned long long)s->value) : rc;
}

static int print_metric(struct buf *out, struct metric *m, struct err *err)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    if (m->key == NULL)
        (void)find_or_add(m, "");
    const unsigned count = atomic_load_explicit(&m->count, memory_order_acquire);
    int rc = buf_printf(out, err, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name, kinds[m->kind]);
    for (unsigned i = 0; rc == 0 && i < count; i++)
        rc = print_series(out, m, &m->series[i], err);
    return rc;
}

int metrics_print(struct buf *out, struct err *err)
{
    pthread_mutex_lock(&lock);
    const size_t count = registered_count;
    pthread_mutex_unlock(&lock);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = print_metric(out, registered[i], err);
    return rc;
}
