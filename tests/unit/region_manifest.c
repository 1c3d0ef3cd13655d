/* The manifest: what is read, what is refused, whose word is taken for a new one. */
#include "tests/unit/region_test.h"
#include "protocol/identity/identity.h"

#include <unistd.h>

static struct region_test test;

static int setup(void **state)
{
    (void)state;
    region_test_new(&test);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    region_test_end(&test);
    return 0;
}

/* Expects loading to fail so, saying this. */
static void refused(const struct region *trusted, int code, const char *text)
{
    struct region *r = NULL;
    struct err err = {.text = ""};
    int rc = region_load(&r, test.path, trusted, &err);
    if (rc == 0)
        region_free(r);
    if (rc != code || strstr(err.text, text) == NULL)
        fail_msg("got %d '%s', expected %d '%s'", rc, err.text, code, text);
}

static struct region *loaded(const struct region *trusted)
{
    struct region *r = NULL;
    MUST(region_load(&r, test.path, trusted, why));
    return r;
}

static void a_signed_manifest_is_read(void **state)
{
    (void)state;
    struct region *r = loaded(NULL);
    assert_memory_equal(r->digest, test.region->digest, 32);
    assert_int_equal(r->agency_count, TEST_REGION_AGENCIES);
    assert_int_equal(region_find_agency(r, "BBB"), 1);
    assert_int_equal(region_find_agency_by_channel(r, test.agency[2].party.channel), 2);
    assert_int_equal(region_find_agency(r, "ZZZ"), -1);
    assert_int_equal(region_find_agency_by_digest(r, test.region->digests[1]), 1);
    assert_int_equal(region_find_agency_by_digest(r, r->digest), -1);
    assert_string_equal(region_find_party_by_channel(r, test.custodian[1].party.channel)->name, "custodian-2");
    assert_null(region_find_party_by_channel(r, r->digest));
    assert_true(region_mutual_grant(r, 0, 1, 0));
    struct buf a = buf_of(REGION_FILE_MAX), b = buf_of(REGION_FILE_MAX);
    MUST(region_print(r, &a, why));
    MUST(file_read(&b, test.path, why));
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    buf_free(&a);
    buf_free(&b);
    region_free(r);
}

static void too_few_signatures_are_refused(void **state)
{
    (void)state;
    region_test_write(&test, 0);
    refused(NULL, ERR_VERIFY, "carries 0 of the 2 coordinators' signatures");
    region_test_write(&test, 1);
    refused(NULL, ERR_VERIFY, "carries 1 of the 2");
    test.region->quorum = 1;
    region_test_write(&test, 1);
    region_free(loaded(NULL));
}

/* A signature counts for its coordinator only, and for this text only. */
static void copied_signatures_do_not_count(void **state)
{
    (void)state;
    char first[160], second[160];
    struct buf signature = buf_of(4096);
    region_test_write(&test, 1);
    MUST(region_signature_path(first, sizeof first, test.path, "coordinator-1", why));
    MUST(region_signature_path(second, sizeof second, test.path, "coordinator-2", why));
    MUST(file_read(&signature, first, why));
    MUST(file_write(second, signature.data, signature.len, 0644, why));
    refused(NULL, ERR_VERIFY, "another key");
    buf_free(&signature);
    region_test_write(&test, 2);
    struct buf text = buf_of(REGION_FILE_MAX);
    MUST(file_read(&text, test.path, why));
    MUST(buf_put(&text, "\n", 1, why));
    MUST(file_write(test.path, text.data, text.len, 0644, why));
    refused(NULL, ERR_VERIFY, "the file was changed");
    buf_free(&text);
}

static void succession(void **state)
{
    (void)state;
    struct region *first = loaded(NULL);
    region_free(loaded(first)); /* the same again */
    region_test_next(&test);
    region_test_write(&test, 2);
    struct region *second = loaded(first);
    test.region->witnesses = 2;
    region_test_write(&test, 2);
    refused(second, ERR_VERIFY, "older than or forked from version 2");
    region_test_next(&test); /* after the other second version */
    region_test_write(&test, 2);
    refused(second, ERR_VERIFY, "is a fork: its version 2 has digest");
    memcpy(test.region->history[1], second->digest, 32);
    region_test_write(&test, 2);
    struct region *third = loaded(second);
    region_free(loaded(first)); /* who slept over a version needs no file between */
    strcpy(test.region->name, "elsewhere");
    test.region->grant_count = 0; /* they were signed for the region's name */
    region_test_write(&test, 2);
    refused(second, ERR_VERIFY, "of elsewhere, not of test");
    region_free(first);
    region_free(second);
    region_free(third);
}

