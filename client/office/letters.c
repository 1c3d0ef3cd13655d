/* One letter: what a partner asks, and the answer to it; what was disclosed; what waits for a second officer. */
#include "client/office/pages.h"

#include "client/desk/desk.h"
#include "client/desk/words.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for a letter of any kind, and what it borrows from. */
struct opened {
    struct vault_inquiry q;
    struct vault_inquiry_letter l;
    struct buf bytes;
    union {
        struct disclosure_ask ask;
        struct disclosure_answer answer;
        struct disclosure_outcome outcome;
        struct disclosure_recall recall;
    } content;
};

static int decode(struct opened *o, struct err *err)
{
    switch (o->l.kind) {
    case LETTER_ASK:
        return disclosure_ask_decode(&o->content.ask, o->l.body, err);
    case LETTER_ANSWER:
        return disclosure_answer_decode(&o->content.answer, o->l.body, err);
    case LETTER_OUTCOME:
        return disclosure_outcome_decode(&o->content.outcome, o->l.body, err);
    default:
        return disclosure_recall_decode(&o->content.recall, o->l.body, err);
    }
}

static void close_letter(struct opened *o)
{
    if (o == NULL)
        return;
    buf_free(&o->bytes);
    sodium_memzero(o, sizeof *o);
    free(o);
}

