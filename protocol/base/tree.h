/*
 * Whole directories of files: copied, listed by their hashes, checked against the list, removed. Names that begin
 * with a dot, and those of a store that it makes anew by itself (LOCK, LOG, LOG.old.*), are not part of a tree.
 */
#ifndef PROTOCOL_BASE_TREE_H
#define PROTOCOL_BASE_TREE_H

#include "protocol/base/buf.h"

#define TREE_LIST_MAX (64u << 20) /* bytes of a list */
#define TREE_DEPTH_MAX 16

/*
 * Copies the files below `from` to below `to`, which is made; each is on disk when this returns. A file that goes
 * away meanwhile is left out, one that grows is copied as far as it was. Nothing is overwritten: ERR_CONFLICT.
 * ERR_INPUT: what is neither file nor directory, or lies too deep.
 */
int tree_copy(const char *from, const char *to, struct err *err);

/* Appends a line for each file below dir/name: SHA-256, two spaces, its path from dir on; as sha256sum(1) reads it. */
int tree_list(struct buf *list, const char *dir, const char *name, struct err *err);

/* ERR_VERIFY names the first file of the list that is gone, or is not as it was; *files: how many there are. */
int tree_check(struct span list, const char *dir, uint64_t *files, struct err *err);

/* Removes dir and all below; one that is not there is fine. */
int tree_remove(const char *dir, struct err *err);

/* Whether there is nothing at this path, or an empty directory. */
bool tree_is_empty(const char *dir);

#endif
