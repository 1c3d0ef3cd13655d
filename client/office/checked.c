/* The answer to a check: one verdict, large, by colour, word and sign, with what to do; then what it comes of. */
#include "client/office/pages.h"

#include "client/border/checker.h"
#include "client/task/report.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define REFRESH "2" /* seconds, until the partners have judged */

static const struct sentence {
    const char *verdict, *class, *sign, *says, *advice;
} sentences[] = {
    {"listed", "bad", "✖", N_("This document is listed as lost, stolen or revoked"),
     N_("Take document and person to a second check, and ask the partner below before anything is decided.")},
    {"other-person", "bad", "✖", N_("This document belongs to another person"),
     N_("A partner has this document with somebody else. Compare face and photograph, and ask the partner.")},
    {"unknown-to-issuer", "bad", "✖", N_("The issuer does not know this document"),
     N_("It may be a counterfeit. Examine it, and ask the state that is said to have issued it.")},
    {"other-document", "wait", "▲", N_("This person is known with another document"),
     N_("Ask which documents the person has had, and ask the partner.")},
    {"known", "wait", "▲", N_("A partner has a record of this person"), N_("Ask the partner what it is about.")},
    {"clear", "good", "✔", N_("Nothing is known"), N_("Everybody was asked, and nobody has a record.")},
    {"no-full-answer", "wait", "?", N_("No full answer"),
     N_("Nothing was found where it was asked, which says nothing about the rest. Go by your own lists, and look again.")},
};

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));
    return text != NULL ? text : "";
}

static const struct sentence *sentence_of(const char *verdict)
{
    const struct sentence *s = sentences;
    while (s < sentences + ARRAY_LEN(sentences) - 1 && strcmp(s->verdict, verdict) != 0)
        s++;
    return s;
}

static void put_verdict(struct page *p, const json_t *body)
{
    const struct sentence *s = sentence_of(text_of(body, "verdict"));
    const bool full = json_is_true(json_object_get(body, "full"));
    html(p, "<section class=\"verdict ");
    page_markup(p, s->class);
    html(p, "\" role=\"status\"><strong><span aria-hidden=\"true\">");
    page_markup(p, s->sign);
    html(p, "</span> ");
    say(p, s->says);
    html(p, "</strong><p>");
    say(p, s->advice);
    html(p, "</p>");
    if (!full && strcmp(s->verdict, "no-full-answer") != 0) {
        html(p, "<p>");
        say(p, "It is no full answer: not everybody could be asked.");
        html(p, "</p>");
    }
    if (text_of(body, "reason")[0] != '\0') {
        html(p, "<p class=\"dim\">");
        say_made(p, text_of(body, "reason"));
        html(p, "</p>");
    }
    html(p, "</section>");
}

/* The reply's own notation, as pages write moments; nothing where there is none. */
static void put_moment(struct page *p, const char *text)
{
    uint64_t at = 0, length;
    if (clock_parse(&at, &length, text, ERR_IGNORED) == 0)
        page_time(p, at);
}

static void begin_table(struct page *p, const char *caption, const char *const *head, size_t heads)
{
    html(p, "<table class=\"rows\"><caption>");
    say(p, caption);
    html(p, "</caption>");
    page_columns(p, head, heads, PAGE_NO_NUMBER);
}

static void put_hits(struct page *p, const json_t *hits)
{
    static const char *const head[] = {N_("Partner"), N_("What"),    N_("Sure to"),
                                       N_("Judged"),  N_("Purpose"), N_("Reference")};
    const json_t *hit;
    size_t i;
    char score[16];
    if (json_array_size(hits) == 0)
        return;
    begin_table(p, N_("What partners know"), head, ARRAY_LEN(head));
    json_array_foreach(hits, i, hit)
    {
        html(p, "<tr>");
        page_cell(p, text_of(hit, "partner"));
        html(p, "<td>");
        say(p, match_kind_in_words(match_kind_named(text_of(hit, "kind"))));
        html(p, "</td>");
        snprintf(score, sizeof score, "%d%%", (int)json_integer_value(json_object_get(hit, "score")));
        page_cell(p, score);
        html(p, "<td>");
        say_made(p, text_of(json_object_get(hit, "judged"), "state"));
        html(p, "</td>");
        page_cell(p, text_of(hit, "purpose"));
        page_cell(p, text_of(hit, "handle"));
        html(p, "</tr>\n");
    }
    html(p, "</tbody></table>");
}

