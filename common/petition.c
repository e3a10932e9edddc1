#include "petition.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

#include "clock.h"
#include "text.h"

//  --- the table
//
//  Limits are bytes after NFC. Decomposed text may be three times as long before, and the codec
//  sees it before.

enum { NFD_GROWTH = 3, NAME = 200, ADDRESS = 500, NUMBER = 100, DATE = 40, CODE = 64 };
enum { SIGNATORIES_MOST = 100000, GRACE_MS = 60 * 1000 };

#define TEXT(type, member, limit, needed)                                                          \
    {                                                                                              \
        .name = #member, .kind = CODEC_STR, .offset = offsetof (type, member),                     \
        .max = NFD_GROWTH * (limit), .required = (needed)                                          \
    }
#define INT(type, member, most)                                                                    \
    {                                                                                              \
        .name = #member, .kind = CODEC_INT, .offset = offsetof (type, member), .max = (most)       \
    }
#define SUB(member)                                                                                \
    {                                                                                              \
        .name = #member, .kind = CODEC_MAP, .offset = offsetof (petition_t, member),               \
        .sub = &member##_schema                                                                    \
    }

static const codec_field_t petitioner_fields[] = {
    TEXT (petitioner_t, name, NAME, false),
    TEXT (petitioner_t, id_number, 32, false),
    TEXT (petitioner_t, phone, 32, false),
    TEXT (petitioner_t, address, ADDRESS, false),
    {.name = "anonymous", .kind = CODEC_BOOL, .offset = offsetof (petitioner_t, anonymous)},
};
static CODEC_SCHEMA (petitioner_schema, petitioner_t, petitioner_fields);

typedef __typeof__ (((petition_t *)NULL)->incoming) incoming_t;
static const codec_field_t incoming_fields[] = {
    TEXT (incoming_t, number, NUMBER, false),
    TEXT (incoming_t, date, DATE, false),
};
static CODEC_SCHEMA (incoming_schema, incoming_t, incoming_fields);

typedef __typeof__ (((petition_t *)NULL)->contested) contested_t;
static const codec_field_t contested_fields[] = {
    TEXT (contested_t, author, NAME, false),
    TEXT (contested_t, number, NUMBER, false),
    TEXT (contested_t, date, DATE, false),
    INT (contested_t, instance, 2),
};
static CODEC_SCHEMA (contested_schema, contested_t, contested_fields);

typedef __typeof__ (((petition_t *)NULL)->organisation) organisation_t;
static const codec_field_t organisation_fields[] = {
    TEXT (organisation_t, name, NAME, false),
    TEXT (organisation_t, tax_code, 32, false),
};
static CODEC_SCHEMA (organisation_schema, organisation_t, organisation_fields);

typedef __typeof__ (((petition_t *)NULL)->forwarded_by) forwarded_by_t;
static const codec_field_t forwarded_by_fields[] = {
    TEXT (forwarded_by_t, body, NAME, false),
    TEXT (forwarded_by_t, number, NUMBER, false),
    TEXT (forwarded_by_t, date, DATE, false),
};
static CODEC_SCHEMA (forwarded_by_schema, forwarded_by_t, forwarded_by_fields);

static const codec_field_t petition_fields[] = {
    TEXT (petition_t, key, 128, false),
    TEXT (petition_t, desk, CODE, true),
    TEXT (petition_t, channel, 16, false),
    TEXT (petition_t, received, DATE, false),
    TEXT (petition_t, text, PETITION_TEXT_MAX, true),
    SUB (petitioner),
    INT (petition_t, signatories, SIGNATORIES_MOST),
    TEXT (petition_t, place, NAME, false),
    TEXT (petition_t, respondent, ADDRESS, false),
    TEXT (petition_t, type, 32, false),
    TEXT (petition_t, field, CODE, false),
    SUB (incoming),
    TEXT (petition_t, letter_date, DATE, false),
    SUB (contested),
    SUB (organisation),
    SUB (forwarded_by),
};
CODEC_SCHEMA (petition_schema, petition_t, petition_fields);

//  --- every string: UTF-8, NFC, limit, no control characters

typedef struct {
    arena_t *arena;
    refusal_t *refusal;
    const char *parent; // "petitioner", or NULL at the top
} tidy_t;

static int refuse_text (const tidy_t *self, const char *name, const char *format, ...)
    __attribute__ ((format (printf, 3, 4)));

static int
refuse_text (const tidy_t *self, const char *name, const char *format, ...)
{
    char path[64], text[256];
    snprintf (path, sizeof path, "%s%s%s", self->parent ? self->parent : "",
        self->parent ? "." : "", name);
    va_list args;
    va_start (args, format);
    vsnprintf (text, sizeof text, format, args);
    va_end (args);
    return refuse (self->refusal, REFUSAL_INVALID, path, "%s %s", path, text);
}

//  Where the first control character is (C0 without those allowed, DEL, C1); the size when none.
static size_t
find_control (slice_t text, const char *allowed)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c >= 0x20 && c != 0x7f && c != 0xc2)
            continue;
        if (c == 0xc2 && (unsigned char)text.ptr[i + 1] >= 0xa0)
            continue;
        if (c == 0 || !strchr (allowed, c))
            return i;
    }
    return text.size;
}

