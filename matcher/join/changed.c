#include "matcher/join/changed.h"

#include <stdlib.h>

struct changed_count {
    uint16_t purpose, agency;
    uint64_t day, count[CHANGED_KINDS];
};

static struct changed_count *find(const struct changed *changed, uint16_t purpose, uint16_t agency)
{
    for (size_t i = 0; i < changed->count; i++)
        if (changed->item[i].purpose == purpose && changed->item[i].agency == agency)
            return &changed->item[i];
    return NULL;
}

void changed_free(struct changed *changed)
{
    free(changed->item);
    *changed = (struct changed){0};
}

uint64_t changed_today(const struct changed *changed, enum changed_kind kind, uint16_t purpose, uint16_t agency,
                       uint64_t day)
{
    const struct changed_count *c = find(changed, purpose, agency);
    return c != NULL && c->day == day ? c->count[kind] : 0;
}

static int make_room(struct changed *changed, struct err *err)
{
    const size_t room = changed->room > 0 ? 2 * changed->room : 16;
    if (changed->count < changed->room)
        return 0;
    struct changed_count *more = realloc(changed->item, room * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for counts of changes");
    changed->item = more;
    changed->room = room;
    return 0;
}

int changed_add(struct changed *changed, enum changed_kind kind, uint16_t purpose, uint16_t agency, uint64_t day,
                struct err *err)
{
    struct changed_count *c = find(changed, purpose, agency);
    int rc = c != NULL ? 0 : make_room(changed, err);
    if (rc != 0)
        return rc;
    if (c == NULL) {
        c = &changed->item[changed->count++];
        *c = (struct changed_count){purpose, agency, day, {0}};
    }
    if (c->day != day)
        *c = (struct changed_count){purpose, agency, day, {0}};
    c->count[kind]++;
    return 0;
}
