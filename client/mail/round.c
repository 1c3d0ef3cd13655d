#include "client/mail/round.h"

#include "protocol/base/clock.h"

#include <string.h>

static int begin(struct round *round, struct err *err)
{
    struct vault *vault = round->agency->vault;
    bool restored = false;
    int rc = vault_begin(vault, err);
    if (rc == 0)
        rc = vault_letters_begin(vault, &restored, err);
    if (rc == 0)
        rc = vault_letters_age(vault, round->now, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    if (rc == 0)
        rc = vault_prekeys_age(vault, round->now, err);
    if (rc == 0 && restored)
        log_event(LOG_WARN, "letters-restored", "see=docs/letters.md");
    return rc;
}

/* What is owed becomes letters: both in one transaction for each. */
static int acknowledge(struct round *round, struct err *err)
{
    static const uint8_t no_thread[LETTER_THREAD_SIZE];
    struct vault *vault = round->agency->vault;
    struct buf body = buf_of(LETTER_RECEIPT_MAX * LETTER_RECEIPT_ITEM);
    uint8_t peer[PARTY_DIGEST_SIZE];
    char purpose[PARTY_NAME_MAX + 1];
    bool found = true;
    int rc = 0;
    while (rc == 0 && found) {
        rc = vault_begin(vault, err);
        if (rc == 0)
            rc = vault_receipt_next(vault, peer, purpose, &body, LETTER_RECEIPT_MAX, &found, err);
        if (rc == 0 && found)
            rc = letters_queue(vault, peer, purpose, LETTER_RECEIPT, no_thread, buf_span(&body), err);
        if (rc == 0)
            rc = vault_commit(vault, err);
        vault_rollback(vault);
    }
    buf_free(&body);
    return rc;
}

int letters_round(struct agency *agency, const struct letter_handler *handler, size_t handlers,
                  struct letters_counts *counts, struct err *err)
{
    struct round round = {.agency = agency, .counts = counts, .now = clock_now()};
    memset(counts, 0, sizeof *counts);
    party_digest(round.own, &agency->identity->party);
    int rc = begin(&round, err);
    if (rc == 0)
        rc = round_open(&round, err);
    if (rc == 0)
        rc = round_hand_over(&round, handler, handlers, err);
    if (rc == 0)
        rc = acknowledge(&round, err);
    if (rc == 0)
        rc = round_publish(&round, err);
    if (rc == 0)
        rc = round_seal(&round, err);
    if (rc == 0)
        rc = round_send(&round, err);
    return rc;
}
