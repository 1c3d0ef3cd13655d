/*
 * What the matcher does with entries: put, remove and query by an agency, and what follows for its partners. All that
 * happens is a function of the ledger's events, in their order, the requests behind them (protocol/ledger/archive.h)
 * and the manifests in force: an auditor computes it again. These are the rules; couple.h, change.h and sweep.h have
 * their parts of them.
 *
 * Words. A *pair* is two agencies in a purpose; agencies are told apart by digest. They are *partners* if they granted
 * each other the purpose in the manifest in force and neither has suspended the other. A *couple* is a pair with a tag
 * of an epoch for which both have entries. It *stands* if the pair is joined, both registers are open in that epoch,
 * and neither entry excludes the other agency. A couple that stands has *met* or *waits*.
 *
 * The state per purpose: entries by epoch, tag and agency, with time, payload and excluded agencies; per epoch and
 * agency the phase of its register (loading, opening, open); per pair whether it is joined, suspensions, releases,
 * couples that wait, and new meetings and asked tags of the UTC day of the event's time (a day that began counts from
 * 0).
 *
 * 1. put. The party's first put in an epoch sets its phase: loading if its limit `load` is not 0 and `load_until` is 0
 *    or later than the event, else open. Tag by tag, ascending, the entry becomes the new one, with the event's time,
 *    and each couple
 *      - that did not stand and stands now: comes to be (2);
 *      - that stood and stands no longer (exceptions): ends (3), both sides are told;
 *      - that stood and stands, where the payload is another: the partner gets it (deliver), if the couple has met; it
 *        costs nothing;
 *      - else: nothing.
 *    added, renewed, replaced count entries that were not there, had the same payload, had another.
 * 2. A couple comes to be: it meets if no couple of the pair waits and the pair has room, else it waits, in the order
 *    of (leaf of the cause, epoch, tag). It meets: a deliver line for each side, with the other's payload. The pair
 *    has *room* if the manifest in force has them as partners, neither has suspended the other, and
 *      - met < the smaller of both limits `meets`: met grows by one; or
 *      - both have a release that ends after the event's time and of which something is left: met grows by one and of
 *        both one is taken.
 * 3. A couple ends: if it waits, silently; if it has met, withdraw lines for the sides that are told. Nothing of it is
 *    remembered: a couple that comes again costs again.
 * 4. remove, in any epoch: of the tags that the party has, the entries go; couples that stood end, the partners are
 *    told.
 * 5. expire: the count entries of the party in that epoch that are oldest (those of one second by tag), all of them
 *    older at the event than the purpose's retention; couples that stood end, both sides are told.
 * 6. query (query.c), scope by scope in the request's order; partners of the manifest whose grant is mutual, one by
 *    one: not asked if the request excludes it (3), a suspension stands (2), the pair is being joined anew or is still
 *    to be (4), or asked + n is more than the asker's limit `asks` (1), n being the tags of that scope; otherwise
 *    asked grows by n. Then tag by tag, and at each tag agency by agency (in the order in which they first came into a
 *    manifest): the entry of a partner that was asked, and that does not exclude the asker, is a hit: a deliver line
 *    for the asker, and, in a purpose that is not of kind issued, an asked line for the partner with the asker's
 *    payload. A reply that is full ends it there ("cut"). Phases do not matter: registers that load are asked, too.
 * 7. release: replaces the party's former release for that partner and purpose.
 * 8. suspend, close, manifests: change.h. meet, end, counts of questions: sweep.h.
 *
 * So who must be told that an entry is gone follows from the state alone, and no record of deliveries is kept: only of
 * couples that wait. A put of tags that nobody else has is one look-up and one write for each.
 */
#ifndef MATCHER_JOIN_JOIN_H
#define MATCHER_JOIN_JOIN_H

#include "matcher/join/changed.h"
#include "matcher/join/tally.h"
#include "matcher/join/walk.h"
#include "matcher/join/world.h"
#include "protocol/rpc/rpc.h"
#include "protocol/wire/entry.h"

#define JOIN_DAY 86400 /* seconds */

/* How much is done in one step of what the matcher does of its own accord; tests make them small. */
struct join_steps {
    size_t walked;   /* tags walked */
    size_t ended;    /* entries that end */
    size_t meetings; /* couples that meet */
};
#define JOIN_STEPS ((struct join_steps){20000, 4096, 4096})
#define JOIN_STEP_BYTES (16u << 20)

/* What a write needs for joining. One for many requests; join_begin() binds it to a write. */
struct join {
    struct store *store;
    struct store_write *write; /* borrowed */
    const struct world *world; /* borrowed */
    const struct walks *walks; /* borrowed: what is being walked */
    struct join_steps steps;
    struct tally tally;
    struct store_entries entries;
    struct changed changed;
    uint64_t time; /* of the cause at hand, as store_time() says: its event's, and the age of what it puts */
};

void join_init(struct join *join, struct store *store);
void join_free(struct join *join);
void join_begin(struct join *join, struct store_write *write, const struct world *world, const struct walks *walks);

/* An agency's entries, its place and the purpose's as positions in the manifest. */
struct join_request {
    size_t agency, purpose;
    uint32_t epoch;
    const struct wire_entries *entries; /* of a removal tags alone */
};

/* Whether the write at hand has changed one of the tags: it must be committed before this request is served. */
bool join_must_wait(const struct join *join, const struct join_request *request);

/*
 * ERR_DENIED if with this put the agency held more entries than its limit, or had changed more in a register that does
 * not load than changed.h allows. Changes nothing.
 */
int join_put_check(struct join *join, const struct join_request *request, struct err *err);

/*
 * Each stages its changes, fills the counts of its event and counts what goes to whom in join->tally; the caller fills
 * the rest of the event and ends with tally_write(). except: for each entry the agencies that it must not meet, u16be
 * each; NULL: none.
 */
int join_put(struct join *join, const struct join_request *request, const struct span *except, struct event *event,
             struct err *err);
int join_remove(struct join *join, const struct join_request *request, struct event *event, struct err *err);

/*
 * For each entry of a PUT, the store's numbers of the agencies that it must not meet. out has a member for each; they
 * borrow *bytes. ERR_DENIED: one of them was never in a manifest that this matcher knows; to pass over it would let it
 * in later.
 */
int join_exceptions(struct span *out, struct buf *bytes, struct store *store, const struct put_request *put,
                    struct err *err);

/* What a query came to. Payloads lie in *bytes. More than a reply can hold: cut. */
struct join_hits {
    struct query_hit *hit;
    size_t count, room;
    struct buf bytes;
    struct query_unasked *unasked;
    size_t unasked_count, unasked_room;
    struct query_register *registers; /* of those asked in purposes of kind issued */
    size_t register_count, register_room;
    bool cut;
};
void join_hits_free(struct join_hits *hits);

/*
 * ERR_DENIED where a query would ask nobody, and of somebody only since the day's questions are used up. Changes
 * nothing.
 */
int join_query_check(struct join *join, const struct join_request *requests, size_t count, struct span except,
                     struct err *err);

/* One request for each scope, all of one agency; except: digests of partners not to be asked. */
int join_query(struct join *join, const struct join_request *requests, size_t count, struct span except,
               struct join_hits *hits, struct event *event, struct err *err);

/* RELEASE; agency and partner by the store's numbers. */
int join_release(struct join *join, uint16_t purpose, uint16_t agency, uint16_t partner,
                 const struct store_release *release, struct err *err);

#endif
