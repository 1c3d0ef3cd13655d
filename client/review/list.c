#include "client/review/list.h"

#include "client/review/judged.h"
#include "client/review/key_text.h"
#include "client/review/text.h"
#include "protocol/base/clock.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#define KEY_NAMES_MAX 1024

/* What a line says of a match. */
struct listed {
    const struct board_item *item;
    const struct agency_purpose *purpose;
    struct vault_review review;
    struct vault_judging pair;
    bool paired;  /* there is a pair that is, or will be, judged */
    uint32_t own; /* keys */
    char judged[JUDGED_WORDS_MAX];
    char agreed[KEY_NAMES_MAX], differed[KEY_NAMES_MAX], handle[2 * HANDLE_SIZE + 1];
    char found[CLOCK_TEXT_SIZE], withdrawn[CLOCK_TEXT_SIZE], decided[CLOCK_TEXT_SIZE];
};

static const char *time_or_nothing(char out[CLOCK_TEXT_SIZE], uint64_t at)
{
    out[0] = '\0';
    return at != 0 ? clock_text(out, at) : out;
}

static int read_listed(struct listed *l, struct agency *a, int64_t number, struct err *err)
{
    int64_t domain;
    struct vault_review *r = &l->review;
    int rc = vault_review_get(a->vault, number, &domain, r, err);
    if (rc == 0 && (l->purpose = agency_purpose_of(a, domain)) == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "match %" PRId64 " is of another purpose or of an epoch that is over", number);
    if (rc == 0)
        rc = vault_keys(a->vault, domain, &r->match.record, &l->own, err);
    if (rc == 0)
        rc = judged_find(a, domain, &r->match, &l->pair, &l->paired, err);
    if (rc != 0)
        return rc;
    judged_in_words(l->judged, l->paired ? &l->pair : NULL);
    key_names(l->agreed, sizeof l->agreed, &l->purpose->schema, r->match.keys);
    key_names(l->differed, sizeof l->differed, &l->purpose->schema, l->own & ~r->match.keys);
    bytes_to_hex(l->handle, r->match.handle, HANDLE_SIZE);
    time_or_nothing(l->found, r->found);
    time_or_nothing(l->withdrawn, r->withdrawn);
    time_or_nothing(l->decided, r->decision.at);
    return 0;
}

/* Whether nobody says any more that it still holds. */
static bool is_over(const struct listed *l)
{
    return agency_is_earlier(l->purpose) && agency_is_over(l->purpose);
}

/* The number of the match that this one yields to; 0: it stands. */
static int64_t yields_to(const struct listed *l)
{
    const bool judged = l->item != NULL && l->paired && l->pair.state == JUDGE_JUDGED;
    return judged && pair_yields(&l->purpose->schema, l->pair.seen, l->item->score, l->item->best_score) ? l->item->best
                                                                                                         : 0;
}

/* --- the table --- */

static void print_heading(const struct board *b, size_t at, size_t from, const struct listed *l)
{
    const struct board_item *item = l->item;
    bool follows = at > from && b->item[at - 1].group == item->group;
    if (follows && memcmp(b->item[at - 1].own, item->own, sizeof item->own) == 0)
        return;
    if (!follows)
        putchar('\n');
    text_print(stdout, l->review.id, TEXT_COLUMNS - 40);
    printf("%s\n", follows ? "  (may be the same person as above)" : "");
}

static void print_row(const struct listed *l, bool keys)
{
    const struct vault_match *m = &l->review.match;
    char state[32];
    snprintf(state, sizeof state, "%s%s", review_state_name(l->review.state),
             review_is_outdated(&l->review) ? "*" : "");
    printf("%6" PRId64 " %4u%%  %-27s ", m->number, m->score, match_kind_in_words((enum match_kind)m->kind));
    text_put(stdout, m->partner, 6);
    printf(" %2d/%-2d ", __builtin_popcount(m->keys & l->own), __builtin_popcount(l->own));
    text_put(stdout, l->purpose->region->name, 16);
    printf(" %s\n", state);
    if (l->paired)
        printf("%15s%s\n", "", l->judged);
    if (yields_to(l) != 0)
        printf("%15smatch %" PRId64 " fits better: most probably somebody else\n", "", yields_to(l));
    if (is_over(l))
        printf("%15sof epoch %u, which is over\n", "", l->purpose->epoch->epoch);
    if (!keys)
        return;
    printf("%15s", "agreed: ");
    text_wrap(stdout, 15, 15, l->agreed[0] != '\0' ? l->agreed : "-");
    printf("%15s", "not agreed: ");
    text_wrap(stdout, 15, 15, l->differed[0] != '\0' ? l->differed : "-");
}

