#include "protocol/daemon/daemon.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/log.h"
#include "protocol/ledger/ledger_store.h"
#include "protocol/identity/identity.h"
#include "protocol/identity/psk.h"
#include "protocol/base/wait.h"
#include "protocol/daemon/figures.h"
#include "protocol/daemon/backup.h"
#include "protocol/daemon/process.h"
#include "protocol/ledger/refusal.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- opening --- */

static int check_settings(const struct daemon_config *c, struct err *err)
{
    int level = log_level_of(c->log_level);
    if (level < 0)
        return err_set(err, ERR_USAGE, "LogLevel: %s is none of debug, info, warn, error", c->log_level);
    log_set_level((enum log_level)level);
    if (!log_set_format(c->log_format))
        return err_set(err, ERR_USAGE, "Log: %s is none of text, json", c->log_format);
    if (c->identity[0] == '\0' || c->manifest[0] == '\0')
        return err_set(err, ERR_USAGE, "Identity and Manifest must be set, in the file given by --config or by flags");
    if (c->ledger_interval == 0 || c->witness_interval == 0)
        return err_set(err, ERR_USAGE, "LedgerInterval and WitnessInterval are at least 1s");
    return 0;
}

int daemon_identify(struct daemon *daemon, const struct daemon_config *config, struct err *err)
{
    daemon->config = config;
    process_lock(&daemon->identity, sizeof daemon->identity);
    int rc = check_settings(config, err);
    return rc == 0 ? identity_load(&daemon->identity, config->identity, NULL, err) : rc;
}

int daemon_open(struct daemon *daemon, const struct daemon_config *config, struct err *err)
{
    daemon->config = config;
    process_lock(&daemon->identity, sizeof daemon->identity);
    int rc = check_settings(config, err);
    if (rc == 0)
        rc = process_become(config->user, err);
    if (rc == 0)
        rc = identity_load(&daemon->identity, config->identity, NULL, err);
    if (rc == 0)
        rc = dir_make(config->state, 0700, err);
    if (rc == 0)
        rc = process_confine(err);
    if (rc == 0 && geteuid() == 0)
        log_event(LOG_WARN, "running-as-root", "remedy=\"set User, or start it as a user of its own\"");
    wait_block_signals();
    return rc;
}

void daemon_close(struct daemon *daemon)
{
    identity_wipe(&daemon->identity);
}

/* --- the manifest --- */

int daemon_check_self(const struct daemon *daemon, const struct region *region, const struct party *as,
                      const char *role, struct err *err)
{
    const struct party *self = &daemon->identity.party;
    if (as != NULL && strcmp(self->name, as->name) == 0 && memcmp(self->channel, as->channel, sizeof as->channel) == 0)
        return 0;
    return err_set(err, ERR_DENIED, "%s with this identity's keys is not %s of %s: is it the right identity file?",
                   self->name, role, region->name);
}

int daemon_manifest(const struct daemon *daemon, const struct region *trusted, struct region **out, struct err *err)
{
    char pin[PATH_LIMIT];
    struct region *region = NULL;
    int rc = path_join(pin, sizeof pin, daemon->config->state, "manifest.pin", err);
    if (rc == 0)
        rc = region_load(&region, daemon->config->manifest, trusted, err);
    if (rc == 0)
        rc = region_pin_check(region, pin, err);
    if (rc != 0)
        region_free(region);
    else
        *out = region;
    return rc;
}

static int keep_file(const struct daemon *daemon, const char *name, struct buf *data, const char *from, struct err *err)
{
    buf_clear(data);
    int rc = file_read(data, from, err);
    if (rc == 0)
        rc = ledger_publish(daemon->config->ledger, name, buf_span(data), err);
    return rc;
}

static int keep_signatures(const struct daemon *daemon, const struct region *region, const char *manifest,
                           struct err *err)
{
    char from[PATH_LIMIT], to[PATH_LIMIT];
    struct buf data = buf_of(1u << 16);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < region->coordinator_count; i++) {
        const char *name = region->coordinators[i].name;
        rc = region_signature_path(from, sizeof from, daemon->config->manifest, name, err);
        if (rc == 0)
            rc = region_signature_path(to, sizeof to, manifest, name, err);
        if (rc == 0 && access(from, F_OK) == 0) /* more coordinators than need sign */
            rc = keep_file(daemon, to, &data, from, err);
    }
    buf_free(&data);
    return rc;
}

int daemon_keep_manifest(const struct daemon *daemon, const struct region *region, struct err *err)
{
    char name[48];
    uint8_t digest[REGION_DIGEST_SIZE];
    struct buf text = buf_of(REGION_FILE_MAX);
    snprintf(name, sizeof name, "manifests/%llu.json", (unsigned long long)region->version);
    int rc = keep_file(daemon, name, &text, daemon->config->manifest, err);
    if (rc == 0) {
        crypto_hash_sha256(digest, text.data, text.len);
        rc =
            memcmp(digest, region->digest, sizeof digest) != 0
                ? err_set(err, ERR_BUSY, "%s was replaced while it was being read: try again", daemon->config->manifest)
                : keep_signatures(daemon, region, name, err);
    }
    buf_free(&text);
    return rc;
}

