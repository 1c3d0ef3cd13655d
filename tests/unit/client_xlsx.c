/*
 * Workbooks as feeds: what writers of .xlsx make of texts, numbers and dates; and workbooks that are damaged or made to
 * harm.
 */
#include "client/feed/feed.h"
#include "protocol/base/file.h"
#include "tests/unit/xlsx_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/concord-xlsx-XXXXXX";
static char path[64], rejects[96];
static const char *sheet_wanted;

#define CELL(r, v) "<c r='" r "' t='inlineStr'><is><t>" v "</t></is></c>"
#define HEADER "<row r='1'>" CELL("A1", "Record ID") CELL("B1", "Surname") CELL("C1", "DOB") "</row>"
#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"
#define STYLES                                                                                                         \
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='[$-41E]yyyy\\-mm'/><numFmt numFmtId='165' "               \
    "formatCode='0.0&quot; days&quot;'/><numFmt numFmtId='166' formatCode='\\d0_d'/></numFmts>"                        \
    "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"                                                                 \
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='165'/><xf numFmtId='166'/>"       \
    "</cellXfs></styleSheet>"

static void write_bytes(const void *bytes, size_t len)
{
    struct err err;
    assert_int_equal(file_write(path, bytes, len, 0600, &err), 0);
}

/* A workbook of these parts, and of the usual ones where they are not among them. */
static void write_book(const struct xlsx_part *part, size_t parts)
{
    struct xlsx_part all[8] = {{"xl/_rels/workbook.xml.rels", XLSX_RELATIONS, 0},
                               {"xl/workbook.xml", XLSX_WORKBOOK, 0}};
    size_t len;
    memcpy(all + 2, part, parts * sizeof *part);
    uint8_t *bytes = xlsx_make(&len, all, parts + 2, true);
    write_bytes(bytes, len);
    free(bytes);
}

static void write_sheet(const char *xml)
{
    const struct xlsx_part part[] = {{"xl/worksheets/sheet1.xml", xml, 0}, {"xl/styles.xml", STYLES, 0}};
    write_book(part, 2);
}

static void add(char *out, size_t size, const struct record *r)
{
    const size_t len = strlen(out);
    snprintf(out + len, size - len, "%zu %s:%s:%.10s%s;", r->line, r->field[FIELD_RECORD_ID],
             r->field[FIELD_FAMILY_NAME], r->field[FIELD_DATE_OF_BIRTH], r->more[FIELD_ALIASES] > 0 ? "+" : "");
}

/* "line id:family:date;" of each good row; bad: the lines, fields and faults of the rejects file. */
static int read_book(char *good, size_t size, char *bad, size_t bad_size, struct err *err)
{
    const struct feed_options options = {.path = path, .sheet = sheet_wanted};
    struct feed *feed;
    struct record r;
    bool end = false;
    good[0] = bad[0] = '\0';
    int rc = feed_open(&feed, &options, err);
    if (rc != 0)
        return rc;
    while ((rc = feed_next(feed, &r, &end, err)) == 0 && !end)
        add(good, size, &r);
    if (rc == 0)
        rc = feed_finish(feed, err);
    feed_free(feed);
    FILE *f = fopen(rejects, "r");
    char line[512];
    for (size_t n = 0; f != NULL && fgets(line, sizeof line, f) != NULL; n++) {
        const size_t len = strlen(bad);
        const char *field = strstr(line, "\","), *remedy = n > 0 ? strstr(field + 2, "\",\"") : NULL;
        if (n > 0)
            snprintf(bad + len, bad_size - len, "%.*s;", (int)(remedy - line), line);
    }
    if (f != NULL)
        fclose(f);
    unlink(rejects);
    return rc;
}

static void expect(const char *want_good, const char *want_bad)
{
    char good[2048], bad[4096];
    struct err err;
    if (read_book(good, sizeof good, bad, sizeof bad, &err) != 0)
        fail_msg("%s", err.text);
    assert_string_equal(good, want_good);
    assert_string_equal(bad, want_bad);
}

static void expect_refused(int code, const char *why)
{
    char good[2048], bad[4096];
    struct err err;
    assert_int_equal(read_book(good, sizeof good, bad, sizeof bad, &err), code);
    if (strstr(err.text, why) == NULL)
        fail_msg("%s", err.text);
}

/* --- as people make them --- */

