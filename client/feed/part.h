/*
 * A part of a workbook: XML in a ZIP archive, read in pieces and in bounded memory, whatever it holds. No document type
 * is read, so there are no entities to expand; depth, names, sizes have limits. For the files of this folder alone.
 */
#ifndef CLIENT_FEED_PART_H
#define CLIENT_FEED_PART_H

#include "protocol/base/err.h"

#include <expat.h>
#include <stdbool.h>
#include <stdint.h>
#include <zip.h>

/* What a part consists of. Names are without a prefix; attributes: name, value, ..., NULL, names with theirs. */
struct part_events {
    void (*begin)(void *context, const char *name, const char **attributes);
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *text,
                 size_t len); /* of one place it may come in pieces; NULL: none wanted */
};

struct part {
    zip_file_t *file;
    XML_Parser parser;
    const struct part_events *events;
    void *context;
    const char *fault; /* why reading is given up: a constant */
    uint64_t read, most, size;
    unsigned depth;
    bool ended;
};

/*
 * path: of the archive, for messages; name: of the part, in any case; most: bytes that it may have unpacked. zip,
 * events and context are borrowed until part_close(). ERR_NOT_FOUND, ERR_INPUT, ERR_NO_MEMORY.
 */
int part_open(struct part *part, const char *path, zip_t *zip, const char *name, uint64_t most,
              const struct part_events *events, void *context, struct err *err);

/* Reads on, to the next part_pause() or to the end, which part->ended says. ERR_INPUT: says what is wrong with it. */
int part_read(struct part *part, const char *path, struct err *err);

/* For events: reading stops behind this one; or for good, reason being a constant. */
void part_pause(struct part *part);
void part_give_up(struct part *part, const char *reason);

/* Harmless on one that was never opened and is zero. */
void part_close(struct part *part);

/* All of a part at once. One that is not there is no error where optional. */
int part_read_all(const char *path, zip_t *zip, const char *name, bool optional, uint64_t most,
                  const struct part_events *events, void *context, struct err *err);

/* The value of an attribute, its prefix aside; NULL: it has none. */
const char *part_attribute(const char **attributes, const char *name);

#endif
