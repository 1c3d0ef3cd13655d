/* Who answers for an agency in a purpose, and when. */
#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/settings.h"
#include "protocol/region/duty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    char agency[SETTINGS_TEXT_MAX], purpose[SETTINGS_TEXT_MAX], contact[SETTINGS_TEXT_MAX], hours[SETTINGS_TEXT_MAX];
    bool drop;
};

static int drop(struct region *r, int agency, int purpose, struct err *err)
{
    const struct region_duty *found = region_find_duty(r, agency, purpose);
    if (found == NULL)
        return err_set(err, ERR_NOT_FOUND, "the manifest does not say who answers for %s in %s",
                       r->agencies[agency].name, r->purposes[purpose].name);
    const size_t at = (size_t)(found - r->duties);
    r->duty_count--;
    memmove(&r->duties[at], &r->duties[at + 1], (r->duty_count - at) * sizeof *r->duties);
    return 0;
}

/* The one that is there, or room for another. */
static int place_of(struct region *r, int agency, int purpose, struct region_duty **out, struct err *err)
{
    const struct region_duty *found = region_find_duty(r, agency, purpose);
    if (found != NULL) {
        *out = &r->duties[found - r->duties];
        return 0;
    }
    struct region_duty *more = realloc(r->duties, (r->duty_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    r->duties = more;
    *out = &more[r->duty_count++];
    return 0;
}

static int change(struct region *r, const void *context, struct err *err)
{
    const struct options *o = context;
    const int p = region_find_purpose(r, o->purpose), a = region_find_agency(r, o->agency);
    struct region_duty *place = NULL;
    if (p < 0)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no purpose %s", o->purpose);
    if (a < 0)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no agency %s", o->agency);
    if (o->drop)
        return drop(r, a, p, err);
    int rc = place_of(r, a, p, &place, err);
    if (rc != 0)
        return rc;
    *place = (struct region_duty){.agency = (uint16_t)a, .purpose = (uint16_t)p};
    snprintf(place->contact, sizeof place->contact, "%.*s", REGION_CONTACT_MAX, o->contact);
    snprintf(place->hours, sizeof place->hours, "%.*s", REGION_HOURS_MAX, o->hours);
    return 0;
}

static int check(struct call *call, struct err *err)
{
    const struct options *o = call->options;
    struct duty_hours hours;
    struct err why = {0};
    if (o->drop)
        return 0;
    if (!duty_contact_is_fine(o->contact))
        return err_set(err, ERR_USAGE,
                       "--contact: 1 to %d printable characters of ASCII, without quotes and backslashes, are needed",
                       REGION_CONTACT_MAX);
    if (strlen(o->hours) > REGION_HOURS_MAX || duty_hours_parse(&hours, o->hours, &why) != 0)
        return err_set(err, ERR_USAGE, "--%s", why.text[0] != '\0' ? why.text : "hours: too long");
    return 0;
}

static int run(struct call *call, struct err *err)
{
    return draft_change(call->operand[0], change, call->options, err);
}

static const struct setting settings[] = {
    {"purpose", NULL, NULL, SETTING_TEXT, offsetof(struct options, purpose), "NAME", "the purpose", .required = true},
    {"agency", NULL, NULL, SETTING_TEXT, offsetof(struct options, agency), "NAME", "the agency", .required = true},
    {"contact", NULL, NULL, SETTING_TEXT, offsetof(struct options, contact), "TEXT",
     "who answers: an office and how to reach it, not a person"},
    {"hours", NULL, NULL, SETTING_TEXT, offsetof(struct options, hours), "HOURS",
     "always, or days, hours and zone: mon-fri 08:30-16:30 +07:00"},
    {"drop", NULL, NULL, SETTING_SWITCH, offsetof(struct options, drop), NULL, "nobody does any more"},
};

const struct verb manifest_duty_verb = {
    .name = "duty",
    .brief = "say who answers for an agency, and when",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Says who answers for an agency in a purpose, and at which hours: partners see it where they ask something.",
    .more = "  concord-keys manifest duty --purpose persons --agency THA --contact \"duty desk, +66 2 555 0100\" \\\n"
            "      --hours \"mon-fri 08:30-16:30 +07:00\" region.json",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .check = check,
    .run = run,
};
