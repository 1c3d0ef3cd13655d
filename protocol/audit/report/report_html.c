/* One page: findings first, then what was checked, then what happened. No script, nothing fetched. */
#include "protocol/audit/report/report.h"
#include "protocol/base/clock.h"

#include <inttypes.h>
#include <string.h>

#define PAIRS_SHOWN 200
#define DAYS_SHOWN 400

static const char style[] =
    "body{font:16px/1.5 'Segoe UI','Noto Sans','Liberation Sans','DejaVu "
    "Sans',sans-serif;color:#1c2733;background:#fff;margin:0}"
    "main{max-width:62rem;margin:0 auto;padding:2.5rem 2rem 4rem}"
    "header{border-bottom:3px solid #14507a;padding-bottom:1rem;margin-bottom:1.5rem}"
    "header p{margin:.2rem 0 0;color:#52606d}"
    ".kind{letter-spacing:.12em;text-transform:uppercase;font-size:.8rem;color:#14507a;font-weight:600}"
    "h1{font:600 2.1rem/1.2 Georgia,'Noto Serif','Liberation Serif','DejaVu Serif',serif;margin:.3rem 0}"
    "h2{font:600 1.3rem/1.3 Georgia,'Noto Serif','Liberation Serif','DejaVu Serif',serif;margin:2.4rem 0 .6rem}"
    ".verdict{border-left:6px solid;padding:.8rem 1.2rem;margin:1.5rem 0;font-size:1.1rem}"
    ".good{border-color:#2e7d4f;background:#eef7f1}.bad{border-color:#b3261e;background:#fcefee}"
    ".open{border-color:#b7791f;background:#fdf6e7}"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:1rem;margin:1.5rem 0}"
    ".figures div{border:1px solid #d5dde5;border-radius:4px;padding:.7rem 1rem}"
    ".figures b{display:block;font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums}"
    ".figures span{color:#52606d;font-size:.85rem}"
    "table{border-collapse:collapse;width:100%;font-size:.88rem;font-variant-numeric:tabular-nums}"
    "th{text-align:left;font-weight:600;border-bottom:2px solid #9fb3c8;padding:.35rem .6rem .35rem "
    "0;vertical-align:bottom}"
    "td{border-bottom:1px solid #e4e9ee;padding:.35rem .6rem .35rem 0;vertical-align:top}"
    ".n{text-align:right}td.n{white-space:nowrap}tr.mark td{background:#fcefee}"
    ".text{overflow-wrap:anywhere}"
    "code{font:.82em 'DejaVu Sans Mono','Liberation Mono',monospace;overflow-wrap:anywhere}"
    ".code{white-space:nowrap;font-weight:600;color:#b3261e}"
    "svg{width:100%;height:auto;display:block;margin:.6rem 0}svg text{font-size:11px;fill:#52606d}"
    "svg .title{font-size:12px;font-weight:600;fill:#1c2733}.axis{stroke:#9fb3c8}.grid{stroke:#e4e9ee}"
    ".note{color:#52606d;font-size:.88rem}"
    "footer{margin-top:3rem;border-top:1px solid #d5dde5;padding-top:1rem;color:#52606d;font-size:.85rem}"
    "@media print{main{padding:0;max-width:none}h2{break-after:avoid}tr,svg{break-inside:avoid}.verdict,tr.mark td"
    "{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

/* --- small things --- */

static void put_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            putc(*text, out);
        }
    }
}

static void cell_text(FILE *out, const char *class, const char *text)
{
    fprintf(out, "<td%s%s%s>", class[0] != '\0' ? " class=\"" : "", class, class[0] != '\0' ? "\"" : "");
    put_text(out, text);
    fputs("</td>", out);
}

static void cell_number(FILE *out, uint64_t value)
{
    fputs("<td class=\"n\">", out);
    if (value > 0)
        report_number(out, value);
    else
        fputs("&ndash;", out);
    fputs("</td>", out);
}

/* A header row of names; those behind `first_number` head columns of numbers. */
static void header_row(FILE *out, const char *const *names, size_t count, size_t first_number)
{
    fputs("<tr>", out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<th%s>%s</th>", i >= first_number ? " class=\"n\"" : "", names[i]);
    fputs("</tr>\n", out);
}
#define HEADER(out, first_number, ...)                                                                                 \
    header_row(out, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *),   \
               first_number)

static void figure(FILE *out, uint64_t value, const char *what)
{
    fputs("<div><b>", out);
    report_number(out, value);
    fprintf(out, "</b><span>%s</span></div>\n", what);
}

static const char *name_of(const struct report *r, int number)
{
    return number < 0 ? "" : r->audit->manifests.name[number];
}

