#include "protocol/sp/gate.h"

#include "protocol/base/clock.h"
#include "protocol/sp/filter.h"
#include "protocol/sp/place.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#define NOBODY UINT32_MAX
#define EVENTS 256
#define SLOT_MS 50 /* of it, strangers and new connections get SLOT_MICROS of the thread */
#define SLOT_MICROS 2000
#define SLOT_EVENTS 25 /* more of them in it, and who comes then waits for the next */
#define SHORT_MS 10    /* of a key, so many messages in it; who had few goes first: */
#define SHORT_MESSAGES (GATE_KEY_SECOND * SHORT_MS / 1000)
#define SHORT_BYTES (GATE_KEY_BYTES / GATE_KEY_SECOND)
#define SHORT_FEW 2
#define FEW 4          /* of them, and of new connections, before known keys have their turn */
#define TURN 16        /* reads of one connection before others have their turn */
#define AT_ONCE 65536u /* an answer of so many bytes is sent by who gives it, if nothing is before it */
#define TICK_MS 250
#define LINGER_MS 1000   /* for the last answers */
#define REFUSED_MS 10000 /* without a descriptor for a new connection: it will not get better by itself */
#define LEAST_CONNECTIONS 64
#define CROWDS 4096 /* a power of two */
#define KEPT_OUT 32 /* addresses, each for so long: */
#define KEPT_OUT_MS 2000
#define SCRATCH 65536u

#define AT_LISTENER UINT64_MAX
#define AT_WAKE (UINT64_MAX - 1)
#define AT_STRANGERS (UINT64_MAX - 2)

struct outgoing {
    struct outgoing *next;
    size_t len, sent;
    bool last; /* the connection ends with it */
    uint8_t bytes[];
};

struct connection {
    int fd; /* -1: free */
    uint32_t generation;
    bool known, shown;      /* counted with its key; the key was shown, and is to be counted */
    bool heard;             /* a message came */
    bool dirty, deaf, over; /* the thread must look at it; nothing more is read; it is to be closed */
    bool rests;             /* nothing is read until the next short slot: its key had its share of this one */
    uint32_t events;
    int wakes_at; /* so many bytes: SO_RCVLOWAT */
    uint16_t key;
    uint8_t shown_key[GATE_KEY_SIZE];
    uint8_t address[SP_ADDRESS_SIZE];
    uint16_t crowd;       /* where its address is counted */
    uint64_t born, moved; /* milliseconds */
    struct sp_reader reader;
    unsigned in_flight;
    struct outgoing *out, **out_end;
    uint32_t older, newer; /* of the strangers */
};

struct key {
    uint8_t key[GATE_KEY_SIZE];
    size_t count;
    uint64_t slot; /* a short one; in it, so many messages came, and SHORT_BYTES count as one: */
    uint64_t in_slot;
};

/* Addresses by a secret hash: how many strangers are of one, or of some that fall together; who showed a key last. */
struct crowd {
    size_t strangers;
    uint64_t second; /* in it, so many came: */
    unsigned came;
    uint8_t familiar[SP_ADDRESS_SIZE];
    uint64_t until; /* milliseconds */
};

/* Who came too often in a second and showed no key. */
struct kept_out {
    uint8_t address[SP_ADDRESS_SIZE];
    uint64_t until; /* milliseconds */
};

struct gate {
    struct gate_options options;
    char url[256];
    bool ipc;
    int listener, wake;
    int epoll, strangers_epoll; /* known keys; the listener and strangers, itself in the first */
    pthread_t thread;
    bool running;
    _Atomic int failure;
    pthread_mutex_t turn; /* who waits for the lock is next to have it, also if the thread wants it again at once */
    pthread_mutex_t lock; /* guards what follows; connections are opened, read and closed by the thread alone */
    pthread_cond_t changed;
    bool draining, drained, ending;
    uint64_t refused_since, accept_after, slot, short_slot;
    unsigned in_slot, slot_micros; /* of strangers in the slot: events, time */
    bool held, rests;              /* they wait for the next; some of known keys for the next short one */
    uint64_t second;               /* in it, so many strangers came: */
    unsigned came;
    bool closed, filter_due; /* only familiar addresses come in; the listener's filter is not of what holds */
    struct kept_out kept_out[KEPT_OUT];
    size_t kept_out_count;
    size_t size, strangers_max, used, strangers;
    uint32_t oldest, newest, next_free;
    uint32_t *dirty;
    size_t dirty_count;
    struct connection *connection;
    struct key key[GATE_KEYS];
    struct crowd crowd[CROWDS];
    uint8_t crowd_key[crypto_shorthash_KEYBYTES];
    uint8_t scratch[SCRATCH];
};

