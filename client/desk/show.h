/* Disclosure on paper: the list of letters, one of them, everything about a record, a file for the case. */
#ifndef CLIENT_DESK_SHOW_H
#define CLIENT_DESK_SHOW_H

#include "client/desk/desk.h"

#include <jansson.h>

/* Which letters a list shows; what is 0, NULL or empty does not matter. Borrowed. */
struct show_filter {
    const struct setting_list *partners, *purposes, *states; /* any of them */
    const char *record;                                      /* the own record that it is about */
    bool late;
    enum inquiry_order order;
    uint64_t since;       /* seconds since 1970 */
    uint64_t skip, limit; /* a page: of those that fit, after so many, at most so many */
};

/* need, time, due or partner; "": need. */
int show_order(enum inquiry_order *out, const char *word, struct err *err);

/* ERR_USAGE names a partner or state that there is not. */
int show_filter_check(const struct agency *agency, const struct show_filter *filter, struct err *err);

/*
 * In its order: lines, or as an array (*out owned). Never values.
 * *fit: how many there are on all pages.
 */
int show_list(struct agency *agency, const struct show_filter *filter, uint64_t *fit, struct err *err);
int show_list_json(struct agency *agency, const struct show_filter *filter, json_t **out, uint64_t *fit,
                   struct err *err);

/* One as a value, in that list's words; NULL: out of memory. now: seconds since 1970, by which it is late. */
json_t *show_object(const struct agency *agency, const struct vault_inquiry *inquiry,
                    const struct vault_inquiry_letter *letter, uint64_t now);

/*
 * How many questions and recalls there were since, with each partner, ours and theirs, and how many of them were
 * answered in time, late, or not yet. No values: the same figures at both ends, for whoever coordinates the region.
 */
int show_counts(struct agency *agency, uint64_t since, bool json, struct err *err);

/* One letter; values: what it discloses, too, which is noted. Control characters do not reach the terminal. */
int show_letter(struct agency *agency, int64_t number, bool values, struct err *err);

/* Writes a disclosed file (DISCLOSE_PHOTOGRAPH, say) of a letter into one of its own. Noted as shown. */
int show_save(struct agency *agency, int64_t number, enum disclosure_field field, const char *path, struct err *err);

/* The inquiry that the letter is of, as one page of HTML that needs nothing beside it. Noted as shown. */
int show_export(struct agency *agency, int64_t number, const char *path, struct err *err);

/* What is held of a record, asked, asked of us and disclosed. No values. ERR_NOT_FOUND: nothing is. */
int show_dossier(struct agency *agency, const char *id, struct err *err);

/* Who answers for the partner that a letter is with, where the manifest says so. */
int show_duty(struct agency *agency, int64_t number, struct err *err);

#endif