/* New coordinators are appointed by the old: their own signatures are not enough. */
static void new_coordinators_cannot_appoint_themselves(void **state)
{
    (void)state;
    struct region *first = loaded(NULL);
    struct identity usurper;
    region_test_party(&usurper, "coordinator-9", 99);
    test.coordinator[0] = usurper;
    test.region->coordinators[0] = usurper.party;
    test.region->coordinator_count = test.region->quorum = 1;
    region_test_next(&test);
    region_test_write(&test, 1);
    region_free(loaded(NULL));
    refused(first, ERR_VERIFY, "carries 0 of the 2");
    region_free(first);
}

static void pinned(int code, const char *text)
{
    char pin[128];
    struct err err = {.text = ""};
    struct region *r = loaded(NULL);
    snprintf(pin, sizeof pin, "%s/pin", test.dir);
    int rc = region_pin_check(r, pin, &err);
    if (rc != code || strstr(err.text, text) == NULL)
        fail_msg("got %d '%s', expected %d '%s'", rc, err.text, code, text);
    region_free(r);
}

static void the_pin_remembers(void **state)
{
    (void)state;
    char pin[128];
    pinned(0, "");
    pinned(0, "");
    region_test_next(&test);
    region_test_write(&test, 2);
    region_test_next(&test);
    region_test_write(&test, 2);
    pinned(0, ""); /* from version 1 to 3 */
    test.region->witnesses = 2;
    region_test_write(&test, 2);
    pinned(ERR_VERIFY, "is a fork: another version 3");
    region_test_next(&test);
    region_test_write(&test, 2);
    pinned(ERR_VERIFY, "is a fork: its version 3 has digest");
    test.region->version = 2;
    test.region->history_count = 1;
    region_test_write(&test, 2);
    pinned(ERR_VERIFY, "is version 2, older than version 3");
    test.region->version = 4;
    test.region->history_count = 3;
    test.region->quorum = 1;
    region_test_write(&test, 2);
    pinned(ERR_VERIFY, "other coordinators");
    strcpy(test.region->name, "elsewhere");
    test.region->grant_count = 0;
    region_test_write(&test, 2);
    pinned(ERR_VERIFY, "of region elsewhere, but test was accepted before");
    snprintf(pin, sizeof pin, "%s/pin", test.dir);
    MUST(file_write(pin, "garbage\n", 8, 0600, why));
    pinned(ERR_INPUT, "pin is damaged");
}

static void refused_as_it_is(const char *text)
{
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, text);
}

static void what_officers_may_ask_is_said(void **state)
{
    (void)state;
    struct region_disclosure *d = &test.region->purposes[1].disclosure;
    d->second_officer = true;
    d->keep = 86400;
    strcpy(d->basis[d->bases++], "convention-18");
    region_test_write(&test, 2);
    struct region *r = loaded(NULL);
    assert_true(r->purposes[1].disclosure.second_officer);
    assert_false(r->purposes[0].disclosure.second_officer);
    assert_int_equal(r->purposes[1].disclosure.keep, 86400);
    assert_int_equal(r->purposes[1].disclosure.answer[REGION_URGENT], 86400);
    assert_true(region_has_basis(&r->purposes[1].disclosure, "convention-18"));
    assert_false(region_has_basis(&r->purposes[0].disclosure, "convention-18"));
    region_free(r);
    strcpy(d->basis[1], "two words");
    refused_as_it_is("purposes[1].disclosure.bases");
    strcpy(d->basis[1], "convention-18");
    d->recall = (uint64_t)INT32_MAX + 1;
    refused_as_it_is("purposes[1].disclosure.recall");
}

