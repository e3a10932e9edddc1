//  The text of the function library: ledger.lua with the table of actions and its own hash in it.

#include "ledger.h"

#include "action.h"

#include <sodium.h>
#include <stdio.h>

//  Placed by the linker (Makefile: ledger_lua.o).
extern const char _binary_ledger_lua_start[], _binary_ledger_lua_end[];

//  Appends `text` with the first `mark` replaced.
static void
append_replaced (slice_t text, const char *mark, slice_t by, buffer_t *out)
{
    const char *found = memmem (text.ptr, text.size, mark, strlen (mark));
    assert (found);
    size_t before = (size_t)(found - text.ptr);
    buffer_append (out, text.ptr, before);
    buffer_append (out, by.ptr, by.size);
    size_t skip = before + strlen (mark);
    buffer_append (out, text.ptr + skip, text.size - skip);
}

static void
library_with_table (buffer_t *out)
{
    slice_t source = {
        _binary_ledger_lua_start, (size_t)(_binary_ledger_lua_end - _binary_ledger_lua_start)};
    buffer_t table = {0};
    action_lua (&table);
    append_replaced (source, "--@TABLE", buffer_slice (&table), out);
    buffer_free (&table);
}

const char *
ledger_hash (void)
{
    static char hex[33];
    if (hex[0])
        return hex;
    buffer_t text = {0};
    uint8_t raw[16];
    library_with_table (&text);
    crypto_generichash (raw, sizeof raw, (const uint8_t *)text.data, text.size, NULL, 0);
    sodium_bin2hex (hex, sizeof hex, raw, sizeof raw);
    buffer_free (&text);
    return hex;
}

void
ledger_library (buffer_t *out)
{
    buffer_t text = {0};
    library_with_table (&text);
    append_replaced (buffer_slice (&text), "@HASH", slice_from (ledger_hash ()), out);
    buffer_free (&text);
}
