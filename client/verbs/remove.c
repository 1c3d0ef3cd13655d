#include "client/verbs/verbs.h"

#include "client/task/withdraw.h"
#include "client/token/outgoing.h"
#include "protocol/base/clock.h"
#include "protocol/base/text.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define LOOK_AGAIN_MS 200

/* What is withdrawn together, or not at all. */
struct order {
    char **id;
    size_t count;
    uint8_t digest[32]; /* of the ids */
};

/* How many are not enrolled, and the first of them. */
static int count_missing(struct agency *a, const struct order *o, size_t *missing, size_t *first, struct err *err)
{
    int rc = 0;
    *missing = 0;
    for (size_t i = 0; rc == 0 && i < o->count; i++) {
        uint64_t found;
        rc = withdraw_find(a, o->id[i], &found, err);
        if (rc == 0 && found == 0 && (*missing)++ == 0)
            *first = i;
    }
    return rc;
}

/*
 * Within a transaction. Of the order that a crash broke off all are gone from the vault already: only sending it is
 * left.
 */
static int take_out(struct agency *a, const struct order *o, struct err *err)
{
    size_t missing, first = 0;
    bool again = false;
    int rc = vault_order_is(a->vault, o->digest, &again, err);
    if (rc == 0 && again)
        return 0;
    if (rc == 0)
        rc = count_missing(a, o, &missing, &first, err);
    if (rc == 0 && missing > 0)
        return err_set(
            err, ERR_NOT_FOUND,
            "nothing is withdrawn, since %zu of %zu records are not enrolled; the first of them is number %zu", missing,
            o->count, first + 1);
    for (size_t i = 0; rc == 0 && i < o->count; i++)
        rc = withdraw_record(a, o->id[i], err);
    return rc == 0 ? vault_order_set(a->vault, o->digest, err) : rc;
}

static void tell(const struct order *o, const struct outgoing_counts *sent)
{
    printf("%zu %s withdrawn: %llu %s removed, %llu replaced\n", o->count,
           text_count_word(o->count, "record", "records"), (unsigned long long)sent->removed,
           text_count_word(sent->removed, "tag", "tags"), (unsigned long long)sent->put);
    printf("%s not come back with the next feed, until concord-client release --record ID lets %s\n",
           text_count_word(o->count, "it does", "they do"), text_count_word(o->count, "it", "them"));
    if (sent->emptied > 0)
        printf("%llu of the tags %s at the matcher without a record, so that it does not see which were of one; "
               "partners find nothing there\n",
               (unsigned long long)sent->emptied, text_count_word(sent->emptied, "stays", "stay"));
}

/* An enrolment may take hours, and a withdrawal may be urgent: it has its turn at once after it. */
static int lock_when_free(struct vault *vault, struct err *err)
{
    int rc = vault_lock(vault, err);
    if (rc == ERR_CONFLICT)
        fputs("concord-client: another one is at work with the vault: waiting for it to end\n", stderr);
    while (rc == ERR_CONFLICT) {
        clock_sleep_ms(LOOK_AGAIN_MS);
        rc = vault_lock(vault, err);
    }
    return rc;
}

static int withdraw(struct agency *a, const struct order *o, struct err *err)
{
    static const uint8_t none[32];
    struct outgoing_counts sent = {0};
    int rc = lock_when_free(a->vault, err);
    if (rc == 0)
        rc = vault_begin(a->vault, err);
    if (rc == 0)
        rc = take_out(a, o, err);
    if (rc == 0)
        rc = vault_commit(a->vault, err);
    vault_rollback(a->vault);
    if (rc == 0 && (rc = outgoing_send_all(a, true, &sent, err)) != 0)
        return err_wrap(err, "they are out of the vault; the same command, or sync, tells the matcher");
    if (rc == 0)
        rc = vault_order_set(a->vault, none, err);
    if (rc == 0)
        tell(o, &sent);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    struct order order = {.id = call->operand, .count = (size_t)call->operands};
    crypto_generichash_state h;
    crypto_generichash_init(&h, NULL, 0, sizeof order.digest);
    for (size_t i = 0; i < order.count; i++)
        crypto_generichash_update(&h, (const uint8_t *)order.id[i], strlen(order.id[i]) + 1);
    crypto_generichash_final(&h, order.digest, sizeof order.digest);
    return withdraw(call->opened, &order, err);
}

const struct verb remove_verb = {
    .name = "remove",
    .brief = "withdraw records",
    .operands = "RECORD_ID...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Withdraws records, all or none: their tags go from the matcher, and partners are told to forget what matched.",
    .needs = CLIENT_AGENCY | CLIENT_PURPOSES | CLIENT_JOBS,
    .run = run,
};
