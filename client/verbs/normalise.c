#include "client/verbs/verbs.h"

#include "client/feed/check.h"
#include "client/identity/explain.h"
#include "protocol/base/settings.h"

#include <sodium.h>
#include <string.h>

static char value[FIELDS][SETTINGS_TEXT_MAX];

static int fill(struct record *record, struct err *err)
{
    bool any = false;
    for (int i = 0; i < FIELDS; i++) {
        record->field[i] = value[i];
        any = any || value[i][0] != '\0';
        if (strlen(value[i]) > FIELD_SIZE_MAX || !text_is_utf8(value[i], strlen(value[i])))
            return err_set(err, ERR_USAGE, "%s is longer than %d bytes or not UTF-8", record_field_name[i],
                           FIELD_SIZE_MAX);
    }
    return any ? 0
               : err_set(err, ERR_USAGE,
                         "normalise needs fields: --family-name, --date-of-birth, --doc-number, --mrz ...; see --help");
}

int normalise_main(int argc, char **argv)
{
    static const struct setting settings[] = {
        {"family-name", NULL, NULL, SETTING_TEXT, value[FIELD_FAMILY_NAME], "TEXT", "family name, or the whole name"},
        {"given-names", NULL, NULL, SETTING_TEXT, value[FIELD_GIVEN_NAMES], "TEXT", "given names"},
        {"name-native", NULL, NULL, SETTING_TEXT, value[FIELD_NAME_NATIVE], "TEXT", "name in its own script"},
        {"alias", NULL, NULL, SETTING_TEXT, value[FIELD_ALIASES], "TEXT", "another name"},
        {"sex", NULL, NULL, SETTING_TEXT, value[FIELD_SEX], "F|M|X", "sex"},
        {"date-of-birth", NULL, NULL, SETTING_TEXT, value[FIELD_DATE_OF_BIRTH], "DATE", "in figures or words"},
        {"calendar", NULL, NULL, SETTING_TEXT, value[FIELD_CALENDAR], "NAME", "of that date, if not gregorian"},
        {"nationality", NULL, NULL, SETTING_TEXT, value[FIELD_NATIONALITY], "AAA", "ISO 3166-1 alpha-3"},
        {"doc-type", NULL, NULL, SETTING_TEXT, value[FIELD_DOC_TYPE], "TEXT", "type of document"},
        {"doc-issuer", NULL, NULL, SETTING_TEXT, value[FIELD_DOC_ISSUER], "AAA", "issuer of the document"},
        {"doc-number", NULL, NULL, SETTING_TEXT, value[FIELD_DOC_NUMBER], "TEXT", "number of the document"},
        {"mrz", NULL, NULL, SETTING_TEXT, value[FIELD_MRZ], "LINES", "machine-readable zone, lines one after another"},
    };
    static const struct usage usage = {
        "concord-client normalise",
        "",
        "Shows what a name, date, document or zone becomes, step by step. Nothing is sent or kept.",
        "The fields are visible to others on this machine while the command runs; leave them out of shared shells.",
        settings,
        sizeof settings / sizeof settings[0]};
    struct normaliser *normaliser = NULL;
    struct record record = {.line = 0};
    struct err err;
    bool done;
    int operands;
    int rc = settings_load(&usage, NULL, NULL, argc, argv, &operands, &done, &err);
    if (rc == 0 && done)
        return 0;
    if (rc == 0 && operands > 0)
        rc = err_set(&err, ERR_USAGE, "normalise takes fields as flags, no operands; see --help");
    if (rc == 0)
        rc = fill(&record, &err);
    if (rc == 0)
        rc = normaliser_new(&normaliser, &err);
    if (rc == 0)
        rc = explain_record(stdout, normaliser, &record, &err);
    normaliser_free(normaliser);
    sodium_memzero(value, sizeof value);
    return verb_end("concord-client", rc, &err);
}
