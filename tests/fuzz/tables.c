/*
 * What the vault's tables say, as they would if they were damaged within their sealed pages: the first bytes say which
 * column of matches, decisions or evaluations gets what value. The board and the purse refuse it or show it within
 * their bounds.
 */
#include "client/review/board.h"
#include "client/token/purse.h"
#include "client/vault/vault_internal.h"
#include "protocol/base/clock.h"
#include "protocol/base/tree.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static char dir[] = "/dev/shm/concord-fuzz-XXXXXX";
static struct vault *vault;
static int64_t domain;

static void close_vault(void)
{
    struct err err;
    vault_close(vault);
    (void)tree_remove(dir, &err);
}

/* Two matches, one of them decided on, and an evaluation of two custodians. */
static void make_vault(void)
{
    static const uint8_t storage[32] = {8};
    const struct vault_record values = {.id = "T1"};
    const struct vault_evaluation evaluation = {
        .time = clock_now(), .of = 8, .custodians = 2, .by = {{{1}, 1}, {{2}, 1}}};
    struct vault_match match[2] = {{.partner = "IDN", .handle = {1}, .keys = 3, .score = 70},
                                   {.partner = "MYS", .handle = {2}, .keys = 3, .score = 80}};
    struct vault_ref record;
    struct err err;
    char path[64];
    FUZZ_HOLDS(mkdtemp(dir) != NULL);
    snprintf(path, sizeof path, "%s/vault", dir);
    FUZZ_HOLDS(vault_open(&vault, path, storage, &err) == 0);
    FUZZ_HOLDS(vault_domain(vault, "persons", 1, &domain, &err) == 0);
    FUZZ_HOLDS(vault_record_put(vault, domain, &values, NULL, 0, &record, &err) == 0);
    FUZZ_HOLDS(vault_evaluation_add(vault, domain, &evaluation, &err) == 0);
    FUZZ_HOLDS(vault_settle(vault, &err) == 0 && vault_begin(vault, &err) == 0);
    FUZZ_HOLDS(vault_matches_put(vault, domain, &record, "T1", match, 2, &err) == 0 && vault_commit(vault, &err) == 0);
    FUZZ_HOLDS(vault_review_put(vault, 1, REVIEW_CONFIRMED, "officer", "note", &err) == 0);
    atexit(close_vault);
}

static void damage(uint8_t column, uint8_t type, const uint8_t *data, size_t size)
{
    static const char *const update[] = {"UPDATE match SET record = ? WHERE number = 1",
                                         "UPDATE match SET id = ? WHERE number = 1",
                                         "UPDATE match SET pair = ? WHERE number = 1",
                                         "UPDATE match SET partner = ? WHERE number = 1",
                                         "UPDATE match SET handle = ? WHERE number = 1",
                                         "UPDATE match SET keys = ? WHERE number = 1",
                                         "UPDATE match SET score = ? WHERE number = 1",
                                         "UPDATE match SET kind = ? WHERE number = 1",
                                         "UPDATE match SET found = ? WHERE number = 1",
                                         "UPDATE match SET withdrawn = ? WHERE number = 1",
                                         "UPDATE review SET decision = ?",
                                         "UPDATE review_event SET state = ?",
                                         "UPDATE review_event SET at = ?",
                                         "UPDATE review_event SET keys = ?",
                                         "UPDATE review_event SET score = ?",
                                         "UPDATE review_event SET by = ?",
                                         "UPDATE review_event SET note = ?",
                                         "UPDATE evaluation SET at = ?",
                                         "UPDATE evaluation SET of = ?",
                                         "UPDATE evaluation SET taken = ?",
                                         "UPDATE evaluation SET named = ?",
                                         "UPDATE evaluation SET receipts = ?"};
    const char *sql = update[column % (sizeof update / sizeof update[0])];
    struct err err;
    uint8_t number[8] = {0};
    char text[4096];
    memcpy(number, data, size < 8 ? size : 8);
    snprintf(text, sizeof text, "%.*s", (int)(size < sizeof text ? size : sizeof text - 1), (const char *)data);
    const int rc = type % 3 == 0   ? vault_do(vault, &err, sql, "i", (int64_t)bytes_get_u64be(number))
                   : type % 3 == 1 ? vault_do(vault, &err, sql, "t", text)
                                   : vault_do(vault, &err, sql, "b", data, size);
    FUZZ_HOLDS(rc == 0 || err.text[0] != '\0');
}

static void look_at_board(void)
{
    static struct region_purpose purpose = {.name = "persons"};
    static struct region region;
    static struct agency agency;
    static struct setting_list any;
    const struct board_filter filter = {.partners = &any, .kinds = &any, .states = &any, .records = &any};
    struct board board;
    struct err err = {.text = ""};
    agency = (struct agency){
        .vault = vault, .region = &region, .purposes = 1, .purpose = {{.region = &purpose, .domain = domain}}};
    const int rc = board_load(&board, &agency, &filter, &err);
    FUZZ_HOLDS(rc == 0 || err.text[0] != '\0');
    for (size_t i = 0; rc == 0 && i < board.count; i++)
        FUZZ_HOLDS(board.item[i].partner < board.partners && board.item[i].purpose == 0);
    if (rc == 0)
        board_free(&board);
}

static void look_into_purse(void)
{
    struct purse_taken taken;
    struct purse *purse = NULL;
    struct err err = {.text = ""};
    const int rc = purse_load(&purse, vault, domain, &err);
    FUZZ_HOLDS(rc == 0 || err.text[0] != '\0');
    if (rc != 0)
        return;
    purse_take(purse, 5, &taken);
    FUZZ_HOLDS(taken.count <= WIRE_SPENT_MAX && taken.spent.count <= WIRE_SPENT_MAX);
    for (size_t i = 0; i < taken.count; i++)
        FUZZ_HOLDS(taken.taken[i] > 0 && taken.taken[i] <= 5);
    purse_free(purse);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    if (vault == NULL)
        make_vault();
    if (size < 2)
        return 0;
    FUZZ_HOLDS(vault_begin(vault, &err) == 0);
    damage(data[0], data[1], data + 2, size - 2);
    look_at_board();
    look_into_purse();
    vault_rollback(vault);
    return 0;
}
