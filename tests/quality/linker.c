/*
 * What linking reaches that sees both registers in the clear: Fellegi and Sunter's model with Jaro and Winkler's
 * similarity of names, its numbers by expectation and maximisation, without labels. As simple as such programs
 * usually are: pairs that share a block, one vector of levels a pair, fields independent, accepted from a probability
 * of one half on.
 */
#include "tests/quality/quality.h"

#include "client/feed/feed.h"
#include "protocol/base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 48
#define FIELD_LEVELS 5 /* 0: missing; 1: nothing alike .. 4: equal */
#define ROUNDS 60
#define BLOCK_MOST 400 /* rows of a block on one side */
#define SAMPLE 200000

enum { GIVEN, FAMILY, DAY, MONTH, YEAR, SEX, DOCUMENT, COMPARED };

struct row {
    char id[TEXT], given[TEXT], family[TEXT], document[TEXT];
    unsigned day, month, year;
    char sex;
};

struct rows {
    struct row *row;
    size_t count, room;
};

struct block {
    uint64_t hash;
    uint32_t row;
};

struct candidate {
    uint32_t a, b;
    uint8_t level[COMPARED];
    bool truth;
};

struct candidates {
    struct candidate *pair;
    size_t count, room;
};

static void *grow(void *at, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return at;
    *room = *room > 0 ? 2 * *room : 1024;
    at = realloc(at, *room * size);
    if (at == NULL)
        quality_fail("out of memory");
    return at;
}

/* --- rows --- */

static void copy_letters(char out[TEXT], const char *text)
{
    size_t n = 0;
    for (; *text != '\0' && n + 1 < TEXT; text++)
        if (isalnum((unsigned char)*text))
            out[n++] = (char)toupper((unsigned char)*text);
    out[n] = '\0';
}

static void read_date(struct row *r, const char *text)
{
    char digits[9] = "";
    size_t n = 0;
    for (; *text != '\0' && n < 8; text++)
        if (isdigit((unsigned char)*text))
            digits[n++] = *text;
    unsigned long date = strtoul(digits, NULL, 10);
    if (n == 8) {
        r->year = (unsigned)(date / 10000);
        r->month = (unsigned)(date / 100 % 100);
        r->day = (unsigned)(date % 100);
    } else if (n == 4)
        r->year = (unsigned)date;
}

static void read_rows(struct rows *out, const char *path)
{
    static const char *const map[] = {"rec_id=record_id", "given_name=given_names", "surname=family_name"};
    const struct feed_options options = {.path = path, .map = map, .map_count = 3, .lenient = true};
    struct feed *feed = NULL;
    struct record record;
    struct err err;
    bool end = false;
    int rc = feed_open(&feed, &options, &err);
    while (rc == 0 && (rc = feed_next(feed, &record, &end, &err)) == 0 && !end) {
        out->row = grow(out->row, &out->room, out->count, sizeof *out->row);
        struct row *r = &out->row[out->count++];
        *r = (struct row){.sex = record.field[FIELD_SEX][0]};
        snprintf(r->id, sizeof r->id, "%.40s", record.field[FIELD_RECORD_ID]);
        copy_letters(r->given, record.field[FIELD_GIVEN_NAMES]);
        copy_letters(r->family, record.field[FIELD_FAMILY_NAME]);
        copy_letters(r->document, record.field[FIELD_DOC_NUMBER]);
        read_date(r, record.field[FIELD_DATE_OF_BIRTH]);
    }
    feed_free(feed);
    if (rc != 0)
        quality_fail("%s: %s", path, err.text);
}

/* --- how alike --- */

