/* The pages of the desk: handlers of its routes, which client/office/desk.c lists. */
#ifndef CLIENT_OFFICE_PAGES_H
#define CLIENT_OFFICE_PAGES_H

#include "client/border/posts.h"
#include "client/office/office.h"
#include "client/vault/inquiries.h"

int show_inbox(struct visit *visit, struct err *err);
int show_match(struct visit *visit, struct err *err);
int act_on_match(struct visit *visit, struct err *err);
int show_letter_page(struct visit *visit, struct err *err);
int act_on_letter(struct visit *visit, struct err *err);
int show_file(struct visit *visit, struct err *err);
int show_check(struct visit *visit, struct err *err);
int do_check(struct visit *visit, struct err *err);
int show_checked(struct visit *visit, struct err *err);
int show_records(struct visit *visit, struct err *err);
int find_record(struct visit *visit, struct err *err);
int show_status(struct visit *visit, struct err *err);
int show_rejects(struct visit *visit, struct err *err);
int show_activity(struct visit *visit, struct err *err);

/* Who checks at the desk: all purposes; the account alone finds its checks, whatever references others guess. */
struct post post_of_session(const struct session *session);

/* What feeds left aside, on a page under way. */
void put_rejects(struct visit *visit, struct page *page);

/* A decision's state, as a word in a colour of its own. */
void put_state(struct page *page, enum review_state state);

#endif
