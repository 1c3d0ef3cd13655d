#include "client/mail/inbox.h"

#include "client/agency/evidence.h"
#include "client/agency/ledgers.h"
#include "client/agency/matcher.h"
#include "client/mail/fetching.h"
#include "client/mail/letters.h"
#include "client/mail/line.h"
#include "client/mail/take.h"
#include "protocol/base/log.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SETTLE_BYTES (16u << 20) /* of mail that becomes durable at once */

struct inbox {
    struct agency *agency;
    struct inbox_counts *counts;
    struct vault_mail mail;                                    /* the last line that was taken in, or refused */
    uint64_t settled, fetched;                                 /* sequence numbers: in the vault; come in */
    uint8_t chain[WIRE_HASH_SIZE], line_chain[WIRE_HASH_SIZE]; /* of the mailbox: with what came in; with the line */
    struct line line;                                          /* the one that is coming in */
    bool begun;                                                /* a transaction */
    bool unsure;                                               /* chain: see check_chain() */
    bool forgets;                                              /* see take_message() */
    uint64_t matcher_manifest;                                 /* under which it works; 0: not asked yet */
};

static int begin(struct inbox *in, struct err *err)
{
    int rc = in->begun ? 0 : vault_begin(in->agency->vault, err);
    in->begun = in->begun || rc == 0;
    return rc;
}

/* --- refusing --- */

static int keep_evidence(struct inbox *in, struct err *err)
{
    struct evidence evidence = {.kind = EVIDENCE_MAIL};
    uint8_t mark[8];
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    bytes_put_u64be(mark, in->line.leaf);
    snprintf(evidence.party, sizeof evidence.party, "%s", in->agency->region->matcher.name);
    snprintf(evidence.partner, sizeof evidence.partner, "%s", in->line.partner);
    snprintf(evidence.why, sizeof evidence.why, "%s", in->line.why);
    int rc = line_print(&body, &in->line, err);
    evidence.first = buf_span(&body);
    if (rc == 0)
        rc = begin(in, err);
    if (rc == 0)
        rc = agency_evidence_keep(in->agency, &evidence, span_of(mark, sizeof mark), err);
    buf_free(&body);
    return rc;
}

static int refuse(struct inbox *in, struct err *err)
{
    int at = region_find_agency_by_digest(in->agency->region, in->line.message[0].partner);
    *(at >= 0 ? &in->counts->refused[at] : &in->counts->refused_others) += in->line.count;
    in->counts->refused_all += in->line.count;
    in->unsure = true;
    return keep_evidence(in, err);
}

/*
 * The matcher may work under a newer manifest, which grants what this client does not know of yet: then it is for the
 * new manifest to say, and the mail waits.
 */
static int must_wait(struct inbox *in, bool *wait, struct err *err)
{
    int rc = in->matcher_manifest > 0 ? 0 : agency_matcher_manifest(in->agency, &in->matcher_manifest, err);
    *wait = rc == 0 && in->matcher_manifest > in->agency->region->version;
    if (*wait)
        in->counts->manifest = in->matcher_manifest;
    return rc;
}

/* --- taking in --- */

static int take_all(struct inbox *in, const struct agency_purpose *p, struct err *err)
{
    const struct line *l = &in->line;
    bool tables = l->message[0].kind == MAILBOX_ASKED || l->message[0].kind == MAILBOX_COUNT || in->forgets;
    int rc = tables ? begin(in, err) : 0;
    for (size_t i = 0; rc == 0 && i < l->count; i++)
        rc = take_message(in->agency, p, l->partner, in->forgets, &l->message[i], in->counts, err);
    return rc;
}

/*
 * Of a party without a mutual grant. What came before this agency knew of the grant's end, or in that second, is no
 * fault. That somebody asked is noted all the same: it is for the owner to know.
 */
static int take_apart(struct inbox *in, const struct agency_purpose *p, struct err *err)
{
    const struct mailbox_message *m = &in->line.message[0];
    uint64_t since;
    int rc = vault_apart_since(in->agency->vault, m->purpose, m->partner, &since, err);
    if (rc == 0 && p != NULL && (m->kind == MAILBOX_ASKED || m->kind == MAILBOX_COUNT))
        rc = take_all(in, p, err);
    if (rc != 0)
        return rc;
    if (since == 0 || in->line.cover.event.time <= since) {
        in->counts->apart += in->line.count;
        return 0;
    }
    snprintf(in->line.why, sizeof in->line.why,
             "%s has no mutual grant for %s in version %" PRIu64
             " of the manifest; the matcher works under version %" PRIu64,
             in->line.partner, m->purpose, in->agency->region->version, in->matcher_manifest);
    return refuse(in, err);
}

