#include "protocol/daemon/backup.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/log.h"
#include "protocol/base/tree.h"
#include "protocol/ledger/note.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ANSWER_MS 60000 /* the daemon may be writing out what it has in memory */
#define NAP_MS 50
#define ASK_SIZE 32 /* hexadecimal digits */

#define LIST "files"
#define PIN "manifest.pin"

/* --- the point --- */

static int state_path(char out[PATH_LIMIT], const struct daemon_config *config, const char *name, struct err *err)
{
    return path_join(out, PATH_LIMIT, config->state, name, err);
}

void backup_serve(const struct daemon_config *config, const struct daemon_service *service)
{
    char ask[PATH_LIMIT], point[PATH_LIMIT], answer[PATH_LIMIT];
    struct err err = {.code = ERR_OK};
    struct buf text = buf_of(ASK_SIZE);
    if (state_path(ask, config, "backup.ask", &err) != 0 || state_path(point, config, "backup.point", &err) != 0 ||
        state_path(answer, config, "backup.answer", &err) != 0 || access(ask, F_OK) != 0)
        return;
    int rc = file_read(&text, ask, &err);
    unlink(ask);
    if (rc == 0 && text.len == ASK_SIZE) {
        rc = tree_remove(point, &err);
        if (rc == 0)
            rc = service->copy(service->context, point, &err);
        char said[ASK_SIZE + 1 + ERR_TEXT_MAX];
        snprintf(said, sizeof said, "%.*s %s", ASK_SIZE, (const char *)text.data, rc == 0 ? "" : err.text);
        if (file_write(answer, said, strlen(said), 0600, ERR_IGNORED) != 0)
            rc = err_set(&err, ERR_IO, "cannot write %s", answer);
    }
    if (rc != 0)
        log_event(LOG_ERROR, "backup-failed", "reason=\"%s\"", err.text);
    else
        log_event(LOG_INFO, "backup-point", "dir=%s", point);
    buf_free(&text);
}

/* What the daemon answered; ERR_BUSY: nothing yet. */
static int read_answer(const char *path, const char *ask, struct err *err)
{
    struct buf text = buf_of(ASK_SIZE + 1 + ERR_TEXT_MAX);
    int rc = 0;
    if (file_read(&text, path, ERR_IGNORED) != 0 || text.len <= ASK_SIZE || memcmp(text.data, ask, ASK_SIZE) != 0)
        rc = ERR_BUSY;
    else if (text.len > ASK_SIZE + 1)
        rc = err_set(err, ERR_IO, "the running daemon: %.*s", (int)(text.len - ASK_SIZE - 1),
                     (const char *)text.data + ASK_SIZE + 1);
    buf_free(&text);
    return rc;
}

static int ask_daemon(const struct daemon_config *config, struct err *err)
{
    char ask[PATH_LIMIT], answer[PATH_LIMIT], id[ASK_SIZE + 1];
    uint8_t random[ASK_SIZE / 2];
    randombytes_buf(random, sizeof random);
    bytes_to_hex(id, random, sizeof random);
    int rc = state_path(ask, config, "backup.ask", err);
    if (rc == 0)
        rc = state_path(answer, config, "backup.answer", err);
    if (rc == 0)
        rc = file_write(ask, id, ASK_SIZE, 0600, err);
    if (rc != 0)
        return rc;
    const uint64_t until = clock_monotonic_ms() + ANSWER_MS;
    do {
        clock_sleep_ms(NAP_MS);
        rc = read_answer(answer, id, err);
    } while (rc == ERR_BUSY && clock_monotonic_ms() < until);
    unlink(ask);
    unlink(answer);
    return rc == ERR_BUSY
               ? err_set(err, ERR_UNREACHABLE,
                         "the process that has %s/store open does not answer: is it of another version?", config->state)
               : rc;
}

