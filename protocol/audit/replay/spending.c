#include "protocol/audit/replay/spending.h"
#include "protocol/ledger/window.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY 86400
#define NOBODY 0xffff

/* An event of evaluating. purpose NOBODY: it has several. */
struct evaluated {
    uint64_t leaf, time;
    uint32_t count, epoch;
    uint16_t agency, purpose;
};

struct evaluations {
    struct evaluated *at;
    size_t count, room;
};

/* An event as a request names it. purpose NOBODY: the request has several. */
struct named {
    uint64_t leaf, index, time;
    uint32_t of, count, epoch;
    uint16_t agency, purpose, custodian;
};

/* A custodian, as it is named. */
struct digest_of {
    uint8_t digest[PARTY_DIGEST_SIZE];
    size_t custodian;
};

struct spending {
    const struct audit *audit;
    struct evaluations of[ROSTER_CUSTODIANS_MAX];
    struct digest_of *digest;
    size_t digests;
    struct named *named;
    size_t count, room;
};

static int make_room(void **at, size_t *room, size_t count, size_t size, struct err *err)
{
    if (count < *room)
        return 0;
    const size_t larger = *room > 0 ? 2 * *room : 256;
    void *more = realloc(*at, larger * size);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for what was spent");
    *at = more;
    *room = larger;
    return 0;
}

/* --- who is who --- */

static const struct digest_of *find_digest(const struct spending *s, const uint8_t digest[PARTY_DIGEST_SIZE])
{
    for (size_t i = 0; i < s->digests; i++)
        if (memcmp(s->digest[i].digest, digest, PARTY_DIGEST_SIZE) == 0)
            return &s->digest[i];
    return NULL;
}

static int add_digests(struct spending *s, size_t *room, const struct manifest *m, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < m->region->custodian_count; i++) {
        struct digest_of new = {.custodian = m->custodian[i]};
        party_digest(new.digest, &m->region->custodians[i].party);
        if (find_digest(s, new.digest) != NULL)
            continue;
        rc = make_room((void **)&s->digest, room, s->digests, sizeof *s->digest, err);
        if (rc == 0)
            s->digest[s->digests++] = new;
    }
    return rc;
}

int spending_new(struct spending **out, const struct audit *audit, struct err *err)
{
    struct spending *s = calloc(1, sizeof *s);
    size_t room = 0;
    int rc = s == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for what was spent") : 0;
    if (rc == 0)
        s->audit = audit;
    for (size_t i = 0; rc == 0 && i < audit->manifests.count; i++)
        rc = add_digests(s, &room, &audit->manifests.list[i], err);
    if (rc != 0)
        spending_free(s);
    else
        *out = s;
    return rc;
}

void spending_free(struct spending *spending)
{
    if (spending == NULL)
        return;
    for (size_t i = 0; i < ROSTER_CUSTODIANS_MAX; i++)
        free(spending->of[i].at);
    free(spending->digest);
    free(spending->named);
    free(spending);
}

static uint16_t number_of(const struct spending *s, const char *name)
{
    const int number = manifests_number(&s->audit->manifests, name);
    return number >= 0 ? (uint16_t)number : NOBODY;
}

/* --- taking in --- */

int spending_evaluated(struct spending *spending, size_t custodian, uint64_t leaf, const struct event *event,
                       struct err *err)
{
    struct evaluations *list = &spending->of[custodian];
    int rc = make_room((void **)&list->at, &list->room, list->count, sizeof *list->at, err);
    if (rc == 0)
        list->at[list->count++] = (struct evaluated){
            leaf,
            event->time,
            (uint32_t)(event->count < WIRE_BATCH_MAX ? event->count : WIRE_BATCH_MAX),
            (uint32_t)event->epoch,
            number_of(spending, event->party),
            event->scope[0] != '\0' ? NOBODY : number_of(spending, event->purpose),
        };
    return rc;
}

