/* The coalition of custodians that an evaluation was for, as the note of its event names it: "1,3". */
#ifndef PROTOCOL_AUDIT_COALITION_H
#define PROTOCOL_AUDIT_COALITION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A coalition as bits. As a note has it, bit i is the custodian at position i of the manifest in force, whose index is
 * i + 1; over several manifests it is the custodian of number i (manifests.h).
 */
typedef uint64_t coalition_bits;

/* Ascending, without blanks or leading zeroes, 1..16; false for anything else. */
bool coalition_read(coalition_bits *out, const char *text);

unsigned coalition_size(coalition_bits coalition);

#endif