static int
tidy_text (const tidy_t *self, const codec_field_t *field, slice_t *text)
{
    size_t most = field->max / NFD_GROWTH;
    if (!text_is_utf8 (*text))
        return refuse_text (
            self, field->name, "is not valid UTF-8; send the text in that encoding");
    *text = text_nfc (*text, self->arena);
    if (text->size > most)
        return refuse_text (
            self, field->name, "has %zu bytes; at most %zu are allowed", text->size, most);
    bool lines = most == PETITION_TEXT_MAX;
    size_t at = find_control (*text, lines ? "\n\r\t" : "");
    if (at < text->size)
        return refuse_text (self, field->name, "has a control character at byte %zu; take it out%s",
            at, lines ? " (line ends and tabs are allowed)" : "");
    return 0;
}

//  Walks the table, so that no string is forgotten. An empty one is the same as none.
static int
tidy_record (const tidy_t *self, const codec_schema_t *schema, void *record)
{
    for (size_t i = 0; i < schema->count; i++) {
        const codec_field_t *field = &schema->fields[i];
        char *at = (char *)record + field->offset;
        if (field->kind == CODEC_MAP) {
            tidy_t inner = {self->arena, self->refusal, field->name};
            if (tidy_record (&inner, field->sub, at))
                return -1;
        }
        slice_t *text = (slice_t *)at;
        if (field->kind != CODEC_STR)
            continue;
        if (text->size == 0)
            *text = (slice_t){NULL, 0};
        else if (tidy_text (self, field, text))
            return -1;
    }
    return 0;
}

//  --- what the fields mean

typedef int (check_fn) (petition_t *self, const profile_t *profile, refusal_t *refusal);

static int
check_desk (petition_t *self, const profile_t *profile, refusal_t *refusal)
{
    if (self->desk.size == 0)
        return refuse (refusal, REFUSAL_INVALID, "desk",
            "desk is missing; name the reception "
            "point that took the petition");
    if (profile_desk (profile, self->desk))
        return 0;
    return refuse (refusal, REFUSAL_NOT_FOUND, "desk",
        "there is no desk \"%.*s\"; `daumoi profile check` shows what the profile holds",
        SLICE_ARGS (self->desk));
}

static int
check_body (petition_t *self, const profile_t *profile, refusal_t *refusal)
{
    (void)profile;
    for (size_t i = 0; i < self->text.size; i++)
        if (!strchr (" \t\r\n", self->text.ptr[i]))
            return 0;
    return refuse (refusal, REFUSAL_INVALID, "text",
        "text is empty; it must hold what the petitioner wrote or said");
}

static int
check_channel (petition_t *self, const profile_t *profile, refusal_t *refusal)
{
    (void)profile;
    if (self->channel.size == 0)
        self->channel = SLICE ("counter");
    if (channel_from (self->channel) != CHANNEL_COUNT)
        return 0;
#define X(name, code) " " code
    return refuse (refusal, REFUSAL_INVALID, "channel",
        "channel \"%.*s\" is unknown; use one of:%s", SLICE_ARGS (self->channel), CHANNELS (X));
#undef X
}

static int
check_type (petition_t *self, const profile_t *profile, refusal_t *refusal)
{
    (void)profile;
    if (type_from (self->type) != TYPE_COUNT)
        return 0;
#define X(name, code, vi, en) " " code
    //  The first code is empty.
    return refuse (refusal, REFUSAL_INVALID, "type", "type \"%.*s\" is unknown; use one of:%s",
        SLICE_ARGS (self->type), &(PETITION_TYPES (X))[1]);
#undef X
}

static int
check_field (petition_t *self, const profile_t *profile, refusal_t *refusal)
{
    if (self->field.size == 0 || profile_field (profile, self->field))
        return 0;
    return refuse (refusal, REFUSAL_INVALID, "field",
        "there is no field \"%.*s\"; leave it out, or take a code of the profile "
        "(`daumoi profile check`)",
        SLICE_ARGS (self->field));
}

static int
check_dates (petition_t *self, const profile_t *profile, refusal_t *refusal)
{
    (void)profile;
    const struct {
        const char *name;
        slice_t date;
    } dates[] = {
        {"received", self->received},
        {"incoming.date", self->incoming.date},
        {"letter_date", self->letter_date},
        {"contested.date", self->contested.date},
        {"forwarded_by.date", self->forwarded_by.date},
    };
    int64_t ms;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++)
        if (dates[i].date.size && clock_read (dates[i].date, &ms))
            return refuse (refusal, REFUSAL_INVALID, dates[i].name,
                "%s \"%.*s\" is not a time that exists; write 2026-11-20 or "
                "2026-11-20T08:05:00+07:00",
                dates[i].name, SLICE_ARGS (dates[i].date));
    return 0;
}

