#include "tests/audit/cheats.h"

#include "tests/audit/history.h"

#include "protocol/base/file.h"
#include "protocol/ledger/archive.h"
#include "protocol/ledger/note.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool waiting, struck; /* a hook is set, and has done it */
static bool omits;           /* ... which shows only where what was left out is used */
static struct event first;   /* what it saw first */
static uint16_t deprived;    /* whose mailbox it kept something out of; 0: nobody's yet */

bool cheat_has_struck(void)
{
    return (struck || !waiting) && (!omits || history_was_spent(HISTORY_CULPRIT));
}

void cheat_forget(void)
{
    waiting = struck = omits = false;
    memset(&first, 0, sizeof first);
    deprived = 0;
}

static bool set_matcher(bool (*hook)(struct event *event))
{
    history_matcher_event = hook;
    waiting = true;
    return true;
}

static bool set_mail(bool (*hook)(uint16_t to, uint8_t tag[WIRE_TAG_SIZE]))
{
    history_matcher_mail = hook;
    waiting = true;
    return true;
}

static bool set_custodian(bool (*hook)(int custodian, struct event *event))
{
    history_custodian_event = hook;
    waiting = true;
    return true;
}

static bool run(const char *format, const char *a, const char *b)
{
    char command[1024];
    snprintf(command, sizeof command, format, a, b);
    return system(command) == 0;
}

/* --- the matcher's --- */

static bool is_mirror(const struct event *e)
{
    return e->kind == first.kind && strcmp(e->party, first.partner) == 0 && strcmp(e->partner, first.party) == 0;
}

/*
 * Neither side is told of a couple: both lines are left out. Where the first is an answer's, the other side has a
 * notice in its place, which stays: then the question is one-sided, and has fewer hits than it says.
 */
static bool omit_both(struct event *e)
{
    if (struck && is_mirror(e) && e->time == first.time) {
        first.kind = 0;
        return false;
    }
    if (struck || e->kind != EVENT_DELIVER)
        return true;
    first = *e;
    struck = true;
    return false;
}

static bool omit_one(struct event *e)
{
    if (struck || e->kind != EVENT_DELIVER)
        return true;
    struck = true;
    return false;
}

static bool omit_withdrawal(struct event *e)
{
    if (struck || e->kind != EVENT_WITHDRAW)
        return true;
    struck = true;
    return false;
}

static bool omit_notice(struct event *e)
{
    if (struck || e->kind != EVENT_ASKED)
        return true;
    struck = true;
    return false;
}

static bool other_payload(struct event *e)
{
    if (!struck && e->kind == EVENT_DELIVER) {
        e->digest[0] ^= 1;
        struck = true;
    }
    return true;
}

static bool one_more(struct event *e)
{
    if (!struck && e->kind == EVENT_DELIVER) {
        e->count++;
        struck = true;
    }
    return true;
}

static bool to_somebody_else(struct event *e)
{
    if (struck || e->kind != EVENT_DELIVER)
        return true;
    snprintf(e->party, sizeof e->party, "%s",
             strcmp(e->party, "AAA") == 0 || strcmp(e->partner, "AAA") == 0 ? "CCC" : "AAA");
    struck = true;
    return true;
}

static bool false_counts(struct event *e)
{
    if (!struck && e->kind == EVENT_PUT && e->added > 1) {
        e->added--;
        e->renewed++;
        struck = true;
    }
    return true;
}

static bool wrong_epoch(struct event *e)
{
    if (!struck && e->kind == EVENT_PUT) {
        e->epoch += 7;
        struck = true;
    }
    return true;
}

static bool strike_omit_both(void)
{
    return set_matcher(omit_both);
}
static bool strike_omit_one(void)
{
    return set_matcher(omit_one);
}
static bool strike_omit_withdrawal(void)
{
    return set_matcher(omit_withdrawal);
}
static bool strike_omit_notice(void)
{
    return set_matcher(omit_notice);
}
static bool strike_other_payload(void)
{
    return set_matcher(other_payload);
}
static bool strike_one_more(void)
{
    return set_matcher(one_more);
}
static bool strike_somebody_else(void)
{
    return set_matcher(to_somebody_else);
}
static bool strike_false_counts(void)
{
    return set_matcher(false_counts);
}
static bool strike_wrong_epoch(void)
{
    return set_matcher(wrong_epoch);
}

