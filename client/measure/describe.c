#include "client/measure/describe.h"

#include "client/schema/score.h"
#include "client/schema/words.h"
#include "client/payload/payload.h"
#include "protocol/base/bytes.h"

#include <math.h>
#include <string.h>

static void print_key(FILE *out, const struct schema *s, const struct schema_key *k)
{
    char words[PART_WORDS_MAX];
    fprintf(out, "  %-20s weight %2u%s: ", k->id, k->weight, k->weight == SCHEMA_WEIGHT_MAX ? ", opens alone" : "");
    for (size_t i = 0; i < k->parts; i++) {
        fprintf(out, "%s", i == 0 ? "" : "; ");
        fprintf(out, "%s%s", part_in_words(words, &s->atom[k->atom[i]]), k->optional[i] ? " if there is one" : "");
    }
    fprintf(out, ". Dropped where more than %u records of an agency share it.\n", k->cap);
}

/* --- what a usual record costs --- */

static void add_word(struct person_name *name, const char *text)
{
    struct name_token *t = &name->token[name->tokens++];
    snprintf(t->text, sizeof t->text, "%s", text);
    snprintf(t->root, sizeof t->root, "%s", text);
    snprintf(t->sound, sizeof t->sound, "%s", text);
    snprintf(t->skeleton, sizeof t->skeleton, "%s", text);
}

/* A family name and two given names, a whole date, a nationality, a sex, a passport. */
static void usual_person(struct person *p)
{
    memset(p, 0, sizeof *p);
    add_word(&p->name[0], "SANTOSO");
    add_word(&p->name[0], "DEWI");
    add_word(&p->name[0], "LESTARI");
    p->name[0].family = p->names = p->dates = p->nationalities = p->documents = 1;
    p->date[0] = (struct person_date){1987, 11, 24, false};
    memcpy(p->nationality[0], "IDN", 4);
    p->document[0] = (struct person_document){.type = "P", .issuer = "IDN", .number = "B8212345", .folded = "88212345"};
    p->sex = 'F';
}

static unsigned values_of(const struct schema *s, const struct schema_key *k, const struct person *p)
{
    struct part_values values;
    unsigned count = 1;
    for (size_t i = 0; i < k->parts; i++) {
        part_derive(&values, &s->atom[k->atom[i]], p);
        count *= values.count == 0 && k->optional[i] ? 1 : values.count;
    }
    return count;
}

static unsigned usual_tokens(const struct schema *s)
{
    static struct person usual;
    unsigned tokens = 0;
    usual_person(&usual);
    for (size_t j = 0; j < s->keys; j++)
        tokens += values_of(s, &s->key[j], &usual);
    return tokens;
}

static void print_cost(FILE *out, const struct schema *s)
{
    const unsigned tokens = usual_tokens(s);
    const size_t entry = WIRE_TAG_SIZE + payload_size(s);
    fprintf(
        out,
        "\nA record with a name of three words, a whole birth date and one document has %u tokens. An entry has "
        "%zu bytes\n"
        "(tag %d, %u sealed slots of %d), so the record sends %zu bytes and has %d times %u bytes evaluated by each "
        "custodian.\n",
        tokens, entry, WIRE_TAG_SIZE, s->slots, SLOT_SIZE, entry * tokens, 32, tokens);
}

/* --- what guessing finds --- */

static const double guesses[] = {1e4, 1e5, 1e6};
#define GUESSES (sizeof guesses / sizeof guesses[0])
static const char *const guesses_name[GUESSES] = {"10,000", "100,000", "1,000,000"};

/* The countries that there are shares of, each once. */
static const char *next_country(const struct yields *y, size_t *at)
{
    const size_t first = *at;
    if (first >= y->count)
        return NULL;
    while (*at < y->count && strcmp(y->item[*at].country, y->item[first].country) == 0)
        ++*at;
    return y->item[first].country;
}

