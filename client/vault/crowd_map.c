#include "client/vault/crowd_map.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static size_t place_in(const struct touched_map *map, uint32_t number)
{
    size_t i = (number * UINT32_C(2654435761)) & (map->room - 1);
    while (map->at[i].number != 0 && map->at[i].number != number)
        i = (i + 1) & (map->room - 1);
    return i;
}

struct touched *crowd_touch(struct touched_map *map, uint32_t number, struct err *err)
{
    if (2 * (map->count + 1) > map->room) {
        struct touched_map grown = {.room = map->room > 0 ? 2 * map->room : 64, .count = map->count};
        grown.at = calloc(grown.room, sizeof *grown.at);
        if (grown.at == NULL) {
            err_set(err, ERR_NO_MEMORY, "out of memory for sending");
            return NULL;
        }
        for (size_t i = 0; i < map->room; i++)
            if (map->at[i].number != 0)
                grown.at[place_in(&grown, map->at[i].number)] = map->at[i];
        free(map->at);
        *map = grown;
    }
    struct touched *t = &map->at[place_in(map, number)];
    map->count += t->number == 0;
    if (t->number == 0)
        *t = (struct touched){.number = number, .next = number};
    return t;
}

struct touched *crowd_find(const struct touched_map *map, uint32_t number)
{
    struct touched *t = map->count > 0 && number != 0 ? &map->at[place_in(map, number)] : NULL;
    return t != NULL && t->number != 0 ? t : NULL;
}

/* Whom the records of an entry are not for, all together: the names as they stand in its tokens. */
const char *crowd_except(const struct vault_unsent *u, char out[SCHEMA_SLOTS_MAX * (EXCEPT_TEXT_MAX + 1)])
{
    size_t len = 0;
    strcpy(out, u->gained == 0 ? u->except : "");
    for (size_t i = 0; i < u->gained && i < SCHEMA_SLOTS_MAX; i++) {
        const size_t more = strlen(u->token[i].except);
        bool there = more == 0;
        for (size_t k = 0; k < i; k++)
            there = there || strcmp(u->token[k].except, u->token[i].except) == 0;
        if (there)
            continue;
        if (len > 0)
            out[len++] = ',';
        memcpy(out + len, u->token[i].except, more + 1);
        len += more;
    }
    return out;
}

struct birth *crowd_birth(struct births *b, const char *except, struct err *err)
{
    for (size_t i = 0; i < b->count; i++)
        if (strcmp(b->at[i].except, except) == 0)
            return &b->at[i];
    struct birth *more = realloc(b->at, (b->count + 1) * sizeof *more);
    char *copy = strdup(except);
    if (more != NULL)
        b->at = more;
    if (more == NULL || copy == NULL) {
        free(copy);
        err_set(err, ERR_NO_MEMORY, "out of memory for sending");
        return NULL;
    }
    b->at[b->count] = (struct birth){.except = copy};
    return &b->at[b->count++];
}

void crowd_births_free(struct births *b)
{
    for (size_t i = 0; i < b->count; i++)
        free(b->at[i].except);
    free(b->at);
}

/* Numbers of crowds are given once more only when nothing is left of them. */
int crowd_next_number(struct vault *v, int64_t domain, uint32_t *out, struct err *err)
{
    int64_t most = 0, planned = 0;
    bool found;
    int rc =
        vault_number(v, vault_bind(v, err, "SELECT COALESCE(MAX(number), 0) FROM crowd WHERE domain = ?", "i", domain),
                     &most, &found, err);
    if (rc == 0)
        rc = vault_number(
            v, vault_bind(v, err, "SELECT COALESCE(MAX(next), 0) FROM plan_crowd WHERE domain = ?", "i", domain),
            &planned, &found, err);
    *out = (uint32_t)(most > planned ? most : planned) + 1;
    return rc;
}

int crowd_add_extra(struct extras *x, const struct crowd_extra *extra, const char *except, struct err *err)
{
    if (x->count == x->room) {
        const size_t room = x->room > 0 ? 2 * x->room : 256;
        struct crowd_extra *more = realloc(x->at, room * sizeof *more);
        if (more == NULL)
            return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
        x->at = more;
        x->room = room;
    }
    x->at[x->count] = *extra;
    x->at[x->count].except = strdup(except);
    if (x->at[x->count].except == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for sending");
    x->count++;
    return 0;
}

void crowd_extras_free(struct extras *x)
{
    for (size_t i = 0; i < x->count; i++)
        free(x->at[i].except);
    if (x->at != NULL)
        sodium_memzero(x->at, x->room * sizeof *x->at);
    free(x->at);
}

int crowd_any_decoy(struct vault *v, int64_t domain, bool *any, struct err *err)
{
    int64_t one;
    return vault_number(v, vault_bind(v, err, "SELECT 1 FROM decoy WHERE domain = ? LIMIT 1", "i", domain), &one, any,
                        err);
}

int crowd_of_decoy(struct vault *v, int64_t domain, const uint8_t tag[WIRE_TAG_SIZE], uint32_t *crowd, bool *found,
                   struct err *err)
{
    int64_t number = 0;
    int rc = vault_number(v,
                          vault_bind(v, err, "SELECT crowd FROM decoy WHERE domain = ? AND tag = ?", "ib", domain, tag,
                                     (size_t)WIRE_TAG_SIZE),
                          &number, found, err);
    *crowd = (uint32_t)number;
    return rc;
}

int crowd_column_key(struct crowd_extra *out, sqlite3_stmt *s, int column, struct err *err)
{
    out->keyed = sqlite3_column_bytes(s, column) > 0;
    if (out->keyed)
        return vault_column_bytes(out->seal_key, SEAL_KEY_SIZE, s, column, "decoy", err);
    randombytes_buf(out->seal_key, SEAL_KEY_SIZE);
    return 0;
}

int crowd_read_decoy(struct vault *v, int64_t domain, struct crowd_extra *out, char *except, struct err *err)
{
    bool found = false;
    sqlite3_stmt *s = vault_bind(v, err, "SELECT seal_key, not_for FROM decoy WHERE domain = ? AND tag = ?", "ib",
                                 domain, out->tag, (size_t)WIRE_TAG_SIZE);
    int rc = vault_step(v, s, &found, err);
    if (rc == 0 && !found)
        rc = vault_damaged("decoy", err);
    if (rc == 0)
        rc = crowd_column_key(out, s, 0, err);
    if (rc == 0)
        rc = vault_column_text(except, VAULT_EXCEPTS_MAX, s, 1, "decoy", err);
    sqlite3_reset(s);
    return rc;
}
