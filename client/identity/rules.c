#include "client/identity/rules.h"

#include "client/identity/normalise.h"
#include "client/identity/spelling.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define LETTERS_MAX 2048
#define WORDS_MAX 16384
#define SURNAMES_MAX 160
#define TITLES_MAX 256
#define SYLLABLES_MAX 160
#define ALIASES_MAX 64
#define BUCKETS 16384
#define FIRST_MAX 0x2000 /* code points that letters.txt may speak of */
#define GROUPS_MAX 256
#define FOLDED_MIN 4 /* short words fold into one another: SEN and XIN are two names */

struct surname {
    UChar character[4];
    uint8_t characters;
    char reading[RULE_LATIN_MAX + 1];
};

struct syllable {
    char language[4], from[6], to[6];
};

struct title {
    UChar character[16];
    uint8_t characters;
    bool joined; /* may be written together with the name behind it */
};

struct rules {
    struct letter_rule letter[LETTERS_MAX]; /* by first character, longest first */
    uint16_t letters, first[FIRST_MAX];     /* 1 + index of the first rule that begins with it */
    char base[FIRST_MAX];
    bool silent[FIRST_MAX]; /* left out before anything is looked up */
    const UNormalizer2 *nfkc;
    struct word_rule word[WORDS_MAX]; /* word[0] is unused */
    uint16_t words, bucket[BUCKETS];
    uint16_t kinds_at[256]; /* of which kinds there are words that begin with a byte: bits 1 << WORD_... */
    struct surname surname[SURNAMES_MAX];
    size_t surnames;
    struct title title[TITLES_MAX];
    size_t titles;
    struct syllable syllable[SYLLABLES_MAX];
    size_t syllables;
    char alias[ALIASES_MAX][RULE_WORD_MAX + 1];
    size_t aliases;
    bool alias_begins[256];                        /* by the first byte, in either case */
    char countries[GROUPS_MAX][RULE_LINE_MAX / 4]; /* what stands before a colon */
    size_t groups;
};

/* --- reading --- */

/* A rule that does not fit, or is no rule, is our own mistake: a file that the program was built with. */
static int bad_line(const char *file, const char *line, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "the built-in rules %s.txt: cannot use the line \"%.60s\"", file, line);
}

int32_t rules_compose(const struct rules *rules, UChar *out, int32_t room, const UChar *text, int32_t len)
{
    UErrorCode code = U_ZERO_ERROR;
    int32_t composed = unorm2_normalize(rules->nfkc, text, len, out, room, &code), kept = 0;
    if (U_FAILURE(code) || composed > room)
        return -1;
    for (int32_t i = 0; i < composed; i++)
        if (out[i] >= FIRST_MAX || !rules->silent[out[i]])
            out[kept++] = out[i];
    return kept;
}

/*
 * The characters of a rule, composed as names are before rules are looked up: what would be in another form could
 * never be met.
 */
static bool characters(const struct rules *r, UChar *out, size_t room, uint8_t *count, const char *text)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar wide[32];
    int32_t len;
    u_strFromUTF8(wide, 32, &len, text, -1, &code);
    if (U_FAILURE(code))
        return false;
    len = rules_compose(r, out, (int32_t)room, wide, len);
    *count = (uint8_t)len;
    return len > 0;
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

static bool read_silent(struct rules *r, const char *shown)
{
    int32_t len;
    UChar wide[2];
    UErrorCode code = U_ZERO_ERROR;
    u_strFromUTF8(wide, 2, &len, shown, -1, &code);
    if (U_FAILURE(code) || len != 1 || wide[0] >= FIRST_MAX)
        return false;
    r->silent[wide[0]] = true;
    return true;
}

/* How a row's Latin is to be read. Takes the sign off. */
static enum letter_kind letter_kind_of(char **latin)
{
    static const char signs[] = "-!<^";
    static const enum letter_kind kinds[] = {LETTER_SIGN, LETTER_KILLER, LETTER_LEADING, LETTER_SYLLABLE};
    const char *sign = strchr(signs, (*latin)[0]);
    size_t len = strlen(*latin);
    if (sign != NULL) {
        (*latin)++;
        return kinds[sign - signs];
    }
    if ((*latin)[len - 1] != '+')
        return LETTER_PLAIN;
    (*latin)[len - 1] = '\0';
    return LETTER_INHERENT;
}