static int
check_numbers (petition_t *self, const profile_t *profile, refusal_t *refusal)
{
    (void)profile;
    if (self->signatories < 0 || self->signatories > SIGNATORIES_MOST)
        return refuse (refusal, REFUSAL_INVALID, "signatories",
            "signatories is %" PRId64 "; it must lie between 0 (not said) and %d",
            self->signatories, SIGNATORIES_MOST);
    if (self->contested.instance < 0 || self->contested.instance > 2)
        return refuse (refusal, REFUSAL_INVALID, "contested.instance",
            "contested.instance must be 1 (first complaint) or 2 (second), or left out");
    return 0;
}

//  Neither kept (it would be printed and searched) nor dropped (it would be lost, perhaps for a
//  box ticked by mistake): the desk must say which of the two is meant.
static int
check_anonymous (petition_t *self, const profile_t *profile, refusal_t *refusal)
{
    (void)profile;
    const petitioner_t *petitioner = &self->petitioner;
    if (!petitioner->anonymous || (!petitioner->name.size && !petitioner->id_number.size))
        return 0;
    return refuse (refusal, REFUSAL_INVALID, "petitioner.anonymous",
        "petitioner.anonymous is true but a name or an identity number is given; leave out the "
        "one that is wrong (a denouncer's name is kept secret anyway)");
}

static check_fn *const checks[] = {check_desk, check_body, check_channel, check_type, check_field,
    check_dates, check_numbers, check_anonymous};

static int
check_received (const petition_t *self, const profile_t *profile, int64_t now_ms,
    int64_t *received_ms, refusal_t *refusal)
{
    *received_ms = now_ms;
    if (self->received.size && clock_read (self->received, received_ms))
        return -1; // check_dates has refused it before
    if (*received_ms > now_ms + GRACE_MS)
        return refuse (refusal, REFUSAL_INVALID, "received",
            "received \"%.*s\" lies in the future; check the date and the clock of that machine",
            SLICE_ARGS (self->received));
    int64_t days = profile_received_max_days (profile);
    if (*received_ms < now_ms - days * CLOCK_DAY_MS)
        return refuse (refusal, REFUSAL_INVALID, "received",
            "received \"%.*s\" is more than %" PRId64 " days ago; check the year, the profile "
            "takes nothing older",
            SLICE_ARGS (self->received), days);
    return 0;
}

int
petition_check (petition_t *self, const profile_t *profile, int64_t now_ms, arena_t *arena,
    int64_t *received_ms, refusal_t *refusal)
{
    tidy_t tidy = {arena, refusal, NULL};
    if (tidy_record (&tidy, &petition_schema, self))
        return -1;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i](self, profile, refusal))
            return -1;
    return check_received (self, profile, now_ms, received_ms, refusal);
}

//  --- fingerprint
//
//  Each field that is there goes in with its name and its length, in the order of the table. So a
//  field that a later version adds changes no fingerprint of a petition without it.

static void
hash_bytes (crypto_generichash_state *state, slice_t bytes)
{
    uint8_t size[8];
    for (size_t i = 0; i < sizeof size; i++)
        size[i] = (uint8_t)(bytes.size >> 8 * i);
    crypto_generichash_update (state, size, sizeof size);
    crypto_generichash_update (state, (const uint8_t *)bytes.ptr, bytes.size);
}

static void hash_record (crypto_generichash_state *state, const char *parent,
    const codec_schema_t *schema, const void *record);

static void
hash_value (crypto_generichash_state *state, const codec_field_t *field, const void *at)
{
    if (field->kind == CODEC_STR) {
        hash_bytes (state, *(const slice_t *)at);
        return;
    }
    int64_t number = field->kind == CODEC_INT ? *(const int64_t *)at : *(const bool *)at;
    char text[24];
    snprintf (text, sizeof text, "%" PRId64, number);
    hash_bytes (state, slice_from (text));
}

static bool
is_absent (const codec_field_t *field, const void *at)
{
    if (field->kind == CODEC_STR)
        return ((const slice_t *)at)->size == 0;
    return field->kind == CODEC_INT ? *(const int64_t *)at == 0 : !*(const bool *)at;
}

static void
hash_record (crypto_generichash_state *state, const char *parent, const codec_schema_t *schema,
    const void *record)
{
    for (size_t i = 0; i < schema->count; i++) {
        const codec_field_t *field = &schema->fields[i];
        const void *at = (const char *)record + field->offset;
        if (field->kind == CODEC_MAP) {
            hash_record (state, field->name, field->sub, at);
        } else if (!is_absent (field, at)) {
            hash_bytes (state, slice_from (parent));
            hash_bytes (state, slice_from (field->name));
            hash_value (state, field, at);
        }
    }
}

void
petition_fingerprint (const petition_t *self, uint8_t out[PETITION_FINGERPRINT])
{
    crypto_generichash_state state;
    petition_t content = *self;
    content.key = (slice_t){NULL, 0};
    crypto_generichash_init (&state, NULL, 0, PETITION_FINGERPRINT);
    hash_record (&state, "", &petition_schema, &content);
    crypto_generichash_final (&state, out, PETITION_FINGERPRINT);
}
