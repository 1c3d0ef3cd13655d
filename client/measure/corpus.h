/*
 * The feeds that a measurement is about: what of each row is needed to find and judge pairs, and nothing of what it
 * says. Rows are normalised and made into match keys by the code that enrolment uses; a match key then is a keyed
 * 64-bit hash under a key that is made up for this run, where enrolment would have it blinded.
 */
#ifndef CLIENT_MEASURE_CORPUS_H
#define CLIENT_MEASURE_CORPUS_H

#include "client/measure/spill.h"
#include "client/feed/feed.h"
#include "client/schema/elements.h"

#define CORPUS_FILES_MAX 64
#define CORPUS_ROWS_MAX 100000000u /* of one file */

/* A row: file and row in it, comparable. */
typedef uint64_t row_ref;
static inline row_ref row_ref_of(size_t file, uint32_t row)
{
    return (uint64_t)file << 32 | row;
}
static inline size_t row_file(row_ref ref)
{
    return (size_t)(ref >> 32);
}
static inline uint32_t row_number(row_ref ref)
{
    return (uint32_t)ref;
}

struct corpus_row {
    uint64_t id;  /* hash of the record id */
    uint32_t own; /* bitmap of the keys it has */
    /* Its elements: hashes of their values, 0 where absent. */
    uint32_t element[ELEMENT_SLOTS];
    uint32_t presence;
};

/* One value of a match key of a row. */
struct corpus_token {
    uint64_t hash;
    uint32_t row;
    uint16_t file;
    uint8_t key;
};

struct corpus_file {
    const char *path; /* borrowed */
    char agency[PARTY_NAME_MAX + 1];
    struct corpus_row *row;
    size_t rows, room;
    uint64_t rejected;
};

struct corpus {
    const struct schema *schema;
    const char *const *map;
    size_t map_count;
    struct corpus_file file[CORPUS_FILES_MAX];
    size_t files;
    struct spill *tokens;
    uint64_t rows, tokens_of_key[SCHEMA_KEYS_MAX], tokens_total;
    struct id_index *index; /* by record id, for the truth */
};

/* Reads all files, two at a time; `quiet` shows no progress. schema, paths and map are borrowed. */
int corpus_read(struct corpus *out, const struct schema *schema, const char *const *path, size_t paths,
                const char *const *map, size_t map_count, bool quiet, struct err *err);
void corpus_free(struct corpus *corpus);

/* A row's elements, hashes in place of values: as good for seeing what agrees. */
void corpus_elements(const struct corpus *corpus, row_ref row, struct elements *out);

/* ERR_NOT_FOUND: no such agency, or no such record of it. A record id that stands twice means its first row. */
int corpus_find(const struct corpus *corpus, const char *agency, const char *record_id, row_ref *out, struct err *err);

/* How a file is named in reports and in the truth: its last part, without .csv. */
void corpus_agency_name(char out[PARTY_NAME_MAX + 1], const char *path);

#endif
