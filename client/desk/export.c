/* A file for the case: HTML that needs nothing beside it. */
#include "client/desk/show.h"

#include "client/desk/words.h"
#include "client/page/page.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_MAX ((size_t)128 << 20)

/* What writes it: where the page is under way, and whose letters they are. */
struct file {
    struct agency *agency;
    struct page page;
};

static void put_row(struct page *p, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    page_markup(p, "<tr><th>");
    page_markup(p, label);
    page_markup(p, "</th><td>");
    page_text(p, text);
    page_markup(p, "</td></tr>\n");
}

static const char *image_type(struct span bytes)
{
    if (bytes.len > 8 && memcmp(bytes.data, "\x89PNG\r\n\x1a\n", 8) == 0)
        return "image/png";
    return bytes.len > 3 && memcmp(bytes.data, "\xff\xd8\xff", 3) == 0 ? "image/jpeg" : NULL;
}

static void put_image(struct page *p, struct span bytes, const char *type)
{
    const size_t size = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(size);
    if (text == NULL) {
        p->rc = err_set(p->err, ERR_NO_MEMORY, "out of memory for a picture");
        return;
    }
    sodium_bin2base64(text, size, bytes.data, bytes.len, sodium_base64_VARIANT_ORIGINAL);
    page_markup(p, "<img alt=\"disclosed\" src=\"data:");
    page_markup(p, type);
    page_markup(p, ";base64,");
    page_markup(p, text);
    page_markup(p, "\">");
    sodium_memzero(text, size);
    free(text);
}

static void put_value(struct page *p, const struct disclosure_value *v)
{
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    uint8_t digest[crypto_hash_sha256_BYTES];
    page_markup(p, "<tr><th>");
    page_markup(p, desk_word(WORDS_FIELD, v->field));
    page_markup(p, "</th><td>");
    if (!desk_is_file(v->field))
        page_span(p, v->bytes);
    else if (image_type(v->bytes) != NULL)
        put_image(p, v->bytes, image_type(v->bytes));
    else
        page_text(p, v->name);
    crypto_hash_sha256(digest, v->bytes.data, v->bytes.len);
    page_markup(p, "<small>");
    page_markup(p, desk_word(WORDS_SOURCE, v->source));
    page_markup(p, "; may be used for: ");
    page_markup(p, desk_word(WORDS_HANDLING, v->handling));
    page_markup(p, "; SHA-256 ");
    page_markup(p, bytes_to_hex(hex, digest, sizeof digest));
    page_markup(p, "</small></td></tr>\n");
}

static void put_answer(struct page *p, const struct disclosure_answer *a)
{
    put_row(p, "second officer", a->second);
    put_row(p, "forwarded to", a->to);
    put_row(p, "withheld", a->why != WHY_NONE ? desk_word(WORDS_WHY, a->why) : "");
    put_row(p, "remark", a->text);
    for (size_t i = 0; i < a->count; i++)
        put_value(p, &a->value[i]);
}

static void put_ask(struct page *p, const struct disclosure_ask *a)
{
    page_markup(p, "<tr><th>asked for</th><td>");
    for (unsigned f = 0; f < DISCLOSURE_FIELDS; f++)
        if ((a->fields >> f & 1) != 0) {
            page_markup(p, desk_word(WORDS_FIELD, f));
            page_markup(p, " ");
        }
    page_markup(p, "</td></tr>\n");
    put_row(p, "legal basis", a->basis);
    put_row(p, "reason", a->reason);
}

static void put_body(struct page *p, const struct vault_inquiry_letter *l)
{
    struct disclosure_answer *answer = calloc(1, sizeof *answer);
    struct disclosure_ask ask;
    struct disclosure_outcome outcome;
    if (answer == NULL)
        p->rc = err_set(p->err, ERR_NO_MEMORY, "out of memory for an answer");
    if (p->rc == 0 && l->kind == LETTER_ASK && (p->rc = disclosure_ask_decode(&ask, l->body, p->err)) == 0)
        put_ask(p, &ask);
    if (p->rc == 0 && l->kind == LETTER_ANSWER && (p->rc = disclosure_answer_decode(answer, l->body, p->err)) == 0)
        put_answer(p, answer);
    if (p->rc == 0 && l->kind == LETTER_OUTCOME &&
        (p->rc = disclosure_outcome_decode(&outcome, l->body, p->err)) == 0) {
        put_row(p, "outcome", desk_word(WORDS_OUTCOME, outcome.outcome));
        put_row(p, "remark", outcome.text);
    }
    if (answer != NULL)
        sodium_memzero(answer, sizeof *answer);
    free(answer);
}