/* Only its owner may touch the store: what another one writes into it the daemon could not read. */
static int check_owner(const struct daemon_config *config, const char *store, struct err *err)
{
    struct stat st;
    if (stat(store, &st) != 0)
        return errno == ENOENT ? err_set(err, ERR_NOT_FOUND, "there is no store in %s", config->state)
                               : err_errno(err, "cannot look at %s", store);
    if (st.st_uid != geteuid())
        return err_set(err, ERR_DENIED, "%s belongs to another user: run this as the daemon's user", store);
    return 0;
}

/* A copy of the store at one point, in the state directory. */
static int take_point(const struct backup *b, char point[PATH_LIMIT], struct err *err)
{
    const struct daemon_config *config = b->daemon->config;
    char store[PATH_LIMIT];
    struct kv *kv = NULL;
    int rc = state_path(store, config, "store", err);
    if (rc == 0)
        rc = state_path(point, config, "backup.point", err);
    if (rc == 0)
        rc = check_owner(config, store, err);
    if (rc != 0)
        return rc;
    rc = kv_open(&kv, store, b->prefix, err);
    if (rc == ERR_CONFLICT)
        return ask_daemon(config, err);
    if (rc == 0)
        rc = tree_remove(point, err);
    if (rc == 0)
        rc = kv_checkpoint(kv, point, err);
    kv_close(kv);
    return rc;
}

/* --- checking --- */

/* A store that is opened to be read, and its ledger. */
struct opened {
    struct kv *kv;
    struct ledger *ledger;
    struct region *region;
};

static void close_store(struct opened *o)
{
    ledger_close(o->ledger);
    kv_close(o->kv);
    region_free(o->region);
}

static int open_store(struct opened *o, const struct backup *b, const char *store, struct err *err)
{
    char origin[NOTE_NAME_MAX + 1];
    *o = (struct opened){.kv = NULL};
    int rc = region_load(&o->region, b->daemon->config->manifest, NULL, err);
    if (rc == 0)
        rc = ledger_origin(origin, o->region->name, b->daemon->identity.party.name, err);
    if (rc == 0)
        rc = kv_open_for_reading(&o->kv, store, b->prefix, err);
    if (rc == 0)
        rc = ledger_open(&o->ledger, o->kv, origin, b->daemon->identity.log_secret, err);
    return rc;
}

static int check_parts(const struct backup *b, const char *where, const char *store, const char *ledger_dir,
                       const struct checkpoint *shown, const char *beside_dir, struct err *err)
{
    struct opened o;
    uint64_t records = 0, entries = 0;
    int rc = open_store(&o, b, store, err);
    if (rc == 0)
        rc = kv_check(o.kv, &records, err);
    if (rc == 0)
        rc = ledger_check(o.ledger, ledger_dir, shown, b->daemon->identity.party.log, &entries, err);
    if (rc == 0 && b->check != NULL && beside_dir != NULL)
        rc = b->check(b, o.region, o.ledger, beside_dir, err);
    if (rc == 0)
        printf("%s: %" PRIu64 " records, %" PRIu64 " entries in the ledger; all is as it was written\n", where, records,
               entries);
    close_store(&o);
    return rc;
}

static int check_copy(const struct backup *b, const char *from, struct err *err)
{
    char list[PATH_LIMIT], store[PATH_LIMIT], ledger[PATH_LIMIT], beside[PATH_LIMIT];
    struct buf text = buf_of(TREE_LIST_MAX);
    uint64_t files;
    int rc = path_join(list, sizeof list, from, LIST, err);
    if (rc == 0 && access(list, F_OK) != 0)
        rc = err_set(err, ERR_NOT_FOUND, "%s is no backup: it has no list of its files", from);
    if (rc == 0)
        rc = file_read(&text, list, err);
    if (rc == 0)
        rc = tree_check(buf_span(&text), from, &files, err);
    if (rc == 0)
        rc = path_join(store, sizeof store, from, "store", err);
    if (rc == 0)
        rc = path_join(ledger, sizeof ledger, from, "ledger", err);
    if (rc == 0)
        rc = path_join(beside, sizeof beside, from, b->beside != NULL ? b->beside : "", err);
    if (rc == 0) {
        const struct checkpoint shown = ledger_exported(ledger);
        rc = check_parts(b, from, store, ledger, &shown, b->beside != NULL ? beside : NULL, err);
    }
    buf_free(&text);
    return rc;
}