static double jaro_winkler(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), window = (n > m ? n : m) / 2, same = 0, turned = 0, front = 0;
    bool used_a[TEXT] = {false}, used_b[TEXT] = {false};
    window = window > 0 ? window - 1 : 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i > window ? i - window : 0; k < m && k <= i + window; k++)
            if (!used_b[k] && a[i] == b[k]) {
                used_a[i] = used_b[k] = true;
                same++;
                break;
            }
    if (same == 0)
        return 0;
    for (size_t i = 0, k = 0; i < n; i++) {
        if (!used_a[i])
            continue;
        while (!used_b[k])
            k++;
        turned += a[i] != b[k++];
    }
    double s = (double)same, jaro = (s / (double)n + s / (double)m + (s - (double)turned / 2) / s) / 3;
    while (front < 4 && front < n && a[front] == b[front])
        front++;
    return jaro + (double)front * 0.1 * (1 - jaro);
}

static uint8_t compare_names(const char *a, const char *b)
{
    if (a[0] == '\0' || b[0] == '\0')
        return 0;
    double alike = jaro_winkler(a, b);
    return alike > 0.999 ? 4 : alike > 0.92 ? 3 : alike > 0.8 ? 2 : 1;
}

static uint8_t compare_numbers(unsigned a, unsigned b)
{
    return a == 0 || b == 0 ? 0 : a == b ? 4 : 1;
}

static uint8_t compare_years(unsigned a, unsigned b)
{
    if (a == 0 || b == 0 || a == b)
        return compare_numbers(a, b);
    bool digit = a / 10 == b / 10 || (a % 10 == b % 10 && a / 100 == b / 100);
    return digit ? 3 : 1;
}

/* Names may stand in each other's fields. */
static void compare(uint8_t level[COMPARED], const struct row *a, const struct row *b)
{
    level[GIVEN] = compare_names(a->given, b->given);
    level[FAMILY] = compare_names(a->family, b->family);
    uint8_t given = compare_names(a->given, b->family), family = compare_names(a->family, b->given);
    if (given + family > level[GIVEN] + level[FAMILY] + 2) {
        level[GIVEN] = given;
        level[FAMILY] = family;
    }
    level[DAY] = compare_numbers(a->day, b->day);
    level[MONTH] = compare_numbers(a->month, b->month);
    level[YEAR] = compare_years(a->year, b->year);
    level[SEX] = compare_numbers((unsigned char)a->sex, (unsigned char)b->sex);
    level[DOCUMENT] = a->document[0] == '\0' || b->document[0] == '\0' ? 0
                      : strcmp(a->document, b->document) == 0          ? 4
                                                                       : 1;
}

/* --- blocks: pairs that share one are looked at --- */

static uint64_t hash_text(uint64_t hash, const char *text, size_t most)
{
    for (size_t i = 0; i < most && text[i] != '\0'; i++)
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    return hash * 31 + 7;
}

enum { PASSES = 7 };
static uint64_t block_of(const struct row *r, int pass, bool swapped)
{
    const char *given = swapped ? r->family : r->given, *family = swapped ? r->given : r->family;
    uint64_t h = UINT64_C(0xcbf29ce484222325) + (uint64_t)pass;
    bool date = r->day != 0;
    switch (pass) {
    case 0:
        return date ? h * 31 + r->year * 500u + r->month * 40u + r->day : 0;
    case 1:
        return given[0] != '\0' && family[0] != '\0' ? hash_text(hash_text(h, given, TEXT), family, TEXT) : 0;
    case 2:
        return family[0] != '\0' && r->year != 0 ? hash_text(h, family, TEXT) * 31 + r->year : 0;
    case 3:
        return given[0] != '\0' && date ? hash_text(h, given, 3) * 31 + r->month * 40u + r->day : 0;
    case 4:
        return family[0] != '\0' && date ? hash_text(h, family, 3) * 31 + r->month * 40u + r->day : 0;
    case 5:
        return given[0] != '\0' && family[0] != '\0' ? hash_text(hash_text(h, given, 3), family, 4) : 0;
    default:
        return r->document[0] != '\0' ? hash_text(h, r->document, TEXT) : 0;
    }
}

static int compare_blocks(const void *a, const void *b)
{
    const struct block *x = a, *y = b;
    return x->hash != y->hash ? (x->hash < y->hash ? -1 : 1) : (x->row > y->row) - (x->row < y->row);
}

