/* One match: both sides in plain words, and what an officer can do about it. */
#include "client/office/pages.h"

#include "client/desk/desk.h"
#include "client/desk/words.h"
#include "client/review/board.h"
#include "client/review/judged.h"
#include "client/schema/words.h"
#include "protocol/base/clock.h"
#include "protocol/base/mark.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a page of a match is made of. */
struct shown {
    int64_t number;
    struct vault_review review;
    const struct agency_purpose *purpose;
    struct vault_judging pair;
    bool paired;
    uint32_t own; /* keys */
};

static int read_match(struct shown *s, struct visit *v, struct err *err)
{
    struct agency *a = v->agency;
    int64_t domain = 0;
    int rc = office_number(&s->number, v, 0, err);
    if (rc == 0)
        rc = vault_review_get(a->vault, s->number, &domain, &s->review, err);
    if (rc == 0 && (s->purpose = agency_purpose_of(a, domain)) == NULL)
        rc = err_set(err, ERR_NOT_FOUND, N_("this match is of an epoch that is over"));
    if (rc == 0)
        rc = vault_keys(a->vault, domain, &s->review.match.record, &s->own, err);
    return rc == 0 ? judged_find(a, domain, &s->review.match, &s->pair, &s->paired, err) : rc;
}

/* --- both sides --- */

static const char *const met_class[] = {
    [MET_SAME] = "good", [MET_NEAR] = "wait", [MET_AGAINST] = "bad", [MET_UNKNOWN] = "calm"};
static const char *const met_word[] = {[MET_SAME] = N_("agrees"),
                                       [MET_NEAR] = N_("near"),
                                       [MET_AGAINST] = N_("speaks against"),
                                       [MET_UNKNOWN] = N_("unknown")};

static void put_tag(struct page *p, const char *class, const char *words)
{
    html(p, "<span class=\"tag ");
    page_markup(p, class);
    html(p, "\">");
    say_made(p, words);
    html(p, "</span>");
}

static int put_line(void *context, const struct judged_line *line, struct err *err)
{
    struct page *p = context;
    (void)err;
    html(p, "<tr><th scope=\"row\">");
    say(p, line->label);
    if (line->number > 0) {
        html(p, " ");
        page_number(p, line->number);
    }
    html(p, "</th><td data-label=\"");
    say_value(p, "This agency");
    html(p, "\">");
    page_text(p, line->own);
    html(p, "</td><td>");
    put_tag(p, met_class[line->met], met_word[line->met]);
    html(p, " ");
    say(p, line->words);
    html(p, "</td></tr>\n");
    return p->rc;
}

/* Until it is judged: what the shared keys are made of. */
static void put_keys(struct page *p, const struct schema *schema, uint32_t keys, const char *class, const char *words)
{
    for (size_t j = 0; j < schema->keys; j++) {
        if ((keys >> j & 1) == 0)
            continue;
        html(p, "<tr><th scope=\"row\">");
        put_tag(p, class, words);
        html(p, "</th><td colspan=\"2\">");
        for (size_t i = 0; i < schema->key[j].parts; i++) {
            html(p, "<span>");
            page_markup(p, i > 0 ? "; " : "");
            say(p, part_subject(&schema->atom[schema->key[j].atom[i]]));
            html(p, " ");
            say_value(p, part_form(&schema->atom[schema->key[j].atom[i]]));
            html(p, "</span>");
        }
        html(p, "</td></tr>\n");
    }
}

