#include "text.h"

#include <pthread.h>
#include <utf8proc.h>

//  --- UTF-8 check: a table automaton whose states are shift distances, so that a step is one load
//  and one shift and a text with many accents costs the same as one without

enum { BAD = 0, OK = 6, ONE = 12, TWO = 18, THREE = 24, E0 = 30, ED = 36, F0 = 42, F4 = 48 };
#define STEP(state, next) ((uint64_t)(next) << (state))
#define CONTINUED STEP (ONE, OK) | STEP (TWO, ONE) | STEP (THREE, TWO)

static const uint64_t steps[256] = {
    [0x00 ... 0x7F] = STEP (OK, OK),
    [0x80 ... 0x8F] = CONTINUED | STEP (ED, ONE) | STEP (F4, TWO),
    [0x90 ... 0x9F] = CONTINUED | STEP (ED, ONE) | STEP (F0, TWO),
    [0xA0 ... 0xBF] = CONTINUED | STEP (E0, ONE) | STEP (F0, TWO),
    [0xC2 ... 0xDF] = STEP (OK, ONE),
    [0xE0] = STEP (OK, E0),
    [0xE1 ... 0xEC] = STEP (OK, TWO),
    [0xED] = STEP (OK, ED),
    [0xEE ... 0xEF] = STEP (OK, TWO),
    [0xF0] = STEP (OK, F0),
    [0xF1 ... 0xF3] = STEP (OK, THREE),
    [0xF4] = STEP (OK, F4),
};

static inline uint64_t
utf8_step (uint64_t state, char byte)
{
    return steps[(unsigned char)byte] >> (state & 63);
}

//  Sixteen bytes at once when none has its high bit set.
static inline bool
is_ascii_16 (const char *at)
{
    uint64_t words[2];
    memcpy (words, at, sizeof words);
    return ((words[0] | words[1]) & UINT64_C (0x8080808080808080)) == 0;
}

bool
text_is_utf8 (slice_t text)
{
    const char *at = text.ptr;
    size_t left = text.size;
    uint64_t state = OK;
    for (; left >= 16; at += 16, left -= 16) {
        if ((state & 63) == OK && is_ascii_16 (at))
            continue;
        for (int i = 0; i < 16; i++)
            state = utf8_step (state, at[i]);
    }
    for (; left; left--)
        state = utf8_step (state, *at++);
    return (state & 63) == OK;
}

//  --- code points

