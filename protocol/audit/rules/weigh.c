#include "protocol/audit/rules/weigh.h"

#include "protocol/ledger/cover.h"
#include "protocol/ledger/receipt.h"
#include "protocol/ledger/witness.h"
#include "protocol/letter/prekey.h"
#include "protocol/wire/entry.h"
#include "protocol/wire/evaluate.h"
#include "protocol/wire/statement.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct weighing {
    const struct evidence *evidence;
    const struct region *region;
    const struct party *party; /* whom it is about */
    struct buf *text;
    enum weight weight;
};

#define say(w, err, ...) buf_printf((w)->text, (err), __VA_ARGS__)

static int find_party(struct weighing *w, struct err *err)
{
    const struct region *r = w->region;
    int at = region_find_custodian(r, w->evidence->party);
    if (strcmp(w->evidence->region, r->name) != 0)
        return err_set(err, ERR_NOT_FOUND, "it is of the region %s, the manifest of %s", w->evidence->region, r->name);
    w->party = w->evidence->kind == EVIDENCE_PREKEYS              ? region_find_party(r, w->evidence->party)
               : at >= 0                                          ? &r->custodians[at].party
               : strcmp(r->matcher.name, w->evidence->party) == 0 ? &r->matcher
                                                                  : NULL;
    if (w->party != NULL)
        return 0;
    return err_set(err, ERR_NOT_FOUND, "the manifest has no %s %s",
                   w->evidence->kind == EVIDENCE_PREKEYS ? "party" : "custodian or matcher", w->evidence->party);
}

static int read_checkpoint(const struct weighing *w, struct checkpoint *out, struct span note, struct err *err)
{
    char origin[NOTE_NAME_MAX + 1];
    int rc = ledger_origin(origin, w->region->name, w->party->name, err);
    if (rc == 0)
        rc = checkpoint_verify(out, note, w->party->log, err);
    if (rc == 0 && strcmp(out->origin, origin) != 0)
        rc = err_set(err, ERR_VERIFY, "it is of the ledger %s, not %s", out->origin, origin);
    return rc;
}

/* --- checkpoints --- */

static int weigh_checkpoints(struct weighing *w, struct err *err)
{
    struct checkpoint seen, shown;
    int rc = read_checkpoint(w, &seen, w->evidence->first, err);
    if (rc == 0)
        rc = read_checkpoint(w, &shown, w->evidence->second, err);
    if (rc != 0)
        return rc;
    if (seen.size == shown.size && memcmp(&seen.root, &shown.root, sizeof seen.root) != 0) {
        w->weight = WEIGHT_CONVICTS;
        return say(w, err, "%s signed two different ledgers of %" PRIu64 " entries\n", w->party->name, seen.size);
    }
    if (seen.size == shown.size)
        return say(w, err, "both checkpoints are the same\n");
    w->weight = WEIGHT_CLAIM;
    return say(w, err,
               "%s signed a ledger of %" PRIu64 " entries and one of %" PRIu64
               "; that neither continues the other, %s says\n"
               "to settle it: hold both against a copy of the ledger (concord-audit consistency)\n",
               w->party->name, seen.size, shown.size, w->evidence->agency);
}

/* --- evaluations --- */

struct evaluation {
    struct wire_request request;
    struct evaluate_request ask;
    struct evaluate_reply reply;
    uint8_t hash[WIRE_HASH_SIZE];
    uint8_t index; /* of the custodian */
};