/* What is exported is looked at before the point is taken: the store is never behind that. */
static int check_at_work(const struct backup *b, struct err *err)
{
    const struct daemon_config *config = b->daemon->config;
    const struct checkpoint shown = ledger_exported(config->ledger);
    char point[PATH_LIMIT];
    int rc = take_point(b, point, err);
    if (rc != 0)
        return rc;
    rc = check_parts(b, config->state, point, config->ledger, &shown, b->beside != NULL ? b->beside_dir : NULL, err);
    (void)tree_remove(point, ERR_IGNORED);
    return rc;
}

int backup_check(const struct backup *backup, const char *from, struct err *err)
{
    return from != NULL ? check_copy(backup, from, err) : check_at_work(backup, err);
}

/* --- making one --- */

/* The ledger as the point has it; the manifests that lie beside the one that is served go with it. */
static int copy_ledger(const struct backup *b, const char *store, const char *to, struct err *err)
{
    char ledger[PATH_LIMIT], from[PATH_LIMIT], manifests[PATH_LIMIT];
    struct opened o;
    int rc = open_store(&o, b, store, err);
    if (rc == 0)
        rc = path_join(ledger, sizeof ledger, to, "ledger", err);
    if (rc == 0)
        rc = dir_make(ledger, 0755, err);
    if (rc == 0)
        rc = ledger_export(o.ledger, ledger, err);
    if (rc == 0)
        rc = path_join(from, sizeof from, b->daemon->config->ledger, "manifests", err);
    if (rc == 0)
        rc = path_join(manifests, sizeof manifests, ledger, "manifests", err);
    if (rc == 0)
        rc = tree_copy(from, manifests, err);
    close_store(&o);
    return rc;
}

static int copy_named(const char *from, const char *to, const char *name, struct err *err)
{
    char path[PATH_LIMIT];
    int rc = path_join(path, sizeof path, to, name, err);
    return rc != 0 ? rc : tree_copy(from, path, err);
}

static int write_list(const struct backup *b, const char *to, struct err *err)
{
    char path[PATH_LIMIT];
    struct buf list = buf_of(TREE_LIST_MAX);
    const char *const names[] = {"store", "ledger", PIN, b->beside};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sizeof names / sizeof names[0]; i++)
        rc = names[i] != NULL ? tree_list(&list, to, names[i], err) : 0;
    if (rc == 0)
        rc = path_join(path, sizeof path, to, LIST, err);
    if (rc == 0)
        rc = file_create(path, list.data, list.len, 0600, err);
    buf_free(&list);
    return rc;
}

static int fill(const struct backup *b, const char *point, const char *to, struct err *err)
{
    char pin[PATH_LIMIT];
    int rc = copy_named(point, to, "store", err);
    if (rc == 0)
        rc = state_path(pin, b->daemon->config, PIN, err);
    if (rc == 0)
        rc = copy_named(pin, to, PIN, err);
    if (rc == 0)
        rc = copy_ledger(b, point, to, err);
    if (rc == 0 && b->beside != NULL)
        rc = copy_named(b->beside_dir, to, b->beside, err);
    if (rc == 0)
        rc = write_list(b, to, err);
    return rc;
}

