/* What an earlier run left in the outbox, after the manifest has moved on. */
#include "client/token/parcel.h"
#include "protocol/wire/entry.h"
#include "tests/unit/token_test.h"

static struct region_test test;
static struct agency_config config;
static struct agency agency;
static struct agency_purpose purpose;

static int setup(void **state)
{
    (void)state;
    char path[96];
    const uint8_t secret[32] = {1};
    region_test_new(&test);
    snprintf(path, sizeof path, "%s/vault.db", test.dir);
    agency = (struct agency){.config = &config, .identity = &test.agency[0], .region = test.region};
    MUST(vault_open(&agency.vault, path, secret, why));
    purpose =
        (struct agency_purpose){.region = &test.region->purposes[0], .epoch = &test.region->purposes[0].epochs[0]};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    vault_close(agency.vault);
    region_test_end(&test);
    return 0;
}

static void leave(uint8_t id, const char *name, uint32_t epoch, enum wire_type type)
{
    const uint8_t tag[WIRE_TAG_SIZE] = {id};
    const struct put_request put = {.entries = {span_of(tag, sizeof tag), 7, span_of("payload", 7)}};
    struct wire_request message = {.type = type, .id = {id}, .scope_count = 1};
    struct buf body = buf_of(1000);
    struct vault_request request = {.id = {id}, .type = type, .count = 1, .body = buf_of(1000)};
    snprintf(message.scope[0].purpose, sizeof message.scope[0].purpose, "%s", name);
    message.scope[0].epoch = epoch;
    if (type == WIRE_PUT)
        MUST(put_request_encode(&body, &put, why));
    else
        MUST(remove_request_encode(&body, &(struct remove_request){put.entries.tags}, why));
    message.body = buf_span(&body);
    leave_in_outbox(&agency, &request, &message);
    buf_free(&body);
}

static void requests_of_an_epoch_that_is_over_are_dropped(void **state)
{
    (void)state;
    struct parcel *parcel;
    struct err err = {.text = ""};
    struct vault_request next = {.body = buf_of(1000)};
    bool found = true;
    leave(1, "persons", 1, WIRE_PUT);
    leave(2, "weddings", 1, WIRE_PUT);
    leave(3, "persons", 1, WIRE_REMOVE);
    test.region->purposes[0].epochs[0].epoch = 2;
    MUST(parcel_new(&parcel, &agency, &purpose, why));
    MUST(parcel_send_left(parcel, &found, why));
    assert_false(found);
    /* One of the epoch in force stays, though the matcher cannot be reached. */
    leave(4, "persons", 1, WIRE_PUT);
    leave(5, "persons", 2, WIRE_PUT);
    assert_int_equal(parcel_send_left(parcel, &found, &err), ERR_UNREACHABLE);
    MUST(vault_outbox_next(agency.vault, &next, &found, why));
    assert_true(found);
    assert_int_equal(next.id[0], 5);
    buf_free(&next.body);
    parcel_free(parcel);
    rpc_client_close(agency.matcher);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_of_an_epoch_that_is_over_are_dropped, setup, teardown),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("token_parcel", tests, NULL, NULL);
}
