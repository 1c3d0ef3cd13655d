#include "client/identity/name.h"

#include "client/identity/spelling.h"

#include <string.h>

#define WORDS_MAX 32
#define SPARE_MAX 256
#define NICKNAME_FOLDED_MIN 4 /* SHAM is not SAM, nor NATH NAT */
#define ALL_KINDS (1u << WORD_TITLE | 1u << WORD_PARTICLE)

/* A field in words. Behind `comma` words stands a comma; 0: none does. `spare` has words that are put together. */
struct words {
    char text[LATIN_MAX];
    char spare[SPARE_MAX];
    size_t bytes, spares; /* of the text with its NUL, and of `spare`, that were written */
    char *word[WORDS_MAX];
    unsigned kinds[WORDS_MAX]; /* of which kinds there are rules for the word: bits 1 << WORD_... */
    unsigned count, comma, seen;
};

/* What the whole of a name tells of the language that its words are of. */
struct context {
    struct countries countries; /* those of the record, and those that its script or words tell */
    bool korean, chinese;       /* given names are syllables of that language */
    bool syllables;             /* given names are written together, whoever parts them */
};

/* --- splitting --- */

static bool is_kind(const struct words *w, unsigned i, unsigned kind)
{
    return (w->kinds[i] >> kind & 1) != 0;
}

static void set_word(struct normaliser *n, struct words *w, unsigned i, char *word)
{
    w->word[i] = word;
    w->kinds[i] = rules_kinds(n->rules, word);
}

static void take_word(struct normaliser *n, struct words *w, char *word)
{
    if (w->count < WORDS_MAX && *word != '\0')
        set_word(n, w, w->count++, word);
}

/* "A/L" is a word where the rules know it; in all others a slash parts. */
static void take_slashed(struct normaliser *n, struct words *w, char *word, const struct countries *countries)
{
    char *rest = word;
    if (strchr(word, '/') == NULL || rules_word(n->rules, word, ALL_KINDS, countries) != NULL)
        take_word(n, w, word);
    else
        for (char *part; (part = strtok_r(rest, "/", &rest)) != NULL;)
            take_word(n, w, part);
}

static int split(struct normaliser *n, struct words *w, const char *field, unsigned how,
                 const struct countries *countries, bool *icao, struct err *err)
{
    w->count = w->comma = w->seen = 0;
    w->bytes = w->spares = 0;
    if (field == NULL || field[0] == '\0')
        return 0;
    int rc = latin_from_text(n->latin, w->text, field, how, &w->seen, err);
    *icao = *icao || (w->seen & LATIN_SAW_ICAO) != 0;
    w->bytes = rc == 0 ? strlen(w->text) + 1 : sizeof w->text;
    char *rest = rc == 0 ? w->text : NULL;
    while (rest != NULL && *rest != '\0') {
        size_t len = strcspn(rest, " ,@");
        char end = rest[len];
        rest[len] = '\0';
        take_slashed(n, w, rest, countries);
        if (end == ',' && w->comma == 0)
            w->comma = w->count;
        rest += len + (end != '\0');
    }
    if ((w->seen & LATIN_SAW_EAST_ASIAN) != 0 && w->comma == 0 && (how & LATIN_WHOLE) == 0 && w->count > 1) {
        for (unsigned i = 1; i < w->count; i++) /* syllables of one field: one word */
            memmove(w->word[0] + strlen(w->word[0]), w->word[i], strlen(w->word[i]) + 1);
        w->count = 1;
        set_word(n, w, 0, w->word[0]);
    }
    return rc;
}

/* What was written: the rest, most of it, never is. */
static void wipe(struct words *w)
{
    explicit_bzero(w->text, w->bytes);
    explicit_bzero(w->spare, w->spares);
}

/* --- which words are the name --- */