static int open_letter(struct opened **out, struct visit *v, struct err *err)
{
    struct opened *o = *out = calloc(1, sizeof *o);
    int64_t number = 0;
    if (o == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a letter");
    o->bytes = buf_of(DESK_BODY_MAX);
    int rc = office_number(&number, v, 0, err);
    if (rc == 0)
        rc = vault_inquiry_letter_get(v->agency->vault, number, &o->l, &o->bytes, err);
    if (rc == 0)
        rc = vault_inquiry_get(v->agency->vault, o->l.inquiry, &o->q, err);
    return rc == 0 && o->l.body.len > 0 ? decode(o, err) : rc;
}

static const char *partner_of(const struct visit *v, const struct opened *o)
{
    const struct party *party = region_find_party_by_digest(v->agency->region, o->q.peer);
    return party != NULL ? party->name : "–";
}

/* --- showing --- */

static void put_fact_by(void put(struct page *, const char *), struct page *p, const char *name, const char *text)
{
    if (text[0] == '\0')
        return;
    html(p, "<dt>");
    say(p, name);
    html(p, "</dt><dd>");
    put(p, text);
    html(p, "</dd>");
}

static void put_fact(struct page *p, const char *name, const char *text)
{
    put_fact_by(page_text, p, name, text);
}

static void put_word_fact(struct page *p, const char *name, const char *word)
{
    put_fact_by(say_word, p, name, word);
}

static void put_ask(struct page *p, const struct disclosure_ask *ask)
{
    put_fact(p, N_("Reason"), ask->reason);
    put_fact(p, N_("Legal basis"), ask->basis);
    html(p, "<dt>");
    say(p, "Asks for");
    html(p, "</dt><dd>");
    for (unsigned f = 0; f < DISCLOSURE_FIELDS; f++)
        if ((ask->fields >> f & 1) != 0) {
            html(p, "<span class=\"tag\">");
            say_word(p, desk_word(WORDS_FIELD, f));
            html(p, "</span> ");
        }
    html(p, "</dd>");
}

static void put_value(struct page *p, const struct opened *o, const struct disclosure_value *value)
{
    html(p, "<dt>");
    say_word(p, desk_word(WORDS_FIELD, value->field));
    html(p, "</dt><dd>");
    if (!desk_is_file(value->field)) {
        page_span(p, value->bytes);
    } else {
        html(p, "<a href=\"/letters/");
        page_number(p, (uint64_t)o->l.number);
        html(p, "/files/");
        page_number(p, value->field);
        html(p, "\">");
        page_text(p, value->name);
        html(p, "</a>");
    }
    html(p, " <span class=\"tag\">");
    say_word(p, desk_word(WORDS_HANDLING, value->handling));
    html(p, "</span></dd>");
}

static void put_answer(struct page *p, const struct opened *o)
{
    const struct disclosure_answer *a = &o->content.answer;
    put_word_fact(p, N_("Answer"), desk_word(WORDS_CODE, a->code));
    put_word_fact(p, N_("Withheld"), a->why != WHY_NONE ? desk_word(WORDS_WHY, a->why) : "");
    put_fact(p, N_("Forwarded to"), a->to);
    put_fact(p, N_("Second officer"), a->second);
    put_fact(p, N_("Remark"), a->text);
    for (size_t i = 0; i < a->count; i++)
        put_value(p, o, &a->value[i]);
}

static void put_content(struct page *p, const struct opened *o)
{
    html(p, "<section class=\"card\"><dl class=\"facts\">");
    put_fact(p, N_("Officer"), language_say(p->language, o->l.by));
    put_fact(p, N_("Own record"), o->q.id);
    put_fact(p, N_("Purpose"), o->q.purpose);
    if (o->l.due != 0) {
        html(p, "<dt>");
        say(p, "Due");
        html(p, "</dt><dd>");
        page_ago(p, o->l.due, clock_now());
        html(p, "</dd>");
    }
    if (o->l.body.len == 0)
        put_word_fact(p, N_("Content"), N_("wiped"));
    else if (o->l.kind == LETTER_ASK)
        put_ask(p, &o->content.ask);
    else if (o->l.kind == LETTER_ANSWER)
        put_answer(p, o);
    else if (o->l.kind == LETTER_OUTCOME) {
        put_word_fact(p, N_("Outcome"), desk_word(WORDS_OUTCOME, o->content.outcome.outcome));
        put_fact(p, N_("Remark"), o->content.outcome.text);
    } else {
        put_word_fact(p, N_("Recalled, since it is"), desk_word(WORDS_RECALL, o->content.recall.why));
        put_fact(p, N_("Remark"), o->content.recall.text);
    }
    html(p, "</dl></section>");
}

/* --- answering --- */

static void put_field(struct visit *v, struct page *p, unsigned f)
{
    const char *word = desk_word(WORDS_FIELD, f);
    html(p, "<label for=\"v-");
    page_value(p, word);
    html(p, "\">");
    say_word(p, word);
    html(p, "</label><input id=\"v-");
    page_value(p, word);
    html(p, "\" name=\"");
    page_value(p, word);
    if (desk_is_file(f)) {
        html(p, "\" type=\"file\">");
        return;
    }
    html(p, "\" type=\"text\" autocomplete=\"off\" value=\"");
    page_value(p, form_value(&v->form, word));
    html(p, "\">");
}

static void put_select(struct page *p, const char *name, const char *label, enum desk_list list, unsigned from,
                       unsigned to)
{
    html(p, "<label for=\"");
    page_value(p, name);
    html(p, "\">");
    say(p, label);
    html(p, "</label><select id=\"");
    page_value(p, name);
    html(p, "\" name=\"");
    page_value(p, name);
    html(p, "\">");
    for (unsigned i = from; i < to; i++) {
        html(p, "<option value=\"");
        page_value(p, desk_word(list, i));
        html(p, "\">");
        say_word(p, desk_word(list, i));
        html(p, "</option>");
    }
    html(p, "</select>");
}

static void put_answers(struct visit *v, struct page *p, const struct opened *o)
{
    office_begin_act(v, p, N_("release"), "Release", true);
    html(p, "<p>");
    say(p, "What stays empty is not released. Say below why, if that is so.");
    html(p, "</p>");
    for (unsigned f = 0; f < DISCLOSURE_FIELDS; f++)
        if ((o->content.ask.fields >> f & 1) != 0)
            put_field(v, p, f);
    put_select(p, "handling", N_("What may the partner do with it?"), WORDS_HANDLING, HANDLING_INFORMATION,
               DISCLOSURE_HANDLINGS);
    html(p, "<label for=\"remark\">");
    say(p, "Remark for the partner");
    html(p, "</label><textarea id=\"remark\" name=\"text\">");
    page_value(p, form_value(&v->form, "text"));
    html(p, "</textarea><button>");
    say(p, "Release this");
    html(p, "</button></form></section>");
    office_begin_act(v, p, N_("refuse"), "Refuse", false);
    put_select(p, "why", N_("Why?"), WORDS_WHY, WHY_NOT_HELD, DISCLOSURE_WHYS);
    html(p, "<button class=\"danger\">");
    say(p, "Release nothing");
    html(p, "</button></form></section>");
}

static void put_second(struct visit *v, struct page *p, const struct opened *o)
{
    html(p, "<div class=\"notice\"><p>");
    say(p, "This release waits for a second officer. %s is the first.", o->l.by);
    html(p, "</p></div>");
    if (v->session->role != ROLE_SUPERVISOR)
        return;
    office_begin_act(v, p, N_("confirm"), "As the second officer", false);
    html(p, "<button name=\"word\" value=\"yes\">");
    say(p, "Let it go out");
    html(p, "</button><button class=\"danger\" name=\"word\" value=\"no\">");
    say(p, "Refuse it, and wipe it");
    html(p, "</button></form></section>");
}

static void put_acts(struct visit *v, struct page *p, const struct opened *o)
{
    if (o->l.state == INQUIRY_PENDING)
        put_second(v, p, o);
    else if (o->l.kind == LETTER_ASK && !o->l.ours && o->l.state == INQUIRY_OPEN)
        put_answers(v, p, o);
    else if (o->l.kind == LETTER_RECALL && !o->l.ours && o->l.state == INQUIRY_OPEN) {
        office_begin_act(v, p, N_("done"), "Obey the recall", false);
        html(p, "<button>");
        say(p, "It is gone here, and wherever it was copied to");
        html(p, "</button></form></section>");
    }
}

static const char *heading_of(const struct opened *o)
{
    return o->l.kind == LETTER_ASK       ? (o->l.ours ? N_("You asked %s") : N_("%s asks you"))
           : o->l.kind == LETTER_ANSWER  ? (o->l.ours ? N_("You answered %s") : N_("%s answers"))
           : o->l.kind == LETTER_OUTCOME ? (o->l.ours ? N_("You told %s an outcome") : N_("%s tells an outcome"))
                                         : (o->l.ours ? N_("You recalled from %s") : N_("%s recalls"));
}

static int put_page(struct visit *v, const struct opened *o, const char *problem, struct err *err)
{
    struct page page = office_page(v, "Letter", err);
    struct page *p = &page;
    html(p, "<h1>");
    say(p, heading_of(o), partner_of(v, o));
    html(p, "</h1><p class=\"dim\">");
    page_time(p, o->l.at);
    html(p, "</p>");
    if (problem != NULL) {
        office_problem(p, problem);
    }
    put_content(p, o);
    put_acts(v, p, o);
    return office_page_end(v, p);
}

static int note(struct visit *v, const char *act, const struct opened *o, struct err *err)
{
    char about[40];
    snprintf(about, sizeof about, N_("letter %lld"), (long long)o->l.number);
    return office_note(v, act, about, o->q.id, err);
}

/* Opening an answer shows its values: both are noted. */
int show_letter_page(struct visit *visit, struct err *err)
{
    struct opened *o;
    int rc = open_letter(&o, visit, err);
    if (rc == 0)
        rc = note(visit, N_("open"), o, err);
    if (rc == 0 && o->l.kind == LETTER_ANSWER)
        rc = vault_inquiry_letter_shown(visit->agency->vault, o->l.number, clock_now(), err);
    if (rc == 0)
        rc = put_page(visit, o, NULL, err);
    close_letter(o);
    return rc;
}

static const char *type_of(struct span bytes)
{
    if (bytes.len > 8 && memcmp(bytes.data, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    return bytes.len > 3 && memcmp(bytes.data, "\xff\xd8\xff", 3) == 0 ? "image/jpeg" : "application/octet-stream";
}

int show_file(struct visit *visit, struct err *err)
{
    struct opened *o;
    int64_t field = -1;
    int rc = open_letter(&o, visit, err);
    if (rc == 0)
        rc = office_number(&field, visit, 1, err);
    if (rc == 0)
        rc = note(visit, N_("open-file"), o, err);
    const size_t count = rc == 0 && o->l.kind == LETTER_ANSWER && o->l.body.len > 0 ? o->content.answer.count : 0;
    const struct disclosure_value *value = NULL;
    for (size_t i = 0; i < count; i++)
        if (o->content.answer.value[i].field == (uint64_t)field && desk_is_file((uint64_t)field))
            value = &o->content.answer.value[i];
    if (rc == 0 && value == NULL)
        rc = err_set(err, ERR_NOT_FOUND, N_("There is no such file."));
    if (rc == 0) {
        visit->reply->type = type_of(value->bytes);
        web_set_header(visit->reply, "Content-Disposition", "attachment");
        rc = buf_put(&visit->reply->body, value->bytes.data, value->bytes.len, err);
    }
    close_letter(o);
    return rc;
}

/* --- doing it --- */

static int add_value(struct disclosure_answer *a, const struct form *form, unsigned f, uint64_t handling,
                     struct err *err)
{
    const struct form_field *field = form_field(form, desk_word(WORDS_FIELD, f), 0);
    if (field == NULL || field->bytes.len == 0 || field->file != desk_is_file(f))
        return 0;
    if (field->bytes.len > DISCLOSURE_VALUE_MAX)
        return err_set(err, ERR_USAGE, N_("A file has 5 MiB at most."));
    struct disclosure_value *value = &a->value[a->count++];
    *value = (struct disclosure_value){.field = f,
                                       .source = field->file ? SOURCE_ATTACHED : SOURCE_TYPED,
                                       .handling = handling,
                                       .bytes = field->bytes};
    if (field->file)
        snprintf(value->name, sizeof value->name, "%.*s", DISCLOSURE_NAME_MAX,
                 field->value[0] != '\0' ? field->value : "file");
    return 0;
}

static int release(struct visit *v, const struct opened *o, struct disclosure_answer *a, struct err *err)
{
    uint64_t handling = HANDLING_INFORMATION, left = o->content.ask.fields;
    int rc = desk_number(&handling, WORDS_HANDLING, form_value(&v->form, "handling"), err);
    for (unsigned f = 0; rc == 0 && f < DISCLOSURE_FIELDS && a->count < DISCLOSURE_VALUES_MAX; f++)
        if ((left >> f & 1) != 0)
            rc = add_value(a, &v->form, f, handling, err);
    for (size_t i = 0; i < a->count; i++)
        left &= ~(UINT64_C(1) << a->value[i].field);
    if (rc == 0 && a->count == 0)
        rc = err_set(err, ERR_USAGE, N_("Nothing is filled in. Fill in a value, or refuse."));
    a->code = left == 0 ? ANSWER_ALL : ANSWER_SOME;
    a->why = left == 0 ? WHY_NONE : WHY_NOT_HELD;
    return rc;
}

static int answer(struct visit *v, const struct opened *o, bool releases, struct err *err)
{
    struct disclosure_answer *a = calloc(1, sizeof *a);
    bool pending = false;
    int64_t number = 0;
    int rc = a == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for an answer") : 0;
    if (rc == 0 && strlen(form_value(&v->form, "text")) > DISCLOSURE_TEXT_MAX)
        rc = err_set(err, ERR_USAGE, N_("The remark is longer than %d bytes."), DISCLOSURE_TEXT_MAX);
    if (rc == 0) {
        a->code = ANSWER_NONE;
        snprintf(a->by, sizeof a->by, "%s", v->session->name);
        snprintf(a->text, sizeof a->text, "%s", form_value(&v->form, "text"));
        rc = releases ? release(v, o, a, err) : desk_number(&a->why, WORDS_WHY, form_value(&v->form, "why"), err);
    }
    if (rc == 0)
        rc = desk_answer(v->agency, o->l.number, a, &pending, &number, err);
    if (a != NULL)
        sodium_memzero(a, sizeof *a);
    free(a);
    return rc;
}

static int perform(struct visit *v, const struct opened *o, const char *act, struct err *err)
{
    if (strcmp(act, "release") == 0 || strcmp(act, "refuse") == 0)
        return answer(v, o, strcmp(act, "release") == 0, err);
    if (strcmp(act, "done") == 0)
        return desk_recall_done(v->agency, o->l.number, v->session->name, err);
    if (strcmp(act, "confirm") != 0)
        return err_set(err, ERR_USAGE, N_("There is no such act."));
    if (v->session->role != ROLE_SUPERVISOR)
        return err_set(err, ERR_DENIED, N_("A supervisor is the second officer."));
    return desk_confirm(v->agency, o->l.number, strcmp(form_value(&v->form, "word"), "yes") == 0, v->session->name,
                        err);
}

int act_on_letter(struct visit *visit, struct err *err)
{
    const char *act = form_value(&visit->form, "act");
    struct opened *o;
    int rc = open_letter(&o, visit, err);
    if (rc == 0)
        rc = note(visit, act, o, err);
    const bool opened = rc == 0;
    if (rc == 0)
        rc = perform(visit, o, act, err);
    if (rc == 0) {
        office_call_round(visit->office);
        rc = office_go(visit, visit->request->path);
    } else if (opened && (rc == ERR_USAGE || rc == ERR_CONFLICT || rc == ERR_INPUT)) {
        const struct err why = *err;
        visit->reply->status = rc == ERR_CONFLICT ? 409 : 400;
        rc = put_page(visit, o, why.text, err);
    }
    close_letter(o);
    return rc;
}
