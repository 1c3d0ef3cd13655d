/* Feeds: CSV and JSON lines; what is rejected, with which line, and that good rows beside it go through. */
#include "client/feed/feed.h"
#include "client/identity/date.h"
#include "protocol/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/concord-feed-XXXXXX";
static char path[64], rejects[96];
static const char *map[4], *encoding;
static size_t maps;
static const char *dates;
static bool whole; /* lines of rejects are looked at as they are */

static void write_feed(const char *name, const char *text, size_t len)
{
    struct err err;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    snprintf(rejects, sizeof rejects, "%s.rejects.csv", path);
    assert_int_equal(file_write(path, text, len, 0600, &err), 0);
}

/* Of `line,"id",field,"fault","remedy"` the line, the field and the fault, so that cases are short. */
static void shorten(char *bad)
{
    char *out = strchr(bad, '\n');
    for (char *line = out != NULL ? out + 1 : bad, *next; out != NULL && *line != '\0'; line = next) {
        char *id = strchr(line, ','), *field = strstr(id, "\",") + 2, *remedy = strstr(field, "\",\"") + 1;
        next = strchr(remedy, '\n') + 1;
        assert_true(remedy[2] != '"'); /* there is always something to do */
        memmove(out + 1, line, (size_t)(id - line) + 1);
        out += id - line + 1;
        memmove(out + 1, field, (size_t)(remedy - field));
        out += remedy - field;
        *++out = '\n';
    }
    if (out != NULL)
        out[1] = '\0';
}

/* Reads all: "id:family;" of each good row in order, and the rejects file. */
static void read_all(char *good, size_t size, char *bad, size_t bad_size)
{
    const struct feed_options options = {
        .path = path, .map = map, .map_count = maps, .encoding = encoding, .dates = dates};
    struct feed *feed;
    struct record r;
    struct err err;
    bool end = false;
    size_t len = 0;
    good[0] = bad[0] = '\0';
    if (feed_open(&feed, &options, &err) != 0)
        fail_msg("%s", err.text);
    for (;;) {
        if (feed_next(feed, &r, &end, &err) != 0)
            fail_msg("%s", err.text);
        if (end)
            break;
        len += (size_t)snprintf(good + len, size - len, "%s:%s;", r.field[FIELD_RECORD_ID], r.field[FIELD_FAMILY_NAME]);
    }
    assert_int_equal(feed_finish(feed, &err), 0);
    uint64_t rejected = feed_rejected(feed);
    feed_free(feed);
    FILE *f = fopen(rejects, "r");
    assert_true((f != NULL) == (rejected > 0));
    if (f != NULL) {
        bad[fread(bad, 1, bad_size - 1, f)] = '\0';
        if (!whole)
            shorten(bad);
        fclose(f);
        unlink(rejects);
    }
    unlink(path);
}

static void expect(const char *name, const char *text, const char *want_good, const char *want_bad)
{
    char good[1024], bad[4096], all[4200];
    write_feed(name, text, strlen(text));
    read_all(good, sizeof good, bad, sizeof bad);
    assert_string_equal(good, want_good);
    snprintf(all, sizeof all, "%s%s", want_bad[0] != '\0' ? "line,record_id,field,fault,remedy\n" : "", want_bad);
    assert_string_equal(bad, all);
}

static void csv_as_people_write_it(void **state)
{
    (void)state;
    expect("a.csv", "\xEF\xBB\xBFrecord_id,family_name,sex\r\n1, Sri ,F\r\n\r\n2,\"Wong, \"\"W\"\"\",M\r\n",
           "1:Sri;2:Wong, \"W\";", "");
    expect("a.csv", "record_id,family_name\r1,A\r2,B", "1:A;2:B;", "");
    expect("a.csv", "record_id,family_name\r1,A\r,B\r\n,C", "1:A;",
           "3,record_id,\"missing\"\n4,record_id,\"missing\"\n");
    expect("a.csv", "RECORD_ID,Family_Name\n1,\"two\nlines\"\n2,B\n,C\n", "1:two\nlines;2:B;",
           "5,record_id,\"missing\"\n");
}

