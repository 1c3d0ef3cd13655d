#include "protocol/daemon/restored.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/ledger/ledger_store.h"
#include "protocol/ledger/note.h"
#include "protocol/ledger/tiles.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Entries in one commit. */
#define STEP 1000

/* Together with what stands between, a note. */
#define BY_MAX 60
#define REASON_MAX (EVENT_NOTE_MAX - BY_MAX - 2)

/* Where the store ended before anything was taken back, while that is under way: u64. */
#define FROM_KEY "Lzr"

const struct setting restored_settings[3] = {
    {"by", NULL, NULL, SETTING_TEXT, offsetof(struct restored_options, by), "NAME",
     "who says so; it stands in the ledger"},
    {"reason", NULL, NULL, SETTING_TEXT, offsetof(struct restored_options, reason), "TEXT",
     "why the store was put back; it stands in the ledger"},
    {"yes", NULL, NULL, SETTING_SWITCH, offsetof(struct restored_options, yes), NULL,
     "do it; without it, say what would be done"},
};

struct restoring {
    const struct restored *what;
    struct ledger *ledger;
    const char *dir;              /* which copy has most */
    struct checkpoint checkpoint; /* of that copy */
    uint64_t from;                /* the first entry that the store lacked */
    uint64_t first, last;         /* times of what is lost */
    uint64_t kind[EVENT_KINDS];
};

/* What may stand in an event. */
static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\')
            return false;
    return true;
}

int restored_check(struct call *call, struct err *err)
{
    const struct restored_options *o = call->options;
    if (o->yes && (o->by[0] == '\0' || o->reason[0] == '\0'))
        return err_set(err, ERR_USAGE, "--by NAME and --reason TEXT are needed: they stand in the ledger");
    if (strlen(o->by) > BY_MAX || strlen(o->reason) > REASON_MAX)
        return err_set(err, ERR_USAGE, "--by has %d characters at most, --reason %d", BY_MAX, REASON_MAX);
    if (!is_plain(o->by) || !is_plain(o->reason))
        return err_set(err, ERR_USAGE, "--by and --reason are printable ASCII without \" and \\");
    return 0;
}

/* --- what there is --- */

/* The checkpoint that a copy shows, if we signed it. */
static int read_copy(const struct restoring *r, const char *dir, struct checkpoint *out, struct err *err)
{
    char path[PATH_LIMIT];
    struct buf note = buf_of(NOTE_MAX);
    int rc = path_join(path, sizeof path, dir, "checkpoint", err);
    if (rc == 0)
        rc = file_read(&note, path, err);
    if (rc == 0)
        rc = checkpoint_verify(out, buf_span(&note), r->what->daemon->identity.party.log, err);
    if (rc == 0 && strcmp(out->origin, r->what->origin) != 0)
        rc = err_set(err, ERR_VERIFY, "%s is the ledger of %s", dir, out->origin);
    buf_free(&note);
    return rc;
}

/* The exported ledger may be gone; a copy that is named must be there. */
static int find_newest(struct restoring *r, struct err *err)
{
    struct checkpoint found;
    r->dir = r->what->daemon->config->ledger;
    int rc = read_copy(r, r->dir, &r->checkpoint, err);
    if (rc != 0)
        r->checkpoint.size = 0;
    rc = rc == ERR_NOT_FOUND ? 0 : rc;
    for (size_t i = 0; rc == 0 && i < r->what->copies; i++) {
        rc = read_copy(r, r->what->copy[i], &found, err);
        if (rc == 0 && found.size > r->checkpoint.size) {
            r->checkpoint = found;
            r->dir = r->what->copy[i];
        }
    }
    return rc;
}

