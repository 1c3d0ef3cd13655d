#include "client/review/judged.h"

#include "client/review/key_text.h"
#include "client/review/text.h"
#include "client/schema/elements_pack.h"
#include "client/schema/score.h"
#include "protocol/base/mark.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#define LABEL 14 /* columns */
#define OWN 31
#define FORMS 6 /* of a word: its slots stand together, from as written to coarse */

int judged_find(const struct agency *agency, int64_t domain, const struct vault_match *match, struct vault_judging *out,
                bool *found, struct err *err)
{
    uint8_t own[HANDLE_SIZE];
    const int partner = region_find_agency(agency->region, match->partner);
    *found = false;
    if (partner < 0)
        return 0;
    int rc = vault_record_handle(agency->vault, domain, &match->record, own, err);
    if (rc == 0)
        rc = vault_judging_find(agency->vault, domain, agency->region->digests[partner], own, match->handle, out, err);
    *found = rc == 0;
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

void judged_in_words(char out[JUDGED_WORDS_MAX], const struct vault_judging *pair)
{
    static const char *const words[JUDGE_STATES] = {
        [JUDGE_JUDGED] = N_("judged"),
        [JUDGE_DIFFERENT] = N_("different"),
        [JUDGE_UNKNOWN] = N_("by keys, not known to %s yet"),
        [JUDGE_WAITING] = N_("by keys, waiting for %s"),
        [JUDGE_LIMIT] = N_("by keys, not judged: limit"),
        [JUDGE_REFUSED] = N_("by keys, refused: see status"),
    };
    if (pair == NULL)
        snprintf(out, JUDGED_WORDS_MAX, N_("by keys"));
    else
        snprintf(out, JUDGED_WORDS_MAX, words[pair->state], pair->partner);
}

const char *judged_without_record(const struct vault_judging *pair)
{
    return pair->check && !pair->begins ? "(asked about)" : "(withdrawn)";
}

static const char *class_of(const struct vault_judging *pair)
{
    return pair->class < PAIR_CLASSES ? pair_class_name[pair->class] : "unknown";
}

json_t *judged_object(const struct vault_judging *pair)
{
    char words[JUDGED_WORDS_MAX];
    json_t *seen = json_object();
    judged_in_words(words, pair);
    if (pair == NULL || pair->state != JUDGE_JUDGED)
        return json_pack("{s:s, s:o}", "state", words, "seen", seen);
    for (size_t i = 0; i < SEEN_KINDS; i++)
        if (pair->seen[i] != 0)
            json_object_set_new(seen, seen_name[i], json_integer(pair->seen[i]));
    return json_pack("{s:s, s:i, s:b, s:s, s:s, s:o}", "state", words, "score", (int)pair->score, "accepted",
                     (int)pair->accepted, "kind", match_kind_name((enum match_kind)pair->kind), "class", class_of(pair),
                     "seen", seen);
}

/* --- element by element --- */

struct lines {
    const struct vault_judging *pair;
    struct elements own;
    struct presence other;
    judged_visit *visit;
    void *context;
};

static void value_of(char out[ELEMENT_VALUE_MAX + 1], const struct element_slot *slot)
{
    memcpy(out, slot->value, slot->len);
    out[slot->len] = '\0';
}

static int show_slot(const struct lines *l, size_t at, struct judged_line *line, struct err *err)
{
    char value[ELEMENT_VALUE_MAX + 1];
    if (l->own.slot[at].len == 0)
        return 0;
    value_of(value, &l->own.slot[at]);
    line->own = value;
    int rc = l->visit(l->context, line, err);
    sodium_memzero(value, sizeof value);
    return rc;
}

/* A word: its finest form that the partner has, too. */
static int show_word(const struct lines *l, size_t at, unsigned number, struct err *err)
{
    static const char *const forms[FORMS] = {N_("the same, as written"),      N_("the same name, written otherwise"),
                                             N_("near: the same consonants"), N_("near: the same beginning"),
                                             N_("near: the same end"),        N_("near: the same letters")};
    struct judged_line line = {
        .label = N_("name"), .number = number, .met = MET_AGAINST, .words = N_("no such word: speaks against")};
    for (size_t f = FORMS; f-- > 0;)
        if (l->pair->agree[at + f] != 0) {
            line.words = forms[f];
            line.met = f < 2 ? MET_SAME : MET_NEAR;
        }
    return show_slot(l, at, &line, err);
}

static bool other_has(const struct presence *p, unsigned field)
{
    return field == ELEMENT_DAY        ? p->day
           : field == ELEMENT_MONTH    ? p->month
           : field == ELEMENT_YEAR     ? p->year
           : field == ELEMENT_SEX      ? p->sex
           : field == ELEMENT_DOCUMENT ? p->documents > 0
                                       : p->nationalities > 0;
}

static int show_other(const struct lines *l, size_t at, const char *label, struct err *err)
{
    static const char *const words[] = {[MET_SAME] = N_("the same"),
                                        [MET_AGAINST] = N_("another one: speaks against"),
                                        [MET_UNKNOWN] = N_("not known there")};
    struct judged_line line = {.label = label};
    line.met = l->pair->agree[at] != 0                       ? MET_SAME
               : other_has(&l->other, l->own.slot[at].field) ? MET_AGAINST
                                                             : MET_UNKNOWN;
    line.words = words[line.met];
    return show_slot(l, at, &line, err);
}

static int show_elements(const struct lines *l, struct err *err)
{
    static const char *const label[ELEMENT_FIELDS] = {
        [ELEMENT_DAY] = N_("day"),           [ELEMENT_MONTH] = N_("month"), [ELEMENT_YEAR] = N_("year"),
        [ELEMENT_DOCUMENT] = N_("document"), [ELEMENT_SEX] = N_("sex"),     [ELEMENT_NATIONALITY] = N_("nationality"),
    };
    unsigned words = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ELEMENT_SLOTS; i++) {
        const unsigned field = l->own.slot[i].field;
        if (field == ELEMENT_WORD_TEXT)
            rc = show_word(l, i, ++words, err);
        else if (label[field] != NULL)
            rc = show_other(l, i, label[field], err);
    }
    return rc;
}