static int put_sides(struct visit *v, struct page *p, const struct shown *s, struct err *err)
{
    const bool judged = s->paired && (s->pair.state == JUDGE_JUDGED || s->pair.state == JUDGE_DIFFERENT);
    int rc = 0;
    html(p, "<section class=\"card\"><h2>");
    say(p, judged ? N_("What both records say") : N_("What is known before both sides have compared the records"));
    html(p, "</h2><table class=\"rows\"><thead><tr><th>");
    say(p, "What");
    html(p, "</th><th>");
    say(p, "This agency");
    html(p, "</th><th>");
    page_text(p, s->review.match.partner);
    html(p, "</th></tr></thead><tbody>\n");
    if (judged) {
        rc = judged_each(v->agency, &s->pair, put_line, p, err);
        rc = rc == ERR_NOT_FOUND ? 0 : rc;
    } else {
        put_keys(p, &s->purpose->schema, s->own & s->review.match.keys, "good", N_("agrees"));
        put_keys(p, &s->purpose->schema, s->own & ~s->review.match.keys, "calm", N_("does not agree"));
    }
    html(p, "</tbody></table></section>");
    return rc;
}

static void put_facts(struct page *p, const struct shown *s)
{
    const struct vault_match *m = &s->review.match;
    char score[8], words[JUDGED_WORDS_MAX];
    snprintf(score, sizeof score, "%u", m->score);
    judged_in_words(words, s->paired ? &s->pair : NULL);
    html(p, "<p>");
    put_tag(p,
            s->review.state == REVIEW_NEW         ? "wait"
            : s->review.state == REVIEW_CONFIRMED ? "good"
                                                  : "calm",
            review_state_name(s->review.state));
    html(p, " ");
    put_tag(p, s->paired && s->pair.state == JUDGE_JUDGED ? "good" : "wait", words);
    html(p, " ");
    put_tag(p, "calm", match_kind_in_words((enum match_kind)m->kind));
    html(p, " ");
    say(p, "About %s of 100 such pairs are what this one is taken for.", score);
    html(p, "</p>");
    if (review_is_outdated(&s->review)) {
        html(p, "<div class=\"problem\"><p>");
        say(p, "The evidence is not what it was when this was decided. Look again.");
        html(p, "</p></div>");
    }
    html(p, "<dl class=\"facts\"><dt>");
    say(p, "Own record");
    html(p, "</dt><dd>");
    page_text(p, s->review.id);
    html(p, "</dd><dt>");
    say(p, "Purpose");
    html(p, "</dt><dd>");
    page_text(p, s->purpose->region->name);
    html(p, "</dd><dt>");
    say(p, "Found");
    html(p, "</dt><dd>");
    page_time(p, s->review.found);
    html(p, "</dd></dl>");
}

/* --- acts --- */

static void put_area(struct page *p, const char *id, const char *name, const char *label, const char *value)
{
    html(p, "<label for=\"");
    page_value(p, id);
    html(p, "\">");
    say(p, label);
    html(p, "</label><textarea id=\"");
    page_value(p, id);
    html(p, "\" name=\"");
    page_value(p, name);
    html(p, "\" maxlength=\"900\">");
    page_value(p, value);
    html(p, "</textarea>");
}

static void put_decision(struct visit *v, struct page *p)
{
    office_begin_act(v, p, N_("decide"), "Decide", false);
    put_area(p, "note", "note", N_("Note for this agency"), form_value(&v->form, "note"));
    html(p, "<button name=\"state\" value=\"confirmed\">");
    say(p, "Confirm the match");
    html(p, "</button><button class=\"second\" name=\"state\" value=\"dismissed\">");
    say(p, "Dismiss it");
    html(p, "</button></form></section>");
}

static void put_choice(struct page *p, const char *type, const char *name, const char *value, const char *label,
                       bool chosen)
{
    html(p, "<label class=\"choice\"><input type=\"");
    page_value(p, type);
    html(p, "\" name=\"");
    page_value(p, name);
    html(p, "\" value=\"");
    page_value(p, value);
    html(p, "\"");
    if (chosen)
        html(p, " checked");
    html(p, "> ");
    say_word(p, label);
    html(p, "</label>");
}

static bool is_ticked(const struct form *form, const char *name, const char *value)
{
    const struct form_field *f;
    for (size_t i = 0; (f = form_field(form, name, i)) != NULL; i++)
        if (strcmp(f->value, value) == 0)
            return true;
    return false;
}