static bool other_mail(uint16_t to, uint8_t tag[WIRE_TAG_SIZE])
{
    (void)to;
    tag[0] ^= !struck;
    struck = true;
    return true;
}

/* It shows by what is acknowledged behind it. */
static bool no_mail(uint16_t to, uint8_t tag[WIRE_TAG_SIZE])
{
    (void)tag;
    const bool first_one = deprived == 0;
    struck = struck || to == deprived;
    deprived = first_one ? to : deprived;
    return !first_one;
}

static bool strike_other_mail(void)
{
    return set_mail(other_mail);
}
static bool strike_no_mail(void)
{
    return set_mail(no_mail);
}
static bool strike_made_up_ack(void)
{
    return history_has_answered() && history_make_up_ack((int)history_any(HISTORY_AGENCIES));
}

/* A request that nobody made. Behind one that the archive has: what is before its first may have been erased. */
static bool strike_made_up_put(void)
{
    if (!history_has_answered())
        return false;
    struct event e = history_event(EVENT_PUT, 0, 3);
    e.renewed = 3;
    history_write_event(-1, &e);
    return true;
}

static bool strike_stranger_puts(void)
{
    struct event e = history_event(EVENT_PUT, 0, 3);
    e.renewed = 3;
    snprintf(e.party, sizeof e.party, "nobody");
    history_write_event(-1, &e);
    return true;
}

/* Behind a put of nothing new, a delivery between two who granted each other nothing. */
static bool strike_without_grant(void)
{
    struct event e = history_event(EVENT_DELIVER, 0, 1);
    snprintf(e.partner, sizeof e.partner, "%s", history_agency(2)->party.name);
    history_write_event(-1, &e);
    return true;
}

static bool strike_repeated(void)
{
    struct event e = history_event(EVENT_SUSPEND, 0, 0);
    snprintf(e.partner, sizeof e.partner, "%s", history_agency(1)->party.name);
    snprintf(e.note, sizeof e.note, "off");
    memset(e.digest, 0, sizeof e.digest);
    history_write_event(-1, &e);
    history_write_event(-1, &e);
    return true;
}

static bool strike_forged_manifest(void)
{
    struct event e = history_event(EVENT_MANIFEST, -1, history_version());
    history_write_event(-1, &e);
    return true;
}

static bool strike_early_expiry(void)
{
    struct event e = history_event(EVENT_EXPIRE, 0, 1);
    history_write_event(-1, &e);
    return true;
}

/* Prekeys, letters and lapses that its archive has no request for, and that the rules do not allow. */
static bool strike_prekey(void)
{
    struct event e = history_event(EVENT_PREKEY, 0, 0);
    if (!history_has_answered())
        return false;
    e.purpose[0] = '\0';
    e.epoch = 0;
    e.sequence = 5;
    e.until = history_now() + 86400;
    memset(e.chain, 0x33, sizeof e.chain);
    history_write_event(-1, &e);
    return true;
}

static bool strike_letter(void)
{
    struct event e = history_event(EVENT_LETTER, 0, 0);
    if (!history_has_answered())
        return false;
    snprintf(e.partner, sizeof e.partner, "%s", history_agency(2)->party.name);
    e.sequence = 1;
    e.size = 2048;
    history_write_event(-1, &e);
    return true;
}

static bool strike_lapse(void)
{
    struct event e = history_event(EVENT_LAPSE, 0, 2);
    e.purpose[0] = '\0';
    e.epoch = 0;
    e.until = history_now() - 86400;
    memset(e.digest, 0, sizeof e.digest);
    history_write_event(-1, &e);
    return true;
}