/* Leaves out what is no name in word[from..to); everything but fillers stays if nothing would. Returns the new end. */
static unsigned sift(struct normaliser *n, struct words *w, unsigned from, unsigned to,
                     const struct countries *countries)
{
    bool beside[WORDS_MAX] = {false}, filler[WORDS_MAX] = {false}, any = false, front = true;
    unsigned kept = from;
    for (unsigned i = from; i < to; i++) {
        filler[i] = is_kind(w, i, WORD_FILLER);
        unsigned kinds = ALL_KINDS | (front ? 1u << WORD_FRONT : 0);
        beside[i] = (w->kinds[i] & kinds) != 0 && rules_word(n->rules, w->word[i], kinds, countries) != NULL;
        front = front && (beside[i] || filler[i]);
        any = any || (!filler[i] && !beside[i]);
    }
    for (unsigned i = from; i < w->count; i++)
        if (i >= to || (!filler[i] && (!any || !beside[i]))) {
            w->word[kept] = w->word[i];
            w->kinds[kept++] = w->kinds[i];
        }
    unsigned end = to - (w->count - kept);
    w->count = kept;
    return end;
}

/* --- what a name tells of its language --- */

static void add_countries(struct countries *to, const char *codes)
{
    for (; strlen(codes) >= 3; codes += codes[3] == ' ' ? 4 : 3) {
        bool known = false;
        for (unsigned i = 0; i < to->count; i++)
            known = known || memcmp(to->code[i], codes, 3) == 0;
        if (!known && to->count < COUNTRIES_MAX) {
            memcpy(to->code[to->count], codes, 3);
            to->code[to->count++][3] = '\0';
        }
    }
}

static bool among(const struct countries *countries, const char *codes)
{
    for (unsigned i = 0; i < countries->count; i++)
        if (strstr(codes, countries->code[i]) != NULL)
            return true;
    return false;
}

static void tell_by_script(struct countries *out, unsigned seen)
{
    static const struct {
        unsigned script;
        const char *countries;
    } of[] = {{LATIN_SAW_THAI, "THA"},  {LATIN_SAW_LAO, "LAO"},        {LATIN_SAW_BURMESE, "MMR"},
              {LATIN_SAW_KHMER, "KHM"}, {LATIN_SAW_VIETNAMESE, "VNM"}, {LATIN_SAW_HANGUL, "KOR"},
              {LATIN_SAW_HAN, "CHN"}};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
        if ((seen & of[i].script) != 0 && (of[i].script != LATIN_SAW_HAN || (seen & LATIN_SAW_HANGUL) == 0))
            add_countries(out, of[i].countries);
}

static const char *told_by(struct normaliser *n, const char *word)
{
    static const struct countries none = {.count = 0};
    const struct word_rule *rule = rules_word(n->rules, word, 1u << WORD_TELLS, &none);
    return rule != NULL ? rule->root : "";
}

/* Of which countries a word is a family name of one syllable: "CHN", "KOR", "CHN KOR"; "": none. */
static const char *surname_of(struct normaliser *n, const char *word)
{
    static const struct countries none = {.count = 0};
    const struct word_rule *rule = rules_word(n->rules, word, 1u << WORD_SURNAME, &none);
    return rule != NULL ? rule->root : "";
}

static bool is_surname(struct normaliser *n, const char *word)
{
    return surname_of(n, word)[0] != '\0';
}

/* One vowel, with consonants around it that a syllable of Chinese or Korean may have. */
static bool is_syllable(const char *word)
{
    static const char *const ends[] = {"", "N", "NG", "M", "K", "T", "P", "H", "W", "L"};
    static const char *const two[] = {"CH", "ZH", "SH", "TS", "HS", "TZ", "SZ", "KH", "PH", "TH",
                                      "KW", "GW", "HW", "HY", "KY", "GY", "BY", "MY", "PY"};
    size_t onset = strcspn(word, "AEIOUY"), len = strlen(word);
    onset += word[onset] == 'Y' && onset == 0;
    size_t vowels = strspn(word + onset, "AEIOUY");
    bool good = vowels > 0 && vowels <= 4 && len <= 6 && onset <= 2, ended = false;
    for (size_t i = 0; good && onset == 2 && i <= sizeof two / sizeof two[0]; i++)
        if (i == sizeof two / sizeof two[0])
            good = false;
        else if (memcmp(word, two[i], 2) == 0)
            break;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        ended = ended || strcmp(word + onset + vowels, ends[i]) == 0;
    return good && ended;
}

