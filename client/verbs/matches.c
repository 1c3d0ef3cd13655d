/* matches list, show, explain, confirm, dismiss. */
#include "client/verbs/verbs.h"

#include "client/agency/agency.h"
#include "client/match/score.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct agency_config config;
static bool as_json, as_csv;
static char only_partner[SETTINGS_TEXT_MAX];

struct listing {
    const struct agency_purpose *purpose;
    int64_t wanted; /* one match; 0: all */
    uint64_t shown;
    json_t *array;
    bool explain;
};

static void key_names(char *out, size_t size, const struct schema *schema, uint32_t keys, const char *separator)
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t j = 0; j < schema->keys && len < size; j++)
        if ((keys >> j & 1) != 0)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? separator : "", schema->key[j].id);
}

/* --- list --- */

static void print_csv_text(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static int add_json(struct listing *l, const struct vault_match *m, const char *keys, struct err *err)
{
    char handle[2 * HANDLE_SIZE + 1];
    json_t *object = json_pack("{s:I, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s}", "match", (json_int_t)m->number, "purpose",
                               l->purpose->region->name, "record", m->id, "partner", m->partner, "score", (int)m->score,
                               "kind", match_kind_name((enum match_kind)m->kind), "keys", keys, "status", m->status, "handle",
                               bytes_to_hex(handle, m->handle, HANDLE_SIZE));
    if (object == NULL || json_array_append_new(l->array, object) != 0)
        return err_set(err, ERR_INPUT, "the record id of match %" PRId64 " cannot be printed as JSON", m->number);
    return 0;
}

static int show_row(void *context, const struct vault_match *m, struct err *err)
{
    struct listing *l = context;
    char keys[512], handle[2 * HANDLE_SIZE + 1];
    if (only_partner[0] != '\0' && strcmp(only_partner, m->partner) != 0)
        return 0;
    key_names(keys, sizeof keys, &l->purpose->schema, m->keys, " ");
    l->shown++;
    if (as_json)
        return add_json(l, m, keys, err);
    if (as_csv) {
        printf("%" PRId64 ",%s,", m->number, l->purpose->region->name);
        print_csv_text(m->id);
        printf(",%s,%u,%s,%s,%s,%s\n", m->partner, m->score, match_kind_name((enum match_kind)m->kind), keys, m->status,
               bytes_to_hex(handle, m->handle, HANDLE_SIZE));
    } else {
        printf("%6" PRId64 "  %-17s %-20s %-8s %4u%%  %-27s %s\n", m->number, l->purpose->region->name, m->id, m->partner,
               m->score, match_kind_name((enum match_kind)m->kind), m->status);
    }
    return 0;
}

static int list(struct agency *a, struct err *err)
{
    struct listing l = {.array = json_array()};
    int rc = l.array == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a list") : 0;
    if (as_csv)
        printf("match,purpose,record,partner,score,kind,keys,status,handle\n");
    else if (!as_json)
        printf("%6s  %-17s %-20s %-8s %5s  %-27s %s\n", "match", "purpose", "record", "partner", "score", "kind", "status");
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        l.purpose = &a->purpose[i];
        rc = vault_matches(a->vault, l.purpose->domain, show_row, &l, err);
    }
    if (rc == 0 && as_json) {
        json_dumpf(l.array, stdout, JSON_INDENT(2));
        putchar('\n');
    } else if (rc == 0 && !as_csv) {
        printf("%" PRIu64 " matches\n", l.shown);
    }
    json_decref(l.array);
    return rc;
}

/* --- show and explain --- */

static void explain(const struct listing *l, const struct vault_match *m, uint32_t own)
{
    const struct schema *s = &l->purpose->schema;
    printf("\nkeys of the own record, and whether the partner's record shares them:\n");
    for (size_t j = 0; j < s->keys; j++)
        if ((own >> j & 1) != 0)
            printf("  %-3s %-32s weight %u\n", (m->keys >> j & 1) != 0 ? "yes" : "no", s->key[j].id, s->key[j].weight);
    printf("\nshared weight %u of %u; a handle opens from %u on; score %u%%\n", match_weight(s, m->keys),
           match_weight(s, own), s->threshold, m->score);
    printf("\nwhat each party saw\n"
           "  this agency     the keys above, that a record of %s shares them, and its handle; none of its fields\n"
           "  %-14s  the same of this agency's record\n"
           "  matcher         that %d tags of the two agencies are equal; not which keys, which record, or any value\n"
           "  custodians      that this agency had so many blinded elements evaluated; nothing of what they hide\n",
           m->partner, m->partner, __builtin_popcount(m->keys));
}

