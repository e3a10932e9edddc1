#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault.h"

typedef struct {
    char folder[64], path[96], other_path[96];
    vault_t *vault;
} fixture_t;

static const slice_t id = SLICE ("H49.tcd-tinh-261120-0001K");
static const slice_t body = SLICE ("Tôi tố cáo ông Chủ tịch.\0\xff");

static int
setup (void **state)
{
    fixture_t *self = mem_new (sizeof *self);
    snprintf (self->folder, sizeof self->folder, "/tmp/test_vault.XXXXXX");
    if (!mkdtemp (self->folder))
        return -1;
    snprintf (self->path, sizeof self->path, "%s/vault.key", self->folder);
    snprintf (self->other_path, sizeof self->other_path, "%s/other.key", self->folder);
    if (vault_create (self->path, NULL))
        return -1;
    self->vault = vault_new (self->path, NULL);
    *state = self;
    return self->vault ? 0 : -1;
}

static int
teardown (void **state)
{
    fixture_t *self = *state;
    vault_destroy (&self->vault);
    vault_destroy (&self->vault);
    unlink (self->path);
    unlink (self->other_path);
    rmdir (self->folder);
    free (self);
    return 0;
}

static void
write_file (const char *path, const char *text, mode_t mode)
{
    unlink (path);
    FILE *file = fopen (path, "w");
    assert_non_null (file);
    fputs (text, file);
    fclose (file);
    assert_int_equal (chmod (path, mode), 0);
}

static void
assert_opens (const vault_t *vault, slice_t under, slice_t sealed, slice_t wanted)
{
    buffer_t out = {0};
    buffer_append (&out, "before", 6);
    assert_int_equal (vault_open (vault, under, sealed, &out), 0);
    assert_int_equal (out.size, 6 + wanted.size);
    assert_memory_equal (out.data, "before", 6);
    assert_true (slice_equals ((slice_t){out.data + 6, out.size - 6}, wanted));
    buffer_free (&out);
}

static void
assert_stays_shut (const vault_t *vault, slice_t under, slice_t sealed)
{
    buffer_t out = {0};
    buffer_append (&out, "before", 6);
    assert_int_equal (vault_open (vault, under, sealed, &out), -1);
    assert_int_equal (out.size, 6);
    assert_memory_equal (out.data, "before", 6);
    buffer_free (&out);
}

static void
test_what_is_sealed_opens (void **state)
{
    fixture_t *self = *state;
    char *large = mem_new (70000);
    const slice_t bodies[] = {body, SLICE (""), {NULL, 0}, {large, 70000}};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        buffer_t sealed = {0};
        buffer_append (&sealed, "x", 1);
        vault_seal (self->vault, id, bodies[i], &sealed);
        assert_int_equal (sealed.size, 1 + bodies[i].size + VAULT_OVERHEAD);
        slice_t bytes = {sealed.data + 1, sealed.size - 1};
        assert_opens (self->vault, id, bytes, bodies[i]);
        buffer_free (&sealed);
    }
    free (large);
}

static void
test_nothing_shows_and_nothing_repeats (void **state)
{
    fixture_t *self = *state;
    buffer_t a = {0}, b = {0};
    vault_seal (self->vault, id, body, &a);
    vault_seal (self->vault, id, body, &b);
    assert_int_equal (a.size, b.size);
    assert_null (memmem (a.data, a.size, body.ptr, 8));
    //  Only version and key id are the same: nonce, wrapped key and body are fresh each time.
    assert_memory_equal (a.data, b.data, 2);
    assert_memory_not_equal (a.data + 2, b.data + 2, 24);
    assert_memory_not_equal (a.data + 26, b.data + 26, 48);
    assert_memory_not_equal (a.data + 74, b.data + 74, body.size + 16);
    buffer_free (&a);
    buffer_free (&b);
}

