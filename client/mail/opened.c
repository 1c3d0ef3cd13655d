#include "client/mail/opened.h"

#include "protocol/psi/psi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill_pair(struct vault_judging *out, const struct agency *a, const struct agency_purpose *p,
                      const uint8_t handle[HANDLE_SIZE], const struct vault_match *m)
{
    const int partner = region_find_agency(a->region, m->partner);
    uint8_t own[PARTY_DIGEST_SIZE];
    party_digest(own, &a->identity->party);
    *out = (struct vault_judging){.domain = p->domain, .keys = m->keys};
    snprintf(out->partner, sizeof out->partner, "%s", m->partner);
    memcpy(out->peer, a->region->digests[partner], sizeof out->peer);
    memcpy(out->own, handle, sizeof out->own);
    memcpy(out->other, m->handle, sizeof out->other);
    out->begins = psi_begins(own, out->peer, span_of(p->region->name, strlen(p->region->name)), p->epoch->epoch);
}

/* Whether the match is to be listed. Until a pair is judged, and where it is not judged, keys decide. */
static bool apply_verdict(const struct vault_judging *pair, struct vault_match *m)
{
    if (pair->state == JUDGE_JUDGED) {
        m->score = pair->score;
        m->kind = pair->kind;
    }
    return judging_lists(pair, m->accepted);
}

int opened_note(const struct agency *agency, const struct agency_purpose *purpose, const struct vault_resolved *record,
                struct vault_match *match, size_t *count, struct err *err)
{
    uint8_t handle[HANDLE_SIZE];
    const size_t opened = *count;
    struct vault_judging *pair = calloc(opened + 1, sizeof *pair);
    int rc = pair != NULL ? 0 : err_set(err, ERR_NO_MEMORY, "out of memory for matches");
    *count = 0;
    if (rc == 0)
        record_handle(handle, record->seed);
    for (size_t i = 0; rc == 0 && i < opened; i++)
        fill_pair(&pair[i], agency, purpose, handle, &match[i]);
    if (rc == 0)
        rc = vault_judging_put(agency->vault, purpose->domain, &record->ref, pair, opened, err);
    for (size_t i = 0; rc == 0 && i < opened; i++)
        if (apply_verdict(&pair[i], &match[i]))
            match[(*count)++] = match[i];
    free(pair);
    return rc;
}

/* --- questions: who is asked begins --- */

int opened_asking(const struct agency *agency, const struct agency_purpose *purpose,
                  const struct opened_question *question, const struct vault_match *match, int64_t *number,
                  struct err *err)
{
    struct vault_judging pair;
    fill_pair(&pair, agency, purpose, question->handle, match);
    pair.begins = false;
    pair.record = vault_question_ref(question->digest);
    return vault_judging_ask(agency->vault, &pair, question->elements, number, err);
}

int opened_asked(const struct agency *agency, const struct agency_purpose *purpose, const struct vault_match *match,
                 struct err *err)
{
    struct vault_judging pair;
    uint8_t handle[HANDLE_SIZE];
    int64_t number;
    int rc = vault_record_handle(agency->vault, purpose->domain, &match->record, handle, err);
    if (rc != 0)
        return rc;
    fill_pair(&pair, agency, purpose, handle, match);
    pair.begins = true;
    pair.record = match->record;
    return vault_judging_ask(agency->vault, &pair, span_of("", 0), &number, err);
}
