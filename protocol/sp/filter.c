#include "protocol/sp/filter.h"

#include "protocol/base/bytes.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <string.h>

#define IS_V4 4 /* in the last byte of an address */
#define IS_V6 6
#define SOURCE_V4 12u /* where the source stands in a packet's head */
#define SOURCE_V6 8u
#define PROGRAM_MAX (16 + 6 * SP_FILTER_MAX)

struct program {
    struct sock_filter at[PROGRAM_MAX];
    unsigned short len;
};

void sp_address(uint8_t out[SP_ADDRESS_SIZE], const struct sockaddr_storage *from)
{
    memset(out, 0, SP_ADDRESS_SIZE);
    if (from->ss_family == AF_INET) {
        memcpy(out, &((const struct sockaddr_in *)from)->sin_addr, 4);
        out[SP_ADDRESS_SIZE - 1] = IS_V4;
    } else if (from->ss_family == AF_INET6) {
        const struct in6_addr *address = &((const struct sockaddr_in6 *)from)->sin6_addr;
        const bool mapped = IN6_IS_ADDR_V4MAPPED(address);
        memcpy(out, address->s6_addr + (mapped ? 12 : 0), mapped ? 4 : 8);
        out[SP_ADDRESS_SIZE - 1] = mapped ? IS_V4 : IS_V6;
    }
}

static void add(struct program *p, struct sock_filter step)
{
    p->at[p->len++] = step;
}

static void add_load(struct program *p, uint32_t at)
{
    add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + at));
}

static void add_end(struct program *p, bool may)
{
    add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, may ? UINT32_MAX : 0));
}

/* A conditional jump reaches over 255 steps at most: so each comparison is followed by its own end. */
static void add_compare(struct program *p, const uint8_t address[SP_ADDRESS_SIZE], bool may)
{
    const bool v4 = address[SP_ADDRESS_SIZE - 1] == IS_V4;
    if (!v4)
        add_load(p, SOURCE_V6);
    add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bytes_get_u32be(address), 0, v4 ? 1 : 3));
    if (!v4) {
        add_load(p, SOURCE_V6 + 4);
        add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, bytes_get_u32be(address + 4), 0, 1));
    }
    add_end(p, may);
}

static void add_family(struct program *p, const uint8_t (*address)[SP_ADDRESS_SIZE], size_t count, bool listed,
                       uint8_t family)
{
    if (family == IS_V4)
        add_load(p, SOURCE_V4);
    for (size_t i = 0; i < count; i++)
        if (address[i][SP_ADDRESS_SIZE - 1] == family)
            add_compare(p, address[i], listed);
    add_end(p, !listed);
}

bool sp_filter(int listener, const uint8_t (*address)[SP_ADDRESS_SIZE], size_t count, bool listed)
{
    struct program p = {.len = 0};
    add(&p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_NET_OFF));
    add(&p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4));
    add(&p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 1, 0));
    const unsigned short jump = p.len;
    add(&p, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
    add_family(&p, address, count, listed, IS_V4);
    p.at[jump].k = p.len - jump - 1u;
    add_family(&p, address, count, listed, IS_V6);
    const struct sock_fprog program = {p.len, p.at};
    return setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

void sp_filter_drop(int fd)
{
    const int none = 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
}
