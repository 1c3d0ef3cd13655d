#include "protocol/sp/place.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define TCP "tcp://"
#define IPC "ipc://"
#define HOST_MAX 256
#define BACKLOG 4096

static int find_path(struct sp_place *out, const char *url, struct err *err)
{
    struct sockaddr_un *to = (struct sockaddr_un *)&out->address;
    const char *path = url + strlen(IPC);
    if (path[0] == '\0' || strlen(path) >= sizeof to->sun_path)
        return err_set(err, ERR_USAGE, "%s: a path of 1 to %zu bytes is needed", url, sizeof to->sun_path - 1);
    to->sun_family = AF_UNIX;
    strcpy(to->sun_path, path);
    out->len = sizeof *to;
    out->ipc = true;
    return 0;
}

/* Splits HOST:PORT; the brackets of an IPv6 address go. */
static int split(char host[HOST_MAX], const char **port, const char *url, struct err *err)
{
    const char *from = url + strlen(TCP), *colon = strrchr(from, ':');
    size_t len = colon != NULL ? (size_t)(colon - from) : 0;
    if (len >= 2 && from[0] == '[' && from[len - 1] == ']') {
        from++;
        len -= 2;
    }
    if (colon == NULL || len == 0 || len >= HOST_MAX || colon[1] == '\0')
        return err_set(err, ERR_USAGE, "%s: write tcp://ADDRESS:PORT", url);
    memcpy(host, from, len);
    host[len] = '\0';
    *port = colon + 1;
    return 0;
}

int sp_place_find(struct sp_place *out, const char *url, bool listen, struct err *err)
{
    char host[HOST_MAX];
    const char *port;
    struct addrinfo *found = NULL;
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    memset(out, 0, sizeof *out);
    if (strncmp(url, IPC, strlen(IPC)) == 0)
        return find_path(out, url, err);
    if (strncmp(url, TCP, strlen(TCP)) != 0)
        return err_set(err, ERR_USAGE, "%s: write tcp://ADDRESS:PORT or ipc://PATH", url);
    int rc = split(host, &port, url, err);
    if (rc != 0)
        return rc;
    const bool any = listen && strcmp(host, "*") == 0;
    if (listen)
        hints.ai_flags |= AI_PASSIVE | AI_NUMERICHOST;
    if (any)
        hints.ai_family = AF_INET;
    int failed = getaddrinfo(any ? NULL : host, port, &hints, &found);
    if (failed != 0)
        return err_set(err, listen ? ERR_USAGE : ERR_UNREACHABLE, "%s: %s%s", url, gai_strerror(failed),
                       listen ? " (write tcp://ADDRESS:PORT with a literal address of this machine or *)" : "");
    memcpy(&out->address, found->ai_addr, found->ai_addrlen);
    out->len = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

/* Only a socket that a dead server left may go: one that answers is another server's. */
static int clear_path(const struct sp_place *place, const char *url, struct err *err)
{
    const char *path = ((const struct sockaddr_un *)&place->address)->sun_path;
    struct stat st;
    if (lstat(path, &st) != 0)
        return 0;
    if (!S_ISSOCK(st.st_mode))
        return err_set(err, ERR_IO, "cannot listen on %s: %s exists and is no socket", url, path);
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive = probe >= 0 && connect(probe, (const struct sockaddr *)&place->address, place->len) == 0;
    if (probe >= 0)
        close(probe);
    if (alive)
        return err_set(err, ERR_IO, "cannot listen on %s: another program listens there", url);
    return unlink(path) == 0 ? 0 : err_errno(err, "cannot remove %s", path);
}

int sp_listen(int *out, const struct sp_place *place, const char *url, struct err *err)
{
    const int on = 1;
    int rc = place->ipc ? clear_path(place, url, err) : 0;
    if (rc != 0)
        return rc;
    int fd = socket(place->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_errno(err, "cannot open a socket");
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)&place->address, place->len) != 0 || listen(fd, BACKLOG) != 0) {
        const int why = errno;
        rc = err_set(err, ERR_IO, "cannot listen on %s: %s%s", url, strerror(why),
                     why == EADDRINUSE      ? " (another program has that port: choose another or stop it)"
                     : why == EADDRNOTAVAIL ? " (no address of this machine)"
                                            : "");
        close(fd);
        return rc;
    }
    *out = fd;
    return 0;
}

void sp_unlisten(int fd, const char *url)
{
    if (fd < 0)
        return;
    close(fd);
    if (strncmp(url, IPC, strlen(IPC)) == 0)
        unlink(url + strlen(IPC));
}
