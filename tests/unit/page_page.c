/* No value becomes markup, or turns the line that it stands in; sentences take their texts in the language's order. */
#include "client/page/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct err err;
static struct buf out;

static struct page fresh(void)
{
    buf_free(&out);
    out = buf_of(1 << 16);
    return (struct page){&out, NULL, &err, 0};
}

static void holds(const struct page *p, const char *expected)
{
    assert_int_equal(p->rc, 0);
    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
}

static void markup_is_text(void **state)
{
    (void)state;
    struct page p = fresh();
    page_text(&p, "<b>\"Tom\" & 'Jerry'</b>");
    holds(&p, "<bdi>&lt;b&gt;&quot;Tom&quot; &amp; &#39;Jerry&#39;&lt;/b&gt;</bdi>");
    p = fresh();
    page_value(&p, "\" onclick=\"x");
    holds(&p, "&quot; onclick=&quot;x");
}

static void what_steers_shows(void **state)
{
    (void)state;
    static const char *const steering[] = {"\x01",         "\x1b",         "\x7f",         "\xd8\x9c",
                                           "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xae",
                                           "\xe2\x81\xa6", "\xe2\x81\xa9"};
    for (size_t i = 0; i < ARRAY_LEN(steering); i++) {
        struct page p = fresh();
        page_value(&p, "a");
        page_value(&p, steering[i]);
        page_value(&p, "b");
        holds(&p, "a&#65533;b");
    }
    struct page p = fresh();
    page_value(&p, "\xe2\x80\x90\xe0\xb8\xa1 line\nline\t"); /* a hyphen, Thai, breaks: stay */
    holds(&p, "\xe2\x80\x90\xe0\xb8\xa1 line\nline\t");
}

static void sentences_take_texts(void **state)
{
    (void)state;
    struct page p = fresh();
    say(&p, "%s to %s of <all>, 100 %", "1", "<2>");
    holds(&p, "<bdi>1</bdi> to <bdi>&lt;2&gt;</bdi> of &lt;all&gt;, 100 %");
    p = fresh();
    say_word(&p, "date_of_birth");
    say_word(&p, "same-person");
    holds(&p, "date of birthsame person");
}

static void times_are_read_by_programs(void **state)
{
    (void)state;
    struct page p = fresh();
    page_time(&p, 1795874522);
    holds(&p, "<time datetime=\"2026-11-28T14:02:02Z\">28 Nov 2026 14:02 UTC</time>");
    p = fresh();
    page_date(&p, 0);
    holds(&p, "–");
    p = fresh();
    page_ago(&p, 1795874522, 1795874522 + 3 * 86400);
    assert_non_null(memmem(out.data, out.len, "<bdi>3</bdi> days ago", 21));
}

/* A page has its bound: what is beyond it is an error, once. */
static void too_much_is_an_error(void **state)
{
    (void)state;
    buf_free(&out);
    out = buf_of(8);
    struct page p = {&out, NULL, &err, 0};
    page_text(&p, "0123456789");
    assert_int_not_equal(p.rc, 0);
    html(&p, "x");
    assert_int_not_equal(p.rc, 0);
}

/* A catalogue of gettext's, as msgfmt writes it: pairs of texts, sorted; forms of a plural are parted by NULs. */
struct pair {
    const char *original, *translation;
    size_t original_len, translation_len;
};
#define PAIR(a, b)                                                                                                     \
    {                                                                                                                  \
        a, b, sizeof(a) - 1, sizeof(b) - 1                                                                             \
    }
static const struct pair pairs[] = {
    PAIR("", "Plural-Forms: nplurals=2; plural=(n > 1);\n"),
    PAIR("%s day ago\0%s days ago", "before %s day\0before %s days"),
    PAIR("%s: %s", "%2$s (%1$s)"),
    PAIR("date_of_birth", "day it began"),
    PAIR("letter %lld is answered already", "answered already: letter %lld"),
    PAIR("letter %lld of %s", "of %2$s, letter %1$lld"),
    PAIR("no date", "undated"),
};

static size_t above_one(uint64_t number)
{
    return number > 1;
}