struct single {
    struct agency *agency;
    struct listing listing;
};

static int show_one(void *context, const struct vault_match *m, struct err *err)
{
    struct single *single = context;
    struct listing *l = &single->listing;
    char keys[512], handle[2 * HANDLE_SIZE + 1];
    uint32_t own = 0;
    if (m->number != l->wanted)
        return 0;
    l->shown++;
    int rc = vault_keys(single->agency->vault, m->record, &own, err);
    if (rc != 0)
        return rc;
    key_names(keys, sizeof keys, &l->purpose->schema, m->keys, ", ");
    printf("match     %" PRId64 "\npurpose   %s\nrecord    %s\npartner   %s\nkind      %s\nscore     %u%%\nkeys      %s\n"
           "status    %s\nhandle    %s\n", m->number, l->purpose->region->name, m->id, m->partner,
           match_kind_name((enum match_kind)m->kind), m->score, keys, m->status, bytes_to_hex(handle, m->handle, HANDLE_SIZE));
    if (l->explain)
        explain(l, m, own);
    return 0;
}

static int show(struct agency *a, int64_t number, bool explained, struct err *err)
{
    struct single single = {.agency = a, .listing = {.wanted = number, .explain = explained}};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        single.listing.purpose = &a->purpose[i];
        rc = vault_matches(a->vault, a->purpose[i].domain, show_one, &single, err);
    }
    if (rc == 0 && single.listing.shown == 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no match %" PRId64 " (see: matches list)", number);
    return rc;
}

/* --- the verb --- */

static int run(struct agency *a, int operands, char **argv, struct err *err)
{
    const char *what = operands > 0 ? argv[0] : "list";
    char *end = NULL;
    if (strcmp(what, "list") == 0 && operands <= 1)
        return list(a, err);
    int64_t number = operands == 2 ? strtoll(argv[1], &end, 10) : 0;
    if (operands != 2 || end == argv[1] || *end != '\0' || number <= 0)
        return err_set(err, ERR_USAGE, "write: matches list, or matches show|explain|confirm|dismiss NUMBER");
    if (strcmp(what, "show") == 0 || strcmp(what, "explain") == 0)
        return show(a, number, what[0] == 'e', err);
    if (strcmp(what, "confirm") == 0)
        return vault_match_status(a->vault, number, "confirmed", err);
    if (strcmp(what, "dismiss") == 0)
        return vault_match_status(a->vault, number, "dismissed", err);
    return err_set(err, ERR_USAGE, "matches has no %s: it is list, show, explain, confirm or dismiss", what);
}

int matches_main(int argc, char **argv)
{
    static const struct setting settings[] = {
        {"json", NULL, NULL, SETTING_SWITCH, &as_json, NULL, "list as JSON"},
        {"csv", NULL, NULL, SETTING_SWITCH, &as_csv, NULL, "list as CSV"},
        {"partner", NULL, NULL, SETTING_TEXT, only_partner, "NAME", "list only matches with this partner"},
        AGENCY_SETTINGS(config),
    };
    static const struct usage usage = {
        "concord-client matches", "[list | show N | explain N | confirm N | dismiss N]",
        "The matches that sync found: all of them, one, or one with its reasons; and what the officer thinks of it.", NULL,
        settings, 3 + AGENCY_SETTINGS_COUNT};
    static struct agency agency;
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, &agency_known, AGENCY_CONFIG_DEFAULT, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0)
        rc = agency_open(&agency, &config, &err);
    if (rc == 0)
        rc = run(&agency, operands, argv, &err);
    agency_close(&agency);
    return verb_end("concord-client", rc, &err);
}
