#include "client/desk/show.h"

#include "client/desk/words.h"
#include "client/review/board.h"
#include "client/review/text.h"
#include "protocol/base/clock.h"
#include "protocol/base/file.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *partner_of(const struct agency *a, const struct vault_inquiry *q)
{
    const struct party *p = region_find_party_by_digest(a->region, q->peer);
    return p != NULL ? p->name : "unknown";
}

static const char *kind_of(const struct vault_inquiry_letter *l)
{
    return l->kind == LETTER_ASK       ? "ask"
           : l->kind == LETTER_ANSWER  ? "answer"
           : l->kind == LETTER_OUTCOME ? "outcome"
                                       : "recall";
}

static bool is_late(const struct vault_inquiry_letter *l, uint64_t now)
{
    return l->state == INQUIRY_OPEN && l->due != 0 && l->due < now;
}

/* What a reader wants to know of it first. */
static const char *standing(const struct vault_inquiry_letter *l, uint64_t now)
{
    switch (l->state) {
    case INQUIRY_PENDING:
        return "waits for a second officer";
    case INQUIRY_OPEN:
        return is_late(l, now) ? (l->ours ? "LATE at the partner" : "LATE here") : l->ours ? "waits" : "to be answered";
    case INQUIRY_DROPPED:
        return "not confirmed";
    case INQUIRY_RECALLED:
        return "recalled";
    default:
        return "done";
    }
}

static const char *code_of(const struct vault_inquiry_letter *l)
{
    switch (l->kind) {
    case LETTER_ASK:
        return l->code < REGION_URGENCIES ? region_urgency_names[l->code] : "?";
    case LETTER_ANSWER:
        return desk_word(WORDS_CODE, l->code);
    case LETTER_OUTCOME:
        return desk_word(WORDS_OUTCOME, l->code);
    default:
        return desk_word(WORDS_RECALL, l->code);
    }
}

/* --- the list --- */

static const char *const states[INQUIRY_STATES] = {[INQUIRY_PENDING] = "pending",
                                                   [INQUIRY_OPEN] = "open",
                                                   [INQUIRY_DONE] = "done",
                                                   [INQUIRY_DROPPED] = "dropped",
                                                   [INQUIRY_RECALLED] = "recalled"};

struct listing {
    struct agency *agency;
    const struct show_filter *filter;
    uint64_t now, count, fit; /* shown; those that fit */
    json_t *array;
};

static bool fits(const struct listing *list, const struct vault_inquiry *q, const struct vault_inquiry_letter *l)
{
    const struct show_filter *f = list->filter;
    return setting_list_lets(f->partners, partner_of(list->agency, q)) && setting_list_lets(f->purposes, q->purpose) &&
           setting_list_lets(f->states, states[l->state]) &&
           (f->record == NULL || f->record[0] == '\0' || strcmp(f->record, q->id) == 0) && l->at >= f->since &&
           (!f->late || is_late(l, list->now));
}

/* Whether it is on the page, which it then is. */
static bool is_shown(struct listing *list, const struct vault_inquiry *q, const struct vault_inquiry_letter *l)
{
    const struct show_filter *f = list->filter;
    if (!fits(list, q, l) || list->fit++ < f->skip || (f->limit > 0 && list->count >= f->limit))
        return false;
    list->count++;
    return true;
}

static bool is_state(const char *word)
{
    bool found = false;
    for (size_t i = 0; !found && i < INQUIRY_STATES; i++)
        found = strcmp(states[i], word) == 0;
    return found;
}

int show_order(enum inquiry_order *out, const char *word, struct err *err)
{
    static const char *const words[INQUIRY_WAITING] = {[INQUIRY_BY_NEED] = "need",
                                                       [INQUIRY_BY_TIME] = "time",
                                                       [INQUIRY_BY_DUE] = "due",
                                                       [INQUIRY_BY_PARTNER] = "partner"};
    *out = INQUIRY_BY_NEED;
    for (int i = 0; i < INQUIRY_WAITING; i++)
        if (strcmp(word[0] != '\0' ? word : words[INQUIRY_BY_NEED], words[i]) == 0) {
            *out = (enum inquiry_order)i;
            return 0;
        }
    return err_set(err, ERR_USAGE, "letters are sorted by need, time, due or partner, not by \"%.40s\"", word);
}

int show_filter_check(const struct agency *agency, const struct show_filter *filter, struct err *err)
{
    for (size_t i = 0; i < filter->partners->count; i++)
        if (region_find_party(agency->region, filter->partners->item[i]) == NULL)
            return err_set(err, ERR_USAGE, "the manifest has no party %s", filter->partners->item[i]);
    for (size_t i = 0; i < filter->states->count; i++)
        if (!is_state(filter->states->item[i]))
            return err_set(err, ERR_USAGE,
                           "\"%.40s\" is no state of a letter: there are pending, open, done, dropped, recalled",
                           filter->states->item[i]);
    return 0;
}

