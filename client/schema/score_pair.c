#include "client/schema/score.h"

#include <string.h>

void judgement_input_of(struct judgement_input *out, const struct elements *own, const uint8_t agree[ELEMENT_SLOTS],
                        const struct presence *other, bool document)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < ELEMENT_SLOTS; i++)
        if (agree[i] != 0 && own->slot[i].len > 0)
            out->agrees[own->slot[i].field]++;
    out->own = own->presence;
    out->other = *other;
    out->document = document || out->agrees[ELEMENT_DOCUMENT] > 0;
}

/* --- what is seen --- */

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned less(unsigned a, unsigned b)
{
    return a > b ? a - b : 0;
}

/* The greatest and the second of how many words agree in coarse forms, beyond those that agree by root. */
static void count_coarse(const uint8_t agrees[ELEMENT_FIELDS], unsigned roots, unsigned *most, unsigned *second)
{
    *most = *second = 0;
    for (int f = ELEMENT_WORD_SKELETON; f <= ELEMENT_WORD_LETTERS; f++) {
        unsigned n = less(agrees[f], roots);
        if (n > *most) {
            *second = *most;
            *most = n;
        } else if (n > *second)
            *second = n;
    }
}

static void see_names(uint8_t seen[SEEN_KINDS], const struct judgement_input *in)
{
    const uint8_t *agrees = in->agrees;
    unsigned fewer = min_of(in->own.words, in->other.words), more = in->own.words + in->other.words - fewer;
    unsigned exact = min_of(agrees[ELEMENT_WORD_TEXT], more), root = min_of(agrees[ELEMENT_WORD_ROOT], more);
    unsigned most, second;
    if (fewer == 0)
        return;
    count_coarse(agrees, agrees[ELEMENT_WORD_ROOT], &most, &second);
    exact = min_of(exact, root);
    unsigned near = min_of(second, less(fewer, root)), weak = min_of(less(most, near), less(fewer, root + near));
    unsigned met = root + near + weak;
    bool joined = root < fewer && (agrees[ELEMENT_NAME_LETTERS] > 0);
    seen[SEEN_WORD_EXACT] = (uint8_t)exact;
    seen[SEEN_WORD_ROOT] = (uint8_t)(root - exact);
    seen[SEEN_NAME_JOINED] = joined;
    seen[SEEN_NAME_ALL] = root >= more;
    if (joined)
        return;
    seen[SEEN_WORD_NEAR] = (uint8_t)near;
    seen[SEEN_WORD_WEAK] = (uint8_t)weak;
    seen[SEEN_WORD_DIFFERS] = (uint8_t)less(fewer, met);
    seen[SEEN_WORD_EXTRA] = (uint8_t)less(more, fewer > met ? fewer : met);
    seen[SEEN_NAME_KIN] = agrees[ELEMENT_FAMILY] > 0 && seen[SEEN_WORD_DIFFERS] > 0;
    seen[SEEN_NAME_NONE] = root + near == 0 && agrees[ELEMENT_NAME_SKELETON] == 0;
}

static enum seen date_seen(const struct judgement_input *in)
{
    const uint8_t *agrees = in->agrees;
    bool day = agrees[ELEMENT_DAY] > 0, month = agrees[ELEMENT_MONTH] > 0, year = agrees[ELEMENT_YEAR] > 0;
    bool near = agrees[ELEMENT_DECADE] > 0 || agrees[ELEMENT_CENTURY] > 0;
    bool whole = in->own.day && in->other.day;
    if (!whole) {
        bool months = in->own.month && in->other.month;
        return year && (month || !months) ? SEEN_DATE_YEAR_ONLY
               : year || month            ? SEEN_DATE_ONE
               : near                     ? SEEN_DATE_DECADE
                                          : SEEN_DATE_NONE;
    }
    if (day + month + year == 3)
        return SEEN_DATE_FULL;
    if (year && agrees[ELEMENT_TURNED] > 0)
        return SEEN_DATE_TURNED;
    if (day + month + year == 2)
        return !day ? SEEN_DATE_DAY : !month ? SEEN_DATE_MONTH : near ? SEEN_DATE_YEAR_NEAR : SEEN_DATE_YEAR;
    return day + month + year == 1 ? SEEN_DATE_ONE : near ? SEEN_DATE_DECADE : SEEN_DATE_NONE;
}

static void see_rest(uint8_t seen[SEEN_KINDS], const struct judgement_input *in)
{
    const uint8_t *agrees = in->agrees;
    bool sexes = in->own.sex && in->other.sex, countries = in->own.nationalities > 0 && in->other.nationalities > 0;
    seen[in->own.year && in->other.year ? date_seen(in) : SEEN_DATE_ABSENT] = 1;
    seen[SEEN_LEAN] = !sexes && !countries && !in->document && (in->own.documents == 0 || in->other.documents == 0);
    if (sexes)
        seen[agrees[ELEMENT_SEX] > 0 ? SEEN_SEX_AGREES : SEEN_SEX_DIFFERS] = 1;
    if (countries)
        seen[agrees[ELEMENT_NATIONALITY] > 0 ? SEEN_NATIONALITY_AGREES : SEEN_NATIONALITY_DIFFERS] = 1;
    if (in->document)
        seen[SEEN_DOCUMENT_AGREES] = 1;
    else if (in->own.documents > 0 && in->other.documents > 0)
        seen[agrees[ELEMENT_DOCUMENT_KIND] > 0 ? SEEN_DOCUMENT_DIFFERS : SEEN_DOCUMENT_OTHER] = 1;
}