static void print_yields_of(FILE *out, const struct schema *s, const struct yields *y, size_t g)
{
    double found;
    const char *country;
    fprintf(out, "  %-9s", guesses_name[g]);
    for (size_t j = 0; j < s->keys; j++)
        fprintf(out, " %17s", s->key[j].id);
    for (size_t at = 0; (country = next_country(y, &at)) != NULL;) {
        fprintf(out, "\n  %-9s", country);
        for (size_t j = 0; j < s->keys; j++)
            if (yield_of(&found, y, s, j, country, guesses[g]))
                fprintf(out, " %17.0f", found);
            else
                fprintf(out, " %17s", "not known");
    }
    fprintf(out, "\n");
}

#define EASY_GUESSES 1 /* of guesses[]: what a member with ordinary limits has evaluated in some days */
#define EASY 500000    /* of a million */

/* Where half of a register can be guessed, it is said in words. */
static void print_easy(FILE *out, const struct schema *s, const struct yields *y)
{
    bool any = false;
    const char *country;
    double found;
    for (size_t j = 0; j < s->keys; j++) {
        bool first = true;
        for (size_t at = 0; (country = next_country(y, &at)) != NULL;) {
            if (!yield_of(&found, y, s, j, country, guesses[EASY_GUESSES]) || found <= EASY)
                continue;
            if (!any)
                fprintf(out, "Easily guessed, since names are few: more than half of the records by %s guesses\n",
                        guesses_name[EASY_GUESSES]);
            fprintf(out, first ? "  %-17s %s" : "%.0s %s", s->key[j].id, country);
            any = true;
            first = false;
        }
        if (!first)
            fprintf(out, "\n");
    }
    if (any)
        fprintf(out, "Where a register has many people of these countries, meets and asks are to be low: they, and the "
                     "notices of\neach question, are what protects it.\n");
}

static void print_yields(FILE *out, const struct schema *s, const struct yields *y)
{
    fprintf(out,
            "\nGuessing: of a million records of a country, so many have one of the best 10,000, 100,000 and 1,000,000 "
            "values of a key,\nto who knows how frequent names are there (%s), and takes births for even over 60 years "
            "and documents\nfor even over ten million numbers. No key protects a register by itself: limits do.\n",
            y->owned != NULL ? "in the register given" : "among invented people: --register measures yours");
    if (y->count == 0)
        fprintf(out, "  The register has no country with %d records.\n", YIELD_LEAST);
    for (size_t g = 0; g < GUESSES && y->count > 0; g++)
        print_yields_of(out, s, y, g);
    print_easy(out, s, y);
}

/* {"THA": {"10000": 1.5, ...}, ...}; null where it is not known. */
static json_t *yields_object(const struct schema *s, const struct yields *y, size_t key)
{
    static const char *const name[GUESSES] = {"10000", "100000", "1000000"};
    json_t *object = json_object();
    const char *country;
    double found;
    for (size_t at = 0; (country = next_country(y, &at)) != NULL;) {
        json_t *of = json_object();
        for (size_t g = 0; g < GUESSES; g++)
            json_object_set_new(of, name[g],
                                yield_of(&found, y, s, key, country, guesses[g])
                                    ? json_integer((json_int_t)round(found))
                                    : json_null());
        json_object_set_new(object, country, of);
    }
    return object;
}

/* {"THA": {"name.all.sound": [...], ...}, ...}: the shares behind it. */
static json_t *shares_object(const struct yields *y)
{
    json_t *object = json_object(), *of = NULL;
    for (size_t i = 0; i < y->count; i++) {
        const struct yield_shares *s = &y->item[i];
        json_t *shares = json_array();
        if (i == 0 || strcmp(y->item[i - 1].country, s->country) != 0)
            json_object_set_new(object, s->country, of = json_object());
        for (size_t k = 0; k < YIELD_STEPS; k++)
            json_array_append_new(shares, json_real(s->share[k]));
        json_object_set_new(of, s->part, shares);
    }
    return object;
}

