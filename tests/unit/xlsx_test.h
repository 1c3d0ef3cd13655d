/* Workbooks made by the tests themselves: parts of XML in a ZIP archive in memory. */
#ifndef TESTS_UNIT_XLSX_TEST_H
#define TESTS_UNIT_XLSX_TEST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

struct xlsx_part {
    const char *name, *text;
    size_t len; /* 0: text ends with a NUL */
};

#define XLSX_RELATIONS                                                                                                 \
    "<Relationships><Relationship Id='r1' Type='http://x/worksheet' Target='worksheets/sheet1.xml'/>"                  \
    "<Relationship Id='r2' Type='http://x/worksheet' Target='/xl/worksheets/sheet2.xml'/>"                             \
    "<Relationship Id='r3' Type='http://x/chartsheet' Target='chartsheets/sheet1.xml'/>"                               \
    "<Relationship Id='r4' Type='http://x/styles' Target='styles.xml'/>"                                               \
    "<Relationship Id='r5' Type='http://x/sharedStrings' Target='sharedStrings.xml'/></Relationships>"
#define XLSX_WORKBOOK "<workbook><sheets><sheet name='Register' sheetId='1' r:id='r1'/></sheets></workbook>"

/* The archive's bytes, to be given back with free(); *len of them. Exits where it cannot be made: a test has failed. */
static inline uint8_t *xlsx_make(size_t *len, const struct xlsx_part *part, size_t parts, bool packed)
{
    zip_error_t error;
    zip_stat_t st;
    zip_source_t *to = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = to != NULL ? zip_open_from_source(to, ZIP_TRUNCATE, &error) : NULL;
    if (zip == NULL)
        exit(1);
    zip_source_keep(to);
    for (size_t i = 0; i < parts; i++) {
        const size_t size = part[i].len > 0 ? part[i].len : strlen(part[i].text);
        zip_source_t *from = zip_source_buffer(zip, part[i].text, size, 0);
        const zip_int64_t at = zip_file_add(zip, part[i].name, from, ZIP_FL_OVERWRITE);
        if (at < 0 || zip_set_file_compression(zip, (zip_uint64_t)at, packed ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 1) != 0)
            exit(1);
    }
    if (zip_close(zip) != 0 || zip_source_stat(to, &st) != 0 || zip_source_open(to) != 0)
        exit(1);
    uint8_t *out = malloc(st.size);
    if (out == NULL || zip_source_read(to, out, st.size) != (zip_int64_t)st.size)
        exit(1);
    zip_source_close(to);
    zip_source_free(to);
    *len = st.size;
    return out;
}

#endif