static void lock(struct gate *g)
{
    pthread_mutex_lock(&g->turn);
    pthread_mutex_lock(&g->lock);
    pthread_mutex_unlock(&g->turn);
}

/* --- the strangers, by age --- */

static void strangers_add(struct gate *g, uint32_t at)
{
    struct connection *c = &g->connection[at];
    c->older = g->newest;
    c->newer = NOBODY;
    if (g->newest != NOBODY)
        g->connection[g->newest].newer = at;
    else
        g->oldest = at;
    g->newest = at;
    g->strangers++;
    g->crowd[c->crowd].strangers++;
}

static void strangers_remove(struct gate *g, uint32_t at)
{
    struct connection *c = &g->connection[at];
    if (c->older != NOBODY)
        g->connection[c->older].newer = c->newer;
    else
        g->oldest = c->newer;
    if (c->newer != NOBODY)
        g->connection[c->newer].older = c->older;
    else
        g->newest = c->older;
    g->strangers--;
    g->crowd[c->crowd].strangers--;
}

/* --- closing --- */

static void close_connection(struct gate *g, uint32_t at)
{
    struct connection *c = &g->connection[at];
    if (c->fd < 0)
        return;
    close(c->fd);
    c->fd = -1;
    c->generation++;
    if (c->known)
        g->key[c->key].count--;
    else
        strangers_remove(g, at);
    for (struct outgoing *o = c->out, *next; o != NULL; o = next) {
        next = o->next;
        free(o);
    }
    c->out = NULL;
    sp_reader_free(&c->reader);
    g->used--;
}

static bool is_idle(const struct connection *c)
{
    return c->in_flight == 0 && c->out == NULL && !sp_reader_is_within(&c->reader);
}

/* The oldest of this key that is not `but`, one that does nothing before one that is at work. */
static void close_oldest_of(struct gate *g, uint16_t key, uint32_t but)
{
    uint32_t best = NOBODY;
    for (uint32_t i = 0; i < g->size; i++) {
        const struct connection *c = &g->connection[i], *b = best == NOBODY ? NULL : &g->connection[best];
        if (c->fd < 0 || !c->known || c->key != key || i == but)
            continue;
        if (b == NULL || (is_idle(c) != is_idle(b) ? is_idle(c) : c->born < b->born))
            best = i;
    }
    if (best != NOBODY)
        close_connection(g, best);
}

/* --- known keys --- */

static uint16_t find_key(const struct gate *g, const uint8_t key[GATE_KEY_SIZE])
{
    uint16_t room = GATE_KEYS;
    for (uint16_t i = 0; i < GATE_KEYS; i++) {
        if (g->key[i].count > 0 && memcmp(g->key[i].key, key, GATE_KEY_SIZE) == 0)
            return i;
        if (g->key[i].count == 0 && room == GATE_KEYS)
            room = i;
    }
    return room;
}

static uint16_t largest_key(const struct gate *g)
{
    uint16_t best = 0;
    for (uint16_t i = 1; i < GATE_KEYS; i++)
        if (g->key[i].count > g->key[best].count)
            best = i;
    return best;
}