/* A word of up to three syllables: XIAOMING. */
static bool are_syllables(const char *word, unsigned most)
{
    char front[8];
    size_t len = strlen(word);
    if (is_syllable(word))
        return true;
    for (size_t at = 1; most > 1 && at < 7 && at < len; at++) {
        memcpy(front, word, at);
        front[at] = '\0';
        if (is_syllable(front) && are_syllables(word + at, most - 1))
            return true;
    }
    return false;
}

static bool all_syllables(const struct words *w, unsigned from, unsigned to, unsigned most)
{
    for (unsigned i = from; i < to; i++)
        if (!are_syllables(w->word[i], most))
            return false;
    return to > from;
}

static bool writes_as_korean(const struct words *w)
{
    static const char *const signs[] = {"HY", "EO", "EU", "OO", "YOU", "JAE", "HEE", "KYU", "GYU", "SEU", "WOO", "JUN"};
    for (unsigned i = 0; i < w->count; i++)
        for (size_t k = 0; k < sizeof signs / sizeof signs[0]; k++)
            if (strstr(w->word[i], signs[k]) != NULL)
                return true;
    return false;
}

/*
 * A name of a family name of one syllable and given names of syllables, of a person of whom no country is known. w is
 * the whole name, or the given names behind `surname`.
 */
static void tell_by_surname(struct normaliser *n, struct context *c, const struct words *w, const char *surname)
{
    const char *of = surname_of(n, surname);
    if (of[0] == '\0' || !all_syllables(w, 0, w->count, 3))
        return;
    c->korean = strncmp(of, "KOR", 3) == 0 || (strstr(of, "KOR") != NULL && writes_as_korean(w));
    c->chinese = !c->korean;
    add_countries(&c->countries, c->korean ? "KOR" : "CHN");
}

static void tell(struct normaliser *n, struct context *c, const struct words *family, const struct words *given,
                 const struct countries *countries)
{
    static const char joined[] = "CHN HKG MAC TWN KOR PRK", never[] = "VNM MMR THA LAO KHM IDN";
    unsigned last = family->count > 0 ? family->count - 1 : 0;
    c->countries = *countries;
    tell_by_script(&c->countries, family->seen | given->seen);
    for (unsigned i = 0; i < family->count; i++)
        if (is_kind(family, i, WORD_TELLS))
            add_countries(&c->countries, told_by(n, family->word[i]));
    for (unsigned i = 0; i < given->count; i++)
        if (is_kind(given, i, WORD_TELLS))
            add_countries(&c->countries, told_by(n, given->word[i]));
    c->korean = among(&c->countries, "KOR PRK");
    c->chinese = !c->korean && among(&c->countries, "CHN TWN");
    c->syllables = among(&c->countries, joined);
    if (c->syllables || among(&c->countries, never) || family->count == 0)
        return;
    if (given->count > 0 && family->count == 1 && is_kind(family, 0, WORD_SURNAME))
        c->syllables = all_syllables(given, 0, given->count, 1);
    else if (given->count == 0 && family->count == 3)
        c->syllables =
            all_syllables(family, 0, 3, 1) && (is_kind(family, 0, WORD_SURNAME) || is_kind(family, 2, WORD_SURNAME));
    if (c->countries.count > 0 || family->count + given->count < 2)
        return;
    if (is_kind(family, 0, WORD_SURNAME))
        tell_by_surname(n, c, given->count > 0 ? given : family, family->word[0]);
    else if (given->count == 0 && last > 0 && is_kind(family, last, WORD_SURNAME))
        tell_by_surname(n, c, family, family->word[last]);
}

/* --- words within words --- */

/* Without a particle that is written together with the name behind it: VANHUNG is HUNG. */
static char *without_prefix(struct normaliser *n, char *word, const struct countries *countries)
{
    char front[4] = "";
    size_t len = strlen(word);
    if (len < 5 || strchr("AEIOUY", word[3]) != NULL || strcspn(word + 3, "AEIOUY") == len - 3)
        return word;
    memcpy(front, word, 3);
    return rules_word(n->rules, front, 1u << WORD_PREFIX, countries) != NULL ? word + 3 : word;
}

