/* A stranger's end of nanomsg's wire: plain sockets, and bytes as one likes. */
#ifndef TESTS_UNIT_SP_TEST_H
#define TESTS_UNIT_SP_TEST_H

#include "protocol/sp/sp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline struct sockaddr_in sp_test_address(const char *host, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    return address;
}

/* A port that the system has just called free: a guessed one may be taken. */
static inline uint16_t sp_test_port(void)
{
    struct sockaddr_in address = sp_test_address("127.0.0.1", 0);
    socklen_t len = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || bind(s, (struct sockaddr *)&address, len) != 0 ||
        getsockname(s, (struct sockaddr *)&address, &len) != 0)
        abort();
    close(s);
    return ntohs(address.sin_port);
}

/* -1 if nobody listens there. source: NULL, or an address of this machine to come from. */
static inline int sp_test_connect(const char *source, uint16_t port)
{
    const int on = 1;
    const struct sockaddr_in to = sp_test_address("127.0.0.1", port);
    const struct sockaddr_in from = sp_test_address(source != NULL ? source : "127.0.0.1", 0);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s >= 0 && ((source != NULL && bind(s, (const struct sockaddr *)&from, sizeof from) != 0) ||
                   connect(s, (const struct sockaddr *)&to, sizeof to) != 0)) {
        close(s);
        return -1;
    }
    (void)setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return s;
}

static inline int sp_test_listen(uint16_t port)
{
    const int on = 1;
    const struct sockaddr_in at = sp_test_address("127.0.0.1", port);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (s < 0 || bind(s, (const struct sockaddr *)&at, sizeof at) != 0 || listen(s, 16) != 0)
        abort();
    return s;
}

/* All of it. False: the other side has gone. */
static inline bool sp_test_write(int s, const void *data, size_t len)
{
    for (const uint8_t *at = data; len > 0;) {
        ssize_t sent = send(s, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

static inline bool sp_test_read(int s, void *data, size_t len)
{
    return len == 0 || recv(s, data, len, MSG_WAITALL) == (ssize_t)len;
}

static inline bool sp_test_greet(int s, enum sp_kind own)
{
    uint8_t greeting[SP_GREETING_SIZE];
    sp_greeting(greeting, own);
    return sp_test_write(s, greeting, sizeof greeting);
}

/* Puts a message into out, which holds len + 12 bytes: length, id, body. */
static inline size_t sp_test_message(uint8_t *out, uint32_t id, const void *body, size_t len)
{
    bytes_put_u64be(out, len + 4);
    bytes_put_u32be(out + 8, id | 0x80000000u);
    if (len > 0)
        memcpy(out + 12, body, len);
    return len + 12;
}

/* The body of the next message into out, which holds max bytes, its id into *id. -1: the other side has gone. */
static inline ssize_t sp_test_receive(int s, uint32_t *id, uint8_t *out, size_t max)
{
    uint8_t head[12];
    if (!sp_test_read(s, head, sizeof head))
        return -1;
    const uint64_t len = bytes_get_u64be(head) - 4;
    *id = bytes_get_u32be(head + 8) & 0x7fffffffu;
    return len <= max && sp_test_read(s, out, len) ? (ssize_t)len : -1;
}

#endif