static void bad_rows_of_csv(void **state)
{
    (void)state;
    expect(
        "a.csv",
        "record_id,family_name,sex,date_of_birth,nationality,calendar,mrz\n"
        "1,A,F,1990-02-31,,,\n2,B,Q,,,,\n3,C,,,TH,,\n4,D,F,2540-01-02,THA,buddhist,\n5,E\n6,F,,1990-01-02,,julian,\n7,G,,,,,P<"
        "UTO\n8,H,,,,,,,\n9,I,,,,,\n",
        "1:A;2:B;3:C;4:D;6:F;7:G;9:I;",
        "2,date_of_birth,\"no way in which dates are written, or no day of the calendar\"\n"
        "3,sex,\"not F, M or X\"\n4,nationality,\"not three letters (ISO 3166-1 alpha-3)\"\n"
        "6,row,\"fewer values than the header has columns\"\n"
        "7,date_of_birth,\"of a calendar that is not known\"\n"
        "7,calendar,\"not gregorian, buddhist, minguo, hijri, persian or bikram-sambat\"\n"
        "8,mrz,\"not of 90, 88 or 72 characters\"\n9,row,\"more values than the header has columns\"\n");
    expect(
        "a.csv", "record_id,sex,nationality\n1,Q,T\n", "",
        "2,row,\"nothing of use is left of it\"\n2,sex,\"not F, M or X\"\n2,nationality,\"not three letters (ISO 3166-1 alpha-3)\"\n");
    expect("a.csv", "record_id,family_name\n1,\xff\xfe\n2,B\n", "2:B;",
           "2,row,\"nothing of use is left of it\"\n2,family_name,\"not UTF-8 text\"\n");
    expect("a.csv", "record_id,family_name,given_names\n1,M\xEF\xBF\xBDller,A\n2,B,C\n", "1:;2:B;",
           "2,family_name,\"it has a character that was lost when it was converted (U+FFFD)\"\n");
}

/* A stray quote costs its own line, wherever its partner would be. */
static void quotes_cost_their_line_alone(void **state)
{
    (void)state;
    expect("a.csv", "record_id,family_name\n1,A\n2,B\"x\n3,C\n4,\"D\n5,E\n6,F\n", "1:A;3:C;5:E;6:F;",
           "3,row,\"a quote stands where none may be\"\n5,row,\"a quote is not closed\"\n");
    expect("a.csv", "record_id,family_name\n1,A\n2,\"B", "1:A;", "3,row,\"a quote is not closed\"\n");
    size_t len = 300000;
    char *big = calloc(1, len + 64), good[1024], bad[2048];
    assert_non_null(big);
    size_t n = (size_t)sprintf(big, "record_id,family_name\n1,\"A\n");
    while (n < len)
        n += (size_t)sprintf(big + n, "\n");
    n += (size_t)sprintf(big + n, "2,B\n");
    write_feed("a.csv", big, n);
    read_all(good, sizeof good, bad, sizeof bad);
    assert_string_equal(good, "2:B;");
    assert_non_null(strstr(bad, "2,row,\"a quote is not closed\""));
    free(big);
}

static void json_lines(void **state)
{
    (void)state;
    expect("a.jsonl",
           "{\"record_id\": 1, \"family_name\": \"A\", \"gender\": \"F\"}\n\n"
           "{\"record_id\": \"2\", \"family_name\": [\"B\", \"C\"], \"sex\": null}\r\n"
           "{\"record_id\": \"3\", \"family_name\": {}}\n[1]\n{\"record_id\": \"4\"\n{\"family_name\": \"E\"}\n"
           "{\"record_id\": \"5\", \"family_name\": [[\"x\"]]}\n{\"record_id\": [6], \"sex\": \"F\"}\n"
           "{\"record_id\": \"7\", \"doc_number\": [1,2,3,4,5,6,7,8,9]}\n{\"record_id\": \"8\", \"record_id\": "
           "\"9\"}\n{\"record_id\": \"10\"}\n{\"record_id\": \"11\", \"remarks\": 1}",
           "1:A;2:B;7:;10:;",
           "4,family_name,\"not a text, a whole number or a list of them\"\n5,row,\"not a JSON object\"\n6,row,\"not a "
           "JSON object\"\n"
           "7,record_id,\"missing\"\n8,family_name,\"not a text, a whole number or a list of them\"\n"
           "9,record_id,\"not a text, a whole number or a list of them\"\n10,doc_number,\"too many "
           "values\"\n11,row,\"not a JSON object\"\n"
           "13,row,\"it has a member that is not known\"\n");
    expect("no-extension", " {\"record_id\": \"1\", \"family_name\": \"A\"}\n", "1:A;", "");
}

