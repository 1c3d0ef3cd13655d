#include "protocol/daemon/witnessing.h"

#include "protocol/base/clock.h"
#include "protocol/base/log.h"
#include "protocol/daemon/figures.h"
#include "protocol/identity/psk.h"
#include "protocol/ledger/witness.h"
#include "protocol/wire/ledger.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 5000
#define FIRST_TIMEOUT_MS 500
#define NAP_MS 50

struct witness {
    struct party party;
    char name[NOTE_NAME_MAX + 1]; /* of its witness key */
    struct rpc_client *client;
    _Atomic uint64_t seen; /* the size of our log that it cosigned last */
    bool failing;
};

struct witnessing {
    const struct daemon *daemon;
    struct ledger *ledger;
    char region[NOTE_NAME_MAX + 1];
    struct witness witness[WITNESSES_MAX];
    size_t count;
    enum witnessing_what what;
    uint64_t scanned;        /* entries looked at for something worth witnessing */
    _Atomic uint64_t wanted; /* the size that has to be witnessed: behind the last such entry */
    pthread_t thread;
    bool running;
    _Atomic bool stop;
    pthread_mutex_t lock; /* over what follows */
    bool put_back;
    struct err why;
};

struct witness_peer witness_peer_of(const struct party *party, const char *url)
{
    struct witness_peer peer = {.party = *party};
    snprintf(peer.url, sizeof peer.url, "%s", url);
    return peer;
}

/* --- one witness --- */

static int call(struct witness *peer, const struct witness_request *request, struct buf *message,
                struct witness_reply *reply, struct err *err)
{
    struct wire_reply answer;
    struct buf body = buf_of(RPC_MESSAGE_MAX);
    int rc = witness_request_encode(&body, request, err);
    if (rc == 0)
        rc = wire_ask(peer->client, peer->party.name, WIRE_WITNESS, buf_span(&body), message, &answer, err);
    if (rc == 0)
        rc = witness_reply_decode(reply, answer.body, err);
    buf_free(&body);
    return rc;
}

static int ask(struct witnessing *w, struct witness *peer, struct span note, const struct checkpoint *checkpoint,
               struct buf *message, struct witness_reply *reply, struct err *err)
{
    struct buf proof = buf_of(LEDGER_PROOF_MAX * LEDGER_HASH_SIZE);
    int rc = ledger_consistency(w->ledger, peer->seen, checkpoint->size, &proof, err);
    if (rc == 0)
        rc = call(peer, &(struct witness_request){peer->seen, buf_span(&proof), note}, message, reply, err);
    buf_free(&proof);
    return rc;
}

/* What the witness returns is believed only if it is one line that verifies on our own note. */
static int keep(struct witnessing *w, struct witness *peer, struct span note, uint64_t size, struct span line,
                struct err *err)
{
    uint64_t time;
    struct buf signed_note = buf_of(LEDGER_CHECKPOINT_MAX);
    if (memchr(line.data, '\n', line.len) != line.data + line.len - 1)
        return err_set(err, ERR_VERIFY, "%s returns more or less than one signature line", peer->party.name);
    int rc = buf_put(&signed_note, note.data, note.len, err);
    if (rc == 0)
        rc = buf_put(&signed_note, line.data, line.len, err);
    if (rc == 0)
        rc = cosignature_verify(buf_span(&signed_note), peer->name, peer->party.witness, &time, err);
    if (rc == 0)
        rc = ledger_add_cosignature(w->ledger, size, line, err);
    buf_free(&signed_note);
    return rc;
}

/* --- a store that was put back --- */

static int note_put_back(struct witnessing *w, const struct witness *peer, uint64_t seen, const char *what,
                         struct err *err)
{
    pthread_mutex_lock(&w->lock);
    w->put_back = true;
    err_set(&w->why, ERR_CONFLICT, "%s has a checkpoint of %llu entries that we signed, %s: " WITNESSING_PUT_BACK,
            peer->party.name, (unsigned long long)seen, what);
    *err = w->why;
    pthread_mutex_unlock(&w->lock);
    return ERR_CONFLICT;
}

