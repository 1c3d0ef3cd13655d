#include "protocol/audit/basis/manifests.h"

#include "protocol/base/file.h"

#include <dirent.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS (4 * ROSTER_MAX)

/* --- the roster --- */

static size_t bucket_of(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name != '\0'; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash % BUCKETS;
}

int manifests_number(const struct manifests *manifests, const char *name)
{
    for (size_t at = bucket_of(name); manifests->bucket[at] != 0; at = (at + 1) % BUCKETS)
        if (strcmp(manifests->name[manifests->bucket[at] - 1], name) == 0)
            return manifests->bucket[at] - 1;
    return -1;
}

static int give_number(struct manifests *m, const char *name, int *number, struct err *err)
{
    *number = manifests_number(m, name);
    if (*number >= 0)
        return 0;
    if (m->names == ROSTER_MAX)
        return err_set(err, ERR_INPUT, "the manifests have more than %d names", ROSTER_MAX);
    size_t at = bucket_of(name);
    while (m->bucket[at] != 0)
        at = (at + 1) % BUCKETS;
    *number = (int)m->names;
    snprintf(m->name[m->names++], sizeof m->name[0], "%s", name);
    m->bucket[at] = (uint16_t)m->names;
    return 0;
}

int manifests_custodian(const struct manifests *manifests, const struct party *party)
{
    for (size_t i = 0; i < manifests->custodians; i++)
        if (strcmp(manifests->custodian[i]->name, party->name) == 0 &&
            memcmp(manifests->custodian[i]->log, party->log, sizeof party->log) == 0)
            return (int)i;
    return -1;
}

/* When all manifests are known: who stands at a position is another from version to version. */
static int number_custodians(struct manifests *m, struct err *err)
{
    for (size_t i = m->count; i > 0; i--) {
        struct manifest *manifest = &m->list[i - 1];
        for (size_t k = 0; k < manifest->region->custodian_count; k++) {
            const struct party *party = &manifest->region->custodians[k].party;
            int number = manifests_custodian(m, party);
            if (number < 0 && m->custodians == ROSTER_CUSTODIANS_MAX)
                return err_set(err, ERR_INPUT, "the manifests have more than %d custodians", ROSTER_CUSTODIANS_MAX);
            if (number < 0) {
                number = (int)m->custodians++;
                m->custodian[number] = party;
            }
            manifest->custodian[k] = (uint8_t)number;
        }
    }
    return 0;
}

/* --- one manifest --- */

static size_t bit_of(const struct manifest *m, int purpose, int a, int b)
{
    return ((size_t)purpose * m->region->agency_count + (size_t)a) * m->region->agency_count + (size_t)b;
}

static bool get_bit(const uint8_t *bits, size_t i)
{
    return bits[i / 8] >> (i % 8) & 1;
}

static void set_bit(uint8_t *bits, size_t i)
{
    bits[i / 8] |= (uint8_t)(1u << (i % 8));
}

static void find_mutual(struct manifest *m, uint8_t *granted)
{
    for (size_t i = 0; i < m->region->grant_count; i++) {
        const struct region_grant *g = &m->region->grants[i];
        size_t back = bit_of(m, g->purpose, g->to, g->from);
        set_bit(granted, bit_of(m, g->purpose, g->from, g->to));
        if (get_bit(granted, back)) {
            set_bit(m->mutual, bit_of(m, g->purpose, g->from, g->to));
            set_bit(m->mutual, back);
        }
    }
}

static int number_names(struct manifests *all, struct manifest *m, struct err *err)
{
    int number, rc = 0;
    memset(m->agency, -1, ROSTER_MAX * sizeof *m->agency);
    memset(m->purpose, -1, ROSTER_MAX * sizeof *m->purpose);
    for (size_t i = 0; rc == 0 && i < m->region->agency_count; i++)
        if ((rc = give_number(all, m->region->agencies[i].name, &number, err)) == 0)
            m->agency[number] = (int16_t)i;
    for (size_t i = 0; rc == 0 && i < m->region->purpose_count; i++)
        if ((rc = give_number(all, m->region->purposes[i].name, &number, err)) == 0)
            m->purpose[number] = (int16_t)i;
    return rc;
}

static void free_manifest(struct manifest *m)
{
    region_free(m->region);
    free(m->agency);
    free(m->purpose);
    free(m->mutual);
}

/* Takes region. Keeps the list ascending; one that is there already is dropped. */
static int add(struct manifests *all, struct region *region, struct err *err)
{
    struct manifest m = {.region = region};
    size_t bits = region->purpose_count * region->agency_count * region->agency_count, at = all->count;
    int rc = 0;
    if (manifests_find(all, region->digest) != NULL) {
        region_free(region);
        return 0;
    }
    uint8_t *granted = calloc(1, bits / 8 + 1);
    m.mutual = calloc(1, bits / 8 + 1);
    m.agency = malloc(ROSTER_MAX * sizeof *m.agency);
    m.purpose = malloc(ROSTER_MAX * sizeof *m.purpose);
    if (granted == NULL || m.mutual == NULL || m.agency == NULL || m.purpose == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for manifests");
    else if (all->count == MANIFESTS_MAX)
        rc = err_set(err, ERR_INPUT, "there are more than %d manifests", MANIFESTS_MAX);
    if (rc == 0)
        rc = number_names(all, &m, err);
    if (rc == 0) {
        find_mutual(&m, granted);
        for (; at > 0 && all->list[at - 1].region->version > region->version; at--)
            all->list[at] = all->list[at - 1];
        all->list[at] = m;
        all->count++;
    } else {
        free_manifest(&m);
    }
    free(granted);
    return rc;
}

/* --- those that are given --- */

static int load_given(struct manifests *all, const char *path, struct err *err)
{
    struct region *region = NULL;
    int rc = region_load(&region, path, NULL, err);
    if (rc != 0)
        return rc;
    if (all->count > 0 && strcmp(region->name, manifests_newest(all)->name) != 0) {
        rc = err_set(err, ERR_VERIFY, "%s is of region %s, not of %s", path, region->name, manifests_newest(all)->name);
        region_free(region);
        return rc;
    }
    return add(all, region, err);
}

/* Neighbours in the chain must be each other's; two of one version are a fork that the coordinators signed. */
static int check_chain(const struct manifests *all, struct err *err)
{
    for (size_t i = 1; i < all->count; i++) {
        const struct region *a = all->list[i - 1].region, *b = all->list[i].region;
        if (a->version == b->version ||
            (a->version < b->version && memcmp(b->history[a->version - 1], a->digest, 32) != 0))
            return err_set(err, ERR_VERIFY,
                           "the manifests of version %" PRIu64 " and %" PRIu64 " do not follow each other: "
                           "the coordinators signed a fork",
                           a->version, b->version);
    }
    return 0;
}

/* --- those that are found --- */

/* Whether a known one has it in its history. */
static bool is_vouched_for(const struct manifests *all, const struct region *region)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].region->version > region->version &&
            memcmp(all->list[i].region->history[region->version - 1], region->digest, sizeof region->digest) == 0)
            return true;
    return false;
}

