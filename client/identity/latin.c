#include "client/identity/latin.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define WIDE_MAX 4096
#define HAN_FIRST 0x3400
#define HAN_LAST 0x9FFF
#define READING_MAX 7
#define READING_WIDE 16 /* with marks */

static const char icu_id[] = "Any-Latin; NFD";

struct latin {
    const struct rules *rules;
    UTransliterator *icu; /* opened when the first text needs it: most never do */
    UChar wide[WIDE_MAX], other[WIDE_MAX];
    char shape[LATIN_MAX];
    char reading[HAN_LAST - HAN_FIRST + 1][READING_MAX + 1]; /* of a character of Han, once it was met; "-": none */
};

int latin_new(struct latin **out, const struct rules *rules, struct err *err)
{
    struct latin *l = calloc(1, sizeof *l);
    if (l == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory for transliterating");
    l->rules = rules;
    *out = l;
    return 0;
}

void latin_free(struct latin *latin)
{
    if (latin == NULL)
        return;
    if (latin->icu != NULL)
        utrans_close(latin->icu);
    explicit_bzero(latin->wide, sizeof latin->wide);
    explicit_bzero(latin->other, sizeof latin->other);
    explicit_bzero(latin->reading, sizeof latin->reading);
    free(latin);
}

/* --- writing --- */

struct writer {
    char *out;
    char *shape; /* of each letter of out: what it is for the A that a consonant has of itself */
    size_t len;
    size_t word;      /* where the last word begins */
    size_t consonant; /* where the last consonant begins, for what silences it */
    char leading[4];  /* a vowel that waits for its consonant */
    bool inherent;    /* the last consonant still lacks its A */
    bool syllable;    /* the word is one of a script in which a consonant without a vowel has an A */
    bool drops;       /* the word is of a script that leaves such an A unspoken between consonants and at the end */
};

enum shape { SHAPE_CONSONANT = 'C', SHAPE_GOES_ON = '-', SHAPE_VOWEL = 'V', SHAPE_OWN_A = 'A' };

static bool is_vowel(char c)
{
    return c == 'A' || c == 'E' || c == 'I' || c == 'O' || c == 'U';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static void put(struct writer *w, const char *letters)
{
    size_t len = strlen(letters);
    if (w->len + len >= LATIN_MAX)
        return;
    for (size_t i = 0; letters[i] != '\0'; i++) {
        bool goes_on = i > 0 && (letters[i] == 'H' || (letters[i] == 'G' && letters[i - 1] == 'N') ||
                                 (letters[i] == 'Y' && letters[i - 1] == 'G'));
        w->shape[w->len + i] = is_vowel(letters[i]) ? SHAPE_VOWEL : goes_on ? SHAPE_GOES_ON : SHAPE_CONSONANT;
    }
    memcpy(w->out + w->len, letters, len);
    w->len += len;
}

static void put_letter(struct writer *w, char letter)
{
    if (w->len + 1 >= LATIN_MAX)
        return;
    w->shape[w->len] = is_vowel(letter) ? SHAPE_VOWEL : SHAPE_CONSONANT;
    w->out[w->len++] = letter;
}

static void end_consonant(struct writer *w)
{
    if (w->inherent) {
        put(w, "A");
        w->shape[w->len - 1] = SHAPE_OWN_A;
    }
    w->inherent = false;
}

/* How many consonants stand before letter i, and where the vowel before them is; `from` - 1 is none. */
static size_t consonants_before(const struct writer *w, size_t from, size_t i, bool *vowel)
{
    size_t count = 0;
    for (; i > from && w->shape[i - 1] != SHAPE_VOWEL && w->shape[i - 1] != SHAPE_OWN_A; i--)
        count += w->shape[i - 1] == SHAPE_CONSONANT;
    *vowel = i > from;
    return count;
}

/*
 * The A that a consonant has of itself falls at the end of a word, unless two consonants stand before it (CHANDRA), and
 * between vowel, consonant and consonant, vowel (SULTANA, RAHMAN): from the end to the front.
 */
static void drop_own(struct writer *w)
{
    size_t behind = 0; /* consonants between here and the next vowel, or the end */
    bool vowel_behind = false, vowel;
    for (size_t at = w->len; at-- > w->word;) {
        if (w->shape[at] == SHAPE_CONSONANT || w->shape[at] == SHAPE_GOES_ON) {
            behind += w->shape[at] == SHAPE_CONSONANT;
            continue;
        }
        bool drop = w->shape[at] == SHAPE_OWN_A && consonants_before(w, w->word, at, &vowel) == 1 && vowel &&
                    (at + 1 == w->len || (behind == 1 && vowel_behind));
        if (drop) {
            w->len--;
            memmove(w->out + at, w->out + at + 1, w->len - at);
            memmove(w->shape + at, w->shape + at + 1, w->len - at);
        } else {
            behind = 0;
            vowel_behind = true;
        }
    }
}

static bool has_vowel(const struct writer *w)
{
    for (size_t i = w->word; i < w->len; i++)
        if (is_vowel(w->out[i]))
            return true;
    return false;
}

/* The end of a word. A vowel that still waits for its consonant is written as it is. */
static void part(struct writer *w)
{
    end_consonant(w);
    put(w, w->leading);
    w->leading[0] = '\0';
    if (w->syllable && !has_vowel(w))
        put(w, "A");
    if (w->drops)
        drop_own(w);
    w->syllable = w->drops = false;
    if (w->len > 0 && w->out[w->len - 1] != ' ')
        put(w, " ");
    w->word = w->consonant = w->len;
}

/* Devanagari to Bengali. */
static bool drops_own_a(UChar c)
{
    return c >= 0x0900 && c <= 0x09FF;
}

static void put_rule(struct writer *w, const struct letter_rule *rule, bool icao)
{
    const char *latin = icao && rule->icao[0] != '\0' ? rule->icao : rule->latin;
    switch ((enum letter_kind)rule->kind) {
    case LETTER_SIGN:
        w->inherent = false;
        put(w, latin);
        return;
    case LETTER_KILLER:
        w->len = w->consonant;
        w->inherent = false;
        return;
    case LETTER_LEADING:
        memcpy(w->leading, latin, sizeof w->leading);
        return;
    case LETTER_SYLLABLE:
        part(w);
        break;
    default:
        end_consonant(w);
    }
    w->consonant = w->len;
    put(w, latin);
    put(w, w->leading);
    w->leading[0] = '\0';
    w->inherent = rule->kind == LETTER_INHERENT;
    w->syllable = w->syllable || rule->kind == LETTER_SYLLABLE;
    w->drops = w->drops || (w->inherent && drops_own_a(rule->character[0]));
}

/* --- characters --- */

static bool is_apostrophe(UChar c)
{
    return c == '\'' || c == '`' || c == 0xB4 || c == 0x2018 || c == 0x2019 || (c >= 0x02B0 && c <= 0x02FF) ||
           c == 0x2032;
}

/* Marks and characters without a sound of their own. */
static bool is_silent(UChar c)
{
    return (c >= 0x0300 && c <= 0x036F) || (c >= 0x200B && c <= 0x200F) || c == 0xFEFF ||
           (c >= 0xFE00 && c <= 0xFE0F) || c == 0xAD || c == 0x093C || c == 0x09BC;
}

/* A comma ends a word; a slash may be part of one (A/L). */
static void put_sign(struct writer *w, char c)
{
    if (w->drops)
        drop_own(w);
    w->drops = false;
    put(w, (const char[]){c, '\0'});
    w->word = w->len;
}

static void put_ascii(struct writer *w, char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (is_letter(c))
        put_letter(w, c);
    else if (c == ',' || c == '/' || c == '@')
        put_sign(w, c);
    else if (!is_apostrophe((UChar)c))
        part(w);
}

/*
 * Writes text, in capitals, by our tables. False at the first character that they do not have, unless it is to be
 * left out: what has been through ICU once is.
 */
static bool write_text(const struct latin *l, struct writer *w, const UChar *text, size_t len, unsigned how,
                       bool leave_out, unsigned *seen)
{
    for (size_t i = 0; i < len;) {
        UChar c = text[i];
        const struct letter_rule *rule =
            c < 0x80 ? NULL : rules_letter(l->rules, text + i, len - i, w->len > w->word && w->leading[0] == '\0');
        char base = c < 0x80 ? (char)c : rule == NULL ? rules_base_letter(l->rules, c) : '\0';
        if (rule != NULL) {
            *seen |= rule->icao[0] != '\0' ? LATIN_SAW_ICAO : 0;
            put_rule(w, rule, (how & LATIN_ICAO) != 0);
            i += rule->characters;
            continue;
        }
        i++;
        if (base != '\0') {
            end_consonant(w);
            put_ascii(w, base);
        } else if (!leave_out && (u_isalpha(c) || U16_IS_SURROGATE(c))) {
            return false;
        } else if (!is_apostrophe(c) && !is_silent(c)) {
            part(w);
        }
    }
    return true;
}

static void finish(struct writer *w)
{
    part(w);
    while (w->len > 0 && w->out[w->len - 1] == ' ')
        w->len--;
    w->out[w->len] = '\0';
}

/* --- scripts that ICU reads --- */

static bool is_han(UChar c)
{
    return (c >= HAN_FIRST && c <= HAN_LAST) || (c >= 0xF900 && c <= 0xFAFF);
}

static bool is_hangul(UChar c)
{
    return c >= 0xAC00 && c <= 0xD7A3;
}

/* What ICU reads of the northern Indic scripts. They leave the A at the end of a word unspoken: SUNIL, not SUNILA. */
static bool drops_final_a(UChar c)
{
    return c >= 0x0900 && c <= 0x0AFF;
}

/*
 * In a name all of Han or all of Hangul: reads the family name as such and puts a comma behind it. One space between
 * names is taken for that comma; more, or a middle dot, belong to a foreign name, which stays as it is.
 */
static size_t part_surname(const struct latin *l, UChar *out, const UChar *text, size_t len)
{
    size_t spaces = 0, at = 0, n = 0;
    const char *reading = "";
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ' ' && is_hangul(text[i]) != is_hangul(text[0]))
            return 0;
        if (text[i] != ' ' && !is_hangul(text[i]) && !is_han(text[i]))
            return 0;
        at = text[i] == ' ' ? i : at;
        spaces += text[i] == ' ';
    }
    if (len < 2 || spaces > 1 || len > 12)
        return 0;
    size_t family = rules_surname(l->rules, text, len, &reading);
    family = spaces == 1 && at != family ? at : family;
    if (reading[0] == '\0' || (spaces == 1 && at != family))
        for (; n < family; n++)
            out[n] = text[n];
    for (; *reading != '\0' && n < 2 * RULE_LATIN_MAX; reading++)
        out[n++] = (UChar)*reading;
    out[n++] = ',';
    for (size_t i = family + spaces; i < len; i++)
        out[n++] = text[i];
    return n;
}