static int read_evaluation(const struct weighing *w, struct evaluation *e, struct err *err)
{
    const struct region *r = w->region;
    struct wire_ends ends = {.region = r->name};
    int agency = region_find_agency(r, w->evidence->agency), custodian = region_find_custodian(r, w->evidence->party);
    if (agency < 0 || custodian < 0)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no agency %s, or no custodian %s", w->evidence->agency,
                       w->evidence->party);
    e->index = (uint8_t)(custodian + 1);
    memcpy(ends.sender, r->digests[agency], sizeof ends.sender);
    party_digest(ends.peer, w->party);
    int rc = wire_request_decode(&e->request, w->evidence->first, err);
    if (rc == 0 && e->request.type != WIRE_EVALUATE)
        rc = err_set(err, ERR_INPUT, "its request is no EVALUATE");
    if (rc == 0)
        rc = evaluate_request_decode(&e->ask, e->request.scope_count, e->request.body, err);
    if (rc == 0)
        rc = evaluate_reply_decode(&e->reply, w->evidence->second, err);
    if (rc != 0)
        return rc;
    wire_request_hash(e->hash, &e->request, &ends);
    return evaluate_reply_verify(&e->reply, e->hash, w->party->log, err);
}

/* The key under which the custodian had to prove this batch. */
static int find_key(const struct weighing *w, const struct evaluation *e, size_t i, struct element *key,
                    struct err *err)
{
    const struct wire_scope *scope = &e->request.scope[i];
    int at = region_find_purpose(w->region, scope->purpose);
    const struct region_epoch *epoch = at >= 0 ? region_find_epoch(&w->region->purposes[at], scope->epoch) : NULL;
    if (epoch == NULL || epoch->generation != e->ask.batch[i].generation)
        return err_set(err, ERR_NOT_FOUND,
                       "the manifest does not have %s, epoch %" PRIu32 ", generation %" PRIu32
                       ": give the one of that time",
                       scope->purpose, scope->epoch, e->ask.batch[i].generation);
    return threshold_share_key(key, &e->ask.coalition, e->index, &epoch->share[e->index - 1], err);
}

