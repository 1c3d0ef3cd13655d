#include "client/schema/schema.h"

#include "client/schema/judging.h"
#include "protocol/base/file.h"
#include "protocol/base/mark.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define FORMAT "concord-schema-2"
#define OVERLAP_DEFAULT 0.05
#define RECORDS_MAX 1e10

static const char *const kind_names[MATCH_KINDS] = {
    [MATCH_NONE] = "none",
    [MATCH_SAME_PERSON] = "same-person",
    [MATCH_SAME_DOCUMENT_OTHER_PERSON] = "same-document-other-person",
    [MATCH_SAME_PERSON_OTHER_DOCUMENT] = "same-person-other-document",
    [MATCH_LISTED_DOCUMENT] = "listed-document",
    [MATCH_ISSUED_DOCUMENT] = "issued-document",
};

const char *match_kind_name(enum match_kind kind)
{
    return (unsigned)kind < MATCH_KINDS ? kind_names[kind] : "unknown";
}

const char *match_kind_in_words(enum match_kind kind)
{
    static const char *const words[] = {
        [MATCH_SAME_PERSON] = N_("same person"),
        [MATCH_SAME_DOCUMENT_OTHER_PERSON] = N_("same document, other person"),
        [MATCH_SAME_PERSON_OTHER_DOCUMENT] = N_("same person, other document"),
        [MATCH_LISTED_DOCUMENT] = N_("listed document"),
        [MATCH_ISSUED_DOCUMENT] = N_("issued document"),
    };
    return kind > MATCH_NONE && kind < MATCH_KINDS ? words[kind] : "unknown";
}

enum match_kind match_kind_named(const char *name)
{
    for (int k = MATCH_NONE + 1; name != NULL && k < MATCH_KINDS; k++)
        if (strcmp(kind_names[k], name) == 0)
            return (enum match_kind)k;
    return MATCH_NONE;
}

uint32_t schema_keys_of(const struct schema *schema, enum schema_class class)
{
    uint32_t keys = 0;
    for (size_t j = 0; j < schema->keys; j++)
        if (schema->key[j].class == class)
            keys |= UINT32_C(1) << j;
    return keys;
}

/* --- keys --- */

static int read_part(struct schema *s, struct schema_key *key, const char *text, struct err *err)
{
    char name[PART_TEXT_MAX];
    size_t len = text != NULL ? strlen(text) : 0, at = 0;
    bool optional = len > 0 && text[len - 1] == '?';
    struct part part;
    snprintf(name, sizeof name, "%.*s", (int)(optional ? len - 1 : len), text != NULL ? text : "");
    if (len >= PART_TEXT_MAX || !part_parse(&part, name))
        return err_set(err, ERR_INPUT, "key %s: %.40s is no part", key->id,
                       text != NULL ? text : "a value that is no text");
    while (at < s->atoms && !part_equal(&s->atom[at], &part))
        at++;
    if (at == SCHEMA_ATOMS_MAX)
        return err_set(err, ERR_INPUT, "key %s: all keys together have more than %d different parts", key->id,
                       SCHEMA_ATOMS_MAX);
    s->atom[at] = part;
    s->atoms += at == s->atoms;
    for (size_t i = 0; i < key->parts; i++)
        if (key->atom[i] == at)
            return err_set(err, ERR_INPUT, "key %s: %s stands twice", key->id, name);
    key->optional[key->parts] = optional;
    key->atom[key->parts++] = (uint8_t)at;
    return 0;
}

static int read_parts(struct schema *s, struct schema_key *key, json_t *parts, struct err *err)
{
    size_t i, needed = 0;
    json_t *item;
    if (json_array_size(parts) == 0 || json_array_size(parts) > SCHEMA_PARTS_MAX)
        return err_set(err, ERR_INPUT, "key %s has %zu parts, not 1 to %d", key->id, json_array_size(parts),
                       SCHEMA_PARTS_MAX);
    json_array_foreach(parts, i, item)
    {
        int rc = read_part(s, key, json_string_value(item), err);
        if (rc != 0)
            return rc;
        needed += !key->optional[i];
    }
    return needed > 0 ? 0 : err_set(err, ERR_INPUT, "key %s: no part of it must be there", key->id);
}