/* *added: it is one that something vouches for and that was not known. A file that is none is left alone. */
static int try_found(struct manifests *all, const char *path, bool *added, struct err *err)
{
    struct region *region = NULL, *checked = NULL;
    const struct region *newest = manifests_newest(all);
    struct buf text = buf_of(REGION_FILE_MAX);
    int rc = 0;
    if (file_read(&text, path, ERR_IGNORED) == 0 && region_parse(&region, text.data, text.len, ERR_IGNORED) == 0 &&
        strcmp(region->name, newest->name) == 0 && manifests_find(all, region->digest) == NULL) {
        if (is_vouched_for(all, region)) {
            rc = add(all, region, err);
            region = NULL;
            *added = true;
        } else if (region->version > newest->version && region_load(&checked, path, newest, ERR_IGNORED) == 0) {
            rc = add(all, checked, err);
            *added = true;
        }
    }
    region_free(region);
    buf_free(&text);
    return rc;
}

static bool is_manifest_name(const char *name)
{
    size_t len = strlen(name);
    return name[0] != '.' && (len < 8 || strcmp(name + len - 8, ".minisig") != 0);
}

/* One pass over a directory of manifests; one that is not there has none. */
static int search(struct manifests *all, const char *ledger, bool *added, struct err *err)
{
    char dir_path[PATH_LIMIT], path[PATH_LIMIT];
    int rc = path_join(dir_path, sizeof dir_path, ledger, MANIFESTS_DIR, err);
    DIR *dir = rc == 0 ? opendir(dir_path) : NULL;
    if (dir == NULL)
        return rc;
    for (struct dirent *file = readdir(dir); rc == 0 && file != NULL; file = readdir(dir)) {
        if (!is_manifest_name(file->d_name))
            continue;
        rc = path_join(path, sizeof path, dir_path, file->d_name, err);
        if (rc == 0)
            rc = try_found(all, path, added, err);
    }
    closedir(dir);
    return rc;
}

int manifests_load(struct manifests *out, char *const *paths, size_t count, char *const *dirs, size_t dir_count,
                   struct err *err)
{
    bool added = true;
    int rc = 0;
    *out = (struct manifests){.list = calloc(MANIFESTS_MAX, sizeof *out->list),
                              .name = calloc(ROSTER_MAX, sizeof *out->name),
                              .bucket = calloc(BUCKETS, sizeof *out->bucket)};
    if (out->list == NULL || out->name == NULL || out->bucket == NULL)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for manifests");
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = load_given(out, paths[i], err);
    while (rc == 0 && added) {
        added = false;
        for (size_t i = 0; rc == 0 && i < dir_count; i++)
            rc = search(out, dirs[i], &added, err);
    }
    if (rc == 0)
        rc = check_chain(out, err);
    if (rc == 0)
        rc = number_custodians(out, err);
    if (rc != 0)
        manifests_free(out);
    return rc;
}

void manifests_free(struct manifests *manifests)
{
    for (size_t i = 0; i < manifests->count; i++)
        free_manifest(&manifests->list[i]);
    free(manifests->list);
    free(manifests->name);
    free(manifests->bucket);
    *manifests = (struct manifests){0};
}

const struct region *manifests_newest(const struct manifests *manifests)
{
    return manifests->list[manifests->count - 1].region;
}

const struct manifest *manifests_find(const struct manifests *manifests, const uint8_t digest[REGION_DIGEST_SIZE])
{
    for (size_t i = manifests->count; i > 0; i--)
        if (memcmp(manifests->list[i - 1].region->digest, digest, REGION_DIGEST_SIZE) == 0)
            return &manifests->list[i - 1];
    return NULL;
}

bool manifest_has_agency(const struct manifest *manifest, int agency)
{
    return agency >= 0 && manifest->agency[agency] >= 0;
}

const struct region_purpose *manifest_purpose(const struct manifest *manifest, int purpose)
{
    return purpose < 0 || manifest->purpose[purpose] < 0 ? NULL
                                                         : &manifest->region->purposes[manifest->purpose[purpose]];
}

bool manifest_mutual(const struct manifest *manifest, int purpose, int a, int b)
{
    return manifest_purpose(manifest, purpose) != NULL && manifest_has_agency(manifest, a) &&
           manifest_has_agency(manifest, b) &&
           get_bit(manifest->mutual,
                   bit_of(manifest, manifest->purpose[purpose], manifest->agency[a], manifest->agency[b]));
}