static void texts_as_writers_keep_them(void **state)
{
    (void)state;
    const struct xlsx_part part[] = {
        {"xl/sharedstrings.XML",
         "<sst><si><t>record_id</t></si><si><r><t>Sur</t></r><r><rPr/><t>name</t></r></si>"
         "<si><t>\xE5\xB1\xB1\xE7\x94\xB0</t><rPh sb='0' eb='2'><t>\xE3\x83\xA4</t></rPh></si><si><t/></si><si><t>a&amp;b "
         "_x0041__x12_</t></si></sst>",
         0},
        {"xl/worksheets/sheet1.xml",
         SHEET(
             "<row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>"
             "<row><c><v>1</v></c><c t='s'><v>2</v></c></row>"
             "<row><c t='str'><f>A2+1</f><v>id 2</v></c><c t='s'><v>4</v></c></row>"
             "<row r='7'><c t='n'><v>1.2345E4</v></c><c t='s'><v>3</v></c></row>"
             "<row r='8'><c r='B8'><v/></c></row><row r='9'><c r='A9' t='b'><v>1</v></c><c r='B9'><v>0.5</v></c></row>"
             "<row r='12'><c r='A12'><v>7</v></c><c r='B12' t='s'><v>5</v></c></row>"),
         0}};
    write_book(part, 2);
    expect("2 1:\xE5\xB1\xB1\xE7\x94\xB0:;3 id 2:a&b A_x12_:;7 12345::;9 yes:0.5:;",
           "12,\"7\",row,\"nothing of use is left of it;12,\"7\",family_name,\"its text is missing in the workbook;");
}

static void other_writers(void **state)
{
    (void)state;
    write_sheet(
        "<?xml version='1.0'?><x:worksheet xmlns:x='u'><x:sheetData><x:row x:r='3'><x:c r='B3' t='inlineStr'><x:is><x:t>"
        "record_id</x:t></x:is></x:c><x:c r='D3' t='inlineStr'><x:is><x:t>aliases</x:t></x:is></x:c></x:row>"
        "<x:row r='5'><x:c r='B5'><x:v>5</x:v></x:c><x:c r='D5' t='d'><x:v>a; b</x:v></x:c></x:row>"
        "<x:row r='6'><x:c r='A6'><x:v>1</x:v></x:c><x:c r='B6'><x:v>6</x:v></x:c></x:row></x:sheetData></x:worksheet>");
    expect("5 5::+;", "6,\"6\",row,\"a value stands in a column without a name;");
}

static void dates_by_their_format(void **state)
{
    (void)state;
    write_sheet(SHEET(
        HEADER "<row r='2'><c r='A2'><v>1</v></c><c r='C2' s='1'><v>31839</v></c></row>"
               "<row r='3'><c r='A3'><v>2</v></c><c r='C3' s='2'><v>31839.75</v></c></row>"
               "<row r='4'><c r='A4'><v>3</v></c><c r='C4'><v>31839</v></c></row>"
               "<row r='5'><c r='A5'><v>4</v></c><c r='C5' s='3'><v>1987</v></c></row>"
               "<row r='6'><c r='A6'><v>5</v></c><c r='C6' s='4'><v>1987</v></c></row>"
               "<row r='7'><c r='A7' s='1'><v>31839</v></c><c r='C7' t='d'><v>1987-03-03T00:00:00</v></c></row>"
               "<row r='8'><c r='A8'><v>6</v></c><c r='B8' t='str'><v>A</v></c><c r='C8' s='1'><v>-4</v></c></row>"
               "<row r='9'><c r='A9'><v>7</v></c>" CELL("B9", "B") "<c r='C9' s='1'><v>59</v></c></row>"));
    expect("2 1::1987-03-03;3 2::1987-03-03;5 4::1987;6 5::1987;7 1987-03-03::1987-03-03;8 6:A:  ;9 7:B:  ;",
           "4,\"3\",row,\"nothing of use is left of it;"
           "4,\"3\",date_of_birth,\"a number of five digits, and nobody said that days are counted as in spreadsheets;"
           "8,\"6\",date_of_birth,\"no way in which dates are written, or no day of the calendar;"
           "9,\"7\",date_of_birth,\"no way in which dates are written, or no day of the calendar;");
    const struct xlsx_part part[] = {
        {"xl/workbook.xml",
         "<workbook><workbookPr date1904='1'/><sheets><sheet name='R' r:id='r1'/></sheets></workbook>", 0},
        {"xl/styles.xml", STYLES, 0},
        {"xl/worksheets/sheet1.xml",
         SHEET(HEADER "<row r='2'><c r='A2'><v>1</v></c><c r='C2' s='1'><v>30377</v></c></row>"
                      "<row r='3'><c r='A3'><v>2</v></c><c r='C3' s='1'><v>0</v></c></row>"
                      "<row r='4'><c r='A4'><v>3</v></c>" CELL("B4", "A") "<c r='C4' s='1'><v>-1095</v></c></row>"),
         0}};
    write_book(part, 3);
    expect("2 1::1987-03-03;3 2::1904-01-01;4 3:A:     ;",
           "4,\"3\",date_of_birth,\"no way in which dates are written, or no day of the calendar;");
}

