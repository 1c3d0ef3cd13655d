/*
 * The disk that the stores of a history lie on: protocol/kv/kv.h in memory, by directory, so that a history costs no
 * processor time for what RocksDB does at opening and closing. What was committed is there when a store is opened
 * again.
 */
#ifndef TESTS_AUDIT_DISK_H
#define TESTS_AUDIT_DISK_H

#include <stdbool.h>

/* Whether there is a store in this directory; makes `to` a store with what `from` has, in place of what it had. */
bool disk_has(const char *dir);
void disk_copy(const char *from, const char *to);

/* Forgets all stores; none may be open. */
void disk_clear(void);

#endif
