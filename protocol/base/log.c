#include "protocol/base/log.h"

#include "protocol/base/clock.h"
#include "protocol/base/log_json.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Atomic int least_level = LOG_INFO;
static _Atomic bool as_json;
static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_set_level(enum log_level least)
{
    least_level = (int)least;
}

bool log_set_format(const char *name)
{
    as_json = strcmp(name, "json") == 0;
    return as_json || strcmp(name, "text") == 0;
}

int log_level_of(const char *name)
{
    for (int i = LOG_DEBUG; i <= LOG_ERROR; i++)
        if (strcmp(name, level_names[i]) == 0)
            return i;
    return -1;
}

/* A line being put together. What does not fit is cut, with room kept for the newline. */
struct log_line {
    char text[1024];
    size_t len;
    bool quoted; /* between quotation marks of the format */
};

static void put(struct log_line *l, const char *text, size_t len)
{
    size_t room = sizeof l->text - 1 - l->len;
    len = len < room ? len : room;
    memcpy(l->text + l->len, text, len);
    l->len += len;
}

static void put_escaped(struct log_line *l, const char *value)
{
    char escaped[8];
    for (; *value != '\0'; value++) {
        unsigned char c = (unsigned char)*value;
        int len = c < 0x20 || c == 0x7f   ? snprintf(escaped, sizeof escaped, "\\u%04x", c)
                  : c == '"' || c == '\\' ? snprintf(escaped, sizeof escaped, "\\%c", c)
                                          : snprintf(escaped, sizeof escaped, "%c", c);
        put(l, escaped, (size_t)len);
    }
}

/* Whether a value is one word to whoever reads the line. */
static bool is_word(const char *value)
{
    const char *c = value;
    while ((unsigned char)*c > 0x20 && *c != 0x7f && *c != '"' && *c != '=' && *c != '\\')
        c++;
    return *c == '\0' && c != value;
}

/* A value may quote what a stranger sent: nothing in it may end the value or the line, or begin another. */
static void put_value(struct log_line *l, const char *value)
{
    if (l->quoted) {
        put_escaped(l, value);
    } else if (is_word(value)) {
        put(l, value, strlen(value));
    } else {
        put(l, "\"", 1);
        put_escaped(l, value);
        put(l, "\"", 1);
    }
}

/* One conversion of a number: flags, width, length ("", "l", "ll", "z") and letter, as printf() has them. */
static void put_number(struct log_line *l, const char *conversion, size_t len, va_list *args)
{
    char format[16], text[64];
    int put_len;
    if (len >= sizeof format)
        return;
    memcpy(format, conversion, len);
    format[len] = '\0';
    if (strchr(format, 'z') != NULL)
        /* NOLINTNEXTLINE(bugprone-branch-clone): size_t is unsigned long here, and not everywhere. */
        put_len = snprintf(text, sizeof text, format, va_arg(*args, size_t));
    else if (strstr(format, "ll") != NULL)
        put_len = snprintf(text, sizeof text, format, va_arg(*args, unsigned long long));
    else if (strchr(format, 'l') != NULL)
        put_len = snprintf(text, sizeof text, format, va_arg(*args, unsigned long));
    else
        put_len = snprintf(text, sizeof text, format, va_arg(*args, unsigned));
    put(l, text, put_len < 0 ? 0 : (size_t)put_len < sizeof text ? (size_t)put_len : sizeof text - 1);
}

static void put_formatted(struct log_line *l, const char *format, va_list *args)
{
    while (*format != '\0') {
        if (*format != '%') {
            l->quoted ^= *format == '"';
            put(l, format++, 1);
            continue;
        }
        size_t len = 1 + strspn(format + 1, "0123456789+- #.lz");
        char letter = format[len];
        if (letter == '\0')
            return;
        if (letter == 's')
            put_value(l, va_arg(*args, const char *));
        else if (letter == '%')
            put(l, "%", 1);
        else
            put_number(l, format, len + 1, args);
        format += len + 1;
    }
}

static void write_line(struct log_line *l)
{
    char json[LOG_JSON_MAX(sizeof l->text) + 1];
    char *text = as_json ? json : l->text;
    size_t len = as_json ? log_json(json, l->text, l->len) : l->len;
    text[len++] = '\n';
    ssize_t written = write(STDERR_FILENO, text, len);
    (void)written; /* nobody is left to tell */
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    struct log_line line = {.len = 0};
    char time[CLOCK_TEXT_SIZE];
    if ((int)level < least_level)
        return;
    line.len = (size_t)snprintf(line.text, sizeof line.text, "time=%s level=%s event=%s ",
                                clock_text(time, clock_now()), level_names[level], event);
    va_list args;
    va_start(args, format);
    put_formatted(&line, format, &args);
    va_end(args);
    write_line(&line);
}

/* --- lines of strangers --- */

static pthread_mutex_t strangers_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t strangers_since; /* milliseconds; the window began */
static unsigned strangers_seen;  /* in it */

/* Begins another window if this one is over; how many of its lines were not written. */
static unsigned turn_window(void)
{
    const uint64_t now = clock_monotonic_ms();
    unsigned unwritten = 0;
    if (now - strangers_since < LOG_STRANGERS_SECONDS * 1000u)
        return 0;
    if (strangers_seen > LOG_STRANGERS_MAX)
        unwritten = strangers_seen - LOG_STRANGERS_MAX;
    strangers_since = now;
    strangers_seen = 0;
    return unwritten;
}

static void say_unwritten(unsigned count)
{
    if (count > 0)
        log_event(LOG_WARN, "strangers-not-logged", "count=%u", count);
}

bool log_stranger_may(void)
{
    pthread_mutex_lock(&strangers_lock);
    const unsigned unwritten = turn_window();
    const bool may = strangers_seen++ < LOG_STRANGERS_MAX;
    pthread_mutex_unlock(&strangers_lock);
    say_unwritten(unwritten);
    return may;
}

void log_strangers_tick(void)
{
    pthread_mutex_lock(&strangers_lock);
    const unsigned unwritten = turn_window();
    pthread_mutex_unlock(&strangers_lock);
    say_unwritten(unwritten);
}

void log_clock_tick(void)
{
    static int64_t apart; /* of the clock of the day and the one that is never set; 0: not known */
    const int64_t now = (int64_t)clock_now() - (int64_t)(clock_monotonic_ms() / 1000);
    const int64_t step = apart != 0 ? now - apart : 0;
    if (step > LOG_CLOCK_SECONDS || step < -LOG_CLOCK_SECONDS)
        log_event(
            LOG_WARN, "clock",
            "set_s=%lld reason=\"this machine's clock was set by so many seconds: if it is wrong now, requests are "
            "refused and limits are of another day\"",
            (long long)step);
    apart = now;
}
