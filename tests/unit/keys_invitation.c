/* Invitations reach their party alone, of a coordinator alone, whole; and manifests are put in place without a gap. */
#include "keys/ceremony/ceremony.h"
#include "keys/manifest/invitation.h"
#include "protocol/group/group.h"
#include "protocol/identity/psk.h"
#include "tests/unit/region_test.h"

#include <unistd.h>

static struct region_test test;
static const uint8_t secret[32] = {7};
static char path[160];

static int set_up(void **state)
{
    (void)state;
    MUST(group_init(why));
    region_test_new(&test);
    snprintf(path, sizeof path, "%s/invitation", test.dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    region_test_end(&test);
    return 0;
}

static json_t *content(const struct identity *by, const struct party *to)
{
    struct buf text = buf_of(REGION_FILE_MAX), store = buf_of(65536);
    struct region_signature signature[REGION_COORDINATORS_MAX];
    uint8_t digest[PARTY_DIGEST_SIZE];
    json_t *signatures = json_object();
    MUST(file_read(&text, test.path, why));
    size_t count = region_signatures_read(signature, &store, test.region, test.path, buf_span(&text));
    for (size_t i = 0; i < count; i++)
        json_object_set_new(signatures, signature[i].coordinator,
                            json_stringn((const char *)signature[i].text.data, signature[i].text.len));
    party_digest(digest, to);
    json_t *out = json_pack("{s:i, s:s, s:o, s:s%, s:o, s:o, s:{}}", "concord-invitation", 1, "by", by->party.name,
                            "for", json_hex(digest, sizeof digest), "manifest", text.data, text.len, "signatures",
                            signatures, "psk", invitation_keys(test.region, to, secret), "schemas");
    assert_non_null(out);
    buf_free(&text);
    buf_free(&store);
    return out;
}

static void write_sealed(json_t *json, const struct identity *by, const struct party *to)
{
    struct buf file = buf_of(INVITATION_MAX);
    MUST(invitation_seal(&file, json, by, to, why));
    MUST(file_write(path, file.data, file.len, 0644, why));
    buf_free(&file);
    invitation_free(json);
}

static void refused(const struct identity *me, const struct region *trusted, int code, const char *words)
{
    struct region *region;
    json_t *json;
    struct err err = {.text = ""};
    assert_int_equal(invitation_open(&region, &json, path, me, trusted, &err), code);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, err.text);
    assert_null(region);
    assert_null(json);
}

static void reaches_its_party_alone(void **state)
{
    (void)state;
    struct region *region;
    json_t *json;
    struct buf file = buf_of(INVITATION_MAX);
    write_sealed(content(&test.coordinator[0], &test.agency[0].party), &test.coordinator[0], &test.agency[0].party);
    MUST(invitation_open(&region, &json, path, &test.agency[0], NULL, why));
    assert_memory_equal(region->digest, test.region->digest, 32);
    assert_int_equal(json_object_size(json_object_get(json, "psk")), 1 + TEST_CUSTODIANS);
    invitation_free(json);
    region_free(region);
    refused(&test.agency[1], NULL, ERR_VERIFY, "is not sealed to this identity");
    /* One bit anywhere, and nothing is taken. */
    MUST(file_read(&file, path, why));
    for (size_t at = 0; at < file.len; at += 1 + file.len / 61) {
        file.data[at] ^= 1;
        MUST(file_write(path, file.data, file.len, 0644, why));
        refused(&test.agency[0], NULL, at < 22 ? ERR_INPUT : ERR_VERIFY, path);
        file.data[at] ^= 1;
    }
    buf_free(&file);
}