static void print_end(const struct board *b, size_t from, size_t to, bool outdated, size_t over)
{
    size_t groups = 0;
    for (size_t i = 0; i < b->shown; i++)
        groups += i == 0 || b->item[i].group != b->item[i - 1].group;
    if (b->shown > 0)
        putchar('\n');
    if (to - from < b->shown)
        printf("%zu to %zu of ", from + 1, to);
    printf("%zu match%s", b->shown, b->shown == 1 ? "" : "es");
    if (b->sort == SORT_PERSON)
        printf(" of %zu %s", groups, groups == 1 ? "person" : "persons");
    if (b->shown < b->count)
        printf("; %zu not shown", b->count - b->shown);
    if (over > 0)
        printf("; %zu of an epoch that is over, as they were when it ended, until the current one has them", over);
    printf("\n%s", outdated ? "* the evidence is not what it was when this was decided: look again\n" : "");
}

/* --- for programs --- */

static void print_csv_row(const struct listed *l)
{
    const struct vault_review *r = &l->review;
    printf("%" PRId64 ",%s,", r->match.number, l->purpose->region->name);
    text_print_csv(stdout, r->id);
    printf(",%s,%u,%s,%s,%s,%s,%" PRId64 ",%s,%s,%s,", r->match.partner, r->match.score,
           match_kind_name((enum match_kind)r->match.kind), l->agreed, review_state_name(r->state), l->handle,
           l->item->group, l->differed, l->found, l->withdrawn);
    printf("%s,", r->decision.at != 0 ? review_state_name(r->decision.state) : "");
    text_print_csv(stdout, r->decision.by);
    printf(",%s,%s,%u,%s,%" PRId64 ",", l->decided, review_is_outdated(r) ? "yes" : "no", l->purpose->epoch->epoch,
           is_over(l) ? "yes" : "no", yields_to(l));
    text_print_csv(stdout, r->decision.note);
    putchar('\n');
}

static json_t *event_object(const struct review_event *e)
{
    char at[CLOCK_TEXT_SIZE];
    return json_pack("{s:s, s:s, s:s, s:s, s:i}", "state", review_state_name(e->state), "at",
                     time_or_nothing(at, e->at), "by", e->by, "note", e->note, "score", (int)e->score);
}

/* NULL: out of memory, or a text that is no UTF-8. */
static json_t *listed_object(const struct listed *l)
{
    const struct vault_review *r = &l->review;
    const struct vault_match *m = &r->match;
    const struct schema *schema = &l->purpose->schema;
    json_t *decision = r->decision.at != 0 ? event_object(&r->decision) : json_null();
    return json_pack("{s:I, s:s, s:s, s:s, s:i, s:s, s:s, s:o, s:o, s:s, s:s, s:s, s:o, s:b, s:o, s:i, s:b}", "match",
                     (json_int_t)m->number, "purpose", l->purpose->region->name, "record", r->id, "partner", m->partner,
                     "score", (int)m->score, "kind", match_kind_name((enum match_kind)m->kind), "state",
                     review_state_name(r->state), "keys", key_array(schema, m->keys & l->own), "keys_not_agreed",
                     key_array(schema, l->own & ~m->keys), "handle", l->handle, "found", l->found, "withdrawn",
                     l->withdrawn, "decision", decision, "outdated", (int)review_is_outdated(r), "judged",
                     judged_object(l->paired ? &l->pair : NULL), "epoch", (int)l->purpose->epoch->epoch, "over",
                     (int)is_over(l));
}

static int unprintable(const struct listed *l, struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "match %" PRId64 " cannot be printed as JSON: its record id is no UTF-8, or memory is out",
                   l->review.match.number);
}

static int add_json(json_t *array, const struct listed *l, struct err *err)
{
    json_t *object = listed_object(l);
    if (object == NULL || json_object_set_new(object, "group", json_integer(l->item->group)) != 0 ||
        json_object_set_new(object, "yields_to", json_integer(yields_to(l))) != 0 ||
        json_array_append_new(array, object) != 0)
        return unprintable(l, err);
    return 0;
}

static void print_json(json_t *value)
{
    json_dumpf(value, stdout, JSON_INDENT(2));
    putchar('\n');
}

/* --- the list --- */

static int print_listed(const struct board *b, size_t at, size_t from, struct listed *l, const struct list_look *look,
                        json_t *array, struct err *err)
{
    if (look->form == LIST_JSON)
        return add_json(array, l, err);
    if (look->form == LIST_CSV) {
        print_csv_row(l);
        return 0;
    }
    print_heading(b, at, from, l);
    print_row(l, look->keys);
    return 0;
}

/* Which of the shown ones the page has. */
static int find_page(size_t *from, size_t *to, const struct board *b, const struct list_look *look, struct err *err)
{
    const uint64_t most = look->most > 0 ? look->most : b->shown + 1, page = look->page > 0 ? look->page : 1;
    const uint64_t pages = b->shown > 0 ? (b->shown - 1) / most + 1 : 1;
    if (page > pages)
        return err_set(err, ERR_USAGE, "--page %llu: there %s %llu", (unsigned long long)page,
                       pages == 1 ? "is" : "are", (unsigned long long)pages);
    *from = (size_t)((page - 1) * most);
    *to = b->shown - *from < most ? b->shown : *from + (size_t)most;
    return 0;
}