static void set_up(int fd, bool ipc)
{
    const int on = 1, idle = 60, interval = 15, count = 4;
    if (ipc)
        return;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

static void become_familiar(struct gate *g, const struct connection *c)
{
    struct crowd *crowd = &g->crowd[c->crowd];
    memcpy(crowd->familiar, c->address, sizeof crowd->familiar);
    crowd->until = clock_monotonic_ms() + GATE_FAMILIAR_MS;
}

static bool is_familiar(const struct gate *g, const uint8_t address[SP_ADDRESS_SIZE], uint16_t at)
{
    const struct crowd *crowd = &g->crowd[at];
    return crowd->until > clock_monotonic_ms() && memcmp(crowd->familiar, address, sizeof crowd->familiar) == 0;
}

/* A stranger is one no more. Who has most of the connections makes room. */
static void count_with_key(struct gate *g, uint32_t at)
{
    struct connection *c = &g->connection[at];
    const uint16_t key = find_key(g, c->shown_key);
    if (key == GATE_KEYS) {
        close_connection(g, at);
        return;
    }
    strangers_remove(g, at);
    sp_filter_drop(c->fd);
    set_up(c->fd, g->ipc);
    become_familiar(g, c);
    (void)epoll_ctl(g->strangers_epoll, EPOLL_CTL_DEL, c->fd, NULL);
    c->known = true;
    c->key = key;
    struct epoll_event event = {.events = c->events, .data.u64 = (uint64_t)c->generation << 32 | at};
    const bool added = epoll_ctl(g->epoll, EPOLL_CTL_ADD, c->fd, &event) == 0;
    memcpy(g->key[key].key, c->shown_key, GATE_KEY_SIZE);
    g->key[key].count++;
    if (!added)
        close_connection(g, at);
    else if (g->key[key].count > GATE_KEY_CONNECTIONS)
        close_oldest_of(g, key, at);
    else if (g->used - g->strangers > g->size - g->strangers_max)
        close_oldest_of(g, largest_key(g), at);
}

/* --- sending --- */

/* False: the connection is over. */
static bool flush(struct connection *c)
{
    while (c->out != NULL) {
        struct outgoing *o = c->out;
        ssize_t sent = send(c->fd, o->bytes + o->sent, o->len - o->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        o->sent += (size_t)sent;
        c->moved = clock_monotonic_ms();
        if (o->sent < o->len)
            continue;
        const bool last = o->last;
        c->out = o->next;
        if (c->out == NULL)
            c->out_end = &c->out;
        free(o);
        if (last)
            return false;
    }
    return true;
}

static bool reads(const struct gate *g, const struct connection *c)
{
    return !g->draining && !c->deaf && !c->rests && c->in_flight < GATE_IN_FLIGHT;
}

static int epoll_of(const struct gate *g, const struct connection *c)
{
    return c->known ? g->epoll : g->strangers_epoll;
}

static void watch(struct gate *g, uint32_t at)
{
    struct connection *c = &g->connection[at];
    const uint32_t events = (reads(g, c) ? EPOLLIN : 0u) | (c->out != NULL ? EPOLLOUT : 0u);
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)c->generation << 32 | at};
    if (events == c->events)
        return;
    c->events = events;
    if (epoll_ctl(epoll_of(g, c), EPOLL_CTL_MOD, c->fd, &event) != 0)
        close_connection(g, at);
}

static void wake(struct gate *g)
{
    const uint64_t one = 1;
    ssize_t written = write(g->wake, &one, sizeof one);
    (void)written; /* the counter is full: it is awake */
}

/* With the lock. The thread will look at the connection. */
static void mark(struct gate *g, uint32_t at)
{
    if (g->connection[at].dirty)
        return;
    g->connection[at].dirty = true;
    g->dirty[g->dirty_count++] = at;
    wake(g);
}

static struct connection *find(struct gate *g, const struct gate_message *message)
{
    struct connection *c = &g->connection[message->connection];
    return c->fd >= 0 && c->generation == message->generation ? c : NULL;
}

static struct outgoing *make_outgoing(const struct gate *g, const struct gate_message *message, struct span bytes)
{
    struct outgoing *o = malloc(sizeof *o + SP_PREFIX_MAX + message->back_len + bytes.len);
    if (o == NULL)
        return NULL;
    o->next = NULL;
    o->sent = 0;
    o->last = false;
    o->len = sp_prefix(o->bytes, g->ipc, message->back_len + bytes.len);
    memcpy(o->bytes + o->len, message->back, message->back_len);
    o->len += message->back_len;
    if (bytes.len > 0)
        memcpy(o->bytes + o->len, bytes.data, bytes.len);
    o->len += bytes.len;
    return o;
}

/* NULL as an answer: there is none, or no memory for it. */
static void end_message(struct gate *g, struct gate_message *message, struct outgoing *answer, bool last)
{
    lock(g);
    struct connection *c = find(g, message);
    if (c != NULL) {
        const bool paused = c->in_flight-- == GATE_IN_FLIGHT, first = c->out == NULL;
        bool over = last && answer == NULL;
        if (answer != NULL) {
            answer->last = last;
            *c->out_end = answer;
            c->out_end = &answer->next;
            if (first && answer->len <= AT_ONCE)
                over = !flush(c);
            answer = NULL;
        }
        c->deaf = c->deaf || last || over;
        c->over = c->over || over;
        if (paused || over || c->out != NULL)
            mark(g, message->connection);
    }
    pthread_mutex_unlock(&g->lock);
    free(answer);
    buf_free(&message->bytes);
}

void gate_answer(struct gate *gate, struct gate_message *message, struct span bytes)
{
    struct outgoing *o = make_outgoing(gate, message, bytes);
    end_message(gate, message, o,
                o == NULL); /* an answer that cannot be given ends the connection: the peer sees that */
}

void gate_dismiss(struct gate *gate, struct gate_message *message, struct span bytes)
{
    end_message(gate, message, make_outgoing(gate, message, bytes), true);
}

void gate_drop(struct gate *gate, struct gate_message *message)
{
    end_message(gate, message, NULL, false);
}

