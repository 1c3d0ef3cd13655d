/*
 * What the matcher does with entries: put, remove and query by an agency, and what follows for its partners.
 *
 * The invariant that everything here keeps: two agencies have been told of each other's entries for a tag if, and only
 * if, both have an entry for it and granted each other the purpose. So who must be told that an entry is gone follows
 * from the entries and the grants alone, and no record of deliveries is kept. Where the grants change, change.h moves
 * from one such state to the next before any other request of the purpose is served.
 *
 * An entry that is put again with the same payload is renewed: it gets a new age and is not delivered again.
 */
#ifndef MATCHER_JOIN_JOIN_H
#define MATCHER_JOIN_JOIN_H

#include "matcher/join/tally.h"
#include "matcher/join/world.h"
#include "protocol/rpc/rpc.h"
#include "protocol/wire/entry.h"

/* What a write needs for joining. One for many requests; join_begin() binds it to a write. */
struct join {
    struct store *store;
    struct store_write *write; /* borrowed */
    const struct world *world; /* borrowed */
    struct tally tally;
    struct store_entries entries;
    uint64_t time; /* of the cause at hand, as store_time() says: its event's, and the age of what it puts */
};

void join_init(struct join *join, struct store *store);
void join_free(struct join *join);
void join_begin(struct join *join, struct store_write *write, const struct world *world);

/* An agency's entries, its place and the purpose's as positions in the manifest. */
struct join_request {
    size_t agency, purpose;
    uint32_t epoch;
    const struct wire_entries *entries; /* of a removal tags alone */
};

/* Whether the write at hand has changed one of the tags: it must be committed before this request is served. */
bool join_must_wait(const struct join *join, const struct join_request *request);

/*
 * Each stages its changes, fills the counts of its event and counts its deliveries in join->tally; the caller fills the
 * rest of the event and ends with tally_write().
 */
int join_put(struct join *join, const struct join_request *request, struct event *event, struct err *err);
int join_remove(struct join *join, const struct join_request *request, struct event *event, struct err *err);

/* Partners' entries for the asked tags. Payloads lie in *bytes. More than a reply can hold: cut. Free with free(). */
struct join_hits {
    struct query_hit *hit;
    size_t count, room;
    struct buf bytes;
    bool cut;
};
void join_hits_free(struct join_hits *hits);
int join_query(struct join *join, const struct join_request *request, struct join_hits *hits, struct event *event,
               struct err *err);

/* Puts a message about partner's entry into party's mailbox and counts it. payload: empty of a withdrawal. */
int join_tell(struct join *join, enum mailbox_kind kind, uint16_t party, uint16_t partner, uint16_t purpose,
              uint32_t epoch, const uint8_t tag[WIRE_TAG_SIZE], struct span payload, struct err *err);

#endif
