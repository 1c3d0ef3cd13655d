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
        cmocka_unit_test(markup_is_text),       cmocka_unit_test(what_steers_shows),
        cmocka_unit_test(sentences_take_texts), cmocka_unit_test(times_are_read_by_programs),
        cmocka_unit_test(too_much_is_an_error), cmocka_unit_test(languages_are_found),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buf_free(&out);
    return failed;
}