/* A line whose messages are those of the ledger. *wait: it is not for now. */
static int take_line(struct inbox *in, bool *wait, struct err *err)
{
    const struct mailbox_message *m = &in->line.message[0];
    const struct agency_purpose *p = take_purpose(in->agency, m->purpose, m->epoch);
    bool apart = m->kind != MAILBOX_WITHDRAWN && agency_partner(in->agency, m->partner, m->purpose) < 0;
    int rc = apart || p == NULL ? must_wait(in, wait, err) : 0;
    if (rc != 0 || *wait)
        return rc;
    if (apart)
        return take_apart(in, p, err);
    return p != NULL ? take_all(in, p, err) : 0; /* an epoch or a purpose that is over has nothing to say any more */
}

/* All of a line came, or all that will. */
static int finish_line(struct inbox *in, bool *wait, struct err *err)
{
    line_end(&in->line);
    int rc = in->line.why[0] != '\0' ? refuse(in, err) : take_line(in, wait, err);
    if (rc != 0 || *wait)
        return rc;
    in->mail.sequence = in->line.last;
    memcpy(in->mail.chain, in->line_chain, sizeof in->mail.chain);
    if (in->line.leaf > in->mail.leaf)
        in->mail.leaf = in->line.leaf;
    return 0;
}

static int take_in_message(struct inbox *in, const struct mailbox_message *m, const struct fetch_reply *reply,
                           const struct checkpoint *checkpoint, bool *wait, struct err *err)
{
    int rc = in->line.open && (m->kind == MAILBOX_LETTER || m->leaf != in->line.leaf) ? finish_line(in, wait, err) : 0;
    if (rc != 0 || *wait)
        return rc;
    if (m->kind == MAILBOX_LETTER) {
        in->counts->letters++;
        rc = letters_arrive(in->agency, m, reply, err);
        if (rc == 0) {
            in->mail.sequence = m->sequence;
            memcpy(in->mail.chain, in->chain, sizeof in->mail.chain);
        }
        return rc;
    }
    if (!in->line.open)
        rc = line_begin(&in->line, in->agency, m, reply, checkpoint, in->mail.leaf, err);
    if (rc == 0)
        rc = line_add(&in->line, m, err);
    memcpy(in->line_chain, in->chain, sizeof in->line_chain);
    return rc == 0 && line_is_whole(&in->line) ? finish_line(in, wait, err) : rc;
}

/* --- fetching --- */

/* What was taken in, and up to where: both or nothing. */
static int settle(struct inbox *in, struct err *err)
{
    struct vault *vault = in->agency->vault;
    struct vault_mail mail = in->mail;
    if (in->unsure)
        memset(mail.chain, 0, sizeof mail.chain);
    int rc = begin(in, err);
    if (rc == 0)
        rc = vault_mail_set(vault, &mail, err);
    if (rc == 0)
        rc = vault_commit(vault, err);
    vault_rollback(vault);
    in->begun = false;
    in->settled = in->mail.sequence;
    return rc;
}

/* Signed over what was handed out. Where mail was refused, that may be other than the matcher has it. */
static int acknowledge(struct agency *a, const struct vault_mail *mail, bool refused, struct err *err)
{
    struct ack_request request = {.through = mail->sequence};
    struct wire_reply reply;
    struct buf body = buf_of(256), message = buf_of(RPC_MESSAGE_MAX);
    memcpy(request.chain, mail->chain, sizeof request.chain);
    int rc = ack_request_encode(&body, &request, err);
    if (rc == 0)
        rc = agency_tell_matcher(a, WIRE_ACK, buf_span(&body), &message, &reply, err);
    if (rc == 0)
        rc = ack_reply_decode(reply.body, err);
    if (rc == ERR_INPUT && refused) {
        log_event(LOG_WARN, "acknowledgement-refused", "reason=\"%s\"", err->text);
        rc = 0;
    }
    buf_free(&body);
    buf_free(&message);
    return rc;
}

/*
 * The mailbox goes on as it was handed out before. Where messages are missing in between, the matcher's word is taken
 * for the chain over them, and it is said; also over mail that was refused, which may have been changed on its way, and
 * of which there is evidence.
 */
static int check_chain(struct inbox *in, const struct fetch_reply *reply, struct err *err)
{
    if (reply->count == 0) {
        if (in->unsure)
            memcpy(in->mail.chain, reply->chain, sizeof in->mail.chain);
        return 0;
    }
    const uint64_t first = reply->message[0].sequence;
    for (size_t i = 1; i < reply->count; i++)
        if (reply->message[i].sequence != first + i)
            return err_set(err, ERR_VERIFY, "the matcher leaves out message %" PRIu64 " without a word", first + i);
    if (first == in->fetched + 1 && !in->unsure && memcmp(in->chain, reply->chain, sizeof in->chain) != 0)
        return err_set(err, ERR_VERIFY,
                       "the matcher's chain of your mail up to message %" PRIu64
                       " is another than that of what it handed out: ask its operator, and an auditor to replay",
                       in->fetched);
    in->counts->gone += first - in->fetched - 1;
    memcpy(in->chain, reply->chain, sizeof in->chain);
    in->unsure = false;
    return 0;
}

