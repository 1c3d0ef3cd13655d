/*
 * No grouping by edits. Who sees the requests to the matcher sees which tags are added, put anew and removed together;
 * if that tells tags of one record from others, a record can be followed without its name. So tags go in *crowds*: all
 * tags of a crowd have had the same done to them by the same walks, so that nothing that was seen tells one from
 * another, and a crowd has CROWD_LEAST tags at least. From that follows what a walk may do to a crowd: it parts it into
 * those that are put anew, those that are removed and those that are left alone, and each part has none or at least
 * CROWD_LEAST; each is a crowd from then on. What is added is a crowd of its own, filled up with tags of invented
 * inputs.
 *
 *   cover    a tag of which nothing changed, put anew with the others
 *   decoy    a tag that the matcher has and no record: invented, or emptied
 *   emptied  a tag that a record lost, and that may not be removed without telling: it is put anew with random slots,
 *            so that partners lose it at once, and stays as a decoy until it may go
 *
 * Of a walk's requests it is the tag alone that tells which of them holds it, so that they count as one.
 * docs/attacks.md says what an adversary makes of it, and why decoys are not scattered over days.
 */
#ifndef CLIENT_VAULT_CROWDS_H
#define CLIENT_VAULT_CROWDS_H

#include "client/vault/vault_internal.h"

#define CROWD_LEAST 64

/*
 * Decoys that a large crowd gets when it is added, one for so many tags: what single records that are withdrawn later
 * can be removed with. One withdrawal takes less than CROWD_LEAST of them.
 */
#define CROWD_LARGE 4096
#define CROWD_STOCK 64

/* What a walk does to a crowd. Of its `tags`, `decoys` are decoys; put and lost are what changed. */
struct crowd_change {
    uint64_t tags, decoys, put, lost;
};
struct crowd_decision {
    bool empties;    /* lost tags are emptied; else removed, */
    uint64_t decoys; /* and so many decoys with them */
    uint64_t cover;  /* so many others are put anew */
};
struct crowd_decision crowd_decide(const struct crowd_change *change);

/* How many decoys a crowd of so many added tags gets. */
uint64_t crowd_filling(uint64_t added);

/* --- a walk's part in it (sending.c) --- */

struct crowds;

/* What was planned for the walk that is to come. */
int crowds_open(struct crowds **out, struct vault *vault, struct vault_domain *domain, struct err *err);
void crowds_close(struct crowds *crowds); /* NULL is fine */

/* What is sent beside what changed, ascending by tag. */
enum crowd_act { CROWD_COVER = 1, CROWD_DECOY = 2, CROWD_INVENTED = 3, CROWD_REMOVED = 4 };
struct crowd_extra {
    uint8_t tag[WIRE_TAG_SIZE], seal_key[SEAL_KEY_SIZE]; /* secret; of cover: not used */
    bool keyed; /* seal_key is the tag's; else nobody has one, and a random one does */
    enum crowd_act act;
    uint32_t crowd;
    char *except;
};
const struct crowd_extra *crowds_extra(const struct crowds *crowds); /* NULL: there is no more */

/* It is sent, and of this crowd then (0: gone): the next one. */
int crowds_extra_done(struct crowds *crowds, uint32_t *crowd, struct err *err);

/*
 * A tag that changed, as it was decided: from out->put, sent_before, crowd, tokens. What is to be removed and may not
 * is turned into an entry without records. out->crowd is then what it will be.
 */
int crowds_take(struct crowds *crowds, struct vault_unsent *out, struct err *err);

/* Within the transaction that ends the walk. */
int crowds_settle(struct crowds *crowds, struct err *err);

#endif