/* --- weighing --- */

#define LOG_ROOM 46

/* log2(2^a + 2^b), all in tenths. */
static int add_odds(int a, int b)
{
    static const uint8_t more[LOG_ROOM] = {10, 10, 9, 9, 8, 8, 7, 7, 7, 6, 6, 6, 5, 5, 5, 4, 4, 4, 4, 3, 3, 3, 3,
                                           3,  3,  2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    int high = a > b ? a : b, apart = 2 * high - a - b;
    return high + (apart < LOG_ROOM ? more[apart] : 0);
}

/* Per cent from odds in tenths of a bit: 100 / (1 + 2^(-bits / 10)), rounded. */
static unsigned per_cent(int bits)
{
    static const uint8_t above[] = {50, 52, 53, 55, 57, 59, 60, 62, 64, 65, 67, 68, 70, 71, 73, 74, 75, 76, 78, 79,
                                    80, 81, 82, 83, 84, 85, 86, 87, 87, 88, 89, 90, 90, 91, 91, 92, 92, 93, 93, 94,
                                    94, 94, 95, 95, 95, 96, 96, 96, 97, 97, 97, 97, 97, 98, 98, 98, 98, 98, 98, 98,
                                    98, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};
    unsigned apart = (unsigned)(bits < 0 ? -bits : bits);
    unsigned score = apart < sizeof above ? above[apart] : 100;
    return bits < 0 ? 100 - score : score;
}

/* log2 of how many pairs there are for each match; none, where the question is whose a document is. */
static int prior_of(const struct schema *s, const uint8_t seen[SEEN_KINDS], unsigned records)
{
    int log = 10 * (int)records, least = s->judging.least_records;
    return seen[SEEN_DOCUMENT_AGREES] != 0 ? 0 : (log > least ? log : least) + s->judging.overlap;
}

struct odds {
    int of[PAIR_CLASSES], others; /* relative to strangers, tenths of a bit */
};

static struct odds odds_of(const struct schema *s, const uint8_t seen[SEEN_KINDS], unsigned records)
{
    struct odds o = {.of = {0}};
    int prior = prior_of(s, seen, records);
    for (int c = 0; c < PAIR_CLASSES; c++) {
        o.of[c] = c == PAIR_UNRELATED ? 0 : s->judging.prior[c] - prior;
        for (int l = 0; l < SEEN_KINDS; l++)
            o.of[c] += seen[l] * s->judging.weight[c][l];
    }
    o.others = 0;
    for (int c = PAIR_UNRELATED + 1; c < PAIR_CLASSES; c++)
        o.others = add_odds(o.others, o.of[c]);
    return o;
}

static enum pair_class likeliest(const struct odds *o)
{
    enum pair_class best = PAIR_MATCH;
    for (int c = 0; c < PAIR_CLASSES; c++)
        if (o->of[c] > o->of[best])
            best = (enum pair_class)c;
    return best;
}

static enum match_kind kind_of_facts(const struct schema *schema, unsigned facts)
{
    for (size_t i = 0; i < schema->rules; i++)
        if ((schema->rule[i].facts & ~facts) == 0)
            return schema->rule[i].kind;
    return MATCH_NONE;
}

struct judgement pair_weigh(const struct schema *schema, const uint8_t seen[SEEN_KINDS], unsigned records)
{
    struct judgement j = {.kind = MATCH_NONE};
    bool persons = schema_keys_of(schema, CLASS_PERSON) != 0, shares = seen[SEEN_DOCUMENT_AGREES] != 0;
    bool other = seen[SEEN_DOCUMENT_DIFFERS] != 0 || seen[SEEN_DOCUMENT_OTHER] != 0;
    struct odds odds = odds_of(schema, seen, records);
    memcpy(j.seen, seen, sizeof j.seen);
    j.class = likeliest(&odds);
    j.bits = odds.of[PAIR_MATCH] - odds.others;
    j.score = per_cent(j.bits);
    bool person = persons && j.score >= 50;
    unsigned facts =
        shares ? FACT_DOCUMENT | (person ? FACT_PERSON : 0) : FACT_PERSON | (other ? FACT_OTHER_DOCUMENT : 0);
    if (shares && !person)
        j.score = persons ? 100 - j.score : 100;
    j.accepted = shares || j.score >= schema->accept;
    if (j.accepted || j.score >= schema->consider)
        j.kind = kind_of_facts(schema, facts);
    return j;
}

bool pair_yields(const struct schema *schema, const uint8_t seen[SEEN_KINDS], unsigned score, unsigned best)
{
    return seen[SEEN_LEAN] != 0 && score < schema->sure && best > score;
}

void pair_see(uint8_t seen[SEEN_KINDS], const struct judgement_input *input)
{
    memset(seen, 0, SEEN_KINDS);
    see_names(seen, input);
    see_rest(seen, input);
    /* Where nothing but names and dates is known, kin costs more matches than it saves from mistakes. */
    if (seen[SEEN_LEAN] != 0)
        seen[SEEN_NAME_KIN] = 0;
}

struct judgement score_pair(const struct schema *schema, const struct judgement_input *input)
{
    uint8_t seen[SEEN_KINDS];
    pair_see(seen, input);
    return pair_weigh(schema, seen,
                      input->own.records > input->other.records ? input->own.records : input->other.records);
}
