/* The key ceremony, custodian by custodian, with honest and with cheating ones. */
#include "keys/ceremony/complaint.h"
#include "keys/ceremony/share.h"
#include "keys/verbs.h"
#include "protocol/identity/identity.h"
#include "tests/unit/region_test.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct region_test test;
static struct ceremony ceremony;
static struct contribution parts[TEST_CUSTODIANS][REGION_PURPOSES_MAX];
static char contribution[TEST_CUSTODIANS][128], said[4096];

static const char *path_of(const char *name)
{
    static char path[4][128];
    static unsigned next;
    char *out = path[next++ % 4];
    snprintf(out, 128, "%s/%s", test.dir, name);
    return out;
}

/* Runs a verb as a program of its own; its status, and what it said in `said`. */
static int run(const struct verb *verb, char **argv)
{
    static const struct program program = {.name = "concord-keys"};
    int status = 0, argc = 0;
    const char *path = path_of("said");
    while (argv[argc] != NULL)
        argc++;
    pid_t child = fork();
    if (child == 0) {
        int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_APPEND, 0600);
        dup2(fd, STDERR_FILENO);
        dup2(fd, STDOUT_FILENO);
        _exit(program_main_alone(&program, verb, argc, argv));
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    struct buf text = buf_of(sizeof said - 1);
    MUST(file_read(&text, path, why));
    memcpy(said, text.data != NULL ? text.data : (const uint8_t *)"", text.len);
    said[text.len] = '\0';
    buf_free(&text);
    return WEXITSTATUS(status);
}

static void write_identity(const struct identity *identity, uint8_t number)
{
    /* The seed of region_test_party(). */
    const uint8_t seed[32] = {number, 'r'};
    char hex[65], text[200];
    int len = snprintf(text, sizeof text, "concord-identity-v2 %s\nseed %s\n", identity->party.name,
                       bytes_to_hex(hex, seed, 32));
    MUST(file_write(path_of(identity->party.name), text, (size_t)len, 0600, why));
}

static void write_contribution(size_t from)
{
    remove(contribution[from]);
    MUST(contribution_write(contribution[from], &ceremony, parts[from], &test.custodian[from], why));
}

