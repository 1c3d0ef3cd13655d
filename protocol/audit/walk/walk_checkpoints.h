/* The checkpoint files of an exported ledger: for walk.c. */
#ifndef PROTOCOL_AUDIT_WALK_CHECKPOINTS_H
#define PROTOCOL_AUDIT_WALK_CHECKPOINTS_H

#include "protocol/audit/walk/walk.h"

#define WALK_CHECKPOINT_NAME_MAX 64

/* "checkpoints/<size>"; returns out. */
char *walk_checkpoint_name(char out[WALK_CHECKPOINT_NAME_MAX], uint64_t size);

/* The sizes up to the newest that checkpoints/ has files for, ascending; and a name there that is none of them. */
struct walk_sizes {
    uint64_t *size; /* owned: free() */
    size_t count;
    char stray[64];
};
int walk_list_checkpoints(const struct walk *walk, struct walk_sizes *out, struct err *err);

/* A file named by a number that is none of those is a checkpoint that these entries do not reach. */
int walk_check_stray(const struct walk *walk, const struct walk_sizes *sizes, struct err *err);

/* Where the first size above `above` stands in the list; count if there is none. */
size_t walk_first_above(const uint64_t *sizes, size_t count, uint64_t above);

/* Reads checkpoints/<size> and verifies all of it but its root. note is for use here. */
int walk_read_checkpoint(const struct walk *walk, uint64_t size, struct buf *note, struct walk_checkpoint *out,
                         struct err *err);

/* Reads a checkpoint from a file below the ledger's directory: false unless it is this party's, signed by it. */
bool walk_read_note(const struct walk *walk, const char *name, const struct party *party, struct checkpoint *out);

/* The same of the newest checkpoint of the party's ledger that the owner of this one cosigned. */
bool walk_read_witnessed(const struct walk *walk, const struct party *party, struct checkpoint *out);

#endif