int daemon_authorise(const struct daemon *daemon, const struct region *region, const uint8_t channel[32],
                     char name[PARTY_NAME_MAX + 1], uint8_t psk[32], struct err *err)
{
    bool found;
    const struct party *peer = region_find_party_by_channel(region, channel);
    if (peer == NULL)
        return err_set(err, ERR_DENIED, "a key that is not in the manifest (version %llu)",
                       (unsigned long long)region->version);
    memcpy(name, peer->name, sizeof peer->name);
    return psk_load(psk, &found, daemon->config->psks, peer, err);
}

/* --- running --- */

/* A failure that lasts is one line, and its end another. */
static void note_failure(bool *failing, const char *what, int rc, const struct err *err)
{
    if (rc != 0 && !*failing)
        log_event(LOG_ERROR, what, "reason=\"%s\"", err->text);
    else if (rc == 0 && *failing)
        log_event(LOG_INFO, what, "recovered=yes");
    *failing = rc != 0;
}

int daemon_export(const struct daemon *daemon, struct ledger *ledger, struct err *err)
{
    int rc = dir_make(daemon->config->ledger, 0755, err);
    if (rc == 0)
        rc = ledger_export(ledger, daemon->config->ledger, err);
    return rc;
}

static void reload(struct rpc_server *server, const struct daemon_service *service)
{
    struct err err;
    char state[64];
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)clock_monotonic_ms() * 1000u);
    process_notify(state);
    if (service->reload(service->context, &err) == 0)
        rpc_server_review(server);
    else
        log_event(LOG_ERROR, "reload-failed", "reason=\"%s\"", err.text);
    process_notify("READY=1");
}

/* What figures say of this second. */
static void measure(const struct daemon *daemon, struct rpc_server *server, struct ledger *ledger,
                    const struct daemon_service *service)
{
    size_t waiting, most;
    rpc_server_queue(server, &waiting, &most);
    figures_queue(waiting, most);
    figures_ledger(ledger_size(ledger));
    figures_process(daemon->config->state);
    service->measure(service->context);
}

/* What a daemon cannot go on with; its supervisor starts it anew. *event: what to call it. */
static int check_health(struct rpc_server *server, struct ledger *ledger, const char **event, struct err *fatal)
{
    *event = "receiving-failed";
    int rc = rpc_server_check(server, fatal);
    if (rc == 0) {
        *event = "store-failed";
        rc = kv_failed(ledger_store(ledger), fatal);
    }
    return rc;
}

/* 0 when told to end; an error when it cannot go on, and what to call that. */
static int serve(struct daemon *daemon, struct rpc_server *server, struct ledger *ledger,
                 const struct daemon_service *service, const char **event, struct err *fatal)
{
    const uint64_t interval = 1000 * daemon->config->ledger_interval;
    bool tick_failing = false, export_failing = false;
    uint64_t next_export = 0;
    for (;;) {
        struct err err;
        int rc = check_health(server, ledger, event, fatal);
        if (rc != 0)
            return rc;
        *event = "put-back";
        process_notify("WATCHDOG=1");
        log_strangers_tick();
        log_clock_tick();
        rc = service->tick(service->context, &err);
        note_failure(&tick_failing, "upkeep-failed", rc, &err);
        backup_serve(daemon->config, service);
        rc = service->check(service->context, fatal);
        if (rc != 0)
            return rc;
        if (clock_monotonic_ms() >= next_export) {
            rc = daemon_export(daemon, ledger, &err);
            if (rc == ERR_CONFLICT) {
                *fatal = err;
                return rc;
            }
            note_failure(&export_failing, "export-failed", rc, &err);
            next_export = clock_monotonic_ms() + interval;
        }
        measure(daemon, server, ledger, service);
        figures_beat(tick_failing ? "upkeep fails" : export_failing ? "the ledger cannot be exported" : NULL);
        int signal = wait_signal(1000);
        if (signal == SIGTERM || signal == SIGINT)
            return 0;
        if (signal == SIGHUP)
            reload(server, service);
    }
}

int daemon_run(struct daemon *daemon, struct ledger *ledger, const char *url, const struct daemon_service *service,
               struct err *err)
{
    const struct daemon_config *c = daemon->config;
    struct rpc_server *server = NULL;
    const struct rpc_server_options options = {
        .url = c->listen[0] != '\0' ? c->listen : url,
        .identity = &daemon->identity,
        .authorise = service->authorise,
        .handle = service->handle,
        .context = service->context,
        .workers = c->workers < 256 ? (unsigned)c->workers : 256,
        .queue = c->queue < 65536 ? (unsigned)c->queue : 65536,
    };
    struct figures *figures = NULL;
    metrics_register(&refusals_metric);
    figures_serve();
    int rc = figures_open(&figures, c->metrics, err);
    if (rc == 0)
        rc = rpc_server_start(&server, &options, err);
    if (rc != 0) {
        figures_close(figures);
        return rc;
    }
    log_event(LOG_INFO, "listening", "party=%s url=%s", daemon->identity.party.name, options.url);
    process_notify("READY=1");
    const char *event = "";
    rc = serve(daemon, server, ledger, service, &event, err);
    if (rc != 0)
        log_event(LOG_ERROR, event, "reason=\"%s\"", err->text);
    process_notify("STOPPING=1");
    process_end_within(PROCESS_END_SECONDS);
    log_event(LOG_INFO, "stopping", "party=%s", daemon->identity.party.name);
    figures_close(figures);
    rpc_server_drain(server);
    service->drained(service->context);
    rpc_server_stop(server);
    return rc;
}