static void a_line_without_end_is_passed_over(void **state)
{
    (void)state;
    size_t len = 400000;
    char *text = malloc(len + 64), good[1024], bad[2048];
    assert_non_null(text);
    size_t n = (size_t)sprintf(text, "{\"record_id\": \"1\", \"mrz\": \"");
    memset(text + n, 'y', len - n);
    n = len + (size_t)sprintf(text + len, "\"}\n{\"record_id\": \"2\"}\n");
    write_feed("a.jsonl", text, n);
    read_all(good, sizeof good, bad, sizeof bad);
    assert_string_equal(good, "2:;");
    assert_string_equal(bad, "line,record_id,field,fault,remedy\n1,row,\"a line of more than 64 KiB\"\n");
    free(text);
}

static void several_values(void **state)
{
    (void)state;
    static const char text[] = "record_id,aliases\n1, one | two; three;;| \n";
    const struct feed_options options = {.path = path};
    struct feed *feed;
    struct record r;
    struct err err;
    bool end;
    write_feed("a.csv", text, strlen(text));
    assert_int_equal(feed_open(&feed, &options, &err), 0);
    assert_int_equal(feed_next(feed, &r, &end, &err), 0);
    assert_string_equal(record_value(&r, FIELD_ALIASES, 0), "one");
    assert_string_equal(record_value(&r, FIELD_ALIASES, 1), "two");
    assert_string_equal(record_value(&r, FIELD_ALIASES, 2), "three");
    assert_null(record_value(&r, FIELD_SEX, 0));
    assert_int_equal(r.more[FIELD_RECORD_ID], 0);
    feed_free(feed);
    unlink(path);
}

static void lenient_reading_mends(void **state)
{
    (void)state;
    static const char text[] =
        "record_id,sex,date_of_birth,nationality\n1,Q,1984-13-01,THAI\n2,F,1984-02-31,THA\n3,M,19841345,LAO\n,,,\n";
    const struct feed_options options = {.path = path, .lenient = true};
    static const char *const want[] = {"1984      ", "1984-02   ", "1984    "};
    struct feed *feed;
    struct record r;
    struct err err;
    bool end;
    write_feed("a.csv", text, strlen(text));
    assert_int_equal(feed_open(&feed, &options, &err), 0);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(feed_next(feed, &r, &end, &err), 0);
        assert_string_equal(r.field[FIELD_DATE_OF_BIRTH], want[i]);
    }
    assert_int_equal(feed_next(feed, &r, &end, &err), 0);
    assert_true(end);
    assert_int_equal(feed_rejected(feed), 1);
    assert_int_equal(access(rejects, F_OK), -1);
    feed_free(feed);
    unlink(path);
}

static void opening_says_why_not(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "is empty"},
        {"family_name,sex\n1,2\n", "no column record_id"},
        {"record_id,surnmae,Remarks\n1,2,3\n", "not known: surnmae - is it family_name?, Remarks; say"},
        {"record_id,surname,family_name\n", "two columns for family_name"},
        {"\xD0\xCF\x11\xE0rest", ".xls"},
        {"<html>", "HTML"},
        {"record_id,Record_ID\n", "two columns for record_id"},
        {"record_id,\"x\n", "a quote is not closed"},
        {"\x80\x81\n1\n", "not UTF-8"},
    };
    const struct feed_options options = {.path = path};
    struct feed *feed;
    struct err err;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        write_feed("a.csv", cases[i][0], strlen(cases[i][0]));
        assert_int_equal(feed_open(&feed, &options, &err), ERR_INPUT);
        if (strstr(err.text, cases[i][1]) == NULL)
            fail_msg("%s", err.text);
    }
    const char *bad_map[] = {"NAME=no_field"};
    const struct feed_options mapped = {.path = path, .map = bad_map, .map_count = 1};
    assert_int_equal(feed_open(&feed, &mapped, &err), ERR_USAGE);
    unlink(path);
}

