/* How frequent a value is, told by what is seen of its tag. */
#ifndef TESTS_ATTACKS_FREQUENCY_H
#define TESTS_ATTACKS_FREQUENCY_H

#include "tests/attacks/month.h"

/*
 * How likely a tag of SHARED records was put more often in the month than one of a single record; of tags that stay
 * whatever is edited. 0.5: nothing tells. *deviation: the standard one, of chance.
 */
double frequency_by_puts(const struct month *month, double *deviation);

#endif