static int put_letter(void *context, const struct vault_inquiry *q, const struct vault_inquiry_letter *l,
                      struct err *err)
{
    struct file *f = context;
    struct page *p = &f->page;
    char at[CLOCK_TEXT_SIZE];
    const struct party *peer = region_find_party_by_digest(f->agency->region, q->peer);
    const char *partner = peer != NULL ? peer->name : "unknown";
    const char *own = f->agency->identity->party.name;
    (void)err;
    if (l->state == INQUIRY_PENDING || l->state == INQUIRY_DROPPED)
        return 0;
    page_markup(p, "<h2>");
    page_markup(p, l->kind == LETTER_ASK       ? "Question"
                   : l->kind == LETTER_ANSWER  ? "Answer"
                   : l->kind == LETTER_OUTCOME ? "Outcome"
                                               : "Recall");
    page_markup(p, " of ");
    page_markup(p, l->ours ? own : partner);
    page_markup(p, " to ");
    page_markup(p, l->ours ? partner : own);
    page_markup(p, "</h2>\n<table>\n");
    put_row(p, "date", clock_text(at, l->at));
    put_row(p, "officer", l->by);
    if (l->state == INQUIRY_RECALLED)
        put_row(p, "recalled", "must not be used any more");
    if (l->body.len > 0)
        put_body(p, l);
    else
        put_row(p, "content", "was wiped");
    page_markup(p, "</table>\n");
    return p->rc;
}

static void put_party(struct page *p, const char *name, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    char hex[2 * PARTY_DIGEST_SIZE + 1];
    put_row(p, name, bytes_to_hex(hex, digest, PARTY_DIGEST_SIZE));
}

/* As it is to be saved: nothing stands around it. */
static int put_receipt(void *context, int64_t number, struct span text, struct err *err)
{
    struct page *p = context;
    char *copy = strndup((const char *)text.data, text.len);
    (void)number;
    if (copy == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a receipt");
    html(p, "<pre>");
    page_value(p, copy);
    html(p, "</pre>\n");
    free(copy);
    return p->rc;
}

/* What a reader needs to see whose letters these are, and where the matcher's ledger has them. */
static void put_provenance(struct file *f, const struct vault_inquiry *q)
{
    struct page *p = &f->page;
    const struct agency *a = f->agency;
    uint8_t own[PARTY_DIGEST_SIZE];
    char thread[2 * LETTER_THREAD_SIZE + 1];
    const struct party *peer = region_find_party_by_digest(a->region, q->peer);
    party_digest(own, &a->identity->party);
    page_markup(p, "<h2>Provenance</h2>\n<table>\n");
    put_row(p, "region", a->region->name);
    put_row(p, "purpose", q->purpose);
    put_row(p, "thread", bytes_to_hex(thread, q->thread, LETTER_THREAD_SIZE));
    put_party(p, a->identity->party.name, own);
    put_party(p, peer != NULL ? peer->name : "unknown", q->peer);
    page_markup(
        p, "</table>\n<p>Each letter was signed by its sender's identity, whose digest stands here, and sealed to its"
           " recipient. The matcher's ledger has an event of each, with both parties, a time, and a salted digest of"
           " what was sealed. Below are the receipts, one for each letter, or part of a large one, that came or that"
           " the matcher took. Save one as a file; <code>concord-audit inclusion</code> says whether it holds.</p>\n");
    if (p->rc == 0)
        p->rc = vault_letter_receipts(a->vault, q->peer, q->thread, put_receipt, p, p->err);
}

static const char style[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Case file</title>\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:;"
    " style-src 'unsafe-inline'\">\n<style>body{font:16px/1.5 sans-serif;max-width:48em;"
    "margin:2em auto;padding:0 1em}th{text-align:left;vertical-align:top;padding-right:1em;"
    "font-weight:600}td{white-space:pre-wrap;overflow-wrap:anywhere}small{display:block;"
    "color:#555}img{max-width:100%}pre{font-size:11px;white-space:pre-wrap;overflow-wrap:anywhere}h2{font-size:1.1em;border-top:1px solid #999;"
    "padding-top:.6em}</style></head><body>\n<h1>Case file</h1>\n";

int show_export(struct agency *agency, int64_t number, const char *path, struct err *err)
{
    struct buf out = buf_of(PAGE_MAX), bytes = buf_of(DESK_BODY_MAX);
    struct file f = {.agency = agency, .page = {.out = &out, .err = err}};
    struct page *p = &f.page;
    struct vault_inquiry_letter l;
    struct vault_inquiry q;
    p->rc = vault_inquiry_letter_get(agency->vault, number, &l, &bytes, err);
    if (p->rc == 0)
        p->rc = vault_inquiry_get(agency->vault, l.inquiry, &q, err);
    page_markup(p, style);
    page_markup(p, "<table>\n");
    if (p->rc == 0)
        put_row(p, "own record", q.id);
    page_markup(p, "</table>\n");
    if (p->rc == 0)
        p->rc = vault_inquiry_letters(agency->vault, q.number, INQUIRY_BY_NEED, clock_now(), put_letter, &f, err);
    if (p->rc == 0)
        put_provenance(&f, &q);
    page_markup(p, "</body></html>\n");
    if (p->rc == 0)
        p->rc = vault_inquiry_shown(agency->vault, q.number, clock_now(), err);
    if (p->rc == 0)
        p->rc = file_write(path, out.data, out.len, 0600, err);
    if (out.data != NULL)
        sodium_memzero(out.data, out.len);
    if (bytes.data != NULL)
        sodium_memzero(bytes.data, bytes.len);
    buf_free(&out);
    buf_free(&bytes);
    return p->rc;
}