static void columns_as_registers_name_them(void **state)
{
    (void)state;
    expect("a.csv", "ID,Family Name,Given Name(s),Date of Birth,Passport No.\n1,A,B,1990,X1\n", "1:A;", "");
    expect("a.csv", "Record-ID;SURNAME;aka\n1;A, B;c|d\n", "1:A, B;", "");
    expect("a.csv", "record_id\tLast name\n1\tA;B,C,D\n", "1:A;B,C,D;", "");
    expect("a.csv", "\xEF\xBB\xBFsep=;\r\nrecord_id;last_name\r\n1;A\r\n2;\"\"B\r\n3;C\r\n", "1:A;3:C;",
           "4,row,\"a quote stands where none may be\"\n");
    map[0] = "Remarks=";
    map[1] = "Naam=family_name";
    maps = 2;
    expect("a.csv", "record_id,Naam,Remarks\n1,A,x\n", "1:A;", "");
    map[0] = "*=";
    expect("a.csv", "record_id,Naam,Remarks,More\n1,A,x,\xff\n", "1:A;", "");
    expect("a.jsonl", "{\"record_id\": \"1\", \"Naam\": \"A\", \"more\": [1]}\n", "1:A;", "");
    maps = 0;
}

/* As UTF-16 of either order, with a mark or without; the values are ASCII and U+0E01. */
static size_t widen(char *out, const char *text, bool big, bool mark)
{
    size_t n = 0;
    if (mark) {
        memcpy(out, big ? "\xFE\xFF" : "\xFF\xFE", 2);
        n = 2;
    }
    for (; *text != '\0'; text++) {
        const char high = *text == '#' ? 0x0E : 0, low = *text == '#' ? 0x01 : *text;
        out[n++] = big ? high : low;
        out[n++] = big ? low : high;
    }
    return n;
}

static void other_encodings(void **state)
{
    (void)state;
    static const char text[] = "record_id,family_name\r\n1,A#\r\n2,B\"x\r\n3,C\r\n",
                      json[] = "{\"record_id\": \"1\"}\n";
    char wide[4 * sizeof text], good[1024], bad[2048];
    for (int i = 0; i < 4; i++) {
        write_feed("a.csv", wide, widen(wide, text, i & 1, i & 2));
        read_all(good, sizeof good, bad, sizeof bad);
        assert_string_equal(good, "1:A\xE0\xB8\x81;3:C;");
        assert_string_equal(bad, "line,record_id,field,fault,remedy\n3,row,\"a quote stands where none may be\"\n");
        write_feed("a.jsonl", wide, widen(wide, json, i & 1, i & 2));
        read_all(good, sizeof good, bad, sizeof bad);
        assert_string_equal(good, "1:;");
    }
    encoding = "Windows-1252";
    expect("a.csv", "record_id,family_name\n1,M\xFCller\n", "1:M\xC3\xBCller;", "");
    encoding = "windows-874";
    expect("a.csv", "record_id,family_name\n1,\xA1\n3,\"\n4,B\n", "1:\xE0\xB8\x81;4:B;",
           "3,row,\"a quote is not closed\"\n");
    encoding = "gb18030";
    expect(
        "a.csv", "record_id,family_name\n1,\xCD\xF5\n2,\xFF\n", "1:\xE7\x8E\x8B;",
        "3,row,\"nothing of use is left of it\"\n3,family_name,\"it has a character that was lost when it was converted (U+FFFD)\"\n");
    encoding = NULL;
}

