#include "protocol/audit/replay/replay_mail.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The chain with a message that nobody has acknowledged. */
struct link {
    uint64_t sequence;
    uint8_t chain[WIRE_HASH_SIZE];
};

/* One way in which a mailbox may have gone on. */
struct thread {
    uint64_t last;
    bool known; /* the chain with the last */
    uint8_t chain[WIRE_HASH_SIZE];
    struct link *link;
    size_t links, room;
};

/*
 * A store that was put back leaves numbers out, unless it does not know the party any more: the second thread is as if
 * it had. Which of them it was is seen from what is acknowledged.
 */
struct box {
    struct thread thread[2];
    unsigned others;  /* threads besides the first */
    bool adrift;      /* not even the numbers are known any more */
    uint64_t skipped; /* of what its name lost, as far as it has been looked at */
    uint64_t acknowledged;
};

struct replay_mail {
    const struct replay_world *world;
    struct findings *findings;
    const char *origin;
    struct box box[ROSTER_MAX]; /* by number of the world */
    uint64_t lost[ROSTER_MAX];  /* by name: numbers that stores that were put back may have left out */
    bool blind;
};

int replay_mail_new(struct replay_mail **out, const struct replay_world *world, struct findings *findings,
                    const char *origin, struct err *err)
{
    struct replay_mail *m = calloc(1, sizeof *m);
    if (m == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    m->world = world;
    m->findings = findings;
    m->origin = origin;
    for (size_t i = 0; i < ROSTER_MAX; i++)
        m->box[i].thread[0].known = true;
    *out = m;
    return 0;
}

void replay_mail_free(struct replay_mail *mail)
{
    for (size_t i = 0; mail != NULL && i < ROSTER_MAX; i++)
        for (size_t k = 0; k < 2; k++)
            free(mail->box[i].thread[k].link);
    free(mail);
}

void replay_mail_blind(struct replay_mail *mail)
{
    mail->blind = true;
}

/* --- what comes in --- */

static int keep_link(struct thread *t, struct err *err)
{
    if (t->links == MAIL_LINKS_MAX) { /* it is taken up again when all is acknowledged */
        t->links = 0;
        t->known = false;
        return 0;
    }
    if (t->links == t->room) {
        const size_t room = t->room > 0 ? 2 * t->room : 64;
        struct link *more = realloc(t->link, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
        t->link = more;
        t->room = room;
    }
    struct link *link = &t->link[t->links++];
    link->sequence = t->last;
    memcpy(link->chain, t->chain, sizeof link->chain);
    return 0;
}

/* Before the first message behind numbers that may have been left out. */
static int part_ways(struct replay_mail *mail, int agency, struct err *err)
{
    struct box *b = &mail->box[agency];
    struct thread *first = &b->thread[0], *second = &b->thread[1];
    const uint64_t skipped = mail->lost[mail->world->name[agency]] - b->skipped;
    if (skipped == 0)
        return 0;
    b->skipped += skipped;
    if (b->others > 0) {
        b->adrift = true;
        return 0;
    }
    struct link *link = malloc((first->links + 1) * sizeof *link);
    if (link == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for replaying");
    if (first->links > 0)
        memcpy(link, first->link, first->links * sizeof *link);
    free(second->link);
    *second = *first;
    second->link = link;
    second->room = first->links + 1;
    second->last += skipped;
    b->others = 1;
    return 0;
}

int replay_mail_add(struct replay_mail *mail, uint16_t agency, struct mailbox_message *message, const uint8_t *letter,
                    struct err *err)
{
    struct box *b = &mail->box[agency];
    int rc = part_ways(mail, agency, err);
    for (size_t i = 0; rc == 0 && !b->adrift && i <= b->others; i++) {
        struct thread *t = &b->thread[i];
        message->sequence = ++t->last;
        if (!t->known)
            continue;
        mailbox_chain(t->chain, message, letter);
        rc = keep_link(t, err);
    }
    return rc;
}

/* All that ever had this name may be meant. */
static void cut_adrift(struct replay_mail *mail, const char *name)
{
    const int number = manifests_number(mail->world->manifests, name);
    for (size_t i = 0; i < mail->world->agencies; i++)
        if (mail->world->name[i] == number)
            mail->box[i].adrift = true;
}

int replay_mail_unknown(struct replay_mail *mail, const char *name, uint64_t count, struct err *err)
{
    const int agency = replay_world_agency(mail->world, name);
    if (agency < 0) {
        cut_adrift(mail, name);
        return 0;
    }
    struct box *b = &mail->box[agency];
    int rc = part_ways(mail, agency, err);
    for (size_t i = 0; rc == 0 && !b->adrift && i <= b->others; i++) {
        b->thread[i].last += count;
        b->thread[i].known = false;
    }
    return rc;
}

void replay_mail_lost(struct replay_mail *mail, const char *name, uint64_t count)
{
    const int number = manifests_number(mail->world->manifests, name);
    if (number >= 0)
        mail->lost[number] += count + 1; /* as matcher/service/restored.c does */
}

/* --- what was handed out --- */

static const struct link *find_link(const struct thread *t, uint64_t sequence)
{
    size_t low = 0, high = t->links;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (t->link[middle].sequence < sequence)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->links && t->link[low].sequence == sequence ? &t->link[low] : NULL;
}

static bool fits(const struct thread *t, const struct event *e)
{
    const struct link *link = find_link(t, e->sequence);
    return e->sequence <= t->last && (link == NULL || memcmp(link->chain, e->chain, sizeof link->chain) == 0);
}

/* What is acknowledged is forgotten; where it is all there is, its chain is known. */
static void go_on(struct thread *t, const struct event *e)
{
    size_t gone = 0;
    while (gone < t->links && t->link[gone].sequence <= e->sequence)
        gone++;
    t->links -= gone;
    if (t->links > 0 && gone > 0)
        memmove(t->link, t->link + gone, t->links * sizeof *t->link);
    if (t->last != e->sequence)
        return;
    t->known = true;
    memcpy(t->chain, e->chain, sizeof t->chain);
}

static void choose_thread(struct box *b, const struct event *e)
{
    const struct thread first = b->thread[0];
    if (b->others > 0 && !fits(&first, e)) {
        b->thread[0] = b->thread[1];
        b->thread[1] = first;
    }
    if (b->others > 0 && !fits(&b->thread[1], e))
        b->others = 0;
}

void replay_mail_acknowledge(struct replay_mail *mail, uint64_t index, const struct event *event)
{
    const int agency = replay_world_agency(mail->world, event->party);
    struct box *b = agency >= 0 ? &mail->box[agency] : NULL;
    if (b == NULL || b->adrift || mail->blind)
        return;
    choose_thread(b, event);
    if (!fits(&b->thread[0], event)) {
        findings_add(mail->findings, FINDING_MAIL_OTHER, mail->origin, index,
                     "%s was handed out other mail up to message %" PRIu64
                     " than what the ledger says that it got, of which the last was %" PRIu64,
                     event->party, event->sequence, b->thread[0].last);
        b->adrift = true;
        return;
    }
    if (event->count != event->sequence - b->acknowledged)
        findings_add(mail->findings, FINDING_NOT_CONSISTENT, mail->origin, index,
                     "it says that %" PRIu64 " messages were taken; behind number %" PRIu64 " it were %" PRIu64,
                     event->count, b->acknowledged, event->sequence - b->acknowledged);
    b->acknowledged = event->sequence;
    for (size_t i = 0; i <= b->others; i++)
        go_on(&b->thread[i], event);
}
