#include "profile_inner.h"

#include <sodium.h>
#include <stdio.h>

//  --- profile.yaml

typedef struct {
    slice_t name, province;
    int64_t received_max_days;
    spot_t assigns_alone;
} basics_t;

static const key_row_t basics_keys[] = {
    KEY (basics_t, name, SHAPE_TEXT, true),
    KEY (basics_t, province, SHAPE_TEXT, true),
    KEY (basics_t, received_max_days, SHAPE_NUMBER, true),
    KEY (basics_t, assigns_alone, SHAPE_SPOT, true),
};

//  The code is part of every receipt: a capital letter and one to three digits.
static void
check_province (spot_t spot, slice_t code)
{
    bool good = code.size >= 2 && code.size <= 4 && code.ptr[0] >= 'A' && code.ptr[0] <= 'Z';
    for (size_t i = 1; good && i < code.size; i++)
        good = code.ptr[i] >= '0' && code.ptr[i] <= '9';
    if (code.ptr && !good)
        spot_error (spot, "province \"%.40s\" must be a letter and digits, as in H49", code.ptr);
}

//  A named human decides on complaints and denunciations, always.
static void
load_alone (spot_t spot)
{
    slice_t code = spot_text (spot);
    petition_type_t type = type_from (code);
    if (type == TYPE_KIEN_NGHI || type == TYPE_PHAN_ANH)
        spot.loader->profile->assigns_alone[type] = true;
    else if (code.ptr)
        spot_error (spot,
            "type \"%.40s\" cannot be assigned without a human: only kien_nghi and "
            "phan_anh can",
            code.ptr);
}

void
load_basics (loader_t *loader)
{
    basics_t basics = {0};
    profile_t *profile = loader->profile;
    spot_t root = profile_root (loader, PROFILE_FILE_PROFILE);
    spot_read (root, basics_keys, sizeof basics_keys / sizeof *basics_keys, &basics);
    profile->name = basics.name;
    profile->province = basics.province;
    profile->received_max_days = basics.received_max_days;
    check_province (root, basics.province);
    size_t count = spot_count (basics.assigns_alone);
    for (size_t i = 0; i < count; i++)
        load_alone (spot_item (basics.assigns_alone, i));
}

//  --- the whole

//  Names and bytes, each with its size before it, so that nothing can be moved between files.
static void
hash_files (loader_t *loader)
{
    unsigned char digest[16];
    crypto_generichash_state state;
    crypto_generichash_init (&state, NULL, 0, sizeof digest);
    for (int i = 0; i < PROFILE_FILE_COUNT; i++) {
        const profile_file_t *file = &loader->files[i];
        char head[96];
        int size = snprintf (head, sizeof head, "%s %zu\n", file->name, file->bytes.size);
        crypto_generichash_update (&state, (const unsigned char *)head, (size_t)size);
        crypto_generichash_update (
            &state, (const unsigned char *)file->bytes.data, file->bytes.size);
    }
    crypto_generichash_final (&state, digest, sizeof digest);
    sodium_bin2hex (loader->profile->hash, sizeof loader->profile->hash, digest, sizeof digest);
}

static int
read_files (loader_t *loader, const char *folder)
{
    static const char *const names[] = {
#define X(name, file) file,
        PROFILE_FILES (X)
#undef X
    };
    int rc = 0;
    for (int i = 0; i < PROFILE_FILE_COUNT; i++) {
        loader->files[i].name = names[i];
        if (profile_file_read (loader, i, folder) != 0)
            rc = -1;
    }
    return rc;
}

//  What a part refers to is read before it.
static void (*const parts[]) (loader_t *) = {load_basics, load_units, check_tree, load_fields,
    load_desks, load_former_places, load_competence, load_rules, check_rules, load_calendar};

static void
free_files (loader_t *loader)
{
    for (int i = 0; i < PROFILE_FILE_COUNT; i++) {
        buffer_free (&loader->files[i].bytes);
        if (loader->files[i].parsed)
            yaml_document_delete (&loader->files[i].document);
    }
}

static void
tell_errors (loader_t *loader, buffer_t *errors)
{
    if (errors)
        buffer_append (errors, loader->errors.data, loader->errors.size);
    if (errors && loader->error_count > PROFILE_ERRORS_MAX)
        buffer_printf (errors, "and %zu more\n", loader->error_count - PROFILE_ERRORS_MAX);
    buffer_free (&loader->errors);
    name_index_free (&loader->told);
}

profile_t *
profile_load (const char *folder, buffer_t *errors, refusal_t *refusal)
{
    assert (folder);
    if (sodium_init () < 0)
        die ("libsodium cannot start");
    profile_t *self = mem_new (sizeof *self);
    self->arena = arena_new ();
    loader_t loader = {.profile = self, .refusal = refusal};
    if (read_files (&loader, folder) == 0) {
        hash_files (&loader);
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
            parts[i](&loader);
    }
    free_files (&loader);
    tell_errors (&loader, errors);
    if (loader.error_count)
        profile_destroy (&self);
    return self;
}
