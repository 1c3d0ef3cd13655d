/* What the files of letters_round() share. */
#ifndef CLIENT_MAIL_ROUND_H
#define CLIENT_MAIL_ROUND_H

#include "client/mail/letters.h"
#include "protocol/base/log.h"

/* The payload of LETTER_CANNOT_OPEN: the letter's ephemeral key, and why. */
enum letter_trouble {
    LETTER_TROUBLE_KEY = 1,  /* the secret of its prekey is gone */
    LETTER_TROUBLE_PLACE = 2 /* another letter has its place in the stream */
};
#define LETTER_TROUBLE_SIZE 33

/* The payload of LETTER_RECEIPT: for each letter its stream and number. */
#define LETTER_RECEIPT_ITEM (LETTER_STREAM_SIZE + 8)
#define LETTER_RECEIPT_MAX 1024 /* items of one */

struct round {
    struct agency *agency;
    struct letters_counts *counts;
    uint8_t own[PARTY_DIGEST_SIZE];
    uint64_t now;
    uint64_t shown; /* number of the own prekey that the matcher showed; 0: none */
};

/* Opens what arrived: each letter in a transaction of its own. */
int round_open(struct round *round, struct err *err);

/* Hands over what is kept, to those that there are. */
int round_hand_over(struct round *round, const struct letter_handler *handler, size_t handlers, struct err *err);

/* Publishes a prekey if the newest one is over soon. */
int round_publish(struct round *round, struct err *err);

/* Asks for the prekeys of these parties, ascending; what is in order is in the vault afterwards. */
int round_fetch_prekeys(struct round *round, const uint8_t (*peer)[PARTY_DIGEST_SIZE], size_t count, struct err *err);

/* Seals what waits, where that may be and a prekey is known; says of the others why not. */
int round_seal(struct round *round, struct err *err);
int round_send(struct round *round, struct err *err);

#endif