int spending_named(struct spending *spending, uint64_t index, const struct event *request,
                   const struct wire_spent_list *spent, struct err *err)
{
    struct spending *s = spending;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < spent->count; i++) {
        const struct digest_of *who = find_digest(s, spent->item[i].custodian);
        rc = make_room((void **)&s->named, &s->room, s->count, sizeof *s->named, err);
        if (rc == 0)
            s->named[s->count++] = (struct named){
                spent->item[i].leaf,
                index,
                request->time,
                spent->item[i].of,
                spent->item[i].count,
                (uint32_t)request->epoch,
                number_of(s, request->party),
                request->scope[0] != '\0' ? NOBODY : number_of(s, request->purpose),
                who != NULL ? (uint16_t)who->custodian : NOBODY,
            };
    }
    return rc;
}

/* --- what does not hold --- */

static int by_event(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    if (a->custodian != b->custodian)
        return a->custodian < b->custodian ? -1 : 1;
    if (a->agency != b->agency)
        return a->agency < b->agency ? -1 : 1;
    if (a->leaf != b->leaf)
        return a->leaf < b->leaf ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static int by_leaf(const void *key, const void *member)
{
    const uint64_t leaf = *(const uint64_t *)key, other = ((const struct evaluated *)member)->leaf;
    return (leaf > other) - (leaf < other);
}

static const struct evaluated *find_evaluated(const struct spending *s, const struct named *n)
{
    const struct evaluations *list = &s->of[n->custodian];
    return list->count == 0 ? NULL : bsearch(&n->leaf, list->at, list->count, sizeof *list->at, by_leaf);
}

/* What is wrong with the event for who names it; NULL: nothing. */
static const char *fault_of(const struct evaluated *e, const struct named *n)
{
    const bool one = e != NULL && e->purpose != NOBODY && n->purpose != NOBODY;
    if (e == NULL || e->agency != n->agency)
        return "is none of evaluating for it";
    if (one && (e->purpose != n->purpose || e->epoch != n->epoch))
        return "is about another purpose or epoch";
    if (e->count < n->of)
        return "is about fewer";
    if (e->time + (WIRE_SPENT_DAYS + WINDOW_CLOCK_DAYS) * DAY < n->time)
        return "is too old";
    return NULL;
}

static void check_event(const struct spending *s, struct audit *audit, const struct named *n)
{
    const struct manifests *m = &s->audit->manifests;
    const struct walk *walk = audit_custodian(audit, n->custodian);
    const char *agency = n->agency != NOBODY ? m->name[n->agency] : "?", *custodian = m->custodian[n->custodian]->name;
    const struct finding_blame blame = finding_unexplained("%s, %s", agency, custodian);
    const char *fault = walk == NULL ? NULL : fault_of(find_evaluated(s, n), n);
    if (fault != NULL)
        findings_blame(&audit->findings, FINDING_NOT_EVALUATED, &blame, audit_matcher(audit)->origin, n->index,
                       "%s names entry %" PRIu64 " of %s as %u evaluations, but that %s", agency, n->leaf, custodian,
                       n->of, fault);
}

/* The same event, named by one agency once or more: in sum no more than it is about. */
static void check_sum(const struct spending *s, struct audit *audit, const struct named *n, size_t count)
{
    uint64_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        const bool forgotten = n[0].time + WIRE_SPENT_DAYS * DAY < n[i].time;
        taken += n[i].count;
        if (forgotten || (taken <= n[0].of && n[i].of == n[0].of))
            continue;
        findings_add(&audit->findings, FINDING_SPENT_TWICE, audit_matcher(audit)->origin, n[i].index,
                     "of the %u evaluations of entry %" PRIu64 " of %s, %s has spent %" PRIu64 " with this", n[0].of,
                     n->leaf, s->audit->manifests.custodian[n->custodian]->name,
                     n->agency != NOBODY ? s->audit->manifests.name[n->agency] : "?", taken);
        return;
    }
}

void spending_finish(struct spending *spending, struct audit *audit)
{
    struct spending *s = spending;
    if (s->count > 0)
        qsort(s->named, s->count, sizeof *s->named, by_event);
    for (size_t i = 0, next; i < s->count; i = next) {
        const struct named *n = &s->named[i];
        for (next = i + 1; next < s->count && s->named[next].custodian == n->custodian &&
                           s->named[next].agency == n->agency && s->named[next].leaf == n->leaf;)
            next++;
        if (n->custodian == NOBODY) /* of a manifest that is not at hand, which other rules say */
            continue;
        check_event(s, audit, n);
        check_sum(s, audit, n, next - i);
    }
}