/* A second epoch of persons: what is wrong with it is said. */
static void epochs_are_in_order(void **state)
{
    (void)state;
    struct region_purpose *p = &test.region->purposes[0];
    p->epochs[1] = p->epochs[0];
    p->epochs[1].epoch = 2;
    p->epochs[0].until = 1900000000;
    p->epoch_count = 2;
    region_test_write(&test, 2);
    struct region *r = loaded(NULL);
    assert_int_equal(region_current(&r->purposes[0])->epoch, 2);
    assert_int_equal(region_find_epoch(&r->purposes[0], 1)->until, 1900000000);
    assert_null(region_find_epoch(&r->purposes[0], 3));
    region_free(r);
    p->epochs[1].epoch = 1;
    refused_as_it_is("purposes[0].epochs[1].epoch: epochs must ascend");
    p->epochs[1].epoch = 2;
    p->epochs[1].until = 5;
    refused_as_it_is("purposes[0].epochs[1].until");
    p->epochs[1].until = p->epochs[0].until = 0;
    refused_as_it_is("purposes[0].epochs[0].until");
    p->epochs[0].until = 5;
    p->epochs[1].generation = 0;
    refused_as_it_is("purposes[0].epochs[1].generation");
    p->epochs[1].generation = 1;
    p->epochs[1].slots = 5;
    refused_as_it_is("purposes[0].epochs[1].slots must be 1 to 4");
    p->epochs[1].slots = 0;
    refused_as_it_is("purposes[0].epochs[1].slots");
    p->epoch_count = 0;
    refused_as_it_is("purposes[0].epochs: one is needed");
}

static void limits_of_one_agency(void **state)
{
    (void)state;
    struct region_override own[2] = {{1, 0, test_limits}, {1, 0, test_limits}};
    struct region *r;
    test.region->overrides = own;
    test.region->override_count = 1;
    own[0].limits.load = 1024;
    own[0].limits.meets = 7;
    region_test_write(&test, 2);
    r = loaded(NULL);
    assert_int_equal(region_limits(r, 1, 0)->meets, 7);
    assert_int_equal(region_limits(r, 1, 0)->load, 1024);
    assert_int_equal(region_limits(r, 1, 1)->meets, test_limits.meets);
    assert_int_equal(region_limits(r, 0, 0)->meets, test_limits.meets);
    region_free(r);
    own[0].limits.load = 1000;
    refused_as_it_is("limits[0]: the limit load must be 0 or a power of two");
    own[0].limits.load = 0;
    test.region->override_count = 2;
    refused_as_it_is("limits[1]: those of BBB for persons stand twice");
    test.region->override_count = 0;
    test.region->overrides = NULL;
    test.region->purposes[1].limits.load = 3;
    refused_as_it_is("purposes[1]: the limit load must be");
}

static void registers_are_declared_once(void **state)
{
    (void)state;
    struct region_register own[2] = {{1, 1, "THA", 3600}, {0, 1, "THA", 0}};
    struct region *r;
    test.region->purposes[1].kind = REGION_ISSUED;
    test.region->registers = own;
    test.region->register_count = 1;
    region_test_write(&test, 2);
    r = loaded(NULL);
    assert_int_equal(region_find_register(r, 1, "THA")->agency, 1);
    assert_int_equal(region_find_register(r, 1, "THA")->fresh, 3600);
    assert_null(region_find_register(r, 1, "IDN"));
    assert_null(region_find_register(r, 0, "THA"));
    region_free(r);
    test.region->register_count = 2;
    refused_as_it_is("registers[1]: that of THA for documents stands twice");
    test.region->register_count = 1;
    memcpy(own[0].issuer, "tha", 4);
    refused_as_it_is("registers[0].issuer: three capital letters");
    memcpy(own[0].issuer, "THA", 4);
    own[0].fresh = (uint64_t)INT32_MAX + 1;
    refused_as_it_is("registers[0].fresh");
    own[0].fresh = 0;
    own[0].purpose = 0;
    refused_as_it_is("registers[0]: persons is of no kind issued");
    test.region->register_count = 0;
    test.region->registers = NULL;
}

