#include "client/task/verdict.h"

#include <string.h>

const char *const verdict_word[VERDICT_WORDS] = {
    [VERDICT_CLEAR] = "clear",
    [VERDICT_OPEN] = "no-full-answer",
    [VERDICT_KNOWN] = "known",
    [VERDICT_OTHER_DOCUMENT] = "other-document",
    [VERDICT_UNKNOWN_TO_ISSUER] = "unknown-to-issuer",
    [VERDICT_OTHER_PERSON] = "other-person",
    [VERDICT_LISTED] = "listed",
};

const char *const register_state_word[REGISTER_STATES] = {
    [REGISTER_VALID] = "valid",       [REGISTER_UNKNOWN] = "unknown",    [REGISTER_OLD] = "old",
    [REGISTER_UNASKED] = "not-asked", [REGISTER_KEYLESS] = "not-enough", [REGISTER_OWN] = "own",
};

static enum verdict_word word_of(enum match_kind kind)
{
    switch (kind) {
    case MATCH_LISTED_DOCUMENT:
        return VERDICT_LISTED;
    case MATCH_SAME_DOCUMENT_OTHER_PERSON:
        return VERDICT_OTHER_PERSON;
    case MATCH_SAME_PERSON_OTHER_DOCUMENT:
        return VERDICT_OTHER_DOCUMENT;
    default:
        return VERDICT_KNOWN;
    }
}

bool verdict_shows(const struct answer_hit *hit)
{
    return hit->purpose->region->kind == REGION_MATCH && answer_hit_counts(hit);
}

struct vault_match verdict_match(const struct answer_hit *hit)
{
    struct vault_match m = hit->match;
    if (hit->pair.state == JUDGE_JUDGED) {
        m.score = hit->pair.score;
        m.kind = hit->pair.kind;
    }
    return m;
}

/* --- registers of valid documents --- */

static bool is_keyless(const struct agency *a, const struct answer *answer, const struct agency_purpose *purpose)
{
    return answer->keyless[purpose - a->purpose];
}

static bool is_unasked(const struct answer *answer, const struct agency_purpose *purpose, const char *partner)
{
    for (size_t i = 0; i < answer->unasked_count; i++)
        if (answer->unasked[i].purpose == purpose && strcmp(answer->unasked[i].partner, partner) == 0)
            return true;
    return false;
}

/* Only what the named issuer has counts. */
static bool is_found(const struct answer *answer, const struct agency_purpose *purpose, const char *partner)
{
    for (size_t i = 0; i < answer->hits; i++)
        if (answer->hit[i].purpose == purpose && answer->hit[i].match.accepted &&
            strcmp(answer->hit[i].match.partner, partner) == 0)
            return true;
    return false;
}

static uint64_t time_of(const struct answer *answer, const struct agency_purpose *purpose, const char *partner)
{
    for (size_t i = 0; i < answer->register_count; i++)
        if (answer->registers[i].purpose == purpose && strcmp(answer->registers[i].partner, partner) == 0)
            return answer->registers[i].time;
    return 0;
}

static enum register_state state_of(const struct agency *a, const struct answer *answer,
                                    const struct verdict_register *r, uint64_t now)
{
    const char *partner = a->region->agencies[r->declared->agency].name;
    const int own = region_find_agency(a->region, a->identity->party.name);
    const int purpose = (int)(r->purpose->region - a->region->purposes);
    const bool fresh = r->time != 0 && (r->declared->fresh == 0 || now < r->time + r->declared->fresh);
    if (r->declared->agency == own)
        return REGISTER_OWN;
    if (is_keyless(a, answer, r->purpose))
        return REGISTER_KEYLESS;
    if (answer->denied[r->purpose - a->purpose] != NULL || is_unasked(answer, r->purpose, partner) ||
        !region_mutual_grant(a->region, own, r->declared->agency, purpose))
        return REGISTER_UNASKED;
    if (is_found(answer, r->purpose, partner))
        return REGISTER_VALID;
    if (answer->cut || answer->refused[r->declared->agency] > 0 || answer->unopened[r->declared->agency] > 0)
        return REGISTER_UNASKED;
    return fresh ? REGISTER_UNKNOWN : REGISTER_OLD;
}

static void add_register(struct answer_verdict *out, const struct agency *a, const struct answer *answer,
                         const struct agency_purpose *purpose, const char *issuer, uint64_t now)
{
    const struct region_register *declared =
        region_find_register(a->region, (int)(purpose->region - a->region->purposes), issuer);
    if (declared == NULL || out->registers == VERDICT_REGISTERS_MAX)
        return;
    struct verdict_register *r = &out->of[out->registers++];
    *r = (struct verdict_register){purpose, declared, REGISTER_UNASKED, 0};
    r->time = time_of(answer, purpose, a->region->agencies[declared->agency].name);
    r->state = state_of(a, answer, r, now);
}

/* --- all of it --- */

/* Of a purpose of registers only what its issuers say counts: another partner that was not asked takes nothing away. */
static bool is_full(const struct answer *answer)
{
    for (size_t i = 0; i < answer->unasked_count; i++)
        if (answer->unasked[i].purpose->region->kind == REGION_MATCH)
            return false;
    return !answer->cut && answer->refused_all == 0 && answer->manifest == 0;
}

static void raise(struct answer_verdict *out, enum verdict_word word)
{
    out->word = word > out->word ? word : out->word;
}

void verdict_of(struct answer_verdict *out, const struct agency *agency, const struct answer *answer, uint64_t now)
{
    *out = (struct answer_verdict){.word = VERDICT_CLEAR, .full = is_full(answer)};
    for (size_t i = 0; i < agency->purposes; i++) {
        const struct agency_purpose *p = &agency->purpose[i];
        if ((answer->purposes >> i & 1) == 0)
            continue;
        for (size_t k = 0; p->region->kind == REGION_ISSUED && k < answer->issuers; k++)
            add_register(out, agency, answer, p, answer->issuer[k], now);
        out->full = out->full && answer->denied[i] == NULL && (p->region->kind == REGION_ISSUED || !answer->keyless[i]);
    }
    for (size_t i = 0; i < out->registers; i++) {
        const enum register_state state = out->of[i].state;
        if (state == REGISTER_UNKNOWN)
            raise(out, VERDICT_UNKNOWN_TO_ISSUER);
        out->full = out->full && (state == REGISTER_VALID || state == REGISTER_UNKNOWN || state == REGISTER_OWN);
    }
    for (size_t i = 0; i < answer->hits; i++)
        if (verdict_shows(&answer->hit[i]))
            raise(out, word_of((enum match_kind)verdict_match(&answer->hit[i]).kind));
    if (!out->full)
        raise(out, VERDICT_OPEN);
}
