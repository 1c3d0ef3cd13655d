/*
 * Programs written as the attacker, on what a matcher has, sees and hands out (docs/attacks.md):
 *
 *     attacks DIR     DIR: registers made by concord-generate; the partner is THA, dictionaries are XAA
 *
 * The work is done in one process: the matcher's store and join, the client's keys and payloads, and a hash under a key
 * that no attacker has in place of the OPRF, but where the OPRF itself is attacked.
 */
#include "tests/attacks/attacks.h"

#include <sodium.h>

struct attack_counts attack_counts;
const char *attack_feeds;

int main(int argc, char **argv)
{
    struct err err = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attack_listing),  cmocka_unit_test(attack_similarity),  cmocka_unit_test(attack_frequency),
        cmocka_unit_test(attack_grouping), cmocka_unit_test(attack_slots),       cmocka_unit_test(attack_shares),
        cmocka_unit_test(attack_stranger), cmocka_unit_test(attack_two_members), cmocka_unit_test(attack_guessing)};
    if (argc != 2 || sodium_init() < 0) {
        fprintf(stderr, "usage: attacks DIR\n");
        return 2;
    }
    attack_feeds = argv[1];
    if (schema_read(&attack_schema, "client/schema/persons.json", &err) != 0) {
        fprintf(stderr, "attacks: %s\n", err.text);
        return 1;
    }
    randombytes_buf(attack_key, sizeof attack_key);
    int failed = cmocka_run_group_tests_name("attacks", tests, NULL, NULL);
    printf("attacks: %s n=%llu reidentified=%llu unseen=%llu control=%llu\n", failed == 0 ? "ok" : "FAILED",
           (unsigned long long)attack_counts.people, (unsigned long long)attack_counts.reidentified,
           (unsigned long long)attack_counts.unseen, (unsigned long long)attack_counts.control);
    return failed == 0 ? 0 : 1;
}
