/* Private to region/: what region_parse() requires of a manifest that has the right form. */
#ifndef PROTOCOL_REGION_CHECK_H
#define PROTOCOL_REGION_CHECK_H

#include "protocol/region/region.h"

/*
 * The history is whole, names and keys are unique over all parties, purposes, limits and grants stand once, epochs
 * ascend, quorum and threshold can be reached, and the public shares of each epoch are shares of its key. ERR_INPUT
 * names what is not so.
 */
int region_check(const struct region *region, struct err *err);

#endif