static size_t put_text(uint8_t *bytes, size_t at, size_t table, const char *text, size_t len)
{
    const uint32_t place[] = {(uint32_t)len, (uint32_t)at};
    memcpy(bytes + table, place, sizeof place); /* tests run where the catalogues do: little-endian */
    memcpy(bytes + at, text, len + 1);
    return at + len + 1;
}

static struct language catalogue_of(uint8_t bytes[2048])
{
    const uint32_t count = ARRAY_LEN(pairs), head[] = {0x950412de, 0, count, 28, 28 + 8 * count, 0, 0};
    size_t at = 28 + 16 * count;
    memcpy(bytes, head, sizeof head);
    for (size_t i = 0; i < count; i++) {
        at = put_text(bytes, at, 28 + 8 * i, pairs[i].original, pairs[i].original_len);
        at = put_text(bytes, at, 28 + 8 * (count + i), pairs[i].translation, pairs[i].translation_len);
    }
    return (struct language){"xx", "Test", false, above_one, bytes, at};
}

static void says(const struct language *l, const char *text, const char *expected)
{
    struct page p = fresh();
    p.language = l;
    say_made(&p, text);
    holds(&p, expected);
}

static void what_was_made_is_said_again(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    const struct language l = catalogue_of(bytes);
    says(&l, "no date", "undated");
    says(&l, "letter 7 is answered already", "answered already: letter <bdi>7</bdi>");
    says(&l, "letter 7 of IDN", "of <bdi>IDN</bdi>, letter <bdi>7</bdi>");
    says(&l, "letter 7 of <b>", "of <bdi>&lt;b&gt;</bdi>, letter <bdi>7</bdi>");
    says(&l, "date_of_birth: no date", "<bdi>undated</bdi> (<bdi>day it began</bdi>)");
    says(&l, "letter seven", "<bdi lang=\"en\">letter seven</bdi>");
    says(NULL, "letter 7 of IDN", "<bdi>letter 7 of IDN</bdi>");
    for (size_t size = 0; size < l.size; size++) { /* a damaged one says less, and reads nothing beyond itself */
        uint8_t *short_one = test_malloc(size + 1);
        memcpy(short_one, bytes, size);
        const struct language damaged = {"xx", "Test", false, l.form, short_one, size};
        struct page p = fresh();
        p.language = &damaged;
        say_made(&p, "letter 7 of IDN");
        assert_int_equal(p.rc, 0);
        test_free(short_one);
    }
}

static void numbers_have_their_forms(void **state)
{
    (void)state;
    uint8_t bytes[2048];
    struct language l = catalogue_of(bytes);
    assert_string_equal(language_say_count(&l, "%s day ago", "%s days ago", 1), "before %s day");
    assert_string_equal(language_say_count(&l, "%s day ago", "%s days ago", 2), "before %s days");
    assert_string_equal(language_say_count(NULL, "%s day ago", "%s days ago", 1), "%s day ago");
    assert_string_equal(language_say_count(NULL, "%s day ago", "%s days ago", 0), "%s days ago");
    struct page p = fresh();
    p.language = &l;
    page_ago(&p, 1795874522, 1795874522 + 86400);
    assert_non_null(memmem(out.data, out.len, "before <bdi>1</bdi> day<", 24));
}

static void languages_are_found(void **state)
{
    (void)state;
    assert_ptr_equal(language_find("xx"), NULL);
    assert_ptr_equal(language_liked("xx, yy;q=0.5"), NULL);
    assert_ptr_equal(language_liked(NULL), NULL);
    assert_string_equal(language_find("en")->code, "en");
    assert_string_equal(language_say(NULL, "Inbox"), "Inbox");
    for (size_t i = 0; i < language_count; i++)
        if (language_find(languages[i].code) != NULL && languages[i].catalogue != NULL) {
            assert_string_not_equal(language_say(&languages[i], "Inbox"), "Inbox");
            assert_string_equal(language_say(&languages[i], "no such sentence"), "no such sentence");
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_text),
        cmocka_unit_test(what_steers_shows),
        cmocka_unit_test(sentences_take_texts),
        cmocka_unit_test(times_are_read_by_programs),
        cmocka_unit_test(too_much_is_an_error),
        cmocka_unit_test(languages_are_found),
        cmocka_unit_test(what_was_made_is_said_again),
        cmocka_unit_test(numbers_have_their_forms),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&out);
    return failed;
}
