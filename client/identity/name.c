#include "client/identity/name.h"

#include "client/identity/spelling.h"

#include <string.h>

#define WORDS_MAX 32
#define ALL_KINDS (1u << WORD_TITLE | 1u << WORD_PARTICLE)

/* A field in words. Behind `comma` words stands a comma; 0: none does. */
struct words {
    char text[LATIN_MAX];
    char *word[WORDS_MAX];
    unsigned count, comma;
    bool east_asian;
};

/* --- splitting --- */

static void take_word(struct words *w, char *word)
{
    if (w->count < WORDS_MAX && *word != '\0')
        w->word[w->count++] = word;
}

/* "A/L" is a word where the rules know it; in all others a slash parts. */
static void take_slashed(struct normaliser *n, struct words *w, char *word, const struct countries *countries)
{
    char *rest = word;
    if (strchr(word, '/') == NULL || rules_word(n->rules, word, ALL_KINDS, countries) != NULL)
        take_word(w, word);
    else
        for (char *part; (part = strtok_r(rest, "/", &rest)) != NULL;)
            take_word(w, part);
}

static int split(struct normaliser *n, struct words *w, const char *field, unsigned how,
                 const struct countries *countries, bool *icao, struct err *err)
{
    unsigned seen = 0;
    w->count = w->comma = 0;
    w->east_asian = false;
    if (field == NULL || field[0] == '\0')
        return 0;
    int rc = latin_from_text(n->latin, w->text, field, how, &seen, err);
    *icao = *icao || (seen & LATIN_SAW_ICAO) != 0;
    w->east_asian = (seen & LATIN_SAW_EAST_ASIAN) != 0;
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
    if (w->east_asian && w->comma == 0 && (how & LATIN_WHOLE) == 0 && w->count > 1) {
        for (unsigned i = 1; i < w->count; i++) /* syllables of one field: one word */
            memmove(w->word[0] + strlen(w->word[0]), w->word[i], strlen(w->word[i]) + 1);
        w->count = 1;
    }
    return rc;
}

/* --- which words are the name --- */

/* Leaves out what is no name in word[from..to); everything but fillers stays if nothing would. Returns the new end. */
static unsigned sift(struct normaliser *n, struct words *w, unsigned from, unsigned to,
                     const struct countries *countries)
{
    char *named[WORDS_MAX], *beside[WORDS_MAX];
    unsigned names = 0, besides = 0;
    for (unsigned i = from; i < to; i++) {
        if (rules_word(n->rules, w->word[i], 1u << WORD_FILLER, countries) != NULL)
            continue;
        beside[besides++] = w->word[i];
        if (rules_word(n->rules, w->word[i], ALL_KINDS, countries) == NULL)
            named[names++] = w->word[i];
    }
    char **kept = names > 0 ? named : beside;
    unsigned count = names > 0 ? names : besides;
    memmove(w->word + from, kept, count * sizeof kept[0]);
    memmove(w->word + from + count, w->word + to, (w->count - to) * sizeof kept[0]);
    w->count -= to - from - count;
    return from + count;
}

/* Without a particle that is written together with the name behind it: VANHUNG is HUNG. */
static const char *without_prefix(struct normaliser *n, const char *word, const struct countries *countries)
{
    char front[4] = "";
    size_t len = strlen(word);
    if (len < 5 || strchr("AEIOUY", word[3]) != NULL || strcspn(word + 3, "AEIOUY") == len - 3)
        return word;
    memcpy(front, word, 3);
    return rules_word(n->rules, front, 1u << WORD_PREFIX, countries) != NULL ? word + 3 : word;
}

/* --- tokens --- */

/*
 * ABDUL with the name behind it, of which it is the first half, however the two are joined: ABDURRAHMAN, ABDEL RAHMAN.
 * What is behind it, or NULL.
 */
static const char *behind_abdul(const char *word)
{
    if (strncmp(word, "ABD", 3) != 0)
        return NULL;
    word += 3;
    word +=
        strncmp(word, "OU", 2) == 0 || strncmp(word, "OO", 2) == 0 ? 2 : *word != '\0' && strchr("UEAO", *word) != NULL;
    word += word[0] == 'L' || (word[0] != '\0' && word[0] == word[1]);
    return strlen(word) >= 3 ? word : NULL;
}