/* The entry of a ledger at this place. */
static int read_event(struct ledger *own, uint64_t at, struct event *event, struct err *err)
{
    struct buf entry = buf_of(EVENT_SIZE_MAX);
    int rc = ledger_entry(own, at, &entry, err);
    if (rc == 0)
        rc = event_decode(event, buf_span(&entry), err);
    buf_free(&entry);
    return rc;
}

/*
 * Where the fork begins, and what its `restored` entry says is lost; of 0: it begins with another start, and says
 * nothing. Behind the `restored` entry nothing is acknowledged: the chains that agencies signed name leaves that are
 * gone, and would convict it whatever it says of the fork. frames: its first put is a stranger's, which nobody signed:
 * the tiles alone are shown.
 */
struct fork {
    uint64_t at, lost;
    bool frames;
};

static int append_fork(struct ledger *fork, struct kv_batch *batch, struct ledger *own, const struct fork *how,
                       struct err *err)
{
    struct event event, restored;
    bool framed = false;
    int rc = 0;
    event_init(&restored, EVENT_RESTORED);
    restored.sequence = how->at;
    restored.count = how->lost;
    snprintf(restored.note, sizeof restored.note, "operator: the disk failed");
    for (uint64_t i = 0; rc == 0 && i < ledger_size(own); i++) {
        rc = read_event(own, i, &event, err);
        if (rc == 0 && i == 0 && how->lost == 0)
            snprintf(event.note, sizeof event.note, "another");
        if (rc == 0 && event.kind == EVENT_PUT && how->frames && !framed) {
            snprintf(event.party, sizeof event.party, "nobody");
            framed = true;
        }
        restored.time = event.time;
        if (rc == 0 && i == how->at && how->lost > 0)
            rc = ledger_append(fork, batch, &restored, NULL, NULL, err);
        const bool gone = how->lost > 0 && i >= how->at && event.kind == EVENT_ACKNOWLEDGE;
        if (rc == 0 && event.kind != EVENT_CLOCK && !gone)
            rc = ledger_append(fork, batch, &event, NULL, NULL, err);
    }
    return rc;
}

/*
 * Another history, signed to the end: the last entries are others. It is shown in place of the one that was witnessed.
 */
static bool show_fork(const struct fork *how)
{
    char origin[NOTE_NAME_MAX + 1], dir[200];
    struct kv *kv = NULL;
    struct kv_batch *batch = NULL;
    struct ledger *fork = NULL;
    struct err err;
    snprintf(dir, sizeof dir, "%s.store", history_files()->spare);
    int rc = kv_open(&kv, dir, 0, &err);
    if (rc == 0)
        rc = ledger_origin(origin, "test", "matcher", &err);
    if (rc == 0)
        rc = ledger_open(&fork, kv, origin, history_matcher()->log_secret, &err);
    if (rc == 0)
        rc = kv_batch_new(&batch, &err);
    if (rc == 0)
        rc = append_fork(fork, batch, history_ledger(-1), how, &err);
    if (rc == 0)
        rc = ledger_seal(fork, batch, &err);
    if (rc == 0)
        rc = kv_commit(kv, batch, false, &err);
    if (rc == 0)
        ledger_committed(fork);
    if (rc == 0)
        rc = ledger_export(fork, history_files()->spare, &err);
    kv_batch_free(batch);
    ledger_close(fork);
    kv_close(kv);
    return rc == 0 && run(how->frames ? "rm -r '%s/tile' && cp -r '%s/tile' '%1$s/'"
                                      : "cp -r '%s/manifests' '%s/' && rm -rf '%1$s' && cp -r '%2$s' '%1$s'",
                          history_files()->matcher, history_files()->spare);
}

static bool show_another(void)
{
    return show_fork(&(struct fork){0, 0, false});
}

/*
 * The matcher's last start, behind which something was witnessed; 0: there is none. Times that went back tell it
 * apart.
 */
static uint64_t last_start(void)
{
    struct event event;
    uint64_t at = 0;
    for (uint64_t i = 1; i < ledger_size(history_ledger(-1)); i++) {
        if (read_event(history_ledger(-1), i, &event, ERR_IGNORED) != 0 || event.kind == EVENT_CLOCK)
            return 0;
        if (event.kind == EVENT_START)
            at = i;
        if (event.kind == EVENT_RESTORED)
            return 0;
    }
    return at;
}

