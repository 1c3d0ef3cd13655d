#include "protocol/sp/dial.h"

#include "protocol/base/clock.h"
#include "protocol/sp/place.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define OTHERS_MAX 64 /* messages that are no reply to the request, before the connection is given up */
#define ID_BIT 0x80000000u

int dial_init(struct dial *dial, struct err *err)
{
    *dial = (struct dial){.fd = -1, .id = randombytes_random()};
    dial->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return dial->wake >= 0 ? 0 : err_errno(err, "cannot make a connection");
}

void dial_disconnect(struct dial *dial)
{
    if (dial->fd >= 0)
        close(dial->fd);
    dial->fd = -1;
    sp_reader_free(&dial->reader);
}

void dial_free(struct dial *dial)
{
    dial_disconnect(dial);
    if (dial->wake >= 0)
        close(dial->wake);
    dial->wake = -1;
}

void dial_cancel(struct dial *dial)
{
    const uint64_t one = 1;
    dial->cancelled = true;
    ssize_t written = write(dial->wake, &one, sizeof one);
    (void)written; /* the counter is full: it was told */
}

/* Until the socket is ready for it. ERR_UNREACHABLE past the deadline, or cancelled. */
static int wait_for(struct dial *d, short what, uint64_t deadline, struct err *err)
{
    struct pollfd fds[] = {{.fd = d->fd, .events = what}, {.fd = d->wake, .events = POLLIN}};
    for (;;) {
        const uint64_t now = clock_monotonic_ms();
        if (d->cancelled)
            return err_set(err, ERR_UNREACHABLE, "was not waited for");
        if (now >= deadline)
            return err_set(err, ERR_UNREACHABLE, "does not answer");
        const uint64_t left = deadline - now;
        int ready = poll(fds, ARRAY_LEN(fds), left < 60000 ? (int)left : 60000);
        if (ready < 0 && errno != EINTR)
            return err_errno(err, "cannot be waited for");
        if (ready > 0 && fds[0].revents != 0)
            return 0;
    }
}

static int await_connection(struct dial *d, uint64_t deadline, bool *refused, struct err *err)
{
    int why = 0;
    socklen_t len = sizeof why;
    int rc = wait_for(d, POLLOUT, deadline, err);
    if (rc != 0)
        return rc;
    if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0)
        why = errno;
    *refused = why == ECONNREFUSED;
    return why == 0 ? 0 : err_set(err, ERR_UNREACHABLE, "cannot be reached: %s", strerror(why));
}

