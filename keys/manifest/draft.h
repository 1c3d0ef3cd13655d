/*
 * A manifest being worked on. Changing one that carries enough signatures begins the next version: its number goes up,
 * `previous` becomes the old digest, the signed version stays as region.json.v<N> with its signatures beside it.
 * Changing a draft keeps its number.
 */
#ifndef KEYS_MANIFEST_DRAFT_H
#define KEYS_MANIFEST_DRAFT_H

#include "protocol/region/region.h"

struct draft {
    char path[1024];
    struct region *region; /* owned; draft_close() */
};

int draft_open(struct draft *draft, const char *path, struct err *err);
int draft_save(struct draft *draft, struct err *err);
void draft_close(struct draft *draft);

#endif
