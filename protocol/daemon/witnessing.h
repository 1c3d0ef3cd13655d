/*
 * Asking for cosignatures: a thread shows the newest checkpoint of the own ledger to the witnesses, each with a proof
 * from what it has seen last, and keeps the cosignatures that verify. Being witnessed is itself an event in the
 * witness's ledger: of two that witness each other only one, the matcher, asks for that as well.
 */
#ifndef PROTOCOL_DAEMON_WITNESSING_H
#define PROTOCOL_DAEMON_WITNESSING_H

#include "protocol/daemon/daemon.h"

#define WITNESSES_MAX REGION_CUSTODIANS_MAX

struct witnessing;

/* What to do about a store that was put back, for people. */
#define WITNESSING_PUT_BACK                                                                                            \
    "the store was put back from an old copy: put the newest one in its place, or, if it is lost, see what the verb "  \
    "`restored` says; nothing more is signed until then"

/* A party that can cosign, and where it listens. */
struct witness_peer {
    struct party party;
    char url[REGION_URL_MAX + 1];
};

struct witness_peer witness_peer_of(const struct party *party, const char *url);

/* What is worth asking for. */
enum witnessing_what {
    WITNESSING_DEEDS, /* a checkpoint with something new besides witnessing */
    WITNESSING_ALL    /* whatever is new: so the newest checkpoint, the one that is shown, is final once all is quiet */
};

/* Starts the thread. daemon and ledger are borrowed until witnessing_stop(). */
int witnessing_start(struct witnessing **out, const struct daemon *daemon, struct ledger *ledger,
                     enum witnessing_what what, const char *region, const struct witness_peer *peers, size_t count,
                     struct err *err);
void witnessing_stop(struct witnessing *witnessing); /* NULL is fine */

/* The largest checkpoint of ours that a witness shows, and who does; asked: how many answered. */
struct witnessing_newest {
    uint64_t size;
    size_t asked;
    char by[PARTY_NAME_MAX + 1];
};

/* Each witness that answers within half a second. An empty ledger asks nobody. */
int witnessing_ask_newest(struct witnessing_newest *out, const struct daemon *daemon, struct ledger *ledger,
                          const char *region, const struct witness_peer *peers, size_t count, struct err *err);

/*
 * Whether a witness has shown a checkpoint that we signed and that our ledger does not have: then ERR_CONFLICT says so
 * from then on, and the daemon is to end without signing anything more. NULL is fine.
 */
int witnessing_check(struct witnessing *witnessing, struct err *err);

/* How far each witness is behind, for figures.h. NULL is fine. */
void witnessing_measure(const struct witnessing *witnessing);

/* Whether either of the two, or the exported ledger, says so. */
bool witnessing_put_back(struct witnessing *witnessing, const struct daemon *daemon, struct ledger *ledger);

/*
 * The same before anything is signed after a start: the exported ledger, and each witness that answers within half a
 * second. An empty ledger asks nobody.
 */
int witnessing_check_first(const struct daemon *daemon, struct ledger *ledger, const char *region,
                           const struct witness_peer *peers, size_t count, struct err *err);

#endif
