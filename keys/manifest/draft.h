/*
 * Changing a manifest. Changing one that carries enough signatures begins the next version: its number goes up,
 * the old digest joins its history, and the signed version stays as region.json.v<N> with its signatures beside it.
 * Changing a draft, which does not carry enough, keeps its number. Either way the signatures beside the file go.
 */
#ifndef KEYS_MANIFEST_DRAFT_H
#define KEYS_MANIFEST_DRAFT_H

#include "protocol/region/region.h"

/*
 * Reads the manifest, lets change() do its work on it, writes it and says on stdout who must sign. If anything fails,
 * the manifest and its signatures are as they were.
 */
int draft_change(const char *path, int (*change)(struct region *region, const void *context, struct err *err),
                 const void *context, struct err *err);

/* Writes a manifest, after the checks that every reader makes, and says on stdout who must sign. */
int draft_save(const struct region *region, const char *path, struct err *err);

#endif