static size_t blocks_of(struct block *out, const struct rows *rows, int pass, bool swapped)
{
    size_t n = 0;
    for (size_t i = 0; i < rows->count; i++) {
        uint64_t hash = block_of(&rows->row[i], pass, swapped);
        if (hash != 0)
            out[n++] = (struct block){hash, (uint32_t)i};
    }
    qsort(out, n, sizeof *out, compare_blocks);
    return n;
}

static void add_pairs(struct candidates *c, const struct block *a, size_t n, const struct block *b, size_t m)
{
    for (size_t i = 0, k = 0; i < n && k < m;) {
        if (a[i].hash != b[k].hash) {
            a[i].hash < b[k].hash ? i++ : k++;
            continue;
        }
        size_t end_a = i, end_b = k;
        while (end_a < n && a[end_a].hash == a[i].hash)
            end_a++;
        while (end_b < m && b[end_b].hash == b[k].hash)
            end_b++;
        for (size_t x = i; end_a - i <= BLOCK_MOST && end_b - k <= BLOCK_MOST && x < end_a; x++)
            for (size_t y = k; y < end_b; y++) {
                c->pair = grow(c->pair, &c->room, c->count, sizeof *c->pair);
                c->pair[c->count++] = (struct candidate){.a = a[x].row, .b = b[y].row};
            }
        i = end_a;
        k = end_b;
    }
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->a != y->a ? (x->a < y->a ? -1 : 1) : (x->b > y->b) - (x->b < y->b);
}

static void find_pairs(struct candidates *out, const struct rows *a, const struct rows *b)
{
    struct block *block_a = malloc((a->count + 1) * sizeof *block_a),
                 *block_b = malloc((b->count + 1) * sizeof *block_b);
    if (block_a == NULL || block_b == NULL)
        quality_fail("out of memory");
    for (int pass = 0; pass < PASSES; pass++)
        for (int swapped = 0; swapped < 2; swapped++)
            add_pairs(out, block_a, blocks_of(block_a, a, pass, false), block_b,
                      blocks_of(block_b, b, pass, swapped == 1));
    free(block_a);
    free(block_b);
    if (out->count > 0)
        qsort(out->pair, out->count, sizeof *out->pair, compare_candidates);
    size_t kept = 0;
    for (size_t i = 0; i < out->count; i++)
        if (kept == 0 || compare_candidates(&out->pair[kept - 1], &out->pair[i]) != 0)
            out->pair[kept++] = out->pair[i];
    out->count = kept;
    for (size_t i = 0; i < kept; i++)
        compare(out->pair[i].level, &a->row[out->pair[i].a], &b->row[out->pair[i].b]);
}

/* --- the model --- */

struct model {
    double m[COMPARED][FIELD_LEVELS], u[COMPARED][FIELD_LEVELS]; /* of pairs that have the field */
    double share;                                                /* of all pairs, that are matches */
};

/* Chance, from pairs of rows at random. */
static void measure_chance(struct model *model, const struct rows *a, const struct rows *b)
{
    double seen[COMPARED] = {0};
    uint64_t state = 1;
    memset(model->u, 0, sizeof model->u);
    for (size_t i = 0; i < SAMPLE; i++) {
        uint8_t level[COMPARED];
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        compare(level, &a->row[(state >> 33) % a->count], &b->row[(state >> 13) % b->count]);
        for (int f = 0; f < COMPARED; f++) {
            model->u[f][level[f]] += level[f] != 0;
            seen[f] += level[f] != 0;
        }
    }
    for (int f = 0; f < COMPARED; f++)
        for (int l = 1; l < FIELD_LEVELS; l++)
            model->u[f][l] = (model->u[f][l] + 0.5) / (seen[f] + 2);
}

static double probability(const struct model *model, const uint8_t level[COMPARED])
{
    double bits = log2(model->share / (1 - model->share));
    for (int f = 0; f < COMPARED; f++)
        if (level[f] != 0)
            bits += log2(model->m[f][level[f]] / model->u[f][level[f]]);
    return 1 / (1 + exp2(-bits));
}