static bool has_rule(struct normaliser *n, const char *word, unsigned kind)
{
    static const struct countries none = {.count = 0};
    return rules_word(n->rules, word, 1u << kind, &none) != NULL;
}

/*
 * Without an article that is written together with the name behind it: ALHASHIMI, ELSAYED, ARRASHID, DELACRUZ. AL,
 * DELA, VANDER, and EL before KH, GH, SH, go from any name but those that are listed as whole; the others, and AL
 * before a vowel, where a name is left that we know.
 */
static char *without_article(struct normaliser *n, char *word)
{
    char front[8] = "";
    size_t len = strlen(word);
    if (len < 5 || strchr("ADEV", word[0]) == NULL)
        return word;
    if (strncmp(word, "ASHSH", 5) == 0 && len > 7)
        return word + 3;
    for (size_t take = 6; take >= 2; take--) {
        char *rest = word + take;
        memcpy(front, word, take);
        front[take] = '\0';
        bool vowel = len > take && strchr("AEIOU", rest[0]) != NULL;
        if (len < take + (vowel ? 3 : 4) || !has_rule(n, front, WORD_ARTICLE))
            continue;
        bool arabic = strchr("KGS", rest[0]) != NULL && rest[1] == 'H';
        bool free = (word[0] != 'E' || arabic) && strchr("AEIOUL", rest[0]) == NULL && strpbrk(rest, "AEIOUY") != NULL;
        if (free ? !has_rule(n, word, WORD_WHOLE)
                 : has_rule(n, rest, WORD_SPELLING) && !has_rule(n, word, WORD_SPELLING))
            return rest;
        return word;
    }
    bool sun = word[0] == 'A' && word[1] == word[2] && strchr("DNRSTZ", word[1]) != NULL;
    return sun && has_rule(n, word + 2, WORD_SPELLING) && !has_rule(n, word, WORD_SPELLING) ? word + 2 : word;
}

static char *put_spare(struct words *w, const char *a, size_t len, const char *b)
{
    size_t more = strlen(b);
    if (w->spares + len + more + 1 > sizeof w->spare)
        return NULL;
    char *word = w->spare + w->spares;
    memcpy(word, a, len);
    memcpy(word + len, b, more + 1);
    w->spares += len + more + 1;
    return word;
}

/* MUJIBURRAHMAN is MUJIBUR RAHMAN: the article has taken the first letter of a name that often stands behind it. */
static void part_tail(struct normaliser *n, struct words *w, unsigned i)
{
    char *word = w->word[i];
    size_t len = strlen(word);
    if (len < 9 || strncmp(word, "ABD", 3) == 0 || w->count == WORDS_MAX)
        return;
    for (size_t at = 5; at + 4 <= len; at++) {
        if (strchr("UO", word[at - 2]) == NULL || strchr("RLSDZN", word[at - 1]) == NULL ||
            (word[at - 1] != 'L' && word[at - 1] != word[at]) || !has_rule(n, word + at, WORD_TAIL))
            continue;
        char *front = put_spare(w, word, at, "");
        if (front == NULL)
            return;
        memmove(w->word + i + 2, w->word + i + 1, (w->count - i - 1) * sizeof w->word[0]);
        memmove(w->kinds + i + 2, w->kinds + i + 1, (w->count - i - 1) * sizeof w->kinds[0]);
        set_word(n, w, i, front);
        set_word(n, w, i + 1, word + at);
        w->count++;
        w->comma += w->comma > i;
        return;
    }
}

/* ZIA UR RAHMAN: UR, US, UZ are an article before a name that begins so. */
static bool is_assimilated(const char *word, const char *next)
{
    return (word[0] == 'U' || word[0] == 'A') && word[1] != '\0' && strchr("RSZD", word[1]) != NULL &&
           word[2] == '\0' && word[1] == next[0] && strlen(next) >= 4;
}

