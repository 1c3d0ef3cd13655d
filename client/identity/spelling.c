#include "client/identity/spelling.h"

#include <stdbool.h>
#include <string.h>

static bool is_vowel(char c)
{
    return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U';
}

static bool is_vowel_or_y(char c)
{
    return is_vowel(c) || c == 'Y';
}

#define SPELLING_MAX 63
#define FOLDS_MAX 8

/* --- folding: a reader of the word, and what it has written --- */

struct fold {
    const char *word; /* where it stands */
    size_t at;        /* how far from the front */
    char *out;
    size_t len, size;
};

/* Writes letters, one that repeats the last only once, and takes `taken` of the word. */
static void emit(struct fold *f, size_t taken, const char *letters)
{
    for (; *letters != '\0' && f->len + 1 < f->size; letters++)
        if (f->len == 0 || f->out[f->len - 1] != *letters)
            f->out[f->len++] = *letters;
    f->word += taken;
    f->at += taken;
}

static void emit_one(struct fold *f, size_t taken, char letter)
{
    if (f->len + 1 < f->size && (f->len == 0 || f->out[f->len - 1] != letter))
        f->out[f->len++] = letter;
    f->word += taken;
    f->at += taken;
}

static bool follows(const struct fold *f, const char *letters)
{
    return strncmp(f->word, letters, strlen(letters)) == 0;
}

/* C, Q, S, X, Z: sibilants and what is written like them. */
static void fold_sibilant(struct fold *f)
{
    const char *w = f->word;
    char next = w[1], after = next != '\0' ? w[2] : '\0';
    switch (w[0]) {
    case 'C':
        if (next == 'H')
            emit(f, after == 'H' ? 3 : 2, after == 'R' || after == 'L' ? "K" : "CH");
        else if (next == 'K' || next == 'Q')
            emit(f, 2, "K");
        else if (next == 'Z')
            emit(f, 2, "CH");
        else
            emit(f, 1, next == 'E' || next == 'I' || next == 'Y' ? "S" : "K");
        return;
    case 'Q': /* pinyin has QI before a vowel or N, Arabic hardly */
        if (next == 'I' && (is_vowel(after) || (after == 'N' && f->at == 0)))
            emit(f, 1, "CH");
        else if (next == 'U' && is_vowel(after))
            emit(f, after == 'E' && w[3] == '\0' ? 3 : 2, "K");
        else
            emit(f, 1, "K");
        return;
    case 'S':
        if (next == 'C' && after == 'H')
            emit(f, 3, "S");
        else if (next == 'H' || next == 'Z' || (next == 'Y' && is_vowel(after)))
            emit(f, 2, "S");
        else
            emit(f, 1, "S");
        return;
    case 'X': /* as in pinyin, where it is common */
        emit(f, 1, "S");
        return;
    default:
        emit(f, next == 'H' ? 2 : 1, next == 'H' ? "CH" : "Z");
    }
}

/* B, D, F, G, J, K, N, P, R, T, V: with an H behind them, or another of their kind, they are one. */
static void fold_stop(struct fold *f)
{
    char c = f->word[0], next = f->word[1];
    if (c == 'D' && (next == 'J' || next == 'Z'))
        emit_one(f, 2, next);
    else if (c == 'T' && next == 'J')
        emit(f, 2, "CH");
    else if (c == 'T' && next == 'H' && f->word[2] == 'J')
        emit(f, 2, "TH"); /* two names: SMITHJONES */
    else if (c == 'G' && next == 'H' && f->word[2] == '\0' && f->at > 1 && strchr("UI", f->word[-1]) != NULL)
        emit(f, 2, ""); /* HUGH, LEIGH */
    else
        emit_one(f, next == 'H' ? 2 : 1, c == 'F' ? 'P' : c);
}

/* H, W, Y: consonants before a vowel, W as V; else part of the vowel or silent. */
static void fold_glide(struct fold *f)
{
    char c = f->word[0], next = f->word[1], before = f->at > 0 ? f->word[-1] : '\0';
    if (c == 'H')
        emit(f, 1, is_vowel_or_y(next) && (f->at == 0 || is_vowel_or_y(before) || before == 'H') ? "H" : "");
    else if (c == 'W')
        emit(f, 1, is_vowel_or_y(next) || f->at == 0 ? "V" : "U");
    else if (is_vowel(next) && (f->at == 0 || is_vowel(before)))
        emit(f, 1, before == 'I' ? "" : "Y");
    else
        emit(f, 1, "I");
}

/* What two letters are that are one vowel; NULL: they are two. */
static const char *one_vowel(char first, char second)
{
    switch (first) {
    case 'A':
        return second == 'A'                                     ? "A"
               : second == 'O'                                   ? "AU"
               : second == 'I' || second == 'Y' || second == 'E' ? "AI"
                                                                 : NULL;
    case 'E':
        return second == 'E' ? "I" : second == 'I' || second == 'Y' ? "AI" : NULL;
    case 'I':
        return second == 'I' || second == 'E' ? "I" : NULL;
    case 'O':
        return second == 'O' || second == 'U' || second == 'W' || second == 'E' ? "U" : NULL;
    default:
        return second == 'U' || second == 'E' ? "U" : NULL;
    }
}

