/*
 * Inputs to OPRF outputs for purposes: blinds, asks a coalition of custodians side by side, verifies, finalises. A
 * custodian that does not answer or cheats is named, left out, and another coalition is asked, for as long as one
 * exists.
 *
 * Several threads may run batches at once; each batch has connections of its own, since a connection carries one
 * request at a time. Who is left out is left out for all of them.
 */
#ifndef CLIENT_TOKEN_EVALUATOR_H
#define CLIENT_TOKEN_EVALUATOR_H

#include "client/agency/agency.h"

struct evaluator;

/*
 * For `count` purposes, one behind the other. Everything is borrowed for the evaluator's life. timeout_ms: for one
 * attempt to reach a custodian; 0: as long as enrolments may wait.
 */
int evaluator_new(struct evaluator **out, const struct agency *agency, const struct agency_purpose *purpose,
                  size_t count, uint64_t timeout_ms, struct err *err);
void evaluator_free(struct evaluator *evaluator); /* NULL is fine; no batch may be running */

/* What a batch was evaluated by, for vault_evaluation_add(). Borrows *receipts, which is cleared first. */
struct evaluator_paid {
    struct vault_evaluation evaluation;
    struct buf receipts;
};

/*
 * output[i] for input[i], of the first purpose, 1 <= n <= OPRF_BATCH_MAX. ERR_UNREACHABLE: too few custodians are left,
 * and the last one's reason. Who was left out on the way, and why, is said in notices.
 *
 * nonce: NULL, or 32 random bytes, secret, of which id and blinds derive. With the same one the same inputs in the same
 * order are asked for by the very same request: what a crash interrupted is a retry to the custodians, neither charged
 * nor written down again. With another one nothing shows that the inputs are the same.
 */
int evaluator_run(struct evaluator *evaluator, const uint8_t *nonce, const struct span *input, size_t n,
                  uint8_t (*output)[OPRF_OUTPUT_SIZE], struct evaluator_paid *paid, struct err *err);

/* The same for several purposes by one request to each custodian: output[i] for input[i] of each part. */
struct evaluator_part {
    size_t purpose; /* by position in the evaluator's; by name the parts ascend */
    const struct span *input;
    size_t n; /* 1 or more; of all parts at most OPRF_BATCH_MAX */
    uint8_t (*output)[OPRF_OUTPUT_SIZE];
};
int evaluator_ask(struct evaluator *evaluator, const struct evaluator_part *part, size_t parts,
                  struct evaluator_paid *paid, struct err *err);

/* Makes a few blinds beforehand (oprf_client_prepare()), of each purpose. False: nothing is left to be made. */
bool evaluator_prepare(struct evaluator *evaluator);

/*
 * Keeps in the vault what custodians signed that is wrong (client/agency/evidence.h). By the thread that has the vault.
 */
int evaluator_evidence(struct evaluator *evaluator, struct err *err);

/* One line for each custodian that was left out since the last call; "" if none. Borrowed until the next call, by one
 * thread. */
const char *evaluator_notices(struct evaluator *evaluator);

/*
 * Both: prints the lines on standard error, and keeps the evidence or says that it could not. By the thread that has
 * the vault. Whether there was anything.
 */
bool evaluator_tell(struct evaluator *evaluator);

#endif
