#include "client/review/explain.h"

#include "client/schema/words.h"
#include "client/review/judged.h"
#include "client/review/list.h"
#include "client/review/text.h"

#include <sodium.h>
#include <string.h>

#define LABEL 14 /* columns */
#define OWN 31
#define CELL_MAX 4096

/* --- the own record --- */

static void append(char cell[CELL_MAX], const char *separator, const char *text)
{
    size_t len = strlen(cell);
    snprintf(cell + len, CELL_MAX - len, "%s%s", len > 0 ? separator : "", text);
}

static void append_field(char cell[CELL_MAX], const char *separator, const struct record *record, enum field field)
{
    const char *value;
    for (size_t i = 0; (value = record_value(record, field, i)) != NULL; i++)
        if (value[0] != '\0')
            append(cell, i == 0 ? separator : "; ", value);
}

/* What the feed says of a group of fields. */
static void own_cell(char cell[CELL_MAX], const struct record *record, enum part_group group)
{
    cell[0] = '\0';
    switch (group) {
    case GROUP_NAME:
        append_field(cell, "; ", record, FIELD_FAMILY_NAME);
        append_field(cell, ", ", record, FIELD_GIVEN_NAMES);
        append_field(cell, "; ", record, FIELD_NAME_NATIVE);
        append_field(cell, "; also ", record, FIELD_ALIASES);
        break;
    case GROUP_BIRTH_DATE:
        append_field(cell, "; ", record, FIELD_DATE_OF_BIRTH);
        append_field(cell, ", ", record, FIELD_CALENDAR);
        break;
    case GROUP_SEX:
        append_field(cell, "; ", record, FIELD_SEX);
        break;
    case GROUP_NATIONALITY:
        append_field(cell, "; ", record, FIELD_NATIONALITY);
        break;
    default:
        append_field(cell, " ", record, FIELD_DOC_TYPE);
        append_field(cell, " ", record, FIELD_DOC_ISSUER);
        append_field(cell, " ", record, FIELD_DOC_NUMBER);
    }
    if (cell[0] == '\0')
        append(cell, "", "-");
}

/* --- what is known of the partner's --- */

static bool compares(const struct schema *s, enum part_group group)
{
    for (size_t i = 0; i < s->atoms; i++)
        if (part_group(&s->atom[i]) == group)
            return true;
    return false;
}

static void append_same(char cell[CELL_MAX], const struct schema *s, uint32_t atoms)
{
    char words[PART_WORDS_MAX];
    const char *before = "the same: ";
    for (size_t i = 0; i < s->atoms; i++) {
        if ((atoms >> i & 1) == 0)
            continue;
        append(cell, "", before);
        append(cell, "", part_in_words(words, &s->atom[i]));
        before = " and ";
    }
}

/* Parts of the document keys among these. */
static uint32_t document_atoms(const struct schema *s, uint32_t keys)
{
    uint32_t atoms = 0;
    for (size_t j = 0; j < s->keys; j++)
        for (size_t i = 0; i < s->key[j].parts; i++)
            if ((keys >> j & 1) != 0 && part_group(&s->atom[s->key[j].atom[i]]) == GROUP_DOCUMENT)
                atoms |= UINT32_C(1) << s->key[j].atom[i];
    return atoms;
}

static void partner_document(char cell[CELL_MAX], const struct schema *s, uint32_t own, uint32_t shared)
{
    uint32_t same = document_atoms(s, shared & own);
    if (same != 0)
        append_same(cell, s, same);
    else
        append(cell, "", document_atoms(s, own) != 0 ? "another, or none" : "not known: the own record has none");
}

static void partner_cell(char cell[CELL_MAX], const struct schema *s, uint32_t own, uint32_t shared,
                         enum part_group group)
{
    struct match_level level[GROUPS];
    const struct match_level *l = &level[group];
    char bits[32];
    cell[0] = '\0';
    match_levels(s, own, shared, level);
    if (!compares(s, group)) {
        append(cell, "", "not compared");
    } else if (group == GROUP_DOCUMENT) {
        partner_document(cell, s, own, shared);
    } else if (l->evidence >= 0) {
        const struct schema_evidence *e = &s->evidence[l->evidence];
        append_same(cell, s, e->atoms);
        snprintf(bits, sizeof bits, " (%+.1f bits)", l->falls_short ? e->falls_short : e->best);
        append(cell, "", bits);
        append(cell, "", l->falls_short ? "; finer forms are not" : "");
    } else {
        append(cell, "", l->has ? "nothing that was compared agrees" : "not known: the own record has none");
        snprintf(bits, sizeof bits, " (%+.1f bits)", -s->against[group]);
        append(cell, "", l->has ? bits : "");
    }
}