/* Registers, and partners that were not asked: a line each. */
static void put_lines(struct page *p, const json_t *list, const char *caption, const char *member)
{
    static const char *const head[] = {N_("Partner"), N_("What"), N_("Purpose"), N_("As of")};
    const json_t *line;
    size_t i;
    if (json_array_size(list) == 0)
        return;
    begin_table(p, caption, head, ARRAY_LEN(head));
    json_array_foreach(list, i, line)
    {
        html(p, "<tr>");
        page_cell(p, text_of(line, "partner"));
        html(p, "<td>");
        say(p, report_sentence(text_of(line, member)));
        html(p, "</td>");
        page_cell(p, text_of(line, "purpose"));
        html(p, "<td>");
        put_moment(p, text_of(line, "as_of"));
        html(p, "</td></tr>\n");
    }
    html(p, "</tbody></table>");
}

static void put_left_out(struct page *p, const char *what, const char *why)
{
    html(p, "<li>");
    say(p, "%s was left out:", what);
    html(p, " ");
    say_made(p, why);
    html(p, "</li>");
}

/* Fields that could not be read, and purposes for which nothing that was given makes a key. */
static void put_gaps(struct page *p, const json_t *body)
{
    char field[LANGUAGE_WORD_MAX];
    const json_t *item;
    size_t i;
    html(p, "<ul class=\"dim\">");
    json_array_foreach(json_object_get(body, "problems"), i, item)
    {
        put_left_out(p, language_word(field, p->language, text_of(item, "field")), text_of(item, "reason"));
    }
    json_array_foreach(json_object_get(body, "skipped"), i, item)
    {
        html(p, "<li>");
        say(p, "%s was not asked about: nothing that was given makes a key of it.", json_string_value(item));
        html(p, "</li>");
    }
    json_array_foreach(json_object_get(body, "ungranted"), i, item)
    {
        put_left_out(p, json_string_value(item), N_("no partner and this agency granted it to each other"));
    }
    json_array_foreach(json_object_get(body, "denied"), i, item)
    {
        put_left_out(p, text_of(item, "purpose"), text_of(item, "reason"));
    }
    html(p, "</ul>");
}

static void put_answer(struct page *p, const json_t *body)
{
    if (text_of(body, "detail")[0] != '\0') {
        office_problem(p, text_of(body, "detail"));
        return;
    }
    put_verdict(p, body);
    put_hits(p, json_object_get(body, "hits"));
    put_lines(p, json_object_get(body, "registers"), N_("Registers of issuers"), "state");
    put_lines(p, json_object_get(body, "unasked"), N_("Who was not asked"), "reason");
    put_gaps(p, body);
    html(p, "<p class=\"dim\">");
    say(p, "Asked:");
    html(p, " ");
    put_moment(p, text_of(body, "time"));
    html(p, " ");
    say(p, "The answer stays here until the desk is started anew; what was asked is not kept.");
    html(p, "</p>");
}

/* Refreshes by itself until nothing more is awaited. */
static void put_turns(struct visit *v, struct page *p, const json_t *body)
{
    if (json_is_false(json_object_get(body, "final"))) {
        web_set_header(v->reply, "Refresh", REFRESH);
        html(p, "<p class=\"dim\">");
        say(p, "A partner still compares: this page looks again by itself.");
        html(p, "</p>");
    }
    html(p, "<p><a class=\"button\" href=\"/check\" autofocus>");
    say(p, "Next check");
    html(p, "</a></p>");
}

int show_checked(struct visit *visit, struct err *err)
{
    const struct post post = post_of_session(visit->session);
    json_t *body = NULL;
    int rc = checker_get(office_checker(visit->office), &post, visit->request->args.text[0], &body, err);
    if (rc == 0 && body == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
    if (rc == 0) {
        struct page page = office_page(visit, "Check", err);
        html(&page, "<h1>");
        say(&page, "Answer");
        html(&page, "</h1>");
        put_answer(&page, body);
        put_turns(visit, &page, body);
        rc = office_page_end(visit, &page);
    }
    json_decref(body);
    return rc;
}
