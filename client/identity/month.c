#include "client/identity/month.h"

#include "client/identity/rule_files.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* "nepali 3: ", "gregorian+1925 0: ". Where the names begin. */
static const char *read_head(struct month_name *out, const char *line)
{
    static const char *const calendars[] = {"any", "gregorian", "buddhist", "minguo", "hijri", "persian", "nepali"};
    size_t len = strcspn(line, "+ ");
    char *end;
    for (size_t i = 0; i < sizeof calendars / sizeof calendars[0]; i++)
        if (strlen(calendars[i]) == len && memcmp(line, calendars[i], len) == 0)
            out->calendar = (enum month_calendar)i;
    out->first = line[len] == '+' ? (unsigned)strtoul(line + len + 1, &end, 10) : 0;
    end = strchr(line, ' ');
    out->month = (unsigned)strtoul(end, &end, 10);
    return end + 1;
}

/* Whether text begins with a name of the rules. `_` is a space. */
static bool matches(const char *name, size_t len, const char *text)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != (name[i] == '_' ? ' ' : name[i]))
            return false;
    return true;
}

#define NAMES_MAX 1024

/* The names of all lines by their first byte, read once. next: 1 + the index of another that begins so, 0: none. */
static struct {
    const char *name;
    struct month_name what;
    uint16_t next;
} names[NAMES_MAX];
static uint16_t first[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_names(void)
{
    uint16_t count = 0;
    for (const char *line = rule_files[RULES_MONTHS].text, *end; *line != '\0'; line = end + 1) {
        struct month_name what = {0};
        end = strchr(line, '\n');
        if (*line == '#' || *line == '\n')
            continue;
        for (const char *name = read_head(&what, line); name < end && count < NAMES_MAX; name += what.bytes) {
            name += strspn(name, " ");
            what.bytes = strcspn(name, " \n");
            names[count].name = name;
            names[count].what = what;
            names[count].next = first[(uint8_t)*name];
            first[(uint8_t)*name] = ++count;
        }
    }
}

void month_named(struct month_name *out, const char *text)
{
    pthread_once(&once, read_names);
    *out = (struct month_name){0};
    for (uint16_t i = first[(uint8_t)text[0]]; i != 0; i = names[i - 1].next)
        if (names[i - 1].what.bytes > out->bytes && matches(names[i - 1].name, names[i - 1].what.bytes, text))
            *out = names[i - 1].what;
}
