/* Files of evidence that clients keep, or make up: what each must come to before an auditor. */
#ifndef TESTS_AUDIT_PIECES_H
#define TESTS_AUDIT_PIECES_H

#include "protocol/audit/rules/weigh.h"

struct piece {
    const char *name;
    bool refused; /* it holds what nobody signed */
    enum weight weight;
    bool (*make)(struct evidence *out, struct buf *storage); /* at the end of a history; false: there was no occasion */
};

extern const struct piece pieces[];
extern const unsigned piece_count;

#endif
