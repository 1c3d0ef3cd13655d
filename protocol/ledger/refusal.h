/*
 * Which refusals become events. A party that is refused over and over must not make the ledger grow as fast as it can
 * ask: the n-th refusal of one party, purpose and reason on one day (UTC) is an event if n is a power of two, and says
 * n. So a flood of a million refusals is 20 events, and the ledger still tells its size within a factor of two.
 * Counting begins anew with the day and with the daemon.
 */
#ifndef PROTOCOL_LEDGER_REFUSAL_H
#define PROTOCOL_LEDGER_REFUSAL_H

#include "protocol/base/metrics.h"
#include "protocol/ledger/event.h"

#define REFUSALS_MAX 8192 /* distinct party, purpose and reason of a day; what is beyond is no event */

enum refusal {
    REFUSAL_NONE = 0,
    REFUSAL_GRANT,       /* "grant": no partner and the asker granted each other the purpose */
    REFUSAL_RECIPROCITY, /* "reciprocity": who queries a purpose contributes to it, and the asker does not */
    REFUSAL_EPOCH,       /* "epoch": not one in which this may be done */
    REFUSAL_GENERATION,  /* "generation": the custodian holds another sharing of the key */
    REFUSAL_PURPOSE,     /* "purpose": the manifest has none of that name; the event names none */
    REFUSAL_REUSED,      /* "reused": a request id that was used for another request, or whose answer is gone */
    REFUSAL_PARTY,       /* "party": the asker is none that may ask this */
    REFUSAL_LOAD,        /* "load": the first load's tokens are used up, or the asker is still loading */
    REFUSAL_DAILY,       /* "daily": the day's tokens are used up */
    REFUSAL_ASKS,        /* "asks": the day's questions to every partner are used up */
    REFUSAL_ENTRIES,     /* "entries": more entries than the agency may hold, or more changes */
    REFUSAL_MAILBOX,     /* "mailbox": too many messages wait */
    REFUSAL_LETTERS,     /* "letters": the day's letters are used up */
    REFUSAL_RESUMES,     /* "resumes": a partner was let take part again too often in a day */
    REFUSAL_BEHIND,      /* "behind": a checkpoint of fewer entries than were cosigned of its ledger before */
    REFUSAL_SPENT,       /* "spent": a receipt of evaluation that was spent before */
    REFUSAL_SPLIT        /* never an event of this kind: a split event is, and as often */
};

/* The note of the event; NULL if there is none. */
const char *refusal_name(enum refusal refusal);

/* concord_refusals_total by refusal_name(), of which figures are made. */
extern struct metric refusals_metric;

struct refusals;

/* Not thread-safe: the ledger's writer has it. */
int refusals_new(struct refusals **out, struct err *err);
void refusals_free(struct refusals *refusals); /* NULL is fine */

/*
 * Counts a refusal. True if it is to be an event, which is then in *event, with salt and time. purpose "" if the
 * manifest does not have it: nothing that a peer chose gets into the ledger.
 */
bool refusals_count(struct refusals *refusals, enum refusal refusal, const char *party, const char *purpose,
                    struct event *event);

#endif
