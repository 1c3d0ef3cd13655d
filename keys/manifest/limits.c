#include "keys/manifest/limits.h"

#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/clock.h"
#include "protocol/base/settings.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX ((uint64_t)1 << 62)

const struct region_limits limits_default = {.daily = 1000000,
                                             .meets = 3000,
                                             .asks = 100000,
                                             .judgements = 6,
                                             .entries = 1000000000,
                                             .mailbox = 100000000,
                                             .letters = 10000};

/* Article 10 of the Protocol against the Smuggling of Migrants; articles 18 and 27 of the Convention; a state's own. */
const struct region_disclosure disclosure_default = {
    .answer = {14 * 86400, 86400, 4 * 3600},
    .recall = 3 * 86400,
    .keep = 365 * 86400,
    .basis = {"smuggling-protocol-10", "convention-18", "convention-27", "national-law"},
    .bases = 4};

static uint64_t *find(struct region_limits *limits, const char *text)
{
    char name[32] = "";
    const char *equals = strchr(text, '=');
    if (equals != NULL && (size_t)(equals - text) < sizeof name)
        memcpy(name, text, (size_t)(equals - text));
    return region_limit(limits, name);
}

bool limits_knows(const char *text)
{
    struct region_limits none;
    return find(&none, text) != NULL;
}

static int parse_number(uint64_t *out, const char *text, const char *digits, struct err *err)
{
    if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits) || strlen(digits) > 18)
        return err_set(err, ERR_USAGE, "%.80s: a whole number is needed", text);
    *out = strtoull(digits, NULL, 10);
    return 0;
}

int limits_set(struct region_limits *limits, const char *text, struct err *err)
{
    uint64_t *place = find(limits, text), value = 0, rounded = 1, length;
    const char *digits = strchr(text, '=');
    if (place == NULL)
        return err_set(err, ERR_USAGE,
                       "%.80s sets no limit: there are load, load_until, daily, meets, asks, judgements, entries, "
                       "mailbox and letters",
                       text);
    if (place == &limits->load_until && strcmp(digits, "=0") != 0)
        return clock_parse(place, &length, digits + 1, err);
    int rc = parse_number(&value, text, digits + 1, err);
    if (rc == 0 && place == &limits->load && value > 0) {
        while (rounded < value && rounded < NUMBER_MAX)
            rounded *= 2;
        value = rounded;
    }
    if (rc == 0)
        *place = value;
    return rc;
}

/* --- the verb --- */

struct options {
    char agency[SETTINGS_TEXT_MAX], purpose[SETTINGS_TEXT_MAX];
    struct setting_list set;
    bool drop;
};

static int own_limits(struct region *r, int a, int p, struct region_override **out, struct err *err)
{
    for (size_t i = 0; i < r->override_count; i++)
        if (r->overrides[i].agency == a && r->overrides[i].purpose == p) {
            *out = &r->overrides[i];
            return 0;
        }
    struct region_override *more = realloc(r->overrides, (r->override_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    r->overrides = more;
    *out = &more[r->override_count++];
    **out = (struct region_override){(uint16_t)a, (uint16_t)p, r->purposes[p].limits};
    return 0;
}

static int drop_limits(struct region *r, int a, int p, struct err *err)
{
    size_t kept = 0, before = r->override_count;
    for (size_t i = 0; i < before; i++)
        if (r->overrides[i].agency != a || r->overrides[i].purpose != p)
            r->overrides[kept++] = r->overrides[i];
    r->override_count = kept;
    return kept < before ? 0
                         : err_set(err, ERR_NOT_FOUND, "%s has no limits of its own for %s", r->agencies[a].name,
                                   r->purposes[p].name);
}

static int change(struct region *r, const void *context, struct err *err)
{
    const struct options *o = context;
    struct region_override *own = NULL;
    int p = region_find_purpose(r, o->purpose), a = o->agency[0] != '\0' ? region_find_agency(r, o->agency) : -1,
        rc = 0;
    if (p < 0)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no purpose %s", o->purpose);
    if (a < 0 && o->agency[0] != '\0')
        return err_set(err, ERR_NOT_FOUND, "the manifest has no agency %s", o->agency);
    if (o->drop)
        return drop_limits(r, a, p, err);
    struct region_limits *limits = &r->purposes[p].limits;
    if (a >= 0) {
        rc = own_limits(r, a, p, &own, err);
        limits = rc == 0 ? &own->limits : NULL;
    }
    for (size_t i = 0; rc == 0 && i < o->set.count; i++)
        rc = limits_set(limits, o->set.item[i], err);
    return rc;
}

static int check(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    if ((o->set.count == 0) != o->drop || (o->drop && o->agency[0] == '\0'))
        return err_set(err, ERR_USAGE, "limits needs --set LIMIT=VALUE, or --agency and --drop; see --help");
    return 0;
}

static int run(struct call *call, struct err *err)
{
    return draft_change(call->operand[0], change, call->options, err);
}

static const struct setting settings[] = {
    {"purpose", NULL, NULL, SETTING_TEXT, offsetof(struct options, purpose), "NAME", "of this purpose",
     .required = true},
    {"agency", NULL, NULL, SETTING_TEXT, offsetof(struct options, agency), "NAME",
     "of this agency alone (every agency that has no own)"},
    {"set", NULL, NULL, SETTING_LIST, offsetof(struct options, set), "LIMIT=VALUE",
     "load, load_until, daily, meets, asks, judgements, entries, mailbox, letters; repeat"},
    {"drop", NULL, NULL, SETTING_SWITCH, offsetof(struct options, drop), NULL,
     "take away the agency's own limits: the purpose's hold again"},
};

const struct verb manifest_limits_verb = {
    .name = "limits",
    .brief = "set what agencies may do in a purpose",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Sets limits of a purpose, or of one agency in it. What is not named stays as it is. `load` is rounded up to a power of\n"
        "two; `load_until` is a date. Tokens are those of the region; days are UTC days.",
    .more =
        "  concord-keys manifest limits --purpose persons --agency THA --set load=400000 --set load_until=2027-02-01 "
        "region.json",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .check = check,
    .run = run,
};