static int check_id(const struct schema *s, const char *id, struct err *err)
{
    if (party_name_check(id, err) != 0 || strlen(id) > SCHEMA_ID_MAX)
        return err_set(err, ERR_INPUT, "key %zu: its id is not 1 to %d of A-Z a-z 0-9 . _ -", s->keys + 1,
                       SCHEMA_ID_MAX);
    for (size_t j = 0; j < s->keys; j++)
        if (strcmp(s->key[j].id, id) == 0)
            return err_set(err, ERR_INPUT, "two keys have the id %s", id);
    return 0;
}

/* What of a key's parts bears on whether it may find. */
struct finding {
    bool whole_name, word, date, whole_date, document;
};

static struct finding finding_of(const struct schema *s, const struct schema_key *key)
{
    struct finding f = {.document = false};
    for (size_t i = 0; i < key->parts; i++) {
        const struct part *p = &s->atom[key->atom[i]];
        bool name = part_group(p) == GROUP_NAME, date = part_group(p) == GROUP_BIRTH_DATE, needed = !key->optional[i];
        bool says = needed && p->form != FORM_INITIAL;
        f.whole_name = f.whole_name || (name && says && p->field == PART_NAME && p->scope == SCOPE_ALL);
        f.word = f.word || (name && says);
        f.date = f.date || (date && needed);
        f.whole_date = f.whole_date || (date && needed && (p->form == FORM_FULL || p->form == FORM_TURNED));
        f.document = f.document || (part_group(p) == GROUP_DOCUMENT && needed);
    }
    return f;
}

static int check_finding(const struct schema *s, const struct schema_key *key, struct err *err)
{
    struct finding f = finding_of(s, key);
    if (f.document || (f.whole_name && f.date) || (f.word && f.whole_date) || (f.whole_name && s->undated_names))
        return 0;
    if (f.whole_name)
        return err_set(
            err, ERR_INPUT,
            "key %s must not find: it has all names and no date, so that a list of names finds people; add a "
            "part of the birth date, or set undated_names",
            key->id);
    if (f.word)
        return err_set(err, ERR_INPUT,
                       "key %s must not find: it has words of a name and no whole date, which few guesses list; add "
                       "birth_date.full or .turned, or take name.all",
                       key->id);
    return err_set(err, ERR_INPUT,
                   "key %s must not find: it has neither names nor a document, so that a list of %s finds everybody",
                   key->id, f.date ? "dates" : "values");
}

bool schema_key_may_be_light(const struct schema *schema, size_t key)
{
    for (size_t i = 0; i < schema->key[key].parts; i++) {
        const struct part *p = &schema->atom[schema->key[key].atom[i]];
        if (part_group(p) == GROUP_NAME && (p->scope == SCOPE_EACH || p->scope == SCOPE_PAIR))
            return false;
        if (part_group(p) == GROUP_SEX) /* one that is not known has two values */
            return false;
    }
    return true;
}

static int read_key(struct schema *s, json_t *in, struct err *err)
{
    struct schema_key *key = &s->key[s->keys];
    const char *id, *class;
    json_int_t weight, cap = s->slots;
    json_t *parts;
    json_error_t why;
    if (json_unpack_ex(in, &why, JSON_STRICT, "{s:s, s:s, s:I, s?I, s:o}", "id", &id, "class", &class, "weight",
                       &weight, "cap", &cap, "parts", &parts) != 0)
        return err_set(err, ERR_INPUT, "key %zu: %s", s->keys + 1, why.text);
    int rc = check_id(s, id, err);
    if (rc != 0)
        return rc;
    snprintf(key->id, sizeof key->id, "%s", id);
    if (strcmp(class, "person") != 0 && strcmp(class, "document") != 0)
        return err_set(err, ERR_INPUT, "key %s: class is person or document", id);
    if (weight < 1 || weight > SCHEMA_WEIGHT_MAX)
        return err_set(err, ERR_INPUT, "key %s: weight is 1 to %d", id, SCHEMA_WEIGHT_MAX);
    if (cap < 1 || cap > SCHEMA_CAP_MAX)
        return err_set(err, ERR_INPUT, "key %s: cap is 1 to %d", id, SCHEMA_CAP_MAX);
    key->class = strcmp(class, "person") == 0 ? CLASS_PERSON : CLASS_DOCUMENT;
    key->weight = (unsigned)weight;
    key->cap = (unsigned)cap;
    s->keys++;
    rc = read_parts(s, key, parts, err);
    if (rc == 0)
        rc = check_finding(s, key, err);
    if (rc == 0 && key->weight == 1 && !schema_key_may_be_light(s, s->keys - 1))
        rc = err_set(err, ERR_INPUT, "key %s: weight 1 does not go with each word, each pair of words or the sex", id);
    return rc;
}

