/*
 * Log lines of the daemons, on stderr, one event a line, in logfmt: `time=... level=info event=put agency=THA
 * count=512`. Never a tag, a payload, a key, a field of a record: counts, names of parties and purposes, reasons.
 */
#ifndef PROTOCOL_BASE_LOG_H
#define PROTOCOL_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* The least level that is written; LOG_INFO at first. */
void log_set_level(enum log_level least);

/* "debug", "info", "warn", "error"; -1 for anything else. */
int log_level_of(const char *name);

/* "text": logfmt, as it is at first; "json": an object a line, with the same names. False: neither. */
bool log_set_format(const char *name);

/*
 * event: a word; format: the rest of the line, `key=value` pairs, with %s and numbers (d, u, x; l, ll, z). The values
 * of %s may come from strangers: between quotation marks of the format, quotes, backslashes and control characters are
 * escaped (\", \\, \u000a); outside of them, what is not one word is put between quotation marks. So no value can look
 * like a field or a line of its own. Thread-safe: one write(2) a line, of at most 1,024 bytes; what is longer is cut.
 */
void log_event(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Whether one more line that a stranger caused may be written: LOG_STRANGERS_MAX in LOG_STRANGERS_SECONDS. Those that
 * may not are counted; log_strangers_tick(), called now and then, says how many there were. Thread-safe.
 */
#define LOG_STRANGERS_MAX 10
#define LOG_STRANGERS_SECONDS 10
bool log_stranger_may(void);
void log_strangers_tick(void);

/*
 * Says that this machine's clock was set, by more than LOG_CLOCK_SECONDS, since the last call: what was dated before
 * has another date than what comes. For who calls it now and then, in one thread.
 */
#define LOG_CLOCK_SECONDS 300
void log_clock_tick(void);

#endif
