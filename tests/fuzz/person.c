/*
 * Normalising: a record of whatever texts becomes a person within its bounds, of the letters that it promises, and
 * the same one each time. Values are parted by line breaks, in the order of the fields.
 */
#include "client/identity/person.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_text(const char *text, size_t max)
{
    size_t len = strlen(text);
    FUZZ_HOLDS(len <= max && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/") == len);
}

static void check_names(const struct person *p)
{
    FUZZ_HOLDS(p->names <= PERSON_NAMES_MAX);
    for (unsigned i = 0; i < p->names; i++) {
        const struct person_name *name = &p->name[i];
        FUZZ_HOLDS(name->tokens > 0 && name->tokens <= NAME_TOKENS_MAX && name->family < name->tokens);
        for (unsigned j = 0; j < name->tokens; j++) {
            check_text(name->token[j].text, TOKEN_MAX);
            check_text(name->token[j].root, TOKEN_MAX);
            check_text(name->token[j].sound, CODE_MAX);
            check_text(name->token[j].skeleton, CODE_MAX);
            FUZZ_HOLDS(name->token[j].text[0] && name->token[j].root[0] && name->token[j].sound[0] &&
                       name->token[j].skeleton[0]);
        }
    }
}

static void check_rest(const struct person *p)
{
    FUZZ_HOLDS(p->dates <= PERSON_DATES_MAX && p->documents <= PERSON_DOCUMENTS_MAX);
    for (unsigned i = 0; i < p->dates; i++)
        FUZZ_HOLDS(p->date[i].year >= 1850 && p->date[i].year <= 2150 && p->date[i].month <= 12 &&
                   p->date[i].day <= 31 && (p->date[i].day == 0 || p->date[i].month > 0));
    for (unsigned i = 0; i < p->documents; i++) {
        check_text(p->document[i].number, NUMBER_MAX);
        check_text(p->document[i].type, NUMBER_MAX);
        check_text(p->document[i].issuer, 3);
        FUZZ_HOLDS(p->document[i].number[0] != '\0' && strlen(p->document[i].folded) <= strlen(p->document[i].number));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct normaliser *normaliser;
    static struct person person, again;
    static char value[FIELDS][FIELD_SIZE_MAX + 1];
    struct record r = {.line = 1};
    struct err err = {0};
    size_t at = 0;
    if (normaliser == NULL && normaliser_new(&normaliser, &err) != 0)
        abort();
    for (int f = 0; f < FIELDS; f++) {
        size_t len = 0;
        for (; at < size && data[at] != '\n'; at++)
            if (len < FIELD_SIZE_MAX && data[at] != '\0')
                value[f][len++] = (char)data[at];
        value[f][len] = '\0';
        r.field[f] = value[f];
        at++;
    }
    memset(&person, 0, sizeof person);
    memset(&again, 0, sizeof again);
    int rc = person_from_record(normaliser, &r, &person, &err);
    FUZZ_HOLDS(rc == 0 || (rc == ERR_INPUT && err.text[0] != '\0'));
    if (rc != 0)
        return 0;
    check_names(&person);
    check_rest(&person);
    FUZZ_HOLDS(person_from_record(normaliser, &r, &again, &err) == 0);
    FUZZ_HOLDS(person.names == again.names && person.documents == again.documents && person.dates == again.dates);
    return 0;
}
