/*
 * Walks an exported ledger from its first entry to its last on all processors: every entry is decoded and hashed, every
 * tile compared, every checkpoint verified with its cosignatures, and what passes is handed on in order. What has been
 * walked to the end is one history: each checkpoint that the party ever exported is the root of a prefix of the same
 * entries.
 *
 * Memory: a few thousand decoded events and one bundle for each thread, and 8 bytes for each checkpoint file, however
 * long the ledger is. Everything read is untrusted.
 */
#ifndef PROTOCOL_AUDIT_WALK_H
#define PROTOCOL_AUDIT_WALK_H

#include "protocol/base/progress.h"
#include "protocol/ledger/event.h"
#include "protocol/ledger/note.h"
#include "protocol/region/region.h"

#define WALK_JOBS_MAX 256
#define WALK_WITNESSES_MAX 64
#define WALK_LOST_MAX 64 /* `restored` entries */

struct walk_witness {
    const struct party *party; /* in the region */
    char name[NOTE_NAME_MAX + 1];
};

struct walk_checkpoint {
    uint64_t size;
    struct hash root;
    uint64_t by;       /* bit i: witness i cosigned */
    uint64_t cosigned; /* the time of the earliest cosignature; 0: none */
    char stranger[64]; /* the beginning of a line that neither the owner nor a witness signed; "" if there is none */
};

/* What a `restored` entry says is lost: entries from `from` up to before `end`. */
struct walk_lost {
    uint64_t at;        /* its place */
    uint64_t from, end; /* what these entries brought about, or, if gone, they themselves */
    bool gone;          /* they are not in the tree: the ledger was forked there, openly */
};

/* A ledger whose newest checkpoint has been verified and nothing else. */
struct walk {
    const char *dir; /* borrowed */
    const struct region *region;
    const struct party *party; /* whose ledger it is: in the region */
    int custodian; /* its number: its position in region, until audit.h says else; -1: it is the matcher's */
    char origin[NOTE_NAME_MAX + 1];
    struct walk_witness witness[WALK_WITNESSES_MAX];
    size_t witness_count;
    size_t witnesses_needed; /* cosignatures that make a checkpoint final */
    struct buf note;         /* the newest checkpoint */
    struct checkpoint newest;
    struct walk_checkpoint seal; /* the same, as it is signed */
    uint64_t largest;            /* size in checkpoints/ when it was opened: what is larger came since */
    struct walk_lost lost[WALK_LOST_MAX];
    size_t losses;
};

/*
 * What is read is the ledger as it is now, also while its owner goes on: what comes afterwards is not looked at. The
 * newest checkpoint is the one of most entries that is signed, in `checkpoint`, or in checkpoints/ where an export has
 * not come to its end. The witnesses of the matcher's ledger are the custodians, of a custodian's the matcher. Errors
 * name the file.
 */
int walk_open(struct walk *out, const struct region *region, const char *dir, struct err *err);
void walk_close(struct walk *walk);

/* Those who witnessed it under an older manifest, or with an older key, are its witnesses too. */
int walk_add_witnesses(struct walk *walk, const struct region *region, struct err *err);

/*
 * Reads the entries once for those that say that the store was put back, since what is lost is to be known before it is
 * walked. One that cannot be, by its place and range, is none. ERR_INPUT: too many.
 */
int walk_find_lost(struct walk *walk, struct err *err);

/* What the entry at this place says; NULL if it is none of those. */
const struct walk_lost *walk_lost_by(const struct walk *walk, uint64_t index);

/* Whether what this entry brought about was lost; whether a checkpoint of this size may be of entries that are gone. */
bool walk_is_lost(const struct walk *walk, uint64_t index);
bool walk_is_covered(const struct walk *walk, uint64_t size);

/* Called in the walking thread, in order: each event, and behind it the checkpoint that ends with it. May be NULL. */
struct walk_handler {
    int (*event)(void *context, uint64_t index, const struct event *event, struct err *err);
    int (*checkpoint)(void *context, const struct walk_checkpoint *checkpoint, struct err *err);
    void *context;
};

/*
 * jobs: threads, 0 for one a processor. progress may be NULL. ERR_VERIFY, ERR_INPUT, ERR_NOT_FOUND: the error names the
 * file, and the entry if it is about one, and says what does not hold; the handlers have had what is before it.
 * ERR_CONFLICT: the party signed a root that is not that of these entries.
 */
int walk_run(const struct walk *walk, unsigned jobs, struct progress *progress, const struct walk_handler *handler,
             struct err *err);

#endif