static void cells_that_cannot_be_used(void **state)
{
    (void)state;
    write_sheet(SHEET(
        HEADER
        "<row r='2'><c r='A2'><v>1</v></c><c r='B2' t='e'><v>#N/A</v></c><c r='C2'><v>1987</v></c></row>"
        "<row r='3'><c r='A3'><v>12345678901234567</v></c>" CELL(
            "B3", "A") "</row>"
                       "<row r='4'><c r='A4'><v>4</v></c><c r='B4'><v>nan</v></c><c r='C4'><v>1987</v></c></row>"));
    expect("2 1::1987;4 4::1987;",
           "2,\"1\",family_name,\"an error of the spreadsheet's, such as #N/A;"
           "3,\"\",record_id,\"a number of more than 15 digits, of which a spreadsheet loses the last;"
           "4,\"4\",family_name,\"no number, in a cell for numbers;");
}

static void long_texts_cost_their_field(void **state)
{
    (void)state;
    char *xml = malloc(200000), good[1024], bad[2048];
    struct err err;
    assert_non_null(xml);
    size_t n = (size_t)sprintf(xml, "<worksheet>" HEADER "<row r='2'><c r='A2'><v>1</v></c><c r='B2' t='str'><v>");
    memset(xml + n, 'y', 100000);
    sprintf(xml + n + 100000, "</v></c><c r='C2'><v>1987</v></c></row></worksheet>");
    write_sheet(xml);
    assert_int_equal(read_book(good, sizeof good, bad, sizeof bad, &err), 0);
    assert_string_equal(good, "2 1::1987;");
    assert_string_equal(bad, "2,\"1\",family_name,\"too long;");
    free(xml);
}

static void which_sheet(void **state)
{
    (void)state;
    static const char workbook[] = "<workbook><sheets><sheet name='Notes' r:id='r2'/><sheet name='Chart' r:id='r3'/>"
                                   "<sheet name='Register' r:id='r1'/></sheets></workbook>";
    const struct xlsx_part part[] = {{"xl/workbook.xml", workbook, 0},
                                     {"xl/worksheets/sheet1.xml", SHEET(HEADER), 0},
                                     {"xl/worksheets/sheet2.xml", SHEET(""), 0}};
    write_book(part, 3);
    expect_refused(ERR_USAGE, "has 2 sheets: say which with --sheet NAME: Notes, Register");
    sheet_wanted = "Chart";
    expect_refused(ERR_USAGE, "has no sheet Chart: it has Notes, Register");
    sheet_wanted = "notes";
    expect_refused(ERR_INPUT, "sheet Notes, is empty");
    sheet_wanted = "register";
    expect("", "");
    sheet_wanted = NULL;
}

/* --- damaged, or made to harm --- */

