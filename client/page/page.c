#include "client/page/page.h"

#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void page_markup(struct page *page, const char *markup)
{
    if (page->rc == 0)
        page->rc = buf_put(page->out, markup, strlen(markup), page->err);
}

/* --- text --- */

/* U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069: they turn or break the line around them. U+061C does, too. */
static bool steers(const uint8_t *at, size_t left)
{
    if (left >= 3 && at[0] == 0xe2 && at[1] == 0x80)
        return at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xa8 && at[2] <= 0xae);
    return left >= 3 && at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9;
}

static const char *escaped(uint8_t c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return c == 0x7f || (c < 32 && c != '\n' && c != '\t') ? "&#65533;" : NULL;
    }
}

static void put_escaped(struct page *p, struct span text)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len && p->rc == 0; i++) {
        const size_t left = text.len - i;
        const bool mark = left >= 2 && text.data[i] == 0xd8 && text.data[i + 1] == 0x9c;
        const size_t skip = steers(text.data + i, left) ? 3 : mark ? 2 : 1;
        const char *safe = skip > 1 ? "&#65533;" : escaped(text.data[i]);
        if (safe == NULL)
            continue;
        if (i > from)
            p->rc = buf_put(p->out, text.data + from, i - from, p->err);
        page_markup(p, safe);
        i += skip - 1;
        from = i + 1;
    }
    if (p->rc == 0 && text.len > from)
        p->rc = buf_put(p->out, text.data + from, text.len - from, p->err);
}

void page_span(struct page *page, struct span text)
{
    html(page, "<bdi>");
    put_escaped(page, text);
    html(page, "</bdi>");
}

void page_text(struct page *page, const char *text)
{
    page_span(page, span_of(text, strlen(text)));
}

void page_value(struct page *page, const char *text)
{
    put_escaped(page, span_of(text, strlen(text)));
}

void page_number(struct page *page, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    page_markup(page, text);
}

/* --- sentences --- */

static size_t count_texts(const char *english)
{
    size_t count = 0, place;
    for (const char *at = strchr(english, '%'); at != NULL; at = strchr(at + 1, '%'))
        count += count < SAY_TEXTS_MAX && conversion_here(at, &place) != 0;
    return count;
}

static void put_said(struct page *p, const char *said, const struct span *text, size_t count)
{
    size_t next = 0, place = 0;
    while (*said != '\0') {
        const size_t plain = strcspn(said, "%");
        put_escaped(p, span_of(said, plain));
        said += plain;
        const size_t len = conversion_here(said, &place);
        const size_t at = place != 0 ? place - 1 : next;
        if (len != 0 && at < count) {
            page_span(p, text[at]);
            next = at + 1;
            said += len;
        } else if (*said != '\0') {
            put_escaped(p, span_of(said++, 1));
        }
    }
}

void say(struct page *page, const char *english, ...)
{
    struct span text[SAY_TEXTS_MAX];
    const size_t count = count_texts(english);
    va_list args;
    va_start(args, english);
    for (size_t i = 0; i < count; i++) {
        const char *one = va_arg(args, const char *);
        text[i] = span_of(one, strlen(one));
    }
    va_end(args);
    put_said(page, language_say(page->language, english), text, count);
}

void say_count(struct page *page, const char *one, const char *many, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    const struct span span = span_of(text, strlen(text));
    put_said(page, language_say_count(page->language, one, many, number), &span, 1);
}

void say_made(struct page *page, const char *text)
{
    const struct language *l = page->language;
    const char *said = language_say(l, text);
    struct language_made made;
    if (l == NULL || l->catalogue == NULL) {
        page_text(page, text);
    } else if (said != text) {
        page_value(page, said);
    } else if (language_find_made(&made, l, text)) {
        put_said(page, made.said, made.text, made.count);
    } else if (text[0] != '\0') {
        html(page, "<bdi lang=\"en\">");
        page_value(page, text);
        html(page, "</bdi>");
    }
}

void say_value(struct page *page, const char *english)
{
    page_value(page, language_say(page->language, english));
}

void say_word(struct page *page, const char *word)
{
    char text[LANGUAGE_WORD_MAX];
    page_value(page, language_word(text, page->language, word));
}

/* --- tables --- */

void page_columns(struct page *page, const char *const *name, size_t count, size_t number)
{
    html(page, "<thead><tr>");
    for (size_t i = 0; i < count; i++) {
        page_markup(page, i == number ? "<th class=\"n\">" : "<th>");
        say(page, name[i]);
        html(page, "</th>");
    }
    html(page, "</tr></thead><tbody>\n");
}

void page_cell(struct page *page, const char *text)
{
    html(page, "<td>");
    page_text(page, text);
    html(page, "</td>");
}

/* --- time --- */

static bool calendar(struct tm *out, uint64_t at)
{
    const time_t seconds = (time_t)at;
    return at != 0 && gmtime_r(&seconds, out) != NULL;
}

static void put_when(struct page *p, uint64_t at, bool clock)
{
    static const char *const month[] = {N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
                                        N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};
    struct tm tm;
    char text[40];
    if (!calendar(&tm, at)) {
        html(p, "–");
        return;
    }
    snprintf(text, sizeof text, "%d ", tm.tm_mday);
    page_markup(p, text);
    say(p, month[tm.tm_mon]);
    snprintf(text, sizeof text, " %d", tm.tm_year + 1900);
    page_markup(p, text);
    if (clock) {
        snprintf(text, sizeof text, " %02d:%02d UTC", tm.tm_hour, tm.tm_min);
        page_markup(p, text);
    }
}

static void begin_time(struct page *p, uint64_t at)
{
    char text[CLOCK_TEXT_SIZE];
    html(p, "<time datetime=\"");
    page_value(p, clock_text(text, at));
    html(p, "\">");
}

static void put_time(struct page *p, uint64_t at, bool clock)
{
    if (at != 0)
        begin_time(p, at);
    put_when(p, at, clock);
    if (at != 0)
        html(p, "</time>");
}

void page_date(struct page *page, uint64_t at)
{
    put_time(page, at, false);
}

void page_time(struct page *page, uint64_t at)
{
    put_time(page, at, true);
}

static const struct {
    uint64_t seconds;
    const char *one_ago, *ago, *one_in, *in;
} spans[] = {
    {86400, N_COUNT("%s day ago", "%s days ago"), N_COUNT("in %s day", "in %s days")},
    {3600, N_COUNT("%s hour ago", "%s hours ago"), N_COUNT("in %s hour", "in %s hours")},
    {60, N_COUNT("%s minute ago", "%s minutes ago"), N_COUNT("in %s minute", "in %s minutes")},
};

void page_ago(struct page *page, uint64_t at, uint64_t now)
{
    const uint64_t apart = at > now ? at - now : now - at;
    char moment[CLOCK_TEXT_SIZE];
    size_t i = 0;
    while (i < ARRAY_LEN(spans) && apart < spans[i].seconds)
        i++;
    html(page, "<time datetime=\"");
    page_value(page, clock_text(moment, at));
    html(page, "\" title=\"");
    page_value(page, moment);
    html(page, "\">");
    if (i == ARRAY_LEN(spans))
        say(page, at > now ? N_("in less than a minute") : N_("just now"));
    else if (at > now)
        say_count(page, spans[i].one_in, spans[i].in, apart / spans[i].seconds);
    else
        say_count(page, spans[i].one_ago, spans[i].ago, apart / spans[i].seconds);
    html(page, "</time>");
}
