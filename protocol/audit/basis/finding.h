/*
 * What an audit finds: each finding has a code that scripts and docs/auditor.md know it by, the ledger and entry that
 * it is about, a line for people, and what follows from it. A party is *guilty* only by what it signed itself, whatever
 * everybody else did; all else is *unexplained*, with everybody who could have caused it. Either says what to do next.
 *
 * A bounded number is kept; what is beyond is counted. Findings by one rule about one ledger are shown together, with
 * their count.
 */
#ifndef PROTOCOL_AUDIT_FINDING_H
#define PROTOCOL_AUDIT_FINDING_H

#include "protocol/ledger/note.h"

#include <jansson.h>

#define FINDINGS_KEPT 1000
#define FINDINGS_DOUBTED_MAX 256 /* ledgers */
#define FINDING_NONE UINT64_MAX  /* of no entry */
#define FINDING_WHO_MAX 320      /* bytes of a list of parties, with its end */

enum finding_code {
    FINDING_DAMAGED = 1,        /* a file is missing, cut, malformed or changed; a signature does not verify */
    FINDING_STRANGER,           /* a checkpoint is signed by somebody whom the manifest does not name */
    FINDING_FORKED,             /* two histories were signed or witnessed */
    FINDING_ROLLED_BACK,        /* more was signed or witnessed than is shown */
    FINDING_PROMISE,            /* what a receipt promises is not in the ledger */
    FINDING_NOT_FINAL,          /* too few cosignatures, or too late */
    FINDING_NOT_ALLOWED,        /* an event that the manifest in force does not allow */
    FINDING_NOT_CONSISTENT,     /* an event that contradicts those around it */
    FINDING_ONE_SIDED,          /* a match or a withdrawal of which one side was not told */
    FINDING_CLOCK,              /* times that jump */
    FINDING_MANIFEST_MISSING,   /* part of the ledger could not be checked: its manifest is not at hand */
    FINDING_GUESSING,           /* evaluations that no enrolment or query explains */
    FINDING_EVALUATION_OMITTED, /* tags enrolled or evaluations witnessed that a custodian's ledger does not have */
    FINDING_NOT_EVALUATED,      /* a request names evaluations that its custodian's ledger does not have */
    FINDING_SPENT_TWICE,        /* more of an evaluation was spent than there is */
    FINDING_BATCH_MISSING,      /* the archive lacks a batch, or has one that the ledger does not bind */
    FINDING_MATCH_OMITTED,
    FINDING_MATCH_INVENTED,
    FINDING_MATCH_MISDIRECTED,
    FINDING_MATCH_LATE,
    FINDING_MAIL_OTHER,        /* handed out was something else than the ledger says */
    FINDING_MATCH_OTHER,       /* as many as there should be, but others */
    FINDING_MATCH_EARLY,       /* couples that had to wait met */
    FINDING_MATCH_OUT_OF_TURN, /* couples met before others that waited longer */
    FINDING_ASKED_BEYOND,      /* a partner was asked who was not to be, or the other way round */
    FINDING_SIGNATURE,         /* a request in the archive that its party did not sign */
    FINDING_REPEATED,          /* two events for one request */
    FINDING_PREKEY             /* two prekeys of one number, or one that does not follow on the one before */
};

enum finding_verdict {
    FINDING_GUILTY = 1,  /* by its own signatures */
    FINDING_UNEXPLAINED, /* any of those named may have caused it */
    FINDING_UNCHECKED    /* nobody did anything: something is not at hand */
};

struct finding {
    enum finding_code code;
    enum finding_verdict verdict;
    char who[FINDING_WHO_MAX];      /* the guilty one, or all who could have caused it, with commas between */
    char ledger[NOTE_NAME_MAX + 1]; /* its origin, or what was given */
    uint64_t index;
    const char *rule; /* the format of its text: findings of one rule are alike */
    char text[ERR_TEXT_MAX];
};

struct findings {
    struct finding *kept;
    size_t count;
    uint64_t total, unchecked; /* unchecked: those that only say that something could not be checked */
    const char *doubted[FINDINGS_DOUBTED_MAX];
    size_t doubts;
};

/* "damaged", "forked", "rolled-back", ... */
const char *finding_name(enum finding_code code);

/* What the code means, in half a sentence; and what to do about it, or what would settle it. */
const char *finding_meaning(enum finding_code code);
const char *finding_next(enum finding_code code);

/* "guilty", "unexplained", "unchecked". */
const char *finding_verdict_name(enum finding_verdict verdict);

void findings_free(struct findings *findings);

/*
 * If memory runs out it is only counted. Who is guilty, or may have caused it, follows from the code: the ledger's
 * owner, and with what is unexplained whoever else it names.
 */
void findings_add(struct findings *findings, enum finding_code code, const char *ledger, uint64_t index,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same where the rule knows better: the verdict, and names with commas between them. */
struct finding_blame {
    enum finding_verdict verdict;
    char who[FINDING_WHO_MAX];
};
void findings_blame(struct findings *findings, enum finding_code code, const struct finding_blame *blame,
                    const char *ledger, uint64_t index, const char *format, ...) __attribute__((format(printf, 6, 7)));

/*
 * What is shown of this ledger is not what its owner signed, so that nothing in it proves anything against it: what is
 * found of it, before and behind, may also be the doing of who made the copy. ledger: borrowed.
 */
void findings_doubt(struct findings *findings, const char *ledger);

/* Who may have caused it: what is printed into who, cut where there is no room. */
struct finding_blame finding_unexplained(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Whether an error of reading a ledger is a finding about it (what is there is wrong) rather than a failure of the
 * audit (no memory, no permission). ERR_CONFLICT is a fork.
 */
bool finding_is_error(int code);

/*
 * A group of findings that are alike: the first of them, how many, and the entry of the last. False behind the last
 * group.
 */
struct finding_group {
    const struct finding *first;
    uint64_t count, last;
};
bool findings_group(const struct findings *findings, size_t *at, struct finding_group *out);

/*
 * The groups, two lines each, for people; and as an array of objects {"code", "verdict", "who", "ledger", "index",
 * "text", "count", "last", "next"}, NULL if memory runs out.
 */
void findings_print(const struct findings *findings);
json_t *findings_json(const struct findings *findings);

/* 0 none, 1 some, 2 only such as could not be checked. */
int findings_exit_status(const struct findings *findings);

#endif
