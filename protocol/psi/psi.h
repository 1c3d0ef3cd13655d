/*
 * Judging a pair of records: which of our elements does the other have, too? Private set intersection over ristretto255
 * in three letters, for many pairs at once. Huberman, Franklin and Hogg: "Enhancing privacy and trust in electronic
 * communities" (1999), with proofs against a malicious partner. docs/judging.md has the protocol and the attacks on its
 * naive form.
 *
 *   B -> E  letter 1   A_p = a_p G and a_p H(x), for each pair p
 *   E -> B  letter 2   B_p = b_p G, b_p times list 1 in its order, b_p H(y), a proof; B now knows which x agree
 *   B -> E  letter 3   a_p times E's own list in its order, a proof; E now knows which y agree
 *
 * A pair has exponents of its own: with one for all, whoever sends a list could spend the slots of all pairs in
 * guessing at one. A record has a fixed number of slots; what is absent, or stands twice, is a random element that
 * agrees with nothing.
 *
 * Letters are made and read in memory and nothing is kept: exponents are derived from a secret of the vault and the
 * exchange, so that the same input gives the same letter, but for the randomness of its proof. Constant time in values,
 * exponents and agreements; whether a slot is absent or a repetition shows in timing, and the length of a value. What
 * comes from the partner is public. ERR_INPUT: malformed. ERR_VERIFY: a forgery, or a letter of another exchange.
 */
#ifndef PROTOCOL_PSI_PSI_H
#define PROTOCOL_PSI_PSI_H

#include "protocol/base/buf.h"
#include "protocol/group/group.h"

#define PSI_EXCHANGE_SIZE 16
#define PSI_HANDLE_SIZE 16
#define PSI_DIGEST_SIZE 32
#define PSI_SECRET_SIZE 32
#define PSI_PAIRS_MAX 256
#define PSI_SLOTS_MAX 64
#define PSI_VALUE_MAX 128
#define PSI_NAME_MAX 63
#define PSI_NOTE_SIZE 8
#define PSI_LETTER_MAX (PSI_PAIRS_MAX * (80u + PSI_SLOTS_MAX * 64u) + 512u)

/* What both sides know beforehand and letters are bound to. B begins, E ends. Identities are identity digests. */
struct psi_context {
    struct span region, purpose; /* at most PSI_NAME_MAX bytes each */
    uint32_t epoch;
    uint8_t identity_b[PSI_DIGEST_SIZE], identity_e[PSI_DIGEST_SIZE];
};

/* The handles of B's record and of E's. */
struct psi_pair {
    uint8_t handle_b[PSI_HANDLE_SIZE], handle_e[PSI_HANDLE_SIZE];
};

/* What a side tells the other of its record in the clear, beside the elements; psi/ binds it and does not read it. */
struct psi_note {
    uint8_t bytes[PSI_NOTE_SIZE];
};

/* A value of at most PSI_VALUE_MAX bytes, or NULL where it is absent. Slots agree if field and value are equal. */
struct psi_slot {
    uint16_t field;
    struct span value;
};

/* How a pair goes on, in letters 2 and 3. Other values than PSI_ON end it; its elements are then zeros. */
enum psi_status {
    PSI_ON = 0,
    PSI_DIFFERENT = 1, /* letter 3: different persons */
    PSI_UNKNOWN = 2,   /* letter 2: a handle that was not delivered to us, or was withdrawn */
    PSI_LIMIT = 3,     /* letter 2: too many judgements of this record for this partner */
};

/* Letters taken apart, in place: counts and sizes are checked, nothing else. */
struct psi_letter1 {
    const uint8_t *exchange;
    size_t pairs, slots;
    const struct psi_pair *pair;
    const struct psi_note *note;
    const struct element *key, *list; /* [pair], [pair][slot] */
    struct span bytes;
};

struct psi_letter2 {
    const uint8_t *exchange, *answered;
    size_t pairs, slots;
    const uint8_t *status; /* [pair] */
    const struct psi_note *note;
    const struct element *key, *list; /* [pair]; [pair][2 * slots]: list 1 times b, then what E has itself */
    const uint8_t *proof;
    struct span bytes;
};

struct psi_letter3 {
    const uint8_t *exchange, *answered;
    size_t pairs, slots;
    const uint8_t *status;
    const struct element *returned;
    const uint8_t *proof;
    struct span bytes;
};

int psi_letter1_read(struct psi_letter1 *out, struct span letter, struct err *err);
int psi_letter2_read(struct psi_letter2 *out, struct span letter, struct err *err);
int psi_letter3_read(struct psi_letter3 *out, struct span letter, struct err *err);

/*
 * Who begins where both have a standing entry: true if the party with identity `own` does. The same on both sides, and
 * as good as a coin for a pair of parties, purpose and epoch.
 */
bool psi_begins(const uint8_t own[PSI_DIGEST_SIZE], const uint8_t other[PSI_DIGEST_SIZE], struct span purpose,
                uint32_t epoch);

/*
 * B: appends letter 1. slot: [pair][slots], the elements of B's record in each pair. secret: of B's vault. exchange:
 * random, stored before the letter is sent, never used for another set of pairs or values.
 */
int psi_begin(struct buf *letter1, const struct psi_context *context, const uint8_t secret[PSI_SECRET_SIZE],
              const uint8_t exchange[PSI_EXCHANGE_SIZE], const struct psi_pair *pair, const struct psi_note *note,
              const struct psi_slot *slot, size_t pairs, size_t slots, struct err *err);

/*
 * E: checks letter 1 and appends letter 2. slots: what E's schema says; slot: the elements of E's record in each pair
 * of psi_letter1_read(); status: for which pairs E takes part (notes and slots of others are not looked at).
 * An exchange is answered once and letter 2 kept: made again from a changed record, it would show what changed.
 */
int psi_answer(struct buf *letter2, const struct psi_context *context, const uint8_t secret[PSI_SECRET_SIZE],
               struct span letter1, const struct psi_note *note, const struct psi_slot *slot, size_t slots,
               const uint8_t *status, struct err *err);

/* What B has worked out from letter 2; psi_end() sends it. Owned: psi_comparison_free(). */
struct psi_comparison;

/*
 * B: checks letter 2, which answers B's letter 1. agree: [pair][slot], 1 where E has B's element; 0 in all slots of a
 * pair that E does not take part in.
 */
int psi_compare(struct psi_comparison **out, uint8_t *agree, const struct psi_context *context,
                const uint8_t secret[PSI_SECRET_SIZE], struct span letter1, struct span letter2, struct err *err);

/*
 * B: appends letter 3, as long for all statuses. status: PSI_ON for pairs that E may judge, too. A pair that is not on
 * in letter 2 keeps its status of there.
 */
int psi_end(struct buf *letter3, const struct psi_comparison *comparison, const uint8_t *status, struct err *err);
void psi_comparison_free(struct psi_comparison *comparison);

/*
 * E: checks letter 3, which answers E's letter 2, as they were sent. agree: [pair][slot] of E's elements; 0 in all
 * slots of a pair that is not on.
 */
int psi_conclude(uint8_t *agree, const struct psi_context *context, struct span letter1, struct span letter2,
                 struct span letter3, struct err *err);

#endif
