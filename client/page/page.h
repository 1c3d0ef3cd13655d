/*
 * Pages of HTML, written so that no value can become markup. There are three ways to write, and no fourth: html() takes
 * a literal of the program, say() a sentence of the program in the reader's language, and page_text() anything at all,
 * which it escapes and isolates (<bdi>), so that neither markup nor a change of direction leaves its place.
 */
#ifndef CLIENT_PAGE_PAGE_H
#define CLIENT_PAGE_PAGE_H

#include "client/page/language.h"
#include "protocol/base/buf.h"

/* A page under way; rc keeps the first failure, err what it was. */
struct page {
    struct buf *out;                 /* borrowed */
    const struct language *language; /* NULL: English */
    struct err *err;                 /* borrowed */
    int rc;
};

/* Only a literal compiles. */
#define html(page, literal) page_markup((page), "" literal "")
void page_markup(struct page *page, const char *markup);

/* Text from anywhere, in an element. Control characters and those that change direction show as U+FFFD. */
void page_text(struct page *page, const char *text);
void page_span(struct page *page, struct span text);

/* The same between the quotation marks of an attribute, where there is no element to isolate it. */
void page_value(struct page *page, const char *text);
void page_number(struct page *page, uint64_t number);

/*
 * A sentence in the reader's language. Each %s (or %2$s) in it takes a text, written as by page_text(); there are as
 * many of them in the English one as texts follow, SAY_TEXTS_MAX at most. say_value(): for attributes.
 */
void say(struct page *page, const char *english, ...);
void say_value(struct page *page, const char *english);

/* The same of a number of things, which is the text that both take: "%s day ago", "%s days ago". */
void say_count(struct page *page, const char *one, const char *many, uint64_t number);

/* What the program made in English already (an error's text, a word of a reply): in the reader's language where the
 * catalogue has what it was made of, else as it is, and marked as English. */
void say_made(struct page *page, const char *text);

/* A word of the program that has hyphens or underscores where it is typed ("date_of_birth"), as people read it. */
void say_word(struct page *page, const char *word);

/*
 * The columns of a table that has begun, up to where its rows begin; number: which of them holds numbers, or
 * PAGE_NO_NUMBER. And a cell of a row.
 */
#define PAGE_NO_NUMBER SIZE_MAX
void page_columns(struct page *page, const char *const *name, size_t count, size_t number);
void page_cell(struct page *page, const char *text);

/* A date or moment: "27 Nov 2026", "27 Nov 2026 14:02 UTC", in an element that programs read. 0: a dash. */
void page_date(struct page *page, uint64_t at);
void page_time(struct page *page, uint64_t at);

/* "in 3 hours", "2 days ago", the moment itself on hover and in print. */
void page_ago(struct page *page, uint64_t at, uint64_t now);

#endif