uint32_t
text_next (const char **at, const char *end)
{
    const unsigned char *p = (const unsigned char *)*at;
    size_t size = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    assert (size <= (size_t)(end - *at));
    *at += size;
    if (size == 1)
        return p[0];
    if (size == 2)
        return (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    if (size == 3)
        return (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    return (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
}

size_t
text_put (char *out, uint32_t code)
{
    if (code < 0x80) {
        *out = (char)code;
        return 1;
    }
    return (size_t)utf8proc_encode_char ((utf8proc_int32_t)code, (utf8proc_uint8_t *)out);
}

//  The letter without marks: the first code point of its decomposition.
static uint32_t
fold_letter (uint32_t lower)
{
    utf8proc_int32_t parts[8];
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char (
        (utf8proc_int32_t)lower, parts, 8, UTF8PROC_DECOMPOSE | UTF8PROC_STABLE, &boundary);
    uint32_t base = count > 0 ? (uint32_t)parts[0] : lower;
    return base == 0x111 ? 'd' : base; // đ has no decomposition
}

static text_letter_t
letter_compute (uint32_t code)
{
    uint32_t lower = (uint32_t)utf8proc_tolower ((utf8proc_int32_t)code);
    utf8proc_category_t category = utf8proc_category ((utf8proc_int32_t)code);
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
        return (text_letter_t){lower, fold_letter (lower)};
    if (category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME)
        return (text_letter_t){lower, TEXT_MARK};
    return (text_letter_t){lower, category == UTF8PROC_CATEGORY_ND ? lower : TEXT_SEPARATOR};
}

//  Everything that Vietnamese uses lies below; what lies above is computed each time.
enum { LETTER_TABLE = 0x2000 };
static text_letter_t letters[LETTER_TABLE];
static pthread_once_t letters_once = PTHREAD_ONCE_INIT;

static void
letters_fill (void)
{
    for (uint32_t code = 0; code < LETTER_TABLE; code++)
        letters[code] = letter_compute (code);
}

text_letter_t
text_letter (uint32_t code)
{
    if (code >= LETTER_TABLE)
        return letter_compute (code);
    pthread_once (&letters_once, letters_fill);
    return letters[code];
}

//  --- normal form

//  Code points that are starters and stay as they are in NFC, whatever stands beside them: a text
//  of these alone is NFC. Others take the slow path, which is always right.
static const struct {
    uint32_t first, last;
} steady[] = {
    {0x0000, 0x02FF},   // Latin
    {0x0400, 0x0482},   // Cyrillic
    {0x1E00, 0x1EFF},   // Latin with Vietnamese marks
    {0x2002, 0x20CF},   // punctuation, currency
    {0x2190, 0x2328},   // arrows, mathematics
    {0x2400, 0x2ADB},   // boxes, shapes, dingbats
    {0x3000, 0x3029},   // CJK punctuation
    {0x3041, 0x3096},   // Hiragana
    {0x30A1, 0x30FA},   // Katakana
    {0x4E00, 0x9FFF},   // CJK
    {0xE000, 0xF8FF},   // private use, left by old Vietnamese fonts
    {0xFE00, 0xFE0F},   // variation selectors
    {0xFF01, 0xFF60},   // full width
    {0x1F000, 0x1FAFF}, // emoji
};

static bool
is_steady (uint32_t code)
{
    for (size_t i = 0; i < sizeof steady / sizeof *steady; i++)
        if (code <= steady[i].last)
            return code >= steady[i].first;
    return false;
}

static bool
is_nfc_for_certain (slice_t text)
{
    const char *at = text.ptr, *end = text.ptr + text.size;
    while (at < end) {
        if (end - at >= 16 && is_ascii_16 (at)) {
            at += 16;
            continue;
        }
        //  Lead bytes up to 0xCB are Latin; 0xE1 0xB8..0xBB are the Vietnamese block.
        unsigned char lead = (unsigned char)*at;
        if (lead < 0xCC)
            at += lead < 0x80 ? 1 : 2;
        else if (!is_steady (text_next (&at, end)))
            return false;
    }
    return true;
}

slice_t
text_nfc (slice_t text, arena_t *arena)
{
    if (text.size == 0 || is_nfc_for_certain (text))
        return text;
    const utf8proc_uint8_t *in = (const utf8proc_uint8_t *)text.ptr;
    utf8proc_ssize_t size = (utf8proc_ssize_t)text.size;
    utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    utf8proc_ssize_t count = utf8proc_decompose (in, size, NULL, 0, options);
    assert (count >= 0);
    utf8proc_int32_t *codes = arena_alloc (arena, ((size_t)count + 1) * sizeof *codes);
    count = utf8proc_decompose (in, size, codes, count, options);
    size = utf8proc_reencode (codes, count, options);
    assert (size >= 0);
    slice_t done = {(const char *)codes, (size_t)size};
    return slice_equals (done, text) ? text : done;
}

//  --- case and diacritics

//  No lower case or base letter takes more than 3 bytes where the original took 2.
static size_t
room_for (slice_t text)
{
    return text.size + text.size / 2 + 4;
}

slice_t
text_lower (slice_t text, arena_t *arena)
{
    slice_t nfc = text_nfc (text, arena);
    char *out = arena_alloc (arena, room_for (nfc));
    const char *at = nfc.ptr, *end = nfc.ptr + nfc.size;
    size_t size = 0;
    while (at < end)
        size += text_put (out + size, text_letter (text_next (&at, end)).lower);
    return text_nfc ((slice_t){out, size}, arena);
}

slice_t
text_fold (slice_t text, arena_t *arena)
{
    char *out = arena_alloc (arena, room_for (text));
    const char *at = text.ptr, *end = text.ptr + text.size;
    size_t size = 0;
    bool gap = false;
    while (at < end) {
        uint32_t letter = text_letter (text_next (&at, end)).fold;
        if (letter == TEXT_SEPARATOR) {
            gap = size > 0;
        } else if (letter != TEXT_MARK) {
            if (gap)
                out[size++] = ' ';
            gap = false;
            size += text_put (out + size, letter);
        }
    }
    return (slice_t){out, size};
}
