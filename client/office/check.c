/*
 * A check of somebody at the border: a scanned or typed zone, or fields. It is asked by threads of its own, so that no
 * other visitor waits for it; the browser goes on to the answer's page (checked.c). What was asked is kept nowhere.
 */
#include "client/office/pages.h"

#include "client/border/checker.h"
#include "client/identity/record.h"
#include "protocol/base/mark.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(ACCOUNT_NAME_MAX == PARTY_NAME_MAX, "a post may have an account's name");

static const struct {
    enum field field;
    const char *name, *hint;
} asked[] = {
    {FIELD_FAMILY_NAME, N_("Family name"), ""},
    {FIELD_GIVEN_NAMES, N_("Given names"), ""},
    {FIELD_DATE_OF_BIRTH, N_("Date of birth"), "1984-11-02"},
    {FIELD_SEX, N_("Sex"), "F, M, X"},
    {FIELD_NATIONALITY, N_("Nationality"), "NPL"},
    {FIELD_DOC_TYPE, N_("Kind of document"), "P"},
    {FIELD_DOC_ISSUER, N_("Issuer"), "NPL"},
    {FIELD_DOC_NUMBER, N_("Number"), ""},
};

/* --- the form --- */

static void put_field(struct visit *v, struct page *p, enum field field, const char *name, const char *hint)
{
    const char *column = record_field_name[field];
    html(p, "<label for=\"");
    page_value(p, column);
    html(p, "\">");
    say(p, name);
    html(p, "</label><input type=\"text\" autocomplete=\"off\" spellcheck=\"false\" id=\"");
    page_value(p, column);
    html(p, "\" name=\"");
    page_value(p, column);
    html(p, "\" placeholder=\"");
    page_value(p, hint);
    html(p, "\" value=\"");
    page_value(p, form_value(&v->form, column));
    html(p, "\">");
}

/* Partners that are not to learn of this check: somebody's own state, where they fled from it. */
static void put_partners(struct visit *v, struct page *p)
{
    const struct region *r = v->agency->region;
    html(p, "<fieldset><legend>");
    say(p, "Do not ask");
    html(p, "</legend><p class=\"dim\">");
    say(p, "Who needs protection from a state is not asked about there.");
    html(p, "</p><div class=\"choices\">");
    for (size_t i = 0; i < r->agency_count; i++) {
        if (strcmp(r->agencies[i].name, v->agency->identity->party.name) == 0)
            continue;
        html(p, "<label class=\"choice\"><input type=\"checkbox\" name=\"not_for\" value=\"");
        page_value(p, r->agencies[i].name);
        html(p, "\">");
        page_text(p, r->agencies[i].name);
        html(p, "</label>");
    }
    html(p, "</div></fieldset>");
}

static void put_form(struct visit *v, struct page *p, bool open)
{
    office_form(v, p, "/check", false);
    html(p, "<label for=\"mrz\">");
    say(p, "Machine-readable zone");
    html(p, "</label><textarea class=\"zone\" id=\"mrz\" name=\"mrz\" rows=\"3\" autofocus autocomplete=\"off\" "
            "spellcheck=\"false\" autocapitalize=\"characters\" aria-describedby=\"mrz-hint\">");
    page_value(p, form_value(&v->form, "mrz"));
    html(p, "</textarea><p class=\"dim\" id=\"mrz-hint\">");
    say(p, "Scan or type two lines of 44 or 36 characters, or three of 30.");
    html(p, "</p><button>");
    say(p, "Check");
    html(p, "</button><details");
    page_markup(p, open ? " open>" : ">");
    html(p, "<summary>");
    say(p, "Without a zone, and whom not to ask");
    html(p, "</summary>");
    for (size_t i = 0; i < ARRAY_LEN(asked); i++)
        put_field(v, p, asked[i].field, asked[i].name, asked[i].hint);
    put_partners(v, p);
    html(p, "<button class=\"second\">");
    say(p, "Check");
    html(p, "</button></details></form><script src=\"/zone.js\"></script>");
}