/* C is CH, S with a mark SH, a vowel through the nose has an N, and a short A at the end of a word falls. In place. */
static size_t mend_indic(UChar *text, size_t len, UChar *spare)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n + 2 < WIDE_MAX; i++) {
        UChar c = text[i], next = i + 1 < len ? text[i + 1] : ' ';
        bool marked = next == 0x0323 || next == 0x0301;
        if (c == 'a' && i > 1 && u_isalpha(text[i - 1]) && !u_isalpha(next) && !(next >= 0x0300 && next <= 0x036F))
            continue;
        spare[n++] = c;
        if ((c == 'c' && next != 'h') || (c == 's' && marked))
            spare[n++] = 'h';
        else if (c == 0x0303 || c == 0x0310)
            spare[n - 1] = 'n';
    }
    memcpy(text, spare, n * sizeof text[0]);
    return n;
}

/* Text in place; *len is 0 if it outgrew the room: what our tables do not have is left out then. */
static int through_icu(struct latin *l, UChar *text, int32_t *len, int32_t room, struct err *err)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar id[sizeof icu_id];
    u_charsToUChars(icu_id, id, sizeof icu_id);
    if (l->icu == NULL)
        l->icu = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
    if (U_FAILURE(code))
        return err_set(err, ERR_INTERNAL, "ICU has no transliterator \"%s\": %s", icu_id, u_errorName(code));
    int32_t limit = *len;
    utrans_transUChars(l->icu, text, len, room, 0, &limit, &code);
    if (U_FAILURE(code) || *len > room)
        *len = 0;
    return 0;
}

