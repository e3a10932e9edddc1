#include "code.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"

enum { PROVINCE_MAX = 8, DESK_MAX = 32, DAY = 6, SERIAL_LEAST = 4, SERIAL_MOST = 12 };

//  23 letters, a prime: so a wrong digit, times any weight, never adds up to nothing.
static const char checks[] = "ABCDEFGHJKLMNPRSTUVWXYZ";
enum { CHECKS = sizeof checks - 1 };

static char
to_lower (char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static char
to_upper (char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

static bool
is_digit (char c)
{
    return c >= '0' && c <= '9';
}

//  Digits count as themselves, letters from 10, in either case; '.', '-' and '_' behind them.
static unsigned
worth (char c)
{
    if (is_digit (c))
        return (unsigned)(c - '0');
    c = to_lower (c);
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 10;
    return c == '.' ? 36 : c == '-' ? 37 : 38;
}

//  Weights 1 to 22 from the right, then again: neighbours never have the same, so a swap of two
//  different digits shows.
char
code_check (slice_t without_check)
{
    unsigned sum = 0;
    for (size_t i = 0; i < without_check.size; i++) {
        unsigned weight = (unsigned)(i % (CHECKS - 1)) + 1;
        sum = (sum + weight * worth (without_check.ptr[without_check.size - 1 - i])) % CHECKS;
    }
    return checks[sum];
}

size_t
code_write (char out[CODE_MAX], slice_t province, slice_t desk, slice_t day, int64_t serial)
{
    assert (province.size && province.size <= PROVINCE_MAX && desk.size && desk.size <= DESK_MAX);
    assert (day.size == DAY && serial > 0 && serial <= INT64_C (999999999999));
    size_t size = (size_t)snprintf (out, CODE_MAX, "%.*s.%.*s-%.*s-%04" PRId64,
        SLICE_ARGS (province), SLICE_ARGS (desk), SLICE_ARGS (day), serial);
    assert (size + 1 < CODE_MAX);
    for (size_t i = 0; i < size; i++)
        out[i] = i < province.size ? to_upper (out[i]) : to_lower (out[i]);
    out[size] = code_check ((slice_t){out, size});
    out[size + 1] = 0;
    return size + 1;
}

//  --- reading, from the right

static int
refuse_code (refusal_t *refusal, const char *why)
{
    return refuse (refusal, REFUSAL_INVALID, "code",
        "%s; a receipt code looks like H49.tcd-tinh-261120-0001R", why);
}

static slice_t
trim (slice_t text)
{
    while (text.size && strchr (" \t\r\n", text.ptr[0]) && text.ptr[0])
        text = (slice_t){text.ptr + 1, text.size - 1};
    while (text.size && strchr (" \t\r\n", text.ptr[text.size - 1]) && text.ptr[text.size - 1])
        text.size--;
    return text;
}

//  Splits at the last `mark`: what is behind it into *behind, what is before stays in *text.
static bool
take_behind (slice_t *text, char mark, slice_t *behind)
{
    const char *at = text->size ? memrchr (text->ptr, mark, text->size) : NULL;
    if (!at)
        return false;
    size_t before = (size_t)(at - text->ptr);
    *behind = (slice_t){at + 1, text->size - before - 1};
    text->size = before;
    return true;
}

static bool
is_number (slice_t text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_digit (text.ptr[i]))
            return false;
    return text.size > 0;
}

static bool
is_name (slice_t text, size_t most, const char *also)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = to_lower (text.ptr[i]);
        if (!is_digit (c) && !(c >= 'a' && c <= 'z') && (c == 0 || !strchr (also, c)))
            return false;
    }
    return text.size > 0 && text.size <= most;
}

//  At least four digits, and no zero in front of more than four: one way to write each.
static bool
read_serial (slice_t text, int64_t *serial)
{
    if (!is_number (text) || text.size < SERIAL_LEAST || text.size > SERIAL_MOST ||
        (text.size > SERIAL_LEAST && text.ptr[0] == '0'))
        return false;
    *serial = 0;
    for (size_t i = 0; i < text.size; i++)
        *serial = *serial * 10 + (text.ptr[i] - '0');
    return *serial > 0;
}

static bool
is_day (slice_t text)
{
    if (!is_number (text) || text.size != DAY)
        return false;
    char date[16];
    snprintf (date, sizeof date, "20%.2s-%.2s-%.2s", text.ptr, text.ptr + 2, text.ptr + 4);
    int64_t ms;
    return clock_read (slice_from (date), &ms) == 0;
}

static int
read_parts (slice_t text, code_t *code, refusal_t *refusal)
{
    slice_t serial, first = text;
    if (!take_behind (&first, '-', &serial) || !take_behind (&first, '-', &code->day))
        return refuse_code (refusal, "day and number are missing");
    if (!read_serial (serial, &code->serial))
        return refuse_code (refusal, "the number behind the last '-' is not right");
    if (!is_day (code->day))
        return refuse_code (refusal, "the six digits of the day are not a date (yymmdd)");
    const char *dot = first.size ? memchr (first.ptr, '.', first.size) : NULL;
    if (!dot)
        return refuse_code (refusal, "the province and a '.' are missing in front");
    code->province = (slice_t){first.ptr, (size_t)(dot - first.ptr)};
    code->desk = (slice_t){dot + 1, first.size - code->province.size - 1};
    if (!is_name (code->province, PROVINCE_MAX, "") || !is_name (code->desk, DESK_MAX, ".-_"))
        return refuse_code (refusal, "province or desk has a character that no code has");
    return 0;
}

int
code_read (slice_t text, code_t *code, refusal_t *refusal)
{
    text = trim (text);
    if (text.size < 2)
        return refuse_code (refusal, "the code is empty");
    char last = to_upper (text.ptr[text.size - 1]);
    slice_t rest = {text.ptr, text.size - 1};
    if (is_digit (last))
        return refuse_code (refusal, "the letter at the end is missing");
    if (read_parts (rest, code, refusal))
        return -1;
    if (last != code_check (rest))
        return refuse_code (refusal, "the letter at the end does not fit: a character is wrong or "
                                     "two are swapped, compare with the receipt");
    return 0;
}