/* Whether this side knows which elements agree. */
static bool is_known(const struct vault_judging *pair)
{
    return pair->state == JUDGE_JUDGED || (pair->state == JUDGE_DIFFERENT && pair->begins);
}

int judged_each(const struct agency *agency, const struct vault_judging *pair, judged_visit *visit, void *context,
                struct err *err)
{
    struct lines l = {.pair = pair, .visit = visit, .context = context};
    struct buf packed = buf_of(VAULT_ELEMENTS_MAX);
    int rc = is_known(pair) ? vault_elements(agency->vault, pair, &packed, err) : 0;
    if (rc == 0 && is_known(pair) &&
        (!elements_unpack(&l.own, buf_span(&packed)) || !presence_unpack(&l.other, pair->presence)))
        rc = err_set(err, ERR_VERIFY, "the vault is damaged (elements): restore it from a backup, or enrol anew");
    if (rc == 0 && is_known(pair))
        rc = show_elements(&l, err);
    sodium_memzero(&l.own, sizeof l.own);
    if (packed.len > 0)
        sodium_memzero(packed.data, packed.len);
    buf_free(&packed);
    return rc;
}

/* --- on paper --- */

static void print_line(const char *label, const char *own, const char *other)
{
    text_put(stdout, label, LABEL);
    text_beside(stdout, LABEL, own, OWN, other);
}

struct printing {
    const char *partner;
    bool any;
};

static int print_element(void *context, const struct judged_line *line, struct err *err)
{
    struct printing *p = context;
    char label[32];
    (void)err;
    if (!p->any)
        print_line("", "this agency", p->partner);
    p->any = true;
    snprintf(label, sizeof label, line->number > 0 ? "%s %u" : "%s", line->label, line->number);
    print_line(label, line->own, line->words);
    return 0;
}

static void print_verdict(const struct vault_judging *pair)
{
    if (pair->state == JUDGE_DIFFERENT)
        printf("\n%s and this agency judged the pair, and both came to this: two different persons\n", pair->partner);
    else
        printf("\n%s and this agency judged the pair, and both came to this: %s, %u%%; likeliest: %s\n", pair->partner,
               pair->kind == MATCH_NONE ? "not the same" : match_kind_in_words((enum match_kind)pair->kind),
               pair->score, class_of(pair));
}

int judged_print(const struct agency *agency, const struct vault_judging *pair, struct err *err)
{
    struct printing p = {.partner = pair->partner};
    if (pair->state != JUDGE_JUDGED && pair->state != JUDGE_DIFFERENT)
        return 0;
    print_verdict(pair);
    if (!is_known(pair)) {
        printf("which elements agree, %s alone knows\n", pair->partner);
        return 0;
    }
    int rc = judged_each(agency, pair, print_element, &p, err);
    if (rc == ERR_NOT_FOUND)
        puts("the own values are not there any more");
    return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* --- the list --- */

struct listing {
    struct agency *agency;
    const struct agency_purpose *purpose;
    json_t *array; /* NULL: a table */
};

static json_t *pair_object(const struct listing *l, const struct vault_judging *pair, const char *id)
{
    char handle[2 * HANDLE_SIZE + 1];
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:b, s:o}", "pair", (json_int_t)pair->number, "purpose",
                     l->purpose->region->name, "record", id, "partner", pair->partner, "handle",
                     bytes_to_hex(handle, pair->other, HANDLE_SIZE), "keys", key_array(&l->purpose->schema, pair->keys),
                     "asked", (int)pair->check, "judged", judged_object(pair));
}

static int print_pair(void *context, const struct vault_judging *pair, struct err *err)
{
    const struct listing *l = context;
    char words[JUDGED_WORDS_MAX], id[VAULT_ID_MAX + 1], score[16] = "-";
    int rc = vault_record_id(l->agency->vault, pair->domain, &pair->record, id, err);
    if (rc == ERR_NOT_FOUND)
        snprintf(id, sizeof id, "%s", judged_without_record(pair));
    else if (rc != 0)
        return rc;
    if (l->array != NULL)
        return json_array_append_new(l->array, pair_object(l, pair, id)) == 0
                   ? 0
                   : err_set(err, ERR_INPUT,
                             "a record's id cannot be printed as JSON: it is no UTF-8, or memory is out");
    judged_in_words(words, pair);
    if (pair->state == JUDGE_JUDGED)
        snprintf(score, sizeof score, "%u%%", pair->score);
    printf("%6" PRId64 " %5s  %-10s ", pair->number, score, pair->state == JUDGE_JUDGED ? class_of(pair) : "-");
    text_put(stdout, pair->partner, 8);
    text_put(stdout, id, 20);
    printf(" %s\n", words);
    return 0;
}

int judged_list(struct agency *agency, const struct agency_purpose *purpose, json_t *array, struct err *err)
{
    struct listing l = {agency, purpose, array};
    if (array == NULL)
        printf("%6s %5s  %-10s %-7s %-20s %s\n", "pair", "score", "likeliest", "with", "record", purpose->region->name);
    return vault_judgings(agency->vault, purpose->domain, print_pair, &l, err);
}