/* What a witness says that it has seen of ours: it is believed only if we signed it. Of size 0: it has seen nothing. */
static int read_seen(const struct witnessing *w, const struct witness *peer, const struct witness_reply *reply,
                     struct checkpoint *seen, struct err *err)
{
    char origin[NOTE_NAME_MAX + 1];
    seen->size = 0;
    if (reply->seen.len == 0)
        return 0;
    int rc = ledger_origin(origin, w->region, w->daemon->identity.party.name, err);
    if (rc == 0)
        rc = checkpoint_verify(seen, reply->seen, w->daemon->identity.party.log, err);
    if (rc == 0 && strcmp(seen->origin, origin) != 0)
        rc = err_set(err, ERR_VERIFY, "%s shows a checkpoint of %s for ours", peer->party.name, seen->origin);
    return rc;
}

static int check_seen(struct witnessing *w, struct witness *peer, const struct witness_reply *reply, struct err *err)
{
    struct checkpoint seen;
    struct hash root;
    int rc = read_seen(w, peer, reply, &seen, err);
    if (rc == 0 && seen.size == 0)
        peer->seen = 0;
    if (rc != 0 || seen.size == 0)
        return rc;
    if (seen.size > ledger_size(w->ledger))
        return note_put_back(w, peer, seen.size, "more than our ledger has", err);
    rc = ledger_root(w->ledger, seen.size, &root, err);
    if (rc == 0 && memcmp(root.bytes, seen.root.bytes, sizeof root.bytes) != 0)
        return note_put_back(w, peer, seen.size, "others than our ledger has", err);
    if (rc == 0)
        peer->seen = seen.size;
    return rc;
}

/* A witness that has seen another size shows it; then it is asked again from there. */
static int have_cosigned(struct witnessing *w, struct witness *peer, struct span note,
                         const struct checkpoint *checkpoint, struct err *err)
{
    struct witness_reply reply = {0};
    struct buf message = buf_of(RPC_MESSAGE_MAX);
    int rc = 0;
    for (int round = 0; rc == 0 && round < 2; round++) {
        rc = ask(w, peer, note, checkpoint, &message, &reply, err);
        if (rc == 0 && reply.line.len > 0)
            break;
        if (rc == 0)
            rc = check_seen(w, peer, &reply, err);
    }
    if (rc == 0 && reply.line.len == 0)
        rc = err_set(err, ERR_VERIFY, "%s does not cosign", peer->party.name);
    if (rc == 0)
        rc = keep(w, peer, note, checkpoint->size, reply.line, err);
    if (rc == 0)
        peer->seen = checkpoint->size;
    buf_free(&message);
    return rc;
}

/* --- the thread --- */

/* Moves `wanted` behind the newest entry that is worth it: from the end, since that is near. */
static int scan(struct witnessing *w, struct err *err)
{
    int rc = 0;
    struct event event = {.kind = EVENT_WITNESS};
    struct buf text = buf_of(EVENT_SIZE_MAX);
    uint64_t size = ledger_size(w->ledger), at = size;
    if (w->what == WITNESSING_ALL) {
        w->wanted = size;
        return 0;
    }
    while (rc == 0 && at > w->scanned && event.kind == EVENT_WITNESS && !w->stop) {
        buf_clear(&text);
        rc = ledger_entry(w->ledger, --at, &text, err);
        if (rc == 0)
            rc = event_decode(&event, buf_span(&text), err);
    }
    if (rc == 0 && event.kind != EVENT_WITNESS)
        w->wanted = at + 1;
    if (rc == 0)
        w->scanned = size;
    buf_free(&text);
    return rc;
}