void gate_know(struct gate *gate, const struct gate_message *message, const uint8_t key[GATE_KEY_SIZE])
{
    lock(gate);
    struct connection *c = find(gate, message);
    if (c != NULL && !c->shown) {
        memcpy(c->shown_key, key, GATE_KEY_SIZE);
        c->shown = true;
        mark(gate, message->connection);
    }
    pthread_mutex_unlock(&gate->lock);
}

struct span gate_body(const struct gate_message *message)
{
    return span_of(message->bytes.data + message->back_len, message->bytes.len - message->back_len);
}

/* --- reading --- */

/* How many messages of this connection's key came in the slot; what was too much in those before counts on. */
static uint64_t *count_in_slot(struct gate *g, const struct connection *c)
{
    struct key *key = &g->key[c->key];
    const uint64_t paid = (g->short_slot - key->slot) * SHORT_MESSAGES;
    key->in_slot = key->in_slot > paid ? key->in_slot - paid : 0;
    key->slot = g->short_slot;
    return &key->in_slot;
}

/* A message is complete, or cut. The lock is given up while its taker has it. */
static bool hand_on(struct gate *g, uint32_t at, bool cut)
{
    struct connection *c = &g->connection[at];
    struct gate_message message = {.connection = at,
                                   .generation = c->generation,
                                   .cut = cut,
                                   .known = c->shown,
                                   .key = c->known ? c->key : GATE_KEYS};
    message.familiar = is_familiar(g, c->address, c->crowd);
    message.back_len = sp_back(buf_span(&c->reader.message));
    if (message.back_len == 0)
        return false;
    memcpy(message.back, c->reader.message.data, message.back_len);
    message.bytes = c->reader.message;
    c->reader.message = buf_of(message.bytes.max);
    c->in_flight++;
    c->heard = true;
    if (c->known)
        *count_in_slot(g, c) += 1 + message.bytes.len / SHORT_BYTES;
    pthread_mutex_unlock(&g->lock);
    g->options.take(g->options.context, &message);
    lock(g);
    return true;
}

/* Strangers are greeted when they have greeted: nobody of the protocol waits for it. */
static bool greet(struct connection *c)
{
    uint8_t greeting[SP_GREETING_SIZE];
    sp_greeting(greeting, SP_REP);

    return send(c->fd, greeting, sizeof greeting, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof greeting;
}

/* False: the connection is over. */
static bool read_once(struct gate *g, uint32_t at, bool *more)
{
    struct connection *c = &g->connection[at];
    size_t len;
    c->reader.limit = c->shown ? g->options.limit + SP_BACK_MAX : GATE_STRANGER_MESSAGE;
    uint8_t *to = sp_reader_want(&c->reader, g->scratch, sizeof g->scratch, &len);
    ssize_t got = to == NULL ? 0 : recv(c->fd, to, len, MSG_DONTWAIT);
    *more = got == (ssize_t)len;
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (got == 0)
        return false;
    c->moved = clock_monotonic_ms();
    switch (sp_reader_got(&c->reader, (size_t)got)) {
    case SP_MORE:
        return true;
    case SP_GREETED:
        return greet(c);
    case SP_MESSAGE:
        *more = false; /* seldom is there another, and one look less for each is worth it */
        return hand_on(g, at, false);
    case SP_CUT:
        return hand_on(g, at, true);
    default:
        return false;
    }
}

/* Who sends a byte now and then wakes nobody until there is what was asked for. */
static void sleep_until_whole(struct connection *c)
{
    size_t len = 1;
    if (!c->shown && sp_reader_is_within(&c->reader) && c->reader.left <= GATE_STRANGER_MESSAGE)
        (void)sp_reader_want(&c->reader, NULL, 1, &len);
    const int wanted = (int)len;
    if (c->wakes_at != wanted && setsockopt(c->fd, SOL_SOCKET, SO_RCVLOWAT, &wanted, sizeof wanted) == 0)
        c->wakes_at = wanted;
}

static bool read_some(struct gate *g, uint32_t at)
{
    struct connection *c = &g->connection[at];
    bool good = true, more = true;
    if (c->known && *count_in_slot(g, c) >= SHORT_MESSAGES)
        g->rests = c->rests = true;
    for (int i = 0; i < TURN && good && more && reads(g, c); i++)
        good = read_once(g, at, &more);
    if (good && (!c->known || c->wakes_at != 1))
        sleep_until_whole(c);
    return good;
}

static void serve(struct gate *g, const struct epoll_event *event)
{
    const uint32_t at = (uint32_t)event->data.u64;
    struct connection *c = &g->connection[at];
    if (c->fd < 0 || c->generation != (uint32_t)(event->data.u64 >> 32))
        return;
    bool good = (event->events & (EPOLLERR | EPOLLHUP)) == 0;
    if (good && (event->events & EPOLLOUT) != 0)
        good = flush(c);
    if (good && (event->events & EPOLLIN) != 0)
        good = read_some(g, at);
    if (good)
        watch(g, at);
    else
        close_connection(g, at);
}

static void serve_dirty(struct gate *g)
{
    while (g->dirty_count > 0) {
        const uint32_t at = g->dirty[--g->dirty_count];
        struct connection *c = &g->connection[at];
        c->dirty = false;
        if (c->fd >= 0 && c->shown && !c->known)
            count_with_key(g, at);
        if (c->fd >= 0 && (c->over || !flush(c)))
            close_connection(g, at);
        if (c->fd >= 0)
            watch(g, at);
    }
}

/* --- accepting --- */

/* The oldest stranger of this address, if there are as many as may be. */
static uint32_t find_crowded(const struct gate *g, const uint8_t address[SP_ADDRESS_SIZE], uint16_t crowd)
{
    size_t same = 0;
    uint32_t oldest = NOBODY;
    if (g->ipc || g->crowd[crowd].strangers < GATE_STRANGERS_ADDRESS)
        return NOBODY;
    for (uint32_t i = g->newest; i != NOBODY; i = g->connection[i].older)
        if (memcmp(g->connection[i].address, address, SP_ADDRESS_SIZE) == 0) {
            same++;
            oldest = i;
        }
    return same >= GATE_STRANGERS_ADDRESS ? oldest : NOBODY;
}

/* The newest comes in: who shows a key needs two journeys of a packet for it, who shows none may go. */
static void make_room(struct gate *g, const uint8_t address[SP_ADDRESS_SIZE], uint16_t crowd)
{
    uint32_t victim = find_crowded(g, address, crowd);
    if (victim == NOBODY && g->strangers >= g->strangers_max)
        victim = g->oldest;
    if (victim != NOBODY)
        close_connection(g, victim);
}

static uint16_t crowd_of(const struct gate *g, const uint8_t address[SP_ADDRESS_SIZE])
{
    uint8_t hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, address, SP_ADDRESS_SIZE, g->crowd_key);
    return bytes_get_u16be(hash) % CROWDS;
}

