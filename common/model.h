//  The model of Đầu Mối: read this file first.
//
//  A citizen hands in a PETITION (đơn), once, with one receipt. A CASE (vụ việc) is the matter that
//  someone must settle; it begins with one petition and has exactly one owner at every version.
//
//      submission --intake--> petition + case (received, owner: the desk)
//                 --classification--> labels (text in, labels out; keeps nothing)
//                 --assignment--> assigned: one unit, one officer | triage: the desk decides
//
//  A case is the fold of its JOURNAL: each change is one entry (who, when, from which version,
//  what, why, operation id, patch), and the record is what the patches leave behind. The only
//  place that writes either is ledger.lua; which action may do what stands in action.c.
//
//  Times are int64_t milliseconds since 1970 UTC and end in _ms: LEGAL time unless the name says
//  otherwise. Strings are slices that belong to the message or profile they came from.

#ifndef DAUMOI_MODEL_H
#define DAUMOI_MODEL_H

#include "base.h"

//  What kind of letter it is, by substance, not by title (TT05): code, Vietnamese,
//  English.
#define PETITION_TYPES(X)                                                                          \
    X (UNKNOWN, "", "chưa phân loại", "not classified")                                            \
    X (KHIEU_NAI, "khieu_nai", "khiếu nại", "complaint")                                           \
    X (TO_CAO, "to_cao", "tố cáo", "denunciation")                                                 \
    X (THONG_TIN_TO_CAO, "thong_tin_to_cao", "thông tin có nội dung tố cáo",                       \
        "information with denunciation content")                                                   \
    X (KIEN_NGHI, "kien_nghi", "kiến nghị", "proposal")                                            \
    X (PHAN_ANH, "phan_anh", "phản ánh", "report")                                                 \
    X (NHIEU_NOI_DUNG, "nhieu_noi_dung", "đơn có nhiều nội dung", "several matters")               \
    X (KHAC, "khac", "khác", "other")

typedef enum {
#define X(name, code, vi, en) TYPE_##name,
    PETITION_TYPES (X)
#undef X
        TYPE_COUNT
} petition_type_t;

//  Where a case stands. "live" states always have a next alarm (promise 3).
#define CASE_STATES(X)                                                                             \
    X (RECEIVED, "received", true, "đã tiếp nhận", "received")                                     \
    X (TRIAGE, "triage", true, "chờ phân loại", "triage")                                          \
    X (ASSIGNED, "assigned", true, "đã giao", "assigned")                                          \
    X (GUIDED, "guided", false, "đã hướng dẫn", "guided")                                          \
    X (TRANSFERRED, "transferred", true, "đã chuyển", "transferred out")                           \
    X (FILED, "filed", false, "lưu đơn", "filed")

typedef enum {
#define X(name, code, live, vi, en) STATE_##name,
    CASE_STATES (X)
#undef X
        STATE_COUNT
} case_state_t;

//  How a petition arrived.
#define CHANNELS(X)                                                                                \
    X (COUNTER, "counter")                                                                         \
    X (POST, "post")                                                                               \
    X (BOX, "box")                                                                                 \
    X (ONLINE, "online")                                                                           \
    X (PHONE, "phone")                                                                             \
    X (FORWARDED, "forwarded")

typedef enum {
#define X(name, code) CHANNEL_##name,
    CHANNELS (X)
#undef X
        CHANNEL_COUNT
} channel_t;

//  Flags of a letter, one bit each; LABEL_FLAGS[i] is bit 1 << i.
#define LABEL_FLAGS(X)                                                                             \
    X (MASS, "mass")              /* five or more signatories (TT05) */                            \
    X (REPEATED, "repeated")      /* says that it was sent before */                               \
    X (SECOND, "second_instance") /* against a settlement decision */                              \
    X (URGENT, "urgent")          /* danger to life, health, property */                           \
    X (CRIME, "crime_signs")                                                                       \
    X (CONFIDENTIAL, "confidential")                                                               \
    X (ANONYMOUS, "anonymous")                                                                     \
    X (INELIGIBLE, "ineligible_form") /* a formal condition of TT05 Art.6 is missing */

typedef enum {
#define X(name, code) FLAG_BIT_##name,
    LABEL_FLAGS (X)
#undef X
        FLAG_COUNT
} flag_bit_t;
enum {
#define X(name, code) FLAG_##name = 1 << FLAG_BIT_##name,
    LABEL_FLAGS (X)
#undef X
};

//  A petition as submitted: only desk and text are required. Limits and checks: petition.c.
typedef struct {
    slice_t name, id_number, phone, address;
    bool anonymous;
} petitioner_t;

typedef struct {
    slice_t key;      // makes a repeat harmless; <= 128 bytes
    slice_t desk;     // reception point that took it
    slice_t channel;  // a code of CHANNELS; default "counter"
    slice_t received; // RFC 3339; default: now
    slice_t text;     // 1 .. 65,536 bytes of UTF-8 after NFC
    petitioner_t petitioner;
    int64_t signatories;                    // 0 = not said
    slice_t place, respondent, type, field; // what the desk says, if it says so
    struct {
        slice_t number, date;
    } incoming;
    slice_t letter_date;
    struct { // the decision or act complained of
        slice_t author, number, date;
        int64_t instance; // 1 first, 2 second complaint; 0 = not said
    } contested;
    struct {
        slice_t name, tax_code;
    } organisation;
    struct {
        slice_t body, number, date;
    } forwarded_by;
} petition_t;

//  One label: the value, how sure (per mille, calibrated), and the next best guesses.
enum { LABEL_GUESSES = 3 };
typedef struct {
    slice_t value;      // "" when unsure
    int64_t confidence; // 0..1000 of guesses[0]
    struct {
        slice_t value;
        int64_t confidence;
    } guesses[LABEL_GUESSES]; // best first; empty values at the end
    slice_t reason;           // why unsure or which rule decided; no words of the letter
} label_t;

//  What classification says of a letter. Codes only: nothing of the text travels on.
typedef struct {
    label_t type;       // a code of PETITION_TYPES
    label_t field;      // a field of the profile
    label_t place;      // a place of the profile
    label_t respondent; // "unit" or "unit/head", "unit/deputy", "unit/staff": the author of the
                        // contested decision, the accused, or the body complained of
    int64_t instance;   // 1 or 2; 0 = not a complaint or not known
    int64_t flags;      // FLAG_...
    slice_t model;      // version (hash) of the model that spoke
} labels_t;

const char *type_code (petition_type_t type);
petition_type_t type_from (slice_t code); // TYPE_UNKNOWN for "" and TYPE_COUNT for a stranger
const char *type_name (petition_type_t type, bool english);
//  Denunciations and information with denunciation content: sealed in every list (promise 9).
bool type_is_secret (petition_type_t type);

const char *state_code (case_state_t state);
case_state_t state_from (slice_t code); // STATE_COUNT for a stranger
const char *state_name (case_state_t state, bool english);
bool state_is_live (case_state_t state);

channel_t channel_from (slice_t code); // CHANNEL_COUNT for a stranger
const char *flag_code (flag_bit_t bit);

#endif