/*
 * ICU reads each character of Han by itself, as 60,000 triples at random were, and slowly, having rules by the hundred
 * for each of them: so each is asked for once. "-", which parts words: it has no reading.
 */
static int reading_of(struct latin *l, const char **reading, UChar c, struct err *err)
{
    char *known = l->reading[c - HAN_FIRST];
    UChar text[READING_WIDE] = {c};
    int32_t len = 1;
    size_t n = 0;
    *reading = known;
    if (known[0] != '\0')
        return 0;
    int rc = through_icu(l, text, &len, READING_WIDE, err);
    for (int32_t i = 0; rc == 0 && i < len; i++)
        if (n < READING_MAX && text[i] < 0x80 && u_isalpha(text[i]))
            known[n++] = (char)text[i];
    if (rc == 0 && n == 0)
        known[0] = '-';
    return rc;
}

static bool is_read(UChar c)
{
    return c >= HAN_FIRST && c <= HAN_LAST;
}

/* Han beside letters is left to ICU, which parts the two. */
static bool stands_alone(const UChar *text, int32_t len)
{
    bool any = false;
    for (int32_t i = 0; i < len; i++) {
        any = any || is_read(text[i]);
        if (!is_read(text[i]) && text[i] != ' ' && text[i] != ',' &&
            ((i > 0 && is_read(text[i - 1])) || (i + 1 < len && is_read(text[i + 1]))))
            return false;
    }
    return any;
}