/* What nothing can open finds nobody. */
static int check_weights(const struct schema *s, struct err *err)
{
    unsigned sum = 0;
    for (size_t j = 0; j < s->keys; j++)
        sum += s->key[j].weight;
    return sum >= SCHEMA_WEIGHT_MAX ? 0 : err_set(err, ERR_INPUT, "one key of weight 1 never opens");
}

static int read_keys(struct schema *s, json_t *keys, struct err *err)
{
    size_t i;
    json_t *item;
    if (json_array_size(keys) == 0 || json_array_size(keys) > SCHEMA_KEYS_MAX)
        return err_set(err, ERR_INPUT, "it has %zu keys, not 1 to %d", json_array_size(keys), SCHEMA_KEYS_MAX);
    json_array_foreach(keys, i, item)
    {
        int rc = read_key(s, item, err);
        if (rc != 0)
            return rc;
    }
    return check_weights(s, err);
}

/* --- evidence --- */

static int read_bits(double *out, const char *name, json_t *value, struct err *err)
{
    *out = json_number_value(value);
    if (!json_is_number(value) || !(*out >= -SCHEMA_BITS_MAX && *out <= SCHEMA_BITS_MAX))
        return err_set(err, ERR_INPUT, "%.40s is no number of bits from %g to %g", name, -SCHEMA_BITS_MAX,
                       SCHEMA_BITS_MAX);
    return 0;
}

/* One number, or two: for the most that could agree, and where it falls short of that. */
static int read_bits_pair(struct schema_evidence *e, const char *name, json_t *value, struct err *err)
{
    if (!json_is_array(value)) {
        int rc = read_bits(&e->best, name, value, err);
        e->falls_short = e->best;
        return rc;
    }
    if (json_array_size(value) != 2)
        return err_set(err, ERR_INPUT, "%.40s has %zu numbers of bits, not one or two", name, json_array_size(value));
    int rc = read_bits(&e->best, name, json_array_get(value, 0), err);
    if (rc == 0)
        rc = read_bits(&e->falls_short, name, json_array_get(value, 1), err);
    return rc;
}

/* "part" or "part + part ..." */
static int read_evidence_parts(const struct schema *s, struct schema_evidence *e, const char *text, struct err *err)
{
    for (const char *from = text; *from != '\0';) {
        char name[PART_TEXT_MAX];
        struct part part;
        size_t len = strcspn(from, " +"), at = 0;
        snprintf(name, sizeof name, "%.*s", (int)(len < PART_TEXT_MAX ? len : PART_TEXT_MAX - 1), from);
        bool known = part_parse(&part, name);
        while (at < s->atoms && !(known && part_equal(&s->atom[at], &part)))
            at++;
        if (at == s->atoms)
            return err_set(err, ERR_INPUT, "evidence: %.40s is part of no key", name);
        if (e->atoms != 0 && part_group(&part) != e->group)
            return err_set(err, ERR_INPUT, "evidence: %.80s mixes fields", text);
        e->group = part_group(&part);
        e->atoms |= UINT32_C(1) << at;
        from += len + strspn(from + len, " +");
    }
    return e->atoms != 0 ? 0 : err_set(err, ERR_INPUT, "evidence: a name is empty");
}

static int check_evidence(const struct schema *s, struct err *err)
{
    char text[PART_TEXT_MAX];
    uint32_t given = 0;
    for (size_t i = 0; i < s->evidences; i++)
        given |= (s->evidence[i].atoms & (s->evidence[i].atoms - 1)) == 0 ? s->evidence[i].atoms : 0;
    for (size_t j = 0; j < s->keys; j++)
        for (size_t i = 0; s->key[j].class == CLASS_PERSON && i < s->key[j].parts; i++) {
            const struct part *part = &s->atom[s->key[j].atom[i]];
            if ((given >> s->key[j].atom[i] & 1) == 0 && !s->key[j].optional[i] && part_group(part) != GROUP_DOCUMENT)
                return err_set(err, ERR_INPUT, "evidence: %s of key %s has none", part_text(text, part), s->key[j].id);
        }
    return 0;
}

