/*
 * A bad network between a client and a server: proxy PORT TARGET MODEFILE SEED. It carries nanomsg's TCP frames (a
 * greeting of 8 bytes, then u64be length and body) from PORT to TARGET on loopback, and does to some of them what
 * MODEFILE says:
 *
 *     pass, delay, cut (in mid-message), damage (one bit), hole (nothing passes any more), half (nothing passes one way
 *     any more), duplicate, reorder, loss (one message), swallow (all), slow (what the server sends at length comes
 *     after SLOW_MS)
 *
 * SEED decides to which. One thread; a delay holds all of it back, as a slow line does.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINES 64
#define UNIT_MAX (4u << 20)
#define HELD_MS 200
#define SLOW_MS 20000
#define LENGTH 500 /* longer than what belongs to a handshake */

/* One way of a connection. */
struct way {
    int from, to;
    uint8_t *data, *held;
    size_t len, held_len;
    bool greeted, deaf, serves; /* serves: what the server sends */
};

static struct way lines[LINES][2];
static char mode[32];
static uint64_t dice;

static unsigned roll(unsigned sides)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(dice >> 33) % sides;
}

static void read_mode(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return;
    if (fscanf(file, "%31s", mode) != 1)
        strcpy(mode, "pass");
    fclose(file);
}

static bool is(const char *name)
{
    return strcmp(mode, name) == 0;
}

static bool send_all(int to, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(to, data, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* What was held back goes behind what came after it. */
static bool send_held(struct way *w)
{
    bool sent = send_all(w->to, w->held, w->held_len);
    w->held_len = 0;
    return sent;
}

static bool hold(struct way *w, const uint8_t *unit, size_t len)
{
    memcpy(w->held, unit, len);
    w->held_len = len;
    return true;
}

/* One greeting or frame goes its way, or not; false ends the connection. */
static bool pass(struct way *w, struct way *back, uint8_t *unit, size_t len)
{
    if (is("delay"))
        usleep(1000 * roll(150));
    if (is("slow") && w->serves && len > LENGTH)
        usleep(1000 * SLOW_MS);
    if (is("cut") && roll(8) == 0) {
        (void)send_all(w->to, unit, len / 2);
        return false;
    }
    if (is("damage") && roll(12) == 0)
        unit[roll((unsigned)len)] ^= (uint8_t)(1u << roll(8));
    if (is("hole") && roll(30) == 0)
        w->deaf = back->deaf = true;
    if (is("half") && roll(30) == 0)
        w->deaf = true;
    if (w->deaf || is("swallow") || (is("loss") && w->greeted && roll(30) == 0))
        return true;
    if (is("reorder") && w->greeted && w->held_len == 0 && roll(3) == 0)
        return hold(w, unit, len);
    bool sent = send_all(w->to, unit, len);
    if (sent && is("duplicate") && w->greeted && roll(2) == 0)
        sent = send_all(w->to, unit, len);
    return sent && (w->held_len == 0 || send_held(w));
}

/* The length of the first unit, 0 while it is not whole, UNIT_MAX + 1 if it never will be. */
static size_t unit_len(const struct way *w)
{
    uint64_t body = 0;
    if (w->len < 8)
        return 0;
    for (int i = 0; w->greeted && i < 8; i++)
        body = body << 8 | w->data[i];
    if (body > UNIT_MAX - 8)
        return UNIT_MAX + 1;
    return w->len < 8 + body ? 0 : (size_t)(8 + body);
}

static bool carry(struct way *w, struct way *back)
{
    ssize_t got = recv(w->from, w->data + w->len, UNIT_MAX - w->len, 0);
    if (got <= 0)
        return false;
    w->len += (size_t)got;
    for (size_t len = unit_len(w); len > 0; len = unit_len(w)) {
        if (len > UNIT_MAX || !pass(w, back, w->data, len))
            return false;
        w->greeted = true;
        memmove(w->data, w->data + len, w->len - len);
        w->len -= len;
    }
    return true;
}

static int connect_to(uint16_t port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void begin(int client, uint16_t target)
{
    int server = connect_to(target), i = 0;
    while (i < LINES && lines[i][0].data != NULL)
        i++;
    if (server < 0 || i == LINES) {
        close(client);
        if (server >= 0)
            close(server);
        return;
    }
    lines[i][0] = (struct way){.from = client, .to = server};
    lines[i][1] = (struct way){.from = server, .to = client, .serves = true};
    for (int k = 0; k < 2; k++) {
        lines[i][k].data = malloc(UNIT_MAX);
        lines[i][k].held = malloc(UNIT_MAX);
        if (lines[i][k].data == NULL || lines[i][k].held == NULL)
            exit(1);
    }
}

static void end(int i)
{
    close(lines[i][0].from);
    close(lines[i][1].from);
    for (int k = 0; k < 2; k++) {
        free(lines[i][k].data);
        free(lines[i][k].held);
        lines[i][k] = (struct way){0};
    }
}

static int listen_at(uint16_t port)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 64) != 0) {
        perror("proxy");
        exit(1);
    }
    return fd;
}

/* Carries what has come on any line; true if anything did. */
static void serve(struct pollfd *waiting, int listener, uint16_t target)
{
    for (int i = 0; i < LINES; i++) {
        bool lives = lines[i][0].data != NULL;
        for (int k = 0; lives && k < 2; k++)
            if (waiting[1 + 2 * i + k].revents != 0)
                lives = carry(&lines[i][k], &lines[i][1 - k]);
        if (!lives && lines[i][0].data != NULL)
            end(i);
    }
    if (waiting[0].revents != 0) {
        int client = accept(listener, NULL, NULL);
        if (client >= 0)
            begin(client, target);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    const int listener = listen_at((uint16_t)atoi(argv[1]));
    const uint16_t target = (uint16_t)atoi(argv[2]);
    dice = (uint64_t)atoll(argv[4]) * 2 + 1;
    signal(SIGPIPE, SIG_IGN);
    for (;;) {
        struct pollfd waiting[1 + 2 * LINES] = {{.fd = listener, .events = POLLIN}};
        for (int i = 0; i < 2 * LINES; i++) {
            const struct way *w = &lines[i / 2][i % 2];
            waiting[1 + i] = (struct pollfd){.fd = w->data != NULL ? w->from : -1, .events = POLLIN};
        }
        int ready = poll(waiting, 1 + 2 * LINES, HELD_MS);
        read_mode(argv[3]);
        if (ready > 0)
            serve(waiting, listener, target);
        for (int i = 0; ready == 0 && i < 2 * LINES; i++)
            if (lines[i / 2][i % 2].held_len > 0)
                (void)send_held(&lines[i / 2][i % 2]);
    }
}
