/*
 * Constant time, by valgrind: what is secret is marked as undefined memory, and memcheck reports each branch that is
 * taken and each address that is formed on it. The program runs itself under valgrind, once for each engine, and first
 * plants a leak of both kinds, which must be reported.
 *
 * valgrind 3.19 knows no AVX-512. It follows that engine's source on emulated instructions: what C says is tried, what
 * the compiler makes of it for the real ones is not; the compiler has no reason to treat the masks of both differently.
 *
 * What is shown is what was compiled: protocol/group always with -O3, what calls it as CFLAGS say. It passes with -O2,
 * as the programs are installed, and with -O1; another choice of flags or of compiler is tried by running this with it.
 */
#include "protocol/base/bytes.h"
#include "protocol/group/lanes/base.h"
#include "protocol/group/hash.h"
#include "protocol/group/scalar.h"
#include "protocol/oprf/oprf_internal.h"
#include "protocol/oprf/threshold.h"
#include "protocol/psi/elements.h"
#include "protocol/psi/proof.h"
#include "protocol/sum/sum.h"
#include "tests/unit/group_test.h"

#include <sodium.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !__has_include(<valgrind/memcheck.h>)
#define HAVE_MEMCHECK 0
#else
#include <valgrind/memcheck.h>
#define HAVE_MEMCHECK 1
#endif

#define N 9 /* whole lanes and a rest */

#if HAVE_MEMCHECK

#ifdef __x86_64__
#include "tests/unit/avx512_emulated.h"

#include "protocol/group/lanes/field_ifma.h"

#define ENGINE engine_emulated
#define ENGINE_NAME "ifma, emulated"
#define ENGINE_HASH_LANES 0
#define ENGINE_HASH_COMPRESS NULL
#define ENGINE_KEYED_COMPRESS NULL
#include "protocol/group/lanes/lanes.h"
#endif

static const struct engine *engine;
static struct scalar k[N], sum;
static struct point p[N], q[N];
static struct element e[N], blinded[N], key;
static uint8_t uniform[N][64], output[N][OPRF_OUTPUT_SIZE], text[N][40];
static struct span input[N];
static bool verdict;

#define SECRET(x) VALGRIND_MAKE_MEM_UNDEFINED(&(x), sizeof(x))
#define PUBLIC(x) VALGRIND_MAKE_MEM_DEFINED(&(x), sizeof(x))

static void prepare(void)
{
    randombytes_buf(uniform, sizeof uniform);
    randombytes_buf(text, sizeof text);
    scalar_random_batch(k, N);
    group_base_mul(p, group_generator(), k, N);
    engine->encode(e, p, N);
    key = e[0];
    for (size_t i = 0; i < N; i++)
        input[i] = span_of(text[i], sizeof text[i]);
    SECRET(k);
    SECRET(p);
    SECRET(uniform);
    SECRET(text);
}

static void run_mul(void)
{
    engine->mul(q, &k[0], p, N);
}

static void run_base_mul(void)
{
    engine->base_mul(q, base_table(group_generator()), k, N);
}

/* The bases are public, and any table does for one. */
static void run_window_sums(void)
{
    struct point window[BASE_WINDOWS];
    engine->window_sums(window, base_table(group_generator()), k, N, BASE_WINDOWS);
}

static void run_from_uniform(void)
{
    engine->from_uniform(q, (const uint8_t(*)[64])uniform, N);
}

static void run_encode(void)
{
    group_encode(e, p, N);
}

static void run_encode_doubled(void)
{
    engine->encode_doubled(e, p, N);
}

static void run_add_and_sub(void)
{
    engine->add(q, p, p, N);
    engine->sub(q, q, p, N);
}

static void run_comparisons(void)
{
    verdict = group_equal(&p[0], &p[1]);
    verdict = group_is_identity(&p[0]);
    verdict = scalar_is_canonical(&k[0]);
    verdict = scalar_is_zero(&k[0]);
}

static void run_scalars(void)
{
    scalar_reduce(&sum, uniform[0]);
    scalar_add(&sum, &k[0], &k[1]);
    scalar_sub(&sum, &sum, &k[2]);
    scalar_mul(&sum, &sum, &k[3]);
    scalar_negate(&sum, &sum);
    scalar_halve(&sum, &sum);
    scalar_invert(&sum, &k[0]);
}

static void run_shares(void)
{
    const struct coalition coalition = {{1, 3}, 2};
    struct err err;
    threshold_polynomial_at(&sum, k, 3, 2);
    (void)threshold_share_scalar(&sum, &coalition, 3, &k[0], &err);
}

