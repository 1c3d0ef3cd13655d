#include "protocol/daemon/status.h"

#include "protocol/base/file.h"
#include "protocol/base/text.h"
#include "protocol/ledger/note.h"
#include "protocol/web/web.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_SECONDS 5

/* The exported ledger may lie on a machine of its own: what is not there is said, and no failure. */
static int print_ledger(const struct daemon *daemon, struct err *err)
{
    struct checkpoint checkpoint;
    char path[PATH_LIMIT];
    struct buf note = buf_of(LEDGER_CHECKPOINT_MAX);
    int rc = path_join(path, sizeof path, daemon->config->ledger, "checkpoint", err);
    if (rc == 0 && access(path, F_OK) != 0)
        printf("ledger    nothing is exported to %s\n", daemon->config->ledger);
    else if (rc == 0) {
        rc = file_read(&note, path, err);
        if (rc == 0)
            rc = checkpoint_verify(&checkpoint, buf_span(&note), daemon->identity.party.log, err);
        if (rc == 0)
            printf("ledger    %s exported to %s\n", TEXT_COUNT(checkpoint.size, "entry", "entries"),
                   daemon->config->ledger);
    }
    buf_free(&note);
    return rc;
}

/* The last line of the answer to GET /healthz, or why there is none. */
static const char *ask_health(char answer[1024], const char *listen)
{
    static const char request[] = "GET /healthz HTTP/1.0\r\n\r\n";
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    size_t len = 0;
    ssize_t got = -1;
    int fd = web_dial(listen);
    if (fd < 0)
        return "does not answer";
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof request - 1))
        while (len < 1023 && (got = recv(fd, answer + len, 1023 - len, 0)) > 0)
            len += (size_t)got;
    close(fd);
    answer[len] = '\0';
    char *body = strstr(answer, "\r\n\r\n");
    if (got != 0 || body == NULL)
        return "does not answer";
    body[4 + strcspn(body + 4, "\r\n")] = '\0';
    return body + 4;
}

static bool print_health(const char *listen)
{
    char answer[1024];
    if (listen[0] == '\0') {
        printf("daemon    not asked: Metrics is not set\n");
        return true;
    }
    const char *health = ask_health(answer, listen);
    printf("daemon    %s\n", health);
    return strcmp(health, "ok") == 0;
}

int status_begin(struct daemon *daemon, const struct daemon_config *config, struct region **out, struct err *err)
{
    int rc = daemon_identify(daemon, config, err);
    if (rc == 0)
        rc = region_load(out, config->manifest, NULL, err);
    if (rc != 0)
        return rc;
    printf("party     %s\n", daemon->identity.party.name);
    printf("manifest  version %llu of %s, signed\n", (unsigned long long)(*out)->version, (*out)->name);
    return 0;
}

int status_end(const struct daemon *daemon, bool *serves, struct err *err)
{
    int rc = print_ledger(daemon, err);
    if (rc == 0)
        *serves = print_health(daemon->config->metrics);
    return rc;
}