static bool read_letter(struct rules *r, char *line)
{
    struct letter_rule *rule = &r->letter[r->letters];
    char *rest = line, *shown = strtok_r(rest, " ", &rest), *latin = strtok_r(rest, " ", &rest),
         *icao = strtok_r(rest, " ", &rest);
    if (latin != NULL && strcmp(latin, "~") == 0)
        return read_silent(r, shown);
    if (latin == NULL || r->letters == LETTERS_MAX)
        return false;
    size_t len = strlen(shown);
    rule->word_end = len > 1 && shown[len - 1] == '$';
    if (rule->word_end)
        shown[len - 1] = '\0';
    rule->kind = (uint8_t)letter_kind_of(&latin);
    r->letters++;
    return characters(r, rule->character, RULE_CHARACTERS_MAX, &rule->characters, shown) &&
           rule->character[0] < FIRST_MAX && copy(rule->latin, sizeof rule->latin, latin) &&
           copy(rule->icao, sizeof rule->icao, icao != NULL ? icao : "");
}

static int compare_letters(const void *a, const void *b)
{
    const struct letter_rule *x = a, *y = b;
    if (x->character[0] != y->character[0])
        return x->character[0] < y->character[0] ? -1 : 1;
    if (x->characters != y->characters)
        return (int)y->characters - (int)x->characters;
    return (int)y->word_end - (int)x->word_end;
}

