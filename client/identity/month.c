#include "client/identity/month.h"

#include "client/identity/rule_files.h"

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

/* How much of text a name of the rules is, 0 if it does not begin with it. `_` is a space. */
static size_t matches(const char *name, size_t len, const char *text)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != (name[i] == '_' ? ' ' : name[i]))
            return 0;
    return len;
}

static void find_in_line(struct month_name *best, const char *line, const char *text)
{
    struct month_name row = {0};
    const char *name = read_head(&row, line);
    while (*(name += strspn(name, " ")) != '\0') {
        size_t len = strcspn(name, " ");
        row.bytes = matches(name, len, text);
        if (row.bytes > best->bytes)
            *best = row;
        name += len;
    }
}

void month_named(struct month_name *out, const char *text)
{
    const char *rules = rule_files[RULES_MONTHS].text;
    char line[RULE_LINE_MAX];
    *out = (struct month_name){0};
    while (rule_line(&rules, line))
        find_in_line(out, line, text);
}
