#include "matcher/service/share.h"

void share_hear(struct shares *shares, uint16_t party, uint64_t now)
{
    if (party != shares->last)
        shares->mixed = now;
    shares->last = party;
}

void share_charge(struct shares *shares, uint16_t party, uint64_t took, uint64_t now)
{
    const uint64_t start = now - took;
    uint64_t *paid = &shares->paid[party];
    *paid = (*paid > start ? *paid : start) + SHARE_PARTS * took;
}

uint64_t share_wait(const struct shares *shares, uint16_t party, uint64_t now)
{
    const uint64_t paid = shares->paid[party];
    return now < shares->mixed + SHARE_MIXED_US && paid > now + SHARE_LENT_US ? paid - now - SHARE_LENT_US : 0;
}