/* SAIFUL before ISLAM, HASIBUR before RAHMAN: SAIF, HASIB, as where the article stands alone. */
static void cut_article(struct normaliser *n, struct words *w, unsigned i, const char *next, unsigned next_kinds)
{
    size_t len = strlen(w->word[i]);
    char last = len > 4 ? w->word[i][len - 1] : '\0';
    if (last == '\0' || (next_kinds >> WORD_TAIL & 1) == 0 || is_kind(w, i, WORD_BEFORE) ||
        strchr("UO", w->word[i][len - 2]) == NULL || (last != 'L' && last != next[0]))
        return;
    w->word[i][len - 2] = '\0';
    set_word(n, w, i, w->word[i]);
}

static void remove_word(struct words *w, unsigned i)
{
    memmove(w->word + i, w->word + i + 1, (w->count - i - 1) * sizeof w->word[0]);
    memmove(w->kinds + i, w->kinds + i + 1, (w->count - i - 1) * sizeof w->kinds[0]);
    w->count--;
    w->comma -= w->comma > i;
}

/* DE LA FUENTE, and DELAFUENTE: LA alone may be a name. */
static bool is_article_of_de(const struct words *w, unsigned i)
{
    return i > 0 && i < w->count && strcmp(w->word[i], "LA") == 0 && strcmp(w->word[i - 1], "DE") == 0;
}

static void open_words(struct normaliser *n, struct words *w, const struct countries *countries)
{
    for (unsigned i = 0; i < w->count; i++) {
        char *word = without_article(n, without_prefix(n, w->word[i], countries));
        if (word != w->word[i])
            set_word(n, w, i, word);
        part_tail(n, w, i);
        if (i + 1 < w->count && (is_article_of_de(w, i) || is_assimilated(w->word[i], w->word[i + 1])))
            remove_word(w, i);
    }
    for (unsigned i = 0; i + 1 < w->count; i++)
        cut_article(n, w, i, w->word[i + 1], w->kinds[i + 1]);
}

/*
 * What is one word with its neighbour in the other field: ABDUR before the family name RAHIM, ULLAH behind the given
 * name NAJIB. The two become the last given name where that leaves a family name, else the family name.
 */
static void join_fields(struct normaliser *n, struct words *family, struct words *given)
{
    if (family->count == 0 || given->count == 0)
        return;
    if (given->count > 1 && is_assimilated(given->word[given->count - 1], family->word[0])) /* FAZAL UR, REHMAN */
        given->count--;
    char *last = given->word[given->count - 1];
    if (family->count > 1 && is_kind(family, 0, WORD_BEFORE)) { /* UD DIN */
        char *one = put_spare(family, family->word[0], strlen(family->word[0]), family->word[1]);
        if (one != NULL) {
            set_word(n, family, 0, one);
            remove_word(family, 1);
        }
    }
    char *first = family->word[0];
    cut_article(n, given, given->count - 1, first, family->kinds[0]);
    if (!is_kind(given, given->count - 1, WORD_BEFORE) && !is_kind(family, 0, WORD_BEHIND))
        return;
    char *both = put_spare(family, last, strlen(last), first);
    if (both == NULL)
        return;
    set_word(n, family, 0, both);
    given->count--;
}

/* --- tokens --- */

/*
 * ABDUL with the name behind it, of which it is the first half, however the two are joined: ABDURRAHMAN, ABDEL RAHMAN.
 * What is behind it, or NULL.
 */
static const char *behind_abdul(const char *word)
{
    if (word[0] != 'A' || strncmp(word, "ABD", 3) != 0)
        return NULL;
    word += 3;
    word +=
        strncmp(word, "OU", 2) == 0 || strncmp(word, "OO", 2) == 0 ? 2 : *word != '\0' && strchr("UEAO", *word) != NULL;
    word += word[0] == 'L' || (word[0] != '\0' && word[0] == word[1]);
    return strlen(word) >= 3 ? word : NULL;
}

/* In root, behind its first `front` letters. Cut to fit. */
static void append_root(char root[TOKEN_MAX + 1], size_t front, const char *more)
{
    size_t len = strnlen(more, TOKEN_MAX - front);
    memmove(root + front, more, len);
    root[front + len] = '\0';
}

