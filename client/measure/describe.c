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

static void print_cost(FILE *out, const struct schema *s)
{
    static struct person usual;
    unsigned tokens = 0;
    size_t entry = WIRE_TAG_SIZE + payload_size(s);
    usual_person(&usual);
    for (size_t j = 0; j < s->keys; j++)
        tokens += values_of(s, &s->key[j], &usual);
    fprintf(
        out,
        "\nA record with a name of three words, a whole birth date and one document has %u tokens. An entry has "
        "%zu bytes\n"
        "(tag %d, %u sealed slots of %d), so the record sends %zu bytes and has %d times %u bytes evaluated by each "
        "custodian.\n",
        tokens, entry, WIRE_TAG_SIZE, s->slots, SLOT_SIZE, entry * tokens, 32, tokens);
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

void schema_describe(FILE *out, const struct schema *schema)
{
    char hex[2 * SCHEMA_DIGEST_SIZE + 1];
    fprintf(out,
            "Schema %s, digest %s\n\nA partner that shares keys of a total weight of %d learns the record's handle. "
            "Keys:\n",
            schema->name, bytes_to_hex(hex, schema->digest, SCHEMA_DIGEST_SIZE), SCHEMA_WEIGHT_MAX);
    for (size_t j = 0; j < schema->keys; j++)
        print_key(out, schema, &schema->key[j]);
    print_cost(out, schema);
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