static int read_from(struct restoring *r, struct err *err)
{
    struct buf value = buf_of(8);
    int rc = kv_get(r->what->kv, FROM_KEY, 3, &value, err);
    r->from = rc == 0 && value.len == 8 ? bytes_get_u64be(value.data) : ledger_size(r->ledger);
    buf_free(&value);
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* That nobody has seen more than the copy, as far as who answers knows. */
static int ask_witnesses(const struct restoring *r, struct err *err)
{
    struct witnessing_newest newest;
    int rc = witnessing_ask_newest(&newest, r->what->daemon, r->ledger, r->what->region, r->what->peers,
                                   r->what->peer_count, err);
    if (rc == 0 && newest.asked == 0 && r->what->peer_count > 0)
        printf("no witness answers: whether one has seen more is not known\n");
    if (rc != 0 || newest.size <= r->checkpoint.size)
        return rc;
    return err_set(err, ERR_CONFLICT,
                   "%s has a checkpoint of %" PRIu64 " entries that we signed, and no copy has more than %" PRIu64
                   ": name the directory of one that has, an auditor's or a mirror's. Without these entries the "
                   "ledger cannot go on: ask the coordinators for new keys",
                   newest.by, newest.size, r->checkpoint.size);
}

/* --- what is lost --- */

/* Each entry that the store lacks, in order. */
static int each_entry(const struct restoring *r, int (*visit)(void *context, struct span entry, struct err *err),
                      void *context, struct err *err)
{
    struct tiles tiles;
    struct span entry;
    const uint64_t size = ledger_size(r->ledger);
    int rc = 0;
    tiles_open(&tiles, r->dir, r->checkpoint.size);
    tiles_seek(&tiles, size - size % TILE_WIDTH);
    while (rc == 0 && tiles.next < r->checkpoint.size) {
        const uint64_t index = tiles.next;
        rc = tiles_next_entry(&tiles, &entry, err);
        if (rc == 0 && index >= size)
            rc = visit(context, entry, err);
    }
    tiles_close(&tiles);
    return rc;
}

struct looking {
    struct restoring *restoring;
    struct merkle_range range;
};

static int look_at(void *context, struct span entry, struct err *err)
{
    struct looking *l = context;
    struct restoring *r = l->restoring;
    struct event event;
    struct hash leaf;
    int rc = event_decode(&event, entry, err);
    if (rc != 0)
        return rc;
    merkle_leaf(&leaf, entry);
    merkle_append(&l->range, &leaf, NULL, NULL);
    r->first = r->first == 0 ? event.time : r->first;
    r->last = event.time;
    r->kind[event.kind]++;
    return 0;
}

/* What the store has and the copy's entries behind it lead to the root that was signed. */
static int check_copy(struct restoring *r, struct err *err)
{
    struct looking looking = {.restoring = r};
    struct hash root;
    ledger_range(r->ledger, &looking.range);
    int rc = each_entry(r, look_at, &looking, err);
    if (rc != 0)
        return rc;
    merkle_root(&root, &looking.range);
    return memcmp(root.bytes, r->checkpoint.root.bytes, sizeof root.bytes) == 0
               ? 0
               : err_set(
                     err, ERR_CONFLICT,
                     "what %s shows does not continue the store: it is damaged, or another history; name another copy",
                     r->dir);
}

static void print_lost(const struct restoring *r)
{
    char first[CLOCK_TEXT_SIZE], last[CLOCK_TEXT_SIZE];
    printf("the store ends before entry %" PRIu64 ", %s shows %" PRIu64 ": of %" PRIu64
           " entries, %s to %s, what they brought "
           "about is lost\n",
           r->from, r->dir, r->checkpoint.size, r->checkpoint.size - r->from, clock_text(first, r->first),
           clock_text(last, r->last));
    for (int kind = EVENT_START; kind < EVENT_KINDS; kind++)
        if (r->kind[kind] > 0)
            printf("  %-12s %" PRIu64 "\n", event_kind_name((enum event_kind)kind), r->kind[kind]);
}

/* --- taking back --- */

struct taking {
    const struct restoring *restoring;
    struct kv_batch *batch;
    size_t count; /* entries in the batch */
};

static int commit(struct taking *t, bool durable, struct err *err)
{
    struct ledger *ledger = t->restoring->ledger;
    int rc = ledger_seal(ledger, t->batch, err);
    if (rc == 0)
        rc = kv_commit(t->restoring->what->kv, t->batch, durable, err);
    if (rc == 0)
        ledger_committed(ledger);
    kv_batch_clear(t->batch);
    t->count = 0;
    return rc;
}

static int take(void *context, struct span entry, struct err *err)
{
    struct taking *t = context;
    const struct restored *what = t->restoring->what;
    struct event event;
    bool changed = false;
    int rc = ledger_take_back(t->restoring->ledger, t->batch, entry, err);
    if (rc == 0)
        rc = event_decode(&event, entry, err);
    if (rc == 0)
        rc = what->lost(what->context, t->batch, &event, &changed, err);
    t->count++;
    return rc == 0 && (changed || t->count == STEP) ? commit(t, false, err) : rc;
}

static int write_event(struct taking *t, struct err *err)
{
    const struct restoring *r = t->restoring;
    struct event event;
    event_init(&event, EVENT_RESTORED);
    event.sequence = r->from;
    event.count = r->checkpoint.size - r->from;
    snprintf(event.note, sizeof event.note, "%.60s: %.138s", r->what->options->by, r->what->options->reason);
    kv_batch_delete(t->batch, FROM_KEY, 3);
    int rc = ledger_append(r->ledger, t->batch, &event, NULL, NULL, err);
    return rc == 0 ? commit(t, true, err) : rc;
}

static int take_all(const struct restoring *r, struct err *err)
{
    struct taking t = {.restoring = r};
    uint8_t from[8];
    int rc = kv_batch_new(&t.batch, err);
    if (rc != 0)
        return rc;
    bytes_put_u64be(from, r->from);
    kv_batch_put(t.batch, FROM_KEY, 3, from, sizeof from);
    rc = each_entry(r, take, &t, err);
    if (rc == 0)
        rc = write_event(&t, err);
    kv_batch_free(t.batch);
    return rc;
}

static int restore(struct restoring *r, struct err *err)
{
    int rc = read_from(r, err);
    if (rc == 0)
        rc = find_newest(r, err);
    if (rc == 0)
        rc = ask_witnesses(r, err);
    if (rc == 0 && r->checkpoint.size <= r->from)
        rc = err_set(err, ERR_NOT_FOUND, "the store has all %" PRIu64 " entries that are known of: nothing is lost",
                     r->from);
    if (rc == 0)
        rc = check_copy(r, err);
    if (rc != 0)
        return rc;
    print_lost(r);
    if (!r->what->options->yes) {
        printf("nothing is done yet: with --yes, --by NAME and --reason TEXT the ledger goes on without it\n");
        return 0;
    }
    rc = take_all(r, err);
    if (rc == 0)
        rc = daemon_export(r->what->daemon, r->ledger, err);
    if (rc == 0)
        printf("restored: the ledger goes on with %" PRIu64 " entries\n", ledger_size(r->ledger));
    return rc;
}

/* --- the verb --- */

int restored_open(struct restored_store *out, const struct daemon *daemon, size_t prefix, struct err *err)
{
    char dir[PATH_LIMIT];
    *out = (struct restored_store){.kv = NULL};
    int rc = daemon_manifest(daemon, NULL, &out->region, err);
    if (rc == 0)
        rc = path_join(dir, sizeof dir, daemon->config->state, "store", err);
    if (rc == 0)
        rc = ledger_origin(out->origin, out->region->name, daemon->identity.party.name, err);
    return rc == 0 ? kv_open(&out->kv, dir, prefix, err) : rc;
}

void restored_close(struct restored_store *store)
{
    kv_close(store->kv);
    region_free(store->region);
}

int restored_run(const struct restored *restored, struct err *err)
{
    struct restoring r = {.what = restored};
    int rc = ledger_open(&r.ledger, restored->kv, restored->origin, restored->daemon->identity.log_secret, err);
    if (rc == 0)
        rc = restore(&r, err);
    ledger_close(r.ledger);
    return rc;
}