static void run_hash(void)
{
    struct hash_message m[N] = {0};
    for (size_t i = 0; i < N; i++)
        m[i].part[0] = input[i];
    hash_sha512(output, m, N);
    hash_expand(output, m, N, span_of("a tag", 5));
}

/* That no input maps to the identity is branched on: see the suppression. */
static void run_blind(void)
{
    struct err err;
    struct oprf_client *client;
    struct oprf_batch *batch = NULL;
    check_ok(oprf_client_new(&client, &key, &err), &err);
    check_ok(oprf_client_blind(client, &batch, blinded, input, N, NULL, &err), &err);
    PUBLIC(blinded);
    oprf_batch_free(batch);
    oprf_client_free(client);
}

/* The second half of evaluating: its elements are public once they are made (run_mul, run_encode_doubled). */
static void run_prove(void)
{
    struct err err;
    struct oprf_proof proof;
    PUBLIC(e);
    PUBLIC(p);
    (void)dleq_prove(&proof, &k[0], &k[1], &key, (struct dleq_elements){e, p}, e, N, &err);
    SECRET(p);
}

/* The end of finalising. */
static void run_unblind(void)
{
    group_sub(q, p, p, N);
    group_encode(e, q, N);
    oprf_hash_output(output, input, e, N);
}

/* Values, of which one stands twice, exponents and what stands for absent elements. */
static void run_judge_hash(void)
{
    static const struct psi_context context = {.epoch = 1};
    static const struct psi_pair pair;
    static uint8_t vault[32];
    struct psi_slot slot[N] = {{0}};
    struct exchange_secret own;
    struct names names;
    struct err err;
    for (size_t i = 0; i < N; i++)
        slot[i].value = i == 2 ? span_of(NULL, 0) : input[i == 7 ? 6 : i];
    SECRET(vault);
    exchange_derive(&own, vault, 'a', uniform[0], 32, N);
    check_ok(names_write(&names, &context, &err), &err);
    check_ok(elements_hash(q, &names, &pair, &own, 0, slot, N, &err), &err);
    group_mul(q, &own.exponent[0], q, N);
}

/* Figures and the seed of their sharing; shares that are checked. That they fit is a verdict. */
static void run_sum(void)
{
    static const struct sum_shape shape = {4, 2, 3};
    static struct sum_basis *basis;
    static uint8_t seed[SUM_SEED_SIZE];
    int32_t figure[4] = {1, -2, 3, 0}, mark[4] = {1, 1, 1, 0};
    struct sum_dealing *dealing;
    struct sum_commitments commitments;
    struct sum_share share = {.scalar = NULL};
    struct buf all = buf_of(SUM_COMMITMENTS_MAX), one = buf_of(SUM_SHARE_MAX);
    struct err err;
    if (basis == NULL)
        check_ok(sum_basis_new(&basis, &err), &err);
    SECRET(figure);
    SECRET(mark);
    SECRET(seed);
    check_ok(sum_deal(&dealing, &shape, figure, mark, seed, &err), &err);
    check_ok(sum_dealing_commit(&all, dealing, basis, &err), &err);
    check_ok(sum_dealing_share(&one, dealing, 2, &err), &err);
    VALGRIND_MAKE_MEM_DEFINED(all.data, all.len);
    VALGRIND_MAKE_MEM_DEFINED(one.data, one.len);
    check_ok(sum_commitments_decode(&commitments, &shape, buf_span(&all), &err), &err);
    check_ok(sum_share_decode(&share, &shape, 2, buf_span(&one), &err), &err);
    VALGRIND_MAKE_MEM_UNDEFINED(share.scalar, (4 + 2 * 4) * sizeof *share.scalar);
    sum_commitments_add(&commitments, &commitments);
    sum_share_add(&share, &share);
    (void)sum_share_verify(&share, &commitments, basis, &err);
    sum_share_free(&share);
    sum_commitments_free(&commitments);
    sum_dealing_free(dealing);
    buf_free(&all);
    buf_free(&one);
}

static void run_judge_intersect(void)
{
    uint8_t agree[N];
    group_encode(e, p, N);
    elements_intersect(agree, e, e, N);
}

/* Three pairs; keys and elements are public. */
static void run_judge_proof(void)
{
    struct err err;
    static const uint8_t context[PROOF_CONTEXT] = {1};
    uint8_t proof[PROOF_SIZE(3)];
    PUBLIC(p);
    (void)proof_make(proof, context, k, p, 3, N / 3, &err);
    SECRET(p);
}

