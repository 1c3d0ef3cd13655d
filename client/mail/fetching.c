#include "client/mail/fetching.h"

#include "client/agency/matcher.h"
#include "protocol/base/workers.h"

#include <stdlib.h>

#define FETCH_LIMIT 2048 /* the matcher makes one reply while the one before is taken in: smaller ones, less waiting */

struct batch {
    uint64_t after;
    struct buf message; /* what the reply borrows */
    struct fetch_reply reply;
    int rc;
    struct err err;
};

/* The one batch is taken in while the thread fetches the other. */
struct fetching {
    struct agency *agency;
    const char *matcher;
    struct batch batch[2];
    struct rpc_client *connection; /* the thread's */
    struct workers *worker;        /* NULL until there was more than one batch */
};

static int fetch(const struct fetching *f, struct batch *b, struct rpc_client *connection, struct err *err)
{
    struct wire_reply answer;
    struct buf body = buf_of(256);
    fetch_reply_free(&b->reply);
    int rc = fetch_request_encode(&body, &(struct fetch_request){b->after, FETCH_LIMIT}, err);
    if (rc == 0)
        rc = wire_ask(connection, f->matcher, WIRE_FETCH, buf_span(&body), &b->message, &answer, err);
    if (rc == 0)
        rc = fetch_reply_decode(&b->reply, answer.body, err);
    buf_free(&body);
    return rc;
}

static void work(void *context, void *task)
{
    const struct fetching *f = context;
    struct batch *b = task;
    b->rc = fetch(f, b, f->connection, &b->err);
}

int fetching_new(struct fetching **out, struct agency *agency, uint64_t after, struct err *err)
{
    struct fetching *f = calloc(1, sizeof *f);
    if (f == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for mail");
    f->agency = agency;
    f->matcher = agency->region->matcher.name;
    for (size_t i = 0; i < 2; i++)
        f->batch[i].message = buf_of(RPC_MESSAGE_MAX);
    f->batch[0].after = after;
    *out = f;
    return 0;
}

void fetching_free(struct fetching *fetching)
{
    if (fetching == NULL)
        return;
    if (fetching->connection != NULL)
        rpc_client_cancel(fetching->connection);
    workers_free(fetching->worker);
    rpc_client_close(fetching->connection);
    for (size_t i = 0; i < 2; i++) {
        fetch_reply_free(&fetching->batch[i].reply);
        buf_free(&fetching->batch[i].message);
    }
    free(fetching);
}

static int start_thread(struct fetching *f, struct err *err)
{
    const struct region *r = f->agency->region;
    const struct workers_options options = {.threads = 1, .work = work, .context = f};
    int rc = agency_connect(f->agency, &r->matcher, r->matcher_url, AGENCY_MATCHER_TIMEOUT_MS, &f->connection, err);
    if (rc == 0)
        rc = workers_new(&f->worker, &options, err);
    return rc;
}

/* What comes behind the batch goes into the other one. */
static int fetch_ahead(struct fetching *f, const struct batch *b, struct err *err)
{
    struct batch *next = &f->batch[b == f->batch];
    int rc = f->worker != NULL ? 0 : start_thread(f, err);
    if (rc != 0)
        return rc;
    next->after = b->reply.message[b->reply.count - 1].sequence;
    workers_give(f->worker, next);
    return 0;
}

/* The first batch comes over the agency's own connection, over which the matcher's ledger was looked at. */
static int fetch_first(struct fetching *f, struct err *err)
{
    int rc = agency_meet_matcher(f->agency, err);
    if (rc == 0)
        rc = fetch(f, f->batch, f->agency->matcher, err);
    return rc;
}

int fetching_next(struct fetching *fetching, const struct fetch_reply **out, struct err *err)
{
    struct batch *b = fetching->worker != NULL ? workers_take(fetching->worker, WAIT_FOREVER) : fetching->batch;
    int rc = fetching->worker != NULL ? b->rc : fetch_first(fetching, err);
    if (rc != 0 && fetching->worker != NULL)
        *err = b->err;
    if (rc == 0 && b->reply.more && b->reply.count > 0)
        rc = fetch_ahead(fetching, b, err);
    *out = &b->reply;
    return rc;
}