static void duties_are_said_once(void **state)
{
    (void)state;
    struct region_duty own[2] = {{1, 1, "duty desk, +66 2 555 0100", "mon-fri 08:30-16:30 +07:00"},
                                 {1, 1, "another", "always"}};
    struct region *r;
    test.region->duties = own;
    test.region->duty_count = 1;
    region_test_write(&test, 2);
    r = loaded(NULL);
    assert_string_equal(region_find_duty(r, 1, 1)->contact, own[0].contact);
    assert_string_equal(region_find_duty(r, 1, 1)->hours, own[0].hours);
    assert_null(region_find_duty(r, 1, 0));
    assert_null(region_find_duty(r, 0, 1));
    region_free(r);
    test.region->duty_count = 2;
    refused_as_it_is("duties[1]: that of BBB for documents stands twice");
    test.region->duty_count = 1;
    memcpy(own[0].contact, "a\tb", 4);
    refused_as_it_is("manifest:");
    memcpy(own[0].contact, "a b", 4);
    memcpy(own[0].hours, "daily", 6);
    refused_as_it_is("duties[0].hours");
    test.region->duty_count = 0;
    test.region->duties = NULL;
}

/* 2 of 3 custodians make a token. */
static void limits_are_shared_among_custodians(void **state)
{
    (void)state;
    static const uint64_t cases[][3] = {{0, 0, 0}, {1, 1, 1}, {2, 2, 3}, {3, 2, 3}, {1500, 1000, 1500}, {100, 67, 100}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(region_share_of(test.region, cases[i][0]), cases[i][1]);
        assert_int_equal(region_tokens_of(test.region, cases[i][1]), cases[i][2]);
    }
    assert_int_equal(region_share_of(test.region, INT64_MAX), (INT64_MAX - 1) / 3 * 2 + 1);
    assert_int_equal(region_tokens_of(test.region, UINT64_MAX), UINT64_MAX);
}

/* A grant is between keys: a successor under a known name inherits none. */
static void grants_bind_keys_not_names(void **state)
{
    (void)state;
    struct identity successor;
    region_test_party(&successor, "BBB", 77);
    test.region->agencies[1] = successor.party;
    region_test_write(&test, 2);
    refused(NULL, ERR_VERIFY, "the grant from AAA to BBB");
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct region *r = test.region, kept = *r;
    struct {
        const char *text;
        size_t *number, value;
    } numbers[] = {
        {"quorum must be 1", &r->quorum, 0},
        {"quorum must be 1", &r->quorum, 3},
        {"threshold must be 1", &r->threshold, 0},
        {"threshold must be 1", &r->threshold, 4},
        {"witnesses must be at most", &r->witnesses, 4},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        *numbers[i].number = numbers[i].value;
        region_test_write(&test, 2);
        refused(NULL, ERR_INPUT, numbers[i].text);
        *r = kept;
    }
    r->version = 0;
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "version");
    *r = kept;
    r->version = 2;
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "history must have the digests of all versions");
    *r = kept;
    strcpy(r->purposes[1].name, "persons");
    r->grant_count = 0;
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "two purposes are called persons");
    *r = kept;
    strcpy(r->custodians[0].party.name, "AAA");
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "two parties are called AAA");
    *r = kept;
    r->grants[0].signature[0] ^= 1;
    region_test_write(&test, 2);
    refused(NULL, ERR_VERIFY, "is not signed by AAA");
    r->grants[0].signature[0] ^= 1;
    r->grants[1] = r->grants[0];
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "stands twice");
}

/* Who has another's key would be taken for the other. */
static void one_key_has_one_party(void **state)
{
    (void)state;
    struct party kept = test.region->agencies[2];
    test.region->grant_count = 0; /* they were signed for other keys */
    memcpy(test.region->agencies[2].channel, test.region->agencies[0].channel, 32);
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "AAA and CCC have the same channel key");
    test.region->agencies[2] = kept;
    memcpy(test.region->agencies[2].channel, test.region->matcher.channel, 32);
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "matcher and CCC have the same channel key");
    test.region->agencies[2] = kept;
    memcpy(test.region->coordinators[1].sign, test.region->coordinators[0].sign, 32);
    region_test_write(&test, 1);
    refused(NULL, ERR_INPUT, "coordinator-1 and coordinator-2 have the same sign key");
}

/* The public shares must be shares of the key: else coalitions would come to different tags. */
static void public_shares_belong_to_the_key(void **state)
{
    (void)state;
    struct element kept = test.region->purposes[1].epochs[0].share[2];
    test.region->purposes[1].epochs[0].share[2] = test.region->purposes[0].epochs[0].share[2];
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "purposes[1].epochs[0]: the custodians' public shares are not shares of its key");
    test.region->purposes[1].epochs[0].share[2] = kept;
    memset(test.region->purposes[1].epochs[0].key.bytes, 0, 32);
    region_test_write(&test, 2);
    refused(NULL, ERR_INPUT, "purposes[1].epochs[0].key");
}

