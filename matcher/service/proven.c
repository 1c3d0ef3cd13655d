#include "matcher/service/proven.h"

#include "protocol/ledger/note.h"

#include <stdlib.h>

#define BYTES_MAX (16u << 20)

void proven_init(struct proven *proven)
{
    *proven = (struct proven){.bytes = buf_of(BYTES_MAX)};
}

void proven_free(struct proven *proven)
{
    free(proven->item);
    buf_free(&proven->bytes);
    *proven = (struct proven){0};
}

int proven_add(struct proven *proven, uint64_t leaf, struct err *err)
{
    if (proven->count > 0 && proven->item[proven->count - 1].leaf == leaf)
        return 0;
    if (proven->count == proven->room) {
        size_t room = proven->room > 0 ? 2 * proven->room : 16;
        struct wire_event *more = realloc(proven->item, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for events");
        proven->item = more;
        proven->room = room;
    }
    proven->item[proven->count++] = (struct wire_event){.leaf = leaf};
    return 0;
}

int proven_size(uint64_t *size, struct span text, struct err *err)
{
    struct checkpoint checkpoint;
    struct span body, signatures;
    int rc = checkpoint_parse(&checkpoint, text, &body, &signatures, err);
    *size = rc == 0 ? checkpoint.size : 0;
    return rc;
}

int proven_fill(struct proven *proven, struct ledger *ledger, uint64_t size, struct wire_event_list *out,
                struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < proven->count; i++) {
        struct wire_event *item = &proven->item[i];
        size_t before = proven->bytes.len;
        rc = ledger_entry(ledger, item->leaf, &proven->bytes, err);
        item->event.len = proven->bytes.len - before;
        if (rc == 0)
            rc = ledger_inclusion(ledger, item->leaf, size, &proven->bytes, err);
        item->proof.len = proven->bytes.len - before - item->event.len;
    }
    const uint8_t *at = proven->bytes.data; /* the buffer has grown to its place by now */
    for (size_t i = 0; i < proven->count; i++) {
        proven->item[i].event.data = at;
        proven->item[i].proof.data = at + proven->item[i].event.len;
        at += proven->item[i].event.len + proven->item[i].proof.len;
    }
    *out = (struct wire_event_list){proven->item, proven->count};
    return rc;
}
