/*
 * Record ids that stand on more than one row: which row would count, nobody can say. Memory does not grow with the
 * feed: of a large one it is read several times, each time for another part of the ids.
 */
#ifndef CLIENT_FEED_DOUBLES_H
#define CLIENT_FEED_DOUBLES_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define DOUBLES_AT_ONCE (4u << 20) /* ids in one reading, 8 bytes each */
#define DOUBLES_MAX (1u << 20)     /* ids that may stand on several rows */

struct doubles;

/* at_once: ids in one reading; 0 for DOUBLES_AT_ONCE. */
int doubles_new(struct doubles **out, size_t at_once, struct err *err);
void doubles_free(struct doubles *doubles); /* NULL is fine */

/* An id, of each row in turn. */
void doubles_add(struct doubles *doubles, const char *id);

/* All rows were added. *again: add them all once more. ERR_INPUT: more than DOUBLES_MAX ids stand on several rows. */
int doubles_end(struct doubles *doubles, bool *again, struct err *err);

/* When there is nothing to be added any more: whether it stands on several rows; and how many such ids there are. */
bool doubles_have(const struct doubles *doubles, const char *id);
size_t doubles_count(const struct doubles *doubles);

#endif