/* Each character of Han in l->wide as it is read, in words of their own. */
static int read_han(struct latin *l, int32_t *len, struct err *err)
{
    size_t n = 0;
    int rc = 0;
    for (int32_t i = 0; rc == 0 && i < *len && n + READING_MAX + 2 < WIDE_MAX; i++) {
        const char *reading = "";
        if (is_read(l->wide[i]))
            rc = reading_of(l, &reading, l->wide[i], err);
        else
            l->other[n++] = l->wide[i];
        for (; rc == 0 && *reading != '\0'; reading++)
            l->other[n++] = (UChar)*reading;
        if (is_read(l->wide[i]))
            l->other[n++] = ' ';
    }
    memcpy(l->wide, l->other, n * sizeof l->wide[0]);
    *len = (int32_t)n;
    return rc;
}

static void make_capital(UChar *text, int32_t len)
{
    for (int32_t i = 0; i < len; i++)
        text[i] = text[i] < 0x80 ? text[i] : (UChar)u_toupper(text[i]);
}

static unsigned seen_in(UChar c)
{
    return c < 0x0100                  ? 0
           : is_hangul(c)              ? LATIN_SAW_EAST_ASIAN | LATIN_SAW_HANGUL
           : is_han(c)                 ? LATIN_SAW_EAST_ASIAN | LATIN_SAW_HAN
           : c >= 0x0E00 && c < 0x0E80 ? LATIN_SAW_THAI
           : c >= 0x0E80 && c < 0x0F00 ? LATIN_SAW_LAO
           : c >= 0x1000 && c < 0x10A0 ? LATIN_SAW_BURMESE
           : c >= 0x1780 && c < 0x1800 ? LATIN_SAW_KHMER
           : (c >= 0x1EA0 && c < 0x1EFA) || (c | 1) == 0x01A1 || c == 0x01AF || c == 0x01B0 ? LATIN_SAW_VIETNAMESE
                                                                                            : 0;
}

/* Leaves out titles at the front of words, unless nothing else is left. Returns the new length. */
static int32_t drop_titles(struct latin *l, int32_t len)
{
    int32_t n = 0;
    bool front = true;
    for (int32_t i = 0; i < len;) {
        size_t title = front && l->wide[i] >= 0x80 ? rules_native_title(l->rules, l->wide + i, (size_t)(len - i)) : 0;
        if (title > 0) {
            for (i += (int32_t)title; i < len && (l->wide[i] == ' ' || l->wide[i] == '.'); i++)
                ;
            continue;
        }
        front = l->wide[i] == ' ' || l->wide[i] == ',';
        l->other[n++] = l->wide[i++];
    }
    for (int32_t i = 0; i < n; i++)
        if (l->other[i] != ' ' && l->other[i] != ',') {
            memcpy(l->wide, l->other, (size_t)n * sizeof l->wide[0]);
            return n;
        }
    return len;
}

