/* concord-audit report */
#include "protocol/audit/verbs/verbs.h"

#include "protocol/audit/report/report.h"
#include "protocol/audit/replay/work.h"
#include "protocol/base/file.h"
#include "protocol/base/text.h"

#include <stdlib.h>
#include <string.h>

struct options {
    char archive[SETTINGS_TEXT_MAX], work[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX], format[SETTINGS_TEXT_MAX];
};

static int write_report(const struct report *report, const struct options *o, struct err *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    int rc = memory == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the report") : 0;
    if (rc == 0 && strcmp(o->format, "json") == 0)
        rc = report_write_json(memory, report, err);
    else if (rc == 0)
        report_write_html(memory, report);
    if (memory != NULL && fclose(memory) != 0 && rc == 0)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for the report");
    if (rc == 0 && (o->out[0] == '\0' || strcmp(o->out, "-") == 0)) {
        if (fwrite(text, 1, len, stdout) != len)
            rc = err_errno(err, "cannot write the report");
    } else if (rc == 0) {
        rc = file_write(o->out, text, len, 0644, err);
    }
    free(text);
    return rc;
}

/* --json is another way to say --format json. */
static int check(struct call *call, struct err *err)
{
    const struct audit_options *config = call->config;
    struct options *o = call->options;
    if (config->json)
        snprintf(o->format, sizeof o->format, "json");
    if (strcmp(o->format, "html") != 0 && strcmp(o->format, "json") != 0)
        return err_set(err, ERR_USAGE, "--format is html or json, not %.40s", o->format);
    return 0;
}

static int run(struct call *call, struct err *err)
{
    struct audit *audit = call->opened;
    const struct options *o = call->options;
    struct report report = {.audit = audit};
    char work[PATH_LIMIT] = "";
    int rc = o->archive[0] != '\0' ? work_make(work, o->work, err) : 0;
    if (rc == 0)
        rc = report_gather(&report, audit, o->archive[0] != '\0' ? o->archive : NULL, work, err);
    if (rc == 0)
        rc = write_report(&report, o, err);
    if (rc == 0 && o->out[0] != '\0' && strcmp(o->out, "-") != 0)
        printf("%s: %s in %s of %s\n", o->out, TEXT_COUNT(audit->findings.total, "finding", "findings"),
               TEXT_COUNT(report.entries, "entry", "entries"), TEXT_COUNT(audit->count, "ledger", "ledgers"));
    report_free(&report);
    work_remove(work);
    return rc;
}

static const struct options defaults = {.format = "html"};

static const struct setting settings[] = {
    {"out", NULL, NULL, SETTING_PATH, offsetof(struct options, out), "FILE",
     "where the report goes, also -o (default: standard output)", .letter = 'o'},
    {"format", NULL, NULL, SETTING_TEXT, offsetof(struct options, format), "FORMAT",
     "html (default), or json for scripts"},
    {"archive", NULL, NULL, SETTING_PATH, offsetof(struct options, archive), "DIR",
     "the matcher's archive of batches: compute the joins again too"},
    {"work", NULL, NULL, SETTING_PATH, offsetof(struct options, work), "DIR",
     "where the entries may lie meanwhile (default: TMPDIR, or /tmp)"},
};

const struct verb report_verb = {
    .name = "report",
    .brief = "make a page for people of all of it",
    .operands = "DIR...",
    .least = 1,
    .most = VERB_ANY,
    .summary =
        "Makes one page for people of all that the ledgers show: findings first, then what was checked, totals by purpose and\n"
        "pair, charts over time. It opens without a network. Ledgers are verified and reconciled, with --archive also replayed.",
    .more = "Exit status: 0 no findings, 1 there are findings (the report has them), 2 it could not be checked.",
    SETTINGS(settings),
    .defaults = &defaults,
    .options_size = sizeof defaults,
    .needs = AUDIT_ALL,
    .check = check,
    .run = run,
};