static void find_root(struct normaliser *n, char root[TOKEN_MAX + 1], const char *text,
                      const struct countries *countries)
{
    const struct word_rule *rule = rules_word(n->rules, text, 1u << WORD_SPELLING, countries);
    const char *behind = rule == NULL ? behind_abdul(text) : NULL;
    if (behind != NULL) {
        find_root(n, root, behind, countries);
        memmove(root + 5, root, TOKEN_MAX - 5);
        memcpy(root, "ABDUL", 5);
        root[TOKEN_MAX] = '\0';
        return;
    }
    if (rule == NULL) {
        spelling_fold(root, TOKEN_MAX + 1, text);
        rule = rules_word(n->rules, root, 1u << WORD_SPELLING, countries);
    }
    if (rule != NULL)
        memcpy(root, rule->root, strlen(rule->root) + 1);
}

static void add_token(struct normaliser *n, struct person_name *name, const char *word,
                      const struct countries *countries)
{
    struct name_token *t = &name->token[name->tokens];
    char folded[TOKEN_MAX + 1];
    if (name->tokens == NAME_TOKENS_MAX)
        return;
    size_t len = strnlen(word, TOKEN_MAX);
    memcpy(t->text, word, len);
    t->text[len] = '\0';
    find_root(n, t->root, t->text, countries);
    spelling_fold(folded, sizeof folded, t->root);
    spelling_sound(t->sound, sizeof t->sound, folded);
    spelling_skeleton(t->skeleton, sizeof t->skeleton, folded);
    name->tokens++;
}

/* Words [from..to) as tokens. `before` words go together with the one behind; all do if joined. */
static void add_tokens(struct normaliser *n, struct person_name *name, const struct words *w, unsigned from,
                       unsigned to, bool joined, const struct countries *countries)
{
    char together[LATIN_MAX];
    size_t len = 0;
    for (unsigned i = from; i < to; i++) {
        size_t more = strlen(w->word[i]);
        memcpy(together + len, w->word[i], more + 1);
        len += more;
        if (i + 1 < to && (joined || rules_word(n->rules, w->word[i], 1u << WORD_BEFORE, countries) != NULL))
            continue;
        add_token(n, name, without_prefix(n, together, countries), countries);
        len = 0;
    }
    explicit_bzero(together, sizeof together);
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

static void from_whole(struct normaliser *n, struct person_name *out, struct words *w,
                       const struct countries *countries)
{
    bool join = w->east_asian || rules_join_given(n->rules, countries), parted = w->comma > 0 && w->comma < w->count;
    if (!parted) {
        sift(n, w, 0, w->count, countries);
        add_tokens(n, out, w, 0, w->count, false, countries);
        return;
    }
    unsigned family = sift(n, w, 0, w->comma, countries);
    sift(n, w, family, w->count, countries);
    add_tokens(n, out, w, 0, family, false, countries);
    out->family = out->tokens;
    add_tokens(n, out, w, family, w->count, join, countries);
    out->family = out->family < out->tokens ? out->family : 0;
}

int name_from_fields(struct normaliser *n, struct person_name *out, const char *family, const char *given, unsigned how,
                     const struct countries *countries, bool *icao, struct err *err)
{
    struct words first, second;
    bool whole = family == NULL || family[0] == '\0' || given == NULL || given[0] == '\0';
    out->tokens = out->family = 0;
    *icao = false;
    int rc = split(n, &first, whole && (family == NULL || family[0] == '\0') ? given : family,
                   how | (whole ? LATIN_WHOLE : 0), countries, icao, err);
    second.count = second.comma = 0;
    if (rc == 0 && !whole)
        rc = split(n, &second, given, how, countries, icao, err);
    if (rc == 0 && whole) {
        from_whole(n, out, &first, countries);
    } else if (rc == 0) {
        sift(n, &first, 0, first.count, countries);
        sift(n, &second, 0, second.count, countries);
        add_tokens(n, out, &first, 0, first.count, false, countries);
        out->family = out->tokens;
        if (!same_words(&first, &second))
            add_tokens(n, out, &second, 0, second.count, rules_join_given(n->rules, countries), countries);
        out->family = out->family < out->tokens ? out->family : 0;
    }
    explicit_bzero(&first, sizeof first);
    explicit_bzero(&second, sizeof second);
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