static uint32_t free_place(struct gate *g)
{
    uint32_t at = g->next_free;
    while (g->connection[at].fd >= 0)
        at = (at + 1) % (uint32_t)g->size;
    g->next_free = (at + 1) % (uint32_t)g->size;
    return at;
}

static void keep_out(struct gate *g, const uint8_t address[SP_ADDRESS_SIZE])
{
    if (g->kept_out_count == KEPT_OUT)
        return;
    struct kept_out *k = &g->kept_out[g->kept_out_count++];
    memcpy(k->address, address, SP_ADDRESS_SIZE);
    k->until = clock_monotonic_ms() + KEPT_OUT_MS;
    g->filter_due = true;
}

static bool is_kept_out(const struct gate *g, const uint8_t address[SP_ADDRESS_SIZE])
{
    for (size_t i = 0; i < g->kept_out_count; i++)
        if (memcmp(g->kept_out[i].address, address, SP_ADDRESS_SIZE) == 0)
            return true;
    return false;
}

/* Somebody from an address from which nobody showed a key of late. They are counted, of each address and together. */
static bool may_come(struct gate *g, const uint8_t address[SP_ADDRESS_SIZE], uint16_t at)
{
    struct crowd *crowd = &g->crowd[at];
    if (g->closed || is_kept_out(g, address))
        return false;
    if (crowd->second != g->second)
        crowd->came = 0;
    crowd->second = g->second;
    if (++crowd->came >= GATE_SECOND_ADDRESS)
        keep_out(g, address);
    g->came++;
    return true;
}

static void admit(struct gate *g, int fd, const struct sockaddr_storage *from)
{
    uint8_t address[SP_ADDRESS_SIZE];
    sp_address(address, from);
    const uint16_t crowd = crowd_of(g, address);
    if (!g->ipc && !is_familiar(g, address, crowd) && !may_come(g, address, crowd)) {
        close(fd);
        return;
    }
    make_room(g, address, crowd);
    const uint32_t at = free_place(g);
    struct connection *c = &g->connection[at];
    *c = (struct connection){
        .fd = fd, .generation = c->generation, .dirty = c->dirty, .events = EPOLLIN, .wakes_at = 1, .crowd = crowd};
    c->out_end = &c->out;
    c->born = c->moved = clock_monotonic_ms();
    memcpy(c->address, address, sizeof address);
    sp_reader_init(&c->reader, g->ipc, SP_REQ, GATE_STRANGER_MESSAGE);
    strangers_add(g, at);
    g->used++;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)c->generation << 32 | at};
    if (epoll_ctl(g->strangers_epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        close_connection(g, at);
}

static void listen_for(struct gate *g, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u64 = AT_LISTENER};
    (void)epoll_ctl(g->strangers_epoll, EPOLL_CTL_MOD, g->listener, &event);
}

