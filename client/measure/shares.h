/*
 * How frequent names are among invented people, by country: made by tests/quality/shares.sh from registers of
 * concord-generate, whose lists of names are in descending order of frequency by general knowledge. No census: where an
 * agency has a register, `schema check --register` measures its own.
 */
#ifndef CLIENT_MEASURE_SHARES_H
#define CLIENT_MEASURE_SHARES_H

#include "client/measure/yield.h"

extern const struct yield_shares shares_invented[];
extern const size_t shares_invented_count;

#endif
