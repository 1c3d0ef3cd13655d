/*
 * A member lists a partner's people: it guesses given and family names, dates and sexes, which it has from other
 * registers, by questions and by records that it invents, takes these back and puts them again, in two purposes,
 * through a rekey. It may learn what the limits allow, and the partner sees whom. Controls: the same with the limits
 * off, and with the keys and pseudonyms that Concord does not have for this reason.
 */
#include "tests/attacks/attacks.h"
#include "tests/attacks/register.h"

#include <sodium.h>

enum { DAYS = 6, REKEY_DAY = 3, EPOCHS = 2, WORDS_MAX = 400 };

struct listing {
    struct people partner;
    struct value *guess; /* first those that the dictionary's people are */
    size_t guesses, likely, next;
    struct region_limits limits;
    struct enrolled enrolled[STAGE_PURPOSES][EPOCHS + 1]; /* by epoch, from 1 */
    struct book book[STAGE_PURPOSES][EPOCHS + 1];         /* the attacker's */
    bool *learnt, *seen, *met;                            /* by person */
};

static size_t count_of(const struct listing *l, const bool *set)
{
    size_t count = 0;
    for (size_t i = 0; i < l->partner.count; i++)
        count += set[i];
    return count;
}

/* --- guesses --- */

struct word {
    char text[PEOPLE_TEXT];
    size_t count;
};

static int compare_words(const void *a, const void *b)
{
    return strcmp(((const struct word *)a)->text, ((const struct word *)b)->text);
}

static int compare_counts(const void *a, const void *b)
{
    const struct word *x = a, *y = b;
    return (x->count < y->count) - (x->count > y->count);
}

/* The most frequent values first. Returns how many differ. */
static size_t rank(struct word *word, size_t count)
{
    size_t kept = 0;
    qsort(word, count, sizeof *word, compare_words);
    for (size_t i = 0; i < count; i++)
        if (kept > 0 && strcmp(word[kept - 1].text, word[i].text) == 0)
            word[kept - 1].count++;
        else
            word[kept++] = word[i];
    qsort(word, kept, sizeof *word, compare_counts);
    return kept;
}

/*
 * The dictionary's people themselves, who may well be in the partner's register; then its most frequent words, given
 * and family, with all of its dates and either sex.
 */
static void guess(struct listing *l, const struct people *dictionary, size_t budget)
{
    struct word *name = people_alloc(2 * dictionary->count, sizeof *name),
                *date = people_alloc(dictionary->count, sizeof *date);
    struct normaliser *normaliser = NULL;
    struct err err = {0};
    const unsigned key = people_key("word-date");
    l->guess = people_alloc(budget, sizeof *l->guess);
    assert_int_equal(normaliser_new(&normaliser, &err), 0);
    for (size_t i = 0; i < dictionary->count; i++) {
        const struct somebody *p = &dictionary->person[i];
        snprintf(name[2 * i].text, PEOPLE_TEXT, "%.*s", (int)strcspn(p->given, " "), p->given);
        snprintf(name[2 * i + 1].text, PEOPLE_TEXT, "%.*s", (int)strcspn(p->family, " "), p->family);
        snprintf(date[i].text, PEOPLE_TEXT, "%s", p->date);
        name[2 * i].count = name[2 * i + 1].count = date[i].count = 1;
    }
    for (size_t i = 0; i < dictionary->count; i++)
        l->guesses += people_guess(l->guess + l->guesses, budget - l->guesses, normaliser, name[2 * i].text,
                                   dictionary->person[i].date, dictionary->person[i].sex, key);
    l->likely = l->guesses;
    const size_t names = rank(name, 2 * dictionary->count), dates = rank(date, dictionary->count);
    for (size_t w = 0; w < names && w < WORDS_MAX && l->guesses < budget; w++)
        for (size_t d = 0; d < dates && l->guesses < budget; d++)
            for (int sex = 0; sex < 2; sex++)
                l->guesses += people_guess(l->guess + l->guesses, budget - l->guesses, normaliser, name[w].text,
                                           date[d].text, sex == 0 ? "F" : "M", key);
    normaliser_free(normaliser);
    free(name);
    free(date);
}

/* By turns a likely one and one of the others. */
static const struct value *next_guess(struct listing *l)
{
    const size_t i = l->next++;
    return i % 2 == 0 ? &l->guess[i / 2 % l->likely] : &l->guess[l->likely + i / 2 % (l->guesses - l->likely)];
}

static size_t take(struct listing *l, struct entry *out, int purpose, uint32_t epoch, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct token token;
        people_token(&token, purpose, epoch, next_guess(l));
        memcpy(out[i].tag, token.tag, WIRE_TAG_SIZE);
        randombytes_buf(out[i].payload, STAGE_PAYLOAD);
    }
    return count;
}

