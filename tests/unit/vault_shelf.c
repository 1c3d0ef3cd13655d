/* A shelf of several runs is one sorted list, however one walks over it: against an array. */
#include "client/vault/shelf.h"
#include "tests/unit/region_test.h"

#include <sodium.h>
#include <unistd.h>

/* Keys of few different bytes, so that neighbours share much. */
#define KEY_SIZE 12
#define KEYS 3000
#define RUNS 3

static char dir[64];
static uint8_t secret[32];
static struct shelf shelf;
static struct known {
    uint8_t key[KEY_SIZE], value[4];
    bool there;
} known[KEYS];
static size_t count;

static int by_key(const void *a, const void *b)
{
    return memcmp(a, b, KEY_SIZE);
}

static void make_keys(void)
{
    for (size_t i = 0; i < KEYS; i++) {
        randombytes_buf(known[i].key, KEY_SIZE);
        for (size_t k = 0; k < KEY_SIZE; k++)
            known[i].key[k] = k < 8 ? known[i].key[k] & 1 : known[i].key[k] & 3;
    }
    qsort(known, KEYS, sizeof *known, by_key);
    for (size_t i = count = 0; i < KEYS; i++)
        if (count == 0 || memcmp(known[count - 1].key, known[i].key, KEY_SIZE) != 0)
            known[count++] = known[i];
}

/* Each run has half of the keys, and says of some of them that they are gone. */
static void write_run(int64_t number)
{
    struct run_info info;
    for (size_t i = 0; i < count; i++) {
        const uint32_t coin = randombytes_uniform(8);
        if (coin >= 4)
            continue;
        const struct span value = span_of(known[i].value, randombytes_uniform(5));
        randombytes_buf(known[i].value, sizeof known[i].value);
        known[i].there = coin != 0;
        MUST(shelf_put(&shelf, known[i].key, coin != 0 ? &value : NULL, why));
    }
    MUST(shelf_write(&shelf, &info, why));
    pending_clear(&shelf.pending);
    MUST(shelf_add(&shelf, &info, number, 0, why));
}

static int set_up(void **state)
{
    (void)state;
    struct run_kind kind = {.dir = dir, .key = secret, .kind = 1, .domain = 1, .key_size = KEY_SIZE, .block = 128};
    snprintf(dir, sizeof dir, "vault-shelf-XXXXXX");
    assert_non_null(mkdtemp(dir));
    shelf.kind = kind;
    make_keys();
    for (int64_t number = 1; number <= RUNS; number++)
        write_run(number);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < shelf.count; i++)
        run_remove(&shelf.kind, run_info(shelf.at[i].run)->name);
    shelf_clear(&shelf);
    return rmdir(dir);
}

/* The first that is there from i on. */
static size_t next_there(size_t i)
{
    while (i < count && !known[i].there)
        i++;
    return i;
}

static void shows(const struct shelf_cursor *c, size_t i)
{
    assert_int_equal(c->valid, i < count);
    if (i < count) {
        assert_memory_equal(c->key, known[i].key, KEY_SIZE);
        assert_memory_equal(c->value.data, known[i].value, c->value.len);
    }
}

/* To a key, or to what lies between two keys. Returns where it stands. */
static size_t seek(struct shelf_cursor *c, size_t i, bool between)
{
    uint8_t key[KEY_SIZE];
    memcpy(key, known[i].key, KEY_SIZE);
    key[KEY_SIZE - 1] = (uint8_t)(key[KEY_SIZE - 1] + (between ? 100 : 0));
    size_t to = i;
    while (to < count && memcmp(known[to].key, key, KEY_SIZE) < 0)
        to++;
    to = next_there(to);
    MUST(shelf_seek(c, key, why));
    shows(c, to);
    return to;
}

static void a_walk_shows_all(void **state)
{
    (void)state;
    struct shelf_cursor c;
    MUST(shelf_cursor_open(&c, &shelf, 0, SIZE_MAX, why));
    MUST(shelf_first(&c, why));
    for (size_t i = next_there(0); i < count; i = next_there(i + 1)) {
        shows(&c, i);
        MUST(shelf_next(&c, why));
    }
    assert_false(c.valid);
    shelf_cursor_close(&c);
}

static void ascending_seeks_find_what_is_there(void **state)
{
    (void)state;
    for (uint32_t most = 1; most < 3 * count; most *= 3) {
        struct shelf_cursor c;
        MUST(shelf_cursor_open(&c, &shelf, 0, SIZE_MAX, why));
        for (size_t i = randombytes_uniform(most); i < count; i += randombytes_uniform(most) + 1) {
            size_t at = seek(&c, i, randombytes_uniform(2) == 0);
            for (uint32_t steps = randombytes_uniform(4); steps > 0 && at < count; steps--) {
                MUST(shelf_next(&c, why));
                shows(&c, at = next_there(at + 1));
            }
        }
        shelf_cursor_close(&c);
    }
}

static void seeks_to_and_fro_find_what_is_there(void **state)
{
    (void)state;
    struct shelf_cursor c;
    MUST(shelf_cursor_open(&c, &shelf, 0, SIZE_MAX, why));
    for (int n = 0; n < 3000; n++) {
        size_t at = seek(&c, randombytes_uniform((uint32_t)count), randombytes_uniform(2) == 0);
        if (n % 3 == 0 && at < count) {
            MUST(shelf_next(&c, why));
            shows(&c, next_there(at + 1));
        }
    }
    shelf_cursor_close(&c);
}

static void a_merged_run_is_the_same_list(void **state)
{
    struct run_info info;
    MUST(shelf_merge(&shelf, 0, RUNS, &info, why));
    for (size_t i = 0; i < shelf.count; i++)
        run_remove(&shelf.kind, run_info(shelf.at[i].run)->name);
    shelf_drop(&shelf, 0, RUNS);
    MUST(shelf_add(&shelf, &info, RUNS + 1, 1, why));
    a_walk_shows_all(state);
    ascending_seeks_find_what_is_there(state);
    seeks_to_and_fro_find_what_is_there(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_shows_all),
        cmocka_unit_test(ascending_seeks_find_what_is_there),
        cmocka_unit_test(seeks_to_and_fro_find_what_is_there),
        cmocka_unit_test(a_merged_run_is_the_same_list),
    };
    return cmocka_run_group_tests_name("vault_shelf", tests, set_up, tear_down);
}