/* False: nobody is there any more. */
static bool accept_some(struct gate *g)
{
    for (int i = 0; i < FEW; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        int fd = accept4(g->listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            g->refused_since = 0;
            admit(g, fd, &from);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            const int why = errno;
            const uint64_t now = clock_monotonic_ms();
            g->refused_since = g->refused_since != 0 ? g->refused_since : now;
            if (now - g->refused_since > REFUSED_MS)
                g->failure = why;
            g->accept_after = now + TICK_MS;
            listen_for(g, 0);
            return false;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return false;
        } /* else that connection is gone, and the next may be better */
    }
    return true;
}

/* --- the thread --- */

static bool is_over_time(const struct connection *c, uint64_t now)
{
    if (!c->known && !c->shown)
        return c->in_flight == 0 && now - c->born > (c->heard ? GATE_PROVE_MS : GATE_HELLO_MS);
    if (c->out != NULL || sp_reader_is_within(&c->reader))
        return now - c->moved > GATE_STALLED_MS && c->in_flight < GATE_IN_FLIGHT;
    return c->in_flight == 0 && now - c->moved > GATE_IDLE_MS;
}

static void tick(struct gate *g)
{
    const uint64_t now = clock_monotonic_ms();
    int listening = 0;
    socklen_t len = sizeof listening;
    for (uint32_t i = 0; i < g->size; i++)
        if (g->connection[i].fd >= 0 && is_over_time(&g->connection[i], now))
            close_connection(g, i);
    if (g->draining)
        return;
    if (getsockopt(g->listener, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || listening == 0)
        g->failure = EBADF;
    if (g->accept_after != 0 && now >= g->accept_after) {
        g->accept_after = 0;
        listen_for(g, EPOLLIN);
    }
}

static void stop_listening(struct gate *g)
{
    sp_unlisten(g->listener, g->url);
    g->listener = -1;
    for (uint32_t i = 0; i < g->size; i++)
        if (g->connection[i].fd >= 0)
            watch(g, i);
    g->drained = true;
    pthread_cond_broadcast(&g->changed);
}

static bool has_output(const struct gate *g)
{
    for (uint32_t i = 0; i < g->size; i++)
        if (g->connection[i].fd >= 0 && g->connection[i].out != NULL)
            return true;
    return false;
}

/* --- strangers have their turn --- */

static void handle_stranger(struct gate *g, const struct epoll_event *event)
{
    if (event->data.u64 != AT_LISTENER)
        serve(g, event);
    else if (!g->draining)
        (void)accept_some(g);
}

static void watch_strangers(struct gate *g, bool on)
{
    struct epoll_event event = {.events = on ? EPOLLIN : 0, .data.u64 = AT_STRANGERS};
    (void)epoll_ctl(g->epoll, EPOLL_CTL_MOD, g->strangers_epoll, &event);
}

/* False: nothing is left of them. */
static bool serve_few(struct gate *g)
{
    struct epoll_event event[FEW];
    const int count = epoll_wait(g->strangers_epoll, event, FEW, 0);
    for (int i = 0; i < count; i++)
        handle_stranger(g, &event[i]);
    g->in_slot += count > 0 ? (unsigned)count : 0;
    return count == FEW || g->in_slot <= SLOT_EVENTS;
}

static size_t list_familiar(const struct gate *g, uint8_t (*list)[SP_ADDRESS_SIZE])
{
    const uint64_t now = clock_monotonic_ms();
    size_t count = 0;
    for (size_t i = 0; i < CROWDS && count < SP_FILTER_MAX; i++)
        if (g->crowd[i].until > now)
            memcpy(list[count++], g->crowd[i].familiar, SP_ADDRESS_SIZE);
    return count;
}

/* So that who may not come costs nothing here. Where the kernel takes no filter, admit() still sends them away. */
static void renew_filter(struct gate *g)
{
    uint8_t list[SP_FILTER_MAX][SP_ADDRESS_SIZE];
    size_t count = g->closed ? list_familiar(g, list) : g->kept_out_count;
    for (size_t i = 0; !g->closed && i < count; i++)
        memcpy(list[i], g->kept_out[i].address, SP_ADDRESS_SIZE);
    if (!g->ipc && !g->draining)
        (void)sp_filter(g->listener, list, count, g->closed);
    g->filter_due = false;
}

/*
 * Few are served at once, and known keys between them. Where many come, they are served together each SLOT_MS: waking
 * for each would cost the most. When their time in a slot is over, the rest waits with the kernel, and who is not from
 * a familiar address is not let in any more in this second: who is would wait behind them.
 */
static void serve_strangers(struct gate *g)
{
    const uint64_t start = clock_monotonic_us();
    const bool more = serve_few(g);
    g->slot_micros += (unsigned)(clock_monotonic_us() - start);
    const bool over = g->slot_micros > SLOT_MICROS;
    if ((over || g->came >= GATE_SECOND) && !g->closed) {
        g->closed = true;
        renew_filter(g);
    }
    g->held = !more || over;
    if (g->held)
        watch_strangers(g, false);
}

static void forget_kept_out(struct gate *g, uint64_t now)
{
    for (size_t i = g->kept_out_count; i-- > 0;)
        if (g->kept_out[i].until <= now) {
            g->kept_out[i] = g->kept_out[--g->kept_out_count];
            g->filter_due = true;
        }
}

static void end_rests(struct gate *g)
{
    g->rests = false;
    for (uint32_t i = 0; i < g->size; i++)
        if (g->connection[i].fd >= 0 && g->connection[i].rests) {
            g->connection[i].rests = false;
            watch(g, i);
        }
}

static void next_slot(struct gate *g)
{
    const uint64_t now = clock_monotonic_ms(), slot = now / SLOT_MS, last = g->short_slot;
    g->short_slot = now / SHORT_MS;
    if (g->rests && g->short_slot != last)
        end_rests(g);
    if (slot == g->slot)
        return;
    g->slot = slot;
    if (g->held)
        watch_strangers(g, true);
    g->held = false;
    g->in_slot = g->slot_micros = 0;
    if (now / 1000 != g->second) {
        g->second = now / 1000;
        g->filter_due = g->filter_due || g->closed;
        g->closed = false;
        g->came = 0;
        forget_kept_out(g, now);
    }
    if (g->filter_due)
        renew_filter(g);
}

/* Of a key that asks much, whose connections come behind the others'. */
static bool is_of_busy(struct gate *g, const struct epoll_event *event)
{
    if (event->data.u64 == AT_WAKE)
        return false;
    if (event->data.u64 == AT_STRANGERS)
        return true;
    const struct connection *c = &g->connection[(uint32_t)event->data.u64];
    return c->known && *count_in_slot(g, c) > SHORT_FEW;
}

static void handle_event(struct gate *g, const struct epoll_event *event)
{
    uint64_t count;
    if (event->data.u64 == AT_WAKE) {
        ssize_t got = read(g->wake, &count, sizeof count);
        (void)got;
    } else if (event->data.u64 == AT_STRANGERS) {
        serve_strangers(g);
    } else {
        serve(g, event);
    }
}

/* A few of those that have much to say; the others of them are still there when it is looked again. */
static void handle_events(struct gate *g, const struct epoll_event *event, int count)
{
    const struct epoll_event *later[FEW];
    int waiting = 0;
    for (int i = 0; i < count; i++)
        if (!is_of_busy(g, &event[i]))
            handle_event(g, &event[i]);
        else if (waiting < FEW)
            later[waiting++] = &event[i];
    for (int i = 0; i < waiting; i++)
        handle_event(g, later[i]);
}

static void *run(void *context)
{
    struct gate *g = context;
    struct epoll_event event[EVENTS];
    uint64_t next_tick = 0, deadline = 0;
    lock(g);
    while (!g->ending || (has_output(g) && clock_monotonic_ms() < deadline)) {
        const int waits_ms = g->rests ? SHORT_MS : g->held ? SLOT_MS : TICK_MS;
        pthread_mutex_unlock(&g->lock);
        int count = epoll_wait(g->epoll, event, EVENTS, waits_ms);
        lock(g);
        if (count < 0 && errno != EINTR)
            g->failure = errno;
        serve_dirty(g);
        next_slot(g);
        handle_events(g, event, count);
        if (g->draining && !g->drained)
            stop_listening(g);
        if (clock_monotonic_ms() >= next_tick) {
            tick(g);
            next_tick = clock_monotonic_ms() + TICK_MS;
        }
        if (g->ending && deadline == 0)
            deadline = clock_monotonic_ms() + LINGER_MS;
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

/* --- opening and closing --- */

/* How many connections the process can have beside its files. */
static int count_room(size_t *out, struct err *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return err_errno(err, "cannot read the limit of open files");
    const rlim_t wanted = GATE_CONNECTIONS + GATE_RESERVED;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    const rlim_t room = limit.rlim_cur > GATE_RESERVED ? limit.rlim_cur - GATE_RESERVED : 0;
    *out = room < GATE_CONNECTIONS ? (size_t)room : GATE_CONNECTIONS;
    return *out >= LEAST_CONNECTIONS
               ? 0
               : err_set(err, ERR_IO,
                         "this process may open %llu files, and needs %u at least: raise the limit (ulimit -n)",
                         (unsigned long long)limit.rlim_cur, GATE_RESERVED + LEAST_CONNECTIONS);
}

static int open_descriptors(struct gate *g, struct err *err)
{
    struct sp_place place;
    int rc = sp_place_find(&place, g->url, true, err);
    if (rc == 0)
        rc = sp_listen(&g->listener, &place, g->url, err);
    if (rc != 0)
        return rc;
    g->ipc = place.ipc;
    g->epoll = epoll_create1(EPOLL_CLOEXEC);
    g->strangers_epoll = epoll_create1(EPOLL_CLOEXEC);
    g->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event at_listener = {.events = EPOLLIN, .data.u64 = AT_LISTENER};
    struct epoll_event at_wake = {.events = EPOLLIN, .data.u64 = AT_WAKE};
    struct epoll_event at_strangers = {.events = EPOLLIN, .data.u64 = AT_STRANGERS};
    if (g->epoll < 0 || g->strangers_epoll < 0 || g->wake < 0 ||
        epoll_ctl(g->strangers_epoll, EPOLL_CTL_ADD, g->listener, &at_listener) != 0 ||
        epoll_ctl(g->epoll, EPOLL_CTL_ADD, g->strangers_epoll, &at_strangers) != 0 ||
        epoll_ctl(g->epoll, EPOLL_CTL_ADD, g->wake, &at_wake) != 0)
        return err_errno(err, "cannot watch connections");
    return 0;
}

static int start(struct gate *g, struct err *err)
{
    int rc = count_room(&g->size, err);
    if (rc != 0)
        return rc;
    g->strangers_max = g->size / 4 < GATE_STRANGERS ? g->size / 4 : GATE_STRANGERS;
    g->connection = calloc(g->size, sizeof *g->connection);
    g->dirty = calloc(g->size, sizeof *g->dirty);
    if (g->connection == NULL || g->dirty == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for %zu connections", g->size);
    for (size_t i = 0; i < g->size; i++)
        g->connection[i].fd = -1;
    rc = open_descriptors(g, err);
    if (rc == 0 && pthread_create(&g->thread, NULL, run, g) != 0)
        rc = err_set(err, ERR_IO, "cannot start a thread");
    g->running = rc == 0;
    return rc;
}

int gate_open(struct gate **out, const struct gate_options *options, struct err *err)
{
    struct gate *g = calloc(1, sizeof *g);
    if (g == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the gate");
    g->options = *options;
    g->listener = g->epoll = g->strangers_epoll = g->wake = -1;
    g->oldest = g->newest = NOBODY;
    crypto_shorthash_keygen(g->crowd_key);
    snprintf(g->url, sizeof g->url, "%s", options->url);
    pthread_mutex_init(&g->turn, NULL);
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    int rc = start(g, err);
    if (rc != 0)
        gate_close(g);
    else
        *out = g;
    return rc;
}

void gate_drain(struct gate *gate)
{
    lock(gate);
    gate->draining = true;
    wake(gate);
    while (gate->running && !gate->drained)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

static void close_descriptor(int fd)
{
    if (fd >= 0)
        close(fd);
}

void gate_close(struct gate *gate)
{
    if (gate == NULL)
        return;
    if (gate->running) {
        gate_drain(gate);
        lock(gate);
        gate->ending = true;
        wake(gate);
        pthread_mutex_unlock(&gate->lock);
        pthread_join(gate->thread, NULL);
    }
    for (uint32_t i = 0; gate->connection != NULL && i < gate->size; i++)
        close_connection(gate, i);
    sp_unlisten(gate->listener, gate->url);
    close_descriptor(gate->epoll);
    close_descriptor(gate->strangers_epoll);
    close_descriptor(gate->wake);
    free(gate->connection);
    free(gate->dirty);
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
    pthread_mutex_destroy(&gate->turn);
    free(gate);
}

int gate_check(struct gate *gate, struct err *err)
{
    const int failure = gate->failure;
    return failure == 0 ? 0 : err_set(err, ERR_IO, "cannot receive on %s any more: %s", gate->url, strerror(failure));
}