static const struct word_rule *spelling_of(struct normaliser *n, const char *text, const struct countries *countries)
{
    return rules_word(n->rules, text, 1u << WORD_SPELLING, countries);
}

/* ABU or ABUL and a name that has several spellings: where that begins. 0: it is no such word. */
static size_t behind_abu(struct normaliser *n, const char *text, const struct countries *countries)
{
    const size_t front = text[0] == 'A' && strncmp(text, "ABUL", 4) == 0 ? 4 : 3;
    return text[0] == 'A' && strncmp(text, "ABU", 3) == 0 && spelling_of(n, text + front, countries) != NULL ? front
                                                                                                             : 0;
}

/* NAJIBULLAH, SALAHUDDIN: where the second half begins, and the one way to write it. NULL: it has none. */
static const char *half_behind(struct normaliser *n, const char *text, size_t *at)
{
    static const struct countries none = {.count = 0};
    size_t len = strlen(text);
    if (len < 7 || strchr("AHN", text[len - 1]) == NULL)
        return NULL;
    for (*at = len > 8 ? len - 6 : 3; *at >= 3 && *at + 4 <= len; (*at)++) {
        const struct word_rule *rule = rules_word(n->rules, text + *at, 1u << WORD_BEHIND, &none);
        if (rule != NULL)
            return rule->root;
    }
    return NULL;
}

static void find_root(struct normaliser *n, char root[TOKEN_MAX + 1], const char *text,
                      const struct countries *countries)
{
    const struct word_rule *rule = spelling_of(n, text, countries);
    const char *behind = rule == NULL ? behind_abdul(text) : NULL, *second;
    const size_t father = rule == NULL ? behind_abu(n, text, countries) : 0;
    char half[TOKEN_MAX + 1];
    size_t at;
    if (behind != NULL) {
        find_root(n, half, behind, countries);
        memcpy(root, "ABDUL", 5);
        append_root(root, 5, half);
    } else if (father > 0) {
        memcpy(root, text, father);
        append_root(root, father, spelling_of(n, text + father, countries)->root);
    } else if (rule == NULL && (second = half_behind(n, text, &at)) != NULL) {
        memcpy(half, text, at);
        half[at] = '\0';
        find_root(n, root, half, countries);
        append_root(root, strlen(root), second);
    } else if (rule == NULL) {
        spelling_fold(root, TOKEN_MAX + 1, text);
        rule = spelling_of(n, root, countries);
        if (rule != NULL && rule->nickname && strlen(root) < NICKNAME_FOLDED_MIN)
            rule = NULL;
    }
    if (rule != NULL)
        memcpy(root, rule->root, strlen(rule->root) + 1);
}

/* The root of a given name that is syllables, however they are written. */
static void find_syllables(struct normaliser *n, char root[TOKEN_MAX + 1], const char *text, const char *language)
{
    char one[TOKEN_MAX + 1];
    rules_fold_syllables(n->rules, one, sizeof one, language, text);
    spelling_fold(root, TOKEN_MAX + 1, one);
    explicit_bzero(one, sizeof one);
}

static void add_token(struct normaliser *n, struct person_name *name, const char *word, bool family,
                      const struct context *c)
{
    struct name_token *t = &name->token[name->tokens];
    if (name->tokens == NAME_TOKENS_MAX)
        return;
    size_t len = strnlen(word, TOKEN_MAX);
    memcpy(t->text, word, len);
    t->text[len] = '\0';
    if ((c->korean || c->chinese) && !family && !is_surname(n, word))
        find_syllables(n, t->root, t->text, c->korean ? "KOR" : "CHN");
    else
        find_root(n, t->root, t->text, &c->countries);
    spelling_sound(t->sound, sizeof t->sound, t->root);
    spelling_skeleton(t->skeleton, sizeof t->skeleton, t->root);
    name->tokens++;
}