int list_print(const struct board *board, struct agency *agency, const struct list_look *look, struct err *err)
{
    const enum list_form form = look->form;
    json_t *array = json_array();
    bool outdated = false;
    size_t over = 0, from = 0, to = 0;
    int rc = array == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for a list")
                           : find_page(&from, &to, board, look, err);
    if (rc != 0) {
        json_decref(array);
        return rc;
    }
    if (form == LIST_CSV)
        printf("match,purpose,record,partner,score,kind,keys,state,handle,group,keys_not_agreed,found,withdrawn,"
               "decision,by,at,outdated,epoch,over,yields_to,note\n");
    else if (form == LIST_TABLE)
        printf("%6s %5s  %-27s %-6s %-5s %-16s %s\n", "match", "score", "kind", "with", "keys", "purpose", "state");
    for (size_t i = from; rc == 0 && i < to; i++) {
        struct listed shown = {.item = &board->item[i]};
        rc = read_listed(&shown, agency, board->item[i].number, err);
        if (rc == 0)
            rc = print_listed(board, i, from, &shown, look, array, err);
        outdated |= rc == 0 && review_is_outdated(&shown.review);
        over += rc == 0 && is_over(&shown);
    }
    if (rc == 0 && form == LIST_JSON)
        print_json(array);
    else if (rc == 0 && form == LIST_TABLE)
        print_end(board, from, to, outdated, over);
    json_decref(array);
    return rc;
}

/* --- one match --- */

static int print_event(void *context, const struct review_event *e, struct err *err)
{
    char at[CLOCK_TEXT_SIZE];
    bool *any = context;
    (void)err;
    printf("%s%s  %-9s at %u%% by ", *any ? "          " : "history   ", clock_text(at, e->at),
           review_state_name(e->state), e->score);
    text_print(stdout, e->by, 0);
    putchar('\n');
    if (e->note[0] != '\0') {
        printf("%12s", "");
        text_wrap(stdout, 12, 12, e->note);
    }
    *any = true;
    return 0;
}

static int add_event(void *context, const struct review_event *e, struct err *err)
{
    return json_array_append_new(context, event_object(e)) == 0
               ? 0
               : err_set(err, ERR_INPUT, "a note cannot be printed as JSON: it is no UTF-8, or memory is out");
}

static void print_labelled(const char *label, const char *text)
{
    printf("%-10s", label);
    text_wrap(stdout, 10, 10, text[0] != '\0' ? text : "-");
}

static void print_facts(const struct listed *l)
{
    const struct vault_review *r = &l->review;
    printf("match     %" PRId64 "\n", r->match.number);
    print_labelled("purpose", l->purpose->region->name);
    print_labelled("record", r->id);
    print_labelled("partner", r->match.partner);
    print_labelled("handle", l->handle);
    print_labelled("kind", match_kind_in_words((enum match_kind)r->match.kind));
    printf("score     %u%%\n", r->match.score);
    printf("state     %s%s\n", review_state_name(r->state),
           review_is_outdated(r) ? "; the evidence is not what it was when this was decided: look again" : "");
    print_labelled("judged", l->judged);
    print_labelled("found", l->found);
    if (is_over(l))
        printf("epoch     %u, which is over: the match is as it was then\n", l->purpose->epoch->epoch);
}

int list_show_facts(struct agency *agency, int64_t number, struct vault_review *review,
                    const struct agency_purpose **purpose, uint32_t *own, struct err *err)
{
    struct listed shown = {.item = NULL};
    int rc = read_listed(&shown, agency, number, err);
    if (rc != 0)
        return rc;
    print_facts(&shown);
    *review = shown.review;
    *purpose = shown.purpose;
    *own = shown.own;
    return 0;
}

int list_show_history(struct agency *agency, int64_t number, struct err *err)
{
    bool any = false;
    return vault_review_history(agency->vault, number, print_event, &any, err);
}

static int show_text(struct agency *agency, int64_t number, struct err *err)
{
    struct listed shown = {.item = NULL};
    int rc = read_listed(&shown, agency, number, err);
    if (rc != 0)
        return rc;
    print_facts(&shown);
    print_labelled("agreed", shown.agreed);
    print_labelled("not", shown.differed);
    return list_show_history(agency, number, err);
}

int list_object(struct agency *agency, int64_t number, json_t **out, struct err *err)
{
    struct listed shown = {.item = NULL};
    int rc = read_listed(&shown, agency, number, err);
    *out = rc == 0 ? listed_object(&shown) : NULL;
    return rc == 0 && *out == NULL ? unprintable(&shown, err) : rc;
}

static int show_json(struct agency *agency, int64_t number, struct err *err)
{
    struct listed shown = {.item = NULL};
    json_t *history = json_array(), *object = NULL;
    int rc = read_listed(&shown, agency, number, err);
    if (rc == 0)
        rc = vault_review_history(agency->vault, number, add_event, history, err);
    if (rc == 0 && ((object = listed_object(&shown)) == NULL || json_object_set(object, "history", history) != 0))
        rc = unprintable(&shown, err);
    if (rc == 0)
        print_json(object);
    json_decref(object);
    json_decref(history);
    return rc;
}

int list_show(struct agency *agency, int64_t number, bool json, struct err *err)
{
    return json ? show_json(agency, number, err) : show_text(agency, number, err);
}
