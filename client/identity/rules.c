#include "client/identity/rules.h"

#include "client/identity/normalise.h"
#include "client/identity/spelling.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

static const char letters_text[] =
#include "rules/letters.inc"
    ;
static const char words_text[] =
#include "rules/words.inc"
    ;
static const char spellings_text[] =
#include "rules/spellings.inc"
    ;
static const char surnames_text[] =
#include "rules/surnames.inc"
    ;

static const char bikram_sambat_text[] =
#include "rules/bikram-sambat.inc"
    ;

#define LETTERS_MAX 1024
#define WORDS_MAX 8192
#define SURNAMES_MAX 128
#define BUCKETS 8192
#define FIRST_MAX 0x2000 /* code points that letters.txt may speak of */
#define GROUPS_MAX 64
#define LINE_MAX 512
#define FOLDED_MIN 4 /* short words fold into one another: SEN and XIN are two names */

struct surname {
    UChar character[4];
    uint8_t characters;
    char reading[RULE_LATIN_MAX + 1];
};

struct rules {
    struct letter_rule letter[LETTERS_MAX]; /* by first character, longest first */
    uint16_t letters, first[FIRST_MAX];     /* 1 + index of the first rule that begins with it */
    char base[FIRST_MAX];
    struct word_rule word[WORDS_MAX]; /* word[0] is unused */
    uint16_t words, bucket[BUCKETS];
    struct surname surname[SURNAMES_MAX];
    size_t surnames;
    char countries[GROUPS_MAX][LINE_MAX / 4]; /* what stands before a colon */
    size_t groups;
    const char *join;
};

struct span rules_file(size_t i)
{
    static const struct span file[RULE_FILES] = {{(const uint8_t *)letters_text, sizeof letters_text - 1},
                                                 {(const uint8_t *)words_text, sizeof words_text - 1},
                                                 {(const uint8_t *)spellings_text, sizeof spellings_text - 1},
                                                 {(const uint8_t *)surnames_text, sizeof surnames_text - 1},
                                                 {(const uint8_t *)bikram_sambat_text, sizeof bikram_sambat_text - 1}};
    return file[i];
}

/* --- reading --- */

/* A rule that does not fit, or is no rule, is our own mistake: a file that the program was built with. */
static int bad_line(const char *file, const char *line, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "the built-in rules %s.txt: cannot use the line \"%.60s\"", file, line);
}

/* The next line that says something. False at the end. */
static bool next_line(const char **text, char line[LINE_MAX])
{
    while (**text != '\0') {
        size_t len = strcspn(*text, "\n"), kept = len < LINE_MAX ? len : LINE_MAX - 1;
        memcpy(line, *text, kept);
        line[kept] = '\0';
        *text += len + ((*text)[len] == '\n');
        if (line[0] != '#' && line[0] != '\0')
            return true;
    }
    return false;
}

/* UTF-8 of exactly the characters that fit. */
static bool characters(UChar *out, size_t room, uint8_t *count, const char *text)
{
    UErrorCode code = U_ZERO_ERROR;
    int32_t len;
    u_strFromUTF8(out, (int32_t)room, &len, text, -1, &code);
    *count = (uint8_t)len;
    return U_SUCCESS(code) && len > 0 && (size_t)len <= room;
}

static bool copy(char *out, size_t size, const char *in)
{
    size_t len = strlen(in);
    if (len >= size)
        return false;
    memcpy(out, in, len + 1);
    return true;
}

/* --- letters --- */

static bool read_letter(struct letter_rule *rule, char *line)
{
    char *rest = line, *shown = strtok_r(rest, " ", &rest), *latin = strtok_r(rest, " ", &rest),
         *icao = strtok_r(rest, " ", &rest);
    if (latin == NULL || !characters(rule->character, RULE_CHARACTERS_MAX, &rule->characters, shown))
        return false;
    size_t len = strlen(latin);
    if (latin[0] == '-' || latin[0] == '!' || latin[0] == '<' || latin[0] == '^') {
        rule->kind = latin[0] == '-'   ? LETTER_SIGN
                     : latin[0] == '!' ? LETTER_KILLER
                     : latin[0] == '<' ? LETTER_LEADING
                                       : LETTER_SYLLABLE;
        latin++;
    } else if (latin[len - 1] == '+') {
        rule->kind = LETTER_INHERENT;
        latin[len - 1] = '\0';
    }
    return rule->character[0] < FIRST_MAX && copy(rule->latin, sizeof rule->latin, latin) &&
           copy(rule->icao, sizeof rule->icao, icao != NULL ? icao : "");
}

static int compare_letters(const void *a, const void *b)
{
    const struct letter_rule *x = a, *y = b;
    if (x->character[0] != y->character[0])
        return x->character[0] < y->character[0] ? -1 : 1;
    return (int)y->characters - (int)x->characters;
}