static int print_row(void *context, const struct vault_inquiry *q, const struct vault_inquiry_letter *l,
                     struct err *err)
{
    struct listing *list = context;
    char at[CLOCK_TEXT_SIZE], due[CLOCK_TEXT_SIZE];
    (void)err;
    if (!is_shown(list, q, l))
        return 0;
    if (list->count == 1)
        printf("%-6s %-4s %-12s %-8s %-17s %-20s %-20s %s\n", "letter", "way", "partner", "kind", "what", "at", "due",
               "state");
    printf("%-6" PRId64 " %-4s %-12s %-8s %-17s %-20s %-20s %s%s\n", l->number, l->ours ? "out" : "in",
           partner_of(list->agency, q), kind_of(l), code_of(l), clock_text(at, l->at),
           l->due != 0 ? clock_text(due, l->due) : "-", standing(l, list->now), l->body.len == 0 ? ", wiped" : "");
    return 0;
}

int show_list(struct agency *agency, const struct show_filter *filter, uint64_t *fit, struct err *err)
{
    struct listing list = {.agency = agency, .filter = filter, .now = clock_now()};
    int rc = vault_inquiry_letters(agency->vault, 0, filter->order, list.now, print_row, &list, err);
    *fit = list.fit;
    return rc;
}

json_t *show_object(const struct agency *agency, const struct vault_inquiry *inquiry,
                    const struct vault_inquiry_letter *letter, uint64_t now)
{
    const struct vault_inquiry_letter *l = letter;
    char thread[2 * LETTER_THREAD_SIZE + 1];
    bytes_to_hex(thread, inquiry->thread, LETTER_THREAD_SIZE);
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:b}", "letter",
                     (json_int_t)l->number, "way", l->ours ? "out" : "in", "party", partner_of(agency, inquiry),
                     "purpose", inquiry->purpose, "record", inquiry->id, "thread", thread, "kind", kind_of(l), "what",
                     code_of(l), "state", standing(l, now), "question", (json_int_t)l->ask, "at", (json_int_t)l->at,
                     "due", (json_int_t)l->due, "late", is_late(l, now), "wiped", l->body.len == 0);
}

static int add_row(void *context, const struct vault_inquiry *q, const struct vault_inquiry_letter *l, struct err *err)
{
    struct listing *list = context;
    if (!is_shown(list, q, l))
        return 0;
    return json_array_append_new(list->array, show_object(list->agency, q, l, list->now)) == 0
               ? 0
               : err_set(err, ERR_NO_MEMORY, "out of memory for the list");
}

int show_list_json(struct agency *agency, const struct show_filter *filter, json_t **out, uint64_t *fit,
                   struct err *err)
{
    struct listing list = {.agency = agency, .filter = filter, .now = clock_now(), .array = json_array()};
    int rc = vault_inquiry_letters(agency->vault, 0, filter->order, list.now, add_row, &list, err);
    *out = list.array;
    *fit = list.fit;
    return rc;
}

/* --- one letter --- */

static void print_text(const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    printf("%-12s ", label);
    text_print(stdout, text, 0);
    printf("\n");
}

static void print_fields(const char *label, uint64_t fields)
{
    printf("%-12s", label);
    for (unsigned f = 0; f < DISCLOSURE_FIELDS; f++)
        if ((fields >> f & 1) != 0)
            printf(" %s", desk_word(WORDS_FIELD, f));
    printf("\n");
}

static void print_ask(const struct disclosure_ask *ask)
{
    print_fields("asks for", ask->fields);
    print_text("legal basis", ask->basis);
    print_text("reason", ask->reason);
}

/* Values are text for people: control characters show as "?". */
static void print_value(const struct disclosure_value *v, bool values)
{
    char *text = values && !desk_is_file(v->field) ? strndup((const char *)v->bytes.data, v->bytes.len) : NULL;
    printf("  %-15s ", desk_word(WORDS_FIELD, v->field));
    if (text != NULL)
        text_print(stdout, text, 0);
    else
        printf("(%zu bytes)", v->bytes.len);
    if (v->name[0] != '\0') {
        printf(" ");
        text_print(stdout, v->name, 0);
    }
    printf("  [%s, %s]\n", desk_word(WORDS_SOURCE, v->source), desk_word(WORDS_HANDLING, v->handling));
    if (text != NULL)
        sodium_memzero(text, v->bytes.len);
    free(text);
}

static void print_answer(const struct disclosure_answer *a, bool values)
{
    print_text("second", a->second);
    if (a->why != WHY_NONE)
        print_text("withheld", desk_word(WORDS_WHY, a->why));
    print_text("forwarded to", a->to);
    print_text("says", a->text);
    for (size_t i = 0; i < a->count; i++)
        print_value(&a->value[i], values);
    if (a->count > 0 && !values)
        printf("(letters show --values shows them)\n");
}