static void learn(struct model *model, const struct candidates *c, double pairs)
{
    for (int f = 0; f < COMPARED; f++)
        for (int l = 1; l < FIELD_LEVELS; l++)
            model->m[f][l] = l == 4 ? 0.85 : 0.05;
    for (int round = 0; round < ROUNDS; round++) {
        double sum = 0, total[COMPARED] = {0}, of[COMPARED][FIELD_LEVELS] = {{0}};
        for (size_t i = 0; i < c->count; i++) {
            double p = probability(model, c->pair[i].level);
            sum += p;
            for (int f = 0; f < COMPARED; f++) {
                of[f][c->pair[i].level[f]] += p;
                total[f] += c->pair[i].level[f] != 0 ? p : 0;
            }
        }
        for (int f = 0; f < COMPARED; f++)
            for (int l = 1; l < FIELD_LEVELS; l++)
                model->m[f][l] = (of[f][l] + 0.1) / (total[f] + 0.4);
        model->share = fmin(0.5, fmax(sum, 1) / pairs);
    }
}

/* --- how right it is --- */

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The pairs of the truth as "id,id" in order, for both orders of the files. */
struct known {
    char **pair;
    size_t count, room;
};

static void read_truth(struct known *k, const char *path)
{
    char line[512], *column[5];
    FILE *f = fopen(path, "r");
    if (f == NULL)
        quality_fail("cannot read %s", path);
    for (bool head = true; fgets(line, sizeof line, f) != NULL; head = false) {
        size_t n = 0;
        line[strcspn(line, "\r\n")] = '\0';
        for (char *at = line, *next; n < 5 && (next = strsep(&at, ",")) != NULL; n++)
            column[n] = next;
        if (head || n < 5 || strcmp(column[4], "same-person") != 0)
            continue;
        char text[2 * TEXT];
        snprintf(text, sizeof text, "%.40s,%.40s", column[1], column[3]);
        k->pair = grow(k->pair, &k->room, k->count, sizeof *k->pair);
        k->pair[k->count++] = strdup(text);
    }
    fclose(f);
    if (k->count > 0)
        qsort(k->pair, k->count, sizeof *k->pair, compare_ids);
}

static bool is_known(const struct known *k, const char *a, const char *b)
{
    char text[2 * TEXT + 2];
    const char *wanted = text;
    snprintf(text, sizeof text, "%s,%s", a, b);
    return k->count > 0 && bsearch(&wanted, k->pair, k->count, sizeof *k->pair, compare_ids) != NULL;
}

static void print_counts(double right, double reported, double truth)
{
    double precision = reported > 0 ? right / reported : 1, recall = truth > 0 ? right / truth : 1;
    double f1 = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
    printf("%.4f %.4f %.4f\n", precision, recall, f1);
}

void linker_run(const char *truth, const char *path_a, const char *path_b)
{
    struct rows a = {NULL}, b = {NULL};
    struct candidates c = {NULL};
    struct known known = {NULL};
    struct model model = {.share = 0};
    double right = 0, reported = 0;
    read_rows(&a, path_a);
    read_rows(&b, path_b);
    read_truth(&known, truth);
    if (a.count == 0 || b.count == 0)
        quality_fail("there are no rows");
    double pairs = (double)a.count * (double)b.count;
    model.share = 0.1 / (double)(a.count > b.count ? a.count : b.count);
    find_pairs(&c, &a, &b);
    measure_chance(&model, &a, &b);
    learn(&model, &c, pairs);
    for (size_t i = 0; i < c.count; i++) {
        if (probability(&model, c.pair[i].level) < 0.5)
            continue;
        reported++;
        right += is_known(&known, a.row[c.pair[i].a].id, b.row[c.pair[i].b].id);
    }
    print_counts(right, reported, (double)known.count);
    for (size_t i = 0; i < known.count; i++)
        free(known.pair[i]);
    free(known.pair);
    free(c.pair);
    free(a.row);
    free(b.row);
}
