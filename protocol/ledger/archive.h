/*
 * The matcher's archive: what agencies put, removed, asked, released, suspended, closed and acknowledged, as they
 * signed it, so that an auditor can compute again what had to be delivered.
 * Pseudorandom tags and sealed payloads, no personal data; but who has it and the custodians' keys together could
 * guess, so it is shown to auditors alone.
 *
 * A directory of segments, <index of the first record's leaf, 20 digits>.batches. A segment is
 *
 *     8   "CONCORDA"
 *     8   the index in its name, u64be
 *     records
 *
 * and a record
 *
 *     4   length of the body, u32be
 *     8   leaf index of its event in the matcher's ledger, u64be; ascends from record to record
 *     8   time of its event, u64be
 *     1   kind of its event, see archive_has()
 *     n   body: the whole request message as it came over the wire, with envelope and signature (protocol/wire/wire.h)
 *
 * The event at that leaf has the hash of the statement that the signature covers, and so binds the request's every
 * byte.
 *
 * A request is in the archive if and only if its event is in the ledger: records are on disk before the ledger's write
 * that holds their events is committed; that same write says how far the archive is valid (struct archive_end, kept by
 * the caller), and opening cuts off what lies beyond. So an archive that is copied while its matcher runs, or lies
 * there after a crash, may end in records whose events are not in the ledger, or in a part of one: a reader stops at
 * the size of the ledger it audits. Copy the ledger first, then the archive.
 *
 * Whole segments may be erased from the old end. An entry is put anew or gone once the retention of its purpose is
 * over, so what is left suffices to compute all joins from one retention after its first record on.
 */
#ifndef PROTOCOL_LEDGER_ARCHIVE_H
#define PROTOCOL_LEDGER_ARCHIVE_H

#include "protocol/ledger/event.h"

#include <stdbool.h>
#include <stddef.h>

#define ARCHIVE_MAGIC "CONCORDA"
#define ARCHIVE_HEAD 16
#define ARCHIVE_RECORD_HEAD 21
#define ARCHIVE_BODY_MAX (3u << 20)        /* as RPC_MESSAGE_MAX */
#define ARCHIVE_SEGMENT_BYTES (256u << 20) /* a new one begins beyond */

/*
 * Whether requests of this kind are kept: put, remove, query, release, suspend, close, acknowledge, prekey, letter. Of
 * a letter the body is SHA-256 of its body, which is what the statement has of it.
 */
bool archive_has(enum event_kind kind);

struct archive_record {
    uint64_t index, time;
    enum event_kind kind;
    struct span body;
};

/* --- writing, by one thread of one process --- */

struct archive;

/* Where the committed archive ends: the segment's name and the bytes of it that count; all zeros of an archive just
 * begun. */
struct archive_end {
    uint64_t segment, bytes;
};

/*
 * Opens or makes dir and cuts off what lies behind `end`. ERR_VERIFY: it is gone, ends before that, or has later
 * segments that no write of this matcher's can have made: it belongs to another store, or one of both was put back
 * from an old copy.
 */
int archive_open(struct archive **out, const char *dir, const struct archive_end *end, struct err *err);
void archive_close(struct archive *archive); /* NULL is fine */

/* Adds a record to what archive_sync() writes. Copies the body. */
int archive_append(struct archive *archive, const struct archive_record *record, struct err *err);

/* Writes to disk and waits until it is there. *end: what the caller's commit is to hold. ERR_NO_MEMORY: the disk is
 * full. */
int archive_sync(struct archive *archive, struct archive_end *end, struct err *err);

/* How the caller's commit went. After a rollback, what was appended since the last commit is gone. */
void archive_committed(struct archive *archive);
void archive_rollback(struct archive *archive);

/* Cuts off what was appended behind this end, one that archive_end() told of since the last commit. */
struct archive_end archive_end(const struct archive *archive);
int archive_undo(struct archive *archive, const struct archive_end *end, struct err *err);

/* Erases segments whose records are all older than `before`; never the last one. */
int archive_prune(struct archive *archive, uint64_t before, struct err *err);

/* --- reading --- */

/* Streams the records in order. Memory: one record. Everything read is untrusted; only its form has been checked. */
struct archive_reader;
int archive_reader_open(struct archive_reader **out, const char *dir, struct err *err);
void archive_reader_close(struct archive_reader *reader); /* NULL is fine */

/*
 * The next record; its body lives until the next call. *found false at the end; *torn then says that the last segment
 * ends within a record. ERR_INPUT names segment and offset of what is malformed: no segment, indexes that do not
 * ascend, a kind that has no batches, a body that is too long, a torn record with others behind it.
 */
int archive_reader_next(struct archive_reader *reader, struct archive_record *record, bool *found, bool *torn,
                        struct err *err);

#endif
