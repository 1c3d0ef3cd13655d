#include "protocol/audit/rules/directory.h"

#include "protocol/ledger/tiles.h"
#include "protocol/base/file.h"
#include "protocol/ledger/event.h"
#include "protocol/ledger/note.h"
#include "protocol/region/minisign.h"

#include <dirent.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 12 /* of directories: six groups of a tile's number and what is around them */
#define SUFFIX ".minisig"
#define TILES_FILE_MAX (TILE_WIDTH * (2 + EVENT_SIZE_MAX)) /* a bundle; tiles are smaller */

struct looking {
    struct audit *audit;
    const struct walk *walk;
    struct strays *strays;
};

static void damaged(const struct looking *l, const char *name, const char *why)
{
    findings_add(&l->audit->findings, FINDING_DAMAGED, l->walk->origin, FINDING_NONE, "%s/%s: %s", l->walk->dir, name,
                 why);
}

static void stray(const struct looking *l, const char *name)
{
    if (l->strays->count < STRAYS_KEPT)
        snprintf(l->strays->name[l->strays->count], sizeof l->strays->name[0], "%.127s", name);
    l->strays->count++;
}

/* Errors of reading are findings: a file that is there can be read. One that has gone was replaced while we look. */
static bool read_file(const struct looking *l, const char *name, struct buf *out)
{
    char path[PATH_LIMIT];
    struct err why;
    buf_clear(out);
    int rc = path_join(path, sizeof path, l->walk->dir, name, &why);
    if (rc == 0)
        rc = file_read(out, path, &why);
    if (rc != 0 && rc != ERR_NOT_FOUND)
        damaged(l, name, why.text);
    return rc == 0;
}

/* --- tiles --- */

/* The number at *text, which moves behind it. */
static bool take_number(const char **text, uint64_t *out)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    *out = strtoull(*text, &end, 10);
    *text = end;
    return true;
}

/* "x001/x234/067", and ".p/<width>" behind it: *width 256 without. */
static bool take_place(const char *text, uint64_t *index, uint64_t *width)
{
    uint64_t group = 0;
    *index = 0;
    *width = TILE_WIDTH;
    for (bool more = true; more;) {
        more = *text == 'x';
        text += more;
        if (!take_number(&text, &group) || group > 999)
            return false;
        *index = 1000 * *index + group;
        if (more && *text++ != '/')
            return false;
    }
    if (strncmp(text, ".p/", 3) != 0)
        return *text == '\0';
    text += 3;
    return take_number(&text, width) && *width > 0 && *width < TILE_WIDTH && *text == '\0';
}

struct place {
    int level; /* TILE_ENTRIES: a bundle */
    uint64_t index, width;
    uint64_t whole, rest; /* of the level in this ledger: full tiles, and members of the one at the end */
};

/* That of a tile's name; false if it is no tile's, or not as it would be written. */
static bool take_tile(const struct walk *walk, const char *name, struct place *out)
{
    char again[TILE_PATH_MAX];
    const char *text = name + strlen("tile/");
    uint64_t level = 0;
    const bool entries = strncmp(text, "entries/", 8) == 0;
    if (entries)
        text += 8;
    else if (!take_number(&text, &level) || level >= TILES_LEVELS || *text++ != '/')
        return false;
    out->level = entries ? TILE_ENTRIES : (int)level;
    if (!take_place(text, &out->index, &out->width))
        return false;
    const uint64_t count = entries ? walk->newest.size : tile_hashes(walk->newest.size, (int)level);
    out->whole = count / TILE_WIDTH;
    out->rest = count % TILE_WIDTH;
    return strcmp(tile_path(again, out->level, out->index, (unsigned)out->width), name) == 0;
}

/* One that walking has read, or, at the end, compared with those it read. */
static bool is_walked(const struct place *p)
{
    return (p->width == TILE_WIDTH && p->index < p->whole) || (p->index == p->whole && p->rest != 0);
}

/* How many entries a bundle has; SIZE_MAX if it ends within one. */
static size_t count_entries(struct span bundle)
{
    size_t n = 0, at = 0;
    for (; at + 2 <= bundle.len; n++)
        at += 2 + (size_t)bytes_get_u16be(bundle.data + at);
    return at == bundle.len ? n : SIZE_MAX;
}