/* "2026-11-25 10:47:00Z", of which as much is printed as people read. */
static const char *date_and_time(char out[CLOCK_TEXT_SIZE], uint64_t seconds)
{
    clock_text(out, seconds);
    out[10] = ' ';
    return out;
}

/* --- the parts of the page --- */

static void put_head(FILE *out, const struct report *r)
{
    char from[CLOCK_TEXT_SIZE], to[CLOCK_TEXT_SIZE], now[CLOCK_TEXT_SIZE];
    const struct region *region = manifests_newest(&r->audit->manifests);
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
          "content=\"width=device-width,initial-scale=1\"><title>Audit of ",
          out);
    put_text(out, region->name);
    fprintf(out,
            "</title><style>%s</style></head><body><main>\n<header><div class=\"kind\">Concord &middot; audit "
            "report</div>\n<h1>Region ",
            style);
    put_text(out, region->name);
    fprintf(out, "</h1>\n<p>%.16s to %.16s UTC &middot; made %.16s UTC</p></header>\n", date_and_time(from, r->from),
            date_and_time(to, r->to), date_and_time(now, clock_now()));
}

static void put_verdict(FILE *out, const struct report *r)
{
    const struct findings *f = &r->audit->findings;
    uint64_t real = f->total - f->unchecked;
    fprintf(out, "<div class=\"verdict %s\">", real > 0 ? "bad" : f->unchecked > 0 ? "open" : "good");
    if (real > 0) {
        fputs("<strong>", out);
        report_number(out, real);
        fprintf(
            out,
            " finding%s.</strong> What the ledgers say is not what the manifest allows or what the parties must have "
            "done.",
            real == 1 ? "" : "s");
    } else if (f->unchecked > 0) {
        fputs("<strong>No finding, but part could not be checked.</strong>", out);
    } else {
        fputs("<strong>No findings.</strong> Every entry, signature and cosignature verifies, and everything that was "
              "done "
              "was allowed.",
              out);
    }
    fputs("</div>\n", out);
}