static int setup(void **state)
{
    (void)state;
    region_test_new(&test);
    char *start[3 + 2 * TEST_CUSTODIANS + 4] = {"start", "--purpose=persons:1", "--purpose=documents:7",
                                                "--threshold=2"};
    static char custodian[TEST_CUSTODIANS][160], out[160];
    for (uint8_t i = 0; i < (uint8_t)TEST_CUSTODIANS; i++) {
        char text[600], a[65], b[65], c[65], d[65];
        const struct party *p = &test.custodian[i].party;
        int len =
            snprintf(text, sizeof text,
                     "{\"name\": \"%s\", \"channel\": \"%s\", \"sign\": \"%s\", \"log\": \"%s\", \"witness\": \"%s\"}",
                     p->name, bytes_to_hex(a, p->channel, 32), bytes_to_hex(b, p->sign, 32),
                     bytes_to_hex(c, p->log, 32), bytes_to_hex(d, p->witness, 32));
        write_identity(&test.custodian[i], (uint8_t)(i + 11));
        snprintf(custodian[i], sizeof custodian[i], "--custodian=%s.pub", path_of(p->name));
        MUST(file_write(custodian[i] + strlen("--custodian="), text, (size_t)len, 0644, why));
        start[4 + i] = custodian[i];
        snprintf(contribution[i], sizeof contribution[i], "%s",
                 path_of(i == 0   ? "c1.json"
                         : i == 1 ? "c2.json"
                                  : "c3.json"));
    }
    snprintf(out, sizeof out, "--out=%s", path_of("ceremony.json"));
    start[4 + TEST_CUSTODIANS] = out;
    assert_int_equal(run(&ceremony_start_verb, start), 0);
    MUST(ceremony_load(&ceremony, path_of("ceremony.json"), why));
    for (size_t i = 0; i < TEST_CUSTODIANS; i++) {
        for (size_t p = 0; p < ceremony.purpose_count; p++)
            MUST(contribution_make(&parts[i][p], &ceremony, p, &test.custodian[i], i, why));
        write_contribution(i);
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    region_test_end(&test);
    return 0;
}

/* Custodian `me` finishes with these contributions. */
static int finish_with(size_t me, char *one, char *two, char *three)
{
    char identity[160], out[160], transcript[160], number[32];
    snprintf(identity, sizeof identity, "--identity=%s", path_of(test.custodian[me].party.name));
    snprintf(number, sizeof number, "%zu.share", me + 1);
    snprintf(out, sizeof out, "--out=%s", path_of(number));
    snprintf(number, sizeof number, "transcript-%zu.json", me + 1);
    snprintf(transcript, sizeof transcript, "--transcript=%s", path_of(number));
    char *argv[] = {"finish", identity, out, transcript, (char *)path_of("ceremony.json"), one, two, three, NULL};
    return run(&ceremony_finish_verb, argv);
}

static int finish(size_t me)
{
    return finish_with(me, contribution[0], contribution[1], contribution[2]);
}

static void expect(const char *text)
{
    if (strstr(said, text) == NULL)
        fail_msg("expected '%s' in '%s'", text, said);
}

/* --- honest --- */

static void key_of_transcript(struct element *key, struct element shares[TEST_CUSTODIANS], size_t purpose)
{
    json_t *json = json_load_file(path_of("transcript-1.json"), 0, NULL);
    json_t *p = json_array_get(json_object_get(json, "purposes"), purpose);
    MUST(json_get_hex(p, "key", key, 32, "transcript", why));
    for (size_t i = 0; i < TEST_CUSTODIANS; i++)
        MUST(json_get_hex(json_array_get(json_object_get(p, "shares"), i), NULL, &shares[i], 32, "transcript", why));
    json_decref(json);
}

static void everybody_comes_to_the_same_key(void **state)
{
    (void)state;
    static struct shares shares[TEST_CUSTODIANS];
    struct buf first = buf_of(CEREMONY_FILE_MAX), other = buf_of(CEREMONY_FILE_MAX);
    for (size_t i = 0; i < TEST_CUSTODIANS; i++) {
        char name[32];
        assert_int_equal(finish(i), 0);
        snprintf(name, sizeof name, "transcript-%zu.json", i + 1);
        buf_clear(&other);
        MUST(file_read(i == 0 ? &first : &other, path_of(name), why));
        if (i > 0) {
            assert_int_equal(first.len, other.len);
            assert_memory_equal(first.data, other.data, first.len);
        }
        snprintf(name, sizeof name, "%zu.share", i + 1);
        shares[i].count = 0;
        MUST(shares_load(&shares[i], path_of(name), &test.custodian[i], why));
        assert_int_equal(shares_load(&shares[i], path_of(name), &test.matcher, ERR_IGNORED), ERR_VERIFY);
    }
    buf_free(&first);
    buf_free(&other);
    for (size_t p = 0; p < ceremony.purpose_count; p++) {
        struct element key, public_shares[TEST_CUSTODIANS];
        key_of_transcript(&key, public_shares, p);
        for (uint8_t a = 1; a < (uint8_t)TEST_CUSTODIANS; a++)
            for (uint8_t b = (uint8_t)(a + 1); b <= (uint8_t)TEST_CUSTODIANS; b++) {
                const struct coalition both = {{a, b}, 2};
                struct scalar sum, one, two;
                struct point point;
                struct element got;
                const struct ceremony_purpose *purpose = &ceremony.purpose[p];
                MUST(threshold_share_scalar(&one, &both, a, shares_find(&shares[a - 1], purpose->name, purpose->epoch),
                                            why));
                MUST(threshold_share_scalar(&two, &both, b, shares_find(&shares[b - 1], purpose->name, purpose->epoch),
                                            why));
                scalar_add(&sum, &one, &two);
                group_base_mul(&point, group_generator(), &sum, 1);
                group_encode(&got, &point, 1);
                assert_memory_equal(&got, &key, sizeof key);
            }
        for (size_t i = 0; i < TEST_CUSTODIANS; i++) {
            struct point point;
            struct element got;
            group_base_mul(&point, group_generator(),
                           shares_find(&shares[i], ceremony.purpose[p].name, ceremony.purpose[p].epoch), 1);
            group_encode(&got, &point, 1);
            assert_memory_equal(&got, &public_shares[i], sizeof got);
        }
    }
}

/* Contributing a second time, after a file was lost, must not lay two shares under one key stream. */
static void a_second_contribution_has_keys_of_its_own(void **state)
{
    (void)state;
    static struct contribution again;
    struct scalar one, two;
    uint8_t difference[32], ciphers[32];
    MUST(contribution_make(&again, &ceremony, 0, &test.custodian[0], 0, why));
    MUST(contribution_open_share(&one, &parts[0][0], &ceremony, 0, 0, &test.custodian[1], 1, why));
    MUST(contribution_open_share(&two, &again, &ceremony, 0, 0, &test.custodian[1], 1, why));
    for (size_t i = 0; i < 32; i++) {
        difference[i] = one.bytes[i] ^ two.bytes[i];
        ciphers[i] = parts[0][0].share[1][48 + i] ^ again.share[1][48 + i];
    }
    assert_memory_not_equal(difference, ciphers, 32);
}

/* --- cheating --- */

static int verify(const char *complaint, const char *answer)
{
    char *argv[] = {"verify", (char *)path_of("ceremony.json"), contribution[0], (char *)complaint, (char *)answer,
                    NULL};
    return run(&ceremony_verify_verb, argv);
}

static int answer(size_t me, const char *complaint)
{
    char identity[160], out[160];
    snprintf(identity, sizeof identity, "--identity=%s", path_of(test.custodian[me].party.name));
    snprintf(out, sizeof out, "--out=%s", path_of("answer.json"));
    char *argv[] = {"answer",        identity,          out, (char *)path_of("ceremony.json"),
                    contribution[0], (char *)complaint, NULL};
    return run(&ceremony_answer_verb, argv);
}

/* Custodian 1's contribution, changed as told and signed by it, is refused by custodian 2, who leaves a complaint. */
static void refused(const char *why_not)
{
    write_contribution(0);
    assert_int_equal(finish(1), 1);
    expect("the contribution of custodian-1 is bad");
    expect(why_not);
    expect("begin anew");
    assert_int_not_equal(access(path_of("2.share"), F_OK), 0);
    assert_int_not_equal(access(path_of("transcript-2.json"), F_OK), 0);
}

/* What is wrong with it everybody sees. */
static void caught(const char *why_not)
{
    refused(why_not);
    assert_int_equal(verify(path_of("2.share.complaint.json"), NULL), 0);
    expect("at fault: custodian-1");
    expect(why_not);
}

/* What is wrong with it everybody sees when custodian 1 has answered, and custodian 1 cannot answer otherwise. */
static void caught_by_answer(const char *why_not)
{
    char complaint[128];
    snprintf(complaint, sizeof complaint, "%s", path_of("2.share.complaint.json"));
    refused(why_not);
    assert_int_equal(verify(complaint, NULL), 1);
    expect("custodian-1 must answer first");
    assert_int_equal(answer(0, complaint), 0);
    assert_int_equal(verify(complaint, path_of("answer.json")), 0);
    expect("at fault: custodian-1");
    expect(why_not);
}

static void a_share_that_does_not_decrypt_names_its_author(void **state)
{
    (void)state;
    parts[0][1].share[1][60] ^= 1;
    caught_by_answer("the share for custodian-2 does not decrypt");
}

/* Nobody can have made it, so there is no answer. */
static void a_share_under_a_key_of_low_order_names_its_author(void **state)
{
    (void)state;
    memset(parts[0][1].share[1], 0, 32);
    refused("the share for custodian-2 does not decrypt");
    assert_int_equal(verify(path_of("2.share.complaint.json"), NULL), 0);
    expect("at fault: custodian-1");
}

/* Who complains of a good share is found out, whatever it says. */
static void a_false_complaint_names_its_author(void **state)
{
    (void)state;
    struct complaint false_one = {.against = 0, .by = 1, .purpose = 1, .reason = "the share does not decrypt"};
    struct buf file = buf_of(CEREMONY_FILE_MAX);
    char complaint[128];
    snprintf(complaint, sizeof complaint, "%s", path_of("false.json"));
    MUST(file_read(&file, contribution[0], why));
    crypto_hash_sha256(false_one.contribution, file.data, file.len);
    buf_free(&file);
    MUST(complaint_write(complaint, &false_one, &ceremony, &test.custodian[1], why));
    assert_int_equal(verify(complaint, NULL), 1);
    assert_int_equal(answer(2, complaint), 1);
    expect("custodian-3 has nothing to answer");
    assert_int_equal(answer(0, complaint), 0);
    assert_int_equal(verify(complaint, path_of("answer.json")), 0);
    expect("at fault: custodian-2");
    expect("the share for custodian-2 is good");
}

static void edit(const char *path, const char *from, const char *to);

/* Neither can be blamed by a file that somebody made up. */
static void complaints_and_answers_are_what_they_say(void **state)
{
    (void)state;
    struct complaint made_up = {.against = 0, .by = 1, .purpose = 1, .reason = "no"};
    const uint8_t other[32] = {1};
    char complaint[128], reply[128];
    snprintf(complaint, sizeof complaint, "%s", path_of("made-up.json"));
    snprintf(reply, sizeof reply, "%s", path_of("answer.json"));
    MUST(complaint_write(complaint, &made_up, &ceremony, &test.custodian[1], why));
    assert_int_equal(verify(complaint, NULL), 1);
    expect("is not the contribution that custodian-2 complains of");
    MUST(complaint_write(complaint, &made_up, &ceremony, &test.custodian[2], why));
    assert_int_equal(verify(complaint, NULL), 1);
    expect("claims to be from custodian-2 but is not signed by it");

    parts[0][1].share[1][60] ^= 1;
    refused("the share for custodian-2 does not decrypt");
    snprintf(complaint, sizeof complaint, "%s", path_of("2.share.complaint.json"));
    assert_int_equal(answer(0, complaint), 0);
    edit(reply, "\"purpose\": \"documents\"", "\"purpose\": \"persons\"");
    edit(reply, "\"epoch\": 7", "\"epoch\": 1");
    assert_int_equal(verify(complaint, reply), 1);
    expect("answers another complaint");
    struct complaint true_one;
    MUST(complaint_read(&true_one, &ceremony, complaint, why));
    MUST(answer_write(reply, &true_one, &ceremony, other, why));
    assert_int_equal(verify(complaint, reply), 1);
    expect("is not the secret with which the share for custodian-2 was encrypted");
}

/* The key of the share from custodian 1 to custodian 2, from the specification (docs/protocol.md, "The key
 * ceremony"). */
static void specified_key(uint8_t key[32], size_t purpose)
{
    static const char what[] = "concord ceremony share v2";
    const uint8_t *dealt = parts[0][purpose].share[1];
    uint8_t shared[32], place[6] = {0, 1};
    crypto_generichash_state state;
    bytes_put_u32be(place + 2, ceremony.purpose[purpose].epoch);
    assert_int_equal(crypto_scalarmult(shared, test.custodian[1].channel_secret, dealt), 0);
    crypto_generichash_init(&state, shared, 32, 32);
    crypto_generichash_update(&state, (const uint8_t *)what, sizeof what);
    crypto_generichash_update(&state, ceremony.digest, 32);
    crypto_generichash_update(&state, (const uint8_t *)ceremony.purpose[purpose].name,
                              strlen(ceremony.purpose[purpose].name) + 1);
    crypto_generichash_update(&state, place, sizeof place);
    crypto_generichash_update(&state, parts[0][purpose].commitment[0].bytes, 64);
    crypto_generichash_update(&state, dealt, 32);
    crypto_generichash_final(&state, key, 32);
}

static void a_share_that_does_not_fit_names_its_author(void **state)
{
    (void)state;
    static const uint8_t nonce[crypto_secretbox_NONCEBYTES];
    uint8_t key[32], share[32];
    specified_key(key, 1);
    assert_int_equal(crypto_secretbox_open_easy(share, parts[0][1].share[1] + 32, 48, nonce, key), 0);
    share[0] ^= 1;
    crypto_secretbox_easy(parts[0][1].share[1] + 32, share, sizeof share, nonce, key);
    caught_by_answer("the share for custodian-2 does not match the commitments");
}

static void another_polynomial_names_its_author(void **state)
{
    (void)state;
    /* The higher coefficient's commitment is exchanged: the share no longer lies on the polynomial, or has another
     * key. */
    struct element other = parts[1][0].commitment[1];
    struct complaint complaint;
    uint8_t deal[32];
    contribution_deal_secret(deal, &parts[0][0], &ceremony, 0, &test.custodian[0], 0, 1);
    parts[0][0].commitment[1] = other;
    refused("the share for custodian-2");
    MUST(complaint_read(&complaint, &ceremony, path_of("2.share.complaint.json"), why));
    MUST(answer_write(path_of("answer.json"), &complaint, &ceremony, deal, why));
    assert_int_equal(verify(path_of("2.share.complaint.json"), path_of("answer.json")), 0);
    expect("at fault: custodian-1");
}

/* A key made to cancel the others' would need the proof that its secret is known. */
static void a_key_without_its_secret_names_its_author(void **state)
{
    (void)state;
    parts[0][0].commitment[0] = parts[1][0].commitment[0];
    caught("the proof of possession does not verify");
}

/* Nor can the others' contribution be handed in as one's own: the proof is bound to its author. */
static void anothers_contribution_names_who_copied_it(void **state)
{
    (void)state;
    parts[0][0] = parts[1][0];
    caught("the proof of possession does not verify");
}

static void nothing_names_its_author(void **state)
{
    (void)state;
    memset(&parts[0][0].commitment[0], 0, 32);
    caught("the contribution is zero");
}

static void what_is_no_element_names_its_author(void **state)
{
    (void)state;
    memset(&parts[0][0].commitment[1], 0xff, 32);
    caught("a commitment is no group element");
}

static void scalars_are_canonical(void **state)
{
    (void)state;
    memset(&parts[0][0].proof_s, 0xff, 32);
    caught("the proof of possession is malformed");
}

/* --- files --- */

static void edit(const char *path, const char *from, const char *to)
{
    struct buf text = buf_of(CEREMONY_FILE_MAX), changed = buf_of(CEREMONY_FILE_MAX);
    MUST(file_read(&text, path, why));
    MUST(buf_put(&text, "", 1, why));
    const char *at = strstr((const char *)text.data, from);
    assert_non_null(at);
    MUST(buf_printf(&changed, why, "%.*s%s%s", (int)(at - (const char *)text.data), (const char *)text.data, to,
                    at + strlen(from)));
    MUST(file_write(path, changed.data, changed.len, 0644, why));
    buf_free(&text);
    buf_free(&changed);
}

static void what_was_changed_on_the_way_is_told(void **state)
{
    (void)state;
    edit(contribution[0], "\"epoch\": 1", "\"epoch\": 2");
    assert_int_equal(finish(1), 1);
    expect("claims to be from custodian-1 but is not signed by it");
}

static void all_must_contribute_once_to_this_ceremony(void **state)
{
    (void)state;
    assert_int_equal(finish_with(0, contribution[0], contribution[1], NULL), 1);
    expect("the contribution of custodian-3 is missing");
    assert_int_equal(finish_with(0, contribution[0], contribution[1], contribution[1]), 1);
    expect("there are two contributions of custodian-2");
    ceremony.digest[0] ^= 1;
    write_contribution(2);
    assert_int_equal(finish(0), 1);
    expect("belongs to another ceremony");
    assert_int_equal(finish_with(0, contribution[0], contribution[1], (char *)path_of("ceremony.json")), 1);
    expect("is no contribution");
}

static void a_share_is_not_overwritten(void **state)
{
    (void)state;
    assert_int_equal(finish(0), 0);
    assert_int_equal(finish(0), 1);
    expect("exists already and is not overwritten");
}

static void a_ceremony_names_each_custodian_and_purpose_once(void **state)
{
    (void)state;
    struct ceremony c;
    struct err err = {.text = ""};
    const char *path = path_of("ceremony.json");
    edit(path, "\"name\": \"custodian-2\"", "\"name\": \"custodian-1\"");
    assert_int_equal(ceremony_load(&c, path, &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "two custodians are called custodian-1"));
    edit(path, "\"name\": \"custodian-1\"", "\"name\": \"custodian-2\"");
    edit(path, "\"name\": \"documents\"", "\"name\": \"persons\"");
    MUST(ceremony_load(&c, path, why)); /* of two epochs */
    edit(path, "\"epoch\": 7", "\"epoch\": 1");
    assert_int_equal(ceremony_load(&c, path, &err), ERR_INPUT);
    assert_non_null(strstr(err.text, "persons, epoch 1 stands twice"));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(everybody_comes_to_the_same_key),
        CASE(a_second_contribution_has_keys_of_its_own),
        CASE(a_share_that_does_not_decrypt_names_its_author),
        CASE(a_share_under_a_key_of_low_order_names_its_author),
        CASE(a_false_complaint_names_its_author),
        CASE(complaints_and_answers_are_what_they_say),
        CASE(a_share_that_does_not_fit_names_its_author),
        CASE(another_polynomial_names_its_author),
        CASE(a_key_without_its_secret_names_its_author),
        CASE(anothers_contribution_names_who_copied_it),
        CASE(nothing_names_its_author),
        CASE(what_is_no_element_names_its_author),
        CASE(scalars_are_canonical),
        CASE(what_was_changed_on_the_way_is_told),
        CASE(all_must_contribute_once_to_this_ceremony),
        CASE(a_share_is_not_overwritten),
        CASE(a_ceremony_names_each_custodian_and_purpose_once),
    };
    return group_init(ERR_IGNORED) != 0 ? 1 : cmocka_run_group_tests_name("keys_ceremony", tests, NULL, NULL);
}