/* A partial tile stays for a while beside the full one that it became, which begins as it does. */
static void check_outgrown(const struct looking *l, const struct place *p, const char *name)
{
    char full[TILE_PATH_MAX];
    struct buf part = buf_of(TILES_FILE_MAX), whole = buf_of(TILES_FILE_MAX);
    tile_path(full, p->level, p->index, TILE_WIDTH);
    if (read_file(l, name, &part) && read_file(l, full, &whole)) {
        const size_t members = p->level == TILE_ENTRIES      ? count_entries(buf_span(&part))
                               : part.len % MERKLE_HASH == 0 ? part.len / MERKLE_HASH
                                                             : SIZE_MAX;
        if (members != p->width || part.len > whole.len || memcmp(part.data, whole.data, part.len) != 0)
            damaged(l, name, "the full tile that it became does not begin so");
    }
    buf_free(&part);
    buf_free(&whole);
}

/* --- manifests --- */

static const struct manifest *find_manifest(const struct looking *l, const struct buf *text)
{
    uint8_t digest[REGION_DIGEST_SIZE];
    crypto_hash_sha256(digest, text->data, text->len);
    return manifests_find(&l->audit->manifests, digest);
}

/* Of a version that is newer than all that are known: it came while we look, or its coordinators are not ours. */
static bool is_newer(const struct looking *l, const char *name)
{
    const char *text = name + sizeof MANIFESTS_DIR;
    uint64_t version;
    return take_number(&text, &version) && version > manifests_newest(&l->audit->manifests)->version;
}

/*
 * manifests/<version>.json: one that the auditor's vouch for, under its version, with as many signatures as it needs.
 */
static void check_manifest(const struct looking *l, const char *name)
{
    char path[PATH_LIMIT], expected[64];
    struct err why = {.text = ""};
    struct buf text = buf_of(REGION_FILE_MAX);
    if (is_newer(l, name)) {
        stray(l, name);
    } else if (read_file(l, name, &text)) {
        const struct manifest *m = find_manifest(l, &text);
        snprintf(expected, sizeof expected, MANIFESTS_DIR "/%" PRIu64 ".json", m != NULL ? m->region->version : 0);
        if (m == NULL || strcmp(expected, name) != 0)
            damaged(l, name, "it is no manifest of that version that those given vouch for");
        else if (path_join(path, sizeof path, l->walk->dir, name, &why) != 0 ||
                 region_signatures(m->region, path, buf_span(&text), NULL, &why) < m->region->quorum)
            damaged(l, name, "it lacks signatures of coordinators");
    }
    buf_free(&text);
}

/* manifests/<version>.json.<coordinator>.minisig */
static void check_signature(const struct looking *l, const char *name)
{
    char of[PATH_LIMIT], path[PATH_LIMIT];
    const char *dot = strstr(name, ".json.");
    struct err why;
    bool by[REGION_COORDINATORS_MAX] = {false};
    struct buf text = buf_of(REGION_FILE_MAX);
    snprintf(of, sizeof of, "%.*s", dot != NULL ? (int)(dot - name) + 5 : 0, name);
    const bool there = dot != NULL && read_file(l, of, &text);
    const struct manifest *m = there ? find_manifest(l, &text) : NULL;
    if (dot != NULL && !there)
        damaged(l, name, "the manifest that it signs cannot be read");
    if (m == NULL || path_join(path, sizeof path, l->walk->dir, of, &why) != 0) {
        stray(l, name);
        buf_free(&text);
        return;
    }
    region_signatures(m->region, path, buf_span(&text), by, &why);
    bool known = false, good = false;
    for (size_t i = 0; i < m->region->coordinator_count; i++) {
        char own[PATH_LIMIT];
        if (region_signature_path(own, sizeof own, of, m->region->coordinators[i].name, &why) == 0 &&
            strcmp(own, name) == 0) {
            known = true;
            good = by[i];
        }
    }
    if (!known)
        stray(l, name);
    else if (!good)
        damaged(l, name, "the signature does not verify");
    buf_free(&text);
}

/* --- notes --- */

/* Of whom the note is, under a key that a manifest has; and nobody's line but the owner's. */
static bool is_note(const struct looking *l, struct span note, const char *owner)
{
    struct checkpoint checkpoint;
    char origin[NOTE_NAME_MAX + 1];
    for (size_t i = 0; i < l->audit->manifests.count; i++) {
        const struct region *region = l->audit->manifests.list[i].region;
        for (size_t k = 0; k <= region->custodian_count; k++) {
            const struct party *party = k < region->custodian_count ? &region->custodians[k].party : &region->matcher;
            if ((owner == NULL || strcmp(party->name, owner) == 0) &&
                ledger_origin(origin, region->name, party->name, ERR_IGNORED) == 0 &&
                checkpoint_verify(&checkpoint, note, party->log, ERR_IGNORED) == 0 &&
                strcmp(checkpoint.origin, origin) == 0)
                return true;
        }
    }
    return false;
}