static void go_round(struct witnessing *w)
{
    struct err err;
    struct checkpoint checkpoint;
    struct span body, signatures;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    int rc = scan(w, &err);
    if (rc == 0)
        rc = ledger_checkpoint(w->ledger, &note, &err);
    if (rc == 0)
        rc = checkpoint_parse(&checkpoint, buf_span(&note), &body, &signatures, &err);
    if (rc != 0)
        log_event(LOG_ERROR, "witnessing-failed", "reason=\"%s\"", err.text);
    for (size_t i = 0; rc == 0 && i < w->count && !w->stop; i++) {
        struct witness *peer = &w->witness[i];
        if (peer->seen >= w->wanted)
            continue;
        int asked = have_cosigned(w, peer, buf_span(&note), &checkpoint, &err);
        if (asked != 0 && !peer->failing && !w->stop)
            log_event(LOG_WARN, "not-witnessed", "witness=%s reason=\"%s\"", peer->party.name, err.text);
        peer->failing = asked != 0;
    }
    buf_free(&note);
}

static void *witnessing_main(void *context)
{
    struct witnessing *w = context;
    while (!w->stop) {
        go_round(w);
        uint64_t until = clock_monotonic_ms() + 1000 * w->daemon->config->witness_interval;
        while (!w->stop && clock_monotonic_ms() < until)
            clock_sleep_ms(NAP_MS);
    }
    return NULL;
}

static int add_witness(struct witnessing *w, const struct witness_peer *peer, uint64_t timeout_ms, struct err *err)
{
    bool found;
    struct witness *to = &w->witness[w->count];
    struct rpc_client_options options = {.url = peer->url,
                                         .identity = &w->daemon->identity,
                                         .peer_name = peer->party.name,
                                         .timeout_ms = timeout_ms,
                                         .attempts = 1};
    to->party = peer->party;
    memcpy(options.peer_channel, peer->party.channel, sizeof options.peer_channel);
    int rc = witness_name(to->name, w->region, peer->party.name, err);
    if (rc == 0)
        rc = psk_load(options.psk, &found, w->daemon->config->psks, &peer->party, err);
    if (rc == 0)
        rc = rpc_client_open(&to->client, &options, err);
    sodium_memzero(options.psk, sizeof options.psk);
    if (rc == 0)
        w->count++;
    return rc;
}