static void put_findings(FILE *out, const struct report *r)
{
    const struct findings *f = &r->audit->findings;
    struct finding_group group;
    char who[FINDING_WHO_MAX + 16];
    if (f->total == 0)
        return;
    fputs("<h2>Findings</h2>\n<table>\n", out);
    HEADER(out, 9, "finding", "ledger", "entry", "times", "what", "who", "next");
    for (size_t at = 0; findings_group(f, &at, &group);) {
        const struct finding *one = group.first;
        fputs("<tr>", out);
        fprintf(out, "<td class=\"code\" title=\"%s\">%s</td>", finding_meaning(one->code), finding_name(one->code));
        cell_text(out, "text", one->ledger);
        if (one->index != FINDING_NONE)
            fprintf(out, "<td class=\"n\">%" PRIu64 "</td>", one->index);
        else
            fputs("<td></td>", out);
        fprintf(out, "<td class=\"n\">%" PRIu64 "</td>", group.count);
        cell_text(out, "text", one->text);
        snprintf(who, sizeof who, "%s: %s", finding_verdict_name(one->verdict), one->who);
        cell_text(out, "text", who);
        cell_text(out, "text", finding_next(one->code));
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
    if (f->total > f->count) {
        fputs("<p class=\"note\">And ", out);
        report_number(out, f->total - f->count);
        fputs(" more.</p>\n", out);
    }
}

static void put_figures(FILE *out, const struct report *r)
{
    fputs("<div class=\"figures\">\n", out);
    figure(out, r->entries, "entries verified");
    figure(out, r->checkpoints, "signed checkpoints");
    figure(out, r->all.added, "tags enrolled");
    figure(out, r->all.delivered, "matching entries delivered");
    figure(out, r->all.queries, "queries");
    fputs("</div>\n", out);
}

static void put_ledgers(FILE *out, const struct report *r)
{
    char root[2 * MERKLE_HASH + 1];
    fputs("<h2>What was checked</h2>\n<table>\n", out);
    HEADER(out, 1, "ledger", "entries", "checkpoints", "final", "witnesses");
    for (size_t i = 0; i < r->audit->count; i++) {
        const struct verified *v = &r->verified[i];
        fprintf(out, "<tr%s>", v->whole ? "" : " class=\"mark\"");
        fputs("<td class=\"text\">", out);
        put_text(out, v->walk->origin);
        fprintf(out, "<br><code>%s</code></td>", bytes_to_hex(root, v->walk->newest.root.bytes, MERKLE_HASH));
        cell_number(out, v->entries);
        cell_number(out, v->checkpoints);
        cell_number(out, v->final);
        fprintf(out, "<td class=\"n\">%zu of %zu</td></tr>\n", v->walk->witnesses_needed, v->walk->witness_count);
    }
    fputs("</table>\n<p class=\"note\">Below each ledger stands the root of its newest checkpoint: two auditors who "
          "see the same root saw "
          "the same ledger. Final are entries that so many witnesses cosigned.</p>\n<table>\n",
          out);
    HEADER(out, 4, "manifest", "SHA-256", "agencies", "grants");
    for (size_t i = 0; i < r->audit->manifests.count; i++) {
        const struct region *region = r->audit->manifests.list[i].region;
        fprintf(out, "<tr><td>version %" PRIu64 "</td><td><code>%s</code></td>", region->version,
                bytes_to_hex(root, region->digest, sizeof region->digest));
        cell_number(out, region->agency_count);
        cell_number(out, region->grant_count);
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
    if (r->day == NULL)
        fputs("<p class=\"note\">Not reconciled: that needs the ledgers of matcher and custodians.</p>\n", out);
    if (!r->replayed)
        fputs("<p class=\"note\">Not replayed: no archive of batches was given, so that matches were not computed "
              "again.</p>\n",
              out);
    else {
        fputs("<p class=\"note\">Replayed: ", out);
        report_number(out, r->replay.batches);
        fputs(" batches with ", out);
        report_number(out, r->replay.tags);
        fputs(" tags were joined again and compared with what was delivered", out);
        if (r->replay.unchecked > 0) {
            fputs("; ", out);
            report_number(out, r->replay.unchecked);
            fputs(" causes in part, since the archive does not reach back far enough", out);
        }
        fputs(".</p>\n", out);
    }
}

enum series { SERIES_ENROLLED, SERIES_QUERIED, SERIES_DELIVERED, SERIES_EVALUATED, SERIES_COUNT };

static uint64_t value_of(const struct report_sums *s, enum series series)
{
    switch (series) {
    case SERIES_ENROLLED:
        return s->added + s->renewed + s->replaced;
    case SERIES_QUERIED:
        return s->queried;
    case SERIES_DELIVERED:
        return s->delivered;
    default:
        return s->evaluated;
    }
}

static void put_charts(FILE *out, const struct report *r)
{
    static const struct {
        const char *title, *unit, *colour;
    } looks[SERIES_COUNT] = {
        {"Tags enrolled", "tags", "#14507a"},
        {"Tags queried", "tags", "#3d7ea6"},
        {"Matching entries delivered", "entries", "#2e7d4f"},
        {"Evaluations by custodians", "evaluations", "#7b6d8d"},
    };
    if (r->series.count == 0)
        return;
    fputs("<h2>Over time</h2>\n", out);
    for (int series = 0; series < SERIES_COUNT; series++) {
        uint64_t value[REPORT_COLUMNS];
        for (size_t i = 0; i < r->series.count; i++)
            value[i] = value_of(&r->series.sums[i], (enum series)series);
        const struct report_chart chart = {
            looks[series].title, looks[series].unit, looks[series].colour,          value,
            r->series.count,     r->series.first,    report_series_step(&r->series)};
        report_chart(out, &chart);
    }
}

static void put_purposes(FILE *out, const struct report *r)
{
    fputs("<h2>By purpose</h2>\n<table>\n", out);
    HEADER(out, 1, "purpose", "added", "renewed", "replaced", "removed", "expired", "queries", "hits", "delivered",
           "withdrawn", "came to wait", "asked about", "evaluated", "refused");
    for (size_t i = 0; i < r->audit->manifests.names; i++) {
        const struct report_sums *s = &r->purpose[i];
        const uint64_t values[] = {s->added,   s->renewed,   s->replaced,  s->removed,   s->expired,
                                   s->queries, s->hits,      s->delivered, s->withdrawn, s->waited,
                                   s->asked,   s->evaluated, s->refused};
        if (memcmp(s, &(struct report_sums){0}, sizeof *s) == 0)
            continue;
        fputs("<tr>", out);
        cell_text(out, "", r->audit->manifests.name[i]);
        for (size_t k = 0; k < sizeof values / sizeof values[0]; k++)
            cell_number(out, values[k]);
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
}

static void put_pairs(FILE *out, const struct report *r)
{
    if (r->pairs == 0)
        return;
    fputs("<h2>By pair</h2>\n<p class=\"note\">Entries of the one that went to the other, into its mailbox or in "
          "answer to a query; "
          "several entries make one match of two records.</p>\n<table>\n",
          out);
    HEADER(out, 3, "purpose", "agency", "agency", "to the first", "to the second", "withdrawn", "came to wait",
           "asked about");
    for (size_t i = 0; i < r->pairs && i < PAIRS_SHOWN; i++) {
        const struct report_pair *p = &r->pair[i];
        fputs("<tr>", out);
        cell_text(out, "", name_of(r, p->purpose));
        cell_text(out, "", name_of(r, p->low));
        cell_text(out, "", name_of(r, p->high));
        cell_number(out, p->to_low);
        cell_number(out, p->to_high);
        cell_number(out, p->withdrawn);
        cell_number(out, p->waited);
        cell_number(out, p->asked);
        fputs("</tr>\n", out);
    }
    fputs("</table>\n", out);
    if (r->pairs > PAIRS_SHOWN)
        fprintf(out, "<p class=\"note\">The %d pairs with most of %zu; --format json has all.</p>\n", PAIRS_SHOWN,
                r->pairs);
}

static void put_day(FILE *out, const struct report *r, const struct reconcile_day *d)
{
    char day[CLOCK_TEXT_SIZE], date[11];
    uint64_t used = reconcile_used(d);
    snprintf(date, sizeof date, "%.10s", clock_text(day, (uint64_t)d->day * 86400));
    fprintf(out, "<tr%s>", d->verdict == RECONCILE_GUESSING ? " class=\"mark\"" : "");
    cell_text(out, "", date);
    cell_text(out, "", name_of(r, d->agency));
    cell_text(out, "", name_of(r, d->purpose));
    cell_text(out, "", reconcile_verdict_name(d->verdict));
    cell_number(out, d->tokens);
    cell_number(out, used);
    cell_number(out, d->surplus);
    if (used > 0)
        fprintf(out, "<td class=\"n\">%.2f</td>", (double)d->tokens / (double)used);
    else
        fputs("<td class=\"n\">&ndash;</td>", out);
    cell_number(out, d->queried);
    cell_number(out, d->hits);
    cell_text(out, "", reconcile_asking_name(d->asking));
    fputs("</tr>\n", out);
}

/* Of a long period the days that stand out, then the newest ones. */
static void put_days(FILE *out, const struct report *r)
{
    size_t left = DAYS_SHOWN;
    if (r->days == 0)
        return;
    fputs("<h2>Evaluations against use</h2>\n<p class=\"note\">A token costs one evaluation at each custodian of a "
          "coalition. What is "
          "neither enrolled nor queried is a surplus: a few per cent are records of one agency that share a tag, a "
          "batch now and "
          "then is lost to a crash, more is guessing.</p>\n<table>\n",
          out);
    HEADER(out, 4, "day", "agency", "purpose", "verdict", "tokens", "used", "surplus", "ratio", "queried", "hits",
           "asking");
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = r->days; i > 0 && left > 0; i--) {
            bool stands_out = r->day[i - 1].verdict > RECONCILE_SHARING;
            if (stands_out == (pass == 0)) {
                put_day(out, r, &r->day[i - 1]);
                left--;
            }
        }
    fputs("</table>\n", out);
    if (r->days > DAYS_SHOWN)
        fprintf(out, "<p class=\"note\">%d of %zu rows, those that stand out first; --format json has all.</p>\n",
                DAYS_SHOWN, r->days);
}

static void put_refusals(FILE *out, const struct report *r)
{
    if (r->refusals == 0)
        return;
    fputs("<h2>Refusals</h2>\n<table>\n", out);
    HEADER(out, 3, "party", "purpose", "reason", "at least");
    for (size_t i = 0; i < r->refusals; i++) {
        fputs("<tr>", out);
        cell_text(out, "", name_of(r, r->refusal[i].party));
        cell_text(out, "", name_of(r, r->refusal[i].purpose));
        cell_text(out, "", r->refusal[i].reason);
        cell_number(out, r->refusal[i].count);
        fputs("</tr>\n", out);
    }
    fputs("</table>\n<p class=\"note\">The first, second, fourth, eighth, ... refusal of a day is an event, so that up "
          "to twice as many may have been.</p>\n",
          out);
}

void report_write_html(FILE *out, const struct report *report)
{
    put_head(out, report);
    put_verdict(out, report);
    put_findings(out, report);
    put_figures(out, report);
    put_ledgers(out, report);
    put_charts(out, report);
    put_purposes(out, report);
    put_pairs(out, report);
    put_days(out, report);
    put_refusals(out, report);
    fprintf(
        out,
        "<footer>Made offline by concord-audit %s from exported ledgers; nothing but the manifest of the region was "
        "trusted. The ledgers hold no personal data. They cannot show what colluding custodians, as many as the "
        "threshold, do "
        "among themselves, nor what officers do with a match.</footer>\n</main></body></html>\n",
        CONCORD_VERSION);
}