/* Characters, lines and quotes lie across the pieces in which a file is read and converted, wherever they fall. */
static void pieces_of_a_converted_file(void **state)
{
    (void)state;
    const size_t size = 120000;
    char *text = malloc(size), good[1024], bad[2048];
    assert_non_null(text);
    encoding = "gb18030";
    for (size_t pad = 32700; pad < 32800; pad += 3) {
        size_t n = (size_t)sprintf(text, "record_id,family_name,given_names\n");
        while (n < pad)
            n += (size_t)sprintf(text + n, "\n");
        n += (size_t)sprintf(text + n,
                             "1,\xCD\xF5\xCD\xF5\xCD\xF5\xCD\xF5\xCD\xF5\xCD\xF5\xCD\xF5\xCD\xF5,\"x\n2,\xCD\xF5,y\n");
        write_feed("a.csv", text, n);
        read_all(good, sizeof good, bad, sizeof bad);
        assert_string_equal(good, "2:\xE7\x8E\x8B;");
        assert_non_null(strstr(bad, "row,\"a quote is not closed\""));
    }
    encoding = NULL;
    free(text);
}

static void rejects_say_all(void **state)
{
    (void)state;
    whole = true;
    expect(
        "a.csv", "record_id,family_name,sex,protected,nationality\n\"a\"\"b,c\",A,Q,maybe,TH\n", "",
        "2,\"a\"\"b,c\",protected,\"not yes, no, asylum-seeker, refugee, victim, witness or minor\",\"write yes, no, or "
        "what for\"\n2,\"a\"\"b,c\",sex,\"not F, M or X\",\"write F, M or X, or leave it empty\"\n"
        "2,\"a\"\"b,c\",nationality,\"not three letters (ISO 3166-1 alpha-3)\",\"write the three letters of ISO "
        "3166-1, such as THA\"\n");
    whole = false;
}

/* The date of the first row as it is handed on, with its calendar behind a blank. */
static const char *date_read(const char *text, const char *calendar, const char *declared, bool mixed)
{
    static char out[128];
    char feed_text[256];
    const struct feed_options options = {.path = path, .dates = declared, .dates_mixed = mixed, .dry = true};
    struct feed *feed;
    struct record r;
    struct err err;
    bool end;
    write_feed("a.csv", feed_text,
               (size_t)snprintf(feed_text, sizeof feed_text, "record_id,family_name,dob,calendar\n1,A,%s,%s\n", text,
                                calendar));
    assert_int_equal(feed_open(&feed, &options, &err), 0);
    assert_int_equal(feed_next(feed, &r, &end, &err), 0);
    assert_false(end);
    snprintf(out, sizeof out, "%s", r.field[FIELD_DATE_OF_BIRTH]);
    for (size_t n = strlen(out); n > 0 && out[n - 1] == ' '; n--)
        out[n - 1] = '\0';
    snprintf(out + strlen(out), sizeof out - strlen(out), " %s", r.field[FIELD_CALENDAR]);
    feed_free(feed);
    unlink(path);
    return out;
}

static void dates_as_declared(void **state)
{
    (void)state;
    assert_string_equal(date_read("04/03/1987", "", "", false), "04/03/1987 ");
    assert_string_equal(date_read("04/03/1987", "", "month-first", false), "1987-04-03 ");
    assert_string_equal(date_read("4.3.2540 00:00:00", "", "buddhist, month-first", false),
                        "2540-04-03 00:00:00 buddhist");
    assert_string_equal(date_read("04/03/1987", "", "", true), "1987 ");       /* either, among others that are not */
    assert_string_equal(date_read("04/25/1987", "", "", true), "04/25/1987 "); /* one of these */
    assert_string_equal(date_read("04/25/1987", "", "day-first", true), "1987 "); /* against the word */
    assert_string_equal(date_read("25/04/1987", "", "month-first", true), "1987 ");
    assert_string_equal(date_read("31839", "", "", false), " "); /* never by itself */
    assert_string_equal(date_read("31839", "", "serial", false), "1987-03-03 ");
    assert_string_equal(date_read("30377", "buddhist", "serial-1904", false), "1987-03-03 ");
    assert_string_equal(date_read("2540-02-28", "", "", false), " ");
    assert_string_equal(date_read("2540-02-28", "", "thai", false), "2540-02-28 buddhist");
    assert_string_equal(date_read("1366-12-12", "", "", false), " ");
    assert_string_equal(date_read("1366-12-12", "persian", "buddhist", false), "1366-12-12 persian");
    assert_string_equal(date_read("1899-12-31", "", "", false), " ");
    assert_string_equal(date_read("2099-12-31", "", "", false), " ");
    assert_string_equal(date_read("1987-03-03T17:00:00Z", "", "", false), "1987-03 ");
    assert_string_equal(date_read("1987-03-04T00:00:00+07:00", "", "", false), "1987-03-04T00:00:00+07:00 ");
    assert_string_equal(date_read("1987-03-04 17:30", "", "", false), "1987-03-04 17:30 ");
    const struct feed_options options = {.path = path, .dates = "sideways"};
    struct feed *feed;
    struct err err;
    write_feed("a.csv", "record_id\n", 10);
    assert_int_equal(feed_open(&feed, &options, &err), ERR_USAGE);
    unlink(path);
}