static volatile unsigned sink;

static void plant_branch(void)
{
    if (k[0].bytes[0] & 1)
        sink++;
}

static void plant_address(void)
{
    static const uint8_t table[256] = {1, 2, 3};
    sink += table[k[0].bytes[0]];
}

struct operation {
    const char *name;
    void (*run)(void);
    bool leaks;
};

static const struct operation engine_operations[] = {
    {"a planted branch", plant_branch, true},
    {"a planted address", plant_address, true},
    {"mul", run_mul, false},
    {"base_mul", run_base_mul, false},
    {"window_sums", run_window_sums, false},
    {"from_uniform", run_from_uniform, false},
    {"encode", run_encode, false},
    {"encode_doubled", run_encode_doubled, false},
    {"add and sub", run_add_and_sub, false},
    {NULL, NULL, false},
};

/* What stands above the engines. */
static const struct operation other_operations[] = {
    {"comparisons", run_comparisons, false},
    {"scalar arithmetic", run_scalars, false},
    {"shares of the key", run_shares, false},
    {"hashing", run_hash, false},
    {"blinding", run_blind, false},
    {"proving", run_prove, false},
    {"unblinding", run_unblind, false},
    {"hashing to be judged", run_judge_hash, false},
    {"intersecting", run_judge_intersect, false},
    {"proving what is judged", run_judge_proof, false},
    {"sharing and checking shares", run_sum, false},
    {NULL, NULL, false},
};

/* How many operations are not as they should be. */
static int look_at(const struct operation *operation)
{
    int wrong = 0;
    for (; operation->name != NULL; operation++) {
        const unsigned before = VALGRIND_COUNT_ERRORS;
        operation->run();
        const bool reported = VALGRIND_COUNT_ERRORS > before;
        if (reported != operation->leaks) {
            printf("# %s: %s: %s\n", engine->name, operation->name,
                   reported ? "depends on a secret" : "was not reported");
            wrong++;
        }
    }
    return wrong;
}

/* Under valgrind. The exit status of the program. */
static int look_at_engine(const char *name)
{
    const bool emulated_one = strcmp(name, "emulated") == 0;
    if (!use_engine(emulated_one ? "portable" : name))
        return 0;
    engine = &engine_portable;
#ifdef __x86_64__
    if (strcmp(name, "avx2") == 0)
        engine = &engine_avx2;
    if (emulated_one)
        engine = &engine_emulated;
#endif
    prepare();
    return look_at(engine_operations) + (emulated_one ? 0 : look_at(other_operations));
}

static char self[512];

static bool valgrind_is_there(void)
{
    return system("valgrind --version >/dev/null 2>&1") == 0;
}

static void secrets_reach_no_branch_and_no_address(const char *name)
{
    char command[1200], log[] = "/tmp/concord-constant-time-XXXXXX";
    int fd = mkstemp(log);
    assert_true(fd >= 0);
    close(fd);
    fflush(NULL);
    snprintf(command, sizeof command,
             "valgrind --quiet --suppressions=tests/unit/group_constant_time.supp --log-file=%s '%s' %s", log, self,
             name);
    const int status = system(command);
    if (status != 0) {
        snprintf(command, sizeof command, "sed 's/^/# /' %s | head -60", log);
        (void)!system(command);
    }
    unlink(log);
    assert_int_equal(status, 0);
}

static void on_portable(void **state)
{
    (void)state;
    secrets_reach_no_branch_and_no_address("portable");
}

#ifdef __x86_64__
static void on_avx2(void **state)
{
    (void)state;
    secrets_reach_no_branch_and_no_address("avx2");
}

static void on_ifma_emulated(void **state)
{
    (void)state;
    secrets_reach_no_branch_and_no_address("emulated");
}
#endif

int main(int argc, char **argv)
{
    if (argc > 1)
        return look_at_engine(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_portable),
#ifdef __x86_64__
        cmocka_unit_test(on_avx2),
        cmocka_unit_test(on_ifma_emulated),
#endif
    };
    const ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len > 0 && valgrind_is_there()) {
        printf("# note: valgrind knows no AVX-512: of ifma it follows the source, on emulated instructions\n");
        return cmocka_run_group_tests(tests, NULL, NULL);
    }
    printf("# note: valgrind is not installed: constant time was not tried\nok 1 - skipped\n");
    return 0;
}

#else

int main(void)
{
    printf("# note: constant time is tried without sanitizers and with valgrind's headers alone\nok 1 - skipped\n");
    return 0;
}

#endif