/* Whether the entry of this number is a split view, whose evidence lies here. */
static bool is_split(const struct walk *walk, uint64_t number)
{
    struct tiles tiles;
    struct event event = {.kind = EVENT_START};
    struct span entry = {0};
    int rc = number < walk->newest.size ? 0 : ERR_NOT_FOUND;
    tiles_open(&tiles, walk->dir, walk->newest.size);
    tiles_seek(&tiles, number / TILE_WIDTH * TILE_WIDTH);
    while (rc == 0 && tiles.next <= number)
        rc = tiles_next_entry(&tiles, &entry, ERR_IGNORED);
    if (rc == 0)
        rc = event_decode(&event, entry, ERR_IGNORED);
    tiles_close(&tiles);
    return rc == 0 && event.kind == EVENT_SPLIT;
}

static void check_note(const struct looking *l, const char *name)
{
    const char *text = strchr(name, '/') + 1, *owner = NULL;
    uint64_t number;
    struct buf note = buf_of(NOTE_MAX);
    if (strncmp(name, "witnessed/", 10) == 0)
        owner = text;
    else if (!take_number(&text, &number) || (strcmp(text, ".seen") != 0 && strcmp(text, ".shown") != 0) ||
             !is_split(l->walk, number)) {
        stray(l, name);
        return;
    }
    if (read_file(l, name, &note) && !is_note(l, buf_span(&note), owner))
        damaged(l, name, "it is no checkpoint that its owner signed");
    buf_free(&note);
}

/* --- all of them --- */

static void check_file(const struct looking *l, const char *name)
{
    if (strcmp(name, "checkpoint") == 0 || strncmp(name, "checkpoints/", 12) == 0)
        return; /* walked; what is no number there is a writer's that died */
    struct place place;
    const bool tile = strncmp(name, "tile/", 5) == 0 && take_tile(l->walk, name, &place);
    if (tile && is_walked(&place))
        return;
    if (tile && place.index < place.whole)
        check_outgrown(l, &place, name);
    else if (strncmp(name, MANIFESTS_DIR "/", sizeof MANIFESTS_DIR) == 0 && file_name_ends(name, ".json"))
        check_manifest(l, name);
    else if (strncmp(name, MANIFESTS_DIR "/", sizeof MANIFESTS_DIR) == 0 && file_name_ends(name, SUFFIX))
        check_signature(l, name);
    else if (strncmp(name, "evidence/", 9) == 0 || strncmp(name, "witnessed/", 10) == 0)
        check_note(l, name);
    else
        stray(l, name);
}

/* name: "" for the ledger's directory itself. */
static int check_directory(const struct looking *l, const char *name, unsigned depth, struct err *err)
{
    char path[PATH_LIMIT], below[PATH_LIMIT];
    struct stat status;
    int rc = path_join(path, sizeof path, l->walk->dir, name[0] != '\0' ? name : ".", err);
    DIR *dir = rc == 0 ? opendir(path) : NULL;
    if (rc == 0 && dir == NULL)
        rc = err_errno(err, "cannot list %s", path);
    for (struct dirent *file; rc == 0 && dir != NULL && (file = readdir(dir)) != NULL;) {
        if (strcmp(file->d_name, ".") == 0 || strcmp(file->d_name, "..") == 0)
            continue;
        snprintf(below, sizeof below, "%.2000s%s%s", name, name[0] != '\0' ? "/" : "", file->d_name);
        rc = path_join(path, sizeof path, l->walk->dir, below, err);
        if (rc != 0 || lstat(path, &status) != 0)
            continue; /* replaced while we look */
        if (S_ISDIR(status.st_mode) && depth < DEPTH_MAX)
            rc = check_directory(l, below, depth + 1, err);
        else if (S_ISREG(status.st_mode))
            check_file(l, below);
        else
            stray(l, below);
    }
    if (dir != NULL)
        closedir(dir);
    return rc;
}

int directory_check(struct audit *audit, const struct walk *walk, struct strays *out, struct err *err)
{
    const struct looking looking = {audit, walk, out};
    *out = (struct strays){.count = 0};
    return check_directory(&looking, "", 0, err);
}