static void set_up(const struct dial *d)
{
    const int on = 1, idle = 60, interval = 15, count = 4;
    if (d->ipc)
        return;
    (void)setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)setsockopt(d->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(d->fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    (void)setsockopt(d->fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    (void)setsockopt(d->fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

static int greet(const struct dial *d, struct err *err)
{
    uint8_t greeting[SP_GREETING_SIZE];
    sp_greeting(greeting, SP_REQ);
    return send(d->fd, greeting, sizeof greeting, MSG_NOSIGNAL) == sizeof greeting
               ? 0
               : err_set(err, ERR_UNREACHABLE, "cannot be reached: %s", strerror(errno));
}

int dial_connect(struct dial *dial, const char *url, uint64_t deadline, bool *refused, struct err *err)
{
    struct sp_place place;
    *refused = false;
    if (dial->fd >= 0)
        return 0;
    int rc = sp_place_find(&place, url, false, err);
    if (rc != 0)
        return rc;
    dial->ipc = place.ipc;
    dial->fd = socket(place.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (dial->fd < 0)
        return err_set(err, ERR_IO, "cannot be reached: no socket: %s", strerror(errno));
    if (connect(dial->fd, (const struct sockaddr *)&place.address, place.len) != 0 && errno != EINPROGRESS) {
        *refused = errno == ECONNREFUSED || errno == ENOENT;
        rc = err_set(err, ERR_UNREACHABLE, "cannot be reached: %s", strerror(errno));
    }
    sp_reader_init(&dial->reader, place.ipc, SP_REP, 0);
    if (rc == 0)
        rc = await_connection(dial, deadline, refused, err);
    if (rc == 0)
        rc = greet(dial, err);
    if (rc != 0)
        dial_disconnect(dial);
    else
        set_up(dial);
    return rc;
}

/* --- one request and its reply --- */

static int ended(struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "ended the connection");
}

static int send_request(struct dial *d, struct span body, uint64_t deadline, struct err *err)
{
    uint8_t head[SP_PREFIX_MAX + 4];
    size_t len = sp_prefix(head, d->ipc, 4 + body.len);
    bytes_put_u32be(head + len, d->id | ID_BIT);
    struct iovec part[] = {{head, len + 4}, {(void *)body.data, body.len}};
    struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};
    while (part[0].iov_len + part[1].iov_len > 0) {
        ssize_t sent = sendmsg(d->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
            return ended(err);
        int rc = sent < 0 ? wait_for(d, POLLOUT, deadline, err) : 0;
        if (rc != 0)
            return rc;
        for (size_t i = 0; i < 2 && sent > 0; i++) {
            const size_t n = (size_t)sent < part[i].iov_len ? (size_t)sent : part[i].iov_len;
            part[i].iov_base = (uint8_t *)part[i].iov_base + n;
            part[i].iov_len -= n;
            sent -= (ssize_t)n;
        }
    }
    return 0;
}

static int read_event(struct dial *d, uint64_t deadline, enum sp_event *event, struct err *err)
{
    uint8_t scratch[4096];
    size_t len;
    *event = SP_MORE;
    if (d->cancelled || clock_monotonic_ms() >= deadline) /* also while it sends without end */
        return wait_for(d, POLLIN, deadline, err);
    uint8_t *to = sp_reader_want(&d->reader, scratch, sizeof scratch, &len);
    if (to == NULL)
        return err_set(err, ERR_NO_MEMORY, "sent more than there is memory for");
    ssize_t got = recv(d->fd, to, len, 0);
    if (got > 0)
        *event = sp_reader_got(&d->reader, (size_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
        return ended(err);
    else
        return wait_for(d, POLLIN, deadline, err);
    return 0;
}

static bool is_reply(const struct dial *d)
{
    const struct buf *m = &d->reader.message;
    return sp_back(buf_span(m)) == 4 && bytes_get_u32be(m->data) == (d->id | ID_BIT);
}

static int receive_reply(struct dial *d, uint64_t deadline, struct buf *reply, struct err *err)
{
    for (int others = 0; others < OTHERS_MAX;) {
        enum sp_event event;
        int rc = read_event(d, deadline, &event, err);
        if (rc != 0)
            return rc;
        if (event == SP_BROKEN)
            return err_set(err, ERR_VERIFY, "does not speak Concord's protocol");
        if (event == SP_CUT && is_reply(d))
            return err_set(err, ERR_VERIFY, "answered with more than %zu bytes", d->reader.limit - 4);
        if (event == SP_MESSAGE && is_reply(d)) {
            buf_clear(reply);
            rc = buf_put(reply, d->reader.message.data + 4, d->reader.message.len - 4, err);
            buf_clear(&d->reader.message);
            return rc;
        }
        if (event == SP_MESSAGE || event == SP_CUT) {
            buf_clear(&d->reader.message);
            others++;
        }
    }
    return err_set(err, ERR_VERIFY, "answers what it was not asked");
}

int dial_exchange(struct dial *dial, struct span body, size_t limit, uint64_t deadline, struct buf *reply,
                  struct err *err)
{
    dial->id++;
    dial->reader.limit = limit + 4;
    int rc = send_request(dial, body, deadline, err);
    if (rc == 0)
        rc = receive_reply(dial, deadline, reply, err);
    if (rc != 0)
        dial_disconnect(dial);
    return rc;
}