/* Whether the proof of a batch holds; *why, where it does not. */
static int check_batch(const struct weighing *w, const struct evaluation *e, size_t i, struct err *why, struct err *err)
{
    struct element key, *element;
    const struct span blinded = e->ask.batch[i].blinded, evaluated = e->reply.batch[i].evaluated;
    const size_t n = blinded.len / sizeof *element;
    int rc = find_key(w, e, i, &key, err);
    if (rc != 0)
        return rc;
    if (evaluated.len != blinded.len) {
        err_set(why, ERR_VERIFY, "there are %zu evaluations of %zu elements", evaluated.len / sizeof *element, n);
        return 0;
    }
    element = malloc(2 * n * sizeof *element);
    if (element == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for a batch");
    memcpy(element, blinded.data, blinded.len);
    memcpy(element + n, evaluated.data, evaluated.len);
    rc = oprf_verify_vartime(&e->reply.batch[i].proof, &key, element, element + n, n, why);
    free(element);
    if (rc != 0 && rc != ERR_VERIFY)
        *err = *why;
    return rc == ERR_VERIFY ? 0 : rc;
}

static int weigh_evaluation(struct weighing *w, struct err *err)
{
    struct evaluation *e = calloc(1, sizeof *e);
    struct err why = {.text = ""};
    int rc = e == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a batch") : read_evaluation(w, e, err);
    if (rc == 0 && e->reply.count != e->ask.count)
        err_set(&why, ERR_VERIFY, "there are answers for %zu purposes of %zu", e->reply.count, e->ask.count);
    for (size_t i = 0; rc == 0 && why.text[0] == '\0' && i < e->ask.count; i++)
        rc = check_batch(w, e, i, &why, err);
    if (rc == 0 && why.text[0] != '\0')
        w->weight = WEIGHT_CONVICTS;
    if (rc == 0)
        rc = why.text[0] != '\0' ? say(w, err, "%s signed evaluations for %s that are wrong: %s\n", w->party->name,
                                       w->evidence->agency, why.text)
                                 : say(w, err, "the evaluations that %s signed are right\n", w->party->name);
    free(e);
    return rc;
}

/* --- mail and hits --- */

static int say_settling(struct weighing *w, const char *partner, const char *purpose, const char *what, struct err *err)
{
    const struct region *r = w->region;
    int own = region_find_agency(r, w->evidence->agency), at = region_find_agency(r, partner),
        about = region_find_purpose(r, purpose);
    bool granted = own >= 0 && at >= 0 && about >= 0 && region_mutual_grant(r, own, at, about);
    int rc = 0;
    if (!granted) {
        w->weight = WEIGHT_CLAIM;
        rc = say(
            w, err,
            "version %" PRIu64 " of the manifest has no mutual grant of %s and %s for %s\n"
            "to settle it: concord-audit verify tells from the ledger whether that version was in force then (not-allowed)\n",
            r->version, w->evidence->agency, partner, purpose);
    }
    if (rc == 0 && what != NULL) {
        w->weight = WEIGHT_CLAIM;
        rc = say(w, err,
                 "%s\n%s is not signed: that %s handed out what is here, %s says\n"
                 "to settle it: concord-audit replay tells from the archive what had to be handed out\n",
                 what, w->evidence->kind == EVIDENCE_MAIL ? "mail" : "an answer", w->party->name, w->evidence->agency);
    }
    if (rc == 0 && w->weight == WEIGHT_NOTHING)
        rc = say(w, err, "what came is what the ledger says, and there is a mutual grant\n");
    return rc;
}

static int say_entry(struct weighing *w, const struct event *event, uint64_t leaf, struct err *err)
{
    return say(w, err, "entry %" PRIu64 " of the ledger, signed by %s: %s %s %s %s %" PRIu64 "\n", leaf, w->party->name,
               event_kind_name(event->kind), event->party, event->partner, event->purpose, event->count);
}

/* Why the messages are not what their line is about; 0: they are. */
static int cover_messages(const struct weighing *w, const struct fetch_reply *mail, const struct event *line,
                          struct err *why)
{
    const struct mailbox_message *first = &mail->message[0];
    int at = region_find_agency_by_digest(w->region, first->partner);
    const struct cover_about about = {w->evidence->agency, at >= 0 ? w->region->agencies[at].name : line->partner,
                                      first->purpose, first->epoch, cover_kind(first->kind)};
    struct cover cover;
    int rc = cover_begin(&cover, line, mail->events.item[0].leaf, &about, why);
    for (size_t i = 0; rc == 0 && i < mail->count; i++)
        rc = mail->message[i].leaf != mail->events.item[0].leaf
                 ? err_set(why, ERR_VERIFY, "a message names another entry")
             : mail->message[i].kind == MAILBOX_COUNT
                 ? cover_add_count(&cover, mail->message[i].count, why)
                 : cover_add(&cover, mail->message[i].tag, mail->message[i].payload, why);
    return rc != 0 || mail->more ? rc : cover_end(&cover, why);
}

static int weigh_mail(struct weighing *w, struct err *err)
{
    struct fetch_reply mail = {.count = 0};
    struct checkpoint checkpoint;
    struct event line;
    struct err why = {.text = ""};
    int rc = fetch_reply_decode(&mail, w->evidence->first, err);
    if (rc == 0 && (mail.count == 0 || mail.events.count > 1))
        rc = err_set(err, ERR_INPUT, "it holds no mail, or of several entries");
    if (rc == 0 && mail.events.count == 0) {
        w->weight = WEIGHT_CLAIM;
        rc = say(w, err, "no entry of the ledger is with it, and mail is not signed: %s says that it came\n",
                 w->evidence->agency);
    } else if (rc == 0) {
        rc = read_checkpoint(w, &checkpoint, mail.checkpoint, err);
        if (rc == 0)
            rc = cover_event(&line, &checkpoint, &mail.events.item[0], err);
        if (rc == 0)
            rc = say_entry(w, &line, mail.events.item[0].leaf, err);
        if (rc == 0)
            cover_messages(w, &mail, &line, &why);
        if (rc == 0)
            rc = say_settling(w, line.partner, line.purpose, why.text[0] != '\0' ? why.text : NULL, err);
    }
    fetch_reply_free(&mail);
    return rc;
}

/* The answer's entry, and each line that it came with. */
static int weigh_hits(struct weighing *w, struct err *err)
{
    struct query_reply reply = {.hits = 0};
    struct checkpoint checkpoint;
    struct event event;
    int rc = query_reply_decode(&reply, w->evidence->first, err);
    const struct wire_event asked = {reply.receipt.leaf, reply.receipt.event, reply.receipt.proof};
    if (rc == 0)
        rc = read_checkpoint(w, &checkpoint, reply.receipt.checkpoint, err);
    if (rc == 0)
        rc = cover_event(&event, &checkpoint, &asked, err);
    if (rc == 0)
        rc = say(w, err, "entry %" PRIu64 " of the ledger, signed by %s: query %s, %" PRIu64 " hits\n", asked.leaf,
                 w->party->name, event.party, event.hits);
    for (size_t i = 0; rc == 0 && i < reply.events.count; i++) {
        rc = cover_event(&event, &checkpoint, &reply.events.item[i], err);
        if (rc == 0)
            rc = say_entry(w, &event, reply.events.item[i].leaf, err);
    }
    if (rc == 0) {
        w->weight = WEIGHT_CLAIM;
        rc = say(w, err,
                 "%s says: %s\nan answer is not signed: that %s gave this one, %s says\n"
                 "to settle it: concord-audit verify tells whether there was a grant, replay what had to be answered\n",
                 w->evidence->agency, w->evidence->why, w->party->name, w->evidence->agency);
    }
    query_reply_free(&reply);
    return rc;
}

/* --- prekeys --- */

static int read_prekey(const struct weighing *w, struct prekey *out, uint8_t digest[32], struct span statement,
                       struct err *err)
{
    uint8_t identity[PARTY_DIGEST_SIZE];
    party_digest(identity, w->party);
    int rc = prekey_decode(out, statement, err);
    if (rc == 0)
        rc = prekey_verify(out, w->region->name, identity, w->party->sign, err);
    return rc == 0 ? prekey_digest(digest, out, err) : rc;
}

/* Whose prekeys they are has signed both: two for one number, or one that does not name the one before. */
static int weigh_prekeys(struct weighing *w, struct err *err)
{
    struct prekey one, other;
    uint8_t digest[2][32];
    int rc = read_prekey(w, &one, digest[0], w->evidence->first, err);
    if (rc == 0)
        rc = read_prekey(w, &other, digest[1], w->evidence->second, err);
    if (rc != 0)
        return rc;
    const struct prekey *before = one.number <= other.number ? &one : &other;
    const struct prekey *after = before == &one ? &other : &one;
    if (memcmp(digest[0], digest[1], sizeof digest[0]) == 0)
        return say(w, err, "both statements are the same\n");
    if (before->number == after->number ||
        (before->number + 1 == after->number && prekey_follows(after, before, ERR_IGNORED) != 0))
        w->weight = WEIGHT_CONVICTS;
    if (w->weight == WEIGHT_CONVICTS)
        return say(w, err, "%s signed its prekeys %" PRIu64 " and %" PRIu64 " so that neither follows on the other\n",
                   w->party->name, before->number, after->number);
    return say(w, err, "its prekeys %" PRIu64 " and %" PRIu64 " contradict each other nowhere\n", before->number,
               after->number);
}

int evidence_weigh(enum weight *out, struct buf *text, const struct evidence *evidence, const struct region *region,
                   struct err *err)
{
    struct weighing w = {.evidence = evidence, .region = region, .text = text};
    int rc = find_party(&w, err);
    if (rc == 0)
        switch (evidence->kind) {
        case EVIDENCE_CHECKPOINTS:
            rc = weigh_checkpoints(&w, err);
            break;
        case EVIDENCE_EVALUATION:
            rc = weigh_evaluation(&w, err);
            break;
        case EVIDENCE_MAIL:
            rc = weigh_mail(&w, err);
            break;
        case EVIDENCE_HITS:
            rc = weigh_hits(&w, err);
            break;
        case EVIDENCE_PREKEYS:
            rc = weigh_prekeys(&w, err);
            break;
        }
    *out = w.weight;
    return rc;
}
