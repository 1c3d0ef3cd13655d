/*
 * What becomes of handles that opened: they are noted for judging, and the verdicts there are decide in place of the
 * keys. Judging itself: client/judge/.
 */
#ifndef CLIENT_MAIL_OPENED_H
#define CLIENT_MAIL_OPENED_H

#include "client/agency/agency.h"
#include "client/vault/judging.h"

/*
 * Notes the record's pairs, within a transaction. Of `match`, all handles that opened, those stay that are to be
 * listed, with the score that both sides came to; *count says how many.
 */
int opened_note(const struct agency *agency, const struct agency_purpose *purpose, const struct vault_resolved *record,
                struct vault_match *match, size_t *count, struct err *err);

/*
 * The same of a question, within a transaction, which the partners begin to judge. An own one, that has this digest,
 * handle and packed elements, met a partner's record: *number of the pair. Of a partner's, `match` has our record, its
 * name, handle and the keys.
 */
struct opened_question {
    const uint8_t *digest, *handle; /* vault_question_seed(), HANDLE_SIZE */
    struct span elements;
};
int opened_asking(const struct agency *agency, const struct agency_purpose *purpose,
                  const struct opened_question *question, const struct vault_match *match, int64_t *number,
                  struct err *err);
int opened_asked(const struct agency *agency, const struct agency_purpose *purpose, const struct vault_match *match,
                 struct err *err);

#endif
