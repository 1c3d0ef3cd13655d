/* Crowds by their numbers: what a plan is made with, and what the walk that follows it keeps count by (crowds.h). */
#ifndef CLIENT_VAULT_CROWD_MAP_H
#define CLIENT_VAULT_CROWD_MAP_H

#include "client/vault/crowds.h"

/* Some of the tags that can be chosen. */
struct sample {
    struct {
        uint8_t tag[WIRE_TAG_SIZE];
        bool decoy;
    } * at;
    uint64_t wanted, offered;
};

/* A crowd that a walk changes: what is planned for it, and how many tags it gains or loses. */
struct touched {
    uint32_t number; /* 0: none */
    uint32_t next;   /* of which crowd those that are put anew are then */
    bool empties;
    struct crowd_change change;   /* while planning */
    struct sample removed, cover; /* while planning */
    int64_t tags, decoys;         /* more, or fewer */
};

struct touched_map {
    struct touched *at;
    size_t count, room; /* room: a power of two */
};

/* What is added with the same exceptions is one crowd. */
struct birth {
    char *except;
    uint32_t crowd;
    uint64_t tags;
};

struct births {
    struct birth *at;
    size_t count;
};

/* The entry of a crowd, made if there is none; touched_map is the caller's to free. NULL: out of memory. */
struct touched *crowd_touch(struct touched_map *map, uint32_t number, struct err *err);

struct touched *crowd_find(const struct touched_map *map, uint32_t number); /* NULL: there is none */

/*
 * Whom the records that brought a tag are not for, all together: the names as they stand in its tokens; of a tag that
 * fewer share now, whom the one that left it was not for. It follows from the changes alone, which no crash alters:
 * what else the tag's records say may have changed since the walk was planned.
 */
const char *crowd_except(const struct vault_unsent *u, char out[SCHEMA_SLOTS_MAX * (EXCEPT_TEXT_MAX + 1)]);

/* The crowd that is born with these exceptions, made if there is none. NULL: out of memory. */
struct birth *crowd_birth(struct births *b, const char *except, struct err *err);
void crowd_births_free(struct births *b);

/* Numbers of crowds are given once more only when nothing is left of them. */
int crowd_next_number(struct vault *v, int64_t domain, uint32_t *out, struct err *err);

/* --- what is sent beside what changed --- */

struct extras {
    struct crowd_extra *at;
    size_t count, room;
};

/* except: copied. Freed by crowd_extras_free(), which wipes them. */
int crowd_add_extra(struct extras *x, const struct crowd_extra *extra, const char *except, struct err *err);
void crowd_extras_free(struct extras *x);
int crowd_any_decoy(struct vault *v, int64_t domain, bool *any, struct err *err);

/* Of which crowd a tag without records is. *found false: it is no decoy, *crowd is 0. */
int crowd_of_decoy(struct vault *v, int64_t domain, const uint8_t tag[WIRE_TAG_SIZE], uint32_t *crowd, bool *found,
                   struct err *err);

/* The decoy of the tag in out: its seal key, and whom it is not for (VAULT_EXCEPTS_MAX bytes). */
int crowd_read_decoy(struct vault *v, int64_t domain, struct crowd_extra *out, char *except, struct err *err);

/* A column with a seal key, or with none. */
int crowd_column_key(struct crowd_extra *out, sqlite3_stmt *s, int column, struct err *err);

#endif