static json_t *key_object(const struct schema *s, const struct yields *y, size_t key)
{
    const struct schema_key *k = &s->key[key];
    char text[PART_TEXT_MAX + 1];
    json_t *parts = json_array();
    for (size_t i = 0; i < k->parts; i++) {
        part_text(text, &s->atom[k->atom[i]]);
        if (k->optional[i])
            strcat(text, "?");
        json_array_append_new(parts, json_string(text));
    }
    return json_pack("{s:s, s:s, s:i, s:i, s:o, s:o}", "id", k->id, "class",
                     k->class == CLASS_DOCUMENT ? "document" : "person", "weight", (int)k->weight, "cap", (int)k->cap,
                     "parts", parts, "found_per_million", yields_object(s, y, key));
}

json_t *schema_object(const struct schema *schema, const struct yields *yields)
{
    char hex[2 * SCHEMA_DIGEST_SIZE + 1];
    json_t *keys = json_array();
    for (size_t j = 0; j < schema->keys; j++)
        json_array_append_new(keys, key_object(schema, yields, j));
    return json_pack("{s:s, s:s, s:i, s:i, s:i, s:s, s:o, s:o}", "name", schema->name, "digest",
                     bytes_to_hex(hex, schema->digest, SCHEMA_DIGEST_SIZE), "slots", (int)schema->slots,
                     "tokens_of_a_usual_record", (int)usual_tokens(schema), "entry_bytes",
                     (int)(WIRE_TAG_SIZE + payload_size(schema)), "names",
                     yields->owned != NULL ? "register" : "invented", "keys", keys, "shares", shares_object(yields));
}

/* --- what it means --- */

static void print_weights(FILE *out, const struct schema *s)
{
    fprintf(out, "  %-22s", "");
    for (int c = 0; c < PAIR_CLASSES; c++)
        if (c != PAIR_UNRELATED)
            fprintf(out, " %10s", pair_class_name[c]);
    for (int i = 0; i < SEEN_KINDS; i++) {
        fprintf(out, "\n  %-22s", seen_name[i]);
        for (int c = 0; c < PAIR_CLASSES; c++)
            if (c != PAIR_UNRELATED)
                fprintf(out, " %+10.1f", s->judging.weight[c][i] / 10.0);
    }
    fprintf(out, "\n");
}

static void print_rules(FILE *out, const struct schema *s)
{
    fprintf(out, "\nA pair is, by the first of these that holds:\n");
    for (size_t i = 0; i < s->rules; i++) {
        unsigned f = s->rule[i].facts;
        fprintf(out, "  %s: %s%s%s%s%s\n", match_kind_name(s->rule[i].kind),
                (f & FACT_PERSON) != 0 ? "the same person" : "",
                (f & FACT_PERSON) != 0 && (f & (FACT_DOCUMENT | FACT_OTHER_DOCUMENT)) != 0 ? " and " : "",
                (f & FACT_DOCUMENT) != 0 ? "the same document" : "",
                (f & FACT_DOCUMENT) != 0 && (f & FACT_OTHER_DOCUMENT) != 0 ? " and " : "",
                (f & FACT_OTHER_DOCUMENT) != 0 ? "a document that the partner does not show" : "");
    }
}

void schema_describe(FILE *out, const struct schema *schema, const struct yields *yields)
{
    char hex[2 * SCHEMA_DIGEST_SIZE + 1];
    fprintf(out,
            "Schema %s, digest %s\n\nA partner that shares keys of a total weight of %d learns the record's handle. "
            "Keys:\n",
            schema->name, bytes_to_hex(hex, schema->digest, SCHEMA_DIGEST_SIZE), SCHEMA_WEIGHT_MAX);
    for (size_t j = 0; j < schema->keys; j++)
        print_key(out, schema, &schema->key[j]);
    print_cost(out, schema);
    print_yields(out, schema, yields);
    if (schema_keys_of(schema, CLASS_PERSON) != 0) {
        fprintf(out, "\nWhat is seen of a pair, and by how many bits it is likelier of these than of strangers:\n");
        print_weights(out, schema);
        fprintf(
            out,
            "\nAccepted from score %u, considered (one to one) from %u. A partner is supposed to have one of %.0f of "
            "an agency's records.\n",
            schema->accept, schema->consider, exp2(schema->judging.overlap / 10.0));
    }
    print_rules(out, schema);
}
