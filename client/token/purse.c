#include "client/token/purse.h"

#include "protocol/base/clock.h"

#include <stdlib.h>
#include <string.h>

struct purse {
    struct vault_evaluation *at;
    size_t count, room;
};

static int take_in(void *context, const struct vault_evaluation *evaluation, struct err *err)
{
    struct purse *p = context;
    if (p->count == p->room) {
        const size_t room = p->room > 0 ? 2 * p->room : 64;
        void *more = realloc(p->at, room * sizeof *p->at);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for receipts");
        p->at = more;
        p->room = room;
    }
    p->at[p->count++] = *evaluation;
    return 0;
}

int purse_load(struct purse **out, struct vault *vault, int64_t domain, struct err *err)
{
    const uint64_t now = clock_now();
    struct purse *p = calloc(1, sizeof *p);
    if (p == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for receipts");
    int rc = vault_evaluations(vault, domain, now > PURSE_SECONDS ? now - PURSE_SECONDS : 0, take_in, p, err);
    if (rc != 0)
        purse_free(p);
    else
        *out = p;
    return rc;
}

void purse_free(struct purse *purse)
{
    if (purse == NULL)
        return;
    free(purse->at);
    free(purse);
}

bool purse_name(struct wire_spent_list *spent, const struct vault_evaluation *evaluation, uint32_t count)
{
    if (spent->count + evaluation->custodians > WIRE_SPENT_MAX)
        return false;
    for (size_t i = 0; i < evaluation->custodians; i++) {
        struct wire_spent *item = &spent->item[spent->count++];
        *item = (struct wire_spent){.leaf = evaluation->by[i].leaf, .of = evaluation->of, .count = count};
        memcpy(item->custodian, evaluation->by[i].custodian, sizeof item->custodian);
    }
    return true;
}

static int by_order(const void *left, const void *right)
{
    return wire_spent_order(left, right);
}

void purse_name_end(struct wire_spent_list *spent)
{
    qsort(spent->item, spent->count, sizeof spent->item[0], by_order);
}

static struct vault_evaluation *largest(struct purse *purse)
{
    struct vault_evaluation *most = NULL;
    for (size_t i = 0; i < purse->count; i++)
        if (most == NULL || purse->at[i].of - purse->at[i].taken > most->of - most->taken)
            most = &purse->at[i];
    return most;
}

void purse_take(struct purse *purse, size_t tokens, struct purse_taken *out)
{
    struct vault_evaluation *e;
    out->count = out->spent.count = 0;
    while (tokens > 0 && out->count < WIRE_SPENT_MAX && (e = largest(purse)) != NULL && e->taken < e->of) {
        const uint32_t left = e->of - e->taken, n = tokens < left ? (uint32_t)tokens : left;
        if (!purse_name(&out->spent, e, n))
            break;
        out->number[out->count] = e->number;
        out->taken[out->count++] = n;
        e->taken += n;
        tokens -= n;
    }
    purse_name_end(&out->spent);
}

int purse_store(const struct purse_taken *taken, struct vault *vault, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < taken->count; i++)
        rc = vault_evaluation_take(vault, taken->number[i], taken->taken[i], err);
    return rc;
}