static void what_is_no_workbook(void **state)
{
    (void)state;
    static const struct {
        const char *part, *why;
    } cases[] = {{"content.xml", "OpenDocument"},
                 {"xl/workbook.bin", ".xlsb"},
                 {"word/document.xml", ".docx"},
                 {"feed.csv", "a ZIP archive, and no workbook"},
                 {"xl/workbook.xml", "has no part xl/_rels/workbook.xml.rels"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct xlsx_part part = {cases[i].part, "<a/>", 0};
        size_t len;
        uint8_t *bytes = xlsx_make(&len, &part, 1, true);
        write_bytes(bytes, len);
        free(bytes);
        expect_refused(i < 4 ? ERR_INPUT : ERR_NOT_FOUND, cases[i].why);
    }
    write_bytes("PK\3\4rest", 8);
    expect_refused(ERR_INPUT, "a damaged workbook, or one that was not copied whole");
    write_book(NULL, 0);
    expect_refused(ERR_NOT_FOUND, "has no part xl/worksheets/sheet1.xml");
}

static void what_no_sheet_may_be(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *why;
    } cases[] = {
        {"<!DOCTYPE a [<!ENTITY b 'cccc'><!ENTITY d '&b;&b;'>]><worksheet>&d;</worksheet>", "document type"},
        {"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><worksheet/>", "document type"},
        {"<worksheet>" HEADER "<row r='2'><c><v>&b;</v></c></row></worksheet>", "undefined entity"},
        {"<worksheet>" HEADER "<row r='2'>", "no element found"},
        {"<worksheet>" HEADER "<row r='3'></row><row r='2'></row></worksheet>", "rows are not in order"},
        {"<worksheet>" HEADER "<row r='3'><c><v>1</v></c><row r='4'></row></row></worksheet>", "rows are not in order"},
        {"<worksheet>" HEADER "<row r='1048577'></row></worksheet>", "1,048,576"},
        {"<worksheet>" HEADER "<row r='2'><c r='B2'/><c r='A2'/></row></worksheet>", "cells of a row are not in order"},
        {"<worksheet><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
         "nested too deeply"},
        {"<worksheet aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa='1'/>",
         "too long names"},
        {"not XML", "syntax error"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_sheet(cases[i].xml);
        expect_refused(ERR_INPUT, cases[i].why);
    }
}

/* Of little that is packed much is made: a tag of 8 MiB, and a part of 17 MiB, each of some KiB in the archive. */
static void bombs(void **state)
{
    (void)state;
    const size_t size = 17u << 20;
    char *xml = malloc(size + 64);
    assert_non_null(xml);
    memset(xml, ' ', size);
    memcpy(xml, "<worksheet a='", 14);
    memcpy(xml + (8u << 20), "'/>", 4);
    write_sheet(xml);
    expect_refused(ERR_INPUT, "a tag or a value of it is too long");
    memcpy(xml, "<workbook >   ", 14);
    memset(xml + 14, ' ', size - 14);
    memcpy(xml + size, "</workbook>", 12);
    const struct xlsx_part part = {"xl/workbook.xml", xml, 0};
    write_book(&part, 1);
    expect_refused(ERR_INPUT, "a part of it is too large unpacked");
    free(xml);
}

/* Each byte of a workbook flipped in one bit: it is read, or refused with words. */
static void damaged_bytes(void **state)
{
    (void)state;
    char good[2048], bad[4096];
    struct err err;
    size_t len, refused = 0;
    const struct xlsx_part part[] = {
        {"xl/_rels/workbook.xml.rels", XLSX_RELATIONS, 0},
        {"xl/workbook.xml", XLSX_WORKBOOK, 0},
        {"xl/worksheets/sheet1.xml", SHEET(HEADER "<row r='2'><c r='A2'><v>1</v></c></row>"), 0}};
    uint8_t *bytes = xlsx_make(&len, part, 3, true);
    for (size_t i = 4; i < len; i++) {
        bytes[i] ^= 0x10;
        write_bytes(bytes, len);
        err.text[0] = '\0';
        if (read_book(good, sizeof good, bad, sizeof bad, &err) != 0) {
            assert_true(err.text[0] != '\0');
            refused++;
        }
        bytes[i] ^= 0x10;
    }
    assert_true(refused > len / 3);
    for (size_t cut = 5; cut < len; cut += 7) {
        write_bytes(bytes, cut);
        assert_int_equal(read_book(good, sizeof good, bad, sizeof bad, &err), ERR_INPUT);
    }
    free(bytes);
}

static int prepare(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/a.xlsx", dir);
    snprintf(rejects, sizeof rejects, "%s.rejects.csv", path);
    return 0;
}

static int clear(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_as_writers_keep_them),
        cmocka_unit_test(other_writers),
        cmocka_unit_test(dates_by_their_format),
        cmocka_unit_test(cells_that_cannot_be_used),
        cmocka_unit_test(long_texts_cost_their_field),
        cmocka_unit_test(which_sheet),
        cmocka_unit_test(what_is_no_workbook),
        cmocka_unit_test(what_no_sheet_may_be),
        cmocka_unit_test(bombs),
        cmocka_unit_test(damaged_bytes),
    };
    return cmocka_run_group_tests(tests, prepare, clear);
}
