/* The desk's pages, and who has them. */
#include "client/office/pages.h"

#define ANSWER_MAX (12u << 20) /* a photograph and a scan, and the form around them */

static const struct office_route routes[] = {
    {"GET", "/", 0, MAY_OFFICERS, show_inbox},
    {"GET", "/matches/*", 0, MAY_OFFICERS, show_match},
    {"POST", "/matches/*", 65536, MAY_OFFICERS, act_on_match},
    {"GET", "/letters/*", 0, MAY_OFFICERS, show_letter_page},
    {"POST", "/letters/*", ANSWER_MAX, MAY_OFFICERS, act_on_letter},
    {"GET", "/letters/*/files/*", 0, MAY_OFFICERS, show_file},
    {"GET", "/check", 0, MAY_CHECK, show_check},
    {"POST", "/check", 16384, MAY_CHECK, do_check},
    {"GET", "/check/*", 0, MAY_CHECK, show_checked},
    {"GET", "/records", 0, MAY_OFFICERS, show_records},
    {"POST", "/records", 4096, MAY_OFFICERS, find_record},
    {"GET", "/status", 0, MAY_ALL & ~MAY(ROLE_BORDER), show_status},
    {"GET", "/status/rejects/*", 0, MAY_OFFICERS, show_rejects},
    {"GET", "/activity", 0, MAY(ROLE_SUPERVISOR) | MAY(ROLE_AUDITOR), show_activity},
};

const struct office_table office_desk = {routes, ARRAY_LEN(routes)};
