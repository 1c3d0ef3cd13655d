/*
 * Joining, computed again: what becomes of entries and couples by one cause after the other. The rules are those of
 * docs/protocol.md (and of matcher/join/join.h, written anew here, so that one mistake is not made twice). What each
 * cause brings about goes into replay_lines.h. For replay.c.
 */
#ifndef PROTOCOL_AUDIT_REPLAY_JOIN_H
#define PROTOCOL_AUDIT_REPLAY_JOIN_H

#include "protocol/audit/replay/replay.h"
#include "protocol/audit/replay/replay_lines.h"
#include "protocol/audit/replay/replay_state.h"
#include "protocol/ledger/batch.h"

struct replay_join {
    struct replay_world world;
    struct replay_state *state;
    struct replay_lines *lines;
    struct replay_place *walked; /* by purpose: how far its walk has come */
    bool *walks;                 /* by purpose: whether a walk is under way */
    bool must_begin;             /* the manifest's partners are to be compared when no walk is under way any more */
    struct replay_watch watch;   /* of NULLs: nobody asks */
    struct findings *findings;
    const char *origin;
    struct replay_counts *counts;
    const struct event *cause;
    uint64_t index;   /* of the cause */
    bool partly;      /* what was there before is not all known */
    bool out_of_turn; /* the couples that met are others than those that were due: their lines are not compared */
};

#define JOIN_FOUND(j, code, ...) findings_add((j)->findings, code, (j)->origin, (j)->index, __VA_ARGS__)

static inline bool replay_walks(const struct replay_join *join, uint16_t purpose)
{
    return join->walks[purpose];
}

/* --- couples (replay_couple.c) --- */

/*
 * Whether couples of a and b stand as far as pair and registers go: before the walk that may be under way, or after it.
 */
bool replay_couple_allowed(const struct replay_join *join, const struct tag_place *at, uint16_t a, uint16_t b,
                           bool after);
/* As the walk has or has not come to the tag. */
bool replay_couple_allowed_now(const struct replay_join *join, const struct tag_place *at, uint16_t a, uint16_t b);
bool replay_entry_excludes(const struct replay_entry *entry, uint16_t agency);
bool replay_couple_not_excluded(const struct replay_entry *a, const struct replay_entry *b);
void replay_pair_new_day(struct replay_pair *pair, uint64_t day);
/* Charges a meeting; false: there is no room. */
bool replay_couple_charge(const struct replay_join *join, struct replay_pair *pair);
int replay_couple_begin(struct replay_join *join, const struct tag_place *at, const struct replay_entry *a,
                        const struct replay_entry *b, struct err *err);
int replay_couple_meet(struct replay_join *join, const struct tag_place *at, const struct replay_entry *a,
                       const struct replay_entry *b, struct err *err);
/* b is told that a's entry is gone; if both, a that b's is. */
int replay_couple_end(struct replay_join *join, const struct tag_place *at, uint16_t a, uint16_t b, bool both,
                      struct err *err);
int replay_couple_renew(struct replay_join *join, const struct tag_place *at, const struct replay_entry *a, uint16_t b,
                        struct err *err);

/* An agency's entry loses all its couples: each partner is told, the agency too if both. own is one of tag's. */
int replay_entry_end(struct replay_join *join, const struct tag_place *at, const struct replay_tag *tag,
                     const struct replay_entry *own, bool both, struct err *err);
const struct replay_entry *replay_tag_own(const struct replay_tag *tag, uint16_t agency);

/* --- requests (replay_request.c) --- */

int replay_put(struct replay_join *join, uint16_t purpose, uint16_t agency, const struct batch *batch, struct err *err);
int replay_remove(struct replay_join *join, uint16_t purpose, uint16_t agency, const struct batch *batch,
                  struct err *err);
int replay_query(struct replay_join *join, uint16_t agency, const struct batch *batch, struct err *err);

/* --- pairs and registers that change (replay_change.c) --- */

/* A manifest came into force; the pairs of its grants follow, at once or when no walk is under way. */
int replay_manifest(struct replay_join *join, const struct manifest *manifest, struct err *err);
int replay_suspend(struct replay_join *join, uint16_t purpose, uint16_t agency, uint16_t partner, bool on,
                   struct err *err);
int replay_close(struct replay_join *join, uint16_t purpose, uint32_t epoch, uint16_t agency, struct err *err);
int replay_rejoin(struct replay_join *join, uint16_t purpose, struct err *err);
/* What a matcher that went on without walking left undone; then as if it had. */
int replay_check_walked(struct replay_join *join, uint16_t purpose, struct err *err);

/* --- what comes of itself (replay_sweep.c) --- */

int replay_expire(struct replay_join *join, uint16_t purpose, uint16_t agency, struct err *err);
int replay_end(struct replay_join *join, uint16_t purpose, struct err *err);
int replay_meet(struct replay_join *join, uint16_t purpose, struct err *err);
int replay_counts_told(struct replay_join *join, uint16_t purpose, struct err *err);

#endif
