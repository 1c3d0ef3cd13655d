/* Whom a listener's filter lets in, tried with connections from several addresses of this machine. */
#include "protocol/sp/filter.h"
#include "tests/unit/sp_test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define SOON_MS 200 /* who is let in is in at once; who is not tries again after a second */

static struct sockaddr_storage v4(const char *host)
{
    struct sockaddr_storage out = {0};
    const struct sockaddr_in at = sp_test_address(host, 0);
    memcpy(&out, &at, sizeof at);
    return out;
}

static struct sockaddr_storage v6(const char *host, uint16_t port)
{
    struct sockaddr_storage out = {0};
    struct sockaddr_in6 *at = (struct sockaddr_in6 *)&out;
    at->sin6_family = AF_INET6;
    at->sin6_port = htons(port);
    assert_int_equal(inet_pton(AF_INET6, host, &at->sin6_addr), 1);
    return out;
}

static void list(uint8_t out[SP_ADDRESS_SIZE], struct sockaddr_storage from)
{
    sp_address(out, &from);
}

static bool gets_in(const struct sockaddr_storage *from, const struct sockaddr_storage *to)
{
    const socklen_t len = to->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    int s = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct pollfd ready = {.fd = s, .events = POLLOUT};
    assert_int_equal(bind(s, (const struct sockaddr *)from, len), 0);
    (void)connect(s, (const struct sockaddr *)to, len);
    const bool in = poll(&ready, 1, SOON_MS) == 1 && (ready.revents & POLLERR) == 0;
    close(s);
    return in;
}

static bool v4_gets_in(const char *host, uint16_t port)
{
    struct sockaddr_storage from = v4(host), to = v4("127.0.0.1");
    ((struct sockaddr_in *)&to)->sin_port = htons(port);
    return gets_in(&from, &to);
}

static void those_that_are_listed(void **state)
{
    (void)state;
    static uint8_t address[SP_FILTER_MAX][SP_ADDRESS_SIZE];
    const uint16_t port = sp_test_port();
    int listener = sp_test_listen(port);
    for (size_t i = 0; i < SP_FILTER_MAX; i++) {
        char host[32];
        snprintf(host, sizeof host, i % 2 == 0 ? "127.0.1.%zu" : "2001:db8:%zx::1", i);
        list(address[i], i % 2 == 0 ? v4(host) : v6(host, 0));
    }
    assert_true(v4_gets_in("127.0.1.254", port));
    assert_true(sp_filter(listener, address, SP_FILTER_MAX, false));
    assert_false(v4_gets_in("127.0.1.0", port));
    assert_false(v4_gets_in("127.0.1.254", port));
    assert_true(v4_gets_in("127.0.1.255", port));
    assert_true(sp_filter(listener, address, SP_FILTER_MAX, true));
    assert_true(v4_gets_in("127.0.1.0", port));
    assert_true(v4_gets_in("127.0.1.254", port));
    assert_false(v4_gets_in("127.0.1.255", port));
    assert_true(sp_filter(listener, address, 0, true));
    assert_false(v4_gets_in("127.0.1.0", port));
    assert_true(sp_filter(listener, address, 0, false));
    assert_true(v4_gets_in("127.0.1.255", port));
    close(listener);
}

/* What came in before stays, whatever its address. */
static void open_connections_stay(void **state)
{
    (void)state;
    uint8_t address[1][SP_ADDRESS_SIZE], byte = 0;
    const uint16_t port = sp_test_port();
    int listener = sp_test_listen(port), s = sp_test_connect("127.0.1.7", port), other = accept(listener, NULL, NULL);
    list(address[0], v4("127.0.1.7"));
    assert_true(sp_filter(listener, address, 1, false));
    assert_true(sp_test_write(s, "x", 1) && sp_test_read(other, &byte, 1) && byte == 'x');
    close(s);
    close(other);
    close(listener);
}

static void networks_of_ipv6(void **state)
{
    (void)state;
    uint8_t address[2][SP_ADDRESS_SIZE];
    const struct sockaddr_storage own = v6("::1", 0);
    struct sockaddr_storage at = own;
    socklen_t len = sizeof(struct sockaddr_in6);
    int listener = socket(AF_INET6, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (const struct sockaddr *)&at, len) != 0) {
        printf("# note: no IPv6 here\n");
        return;
    }
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    list(address[0], v6("::2", 0)); /* the same network */
    list(address[1], v6("2001:db8::1", 0));
    assert_true(gets_in(&own, &at));
    assert_true(sp_filter(listener, address, 1, false));
    assert_false(gets_in(&own, &at));
    assert_true(sp_filter(listener, address + 1, 1, false));
    assert_true(gets_in(&own, &at));
    assert_true(sp_filter(listener, address, 2, true));
    assert_true(gets_in(&own, &at));
    assert_true(sp_filter(listener, address + 1, 1, true));
    assert_false(gets_in(&own, &at));
    close(listener);
}

/* A listener of both families sees IPv4 as ::ffff:a.b.c.d: that are as many addresses, not one. */
static void one_address(void **state)
{
    (void)state;
    uint8_t a[SP_ADDRESS_SIZE], b[SP_ADDRESS_SIZE];
    list(a, v4("192.0.2.1"));
    list(b, v6("::ffff:192.0.2.1", 0));
    assert_memory_equal(a, b, sizeof a);
    list(b, v6("::ffff:192.0.2.2", 0));
    assert_memory_not_equal(a, b, sizeof a);
    list(b, v6("c000:201::", 0));
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(those_that_are_listed), cmocka_unit_test(open_connections_stay),
                                       cmocka_unit_test(networks_of_ipv6), cmocka_unit_test(one_address)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
