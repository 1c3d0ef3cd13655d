/* Which agency has all valid documents of an issuer: what it does not have is none. */
#include "keys/manifest/draft.h"
#include "keys/verbs.h"
#include "protocol/base/settings.h"

#include <stdlib.h>
#include <string.h>

#define FRESH_DEFAULT (7ull * 86400)

struct options {
    char agency[SETTINGS_TEXT_MAX], purpose[SETTINGS_TEXT_MAX], issuer[SETTINGS_TEXT_MAX];
    uint64_t fresh;
    bool drop;
};

static int drop(struct region *r, int purpose, const char *issuer, struct err *err)
{
    const struct region_register *found = region_find_register(r, purpose, issuer);
    if (found == NULL)
        return err_set(err, ERR_NOT_FOUND, "no register of %s is declared for %s", issuer, r->purposes[purpose].name);
    const size_t at = (size_t)(found - r->registers);
    r->register_count--;
    memmove(&r->registers[at], &r->registers[at + 1], (r->register_count - at) * sizeof *r->registers);
    return 0;
}

/* The one that is there, or room for another. */
static int place_of(struct region *r, int purpose, const char *issuer, struct region_register **out, struct err *err)
{
    const struct region_register *found = region_find_register(r, purpose, issuer);
    if (found != NULL) {
        *out = &r->registers[found - r->registers];
        return 0;
    }
    if (r->register_count == REGION_REGISTERS_MAX)
        return err_set(err, ERR_USAGE, "a manifest has at most %d registers", REGION_REGISTERS_MAX);
    struct region_register *more = realloc(r->registers, (r->register_count + 1) * sizeof *more);
    if (more == NULL)
        return err_set(err, ERR_NO_MEMORY, "out of memory");
    r->registers = more;
    *out = &more[r->register_count++];
    return 0;
}

static int change(struct region *r, const void *context, struct err *err)
{
    const struct options *o = context;
    const int p = region_find_purpose(r, o->purpose), a = region_find_agency(r, o->agency);
    struct region_register *place = NULL;
    if (p < 0)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no purpose %s", o->purpose);
    if (o->drop)
        return drop(r, p, o->issuer, err);
    if (a < 0)
        return err_set(err, ERR_NOT_FOUND, "the manifest has no agency %s", o->agency);
    int rc = place_of(r, p, o->issuer, &place, err);
    if (rc != 0)
        return rc;
    *place = (struct region_register){.agency = (uint16_t)a, .purpose = (uint16_t)p, .fresh = o->fresh};
    memcpy(place->issuer, o->issuer, sizeof place->issuer);
    return 0;
}

static int check(struct call *call, struct err *err)
{
    struct options *o = call->options;
    if (strlen(o->issuer) != REGION_ISSUER_SIZE - 1)
        return err_set(err, ERR_USAGE, "--issuer %.20s: three capital letters are needed, as zones have them",
                       o->issuer);
    if ((o->agency[0] == '\0') != o->drop)
        return err_set(err, ERR_USAGE, "register needs --agency NAME, or --drop; see --help");
    if (o->fresh == 0)
        o->fresh = FRESH_DEFAULT;
    return 0;
}

static int run(struct call *call, struct err *err)
{
    return draft_change(call->operand[0], change, call->options, err);
}

static const struct setting settings[] = {
    {"purpose", NULL, NULL, SETTING_TEXT, offsetof(struct options, purpose), "NAME", "a purpose of kind issued",
     .required = true},
    {"issuer", NULL, NULL, SETTING_TEXT, offsetof(struct options, issuer), "CODE",
     "the documents' issuer, as zones have it: THA", .required = true},
    {"agency", NULL, NULL, SETTING_TEXT, offsetof(struct options, agency), "NAME",
     "the agency that enrols all of them that are valid"},
    {"fresh", NULL, NULL, SETTING_DURATION, offsetof(struct options, fresh), "TIME",
     "the register is old when it was not said to be complete for so long (7d)"},
    {"drop", NULL, NULL, SETTING_SWITCH, offsetof(struct options, drop), NULL, "it is not complete any more"},
};

const struct verb manifest_register_verb = {
    .name = "register",
    .brief = "declare a register of valid documents to be complete",
    .operands = "MANIFEST",
    .least = 1,
    .most = 1,
    .summary =
        "Declares that an agency enrols all valid documents of an issuer, in a purpose of kind issued: one that it does not\n"
        "have is answered as unknown to its issuer.",
    .more =
        "  concord-keys manifest register --purpose issued-documents --issuer THA --agency THA --fresh 2d region.json",
    SETTINGS(settings),
    .options_size = sizeof(struct options),
    .check = check,
    .run = run,
};