static int show_form(struct visit *v, const char *problem, struct err *err)
{
    struct page page = office_page(v, "Check", err);
    struct page *p = &page;
    html(p, "<h1>");
    say(p, "Check a person or a document");
    html(p, "</h1>");
    if (problem != NULL) {
        v->reply->status = 400;
        office_problem(p, problem);
    }
    put_form(v, p, problem != NULL && form_value(&v->form, "mrz")[0] == '\0');
    return office_page_end(v, p);
}

int show_check(struct visit *visit, struct err *err)
{
    return show_form(visit, NULL, err);
}

/* --- what is asked --- */

static int read_field(struct check_request *out, const struct visit *v, enum field field, struct err *err)
{
    const char *value = form_value(&v->form, record_field_name[field]);
    if (strlen(value) > FIELD_SIZE_MAX)
        return err_set(err, ERR_INPUT, N_("%s: it has more than %d bytes"), record_field_name[field], FIELD_SIZE_MAX);
    value += strspn(value, " ");
    snprintf(out->value[field], sizeof out->value[field], "%s", value);
    return 0;
}

static int read_request(struct check_request *out, const struct visit *v, struct err *err)
{
    const struct form_field *f;
    request_start(out);
    int rc = read_field(out, v, FIELD_MRZ, err);
    for (size_t i = 0; rc == 0 && i < ARRAY_LEN(asked); i++)
        rc = read_field(out, v, asked[i].field, err);
    for (size_t i = 0; rc == 0 && (f = form_field(&v->form, "not_for", i)) != NULL; i++) {
        if (i == REQUEST_NAMES_MAX)
            return err_set(err, ERR_INPUT, N_("at most %d partners can be left out"), REQUEST_NAMES_MAX);
        rc = party_name_check(f->value, err);
        if (rc == 0)
            snprintf(out->not_for[out->not_fors++], sizeof out->not_for[0], "%.*s", PARTY_NAME_MAX, f->value);
    }
    return rc == 0 ? request_end(out, err) : rc;
}

/* --- asking --- */

struct asking {
    struct web_later *later;
    char ref[CHECK_REF_TEXT];
};

/* In the checker's thread: whatever the answer is, the browser goes to its page. */
static void answer(void *context, unsigned status, json_t *body)
{
    struct asking *a = context;
    struct web_reply reply = {.status = 303, .body = buf_of(WEB_REPLY_MAX)};
    (void)status;
    (void)body;
    snprintf(reply.own_value[1], WEB_OWN_VALUE_MAX, "/check/%s", a->ref);
    web_set_header(&reply, "Location", reply.own_value[1]);
    web_answer(a->later, &reply);
    free(a);
}

struct post post_of_session(const struct session *session)
{
    struct post post = {.purposes = 0};
    snprintf(post.name, sizeof post.name, "%s", session->name);
    return post;
}

static int refuse_busy(struct visit *v, struct asking *a, struct err *err)
{
    struct web_reply refusal = {.body = buf_of(WEB_REPLY_MAX)};
    struct visit other = *v; /* its request is taken: the answer goes another way */
    other.reply = &refusal;
    int rc = office_show_problem(&other, 503, "Not now", N_("more checks wait than can be asked now: try again"), err);
    web_answer(a->later, &refusal);
    free(a);
    sodium_memzero(&other, sizeof other);
    return rc;
}

static int submit(struct visit *v, const struct check_request *request, struct err *err)
{
    const struct post post = post_of_session(v->session);
    struct checker *checker = office_checker(v->office);
    int rc = office_note(v, N_("check"), NULL, request->not_fors > 0 ? N_("some partners left out") : NULL, err);
    if (rc != 0)
        return rc;
    struct asking *a = calloc(1, sizeof *a);
    if (a != NULL)
        a->later = web_wait(v->request);
    if (a == NULL || a->later == NULL) {
        free(a);
        return err_set(err, ERR_NO_MEMORY, "out of memory for a check");
    }
    return checker_submit(checker, a->ref, &post, "", request, answer, a) == CHECKER_TAKEN ? 0 : refuse_busy(v, a, err);
}

int do_check(struct visit *visit, struct err *err)
{
    struct check_request *request = malloc(sizeof *request);
    struct err why = {.text = ""};
    if (request == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a check");
    int rc = read_request(request, visit, &why) != 0 ? show_form(visit, why.text, err) : submit(visit, request, err);
    sodium_memzero(request, sizeof *request);
    free(request);
    return rc;
}