/* The date of the first row as it is understood, in figures; "nothing". */
static const char *date_meant(const char *text, const char *declared)
{
    static char out[40];
    char feed_text[512];
    const struct feed_options options = {.path = path, .dates = declared, .dry = true};
    struct feed *feed;
    struct record r;
    struct err err;
    enum calendar calendar;
    struct person_date d;
    bool end;
    write_feed("a.jsonl", feed_text,
               (size_t)snprintf(feed_text, sizeof feed_text, "{\"record_id\":1,\"family_name\":\"A\",\"dob\":\"%s\"}\n",
                                text));
    assert_int_equal(feed_open(&feed, &options, &err), 0);
    assert_int_equal(feed_next(feed, &r, &end, &err), 0);
    assert_true(!end && calendar_named(&calendar, r.field[FIELD_CALENDAR]));
    const bool read = date_parse(&d, r.field[FIELD_DATE_OF_BIRTH], calendar);
    snprintf(out, sizeof out,
             !read         ? "nothing"
             : d.day > 0   ? "%04u-%02u-%02u"
             : d.month > 0 ? "%04u-%02u"
                           : "%04u",
             d.year, d.month, d.day);
    feed_free(feed);
    unlink(path);
    return out;
}

/* The rows of docs/agency.md: `written`, ... | `declared` or nothing | read as. */
static void the_table_of_dates_is_true(void **state)
{
    (void)state;
    char line[1024];
    size_t dates_tried = 0;
    FILE *f = fopen("docs/agency.md", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL && strncmp(line, "| written | declared | read as |", 32) != 0)
        ;
    while (fgets(line, sizeof line, f) != NULL && line[0] == '|') {
        char *written = strtok(line, "|"), *declared = strtok(NULL, "|"), *want = strtok(NULL, "|");
        if (strchr(written, '`') == NULL)
            continue;
        declared += strspn(declared, " `");
        declared[strcspn(declared, "`")] = '\0';
        want += 1;
        want[strcspn(want, " ")] = '\0';
        for (char *text = strchr(written, '`'); text != NULL;
             text = strchr(text + strlen(text) + 1, '`'), dates_tried++) {
            text++;
            text[strcspn(text, "`")] = '\0';
            if (strcmp(date_meant(text, declared), want) != 0)
                fail_msg("%s (%s) is read as %s, not %s", text, declared, date_meant(text, declared), want);
        }
    }
    fclose(f);
    assert_in_range(dates_tried, 45, 100);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_as_people_write_it),
        cmocka_unit_test(bad_rows_of_csv),
        cmocka_unit_test(quotes_cost_their_line_alone),
        cmocka_unit_test(json_lines),
        cmocka_unit_test(a_line_without_end_is_passed_over),
        cmocka_unit_test(several_values),
        cmocka_unit_test(lenient_reading_mends),
        cmocka_unit_test(rejects_say_all),
        cmocka_unit_test(dates_as_declared),
        cmocka_unit_test(the_table_of_dates_is_true),
        cmocka_unit_test(opening_says_why_not),
        cmocka_unit_test(columns_as_registers_name_them),
        cmocka_unit_test(other_encodings),
        cmocka_unit_test(pieces_of_a_converted_file),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
