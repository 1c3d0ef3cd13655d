/* The pages of the desk: handlers of its routes, which client/office/desk.c lists. */
#ifndef CLIENT_OFFICE_PAGES_H
#define CLIENT_OFFICE_PAGES_H

#include "client/office/office.h"
#include "client/vault/inquiries.h"

int show_inbox(struct visit *visit, struct err *err);
int show_match(struct visit *visit, struct err *err);
int act_on_match(struct visit *visit, struct err *err);
int show_letter_page(struct visit *visit, struct err *err);
int act_on_letter(struct visit *visit, struct err *err);
int show_records(struct visit *visit, struct err *err);
int find_record(struct visit *visit, struct err *err);
int show_status(struct visit *visit, struct err *err);
int show_activity(struct visit *visit, struct err *err);

#endif