static void begin_again(struct writer *w)
{
    *w = (struct writer){.out = w->out, .shape = w->shape};
}

/* The text in l->wide, composed. */
static int write_wide(struct latin *l, struct writer *w, int32_t len, unsigned how, unsigned *seen, struct err *err)
{
    bool indic = false;
    len = drop_titles(l, len);
    while (len > 0 && l->wide[len - 1] == ' ')
        len--;
    for (int32_t i = 0; i < len; i++) {
        *seen |= seen_in(l->wide[i]);
        indic = indic || drops_final_a(l->wide[i]);
    }
    if ((how & LATIN_WHOLE) != 0 && (*seen & LATIN_SAW_EAST_ASIAN) != 0) {
        size_t n = part_surname(l, l->other, l->wide, (size_t)len);
        if (n > 0)
            memcpy(l->wide, l->other, n * sizeof l->wide[0]);
        len = n > 0 ? (int32_t)n : len;
    }
    int rc = stands_alone(l->wide, len) ? read_han(l, &len, err) : 0;
    make_capital(l->wide, len);
    if (rc != 0 || write_text(l, w, l->wide, (size_t)len, how, false, seen))
        return rc;
    begin_again(w);
    rc = through_icu(l, l->wide, &len, WIDE_MAX, err);
    if (rc != 0)
        return rc;
    if (indic)
        len = (int32_t)mend_indic(l->wide, (size_t)len, l->other);
    make_capital(l->wide, len);
    write_text(l, w, l->wide, (size_t)len, how, true, seen);
    return 0;
}

/* Characters that composition may change: marks, other scripts, and the few Latin ones that stand for two letters. */
static bool is_compound(UChar c)
{
    return c >= 0x1C4 || c == 0x132 || c == 0x133 || c == 0x13F || c == 0x140 || c == 0x149 || c == 0x17F;
}

/* UTF-8 to l->wide, composed as rules are; characters that are not seen fall. */
static int widen(struct latin *l, int32_t *len, const char *text, size_t bytes, struct err *err)
{
    UErrorCode code = U_ZERO_ERROR;
    bool compose = false;
    int32_t kept = 0;
    u_strFromUTF8(l->wide, WIDE_MAX, len, text, (int32_t)bytes, &code);
    if (U_FAILURE(code))
        return err_set(err, ERR_INPUT, "a name is not UTF-8");
    for (int32_t i = 0; i < *len; i++) {
        compose = compose || is_compound(l->wide[i]);
        if (l->wide[i] < 0x200B || l->wide[i] > 0x200F)
            l->wide[kept++] = l->wide[i];
    }
    *len = kept;
    if (!compose)
        return 0;
    *len = rules_compose(l->rules, l->other, WIDE_MAX, l->wide, *len);
    if (*len < 0)
        return err_set(err, ERR_INTERNAL, "ICU cannot compose a name");
    memcpy(l->wide, l->other, (size_t)*len * sizeof l->wide[0]);
    return 0;
}

int latin_from_text(struct latin *latin, char out[LATIN_MAX], const char *text, unsigned how, unsigned *seen,
                    struct err *err)
{
    struct latin *l = latin;
    struct writer w = {.out = out, .shape = l->shape};
    int32_t len = 0;
    size_t bytes = strnlen(text, LATIN_INPUT_MAX + 1), ascii = 0;
    int rc = 0;
    *seen = 0;
    out[0] = '\0';
    if (bytes > LATIN_INPUT_MAX)
        return err_set(err, ERR_INPUT, "a name is longer than %d bytes", LATIN_INPUT_MAX);
    for (; ascii < bytes && (uint8_t)text[ascii] < 0x80; ascii++)
        put_ascii(&w, text[ascii]);
    if (ascii < bytes) {
        begin_again(&w);
        rc = widen(l, &len, text, bytes, err);
        if (rc == 0)
            rc = write_wide(l, &w, len, how, seen, err);
        explicit_bzero(l->wide, sizeof l->wide);
        explicit_bzero(l->other, sizeof l->other);
    }
    if (rc == 0)
        finish(&w);
    return rc;
}
