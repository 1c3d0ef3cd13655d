/*
 * Evidence: what an agency keeps of what a custodian or the matcher should not have done. A file of it is one JSON
 * object:
 *
 *     concord-evidence  2
 *     kind              below
 *     region            its name
 *     agency            who keeps it
 *     party             whom it is about: a custodian or the matcher; whose prekeys they are
 *     partner           the agency that the mail or the hits name; "" of other kinds
 *     time              when it came, seconds since 1970
 *     manifest          version of the manifest that the agency had then
 *     why               in words
 *
 * and two members in base64, of which the second may be "":
 *
 *     checkpoints   seen, shown       two checkpoints of the party's ledger, of which neither continues the other
 *     evaluation    request, reply    the whole EVALUATE message, signed by the agency; the body of the answer, signed
 *                                     by the custodian, with a proof that does not hold
 *     mail          messages, -       body of a FETCH reply: the messages, the event that they name, the checkpoint
 *     hits          reply, request    body of a QUERY reply; the whole QUERY message
 *
 *     prekeys       known, shown      two statements of the party's prekeys that do not follow on each other
 *                                     (docs/letters.md)
 *
 * The first two and the last are signed by the party that they are about, and so can convict it. Mail and hits are not
 * signed: the ledger's entry in them is, and that something else came is the agency's word.
 * protocol/audit/rules/weigh.h weighs them.
 */
#ifndef PROTOCOL_LEDGER_EVIDENCE_H
#define PROTOCOL_LEDGER_EVIDENCE_H

#include "protocol/base/buf.h"
#include "protocol/rpc/rpc.h"
#include "protocol/wire/wire.h"

#define EVIDENCE_MAX (10u << 20) /* bytes of a file: two messages in base64 */

enum evidence_kind { EVIDENCE_CHECKPOINTS = 1, EVIDENCE_EVALUATION, EVIDENCE_MAIL, EVIDENCE_HITS, EVIDENCE_PREKEYS };

struct evidence {
    enum evidence_kind kind;
    char region[PARTY_NAME_MAX + 1], agency[PARTY_NAME_MAX + 1], party[PARTY_NAME_MAX + 1], partner[PARTY_NAME_MAX + 1];
    uint64_t time, manifest;
    char why[ERR_TEXT_MAX];
    struct span first, second;
};

const char *evidence_kind_name(enum evidence_kind kind);

/* Appends the text of a file. */
int evidence_print(struct buf *out, const struct evidence *evidence, struct err *err);

/* Reads it; storage receives the bytes that first and second then borrow. ERR_INPUT. */
int evidence_parse(struct evidence *out, struct span text, struct buf *storage, struct err *err);

#endif
