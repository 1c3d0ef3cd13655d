#include "client/agency/evidence.h"

#include "protocol/base/clock.h"

#include <stdio.h>
#include <string.h>

int agency_evidence_keep(const struct agency *agency, struct evidence *evidence, struct span mark, struct err *err)
{
    struct buf text = buf_of(EVIDENCE_MAX);
    evidence->time = clock_now();
    evidence->manifest = agency->region->version;
    snprintf(evidence->region, sizeof evidence->region, "%s", agency->region->name);
    snprintf(evidence->agency, sizeof evidence->agency, "%s", agency->identity->party.name);
    int rc = evidence_print(&text, evidence, err);
    if (rc == 0)
        rc = vault_evidence_put(agency->vault,
                                &(struct vault_evidence){.kind = evidence_kind_name(evidence->kind),
                                                         .party = evidence->party,
                                                         .mark = mark,
                                                         .text = buf_span(&text)},
                                err);
    buf_free(&text);
    return rc;
}

int agency_note_apart(const struct agency *agency, struct err *err)
{
    const struct region *r = agency->region;
    int own = region_find_agency(r, agency->identity->party.name), rc = vault_begin(agency->vault, err);
    for (size_t p = 0; rc == 0 && p < r->purpose_count; p++)
        for (size_t i = 0; rc == 0 && i < r->agency_count; i++)
            if ((int)i != own)
                rc = vault_apart_note(agency->vault, r->purposes[p].name, r->digests[i],
                                      !region_mutual_grant(r, own, (int)i, (int)p), err);
    if (rc == 0)
        rc = vault_commit(agency->vault, err);
    vault_rollback(agency->vault);
    return rc;
}