/* Room for a letter of any kind. */
union content {
    struct disclosure_ask ask;
    struct disclosure_answer answer;
    struct disclosure_outcome outcome;
    struct disclosure_recall recall;
};

static int decode(union content *out, const struct vault_inquiry_letter *l, struct err *err)
{
    switch (l->kind) {
    case LETTER_ASK:
        return disclosure_ask_decode(&out->ask, l->body, err);
    case LETTER_ANSWER:
        return disclosure_answer_decode(&out->answer, l->body, err);
    case LETTER_OUTCOME:
        return disclosure_outcome_decode(&out->outcome, l->body, err);
    default:
        return disclosure_recall_decode(&out->recall, l->body, err);
    }
}

static void print_content(const union content *c, const struct vault_inquiry_letter *l, bool values)
{
    if (l->kind == LETTER_ASK)
        print_ask(&c->ask);
    else if (l->kind == LETTER_ANSWER)
        print_answer(&c->answer, values);
    else
        print_text("says", l->kind == LETTER_OUTCOME ? c->outcome.text : c->recall.text);
}

/* Same, different, or what each side holds it to be. */
static int print_outcomes(struct agency *a, const struct vault_inquiry *q, struct err *err)
{
    uint64_t ours = 0, theirs = 0;
    int rc = desk_outcomes(a, q->number, &ours, &theirs, err);
    if (rc != 0 || ours + theirs == 0)
        return rc;
    printf("outcome      ours: %s, %s's: %s%s\n", ours != 0 ? desk_word(WORDS_OUTCOME, ours) : "none yet",
           partner_of(a, q), theirs != 0 ? desk_word(WORDS_OUTCOME, theirs) : "none yet",
           ours == 0 || theirs == 0 ? ""
           : ours == theirs         ? " - agreed"
                                    : " - THE TWO DISAGREE");
    return 0;
}

static void print_head(const struct agency *a, const struct vault_inquiry *q, const struct vault_inquiry_letter *l)
{
    char text[CLOCK_TEXT_SIZE];
    printf("letter %" PRId64 ": %s %s %s, %s, %s\n", l->number, kind_of(l), l->ours ? "to" : "from", partner_of(a, q),
           code_of(l), standing(l, clock_now()));
    printf("%-12s %s\n", l->ours ? "written" : "came", clock_text(text, l->at));
    if (l->due != 0)
        printf("%-12s %s\n", "due", clock_text(text, l->due));
    print_text("officer", l->by);
    print_text("purpose", q->purpose);
    print_text("own record", q->id[0] != '\0'             ? q->id
                             : q->subject == ABOUT_NOTICE ? "a check that your agency made"
                                                          : "none has this handle now: withdrawn or corrected");
}

/* Reads a letter with all that goes with it. bytes: what content borrows from. */
static int open_letter(struct agency *a, int64_t number, struct vault_inquiry *q, struct vault_inquiry_letter *l,
                       union content *c, struct buf *bytes, struct err *err)
{
    int rc = vault_inquiry_letter_get(a->vault, number, l, bytes, err);
    if (rc == 0)
        rc = vault_inquiry_get(a->vault, l->inquiry, q, err);
    if (rc == 0 && l->body.len > 0)
        rc = decode(c, l, err);
    return rc;
}

static void close_letter(union content *c, struct buf *bytes)
{
    if (c != NULL)
        sodium_memzero(c, sizeof *c);
    free(c);
    if (bytes->data != NULL)
        sodium_memzero(bytes->data, bytes->len);
    buf_free(bytes);
}

static int note_shown(struct agency *a, const struct vault_inquiry_letter *l, struct err *err)
{
    return vault_inquiry_letter_shown(a->vault, l->number, clock_now(), err);
}

int show_letter(struct agency *agency, int64_t number, bool values, struct err *err)
{
    union content *c = calloc(1, sizeof *c);
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l;
    struct vault_inquiry q;
    int rc = c == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a letter")
                       : open_letter(agency, number, &q, &l, c, &bytes, err);
    if (rc == 0 && values)
        rc = note_shown(agency, &l, err);
    if (rc == 0) {
        print_head(agency, &q, &l);
        if (l.body.len > 0)
            print_content(c, &l, values);
        else
            printf("what it said was wiped\n");
        rc = print_outcomes(agency, &q, err);
    }
    close_letter(c, &bytes);
    return rc;
}