static void print_beside(const struct vault_review *r, const struct schema *s, uint32_t own,
                         const struct record *record)
{
    char mine[CELL_MAX], theirs[CELL_MAX], handle[2 * HANDLE_SIZE + 1];
    putchar('\n');
    text_put(stdout, "", LABEL);
    text_beside(stdout, LABEL, "this agency", OWN, r->match.partner);
    text_put(stdout, "record", LABEL);
    snprintf(theirs, sizeof theirs, "handle %s", bytes_to_hex(handle, r->match.handle, HANDLE_SIZE));
    text_beside(stdout, LABEL, r->id, OWN, theirs);
    for (int g = 0; g < GROUPS; g++) {
        snprintf(mine, sizeof mine, "in your feed (see --feed)");
        if (record != NULL)
            own_cell(mine, record, (enum part_group)g);
        partner_cell(theirs, s, own, r->match.keys, (enum part_group)g);
        text_put(stdout, part_group_name[g], LABEL);
        text_beside(stdout, LABEL, mine, OWN, theirs);
    }
    sodium_memzero(mine, sizeof mine);
}

/* --- why --- */

static void print_keys(const struct schema *s, uint32_t keys, const char *heading)
{
    char words[PART_WORDS_MAX], cell[CELL_MAX];
    printf("\n%s\n", heading);
    for (size_t j = 0; j < s->keys; j++) {
        if ((keys >> j & 1) == 0)
            continue;
        cell[0] = '\0';
        for (size_t i = 0; i < s->key[j].parts; i++)
            append(cell, "; ", part_in_words(words, &s->atom[s->key[j].atom[i]]));
        printf("  ");
        text_put(stdout, s->key[j].id, 18);
        text_wrap(stdout, 20, 20, cell);
    }
    if (keys == 0)
        printf("  none\n");
}

static void print_parties(const char *partner, uint32_t shared)
{
    printf("\nwhat each party saw\n");
    printf("  %-16s the keys above, that a record of %s shares them, and its\n  %16s handle; none of its fields\n",
           "this agency", partner, "");
    printf("  %-16s the same of this agency's record\n", partner);
    printf("  %-16s that %d tags of the two agencies are equal; not which keys,\n  %16s which record, or any value\n",
           "matcher", __builtin_popcount(shared), "");
    printf("  %-16s that this agency had so many blinded elements evaluated;\n  %16s nothing of what they hide\n",
           "custodians", "");
}

static int print_all(struct agency *agency, int64_t number, const struct record *record, struct err *err)
{
    struct vault_review review;
    const struct agency_purpose *purpose;
    uint32_t own;
    int rc = list_show_facts(agency, number, &review, &purpose, &own, err);
    if (rc != 0)
        return rc;
    struct vault_judging pair;
    bool paired;
    rc = judged_find(agency, purpose->domain, &review.match, &pair, &paired, err);
    if (rc == 0 && paired)
        rc = judged_print(agency, &pair, err);
    if (rc != 0)
        return rc;
    print_beside(&review, &purpose->schema, own, record);
    print_keys(&purpose->schema, own & review.match.keys, "keys that agreed");
    print_keys(&purpose->schema, own & ~review.match.keys, "keys of the own record that did not");
    print_parties(review.match.partner, own & review.match.keys);
    putchar('\n');
    sodium_memzero(&review, sizeof review);
    return list_show_history(agency, number, err);
}

/* Looks everything up before anything is printed. */
int explain(struct agency *agency, int64_t number, const struct feed_options *options, struct err *err)
{
    struct vault_review review;
    struct feed *feed = NULL;
    struct record record;
    int64_t domain;
    int rc = vault_review_get(agency->vault, number, &domain, &review, err);
    if (rc == 0 && options->path != NULL)
        rc = feed_open(&feed, options, err);
    if (rc == 0 && feed != NULL)
        rc = feed_find(feed, &record, review.id, err);
    if (rc == 0)
        rc = print_all(agency, number, feed != NULL ? &record : NULL, err);
    feed_free(feed);
    sodium_memzero(&review, sizeof review);
    return rc;
}