static int read_letters(struct rules *r, struct err *err)
{
    const char *text = letters_text;
    char line[LINE_MAX], copied[LINE_MAX];
    while (next_line(&text, line)) {
        memcpy(copied, line, sizeof copied);
        if (r->letters == LETTERS_MAX || !read_letter(&r->letter[r->letters++], line))
            return bad_line("letters", copied, err);
    }
    qsort(r->letter, r->letters, sizeof r->letter[0], compare_letters);
    for (size_t i = r->letters; i > 0; i--)
        r->first[r->letter[i - 1].character[0]] = (uint16_t)i;
    return 0;
}

/* Latin letters with marks, by Unicode's canonical decompositions, which never change. */
static int read_bases(struct rules *r, struct err *err)
{
    UErrorCode code = U_ZERO_ERROR;
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&code);
    if (U_FAILURE(code))
        return err_set(err, ERR_INTERNAL, "ICU has no canonical decompositions: %s", u_errorName(code));
    for (UChar32 c = 0xC0; c < FIRST_MAX; c = c == 0x24F ? 0x1E00 : c == 0x1EFF ? FIRST_MAX : c + 1) {
        UChar parts[8];
        code = U_ZERO_ERROR;
        if (unorm2_getDecomposition(nfd, c, parts, 8, &code) > 0 && U_SUCCESS(code) && (parts[0] | 0x20) >= 'a' &&
            (parts[0] | 0x20) <= 'z')
            r->base[c] = (char)(parts[0] & ~0x20);
    }
    return 0;
}

const struct letter_rule *rules_letter(const struct rules *rules, const UChar *text, size_t len)
{
    if (text[0] >= FIRST_MAX || rules->first[text[0]] == 0)
        return NULL;
    for (size_t i = rules->first[text[0]] - 1u; i < rules->letters && rules->letter[i].character[0] == text[0]; i++) {
        const struct letter_rule *rule = &rules->letter[i];
        if (rule->characters <= len && memcmp(rule->character, text, rule->characters * sizeof text[0]) == 0)
            return rule;
    }
    return NULL;
}

char rules_base_letter(const struct rules *rules, UChar c)
{
    return c < FIRST_MAX ? rules->base[c] : '\0';
}

/* --- words --- */

static size_t bucket_of(const char *word)
{
    uint32_t h = 2166136261u;
    for (; *word != '\0'; word++)
        h = (h ^ (uint8_t)*word) * 16777619u;
    return (h ^ h >> 13) % BUCKETS;
}

static bool add_word(struct rules *r, enum word_kind kind, const char *word, const char *root, const char *countries)
{
    uint16_t *bucket = &r->bucket[bucket_of(word)];
    struct word_rule *rule = &r->word[r->words + 1];
    if (r->words + 2 >= WORDS_MAX || !copy(rule->word, sizeof rule->word, word) ||
        !copy(rule->root, sizeof rule->root, root))
        return false;
    rule->kind = (uint8_t)kind;
    rule->countries = countries;
    rule->next = 0;
    while (*bucket != 0) /* at the end: of two rules for a word, the earlier one holds */
        bucket = &r->word[*bucket].next;
    *bucket = ++r->words;
    return true;
}

/* Takes "HEAD: " off the line; *countries: what stands in HEAD behind its first `skip` characters. */
static char *after_head(struct rules *r, char *line, size_t skip, const char **countries)
{
    char *colon = strchr(line, ':');
    *countries = "";
    if (colon == NULL)
        return line;
    *colon = '\0';
    if (strlen(line) > skip && r->groups < GROUPS_MAX &&
        copy(r->countries[r->groups], sizeof r->countries[0], line + skip))
        *countries = r->countries[r->groups++];
    return colon + 1;
}

static int read_words(struct rules *r, struct err *err)
{
    static const struct {
        const char *name;
        enum word_kind kind;
    } kinds[] = {{"title", WORD_TITLE},
                 {"particle", WORD_PARTICLE},
                 {"filler", WORD_FILLER},
                 {"before", WORD_BEFORE},
                 {"prefix", WORD_PREFIX}};
    const char *text = words_text, *countries;
    char line[LINE_MAX], copied[LINE_MAX];
    while (next_line(&text, line)) {
        size_t name = strcspn(line, " :"), k = 0;
        memcpy(copied, line, sizeof copied);
        char *rest = after_head(r, line, name + 1, &countries);
        if (strncmp(line, "join", name) == 0) {
            r->join = countries;
            continue;
        }
        while (k < sizeof kinds / sizeof kinds[0] && strncmp(line, kinds[k].name, name) != 0)
            k++;
        bool good = k < sizeof kinds / sizeof kinds[0];
        for (char *w; good && (w = strtok_r(rest, " ", &rest)) != NULL;)
            good = add_word(r, kinds[k].kind, w, "", countries);
        if (!good)
            return bad_line("words", copied, err);
    }
    return 0;
}

