/* Every byte of every file of a small ledger, flipped and cut off in turn: not one goes unnoticed. */
#include "protocol/audit/rules/verify.h"

#include "audit_test.h"

#include <ftw.h>

static struct manifests manifests;
static struct book book;
static char paths[32][PATH_LIMIT];
static size_t path_count;

static void write_witnessed(void)
{
    char path[160];
    struct checkpoint checkpoint = {.origin = "test/custodian-1", .size = 7};
    struct buf note = buf_of(NOTE_MAX);
    MUST(checkpoint_sign(&note, &checkpoint, world.custodian[0].log_secret, why));
    snprintf(path, sizeof path, "%s/witnessed/custodian-1", book.export);
    MUST(file_write(path, note.data, note.len, 0644, why));
    buf_free(&note);
}

static int begin(void **state)
{
    world_begin(state);
    MUST(manifests_load(&manifests, (char *[]){world.path}, 1, NULL, 0, why));
    book_open(&book, &world.matcher, "export");
    book_start(&book);
    book_publish(&book);
    book_put(&book, EVENT_PUT, AAA, 3);
    book_put(&book, EVENT_REMOVE, AAA, 1);
    book_publish(&book);
    /* What lies beside: the manifest with its signatures, and a checkpoint that was cosigned for another. */
    world_keep(book.export, world.path, 1);
    run("mkdir '%s/witnessed'", book.export);
    write_witnessed();
    return 0;
}

static int end(void **state)
{
    manifests_free(&manifests);
    book_close(&book);
    return world_end(state);
}

/* As audit_open() and verify_ledger() do, with the manifests read once: there are thousands of runs. */
static uint64_t count_findings(void)
{
    struct audit audit = {.manifests = manifests, .jobs = 1, .quiet = true};
    struct verified v;
    struct err err;
    int rc = walk_open(&audit.ledger[0], manifests_newest(&manifests), book.export, &err);
    if (rc != 0) {
        assert_true(finding_is_error(rc));
        return 1;
    }
    MUST(verify_ledger(&audit, &audit.ledger[0], NULL, &v, why));
    uint64_t total = audit.findings.total;
    walk_close(&audit.ledger[0]);
    findings_free(&audit.findings);
    return total;
}

static int keep_path(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)place;
    if (type == FTW_F)
        strcpy(paths[path_count++], path);
    return path_count < COUNT(paths) ? 0 : 1;
}

static int list_files(void **state)
{
    (void)state;
    path_count = 0;
    return nftw(book.export, keep_path, 8, FTW_PHYS);
}

static void write_file(const char *path, const uint8_t *data, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void nothing_is_found_in_what_is_whole(void **state)
{
    (void)state;
    assert_int_equal(count_findings(), 0);
    assert_true(path_count >= 5); /* checkpoint, two in checkpoints/, a bundle, a tile */
}

/* minisign's first line says by itself that nobody signed it. */
static bool is_untrusted(const char *path, const struct buf *file, size_t at)
{
    return strstr(path, ".minisig") != NULL && memchr(file->data, '\n', at) == NULL;
}

static void every_flipped_byte_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < path_count; i++) {
        struct buf file = buf_of(1u << 20);
        MUST(file_read(&file, paths[i], why));
        const size_t step =
            strstr(paths[i], "manifests/") != NULL ? 17 : 1; /* long, and each byte as good as another */
        for (size_t at = 0; at < file.len; at += step) {
            uint8_t bit = (uint8_t)(1u << (at % 8));
            if (is_untrusted(paths[i], &file, at))
                continue;
            file.data[at] ^= bit;
            write_file(paths[i], file.data, file.len);
            if (count_findings() == 0)
                fail_msg("%s: byte %zu was flipped and nothing was found", paths[i], at);
            file.data[at] ^= bit;
        }
        write_file(paths[i], file.data, file.len);
        buf_free(&file);
    }
}

/*
 * A checkpoint may lack cosignatures: they come later, or not to every one. So what ends with the party's own line, or
 * with a cosignature, is a checkpoint too; that the newest with enough of them is older is all that there is to see.
 */
static bool is_whole_checkpoint(const char *path, const struct buf *file, size_t len)
{
    size_t lines = 0;
    for (size_t i = 0; i < len; i++)
        lines += file->data[i] == '\n';
    return strstr(path, "/checkpoint") != NULL && len > 0 && file->data[len - 1] == '\n' && lines >= 5;
}

/*
 * An older checkpoint or partial tile is only missed by those who know of it: its witness, a holder of a receipt; and
 * what another signed, by nobody.
 */
static bool may_be_missing(const char *path)
{
    return strstr(path, "checkpoints/2") != NULL || strstr(path, ".p/2") != NULL || strstr(path, "witnessed/") != NULL;
}

static void every_cut_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < path_count; i++) {
        struct buf file = buf_of(1u << 20);
        MUST(file_read(&file, paths[i], why));
        const bool beside = strstr(paths[i], "manifests/") != NULL; /* whose last end of line says nothing */
        for (size_t len = 0; len < file.len - beside; len += beside ? 17 : 1) {
            if (is_whole_checkpoint(paths[i], &file, len))
                continue;
            write_file(paths[i], file.data, len);
            if (count_findings() == 0)
                fail_msg("%s: cut to %zu bytes and nothing was found", paths[i], len);
        }
        assert_int_equal(remove(paths[i]), 0);
        if (may_be_missing(paths[i]) != (count_findings() == 0))
            fail_msg("%s: removed, and what was found is not what should be", paths[i]);
        write_file(paths[i], file.data, file.len);
        buf_free(&file);
    }
    assert_int_equal(count_findings(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_found_in_what_is_whole, list_files),
        cmocka_unit_test_setup(every_flipped_byte_is_found, list_files),
        cmocka_unit_test_setup(every_cut_is_found, list_files),
    };
    if (group_init(ERR_IGNORED) != 0)
        return 1;
    return cmocka_run_group_tests_name("audit_damage", tests, begin, end);
}