static void
test_every_changed_byte_is_found (void **state)
{
    fixture_t *self = *state;
    buffer_t sealed = {0};
    vault_seal (self->vault, id, body, &sealed);
    for (size_t bit = 0; bit < sealed.size * 8; bit++) {
        sealed.data[bit / 8] ^= (char)(1 << bit % 8);
        assert_stays_shut (self->vault, id, buffer_slice (&sealed));
        sealed.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    assert_opens (self->vault, id, buffer_slice (&sealed), body);
    for (size_t size = 0; size < sealed.size; size++)
        assert_stays_shut (self->vault, id, (slice_t){sealed.data, size});
    buffer_append (&sealed, "", 1);
    assert_stays_shut (self->vault, id, buffer_slice (&sealed));
    buffer_free (&sealed);
}

static void
test_another_id_stays_shut (void **state)
{
    fixture_t *self = *state;
    buffer_t sealed = {0};
    vault_seal (self->vault, id, body, &sealed);
    assert_stays_shut (self->vault, SLICE ("H49.tcd-tinh-261120-0002M"), buffer_slice (&sealed));
    assert_stays_shut (self->vault, (slice_t){NULL, 0}, buffer_slice (&sealed));
    buffer_free (&sealed);
}

//  Front (nonce and wrapped key) of one petition with the body of another.
static void
test_halves_cannot_be_exchanged (void **state)
{
    fixture_t *self = *state;
    buffer_t a = {0}, b = {0};
    vault_seal (self->vault, id, body, &a);
    vault_seal (self->vault, id, body, &b);
    memcpy (a.data + 74, b.data + 74, a.size - 74);
    assert_stays_shut (self->vault, id, buffer_slice (&a));
    buffer_free (&a);
    buffer_free (&b);
}

static void
test_another_key_stays_shut (void **state)
{
    fixture_t *self = *state;
    buffer_t sealed = {0};
    vault_seal (self->vault, id, body, &sealed);
    assert_int_equal (vault_create (self->other_path, NULL), 0);
    vault_t *other = vault_new (self->other_path, NULL);
    assert_stays_shut (other, id, buffer_slice (&sealed));
    vault_destroy (&other);
    other = vault_new (self->path, NULL);
    assert_opens (other, id, buffer_slice (&sealed), body);
    vault_destroy (&other);
    buffer_free (&sealed);
}

static void
test_hashes_are_keyed_and_apart (void **state)
{
    fixture_t *self = *state;
    uint8_t a[16], b[16];
    vault_hash (self->vault, "key", SLICE ("0912 345 678"), a);
    vault_hash (self->vault, "key", SLICE ("0912 345 678"), b);
    assert_memory_equal (a, b, 16);
    vault_hash (self->vault, "phone", SLICE ("0912 345 678"), b);
    assert_memory_not_equal (a, b, 16);
    vault_hash (self->vault, "key", SLICE ("0912 345 679"), b);
    assert_memory_not_equal (a, b, 16);
    assert_int_equal (vault_create (self->other_path, NULL), 0);
    vault_t *other = vault_new (self->other_path, NULL);
    vault_hash (other, "key", SLICE ("0912 345 678"), b);
    assert_memory_not_equal (a, b, 16);
    vault_destroy (&other);
}

static void
assert_file_refused (const char *path, const char *why)
{
    refusal_t refusal = {0};
    assert_null (vault_new (path, &refusal));
    assert_string_equal (refusal.field, "vault key");
    assert_non_null (strstr (refusal.text, path));
    assert_non_null (strstr (refusal.text, why));
}

#define HEX_32 "00112233445566778899aabbccddeeff"

static void
test_key_files_are_checked (void **state)
{
    fixture_t *self = *state;
    struct stat status;
    assert_int_equal (stat (self->path, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0600);
    assert_int_equal (status.st_size, 65);
    assert_file_refused ("/nowhere/vault.key", "No such file");
    static const char *const wrong[] = {"", "\n", HEX_32, HEX_32 HEX_32 "0", HEX_32 HEX_32 "\n\n",
        HEX_32 "0011223344556677 899aabbccddeef", HEX_32 "0011223344556677x899aabbccddeeff"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_file (self->other_path, wrong[i], 0600);
        assert_file_refused (self->other_path, "64 hex digits");
    }
    static const mode_t open_modes[] = {0640, 0604, 0620, 0601};
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        write_file (self->other_path, HEX_32 HEX_32 "\n", open_modes[i]);
        assert_file_refused (self->other_path, "chmod 600");
    }
    write_file (self->other_path, HEX_32 HEX_32, 0400);
    vault_t *vault = vault_new (self->other_path, NULL);
    assert_non_null (vault);
    vault_destroy (&vault);
}

static void
test_no_key_is_overwritten (void **state)
{
    fixture_t *self = *state;
    refusal_t refusal = {0};
    assert_int_equal (vault_create (self->path, &refusal), -1);
    assert_non_null (strstr (refusal.text, "exists"));
    assert_int_equal (vault_create ("/nowhere/vault.key", &refusal), -1);
}

//  A body sealed by this version must open in every later one.
static void
test_the_format_stays (void **state)
{
    fixture_t *self = *state;
    write_file (self->other_path, HEX_32 HEX_32 "\n", 0600);
    vault_t *vault = vault_new (self->other_path, NULL);
    static const char sealed[] =
        "\x01\xfa\x22\xf8\xb0\x18\x69\x57\x43\x73\x87\xfd\xed\x88\xe6\x61\xd4\x9a\x86\x88"
        "\x3c\xc7\xd3\xd7\x31\x3d\xfb\xa7\xb7\x73\x6c\x0b\xe9\x6c\xc3\x47\x28\x2d\xb1\xa1"
        "\x9a\x36\xec\x3b\x86\x1a\x43\xf2\x16\x5d\x1f\x3b\x4e\xc9\x52\x4c\x90\xd9\x78\xfe"
        "\x0e\x9c\xec\x8c\x4e\xa2\xc7\xa1\xc7\x08\x59\x89\x6e\xe0\x85\x82\x2e\xf9\xe6\x8c"
        "\xd8\x91\x8b\x88\xba\x36\xa0\x8a\xed\x45\x24\x61\x23\xcd\xff\x52\xa7\x5d\x75\xf6"
        "\x55\x4a\x88\x38\x85\xe5\xf9\xea\xc3\x6e\xb4\xc9\xf7\x73\x1e\xd5\x9e\x69\xdf\x71"
        "\x33\x28";
    assert_opens (vault, id, (slice_t){sealed, sizeof sealed - 1}, SLICE ("một việc, một đầu mối"));
    uint8_t hash[16];
    vault_hash (vault, "key", SLICE ("0190f7c2"), hash);
    assert_memory_equal (
        hash, "\xc6\x01\x37\x49\x0d\x4f\xd0\xb9\x05\xe9\xf0\x9a\x9a\xa2\xf1\x9b", 16);
    vault_destroy (&vault);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_what_is_sealed_opens),
        TEST (test_nothing_shows_and_nothing_repeats),
        TEST (test_every_changed_byte_is_found),
        TEST (test_another_id_stays_shut),
        TEST (test_halves_cannot_be_exchanged),
        TEST (test_another_key_stays_shut),
        TEST (test_hashes_are_keyed_and_apart),
        TEST (test_key_files_are_checked),
        TEST (test_no_key_is_overwritten),
        TEST (test_the_format_stays),
    };
    return cmocka_run_group_tests_name ("vault", tests, NULL, NULL);
}