int backup_make(const struct backup *backup, const char *to, struct err *err)
{
    char point[PATH_LIMIT];
    if (mkdir(to, 0700) != 0)
        return errno == EEXIST ? err_set(err, ERR_CONFLICT, "%s exists: a backup goes into a new directory", to)
                               : err_errno(err, "cannot make %s", to);
    int rc = take_point(backup, point, err);
    if (rc == 0) {
        rc = fill(backup, point, to, err);
        (void)tree_remove(point, ERR_IGNORED);
    }
    return rc == 0 ? check_copy(backup, to, err) : rc;
}

/* --- putting one back --- */

static int refuse_unless_empty(const char *dir, struct err *err)
{
    return tree_is_empty(dir) ? 0 : err_set(err, ERR_CONFLICT, "%s is there: move it away, then restore", dir);
}

static void say_what_to_do(const struct backup *b, const char *from, bool ledger_stays, bool beside_stays)
{
    printf("%s is back as it was in %s. What came after that is not in it:\n", b->daemon->config->state, from);
    if (ledger_stays)
        printf(
            "  %s was there and stays: if it shows more entries than the store has, the daemon will not start, and says "
            "event=put-back\n",
            b->daemon->config->ledger);
    if (beside_stays)
        printf("  %s was there and stays\n", b->beside_dir);
    printf(
        "  start it: it asks its witnesses first. Where one has seen more of this ledger than it has, it signs nothing and\n"
        "  ends with event=put-back: look for a newer copy. If there is none, tell auditors, witnesses and agencies, and let\n"
        "  the verb 'restored' sign what is lost and why: the ledger goes on with that (operator's guide, \"A state is lost\")\n"
        "  agencies: sync; mail that they had fetched since then comes again, and their status says where entries are missing\n");
}

static int put_back(const struct backup *b, const char *from, bool ledger_stays, bool beside_stays, struct err *err)
{
    const struct daemon_config *config = b->daemon->config;
    char unfinished[PATH_LIMIT], path[PATH_LIMIT], store[PATH_LIMIT];
    int rc = state_path(unfinished, config, "store.unfinished", err);
    if (rc == 0)
        rc = tree_remove(unfinished, err);
    if (rc == 0)
        rc = path_join(path, sizeof path, from, "ledger", err);
    if (rc == 0 && !ledger_stays)
        rc = tree_copy(path, config->ledger, err);
    if (rc == 0)
        rc = path_join(path, sizeof path, from, b->beside != NULL ? b->beside : "", err);
    if (rc == 0 && b->beside != NULL && !beside_stays)
        rc = tree_copy(path, b->beside_dir, err);
    if (rc == 0)
        rc = path_join(path, sizeof path, from, PIN, err);
    if (rc == 0)
        rc = state_path(store, config, PIN, err);
    if (rc == 0 && access(store, F_OK) != 0)
        rc = tree_copy(path, store, err);
    if (rc == 0)
        rc = path_join(path, sizeof path, from, "store", err);
    if (rc == 0)
        rc = tree_copy(path, unfinished, err);
    if (rc == 0)
        rc = state_path(store, config, "store", err);
    if (rc == 0 && rename(unfinished, store) != 0)
        rc = err_errno(err, "cannot put %s in its place", store);
    return rc;
}

int backup_restore(const struct backup *backup, const char *from, struct err *err)
{
    const struct daemon_config *config = backup->daemon->config;
    const bool ledger_stays = !tree_is_empty(config->ledger);
    const bool beside_stays = backup->beside != NULL && backup->beside_stays && !tree_is_empty(backup->beside_dir);
    char store[PATH_LIMIT];
    int rc = state_path(store, config, "store", err);
    if (rc == 0)
        rc = refuse_unless_empty(store, err);
    if (rc == 0 && backup->beside != NULL && !beside_stays)
        rc = refuse_unless_empty(backup->beside_dir, err);
    if (rc == 0)
        rc = check_copy(backup, from, err);
    if (rc == 0)
        rc = put_back(backup, from, ledger_stays, beside_stays, err);
    if (rc == 0)
        say_what_to_do(backup, from, ledger_stays, beside_stays);
    return rc;
}
