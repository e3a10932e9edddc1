#include "message.h"

#include <sodium.h>

#define STR(type, member, field_name, most)                                                        \
    {                                                                                              \
        .name = field_name, .kind = CODEC_STR, .offset = offsetof (type, member), .max = most      \
    }
#define MUST(type, member, field_name, most)                                                       \
    {                                                                                              \
        .name = field_name, .kind = CODEC_STR, .offset = offsetof (type, member), .max = most,     \
        .required = true                                                                           \
    }
#define INT(type, member, field_name)                                                              \
    {                                                                                              \
        .name = field_name, .kind = CODEC_INT, .offset = offsetof (type, member)                   \
    }
#define FLAG(type, member, field_name)                                                             \
    {                                                                                              \
        .name = field_name, .kind = CODEC_BOOL, .offset = offsetof (type, member)                  \
    }
#define MAP(type, member, field_name, table)                                                       \
    {                                                                                              \
        .name = field_name, .kind = CODEC_MAP, .offset = offsetof (type, member), .sub = &table    \
    }

static const codec_field_t head_fields[] = {
    MUST (case_head_t, id, "id", CASE_ID_TEXT),
    INT (case_head_t, version, "version"),
    MUST (case_head_t, desk, "desk", 32),
    INT (case_head_t, received_ms, "received_ms"),
    STR (case_head_t, channel, "channel", 16),
};
static CODEC_SCHEMA (head_schema, case_head_t, head_fields);

static const codec_field_t offer_fields[] = {
    MAP (offer_t, head, "head", head_schema),
    {.name = "body",
        .kind = CODEC_BIN,
        .offset = offsetof (offer_t, body),
        .max = 256 * 1024,
        .required = true},
};
CODEC_SCHEMA (offer_schema, offer_t, offer_fields);

//  Short names: labels are kept with every case.
static const codec_field_t label_fields[] = {
    STR (label_t, value, "v", 64),
    INT (label_t, confidence, "c"),
    STR (label_t, guesses[0].value, "v1", 64),
    INT (label_t, guesses[0].confidence, "c1"),
    STR (label_t, guesses[1].value, "v2", 64),
    INT (label_t, guesses[1].confidence, "c2"),
    STR (label_t, guesses[2].value, "v3", 64),
    INT (label_t, guesses[2].confidence, "c3"),
    STR (label_t, reason, "r", 400),
};
static CODEC_SCHEMA (label_schema, label_t, label_fields);

static const codec_field_t labels_fields[] = {
    MAP (labels_t, type, "type", label_schema),
    MAP (labels_t, field, "field", label_schema),
    MAP (labels_t, place, "place", label_schema),
    MAP (labels_t, respondent, "respondent", label_schema),
    INT (labels_t, instance, "instance"),
    INT (labels_t, flags, "flags"),
    STR (labels_t, model, "model", 32),
};
CODEC_SCHEMA (labels_schema, labels_t, labels_fields);

static const codec_field_t labelled_fields[] = {
    MAP (labelled_t, head, "head", head_schema),
    MAP (labelled_t, labels, "labels", labels_schema),
};
CODEC_SCHEMA (labelled_schema, labelled_t, labelled_fields);

static const codec_field_t credit_fields[] = {
    MUST (credit_t, epoch, "epoch", CASE_ID_TEXT),
    INT (credit_t, seen, "seen"),
    INT (credit_t, open, "open"),
    INT (credit_t, window, "window"),
};
CODEC_SCHEMA (credit_schema, credit_t, credit_fields);

static const codec_field_t act_fields[] = {
    MUST (act_t, code, "code", 64),
    MUST (act_t, action, "action", 32),
    STR (act_t, actor, "actor", 64),
    STR (act_t, to, "to", 32),
    STR (act_t, type, "type", 32),
    STR (act_t, field, "field", 64),
    STR (act_t, place, "place", 32),
    STR (act_t, respondent, "respondent", 64),
    STR (act_t, decision, "decision", 16),
    STR (act_t, ground, "ground", 1000),
    STR (act_t, key, "key", 128),
    INT (act_t, version, "version"),
};
CODEC_SCHEMA (act_schema, act_t, act_fields);

static const codec_field_t reply_fields[] = {
    MUST (reply_t, refusal, "refusal", 32),
    STR (reply_t, field, "field", 64),
    STR (reply_t, text, "text", 400),
    INT (reply_t, retry_ms, "retry_ms"),
    STR (reply_t, code, "code", 64),
    INT (reply_t, serial, "serial"),
    STR (reply_t, desk, "desk", 32),
    INT (reply_t, received_ms, "received_ms"),
    FLAG (reply_t, repeated, "repeated"),
    INT (reply_t, ignored, "ignored"),
    INT (reply_t, version, "version"),
    STR (reply_t, state, "state", 32),
    STR (reply_t, owner, "owner", 32),
};
CODEC_SCHEMA (reply_schema, reply_t, reply_fields);

void
message_id (char out[CASE_ID_TEXT + 1])
{
    uint8_t raw[CASE_ID];
    randombytes_buf (raw, sizeof raw);
    sodium_bin2base64 (
        out, CASE_ID_TEXT + 1, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
