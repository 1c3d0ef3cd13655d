/* GF(256): FIPS 197's example, the inverses, and sixteen at once against one at a time. */
#include "tests/unit/group_test.h"

#include "client/payload/gf256.h"

static void test_mul(void **state)
{
    (void)state;
    assert_int_equal(gf256_mul(0x57, 0x83), 0xc1); /* FIPS 197, section 4.2 */
    assert_int_equal(gf256_mul(0x57, 0x13), 0xfe);
    assert_int_equal(gf256_invert(0), 0);
    for (unsigned a = 1; a < 256; a++)
        assert_int_equal(gf256_mul((uint8_t)a, gf256_invert((uint8_t)a)), 1);
}

static void test_scale(void **state)
{
    (void)state;
    for (unsigned x = 0; x < 256; x++)
        for (unsigned first = 0; first < 256; first += 16) {
            gf256_sixteen a;
            for (unsigned i = 0; i < 16; i++)
                a[i] = (uint8_t)(first + i);
            a = gf256_scale(a, (uint8_t)x);
            for (unsigned i = 0; i < 16; i++)
                assert_int_equal(a[i], gf256_mul((uint8_t)(first + i), (uint8_t)x));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mul),
        cmocka_unit_test(test_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
