//  Inside the profile: what its files share. Nobody else includes this.
//
//  profile_yaml.c   files -> documents, errors with lines
//  profile_spot.c   nodes of a document -> structs, by a table of keys per mapping
//  profile_index.c  names -> rows
//  profile_units.c  units.yaml, communes.yaml (template x commune)
//  profile_desks.c  desks.yaml
//  profile_fields.c fields.yaml
//  profile_places.c places.yaml: old names -> today's places
//  profile_rules.c  rules.yaml, and what must hold between rules
//  profile_calendar.c    calendar.yaml, and whether a day is worked
//  profile_competence.c  competence.yaml -> one table field x (province, place)
//  profile_check.c  the tree of units
//  profile_load.c   profile.yaml, the order of all this, and the hash
//  profile.c        look-ups

#ifndef DAUMOI_PROFILE_INNER_H
#define DAUMOI_PROFILE_INNER_H

#include <yaml.h>

#include "profile.h"

//  In the order in which they are hashed.
#define PROFILE_FILES(X)                                                                           \
    X (PROFILE, "profile.yaml")                                                                    \
    X (UNITS, "units.yaml")                                                                        \
    X (COMMUNES, "communes.yaml")                                                                  \
    X (PLACES, "places.yaml")                                                                      \
    X (FIELDS, "fields.yaml")                                                                      \
    X (COMPETENCE, "competence.yaml")                                                              \
    X (DESKS, "desks.yaml")                                                                        \
    X (RULES, "rules.yaml")                                                                        \
    X (CALENDAR, "calendar.yaml")

enum {
#define X(name, file) PROFILE_FILE_##name,
    PROFILE_FILES (X)
#undef X
        PROFILE_FILE_COUNT
};

enum {
    PROFILE_FILE_MAX = 1 << 20, // bytes of one file
    PROFILE_NODES_MAX = 50000,  // of one file
    PROFILE_DEPTH_MAX = 8,
    PROFILE_ERRORS_MAX = 100,
    PROFILE_ID_MAX = 32,
    PROFILE_TEXT_MAX = 1024,
    PROFILE_DAYS_MAX = 3650
};

//  --- names -> rows

typedef struct {
    struct {
        slice_t key;
        const void *value;
    } * slots; // room is a power of two, never full
    size_t room, count;
} name_index_t;

//  False, and nothing changed, when the name is there already. Keys and values are borrowed.
bool name_index_put (name_index_t *self, slice_t key, const void *value);
const void *name_index_get (const name_index_t *self, slice_t key);
void name_index_free (name_index_t *self);

//  --- the profile

typedef struct former {
    const place_t *place;
    struct former *next; // the same old name went to this place too
} former_t;

typedef struct {
    int64_t day;
    bool works;
    slice_t name;
    int line;
} special_day_t;

struct profile {
    arena_t *arena; // everything below
    char hash[33];
    slice_t name, province;
    int64_t received_max_days;
    bool assigns_alone[TYPE_COUNT];
    const unit_t *top;
    unit_t *units;
    desk_t *desks;
    profile_field_t *fields;
    place_t *places;
    rule_t *rules;
    special_day_t *days; // sorted
    size_t unit_count, desk_count, field_count, place_count, rule_count, day_count, former_count;
    size_t uncertain; // facts marked `confidence: U`
    name_index_t unit_index, desk_index, field_index, place_index, former_index;
    const unit_t **competent; // [field * (places + 1) + (0 = the province, 1 + place)]
};

//  --- reading

typedef struct loader loader_t;

typedef struct {
    const char *name;
    buffer_t bytes;
    yaml_document_t document;
    bool parsed;
} profile_file_t;

//  A node and where it stands. node NULL = absent: every function below takes it and does nothing.
typedef struct {
    loader_t *loader;
    profile_file_t *file;
    yaml_node_t *node;
} spot_t;

typedef struct {
    spot_t spot; // where it is said
    slice_t id;  // {NULL, 0} when it is not
} superior_t;

//  What a template knows of a commune.
typedef struct {
    slice_t id, name; // "ha-tu", "Hà Tu"
    slice_t full;     // "phường Hà Tu"
    slice_t kind_en;  // "ward"
} filling_t;

struct loader {
    profile_t *profile;
    buffer_t errors; // one per line
    refusal_t *refusal;
    size_t error_count;
    bool expanding; // of several errors of one kind at one line the first is enough
    name_index_t told;
    profile_file_t files[PROFILE_FILE_COUNT];
    superior_t *superiors;     // of profile->units, to be resolved when all are there
    spot_t *rule_spots;        // of profile->rules
    spot_t *field_spots;       // of profile->fields
    slice_t *former_districts; // of profile->places
    filling_t *fillings;       // of profile->places
};

typedef enum {
    SHAPE_TEXT,   // slice_t, not empty
    SHAPE_ID,     // slice_t, [a-z0-9.-], 1..32 bytes
    SHAPE_CODE,   // slice_t, [a-z0-9_.]
    SHAPE_NUMBER, // int64_t, 0..3650
    SHAPE_FLAG,   // bool: true or false
    SHAPE_DATE,   // int64_t, days since 1970 in Vietnam
    SHAPE_SPOT,   // spot_t, of any shape
    SHAPE_COUNT
} shape_t;

typedef struct {
    const char *key;
    shape_t shape;
    bool required;
    size_t offset;
} key_row_t;

#define KEY(type, member, shape, required)                                                         \
    {                                                                                              \
#member, shape, required, offsetof(type, member)                                           \
    }

int profile_file_read (loader_t *loader, int file, const char *folder);
spot_t profile_root (loader_t *loader, int file);

//  One error at a line of a file.
void profile_error (loader_t *loader, const char *file, int line, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));
void spot_error (spot_t spot, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
int spot_line (spot_t spot);
//  Items of a list; 0 with an error when it is no list.
size_t spot_count (spot_t spot);
spot_t spot_item (spot_t spot, size_t index);
//  The text of a scalar, in the profile's arena; {NULL, 0} with an error when it is none.
slice_t spot_text (spot_t spot);
//  A mapping into a struct: refuses unknown, missing and repeated keys. `note`, `confidence` and
//  `basis` are allowed everywhere. False when something was wrong; what could be read is there.
bool spot_read (spot_t spot, const key_row_t *keys, size_t count, void *out);
bool slice_is_id (slice_t id);

//  --- the parts, in this order

void load_basics (loader_t *loader);
void load_units (loader_t *loader); // and communes
void load_fields (loader_t *loader);
void check_tree (loader_t *loader);
void load_desks (loader_t *loader);
void load_former_places (loader_t *loader);
void load_competence (loader_t *loader);
void load_rules (loader_t *loader);
void load_calendar (loader_t *loader);
void check_rules (loader_t *loader);

//  False with an error when it has a {blank} that filling_t does not know.
bool pattern_check (spot_t spot, slice_t pattern);
slice_t pattern_fill (arena_t *arena, slice_t pattern, const filling_t *filling);

#endif