/* Every spelling is found as it stands, and, if that is no short word, as its letters fold (spelling.h). */
static bool add_spelling(struct rules *r, const char *word, const char *root, const char *countries)
{
    char folded[RULE_WORD_MAX + 1];
    spelling_fold(folded, sizeof folded, word);
    return add_word(r, WORD_SPELLING, word, root, countries) &&
           (strlen(folded) < FOLDED_MIN || strcmp(folded, word) == 0 ||
            add_word(r, WORD_SPELLING, folded, root, countries));
}

static int read_spellings(struct rules *r, struct err *err)
{
    const char *text = spellings_text, *countries;
    char line[LINE_MAX], copied[LINE_MAX];
    while (next_line(&text, line)) {
        memcpy(copied, line, sizeof copied);
        char *rest = after_head(r, line, 0, &countries), *root = strtok_r(rest, " ", &rest);
        bool good = root != NULL && add_spelling(r, root, root, countries);
        for (char *w; good && (w = strtok_r(rest, " ", &rest)) != NULL;)
            good = add_spelling(r, w, root, countries);
        if (!good)
            return bad_line("spellings", copied, err);
    }
    return 0;
}

static bool countries_hold(const char *list, const struct countries *countries)
{
    for (unsigned i = 0; list[0] != '\0' && i < countries->count; i++)
        if (strstr(list, countries->code[i]) != NULL)
            return true;
    return list[0] == '\0';
}

const struct word_rule *rules_word(const struct rules *rules, const char *word, unsigned kinds,
                                   const struct countries *countries)
{
    for (uint16_t i = rules->bucket[bucket_of(word)]; i != 0; i = rules->word[i].next) {
        const struct word_rule *rule = &rules->word[i];
        if ((kinds >> rule->kind & 1) != 0 && strcmp(rule->word, word) == 0 &&
            countries_hold(rule->countries, countries))
            return rule;
    }
    return NULL;
}

bool rules_join_given(const struct rules *rules, const struct countries *countries)
{
    return rules->join[0] != '\0' && countries_hold(rules->join, countries);
}

/* --- surnames --- */

static int read_surnames(struct rules *r, struct err *err)
{
    const char *text = surnames_text;
    char line[LINE_MAX], copied[LINE_MAX];
    while (next_line(&text, line)) {
        memcpy(copied, line, sizeof copied);
        struct surname *s = &r->surname[r->surnames++];
        char *rest = line, *shown = strtok_r(rest, " ", &rest), *reading = strtok_r(rest, " ", &rest);
        if (reading == NULL || r->surnames == SURNAMES_MAX || !characters(s->character, 4, &s->characters, shown) ||
            !copy(s->reading, sizeof s->reading, reading))
            return bad_line("surnames", copied, err);
    }
    return 0;
}

size_t rules_surname(const struct rules *rules, const UChar *text, size_t len, const char **reading)
{
    const struct surname *best = NULL;
    for (size_t i = 0; i < rules->surnames; i++) {
        const struct surname *s = &rules->surname[i];
        if (s->characters < len && memcmp(s->character, text, s->characters * sizeof text[0]) == 0 &&
            (best == NULL || s->characters > best->characters))
            best = s;
    }
    *reading = best != NULL ? best->reading : "";
    return best != NULL ? best->characters : 1;
}

/* --- months --- */

#define BIKRAM_SAMBAT_EPOCH (-18526) /* 13 April 1919, in days after 1 January 1970 */
#define BIKRAM_SAMBAT_ROW 18         /* "YEAR 12 digits\n", each the last one of a number of days */

bool rules_bikram_sambat(unsigned year, uint8_t days[12], int32_t *begins)
{
    const char *row = bikram_sambat_text;
    if (year < BIKRAM_SAMBAT_FIRST || year > BIKRAM_SAMBAT_LAST)
        return false;
    while (*row == '#')
        row = strchr(row, '\n') + 1;
    *begins = BIKRAM_SAMBAT_EPOCH;
    for (unsigned y = BIKRAM_SAMBAT_FIRST;; y++, row += BIKRAM_SAMBAT_ROW) {
        int32_t all = 0;
        for (unsigned m = 0; m < 12; m++) {
            days[m] = (uint8_t)(row[5 + m] == '9' ? 29 : 30 + row[5 + m] - '0');
            all += days[m];
        }
        if (y == year)
            return true;
        *begins += all;
    }
}

/* --- all --- */

int rules_new(struct rules **out, struct err *err)
{
    struct rules *r = calloc(1, sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for the rules of normalising");
    r->join = "";
    int rc = read_letters(r, err);
    if (rc == 0)
        rc = read_bases(r, err);
    if (rc == 0)
        rc = read_words(r, err);
    if (rc == 0)
        rc = read_spellings(r, err);
    if (rc == 0)
        rc = read_surnames(r, err);
    if (rc == 0)
        *out = r;
    else
        rules_free(r);
    return rc;
}

void rules_free(struct rules *rules)
{
    free(rules);
}
