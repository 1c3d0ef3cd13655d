#include "client/task/spared.h"

#include "client/identity/except.h"
#include "protocol/base/mark.h"

#include <stdlib.h>
#include <string.h>

static int compare_digests(const void *a, const void *b)
{
    return memcmp(a, b, PARTY_DIGEST_SIZE);
}

static int check_name(const struct region *r, const char *name, struct err *err)
{
    const bool state = strlen(name) == 3 && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
    if (state || region_find_agency(r, name) >= 0)
        return 0;
    return err_set(err, ERR_INPUT, N_("not_for: %.63s is no agency of the manifest and no state's code"), name);
}

/* Whether a purpose's rule keeps records like this one from the agency. */
static bool is_spared(const struct agency *a, const struct question *q, const char *agency)
{
    char text[EXCEPT_TEXT_MAX + 1];
    bool spared = false;
    for (size_t i = 0; i < a->purposes; i++) {
        if (q->purposes != 0 && (q->purposes >> i & 1) == 0)
            continue;
        except_of(text, q->record, agency_not_for(a, &a->purpose[i]));
        spared = spared || (text[0] != '\0' && except_means(text, agency));
    }
    return spared;
}

int spared_find(const struct agency *agency, const struct question *question, const char *const *name, size_t names,
                uint8_t (*digest)[PARTY_DIGEST_SIZE], size_t *count, struct err *err)
{
    const struct region *r = agency->region;
    size_t n = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < names; i++)
        rc = check_name(r, name[i], err);
    for (size_t i = 0; rc == 0 && i < r->agency_count; i++) {
        bool spared = is_spared(agency, question, r->agencies[i].name);
        for (size_t k = 0; k < names; k++)
            spared = spared || except_means(name[k], r->agencies[i].name);
        if (spared && strcmp(r->agencies[i].name, agency->identity->party.name) != 0)
            memcpy(digest[n++], r->digests[i], PARTY_DIGEST_SIZE);
    }
    qsort(digest, n, PARTY_DIGEST_SIZE, compare_digests);
    *count = rc == 0 ? n : 0;
    return rc;
}