/* --- what both sides learn --- */

static void learn(void *context, int purpose, uint32_t epoch, enum mailbox_kind kind, const uint8_t *tag,
                  struct span payload)
{
    struct listing *l = context;
    size_t count;
    const struct book_row *row = book_find(&l->book[purpose][epoch], tag, &count);
    assert_true(count > 0);
    if (kind == MAILBOX_MATCH)
        enrolled_open(&l->enrolled[purpose][epoch], &l->guess[row->value], tag, payload, l->learnt);
}

static void see(void *context, int purpose, uint32_t epoch, enum mailbox_kind kind, const uint8_t *tag,
                struct span payload)
{
    struct listing *l = context;
    const struct enrolled *e = &l->enrolled[purpose][epoch];
    size_t count;
    const struct book_row *row = book_find(&e->book, tag, &count);
    (void)payload;
    for (size_t i = 0; i < count && kind != MAILBOX_WITHDRAWN; i++) {
        const uint32_t person = e->people->value[row[i].value].person;
        l->seen[person] = true;
        if (kind == MAILBOX_MATCH)
            l->met[person] = true;
    }
}

/* Mail of both; of the attacker no more than a day's meetings. */
static size_t read_mail(struct listing *l)
{
    const size_t matches = stage_mail(ATTACKER, learn, l);
    assert_true(matches <= STAGE_PURPOSES * l->limits.meets);
    stage_mail(PARTNER, see, l);
    return matches;
}

/* --- the attack --- */

static void open_register(struct listing *l, uint32_t epoch)
{
    struct entry *entry = people_alloc(l->limits.load, sizeof *entry);
    for (int p = 0; p < STAGE_PURPOSES; p++) {
        book_make(&l->book[p][epoch], l->guess, l->guesses, p, epoch);
        enrolled_make(&l->enrolled[p][epoch], &l->partner, p, epoch);
        stage_put(ATTACKER, p, epoch, entry, take(l, entry, p, epoch, l->limits.load));
        stage_close_load(PARTNER, p);
        stage_close_load(ATTACKER, p);
    }
    free(entry);
}

/* Asks, puts, takes half of it back and puts it again. Returns how many were met and hit. */
static size_t attack_day(struct listing *l, uint32_t epoch)
{
    const size_t asks = l->limits.daily / 2, puts = l->limits.daily - asks;
    struct entry *entry = people_alloc(asks + puts, sizeof *entry);
    size_t hits = 0;
    for (int p = 0; p < STAGE_PURPOSES; p++) {
        hits += stage_ask(ATTACKER, p, epoch, entry, take(l, entry, p, epoch, asks), learn, l);
        take(l, entry, p, epoch, puts);
        stage_put(ATTACKER, p, epoch, entry, puts);
        stage_remove(ATTACKER, p, epoch, entry, puts / 2);
        stage_put(ATTACKER, p, epoch, entry, puts / 2);
    }
    free(entry);
    stage_upkeep();
    return hits + read_mail(l);
}

/* Returns the most that was met and hit in a day. */
static size_t run(struct listing *l)
{
    size_t most = 0;
    uint32_t epoch = 1;
    stage_open(&l->limits, false);
    open_register(l, epoch);
    for (int day = 0; day < DAYS; day++) {
        size_t told = 0;
        if (day == REKEY_DAY) {
            stage_rekey();
            open_register(l, ++epoch);
        }
        told = attack_day(l, epoch);
        most = told > most ? told : most;
        stage_day();
    }
    for (int p = 0; p < STAGE_PURPOSES; p++)
        print_message("# purpose %d: %llu couples wait\n", p, (unsigned long long)stage_waiting(p));
    stage_close();
    return most;
}

static void forget(struct listing *l)
{
    for (int p = 0; p < STAGE_PURPOSES; p++)
        for (int e = 1; e <= EPOCHS; e++) {
            enrolled_free(&l->enrolled[p][e]);
            book_free(&l->book[p][e]);
        }
    memset(l->learnt, 0, l->partner.count);
    memset(l->seen, 0, l->partner.count);
    memset(l->met, 0, l->partner.count);
    l->next = 0;
}

/* --- control: weak keys, a pseudonym in each entry --- */

struct weak {
    bool *listed;
    size_t count;
};

static void read_pseudonym(void *context, int purpose, uint32_t epoch, enum mailbox_kind kind, const uint8_t *tag,
                           struct span payload)
{
    struct weak *w = context;
    uint32_t person;
    (void)purpose, (void)epoch, (void)kind, (void)tag;
    memcpy(&person, payload.data, sizeof person);
    w->count += !w->listed[person];
    w->listed[person] = true;
}