static int read_evidence(struct schema *s, json_t *evidence, struct err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(evidence, name, value)
    {
        struct schema_evidence *e = &s->evidence[s->evidences];
        if (s->evidences == SCHEMA_EVIDENCE_MAX)
            return err_set(err, ERR_INPUT, "it has more than %d pieces of evidence", SCHEMA_EVIDENCE_MAX);
        s->evidences++;
        int rc = read_evidence_parts(s, e, name, err);
        if (rc == 0)
            rc = read_bits_pair(e, name, value, err);
        if (rc != 0)
            return rc;
    }
    return check_evidence(s, err);
}

static int read_against(struct schema *s, json_t *against, struct err *err)
{
    const char *name;
    json_t *value;
    json_object_foreach(against, name, value)
    {
        int g = 0, rc;
        while (g < GROUPS && strcmp(part_group_name[g], name) != 0)
            g++;
        if (g == GROUPS)
            return err_set(err, ERR_INPUT, "against: %.40s is not name, birth_date, sex, nationality or document",
                           name);
        rc = read_bits(&s->against[g], name, value, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* --- classes --- */

static int read_facts(unsigned *facts, json_t *list, unsigned person, unsigned document, struct err *err)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(item);
        unsigned fact = name == NULL                    ? 0
                        : strcmp(name, "person") == 0   ? person
                        : strcmp(name, "document") == 0 ? document
                                                        : 0;
        if (fact == 0)
            return err_set(err, ERR_INPUT, "classes: %.40s cannot stand there",
                           name != NULL ? name : "what is no text");
        *facts |= fact;
    }
    return 0;
}

static int read_rule(struct schema *s, json_t *in, struct err *err)
{
    struct schema_rule *rule = &s->rule[s->rules];
    const char *is;
    json_t *shared, *differs = NULL;
    json_error_t why;
    if (json_unpack_ex(in, &why, JSON_STRICT, "{s:o, s?o, s:s}", "shared", &shared, "differs", &differs, "is", &is) !=
        0)
        return err_set(err, ERR_INPUT, "classes: %s", why.text);
    rule->kind = match_kind_named(is);
    if (rule->kind == MATCH_NONE)
        return err_set(err, ERR_INPUT, "classes: %.40s is no class", is);
    s->rules++;
    int rc = read_facts(&rule->facts, shared, FACT_PERSON, FACT_DOCUMENT, err);
    return rc != 0 || differs == NULL ? rc : read_facts(&rule->facts, differs, 0, FACT_OTHER_DOCUMENT, err);
}

/* Whatever may be found must have a name. */
static int check_rules(const struct schema *s, struct err *err)
{
    bool person = schema_keys_of(s, CLASS_PERSON) != 0, document = schema_keys_of(s, CLASS_DOCUMENT) != 0;
    for (unsigned facts = 1; facts <= (FACT_PERSON | FACT_DOCUMENT); facts++) {
        bool possible = ((facts & FACT_PERSON) == 0 || person) && ((facts & FACT_DOCUMENT) == 0 || document),
             named = false;
        for (size_t i = 0; i < s->rules; i++)
            named = named || (s->rule[i].facts & ~facts) == 0;
        if (possible && !named)
            return err_set(err, ERR_INPUT, "classes: none for records that share %s",
                           facts == FACT_PERSON     ? "person alone"
                           : facts == FACT_DOCUMENT ? "document alone"
                                                    : "both");
    }
    return 0;
}

static int read_rules(struct schema *s, json_t *rules, struct err *err)
{
    size_t i;
    json_t *item;
    if (json_array_size(rules) == 0 || json_array_size(rules) > SCHEMA_CLASSES_MAX)
        return err_set(err, ERR_INPUT, "it has %zu classes, not 1 to %d", json_array_size(rules), SCHEMA_CLASSES_MAX);
    json_array_foreach(rules, i, item)
    {
        int rc = read_rule(s, item, err);
        if (rc != 0)
            return rc;
    }
    return check_rules(s, err);
}

/* --- the file --- */

static int read_schema(struct schema *s, json_t *root, struct err *err)
{
    const char *format, *name;
    json_int_t slots, accept = 50, consider = 50, sure = 0;
    int undated = 0;
    json_t *keys, *evidence = NULL, *against = NULL, *judging = NULL, *rules;
    json_error_t why;
    s->overlap = OVERLAP_DEFAULT;
    if (json_unpack_ex(root, &why, JSON_STRICT,
                       "{s:s, s:s, s:I, s?b, s:o, s?o, s?o, s?F, s?F, s?F, s?I, s?I, s?I, s?o, s:o}", "format", &format,
                       "name", &name, "slots", &slots, "undated_names", &undated, "keys", &keys, "evidence", &evidence,
                       "against", &against, "overlap", &s->overlap, "least_records", &s->least_records, "same_document",
                       &s->same_document, "accept", &accept, "consider", &consider, "sure", &sure, "judging", &judging,
                       "classes", &rules) != 0)
        return err_set(err, ERR_INPUT, "%s", why.text);
    if (strcmp(format, FORMAT) != 0)
        return err_set(err, ERR_INPUT, "its format is %.40s, not " FORMAT, format);
    int rc = party_name_check(name, err);
    if (rc != 0)
        return rc;
    snprintf(s->name, sizeof s->name, "%s", name);
    if (slots < 1 || slots > SCHEMA_SLOTS_MAX)
        return err_set(err, ERR_INPUT, "slots is 1 to %d", SCHEMA_SLOTS_MAX);
    s->slots = (unsigned)slots;
    s->undated_names = undated != 0;
    if (accept < 1 || accept > 100 || consider < 1 || consider > accept)
        return err_set(err, ERR_INPUT, "accept is 1 to 100, consider 1 to accept");
    if (sure < 0 || sure > 100)
        return err_set(err, ERR_INPUT, "sure is 0 to 100");
    if (!(s->same_document >= -SCHEMA_BITS_MAX && s->same_document <= SCHEMA_BITS_MAX))
        return err_set(err, ERR_INPUT, "same_document is no number of bits from %g to %g", -SCHEMA_BITS_MAX,
                       SCHEMA_BITS_MAX);
    if (!(s->least_records >= 0 && s->least_records <= RECORDS_MAX))
        return err_set(err, ERR_INPUT, "least_records is not 0 to %g", RECORDS_MAX);
    if (!(s->overlap > 0 && s->overlap <= 1))
        return err_set(err, ERR_INPUT, "overlap is above 0 and at most 1");
    s->accept = (unsigned)accept;
    s->consider = (unsigned)consider;
    s->sure = (unsigned)sure;
    rc = read_keys(s, keys, err);
    if (rc == 0)
        rc = read_evidence(s, evidence, err);
    if (rc == 0)
        rc = read_against(s, against, err);
    if (rc == 0)
        rc = judging_read(&s->judging, judging, err);
    if (rc != 0)
        return rc;
    return read_rules(s, rules, err);
}

int schema_parse(struct schema *out, const void *json, size_t len, struct err *err)
{
    json_error_t why;
    memset(out, 0, sizeof *out);
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        return err_set(err, ERR_INPUT, "line %d: %s", why.line, why.text);
    int rc = read_schema(out, root, err);
    json_decref(root);
    crypto_hash_sha256(out->digest, json, len);
    return rc;
}

int schema_read(struct schema *out, const char *path, struct err *err)
{
    struct buf file = buf_of(SCHEMA_FILE_MAX);
    int rc = file_read(&file, path, err);
    if (rc == 0 && (rc = schema_parse(out, file.data, file.len, err)) != 0)
        err_wrap(err, "the schema %s", path);
    buf_free(&file);
    return rc;
}

int schema_load(struct schema *out, const char *dir, const char *purpose, const uint8_t digest[SCHEMA_DIGEST_SIZE],
                struct err *err)
{
    char path[PATH_LIMIT], name[PARTY_NAME_MAX + 8];
    snprintf(name, sizeof name, "%s.json", purpose);
    int rc = path_join(path, sizeof path, dir, name, err);
    if (rc == 0)
        rc = schema_read(out, path, err);
    if (rc == 0 && memcmp(out->digest, digest, SCHEMA_DIGEST_SIZE) != 0)
        rc = err_set(err, ERR_VERIFY, "the schema %s is not the one of the manifest: its digest differs", path);
    return rc;
}