/* Who is to be called if it cannot wait. */
static void put_duty(const struct visit *v, struct page *p, const struct shown *s)
{
    bool there = false;
    const char *partner = s->review.match.partner;
    const struct region_duty *duty = desk_duty(v->agency, partner, s->purpose->region->name, &there);
    if (duty == NULL)
        return;
    html(p, "<p>");
    say(p,
        there ? N_("Somebody is on duty now at %s: %s (hours: %s).")
              : N_("Nobody is on duty now at %s: %s (hours: %s). An urgent question is told to them all the same."),
        partner, duty->contact, duty->hours);
    html(p, "</p>");
}

static void put_question(struct visit *v, struct page *p, const struct shown *s)
{
    const struct region_disclosure *d = &s->purpose->region->disclosure;
    office_begin_act(v, p, N_("ask"), "Ask the partner's officer", false);
    html(p, "<fieldset><legend>");
    say(p, "What do you need?");
    html(p, "</legend><div class=\"choices\">");
    for (unsigned f = 0; f < DISCLOSURE_FIELDS; f++)
        put_choice(p, "checkbox", "field", desk_word(WORDS_FIELD, f), desk_word(WORDS_FIELD, f),
                   is_ticked(&v->form, "field", desk_word(WORDS_FIELD, f)));
    html(p, "</div></fieldset>");
    put_area(p, "reason", "reason", N_("Why, in words for the partner's officer"), form_value(&v->form, "reason"));
    html(p, "<label for=\"basis\">");
    say(p, "Legal basis");
    html(p, "</label><select id=\"basis\" name=\"basis\">");
    for (size_t i = 0; i < REGION_BASES_MAX && d->basis[i][0] != '\0'; i++) {
        html(p, "<option>");
        page_value(p, d->basis[i]);
        html(p, "</option>");
    }
    html(p, "</select><fieldset><legend>");
    say(p, "How urgent is it?");
    html(p, "</legend>");
    for (int u = 0; u < REGION_URGENCIES; u++)
        put_choice(p, "radio", "urgency", region_urgency_names[u], region_urgency_names[u], u == 0);
    html(p, "</fieldset>");
    put_duty(v, p, s);
    html(p, "<button>");
    say(p, "Send the question");
    html(p, "</button></form></section>");
}

static void put_outcome(struct visit *v, struct page *p)
{
    office_begin_act(v, p, N_("outcome"), "What did it turn out to be?", false);
    html(p, "<fieldset><legend>");
    say(p, "Outcome, which both agencies see");
    html(p, "</legend>");
    for (unsigned o = OUTCOME_SAME_PERSON; o < DISCLOSURE_RESULTS; o++)
        put_choice(p, "radio", "outcome", desk_word(WORDS_OUTCOME, o), desk_word(WORDS_OUTCOME, o), false);
    html(p, "</fieldset>");
    put_area(p, "text", "text", N_("Remark for the partner"), form_value(&v->form, "text"));
    html(p, "<button>");
    say(p, "Record the outcome");
    html(p, "</button></form></section>");
}

/* --- what was written, and what happened --- */

struct thread {
    struct page *page;
    const struct shown *shown;
    int64_t inquiry;
};

static int put_letter(void *context, const struct vault_inquiry *q, const struct vault_inquiry_letter *l,
                      struct err *err)
{
    struct thread *t = context;
    struct page *p = t->page;
    (void)err;
    if (strcmp(q->id, t->shown->review.id) != 0 ||
        memcmp(q->other, t->shown->review.match.handle, sizeof q->other) != 0)
        return 0;
    t->inquiry = q->number;
    html(p, "<li><a href=\"/letters/");
    page_number(p, (uint64_t)l->number);
    html(p, "\">");
    say(p, l->kind == LETTER_ASK       ? (l->ours ? N_("Our question") : N_("The partner's question"))
           : l->kind == LETTER_ANSWER  ? (l->ours ? N_("Our answer") : N_("The partner's answer"))
           : l->kind == LETTER_OUTCOME ? (l->ours ? N_("Our outcome") : N_("The partner's outcome"))
                                       : (l->ours ? N_("Our recall") : N_("The partner's recall")));
    html(p, "</a> ");
    page_time(p, l->at);
    html(p, "</li>\n");
    return p->rc;
}

