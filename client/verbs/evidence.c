/* evidence list, show, export. */
#include "client/verbs/verbs.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/ledger/evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct showing {
    const char *dir; /* NULL: to standard output */
    int64_t number;  /* 0: all */
    uint64_t shown;
};

/* --- list --- */

static int print_line(void *context, const struct vault_evidence *e, struct err *err)
{
    struct evidence evidence;
    char time[CLOCK_TEXT_SIZE];
    struct buf storage = buf_of(EVIDENCE_MAX);
    struct showing *s = context;
    int rc = evidence_parse(&evidence, e->text, &storage, err);
    if (rc == 0)
        printf("%6" PRId64 "  %s  %-11s  %s%s%s\n        %s\n", e->number, clock_text(time, evidence.time), e->kind,
               evidence.party, evidence.partner[0] != '\0' ? ", naming " : "", evidence.partner, evidence.why);
    s->shown += rc == 0;
    buf_free(&storage);
    return rc;
}

static int list(struct vault *vault, struct err *err)
{
    struct showing s = {.shown = 0};
    int rc = vault_evidence(vault, print_line, &s, err);
    if (rc == 0 && s.shown == 0)
        printf("there is no evidence of anything\n");
    return rc;
}

/* --- show, export --- */

static int show_one(void *context, const struct vault_evidence *e, struct err *err)
{
    struct showing *s = context;
    char name[64], path[PATH_LIMIT];
    if (s->number != 0 && s->number != e->number)
        return 0;
    s->shown++;
    if (s->dir == NULL) {
        fwrite(e->text.data, 1, e->text.len, stdout);
        return 0;
    }
    snprintf(name, sizeof name, "evidence-%" PRId64 ".json", e->number);
    int rc = path_join(path, sizeof path, s->dir, name, err);
    if (rc == 0)
        rc = file_write(path, e->text.data, e->text.len, 0644, err);
    return rc;
}

static int show(struct vault *vault, const char *number, struct err *err)
{
    char *end = NULL;
    struct showing s = {.number = strtoll(number, &end, 10)};
    if (end == number || *end != '\0' || s.number <= 0)
        return err_set(err, ERR_USAGE, "\"%s\" is no number of evidence (see: evidence list)", number);
    int rc = vault_evidence(vault, show_one, &s, err);
    return rc == 0 && s.shown == 0 ? err_set(err, ERR_NOT_FOUND, "there is no evidence %s", number) : rc;
}

static int export_all(struct vault *vault, const char *dir, struct err *err)
{
    struct showing s = {.dir = dir};
    int rc = dir_make(dir, 0755, err);
    if (rc == 0)
        rc = vault_evidence(vault, show_one, &s, err);
    if (rc == 0)
        printf("%" PRIu64 " pieces of evidence written to %s: show them to an auditor\n", s.shown, dir);
    return rc;
}

static int run(struct call *call, struct err *err)
{
    const struct agency *a = call->opened;
    const char *what = call->operands > 0 ? call->operand[0] : "list";
    if (strcmp(what, "list") == 0 && call->operands < 2)
        return list(a->vault, err);
    if (strcmp(what, "show") == 0 && call->operands == 2)
        return show(a->vault, call->operand[1], err);
    if (strcmp(what, "export") == 0 && call->operands == 2)
        return export_all(a->vault, call->operand[1], err);
    return err_set(err, ERR_USAGE, "evidence is list, show N or export DIR");
}

const struct verb evidence_verb = {
    .name = "evidence",
    .brief = "what the matcher or a custodian should not have done",
    .operands = "[list | show N | export DIR]",
    .most = 2,
    .summary =
        "What was kept of the matcher's or a custodian's faults: mail and hits that no event of its ledger covers or that come of\n"
        "an agency without a mutual grant, evaluations signed with a wrong proof, checkpoints that contradict each other.\n"
        "export writes one file each, which concord-audit evidence weighs.",
    .needs = CLIENT_AGENCY,
    .run = run,
};