/* With the witnesses, and no thread yet. */
static int make(struct witnessing **out, const struct daemon *daemon, struct ledger *ledger, const char *region,
                const struct witness_peer *peers, size_t count, uint64_t timeout_ms, struct err *err)
{
    struct witnessing *w = calloc(1, sizeof *w);
    int rc = 0;
    *out = w;
    if (w == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for witnessing");
    w->daemon = daemon;
    w->ledger = ledger;
    snprintf(w->region, sizeof w->region, "%s", region);
    pthread_mutex_init(&w->lock, NULL);
    for (size_t i = 0; rc == 0 && i < count && i < WITNESSES_MAX; i++)
        rc = add_witness(w, &peers[i], timeout_ms, err);
    return rc;
}

int witnessing_start(struct witnessing **out, const struct daemon *daemon, struct ledger *ledger,
                     enum witnessing_what what, const char *region, const struct witness_peer *peers, size_t count,
                     struct err *err)
{
    struct witnessing *w;
    int rc = make(&w, daemon, ledger, region, peers, count, TIMEOUT_MS, err);
    if (rc == 0)
        w->what = what;
    if (rc == 0 && pthread_create(&w->thread, NULL, witnessing_main, w) != 0)
        rc = err_set(err, ERR_IO, "cannot start a thread");
    if (rc != 0) {
        witnessing_stop(w);
        return rc;
    }
    w->running = true;
    *out = w;
    return 0;
}

int witnessing_check(struct witnessing *witnessing, struct err *err)
{
    if (witnessing == NULL)
        return 0;
    pthread_mutex_lock(&witnessing->lock);
    bool put_back = witnessing->put_back;
    if (put_back)
        *err = witnessing->why;
    pthread_mutex_unlock(&witnessing->lock);
    return put_back ? ERR_CONFLICT : 0;
}

void witnessing_measure(const struct witnessing *witnessing)
{
    for (size_t i = 0; witnessing != NULL && i < witnessing->count; i++) {
        const struct witness *peer = &witnessing->witness[i];
        const uint64_t wanted = witnessing->wanted, seen = peer->seen;
        figures_witness(peer->party.name, wanted > seen ? wanted - seen : 0);
    }
}

/*
 * Asked from beyond all sizes, a witness cosigns nothing and shows what it has seen. ERR_UNREACHABLE: it does not
 * answer, and is left for later.
 */
static int ask_seen(struct witness *peer, struct span note, struct buf *message, struct witness_reply *reply,
                    struct err *err)
{
    int rc = call(peer, &(struct witness_request){INT64_MAX, span_of(NULL, 0), note}, message, reply, err);
    if (rc == 0)
        return 0;
    log_event(LOG_INFO, "witness-not-asked", "witness=%s reason=\"%s\"", peer->party.name, err->text);
    return ERR_UNREACHABLE;
}

static int ask_first(struct witnessing *w, struct witness *peer, struct span note, struct err *err)
{
    struct witness_reply reply = {0};
    struct buf message = buf_of(RPC_MESSAGE_MAX);
    int rc = ask_seen(peer, note, &message, &reply, err);
    if (rc == 0)
        rc = check_seen(w, peer, &reply, err);
    buf_free(&message);
    return rc == ERR_CONFLICT ? rc : 0;
}

int witnessing_ask_newest(struct witnessing_newest *out, const struct daemon *daemon, struct ledger *ledger,
                          const char *region, const struct witness_peer *peers, size_t count, struct err *err)
{
    struct witnessing *w = NULL;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX), message = buf_of(RPC_MESSAGE_MAX);
    *out = (struct witnessing_newest){.size = 0};
    if (ledger_size(ledger) == 0)
        return 0;
    int rc = make(&w, daemon, ledger, region, peers, count, FIRST_TIMEOUT_MS, err);
    if (rc == 0)
        rc = ledger_checkpoint(ledger, &note, err);
    for (size_t i = 0; rc == 0 && i < w->count; i++) {
        struct witness_reply reply = {0};
        struct checkpoint seen;
        if (ask_seen(&w->witness[i], buf_span(&note), &message, &reply, err) != 0)
            continue;
        out->asked++;
        if (read_seen(w, &w->witness[i], &reply, &seen, ERR_IGNORED) == 0 && seen.size > out->size) {
            out->size = seen.size;
            memcpy(out->by, w->witness[i].party.name, sizeof out->by);
        }
    }
    witnessing_stop(w);
    buf_free(&note);
    buf_free(&message);
    return rc;
}

int witnessing_check_first(const struct daemon *daemon, struct ledger *ledger, const char *region,
                           const struct witness_peer *peers, size_t count, struct err *err)
{
    struct witnessing *w = NULL;
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    int rc = ledger_check_exported(ledger, daemon->config->ledger, err);
    if (rc == ERR_CONFLICT)
        return err_wrap(err, WITNESSING_PUT_BACK);
    if (rc != 0 || ledger_size(ledger) == 0)
        return rc;
    rc = make(&w, daemon, ledger, region, peers, count, FIRST_TIMEOUT_MS, err);
    if (rc == 0)
        rc = ledger_checkpoint(ledger, &note, err);
    for (size_t i = 0; rc == 0 && i < w->count; i++)
        rc = ask_first(w, &w->witness[i], buf_span(&note), err);
    witnessing_stop(w);
    buf_free(&note);
    return rc;
}

bool witnessing_put_back(struct witnessing *witnessing, const struct daemon *daemon, struct ledger *ledger)
{
    return witnessing_check(witnessing, ERR_IGNORED) != 0 ||
           ledger_check_exported(ledger, daemon->config->ledger, ERR_IGNORED) == ERR_CONFLICT;
}

void witnessing_stop(struct witnessing *witnessing)
{
    if (witnessing == NULL)
        return;
    witnessing->stop = true;
    for (size_t i = 0; i < witnessing->count; i++)
        rpc_client_cancel(witnessing->witness[i].client);
    if (witnessing->running)
        pthread_join(witnessing->thread, NULL);
    for (size_t i = 0; i < witnessing->count; i++)
        rpc_client_close(witnessing->witness[i].client);
    pthread_mutex_destroy(&witnessing->lock);
    free(witnessing);
}