static void weak_entry(struct entry *out, const char *date, const char *sex, const char *nationality, uint32_t person)
{
    char text[64];
    struct value value = {0};
    struct token token;
    int len = snprintf(text, sizeof text, "%s|%s|%s", date, sex, nationality);
    crypto_generichash(value.hash, sizeof value.hash, (const uint8_t *)text, (size_t)len, NULL, 0);
    people_token(&token, 0, 1, &value);
    *out = (struct entry){0};
    memcpy(out->tag, token.tag, WIRE_TAG_SIZE);
    memcpy(out->payload, &person, sizeof person); /* as long as it names the record, which one is all the same */
}

/* All dates of a century with both sexes and a nationality. Returns how many of the partner's people it lists. */
static size_t list_by_weak_keys(const struct people *partner, const char *nationality, size_t *of)
{
    struct region_limits off = {.meets = UINT32_MAX, .asks = UINT32_MAX};
    struct weak weak = {people_alloc(partner->count, 1), 0};
    const size_t guesses = 2 * 100 * 12 * 31;
    struct entry *entry = people_alloc(partner->count + guesses, sizeof *entry);
    size_t count = 0;

    stage_open(&off, false);
    *of = 0;
    for (uint32_t i = 0; i < partner->count; i++) {
        const struct somebody *p = &partner->person[i];
        weak_entry(&entry[i], p->date, p->sex, p->nationality, i);
        *of += strcmp(p->nationality, nationality) == 0;
    }
    stage_put(PARTNER, 0, 1, entry, partner->count);
    for (int sex = 0; sex < 2; sex++)
        for (int d = 0; d < 100 * 12 * 31; d++) {
            char date[32];
            snprintf(date, sizeof date, "%04d-%02d-%02d", 1925 + d / 372, d / 31 % 12 + 1, d % 31 + 1);
            weak_entry(&entry[count++], date, sex == 0 ? "F" : "M", nationality, 0);
        }
    stage_put(ATTACKER, 0, 1, entry, count);
    stage_mail(ATTACKER, read_pseudonym, &weak);
    stage_close();
    free(entry);
    free(weak.listed);
    return weak.count;
}

void attack_listing(void **unused)
{
    struct listing l = {0};
    struct people dictionary;
    size_t of;
    (void)unused;
    people_read(&l.partner, attack_feeds, "THA");
    people_read(&dictionary, attack_feeds, "XAA");
    const size_t n = l.partner.count;
    l.learnt = people_alloc(n, 1);
    l.seen = people_alloc(n, 1);
    l.met = people_alloc(n, 1);
    l.limits = (struct region_limits){
        .load = n, .daily = n, .meets = n / 200, .asks = (n / 40 + 63) / 64 * 64, .entries = UINT32_MAX};
    const size_t a_day = STAGE_PURPOSES * (l.limits.meets + l.limits.asks);
    guess(&l, &dictionary, STAGE_PURPOSES * (EPOCHS * l.limits.load + DAYS * l.limits.daily));
    const size_t most = run(&l), learnt = count_of(&l, l.learnt), met = count_of(&l, l.met);
    size_t unseen = 0, silent = 0;
    for (size_t i = 0; i < n; i++) {
        unseen += l.learnt[i] && !l.seen[i];
        silent += l.learnt[i] && !l.met[i];
    }
    print_message("# listing: %zu guesses at %zu people in %d days: %zu learnt, at most %zu a day of %zu; "
                  "%zu met, %zu known to the partner by notices alone, %zu unseen\n",
                  l.guesses, n, DAYS, learnt, most, a_day, met, silent, unseen);
    forget(&l);
    l.limits.meets = l.limits.asks = UINT32_MAX;
    run(&l);
    const size_t unlimited = count_of(&l, l.learnt);
    forget(&l);
    const size_t weak = list_by_weak_keys(&l.partner, "THA", &of);
    print_message("# control: without limits %zu learnt; by weak keys %zu of %zu of one nationality listed\n",
                  unlimited, weak, of);
    attack_counts.people = n;
    attack_counts.unseen = unseen;
    attack_counts.control += weak;
    assert_int_equal(unseen, 0);
    assert_true(most <= a_day && learnt <= DAYS * a_day);
    assert_true(learnt > 0 && silent > 0); /* the attack learns something, and notices are what shows it */
    assert_true(unlimited > 2 * learnt && 2 * weak > of);
    people_free(&dictionary);
    people_free(&l.partner);
    free(l.guess);
    free(l.learnt);
    free(l.seen);
    free(l.met);
}