/* Its fork is covered as a whole; or but for all that was witnessed of what is gone. */
static bool show_restored(void)
{
    const uint64_t at = last_start();
    return at > 0 && show_fork(&(struct fork){at, ledger_size(history_ledger(-1)) - at, false});
}

static bool show_falsely_restored(void)
{
    const uint64_t at = last_start();
    return at > 0 && at + 4 < ledger_size(history_ledger(-1)) && show_fork(&(struct fork){at, 1, false});
}

/* Somebody else's doing. */
static bool frame_by_copy(void)
{
    return history_has_answered() && show_fork(&(struct fork){0, 0, true});
}

/* --- what a copy of the matcher's is tampered with --- */

static bool cut_archive(void)
{
    return run("f=$(ls -d '%s'/* | tail -1) && [ $(stat -c %%s $f) -gt 400 ] && truncate -s -150 $f%s",
               history_files()->archive, "");
}

/* The first that it has: 64 bytes behind the head that says so, behind id and time. */
static bool change_signature(void)
{
    static const uint8_t head[] = {0xc4, WIRE_SIGNATURE_SIZE};
    const size_t from = ARCHIVE_HEAD + ARCHIVE_RECORD_HEAD + 26;
    char path[200] = "";
    struct buf text = buf_of(1u << 22);
    struct err err;
    glob_t list = {0};
    snprintf(path, sizeof path, "%s/*.batches", history_files()->archive);
    bool done = glob(path, 0, NULL, &list) == 0;
    if (done)
        snprintf(path, sizeof path, "%s", list.gl_pathv[list.gl_pathc - 1]);
    globfree(&list);
    done = done && file_read(&text, path, &err) == 0;
    const uint8_t *at = done && text.len > from ? memmem(text.data + from, text.len - from, head, sizeof head) : NULL;
    if (at != NULL)
        text.data[at - text.data + 12] ^= 1;
    done = at != NULL && file_write(path, text.data, text.len, 0600, &err) == 0;
    buf_free(&text);
    return done;
}

static bool flip_entry(void)
{
    return run(
        "f=$(grep -rl '\"kind\":\"put\"' '%s/tile/entries' | sort | head -1) && sed -i 's/\"kind\":\"put\"/\"kind\":\"pup\"/' $f%s",
        history_files()->matcher, "");
}

static bool lose_tile(void)
{
    return run("rm -r '%s/tile/0'%s", history_files()->matcher, "");
}

/* --- a custodian's --- */

static int culprit(void)
{
    return HISTORY_CULPRIT;
}

static bool impossible_coalition(int custodian, struct event *e)
{
    if (!struck && custodian == culprit() && e->kind == EVENT_EVALUATE) {
        snprintf(e->note, sizeof e->note, "1,4");
        struck = true;
    }
    return true;
}

static bool too_much(int custodian, struct event *e)
{
    if (!struck && custodian == culprit() && e->kind == EVENT_EVALUATE) {
        e->count = 9000;
        struck = true;
    }
    return true;
}

/* Half of what it evaluates, each time: a single one may never be used. */
static bool too_little(int custodian, struct event *e)
{
    if (custodian == culprit() && e->kind == EVENT_EVALUATE && e->count > 1) {
        e->count /= 2;
        struck = true;
    }
    return true;
}

/*
 * It writes nothing down of what it evaluates, from the beginning. That shows where some of it is used: what was asked
 * of one custodian alone looks like what an agency that crashed had begun.
 */
static bool omit_evaluations(int custodian, struct event *e)
{
    if (custodian != culprit() || e->kind != EVENT_EVALUATE)
        return true;
    struck = omits = true;
    return false;
}

static bool strike_coalition(void)
{
    return set_custodian(impossible_coalition);
}
static bool strike_too_much(void)
{
    return set_custodian(too_much);
}
static bool strike_too_little(void)
{
    return set_custodian(too_little);
}
static bool strike_omission(void)
{
    return set_custodian(omit_evaluations);
}