/* Words [from..to) as tokens. A word goes together with a `before` one and a `behind` one; all do if joined. */
static void add_tokens(struct normaliser *n, struct person_name *name, const struct words *w, unsigned from,
                       unsigned to, bool family, bool joined, const struct context *c)
{
    char together[LATIN_MAX];
    size_t len = 0, most = 0;
    for (unsigned i = from; i < to; i++) {
        size_t more = strlen(w->word[i]);
        memcpy(together + len, w->word[i], more + 1);
        len += more;
        most = len > most ? len : most;
        if (i + 1 < to && (joined || is_kind(w, i, WORD_BEFORE) || is_kind(w, i + 1, WORD_BEHIND)))
            continue;
        add_token(n, name, together, family, c);
        len = 0;
    }
    explicit_bzero(together, most);
}

/* A person with one name may have it in both fields. */
static bool same_words(const struct words *a, const struct words *b)
{
    if (a->count != b->count)
        return false;
    for (unsigned i = 0; i < a->count; i++)
        if (strcmp(a->word[i], b->word[i]) != 0)
            return false;
    return true;
}

/* A whole name of syllables: the family name stands first, or last where only that one is known for one. */
static void from_syllables(struct normaliser *n, struct person_name *out, const struct words *w,
                           const struct context *c)
{
    unsigned last = w->count - 1;
    bool at_end = !is_kind(w, 0, WORD_SURNAME) && is_kind(w, last, WORD_SURNAME);
    add_tokens(n, out, w, at_end ? last : 0, at_end ? w->count : 1, true, false, c);
    add_tokens(n, out, w, at_end ? 0 : 1, at_end ? last : w->count, false, true, c);
}

static void from_whole(struct normaliser *n, struct person_name *out, struct words *w, const struct context *c)
{
    bool parted = w->comma > 0 && w->comma < w->count;
    unsigned family = sift(n, w, 0, parted ? w->comma : w->count, &c->countries);
    if (!parted && c->syllables && w->count > 1) {
        from_syllables(n, out, w, c);
        return;
    }
    add_tokens(n, out, w, 0, family, parted || family == 1, false, c);
    if (!parted)
        return;
    sift(n, w, family, w->count, &c->countries);
    out->family = out->tokens;
    add_tokens(n, out, w, family, w->count, false, c->syllables, c);
    out->family = out->family < out->tokens ? out->family : 0;
}

static void from_two(struct normaliser *n, struct person_name *out, struct words *family, struct words *given,
                     const struct context *c)
{
    sift(n, family, 0, family->count, &c->countries);
    sift(n, given, 0, given->count, &c->countries);
    bool same = same_words(family, given);
    if (!same)
        join_fields(n, family, given);
    add_tokens(n, out, family, 0, family->count, true, false, c);
    out->family = out->tokens;
    if (!same)
        add_tokens(n, out, given, 0, given->count, false, c->syllables, c);
    out->family = out->family < out->tokens ? out->family : 0;
}

int name_from_fields(struct normaliser *n, struct person_name *out, const char *family, const char *given, unsigned how,
                     const struct countries *countries, bool *icao, struct err *err)
{
    struct words first, second;
    struct context context;
    bool none = family == NULL || family[0] == '\0', whole = none || given == NULL || given[0] == '\0';
    out->tokens = out->family = 0;
    second.bytes = second.spares = 0; /* it is wiped where the first cannot be split, too */
    *icao = false;
    int rc = split(n, &first, none ? given : family, how | (whole ? LATIN_WHOLE : 0), countries, icao, err);
    if (rc == 0)
        rc = split(n, &second, whole ? NULL : given, how, countries, icao, err);
    if (rc == 0) {
        tell(n, &context, &first, &second, countries);
        open_words(n, &first, &context.countries);
        open_words(n, &second, &context.countries);
        if (whole)
            from_whole(n, out, &first, &context);
        else
            from_two(n, out, &first, &second, &context);
    }
    wipe(&first);
    wipe(&second);
    return rc;
}

bool name_equal(const struct person_name *a, const struct person_name *b)
{
    if (a->tokens != b->tokens || a->family != b->family)
        return false;
    for (unsigned i = 0; i < a->tokens; i++)
        if (strcmp(a->token[i].text, b->token[i].text) != 0)
            return false;
    return true;
}
