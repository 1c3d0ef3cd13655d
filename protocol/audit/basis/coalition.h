/* The coalition of custodians that an evaluation was for, as the note of its event names it: "1,3". */
#ifndef PROTOCOL_AUDIT_COALITION_H
#define PROTOCOL_AUDIT_COALITION_H

#include <stdbool.h>
#include <stdint.h>

/* A coalition as bits: bit i is the custodian at position i of the manifest, whose index is i + 1. */
typedef uint16_t coalition_bits;

/* Ascending, without blanks or leading zeroes, 1..16; false for anything else. */
bool coalition_read(coalition_bits *out, const char *text);

unsigned coalition_size(coalition_bits coalition);

#endif
