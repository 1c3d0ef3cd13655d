/* What a backup of the matcher is, and whether its archive is what its ledger says. */
#include "matcher/service/service.h"
#include "matcher/store/keys.h"

#include <inttypes.h>
#include <string.h>

int matcher_archive_path(char archive[PATH_LIMIT], const struct daemon *daemon, const struct matcher_config *config,
                         struct err *err)
{
    return config->archive[0] != '\0' ? path_join(archive, PATH_LIMIT, "", config->archive, err)
                                      : path_join(archive, PATH_LIMIT, daemon->config->state, "archive", err);
}

/* Whether the request is the one that its event is about, as far as the manifest still has who sent it. */
static int check_request(const struct region *region, const struct archive_record *record, const struct event *event,
                         struct err *err)
{
    const struct party *sender = region_find_party(region, event->party);
    struct wire_request request;
    struct wire_ends ends = {.region = region->name};
    struct wire_statement statement;
    uint8_t body[WIRE_HASH_SIZE], hash[WIRE_HASH_SIZE];
    int rc = wire_request_decode(&request, record->body, err);
    if (rc != 0 || sender == NULL)
        return rc;
    party_digest(ends.peer, &region->matcher);
    party_digest(ends.sender, sender);
    if (record->kind == EVENT_LETTER && request.body.len == sizeof body)
        memcpy(body, request.body.data, sizeof body); /* of a letter there is the hash alone */
    else
        sha256(body, request.body);
    wire_statement_make(&statement, &request, body, &ends);
    sha256(hash, span_of(statement.bytes, statement.len));
    return memcmp(hash, event->request, sizeof hash) == 0
               ? 0
               : err_set(err, ERR_VERIFY, "it is not what %s, with the keys of the manifest, signed", event->party);
}

static int check_record(const struct region *region, struct ledger *ledger, const struct archive_record *record,
                        struct buf *text, struct err *err)
{
    struct event event;
    buf_clear(text);
    int rc = ledger_entry(ledger, record->index, text, err);
    if (rc == 0)
        rc = event_decode(&event, buf_span(text), err);
    if (rc == 0 && (event.kind != record->kind || event.time != record->time))
        rc = err_set(err, ERR_VERIFY, "its kind or time is not that of its entry in the ledger");
    return rc == 0 ? check_request(region, record, &event, err) : rc;
}

/* What lies behind the ledger's end came later than the point. */
static int check_archive(const struct backup *backup, const struct region *region, struct ledger *ledger,
                         const char *dir, struct err *err)
{
    struct archive_reader *reader = NULL;
    struct archive_record record;
    struct buf text = buf_of(EVENT_SIZE_MAX);
    bool found = true, torn = false;
    (void)backup;
    int rc = archive_reader_open(&reader, dir, err);
    while (rc == 0 && found) {
        rc = archive_reader_next(reader, &record, &found, &torn, err);
        if (rc != 0 || !found || record.index >= ledger_size(ledger))
            break;
        rc = check_record(region, ledger, &record, &text, err);
        if (rc != 0)
            rc = err_wrap(err, "the archive %s is damaged: the record of entry %" PRIu64, dir, record.index);
    }
    archive_reader_close(reader);
    buf_free(&text);
    return rc;
}

int matcher_backup(struct backup *out, struct daemon *daemon, const struct matcher_config *config,
                   char archive[PATH_LIMIT], struct err *err)
{
    *out = (struct backup){.daemon = daemon, .prefix = KEY_ENTRY_PREFIX};
    if (config->no_archive)
        return 0;
    out->beside = "archive";
    out->beside_dir = archive;
    out->check = check_archive;
    return matcher_archive_path(archive, daemon, config, err);
}