static bool strike_evaluated_twice(void)
{
    struct event e = history_event(EVENT_EVALUATE, 0, 5);
    if (history_ledger(culprit()) == NULL)
        return false;
    e.generation = 1;
    history_write_event(culprit(), &e);
    history_write_event(culprit(), &e);
    return true;
}

/* A receipt for what is never written down. */
static bool strike_broken_promise(void)
{
    const struct event e = history_event(EVENT_EVALUATE, 0, 500);
    if (history_ledger(culprit()) == NULL)
        return false;
    history_promise(culprit(), &e);
    return true;
}

static bool strike_matcher_promise(void)
{
    struct event e = history_event(EVENT_PUT, 0, 3);
    e.added = 3;
    history_promise(-1, &e);
    return true;
}

/* More on one day than its part of the limit: a custodian alone, without a request. */
static bool strike_beyond_limit(void)
{
    if (history_ledger(culprit()) == NULL)
        return false;
    for (unsigned i = 0; i < 3; i++) {
        struct event e = history_event(EVENT_EVALUATE, 0, 8000);
        e.generation = 1;
        history_write_event(culprit(), &e);
    }
    return true;
}

static bool strike_false_split(void)
{
    struct event e = history_event(EVENT_SPLIT, -1, 5);
    if (history_ledger(culprit()) == NULL)
        return false;
    snprintf(e.party, sizeof e.party, "matcher");
    history_write_event(culprit(), &e);
    return true;
}

static bool strike_false_witness(void)
{
    struct event e = history_event(EVENT_WITNESS, -1, 2);
    if (history_ledger(culprit()) == NULL)
        return false;
    snprintf(e.party, sizeof e.party, "matcher");
    history_write_event(culprit(), &e);
    return true;
}

/* --- an agency's --- */

static bool strike_guesses(void)
{
    history_guess(0, 3000);
    return true;
}

static bool strike_unevaluated(void)
{
    history_put_unevaluated(0, 960);
    return true;
}

static bool strike_false_names(void)
{
    history_put_falsely(0);
    return true;
}

static bool strike_spent_twice(void)
{
    return history_spend_twice(0);
}

/* Its guesses are covered by putting the same tags over and over. */
static bool strike_covered(void)
{
    history_guess(0, 1200);
    history_put_again(0, 70);
    return true;
}