int show_save(struct agency *agency, int64_t number, enum disclosure_field field, const char *path, struct err *err)
{
    union content *c = calloc(1, sizeof *c);
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l;
    struct vault_inquiry q;
    bool found = false;
    int rc = c == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a letter")
                       : open_letter(agency, number, &q, &l, c, &bytes, err);
    for (size_t i = 0; rc == 0 && l.kind == LETTER_ANSWER && i < c->answer.count; i++)
        if (c->answer.value[i].field == field) {
            found = true;
            rc = note_shown(agency, &l, err);
            if (rc == 0)
                rc = file_write(path, c->answer.value[i].bytes.data, c->answer.value[i].bytes.len, 0600, err);
        }
    if (rc == 0 && !found)
        rc = err_set(err, ERR_NOT_FOUND, "letter %" PRId64 " has no %s", number, desk_word(WORDS_FIELD, field));
    close_letter(c, &bytes);
    return rc;
}

int show_duty(struct agency *agency, int64_t number, struct err *err)
{
    struct buf bytes = buf_of(DESK_BODY_MAX);
    struct vault_inquiry_letter l;
    struct vault_inquiry q;
    int rc = vault_inquiry_letter_get(agency->vault, number, &l, &bytes, err);
    if (rc == 0)
        rc = vault_inquiry_get(agency->vault, l.inquiry, &q, err);
    if (rc == 0) {
        bool there = false;
        const char *partner = partner_of(agency, &q);
        const struct region_duty *duty = desk_duty(agency, partner, q.purpose, &there);
        if (duty != NULL)
            printf("%s answers at: %s (%s: %s)\n", partner, duty->contact, duty->hours,
                   there ? "somebody is there now" : "nobody is there now");
    }
    sodium_memzero(bytes.data, bytes.len);
    buf_free(&bytes);
    return rc;
}

/* --- everything about a record --- */

struct dossier {
    const char *id, *purpose;
    uint64_t matches, notices;
};

static int print_match_of(void *context, const struct vault_review *r, struct err *err)
{
    struct dossier *d = context;
    char at[CLOCK_TEXT_SIZE];
    (void)err;
    if (strcmp(r->id, d->id) != 0)
        return 0;
    d->matches++;
    printf("match %" PRId64 " for %s with a record of %s, found %s: %s, %s\n", r->match.number, d->purpose,
           r->match.partner, clock_text(at, r->found), match_kind_name((enum match_kind)r->match.kind),
           review_state_name(r->state));
    return 0;
}

static int print_notice_of(void *context, const struct vault_notice *n, struct err *err)
{
    struct dossier *d = context;
    char at[CLOCK_TEXT_SIZE];
    (void)err;
    if (strcmp(n->id, d->id) != 0)
        return 0;
    d->notices++;
    printf("notice %" PRId64 " for %s: %s asked about it on %s\n", n->number, d->purpose, n->partner,
           clock_text(at, n->at));
    return 0;
}

/* Matches, and who asked, in the current epoch of a purpose or in the one before. */
static int print_met(struct agency *a, const struct agency_purpose *p, struct dossier *d, struct err *err)
{
    d->purpose = p->region->name;
    int rc = vault_reviews(a->vault, p->domain, print_match_of, d, err);
    return rc == 0 ? vault_notices(a->vault, p->domain, print_notice_of, d, err) : rc;
}

static int print_all_met(struct agency *a, struct dossier *d, struct err *err)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < a->purposes; i++) {
        const struct agency_purpose *earlier = agency_earlier_of(a, &a->purpose[i]);
        rc = print_met(a, &a->purpose[i], d, err);
        if (rc == 0 && earlier != NULL)
            rc = print_met(a, earlier, d, err);
    }
    return rc;
}

int show_dossier(struct agency *agency, const char *id, struct err *err)
{
    struct dossier met = {.id = id};
    static const uint8_t nothing[32];
    const struct show_filter filter = {.record = id};
    struct listing list = {.agency = agency, .filter = &filter, .now = clock_now()};
    uint64_t held = 0;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < agency->purposes; i++) {
        struct vault_ref ref;
        bool same;
        rc = vault_record_find(agency->vault, agency->purpose[i].domain, id, nothing, &ref, &same, err);
        if (rc == 0) {
            printf("enrolled for %s, epoch %" PRIu32 "\n", agency->purpose[i].region->name,
                   agency->purpose[i].epoch->epoch);
            held++;
        }
        rc = rc == ERR_NOT_FOUND ? 0 : rc;
    }
    if (rc == 0)
        rc = print_all_met(agency, &met, err);
    if (rc == 0)
        rc = vault_inquiry_letters(agency->vault, 0, INQUIRY_BY_TIME, list.now, print_row, &list, err);
    if (rc == 0 && held + met.matches + met.notices + list.count == 0)
        rc = err_set(err, ERR_NOT_FOUND, "nothing is held, asked or disclosed about a record of this id");
    if (rc == 0)
        printf("%" PRIu64 " matches (matches explain N), %" PRIu64 " questions of partners, %" PRIu64
               " letters of disclosure (letters show N)\n",
               met.matches, met.notices, list.count);
    return rc;
}