static int read_letters(struct rules *r, struct err *err)
{
    const char *text = rule_files[RULES_LETTERS].text;
    char line[RULE_LINE_MAX], copied[RULE_LINE_MAX];
    while (rule_line(&text, line)) {
        memcpy(copied, line, sizeof copied);
        if (!read_letter(r, line))
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

static bool is_mark(UChar c)
{
    return (U_GET_GC_MASK(c) & U_GC_M_MASK) != 0;
}

const struct letter_rule *rules_letter(const struct rules *rules, const UChar *text, size_t len, bool closes)
{
    if (text[0] >= FIRST_MAX || rules->first[text[0]] == 0)
        return NULL;
    for (size_t i = rules->first[text[0]] - 1u; i < rules->letters && rules->letter[i].character[0] == text[0]; i++) {
        const struct letter_rule *rule = &rules->letter[i];
        if (rule->characters <= len && memcmp(rule->character, text, rule->characters * sizeof text[0]) == 0 &&
            (!rule->word_end || closes) &&
            (!rule->word_end || rule->characters == len || !u_isalpha(text[rule->characters])) &&
            (!rule->word_end || rule->characters == len || !is_mark(text[rule->characters])))
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
    r->kinds_at[(uint8_t)word[0]] |= (uint16_t)(1u << kind);
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

/* Words of a kind. Of BEHIND, the first of a line stands for all; the root of one that tells is what it tells. */
static bool add_words(struct rules *r, enum word_kind kind, char *rest, const char *countries)
{
    char first[RULE_WORD_MAX + 1] = "";
    bool good = true;
    for (char *w; good && (w = strtok_r(rest, " ", &rest)) != NULL;) {
        if (first[0] == '\0')
            good = copy(first, sizeof first, w);
        good = good && (kind == WORD_TELLS || kind == WORD_SURNAME ? add_word(r, kind, w, countries, "")
                                                                   : add_word(r, kind, w, first, countries));
    }
    return good;
}

static bool add_aliases(struct rules *r, char *rest)
{
    bool good = true;
    for (char *w; good && (w = strtok_r(rest, " ", &rest)) != NULL;) {
        for (char *c = w; *c != '\0'; c++)
            *c = *c == '_' ? ' ' : *c;
        good = r->aliases < ALIASES_MAX && copy(r->alias[r->aliases++], sizeof r->alias[0], w);
        r->alias_begins[(uint8_t)w[0]] = true;
        if (w[0] >= 'A' && w[0] <= 'Z')
            r->alias_begins[(uint8_t)w[0] | 0x20] = true;
    }
    return good;
}

static int read_words(struct rules *r, struct err *err)
{
    static const struct {
        const char *name;
        enum word_kind kind;
    } kinds[] = {{"title", WORD_TITLE},   {"front", WORD_FRONT},     {"particle", WORD_PARTICLE},
                 {"filler", WORD_FILLER}, {"before", WORD_BEFORE},   {"behind", WORD_BEHIND},
                 {"tail", WORD_TAIL},     {"prefix", WORD_PREFIX},   {"article", WORD_ARTICLE},
                 {"whole", WORD_WHOLE},   {"surname", WORD_SURNAME}, {"tells", WORD_TELLS}};
    const char *text = rule_files[RULES_WORDS].text, *countries;
    char line[RULE_LINE_MAX], copied[RULE_LINE_MAX];
    while (rule_line(&text, line)) {
        size_t name = strcspn(line, " :"), k = 0;
        memcpy(copied, line, sizeof copied);
        char *rest = after_head(r, line, name + 1, &countries);
        while (k < sizeof kinds / sizeof kinds[0] &&
               (strncmp(line, kinds[k].name, name) != 0 || kinds[k].name[name] != '\0'))
            k++;
        bool known = k < sizeof kinds / sizeof kinds[0];
        bool good = known ? add_words(r, kinds[k].kind, rest, countries)
                          : strncmp(line, "alias", name) == 0 && add_aliases(r, rest);
        if (!good)
            return bad_line("words", copied, err);
    }
    return 0;
}

/* A word of letters ends where something else stands; a sign (@) anywhere. */
static size_t alias_len(const char *alias, const char *text)
{
    size_t i = 0;
    bool letters = false, spaced = (uint8_t)alias[0] < 0xE4; /* Han and Kana have no spaces */
    for (; alias[i] != '\0'; i++) {
        char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
        letters = (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
        if (c != alias[i])
            return 0;
    }
    return !letters || !spaced || text[i] == ' ' || text[i] == '.' || text[i] == ':' || text[i] == ',' ? i : 0;
}

size_t rules_alias(const struct rules *rules, const char *text)
{
    size_t longest = 0;
    for (size_t i = 0; rules->alias_begins[(uint8_t)text[0]] && i < rules->aliases; i++) {
        size_t len = alias_len(rules->alias[i], text);
        longest = len > longest ? len : longest;
    }
    return longest;
}

/* A spelling as its letters fold (spelling.h), if that is no short word: those as they stand go before all of these. */
static bool add_folded(struct rules *r, const char *word, const char *root, const char *countries)
{
    char folded[RULE_WORD_MAX + 1];
    spelling_fold(folded, sizeof folded, word);
    return strlen(folded) < FOLDED_MIN || strcmp(folded, word) == 0 ||
           add_word(r, WORD_SPELLING, folded, root, countries);
}

static const struct word_rule *any_spelling(const struct rules *r, const char *word)
{
    static const struct countries none = {.count = 0};
    return rules_word(r, word, 1u << WORD_SPELLING, &none);
}

/*
 * The root that stands for a line is its first word, folded: so a root is a fixed point of folding. Nicknames go with
 * the spellings of their name.
 */
static int read_spellings(struct rules *r, enum rule_file file, bool folded, struct err *err)
{
    const char *text = rule_files[file].text, *countries;
    char line[RULE_LINE_MAX], copied[RULE_LINE_MAX], root[RULE_WORD_MAX + 1];
    while (rule_line(&text, line)) {
        memcpy(copied, line, sizeof copied);
        char *rest = after_head(r, line, 0, &countries), *word = strtok_r(rest, " ", &rest);
        bool good = word != NULL;
        const struct word_rule *known = good && file == RULES_NICKNAMES ? any_spelling(r, word) : NULL;
        spelling_fold(root, sizeof root, good ? word : "");
        if (known != NULL)
            memcpy(root, known->root, sizeof root);
        for (; good && word != NULL; word = strtok_r(rest, " ", &rest)) {
            good = folded ? add_folded(r, word, root, countries) : add_word(r, WORD_SPELLING, word, root, countries);
            r->word[r->words].nickname = file == RULES_NICKNAMES;
        }
        if (!good)
            return bad_line(rule_files[file].name, copied, err);
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

unsigned rules_kinds(const struct rules *rules, const char *word)
{
    unsigned kinds = 0;
    for (uint16_t i = rules->bucket[bucket_of(word)]; i != 0; i = rules->word[i].next)
        if (strcmp(rules->word[i].word, word) == 0)
            kinds |= 1u << rules->word[i].kind;
    return kinds;
}

const struct word_rule *rules_word(const struct rules *rules, const char *word, unsigned kinds,
                                   const struct countries *countries)
{
    if ((rules->kinds_at[(uint8_t)word[0]] & kinds) == 0)
        return NULL;
    for (uint16_t i = rules->bucket[bucket_of(word)]; i != 0; i = rules->word[i].next) {
        const struct word_rule *rule = &rules->word[i];
        if ((kinds >> rule->kind & 1) != 0 && strcmp(rule->word, word) == 0 &&
            countries_hold(rule->countries, countries))
            return rule;
    }
    return NULL;
}

/* --- syllables --- */

static int read_syllables(struct rules *r, struct err *err)
{
    const char *text = rule_files[RULES_SYLLABLES].text, *none;
    char line[RULE_LINE_MAX], copied[RULE_LINE_MAX];
    while (rule_line(&text, line)) {
        memcpy(copied, line, sizeof copied);
        char *rest = after_head(r, line, RULE_LINE_MAX, &none), *row;
        while ((row = strtok_r(rest, " ", &rest)) != NULL) {
            struct syllable *s = &r->syllable[r->syllables];
            char *sign = strchr(row, '=');
            if (sign == NULL || r->syllables++ == SYLLABLES_MAX - 1 || !copy(s->language, 4, line) ||
                !copy(s->to, sizeof s->to, sign + 1) || (*sign = '\0', !copy(s->from, sizeof s->from, row)))
                return bad_line("syllables", copied, err);
        }
    }
    return 0;
}

/* A G behind N, or an H behind a vowel, begins the next syllable where a vowel follows: MINGUK, MUHYUN. */
static bool ends_there(const char *from, size_t len, char next)
{
    const bool open = next != '\0' && strchr("AEIOUYW", next) != NULL;
    const bool parted = len > 1 && ((from[len - 1] == 'G' && from[len - 2] == 'N') ||
                                    (from[len - 1] == 'H' && strchr("AEIOU", from[len - 2]) != NULL));
    return !open || !parted;
}

static const struct syllable *syllable_at(const struct rules *r, const char *language, const char *text)
{
    const struct syllable *best = NULL;
    for (size_t i = 0; i < r->syllables; i++) {
        const struct syllable *s = &r->syllable[i];
        size_t len = strlen(s->from);
        if (s->from[0] == text[0] && strncmp(text, s->from, len) == 0 && strcmp(s->language, language) == 0 &&
            ends_there(s->from, len, text[len]) && (best == NULL || len > strlen(best->from)))
            best = s;
    }
    return best;
}

void rules_fold_syllables(const struct rules *rules, char *out, size_t size, const char *language, const char *word)
{
    size_t n = 0;
    while (*word != '\0') {
        const struct syllable *s = syllable_at(rules, language, word);
        const char *letters = s != NULL ? s->to : (const char[]){*word, '\0'};
        for (; *letters != '\0' && n + 1 < size; letters++)
            if (n == 0 || out[n - 1] != *letters)
                out[n++] = *letters;
        word += s != NULL ? strlen(s->from) : 1;
    }
    out[n] = '\0';
}

/* --- titles in their own scripts --- */

static bool add_titles(struct rules *r, char *rest)
{
    bool good = true;
    for (char *w; good && (w = strtok_r(rest, " ", &rest)) != NULL;) {
        struct title *t = &r->title[r->titles];
        size_t len = strlen(w);
        t->joined = w[len - 1] == '+';
        if (t->joined)
            w[len - 1] = '\0';
        good = r->titles++ < TITLES_MAX - 1 && characters(r, t->character, 16, &t->characters, w);
    }
    return good;
}

static int read_titles(struct rules *r, struct err *err)
{
    const char *text = rule_files[RULES_TITLES].text, *countries;
    char line[RULE_LINE_MAX], copied[RULE_LINE_MAX];
    while (rule_line(&text, line)) {
        memcpy(copied, line, sizeof copied);
        if (!add_titles(r, after_head(r, line, RULE_LINE_MAX, &countries)))
            return bad_line("titles", copied, err);
    }
    return 0;
}

size_t rules_native_title(const struct rules *rules, const UChar *text, size_t len)
{
    size_t longest = 0;
    for (size_t i = 0; i < rules->titles; i++) {
        const struct title *t = &rules->title[i];
        if (t->character[0] != text[0] || t->characters > len || t->characters <= longest ||
            memcmp(t->character, text, t->characters * sizeof text[0]) != 0)
            continue;
        bool ends = t->characters == len || text[t->characters] == ' ' || text[t->characters] == '.';
        bool dotted = t->character[t->characters - 1] == '.';
        if (ends || ((dotted || t->joined) && u_isalpha(text[t->characters]) && len - t->characters >= 2))
            longest = t->characters;
    }
    return longest;
}

/* --- surnames --- */

static int read_surnames(struct rules *r, struct err *err)
{
    const char *text = rule_files[RULES_SURNAMES].text;
    char line[RULE_LINE_MAX], copied[RULE_LINE_MAX];
    while (rule_line(&text, line)) {
        memcpy(copied, line, sizeof copied);
        struct surname *s = &r->surname[r->surnames++];
        char *rest = line, *shown = strtok_r(rest, " ", &rest), *reading = strtok_r(rest, " ", &rest);
        if (reading == NULL || r->surnames == SURNAMES_MAX || !characters(r, s->character, 4, &s->characters, shown) ||
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
    const char *row = rule_files[RULES_BIKRAM_SAMBAT].text;
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
    UErrorCode code = U_ZERO_ERROR;
    r->nfkc = unorm2_getNFKCInstance(&code);
    int rc = U_FAILURE(code) ? err_set(err, ERR_INTERNAL, "ICU has no compatibility composition: %s", u_errorName(code))
                             : read_letters(r, err);
    if (rc == 0)
        rc = read_bases(r, err);
    if (rc == 0)
        rc = read_words(r, err);
    if (rc == 0)
        rc = read_spellings(r, RULES_SPELLINGS, false, err);
    if (rc == 0)
        rc = read_spellings(r, RULES_NICKNAMES, false, err);
    if (rc == 0)
        rc = read_spellings(r, RULES_SPELLINGS, true, err);
    if (rc == 0)
        rc = read_titles(r, err);
    if (rc == 0)
        rc = read_syllables(r, err);
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
