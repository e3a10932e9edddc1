#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <utf8proc.h>

#include "text.h"

static void
assert_text (slice_t got, const char *want)
{
    if (!slice_is (got, want))
        print_error ("got \"%.*s\", want \"%s\"\n", SLICE_ARGS (got), want);
    assert_true (slice_is (got, want));
}

static void
utf8_accepts_every_code_point_and_no_surrogate (void **state)
{
    (void)state;
    char bytes[64];
    memset (bytes, 'x', sizeof bytes);
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        //  At offset 14 it lies across the border of the sixteen bytes read at once.
        size_t size = 14 + text_put (bytes + 14, code);
        if (!text_is_utf8 ((slice_t){bytes, size}) || !text_is_utf8 ((slice_t){bytes, 64}))
            fail_msg ("U+%04X was refused", code);
        memset (bytes + 14, 'x', 4);
    }
}

static void
utf8_refuses (void **state)
{
    (void)state;
    static const char *bad[] = {"\x80", "\xBF", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xC3(",
        "\xE0\x9F\xBF", "\xE1\xBB", "\xE1\xBB(", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
        "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "\xE1\xBB\x87\x87"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t before = 0; before < 33; before++) {
            char text[80];
            int size = snprintf (text, sizeof text, "%.*s%s", (int)before,
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", bad[i]);
            assert_false (text_is_utf8 ((slice_t){text, (size_t)size}));
            size +=
                snprintf (text + size, sizeof text - (size_t)size, "%s", "bbbbbbbbbbbbbbbbbbbb");
            assert_false (text_is_utf8 ((slice_t){text, (size_t)size}));
        }
    assert_true (text_is_utf8 ((slice_t){NULL, 0}));
}

static void
code_points_travel_there_and_back (void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        char bytes[4];
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        size_t size = text_put (bytes, code);
        const char *at = bytes;
        assert_int_equal (text_next (&at, bytes + size), code);
        assert_ptr_equal (at, bytes + size);
    }
}

//  The short cut may only leave alone what the full normal form leaves alone.
static void
nfc_agrees_with_the_library_for_every_code_point (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    size_t left_alone = 0;
    for (uint32_t code = 1; code <= 0x10FFFF; code++) {
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        char text[16] = "a";
        size_t size = 1 + text_put (text + 1, code);
        text[size++] = 'o';
        size += text_put (text + size, code);
        text[size] = '\0';
        utf8proc_uint8_t *want = utf8proc_NFC ((const utf8proc_uint8_t *)text);
        slice_t got = text_nfc ((slice_t){text, size}, arena);
        if (!slice_is (got, (const char *)want))
            fail_msg ("U+%04X", code);
        left_alone += got.ptr == text;
        free (want);
        arena_reset (arena);
    }
    assert_true (left_alone > 20000);
    arena_destroy (&arena);
}

static void
nfc_composes_and_leaves_alone (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    slice_t done =
        SLICE ("Đơn khiếu nại về đất đai ở phường Hà Tu – 20.000 ₫ 🙂");
    assert_ptr_equal (text_nfc (done, arena).ptr, done.ptr);
    assert_text (
        text_nfc (SLICE ("tie\xCC\x82\xCC\x81ng Vie\xCC\xA3\xCC\x82t"), arena), "tiếng Việt");
    //  A mark before its letter's other mark is put in order.
    assert_text (text_nfc (SLICE ("Vi\xC3\xAA\xCC\xA3t"), arena), "Việt");
    slice_t nul = {"a\0e\xCC\x81", 5};
    slice_t composed = text_nfc (nul, arena);
    assert_int_equal (composed.size, 4);
    assert_memory_equal (composed.ptr, "a\0\xC3\xA9", 4);
    assert_int_equal (text_nfc ((slice_t){NULL, 0}, arena).size, 0);
    arena_destroy (&arena);
}

static void
lower_case (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    assert_text (
        text_lower (SLICE ("ĐƠN KHIẾU NẠI, Điều 7 ỦY BAN"), arena), "đơn khiếu nại, điều 7 ủy ban");
    assert_text (text_lower (SLICE ("VIE\xCC\xA3\xCC\x82T"), arena), "việt");
    //  A letter whose lower case is longer than itself must not run over.
    assert_text (text_lower (SLICE ("ȺȺȺȺȺȺȺȺ"), arena), "ⱥⱥⱥⱥⱥⱥⱥⱥ");
    assert_text (text_lower (SLICE (""), arena), "");
    arena_destroy (&arena);
}

static void
folding (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    assert_text (text_fold (SLICE ("Phường Hà Tu"), arena), "phuong ha tu");
    assert_text (text_fold (SLICE ("  «Đặc khu» — Cô Tô,\n(Quảng Ninh) "), arena),
        "dac khu co to quang ninh");
    assert_text (text_fold (SLICE ("tổ 4/khu 2b: QL18A"), arena), "to 4 khu 2b ql18a");
    assert_text (text_fold (SLICE ("Ha\xCC\x80 La\xCC\x82\xCC\x80m"), arena), "ha lam");
    assert_text (text_fold (SLICE ("ĂÂÊÔƠƯĐ ăâêôơưđ ỹ ỡ ợ"), arena), "aaeooud aaeooud y o o");
    assert_text (text_fold (SLICE ("🙂🙂 !!"), arena), "");
    assert_text (text_fold (SLICE ("Ёлка 東京"), arena), "елка 東京");
    assert_text (text_fold (SLICE (""), arena), "");
    arena_destroy (&arena);
}

//  Old and new tone placement, composed or not, fold to the same name.
static void
folding_ignores_how_marks_are_written (void **state)
{
    (void)state;
    arena_t *arena = arena_new ();
    assert_text (text_fold (SLICE ("Hòa Hoà Hoa\xCC\x80 HÒA"), arena), "hoa hoa hoa hoa");
    arena_destroy (&arena);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (utf8_accepts_every_code_point_and_no_surrogate),
        cmocka_unit_test (utf8_refuses),
        cmocka_unit_test (code_points_travel_there_and_back),
        cmocka_unit_test (nfc_agrees_with_the_library_for_every_code_point),
        cmocka_unit_test (nfc_composes_and_leaves_alone),
        cmocka_unit_test (lower_case),
        cmocka_unit_test (folding),
        cmocka_unit_test (folding_ignores_how_marks_are_written),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
