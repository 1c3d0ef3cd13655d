/* concord-audit report */
#include "protocol/audit/report/report.h"
#include "protocol/audit/replay/work.h"
#include "protocol/base/file.h"

#include <stdlib.h>
#include <string.h>

static struct {
    struct audit_options audit;
    char archive[SETTINGS_TEXT_MAX], work[SETTINGS_TEXT_MAX], out[SETTINGS_TEXT_MAX], format[SETTINGS_TEXT_MAX];
} o = {.format = "html"};

static int write_report(const struct report *report, struct err *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    int rc = memory == NULL ? err_set(err, ERR_NO_MEMORY, "out of memory for the report") : 0;
    if (rc == 0 && strcmp(o.format, "json") == 0)
        rc = report_write_json(memory, report, err);
    else if (rc == 0)
        report_write_html(memory, report);
    if (memory != NULL && fclose(memory) != 0 && rc == 0)
        rc = err_set(err, ERR_NO_MEMORY, "out of memory for the report");
    if (rc == 0 && (o.out[0] == '\0' || strcmp(o.out, "-") == 0)) {
        if (fwrite(text, 1, len, stdout) != len)
            rc = err_errno(err, "cannot write the report");
    } else if (rc == 0) {
        rc = file_write(o.out, text, len, 0644, err);
    }
    free(text);
    return rc;
}

static int report_all(struct audit *audit, struct err *err)
{
    struct report report = {.audit = audit};
    char work[PATH_LIMIT] = "";
    int rc = o.archive[0] != '\0' ? work_make(work, o.work, err) : 0;
    if (rc == 0)
        rc = report_gather(&report, audit, o.archive[0] != '\0' ? o.archive : NULL, work, err);
    if (rc == 0)
        rc = write_report(&report, err);
    if (rc == 0 && o.out[0] != '\0' && strcmp(o.out, "-") != 0)
        printf("%s: %llu findings in %llu entries of %zu ledgers\n", o.out, (unsigned long long)audit->findings.total,
               (unsigned long long)report.entries, audit->count);
    report_free(&report);
    work_remove(work);
    return rc;
}

int report_main(int argc, char **argv)
{
    static const struct setting settings[] = {
        AUDIT_SETTINGS(o.audit),
        {"out", NULL, NULL, SETTING_PATH, o.out, "FILE", "where the report goes, also -o (default: standard output)"},
        {"format", NULL, NULL, SETTING_TEXT, o.format, "FORMAT", "html (default), or json for scripts"},
        {"archive", NULL, NULL, SETTING_PATH, o.archive, "DIR",
         "the matcher's archive of batches: compute the joins again too"},
        {"work", NULL, NULL, SETTING_PATH, o.work, "DIR",
         "where the entries may lie meanwhile (default: TMPDIR, or /tmp)"},
    };
    static const struct usage usage = {
        "concord-audit report",
        "DIR...",
        "Makes one page for people of all that the ledgers show: findings first, then what was checked, totals by "
        "purpose and\n"
        "pair, charts over time. It opens without a network. Ledgers are verified and reconciled, with --archive also "
        "replayed.",
        "Exit status: 0 no findings, 1 there are findings (the report has them), 2 it could not be checked.",
        settings,
        AUDIT_SETTINGS_COUNT + 4};
    static struct audit audit;
    static char out_flag[] = "--out";
    struct err err;
    bool done;
    int operands;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-o") == 0)
            argv[i] = out_flag;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && o.audit.json)
        snprintf(o.format, sizeof o.format, "json");
    if (rc == 0 && strcmp(o.format, "html") != 0 && strcmp(o.format, "json") != 0)
        rc = err_set(&err, ERR_USAGE, "--format is html or json, not %.40s", o.format);
    if (rc == 0)
        rc = audit_open(&audit, &o.audit, argv, (size_t)operands, &err);
    if (rc == 0)
        rc = report_all(&audit, &err);
    int status = audit_end(rc, &audit, &err);
    audit_close(&audit);
    setting_list_free(&o.audit.manifests);
    return status;
}