static void comes_of_a_coordinator(void **state)
{
    (void)state;
    const struct party *to = &test.agency[0].party;
    write_sealed(content(&test.agency[1], to), &test.agency[1], to);
    refused(&test.agency[0], NULL, ERR_VERIFY, "is not by a coordinator");
    write_sealed(content(&test.coordinator[0], to), &test.agency[1], to);
    refused(&test.agency[0], NULL, ERR_VERIFY, "is not signed by it");
    /* What a coordinator wrote for another, sealed again by whom it was for. */
    write_sealed(content(&test.coordinator[0], &test.agency[1].party), &test.coordinator[0], to);
    refused(&test.agency[0], NULL, ERR_VERIFY, "is for another party");
    json_t *json = content(&test.coordinator[0], to);
    json_object_del(json_object_get(json, "signatures"), test.coordinator[1].party.name);
    write_sealed(json, &test.coordinator[0], to);
    refused(&test.agency[0], NULL, ERR_VERIFY, "1 of the 2 coordinators' signatures");
}

/* Both ends make the same key, and no two pairs have the same. */
static void keys_agree(void **state)
{
    (void)state;
    const struct region *r = test.region;
    uint8_t root[32], derived[32], given[32];
    json_t *matcher = invitation_keys(r, &r->matcher, secret);
    assert_int_equal(json_object_size(matcher), 1);
    assert_true(bytes_from_hex(root, 32, json_string_value(json_object_get(matcher, PSK_ROOT))));
    for (size_t i = 0; i < TEST_CUSTODIANS + TEST_REGION_AGENCIES; i++) {
        const struct party *p = i < TEST_CUSTODIANS ? &r->custodians[i].party : &r->agencies[i - TEST_CUSTODIANS];
        json_t *keys = invitation_keys(r, p, secret);
        char name[80];
        snprintf(name, sizeof name, "%s.psk", r->matcher.name);
        assert_true(bytes_from_hex(given, 32, json_string_value(json_object_get(keys, name))));
        psk_derive(derived, root, p);
        assert_memory_equal(given, derived, 32);
        assert_true(i >= TEST_CUSTODIANS || json_object_get(keys, PSK_ROOT) != NULL);
        assert_true(i < TEST_CUSTODIANS || json_object_get(keys, PSK_ROOT) == NULL);
        json_decref(keys);
    }
    json_decref(matcher);
}

/* Wherever region_install() is cut, what lies there is one version with its signatures. */
static void no_gap_in_between(void **state)
{
    (void)state;
    struct buf text = buf_of(REGION_FILE_MAX), store = buf_of(65536);
    struct region_signature signature[REGION_COORDINATORS_MAX];
    struct region *r = NULL;
    char place[160], file[200], next[210];
    snprintf(place, sizeof place, "%s/place.json", test.dir);
    MUST(file_read(&text, test.path, why));
    size_t count = region_signatures_read(signature, &store, test.region, test.path, buf_span(&text));
    assert_int_equal(count, TEST_COORDINATORS);
    MUST(region_install(place, buf_span(&text), signature, count, why));
    MUST(region_load(&r, place, NULL, why));
    region_free(r);
    /* The next version, whose signatures are beside it as .next: before and behind the moment it is put there. */
    region_test_next(&test);
    region_test_write(&test, TEST_COORDINATORS);
    for (size_t i = 0; i < TEST_COORDINATORS; i++) {
        struct buf one = buf_of(4096);
        MUST(region_signature_path(file, sizeof file, test.path, test.coordinator[i].party.name, why));
        MUST(file_read(&one, file, why));
        MUST(region_signature_path(file, sizeof file, place, test.coordinator[i].party.name, why));
        snprintf(next, sizeof next, "%s" REGION_NEXT, file);
        MUST(file_write(next, one.data, one.len, 0644, why));
        buf_free(&one);
    }
    MUST(region_load(&r, place, NULL, why));
    assert_int_equal(r->version, 1);
    region_free(r);
    buf_clear(&text);
    MUST(file_read(&text, test.path, why));
    MUST(file_write(place, text.data, text.len, 0644, why));
    MUST(region_load(&r, place, NULL, why));
    assert_int_equal(r->version, 2);
    region_free(r);
    buf_free(&text);
    buf_free(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reaches_its_party_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(comes_of_a_coordinator, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_agree, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_gap_in_between, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