static const char *word_of(const struct page *p, char out[LANGUAGE_WORD_MAX], uint64_t outcome)
{
    return outcome != 0 ? language_word(out, p->language, desk_word(WORDS_OUTCOME, outcome)) : "–";
}

static int put_letters_of(struct visit *v, struct page *p, const struct shown *s, struct err *err)
{
    struct thread t = {p, s, 0};
    uint64_t ours = 0, theirs = 0;
    char ours_word[LANGUAGE_WORD_MAX], theirs_word[LANGUAGE_WORD_MAX];
    html(p, "<section class=\"card\"><h2>");
    say(p, "Letters");
    html(p, "</h2><ol class=\"history\">");
    int rc = vault_inquiry_letters(v->agency->vault, 0, INQUIRY_BY_NEED, clock_now(), put_letter, &t, err);
    html(p, "</ol>");
    if (rc == 0 && t.inquiry != 0)
        rc = desk_outcomes(v->agency, t.inquiry, &ours, &theirs, err);
    if (rc == 0 && ours + theirs > 0) {
        html(p, "<p>");
        put_tag(p,
                ours == theirs             ? "good"
                : ours != 0 && theirs != 0 ? "bad"
                                           : "wait",
                ours == theirs             ? N_("both agree")
                : ours != 0 && theirs != 0 ? N_("the two disagree")
                                           : N_("one side has said"));
        html(p, " ");
        say(p, "Ours: %s. The partner's: %s.", word_of(p, ours_word, ours), word_of(p, theirs_word, theirs));
        html(p, "</p>");
    }
    html(p, "</section>");
    return rc;
}

static int put_event(void *context, const struct review_event *e, struct err *err)
{
    struct page *p = context;
    (void)err;
    html(p, "<li>");
    page_time(p, e->at);
    html(p, " ");
    say(p, review_state_name(e->state));
    html(p, ", ");
    page_text(p, e->by);
    if (e->note[0] != '\0') {
        html(p, ": ");
        page_text(p, e->note);
    }
    html(p, "</li>\n");
    return p->rc;
}

static int put_page(struct visit *v, const struct shown *s, const char *problem, struct err *err)
{
    struct page page = office_page(v, "Match", err);
    struct page *p = &page;
    html(p, "<h1>");
    say(p, "%s and %s may hold the same person", v->office != NULL ? v->agency->identity->party.name : "",
        s->review.match.partner);
    html(p, "</h1>");
    if (problem != NULL) {
        office_problem(p, problem);
    }
    put_facts(p, s);
    int rc = put_sides(v, p, s, err);
    if (rc == 0)
        rc = put_letters_of(v, p, s, err);
    if (s->review.state != REVIEW_WITHDRAWN) {
        put_question(v, p, s);
        put_outcome(v, p);
        put_decision(v, p);
    }
    html(p, "<section><h2>");
    say(p, "History");
    html(p, "</h2><ol class=\"history\">");
    if (rc == 0)
        rc = vault_review_history(v->agency->vault, s->number, put_event, p, err);
    html(p, "</ol></section>");
    return rc == 0 ? office_page_end(v, p) : rc;
}

int show_match(struct visit *visit, struct err *err)
{
    struct shown s = {.number = 0};
    char about[40];
    int rc = read_match(&s, visit, err);
    snprintf(about, sizeof about, N_("match %lld"), (long long)s.number);
    if (rc == 0)
        rc = office_note(visit, N_("open"), about, s.review.id, err);
    if (rc == 0)
        rc = put_page(visit, &s, NULL, err);
    sodium_memzero(&s, sizeof s);
    return rc;
}

/* --- doing it --- */