static void fold_vowel(struct fold *f)
{
    char first = f->word[0], second = f->word[1], after = second != '\0' ? f->word[2] : '\0';
    const char *one = is_vowel(after) ? NULL : one_vowel(first, second);
    if (one == NULL)
        emit_one(f, 1, first);
    else if (after == '\0' && second == 'Y' && first == 'E' && f->at > 1)
        emit(f, 2, "I");
    else if (after == '\0' && second == 'E' && (first == 'O' || first == 'U'))
        emit(f, 2, first == 'O' ? "O" : "UE");
    else
        emit(f, 2, one);
}

static void fold_letter(struct fold *f)
{
    switch (f->word[0]) {
    case 'A':
    case 'E':
    case 'I':
    case 'O':
    case 'U':
        fold_vowel(f);
        return;
    case 'C':
    case 'Q':
    case 'S':
    case 'X':
    case 'Z':
        fold_sibilant(f);
        return;
    case 'H':
    case 'W':
    case 'Y':
        fold_glide(f);
        return;
    case 'B':
    case 'D':
    case 'F':
    case 'G':
    case 'J':
    case 'K':
    case 'N':
    case 'P':
    case 'R':
    case 'T':
    case 'V':
        fold_stop(f);
        return;
    default:
        emit_one(f, 1, f->word[0]);
    }
}

static void fold_once(char *out, size_t size, const char *word)
{
    struct fold f = {.word = word, .out = out, .size = size};
    if (follows(&f, "HS") || (word[0] == 'H' && word[1] != '\0' && strchr("TLNMPW", word[1]) != NULL))
        f.word++; /* Wade-Giles HS is pinyin X; Burmese HT, HL, HN, HM are breathed */
    while (*f.word != '\0' && f.len + 1 < size)
        fold_letter(&f);
    if (f.len >= 4 && out[f.len - 1] == 'E' && !is_vowel(out[f.len - 2]))
        f.len--;
    if (f.len == 0)
        emit_one(&f, 0, word[0]);
    out[f.len] = '\0';
}

/* What one fold leaves may be a spelling that folds, too. Each fold that changes a word shortens it, or nearly. */
void spelling_fold(char *out, size_t size, const char *word)
{
    char again[SPELLING_MAX + 1];
    fold_once(out, size, word);
    if (strcmp(out, word) == 0)
        return;
    for (unsigned i = 0; i < FOLDS_MAX && size <= sizeof again; i++) {
        fold_once(again, size, out);
        if (strcmp(again, out) == 0)
            break;
        memcpy(out, again, strlen(again) + 1);
    }
    explicit_bzero(again, sizeof again);
}

/* --- codes --- */

/* The class of the consonant at w, and how many letters it takes. 0: silent or a vowel. */
static char class_of(const char *w, bool first, size_t *taken)
{
    char next = w[1];
    *taken = 1;
    switch (w[0]) {
    case 'B':
    case 'P':
    case 'V':
        return 'P';
    case 'D':
    case 'T':
        *taken = first && next == 'S' ? 2 : 1;
        return *taken == 2 ? 'J' : 'T';
    case 'C': /* folding leaves C before H alone */
        *taken = next == 'H' ? 2 : 1;
        return 'J';
    case 'G':
    case 'K':
        return 'K';
    case 'S':
    case 'Z':
        return 'S';
    case 'N':
        *taken = next == 'G' ? 2 : 1;
        return 'N';
    case 'H':
        return first ? 'H' : '\0';
    case 'Y':
        return first && is_vowel(next) ? 'J' : '\0';
    case 'J':
    case 'L':
    case 'M':
    case 'R':
        return w[0];
    default:
        return w[0] >= '0' && w[0] <= '9' ? w[0] : '\0';
    }
}

/* The first vowel behind the first letter, E like I and O like U. 0: there is none. */
static char vowel_of(const char *word)
{
    const char *vowel = word[0] != '\0' ? strpbrk(word + 1, "AEIOU") : NULL;
    return vowel == NULL ? '\0' : *vowel == 'E' ? 'I' : *vowel == 'O' ? 'U' : *vowel;
}

void spelling_sound(char *out, size_t size, const char *word)
{
    size_t n = 0;
    char last = '\0';
    if (is_vowel(word[0]) && size > 2)
        out[n++] = 'A';
    for (size_t i = 0, taken; word[i] != '\0' && n + 1 < size; i += taken) {
        char c = class_of(word + i, i == 0, &taken);
        if (c != '\0' && c != last)
            out[n++] = c;
        last = c != '\0' ? c : is_vowel_or_y(word[i]) ? '\0' : last;
    }
    if (n == 0 && word[0] != '\0')
        out[n++] = word[0];
    if (n == 1 && n + 1 < size && vowel_of(word) != '\0') /* one consonant is too little: LI, LU, LA */
        out[n++] = vowel_of(word);
    out[n] = '\0';
}

void spelling_skeleton(char *out, size_t size, const char *word)
{
    size_t n = 0;
    for (size_t i = 0; word[i] != '\0' && n + 1 < size; i++)
        if (i == 0 || (!is_vowel_or_y(word[i]) && out[n - 1] != word[i]))
            out[n++] = word[i];
    out[n] = '\0';
}