const struct cheat cheats[] = {
    {"leave out a match on both sides",
     "matcher",
     true,
     false,
     strike_omit_both,
     NULL,
     {FINDING_MATCH_OMITTED, FINDING_NOT_CONSISTENT, FINDING_ONE_SIDED, FINDING_MAIL_OTHER}},
    {"leave out one side of a match",
     "matcher",
     true,
     false,
     strike_omit_one,
     NULL,
     {FINDING_ONE_SIDED, FINDING_MATCH_OMITTED, FINDING_NOT_CONSISTENT, FINDING_MAIL_OTHER}},
    {"leave out a withdrawal", /* which are rare */
     "matcher",
     true,
     true,
     strike_omit_withdrawal,
     NULL,
     {FINDING_MATCH_OMITTED, FINDING_ONE_SIDED, FINDING_MAIL_OTHER}},
    {"leave out the notice of a question",
     "matcher",
     true,
     false,
     strike_omit_notice,
     NULL,
     {FINDING_MATCH_OMITTED, FINDING_ONE_SIDED, FINDING_MAIL_OTHER}},
    {"hand out another entry", "matcher", true, false, strike_other_payload, NULL, {FINDING_MATCH_OTHER}},
    {"invent a match",
     "matcher",
     true,
     false,
     strike_one_more,
     NULL,
     {FINDING_MATCH_INVENTED, FINDING_ONE_SIDED, FINDING_NOT_CONSISTENT, FINDING_MATCH_EARLY, FINDING_MAIL_OTHER}},
    {"deliver to somebody else",
     "matcher",
     true,
     false,
     strike_somebody_else,
     NULL,
     {FINDING_MATCH_MISDIRECTED, FINDING_NOT_ALLOWED, FINDING_ONE_SIDED, FINDING_NOT_CONSISTENT, FINDING_MATCH_OMITTED,
      FINDING_MATCH_INVENTED, FINDING_MAIL_OTHER}},
    {"say that new entries were there",
     "matcher",
     true,
     false,
     strike_false_counts,
     NULL,
     {FINDING_NOT_CONSISTENT, FINDING_NOT_ALLOWED, FINDING_MATCH_OMITTED}},
    {"deliver without a grant",
     "matcher",
     true,
     false,
     strike_without_grant,
     NULL,
     {FINDING_NOT_CONSISTENT, FINDING_NOT_ALLOWED, FINDING_ONE_SIDED, FINDING_MATCH_INVENTED, FINDING_MAIL_OTHER}},
    {"write one request down twice",
     "matcher",
     true,
     false,
     strike_repeated,
     NULL,
     {FINDING_REPEATED, FINDING_BATCH_MISSING}},
    {"put in a wrong epoch",
     "matcher",
     true,
     false,
     strike_wrong_epoch,
     NULL,
     {FINDING_NOT_ALLOWED, FINDING_BATCH_MISSING, FINDING_NOT_CONSISTENT, FINDING_MATCH_OMITTED,
      FINDING_MATCH_INVENTED}},
    {"put by a stranger",
     "matcher",
     true,
     false,
     strike_stranger_puts,
     NULL,
     {FINDING_NOT_ALLOWED, FINDING_BATCH_MISSING}},
    {"put a forged manifest in force",
     "matcher",
     true,
     false,
     strike_forged_manifest,
     NULL,
     {FINDING_FORKED, FINDING_NOT_ALLOWED, FINDING_MATCH_OMITTED, FINDING_MATCH_INVENTED, FINDING_NOT_CONSISTENT,
      FINDING_MATCH_EARLY, FINDING_ASKED_BEYOND, FINDING_MATCH_OTHER, FINDING_MATCH_LATE, FINDING_MAIL_OTHER}},
    {"let entries expire early", /* and goes on as if they were there */
     "matcher",
     true,
     false,
     strike_early_expiry,
     NULL,
     {FINDING_NOT_ALLOWED, FINDING_NOT_CONSISTENT, FINDING_MATCH_OMITTED, FINDING_MATCH_INVENTED, FINDING_MATCH_OTHER,
      FINDING_MATCH_LATE, FINDING_MATCH_EARLY, FINDING_MATCH_OUT_OF_TURN, FINDING_MAIL_OTHER}},
    {"show another history than witnessed",
     "matcher",
     true,
     false,
     NULL,
     show_another,
     {FINDING_FORKED, FINDING_BATCH_MISSING, FINDING_NOT_FINAL, FINDING_PROMISE, FINDING_MAIL_OTHER}},
    {"fork, restored says others were lost",
     "matcher",
     true,
     false,
     NULL,
     show_falsely_restored,
     {FINDING_FORKED, FINDING_BATCH_MISSING, FINDING_NOT_FINAL, FINDING_PROMISE, FINDING_ROLLED_BACK}},
    {"fork, restored says so",
     "matcher",
     false,
     false,
     NULL,
     show_restored,
     {FINDING_FORKED, FINDING_BATCH_MISSING, FINDING_NOT_FINAL, FINDING_PROMISE, FINDING_ROLLED_BACK}},
    {"publish a prekey that follows on none",
     "matcher",
     true,
     false,
     strike_prekey,
     NULL,
     {FINDING_PREKEY, FINDING_BATCH_MISSING}},
    {"pass a letter on without a grant",
     "matcher",
     true,
     false,
     strike_letter,
     NULL,
     {FINDING_NOT_ALLOWED, FINDING_NOT_CONSISTENT, FINDING_BATCH_MISSING, FINDING_MAIL_OTHER}},
    {"let letters lapse early",
     "matcher",
     true,
     false,
     strike_lapse,
     NULL,
     {FINDING_NOT_ALLOWED, FINDING_NOT_CONSISTENT}},
    {"hand out other mail than was written down",
     "matcher",
     true,
     false,
     strike_other_mail,
     NULL,
     {FINDING_MAIL_OTHER}},
    {"hand out no mail of what was written down", "matcher", true, false, strike_no_mail, NULL, {FINDING_MAIL_OTHER}},
    {"make up an acknowledgement", "matcher", false, false, strike_made_up_ack, NULL, {FINDING_BATCH_MISSING}},
    {"make up a request", "matcher", false, false, strike_made_up_put, NULL, {FINDING_BATCH_MISSING}},
    {"cut the archive", "matcher", false, false, NULL, cut_archive, {FINDING_BATCH_MISSING, FINDING_DAMAGED}},
    {"change a signature in a copy of the archive",
     "whoever copied the archive",
     false,
     false,
     NULL,
     change_signature,
     {FINDING_SIGNATURE}},
    {"change an entry in a copy", "matcher", false, false, NULL, flip_entry, {FINDING_DAMAGED, FINDING_BATCH_MISSING}},
    {"frame an owner by a changed copy",
     "whoever made this copy",
     false,
     false,
     NULL,
     frame_by_copy,
     {FINDING_DAMAGED, FINDING_NOT_ALLOWED, FINDING_NOT_CONSISTENT, FINDING_FORKED, FINDING_BATCH_MISSING}},
    {"lose a tile of a copy", "matcher", false, false, NULL, lose_tile, {FINDING_DAMAGED, FINDING_BATCH_MISSING}},
    {"evaluate for an impossible coalition",
     "custodian-2",
     true,
     false,
     strike_coalition,
     NULL,
     {FINDING_NOT_CONSISTENT, FINDING_NOT_ALLOWED}},
    {"evaluate more than a batch",
     "custodian-2",
     true,
     false,
     strike_too_much,
     NULL,
     {FINDING_NOT_CONSISTENT, FINDING_NOT_ALLOWED, FINDING_GUESSING, FINDING_NOT_EVALUATED}},
    {"promise an evaluation and write none down",
     "custodian-2",
     true,
     false,
     strike_broken_promise,
     NULL,
     {FINDING_PROMISE}},
    {"promise a put and write none down", "matcher", true, false, strike_matcher_promise, NULL, {FINDING_PROMISE}},
    {"evaluate beyond the limit",
     "custodian-2",
     true,
     false,
     strike_beyond_limit,
     NULL,
     {FINDING_NOT_ALLOWED, FINDING_GUESSING}},
    {"evaluate one request twice", "custodian-2", true, false, strike_evaluated_twice, NULL, {FINDING_REPEATED}},
    {"accuse without evidence", "custodian-2", true, false, strike_false_split, NULL, {FINDING_NOT_CONSISTENT}},
    {"witness what was not shown", "custodian-2", false, false, strike_false_witness, NULL, {FINDING_FORKED}},
    {"count too low",
     "custodian-2",
     false,
     false,
     strike_too_little,
     NULL,
     {FINDING_NOT_EVALUATED, FINDING_EVALUATION_OMITTED}},
    {"leave evaluations out",
     "custodian-2",
     false,
     true,
     strike_omission,
     NULL,
     {FINDING_EVALUATION_OMITTED, FINDING_NOT_EVALUATED}},
    {"let evaluations be spent twice",
     "matcher",
     true,
     false,
     strike_spent_twice,
     NULL,
     {FINDING_SPENT_TWICE, FINDING_EVALUATION_OMITTED}},
    {"name evaluations that never were",
     "AAA",
     false,
     false,
     strike_false_names,
     NULL,
     {FINDING_NOT_EVALUATED, FINDING_EVALUATION_OMITTED}},
    {"guess", "AAA", false, false, strike_guesses, NULL, {FINDING_GUESSING}},
    {"guess, covered by tags put again", "AAA", false, false, strike_covered, NULL, {FINDING_GUESSING}},
    {"put what was never evaluated", "AAA", false, false, strike_unevaluated, NULL, {FINDING_EVALUATION_OMITTED}},
};
const unsigned cheat_count = sizeof cheats / sizeof cheats[0];
