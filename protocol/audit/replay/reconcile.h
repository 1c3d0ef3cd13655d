/*
 * Holds the custodians' ledgers against the matcher's: what each agency had evaluated for a purpose, day by day,
 * against what it added and queried there. Who evaluates what it never uses is guessing; tags that are used
 * without having been evaluated show that a custodian leaves evaluations out, or that the matcher made them up.
 *
 * How tokens are counted, and the rule of the verdict, are explained in reconcile.c and docs/auditor.md.
 *
 * Memory grows with agencies, purposes and days, and by some 100 bytes for each evaluated batch, which the custodians
 * of its coalition share.
 */
#ifndef PROTOCOL_AUDIT_RECONCILE_H
#define PROTOCOL_AUDIT_RECONCILE_H

#include "protocol/audit/basis/coalition.h"
#include "protocol/audit/replay/replay.h"
#include "protocol/audit/rules/verify.h"

#define RECONCILE_LOST 8192 /* tokens that may be lost: batches at work when a client or a network fails */
#define RECONCILE_SHARED 10 /* per cent of the tags used that may come on top: records of one agency share tags */
#define RECONCILE_WINDOW 28 /* days */
#define RECONCILE_SELDOM 1000

struct reconcile_rule {
    uint64_t lost, shared;
};

enum reconcile_verdict { RECONCILE_EVEN, RECONCILE_SHARING, RECONCILE_SLACK, RECONCILE_GUESSING };

/*
 * What the questions of RECONCILE_WINDOW days up to a day look like. It is no finding: honest work can be any of them,
 * and who reads it knows what the agency is for.
 */
enum reconcile_asking {
    RECONCILE_ASKED_NONE,   /* on that day */
    RECONCILE_ASKED_FEW,    /* tags, up to what may be lost: too few to say anything */
    RECONCILE_ASKED_USUAL,  /* between those that follow */
    RECONCILE_ASKED_AGAIN,  /* more than half had been asked for before */
    RECONCILE_ASKED_SELDOM, /* fewer than one hit for RECONCILE_SELDOM tags */
    RECONCILE_ASKED_OFTEN   /* more than one hit for two tags */
};

/* An agency, a purpose, a day. */
struct reconcile_day {
    int agency, purpose; /* numbers of the roster */
    uint32_t day;
    uint64_t evaluated[ROSTER_CUSTODIANS_MAX]; /* events' counts, by number of the custodian */
    uint32_t had;                            /* by number, a bit each: whose ledgers have what was asked on this day */
    uint64_t missing[ROSTER_CUSTODIANS_MAX]; /* what the others of its coalitions have and this one has not */
    uint64_t tokens;                         /* that the evaluations amount to at most */
    uint64_t complete;                       /* of them, those that all of a coalition evaluated */
    uint64_t added, renewed, replaced, removed;
    uint64_t expired; /* those of ended epochs among them */
    uint64_t
        back; /* removed and expired in the epoch of that time, whose tags may be added again without an evaluation */
    uint64_t again; /* of those added, such as had been added within the RECONCILE_WINDOW days before */
    uint64_t queried, hits;
    uint64_t asked_again; /* of those queried, such as had been within the RECONCILE_WINDOW days before */
    uint64_t named;       /* tokens that its requests name as spent, a coalition's evaluations for each */
    uint64_t explained;   /* tokens that are used on this day or one of the RECONCILE_WINDOW behind it */
    uint64_t surplus;     /* the rest */
    enum reconcile_verdict verdict;
    enum reconcile_asking asking;
};

struct reconcile;
int reconcile_new(struct reconcile **out, const struct audit *audit, struct err *err);
void reconcile_free(struct reconcile *reconcile); /* NULL is fine */

/* The handler that takes a ledger's events in, for verify_ledger(); lives as long as reconcile, until it is asked
 * again. */
const struct walk_handler *reconcile_handler(struct reconcile *reconcile, const struct walk *walk);

/* For replay_watched(), so that it is told what only the archive says. Lives as long as reconcile. */
const struct replay_watch *reconcile_watch(struct reconcile *reconcile);

/*
 * When all ledgers are in: computes the days, ascending by agency's name, purpose's name and day (borrowed, they live
 * as long as reconcile), and adds what they show to audit->findings.
 */
int reconcile_finish(struct reconcile *reconcile, struct audit *audit, const struct reconcile_rule *rule,
                     const struct reconcile_day **days, size_t *count, struct err *err);

/* "even", "sharing", "slack", "guessing". */
const char *reconcile_verdict_name(enum reconcile_verdict verdict);

/* "", "few", "usual", "again", "seldom", "often". */
const char *reconcile_asking_name(enum reconcile_asking asking);

/* What explains tokens on that day: distinct tags added, and tags queried. */
static inline uint64_t reconcile_used(const struct reconcile_day *day)
{
    return day->added - (day->again < day->added ? day->again : day->added) + day->queried;
}

#endif