/* With the message. Of a letter the ledger's event is in it. */
static int add_to_chain(struct inbox *in, const struct mailbox_message *m, const struct fetch_reply *reply,
                        struct err *err)
{
    const struct wire_event *event = m->kind == MAILBOX_LETTER ? line_find_event(&reply->events, m->leaf) : NULL;
    struct event letter;
    int rc = event != NULL ? event_decode(&letter, event->event, err) : 0;
    if (rc == 0 && m->kind == MAILBOX_LETTER && event == NULL)
        rc = err_set(err, ERR_VERIFY, "a letter names entry %" PRIu64 " of the ledger, which did not come with it",
                     m->leaf);
    if (rc == 0)
        mailbox_chain(in->chain, m, event != NULL ? letter.digest : NULL);
    return rc;
}

/* The checkpoint to which the reply's events are proven: the matcher's, and it continues what was seen. */
static int check_reply(struct inbox *in, const struct fetch_reply *reply, struct checkpoint *checkpoint,
                       struct err *err)
{
    const struct party *matcher = &in->agency->region->matcher;
    struct span body, signatures;
    *checkpoint = (struct checkpoint){.size = 0};
    if (reply->count > 0 && reply->message[0].sequence <= in->fetched)
        return err_set(err, ERR_VERIFY, "the matcher sends mail that was acknowledged before");
    if (reply->checkpoint.len == 0)
        return 0;
    int rc = ledgers_check(in->agency, in->agency->matcher, matcher, reply->checkpoint, err);
    if (rc == 0)
        rc = checkpoint_parse(checkpoint, reply->checkpoint, &body, &signatures, err);
    return rc;
}

static int take_in(struct inbox *in, const struct fetch_reply *reply, bool *wait, struct err *err)
{
    struct checkpoint checkpoint;
    int rc = check_reply(in, reply, &checkpoint, err);
    if (rc == 0)
        rc = check_chain(in, reply, err);
    for (size_t i = 0; rc == 0 && !*wait && i < reply->count; i++) {
        rc = add_to_chain(in, &reply->message[i], reply, err);
        if (rc == 0)
            rc = take_in_message(in, &reply->message[i], reply, &checkpoint, wait, err);
        in->fetched = reply->message[i].sequence;
    }
    if (rc == 0 && !*wait && !reply->more && in->line.open)
        rc = finish_line(in, wait, err);
    return rc;
}

static int fetch_once(struct inbox *in, struct fetching *mailbox, bool *more, struct err *err)
{
    const struct fetch_reply *reply;
    bool wait = false;
    int rc = fetching_next(mailbox, &reply, err);
    if (rc == 0)
        rc = take_in(in, reply, &wait, err);
    *more = rc == 0 && reply->count > 0 && reply->more && !wait;
    return rc;
}

static int fetch_all(struct inbox *in, struct err *err)
{
    struct fetching *mailbox = NULL;
    bool more = true;
    int rc = fetching_new(&mailbox, in->agency, in->fetched, err);
    while (rc == 0 && more) {
        rc = fetch_once(in, mailbox, &more, err);
        if (rc == 0 && (in->begun || (in->mail.sequence > in->settled &&
                                      (!more || vault_pending(in->agency->vault) > SETTLE_BYTES))))
            rc = settle(in, err);
    }
    if (in->begun)
        vault_rollback(in->agency->vault);
    fetching_free(mailbox);
    return rc;
}

int inbox_fetch(struct agency *agency, struct inbox_counts *counts, struct err *err)
{
    struct inbox in = {.agency = agency, .counts = counts};
    int rc = vault_mail_get(agency->vault, &in.mail, err);
    in.settled = in.fetched = in.mail.sequence;
    memcpy(in.chain, in.mail.chain, sizeof in.chain);
    in.unsure = in.mail.sequence > 0 && sodium_is_zero(in.mail.chain, sizeof in.mail.chain);
    line_init(&in.line);
    if (rc == 0)
        rc = agency_note_apart(agency, err);
    if (rc == 0)
        rc = vault_unopened_any(agency->vault, &in.forgets, err);
    if (rc == 0)
        rc = fetch_all(&in, err);
    if (rc == 0 && in.mail.sequence > 0)
        rc = acknowledge(agency, &in.mail, counts->refused_all > 0, err);
    line_free(&in.line);
    return rc;
}
