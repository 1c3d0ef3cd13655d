/*
 * Backups of a daemon: its store, its exported ledger and what else belongs to them, as they are at one point, while it
 * serves.
 *
 * A backup is a directory: store/, ledger/, manifest.pin, what the daemon adds (archive/ or shares/), and, written
 * last, `files`: the SHA-256 of each, as sha256sum(1) reads it. Without that it is none.
 *
 * Only who has the store open can say what is in it at one point. So a running daemon is asked, by files in its state
 * directory, where nobody but its user can write:
 *
 *     backup.ask      16 random bytes in hexadecimal; it looks for that each second
 *     backup.point    the copy of the store that it makes then, which costs no space
 *     backup.answer   the same 16 bytes, and why there is none, if so
 *
 * Who asked takes the copy away. Where no daemon runs, who asks opens the store.
 */
#ifndef PROTOCOL_DAEMON_BACKUP_H
#define PROTOCOL_DAEMON_BACKUP_H

#include "protocol/daemon/daemon.h"

struct backup {
    struct daemon *daemon; /* opened */
    size_t prefix;         /* of its store: kv_open() */
    /* What else belongs to it: a name in the backup, and where it lies; NULL: nothing. */
    const char *beside, *beside_dir;
    bool beside_stays; /* it may be there already when the rest is put back: then that is what counts */
    /* Checks it, there; ledger: of the same point, or one before. May be NULL. */
    int (*check)(const struct backup *backup, const struct region *region, struct ledger *ledger,
                 const char *beside_dir, struct err *err);
    const void *context;
};

/* Makes the new directory `to` a backup and checks it; says so on stdout. ERR_CONFLICT: it exists. */
int backup_make(const struct backup *backup, const char *to, struct err *err);

/*
 * Checks what is at work (from NULL) or a backup: ERR_VERIFY names the file that is damaged or gone. Says so on
 * stdout.
 */
int backup_check(const struct backup *backup, const char *from, struct err *err);

/*
 * Checks a backup and puts it where the settings say; says what has to be done then. ERR_CONFLICT: something is
 * there. A store is there last, so that one that was killed can be done again once its pieces are removed, and the
 * error says which.
 */
int backup_restore(const struct backup *backup, const char *from, struct err *err);

/* The running daemon's side: gives the point that somebody asks for, if one does. */
void backup_serve(const struct daemon_config *config, const struct daemon_service *service);

/*
 * The three verbs, behind a daemon's own with_backup(call, what, err), which calls what(backup, first operand or
 * NULL, err) with what a backup of it is.
 */
#define BACKUP_VERBS(what)                                                                                             \
    static int run_backup(struct call *call, struct err *err)                                                          \
    {                                                                                                                  \
        return with_backup(call, backup_make, err);                                                                    \
    }                                                                                                                  \
    static int run_check(struct call *call, struct err *err)                                                           \
    {                                                                                                                  \
        return with_backup(call, backup_check, err);                                                                   \
    }                                                                                                                  \
    static int run_restore(struct call *call, struct err *err)                                                         \
    {                                                                                                                  \
        return with_backup(call, backup_restore, err);                                                                 \
    }                                                                                                                  \
    static const struct verb backup_verb = {                                                                           \
        .name = "backup",                                                                                              \
        .brief = "copy the state while it serves",                                                                     \
        .operands = "DIRECTORY",                                                                                       \
        .least = 1,                                                                                                    \
        .most = 1,                                                                                                     \
        .summary = "Copies store, ledger and " what                                                                    \
                   ", as they are at one point, into a new DIRECTORY, and checks the copy. The daemon\n"               \
                   "may serve meanwhile. Run it as the daemon's user.",                                                \
        .run = run_backup,                                                                                             \
    };                                                                                                                 \
    static const struct verb check_verb = {                                                                            \
        .name = "check",                                                                                               \
        .brief = "is the state, or a backup, as it was written?",                                                      \
        .operands = "[DIRECTORY]",                                                                                     \
        .most = 1,                                                                                                     \
        .summary = "Reads everything, of the state or of the backup in DIRECTORY: the checksums of the store, each\n"  \
                   "entry of the ledger, its tree, its tiles, " what ". Names what is damaged or gone.",               \
        .run = run_check,                                                                                              \
    };                                                                                                                 \
    static const struct verb restore_verb = {                                                                          \
        .name = "restore",                                                                                             \
        .brief = "put a backup where the state was",                                                                   \
        .operands = "DIRECTORY",                                                                                       \
        .least = 1,                                                                                                    \
        .most = 1,                                                                                                     \
        .summary = "Checks the backup in DIRECTORY and puts it where the settings say, where nothing may be; says\n"   \
                   "what has to be done then.",                                                                        \
        .run = run_restore,                                                                                            \
    }

#endif
