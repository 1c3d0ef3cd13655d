/* Rows of feeds that could not be enrolled, with why: files beside the feeds, for officers to take and mend. */
#include "client/office/pages.h"

#include "protocol/base/clock.h"
#include "protocol/base/file.h"
#include "protocol/base/mark.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MAX 100 /* that are listed */

static int is_reject(const struct dirent *entry)
{
    return file_name_ends(entry->d_name, ".rejects.csv");
}

static const char *directory_of(const struct visit *v)
{
    const struct office_options *o = office_options(v->office);
    return o->rejects[0] != '\0' ? o->rejects : o->feed;
}

/* By name. */
static int list(const struct visit *v, struct dirent ***out)
{
    const char *directory = directory_of(v);
    const int count = directory[0] != '\0' ? scandir(directory, out, is_reject, alphasort) : 0;
    return count > 0 ? count : 0;
}

static void free_list(struct dirent **entry, int count)
{
    for (int i = 0; i < count; i++)
        free(entry[i]);
    if (count > 0)
        free(entry);
}

static void put_file(struct visit *v, struct page *p, int number, const char *name)
{
    char path[PATH_LIMIT];
    struct stat st;
    if (path_join(path, sizeof path, directory_of(v), name, ERR_IGNORED) != 0 || stat(path, &st) != 0)
        return;
    html(p, "<tr><td>");
    if ((MAY_OFFICERS & MAY(v->session->role)) != 0) {
        html(p, "<a href=\"/status/rejects/");
        page_number(p, (uint64_t)number);
        html(p, "\">");
        page_text(p, name);
        html(p, "</a>");
    } else {
        page_text(p, name);
    }
    html(p, "</td><td class=\"n\">");
    page_number(p, (uint64_t)st.st_size);
    html(p, "</td><td>");
    page_ago(p, (uint64_t)st.st_mtim.tv_sec, clock_now());
    html(p, "</td></tr>\n");
}

void put_rejects(struct visit *v, struct page *p)
{
    static const char *const heads[] = {N_("File"), N_("Bytes"), N_("Written")};
    struct dirent **entry;
    const int count = list(v, &entry);
    if (count == 0)
        return;
    html(p, "<section><h2>");
    say(p, "Rows that could not be enrolled");
    html(p, "</h2><table class=\"rows\">");
    page_columns(p, heads, ARRAY_LEN(heads), 1);
    for (int i = 0; i < count && i < FILES_MAX; i++)
        put_file(v, p, i + 1, entry[i]->d_name);
    html(p, "</tbody></table><p class=\"dim\">");
    say(p, "Each row says what is wrong with it. Mend it where the feed comes from: the next feed enrols it.");
    html(p, "</p></section>");
    free_list(entry, count);
}

int show_rejects(struct visit *visit, struct err *err)
{
    char path[PATH_LIMIT], number[32];
    struct dirent **entry;
    int64_t wanted = 0;
    int rc = office_number(&wanted, visit, 0, err);
    const int count = rc == 0 ? list(visit, &entry) : 0;
    if (rc == 0 && wanted > count)
        rc = err_set(err, ERR_NOT_FOUND, N_("There is no such file any more."));
    if (rc == 0)
        rc = path_join(path, sizeof path, directory_of(visit), entry[wanted - 1]->d_name, err);
    free_list(entry, count);
    snprintf(number, sizeof number, "%lld", (long long)wanted);
    if (rc == 0)
        rc = office_note(visit, "open-rejects", number, NULL, err);
    if (rc == 0)
        rc = file_read(&visit->reply->body, path, err);
    visit->reply->type = "text/csv; charset=utf-8";
    web_set_header(visit->reply, "Content-Disposition", "attachment; filename=\"rejects.csv\"");
    return rc;
}