static int decide(struct visit *v, const struct shown *s, struct err *err)
{
    const char *word = form_value(&v->form, "state");
    const enum review_state state = strcmp(word, "confirmed") == 0 ? REVIEW_CONFIRMED : REVIEW_DISMISSED;
    if (state == REVIEW_DISMISSED && strcmp(word, "dismissed") != 0)
        return err_set(err, ERR_USAGE, N_("Confirm the match or dismiss it."));
    int rc = vault_begin(v->agency->vault, err);
    if (rc == 0)
        rc = vault_review_put(v->agency->vault, s->number, state, v->session->name, form_value(&v->form, "note"), err);
    if (rc == 0)
        rc = vault_commit(v->agency->vault, err);
    vault_rollback(v->agency->vault);
    return rc;
}

static int ask(struct visit *v, const struct shown *s, struct err *err)
{
    struct desk_question q = {
        .basis = form_value(&v->form, "basis"), .reason = form_value(&v->form, "reason"), .by = v->session->name};
    const struct form_field *f;
    int64_t number;
    int rc = 0;
    for (size_t i = 0; rc == 0 && (f = form_field(&v->form, "field", i)) != NULL; i++) {
        uint64_t field = 0;
        rc = desk_number(&field, WORDS_FIELD, f->value, err);
        q.fields |= UINT64_C(1) << field;
    }
    for (int u = 0; u < REGION_URGENCIES; u++)
        if (strcmp(form_value(&v->form, "urgency"), region_urgency_names[u]) == 0)
            q.urgency = (enum region_urgency)u;
    if (rc == 0 && (q.fields == 0 || q.reason[0] == '\0'))
        rc = err_set(err, ERR_USAGE, N_("A question says what it asks for, and why."));
    if (rc == 0 && strlen(q.reason) > DISCLOSURE_TEXT_MAX)
        rc = err_set(err, ERR_USAGE, N_("The reason is longer than %d bytes."), DISCLOSURE_TEXT_MAX);
    return rc == 0 ? desk_ask(v->agency, s->number, &q, &number, err) : rc;
}

static int record_outcome(struct visit *v, const struct shown *s, struct err *err)
{
    const char *text = form_value(&v->form, "text");
    uint64_t outcome = 0;
    int rc = form_value(&v->form, "outcome")[0] != '\0'
                 ? desk_number(&outcome, WORDS_OUTCOME, form_value(&v->form, "outcome"), err)
                 : err_set(err, ERR_USAGE, N_("Choose what it turned out to be."));
    if (rc == 0 && strlen(text) > DISCLOSURE_TEXT_MAX)
        rc = err_set(err, ERR_USAGE, N_("The remark is longer than %d bytes."), DISCLOSURE_TEXT_MAX);
    return rc == 0 ? desk_outcome(v->agency, s->number, (enum disclosure_result)outcome, v->session->name, text, err)
                   : rc;
}

static int perform(struct visit *v, const struct shown *s, const char *act, struct err *err)
{
    if (strcmp(act, "decide") == 0)
        return decide(v, s, err);
    if (strcmp(act, "ask") == 0)
        return ask(v, s, err);
    return strcmp(act, "outcome") == 0 ? record_outcome(v, s, err)
                                       : err_set(err, ERR_USAGE, N_("There is no such act."));
}

/* What was typed is kept where it cannot be done. */
int act_on_match(struct visit *visit, struct err *err)
{
    const char *act = form_value(&visit->form, "act");
    struct shown s = {.number = 0};
    char about[40];
    int rc = read_match(&s, visit, err);
    snprintf(about, sizeof about, N_("match %lld"), (long long)s.number);
    if (rc != 0)
        return rc;
    rc = office_note(visit, act, about, s.review.id, err);
    if (rc == 0)
        rc = perform(visit, &s, act, err);
    if (rc == 0) {
        office_call_round(visit->office);
        rc = office_go(visit, visit->request->path);
    } else if (rc == ERR_USAGE || rc == ERR_CONFLICT || rc == ERR_INPUT) {
        const struct err why = *err;
        visit->reply->status = rc == ERR_CONFLICT ? 409 : 400;
        rc = put_page(visit, &s, why.text, err);
    }
    sodium_memzero(&s, sizeof s);
    return rc;
}