static void members_are_strict(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *text;
    } edits[] = {
        {"\"concord\": 2", "\"concord\": 1", "concord: this program reads format 2"},
        {"\"concord\": 2", "\"concord\": 3", "concord: this program reads format 2"},
        {"\"kind\": \"match\"", "\"kind\": \"other\"", "purposes[0].kind"},
        {"\"kind\": \"match\"", "\"kind\": 1", "purposes[0].kind"},
        {"\"daily\": 1500", "\"daily\": -1", "purposes[0].limits.daily"},
        {"\"daily\": 1500", "\"dayly\": 1", "purposes[0].limits.dayly: unknown member"},
        {"\"daily\": 1500, ", "", "purposes[0].limits.daily"},
        {"\"limits\": { ", "\"limits\": 7, \"x\": { ", "purposes[0].x: unknown member"},
        {"\"slots\": 4", "\"slots\": 4, \"budget\": 1", "purposes[0].epochs[0].budget: unknown member"},
        {"\"history\": []", "\"history\": [\"00\"]", "history: 64 hexadecimal digits"},
        {"\"quorum\": 2", "\"quorum\": \"2\"", "quorum: a whole number"},
        {"\"quorum\": 2", "\"quorum\": 2.0", "quorum: a whole number"},
        {"\"quorum\": 2", "\"quorum\": -2", "quorum: a whole number"},
        {"\"quorum\": 2,", "", "quorum: a whole number"},
        {"\"quorum\": 2", "\"quorum\": 2, \"quorum\": 2", "not JSON"},
        {"\"quorum\": 2", "\"quorum\": 2, \"extra\": 1", "extra: unknown member"},
        {"\"name\": \"AAA\"", "\"name\": \"A/A\"", "agencies[0].name"},
        {"\"name\": \"AAA\"", "\"name\": \"AAA\", \"url\": \"tcp://1.2.3.4:5\"", "agencies[0].url: unknown member"},
        {"\"agencies\": [", "\"agencies\": [ 7,", "agencies[0]"},
        {"\"epoch\": 1", "\"epoch\": 4294967296", "purposes[0].epochs[0].epoch"},
    };
    struct buf text = buf_of(REGION_FILE_MAX);
    MUST(region_print(test.region, &text, why));
    MUST(buf_put(&text, "", 1, why));
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        const char *at = strstr((const char *)text.data, edits[i].from);
        struct buf changed = buf_of(REGION_FILE_MAX);
        struct region *r = NULL;
        struct err err = {.text = ""};
        assert_non_null(at);
        MUST(buf_printf(&changed, why, "%.*s%s%s", (int)(at - (const char *)text.data), (const char *)text.data,
                        edits[i].to, at + strlen(edits[i].from)));
        if (region_parse(&r, changed.data, changed.len, &err) != ERR_INPUT || strstr(err.text, edits[i].text) == NULL)
            fail_msg("%s: expected '%s', got '%s'", edits[i].to, edits[i].text, err.text);
        buf_free(&changed);
    }
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_signed_manifest_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(too_few_signatures_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(copied_signatures_do_not_count, setup, teardown),
        cmocka_unit_test_setup_teardown(succession, setup, teardown),
        cmocka_unit_test_setup_teardown(new_coordinators_cannot_appoint_themselves, setup, teardown),
        cmocka_unit_test_setup_teardown(the_pin_remembers, setup, teardown),
        cmocka_unit_test_setup_teardown(what_officers_may_ask_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(what_officers_may_ask_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(epochs_are_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_of_one_agency, setup, teardown),
        cmocka_unit_test_setup_teardown(registers_are_declared_once, setup, teardown),
        cmocka_unit_test_setup_teardown(duties_are_said_once, setup, teardown),
        cmocka_unit_test_setup_teardown(limits_are_shared_among_custodians, setup, teardown),
        cmocka_unit_test_setup_teardown(grants_bind_keys_not_names, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(one_key_has_one_party, setup, teardown),
        cmocka_unit_test_setup_teardown(public_shares_belong_to_the_key, setup, teardown),
        cmocka_unit_test_setup_teardown(members_are_strict, setup, teardown),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("region_manifest", tests, NULL, NULL);
}
