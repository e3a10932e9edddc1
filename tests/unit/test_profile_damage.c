#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile.h"
#include "profile_copy.h"

//  A file cut off or damaged anywhere is refused or loaded, but never a crash (run under ASan).

static profile_copy_t copy;

//  Of the rows of the long lists only a few of each kind, so that a load takes a few milliseconds.
static const char *const kept_rows[] = {"id: ha-tu,", "id: van-don,", "{name: Hạ Long,",
    "{name: Vân Đồn,", "now: [van-don]", "now: [ha-tu]"};

static bool
is_kept (slice_t line)
{
    bool row = line.size > 5 && memcmp (line.ptr, "  - {", 5) == 0;
    for (size_t i = 0; row && i < sizeof kept_rows / sizeof *kept_rows; i++)
        if (memmem (line.ptr, line.size, kept_rows[i], strlen (kept_rows[i])))
            return true;
    return !row;
}

static void
shrink (const char *file)
{
    buffer_t bytes = profile_copy_read (copy.folder, file), out = {0};
    for (const char *at = bytes.data; *at;) {
        size_t size = strcspn (at, "\n") + 1;
        if (is_kept ((slice_t){at, size}))
            buffer_append (&out, at, size);
        at += size;
    }
    profile_copy_write (&copy, file, buffer_slice (&out));
    buffer_free (&bytes);
    buffer_free (&out);
}

static int
make_small_copy (void **state)
{
    (void)state;
    profile_copy_make (&copy);
    shrink ("communes.yaml");
    shrink ("places.yaml");
    profile_t *profile = profile_load (copy.folder, NULL, NULL);
    assert_non_null (profile);
    profile_destroy (&profile);
    return 0;
}

static int
remove_copy (void **state)
{
    (void)state;
    profile_copy_remove (&copy);
    return 0;
}

//  Returns whether it loaded.
static bool
try_content (const char *file, slice_t content)
{
    buffer_t errors = {0};
    refusal_t refusal = {0};
    profile_copy_write (&copy, file, content);
    profile_t *profile = profile_load (copy.folder, &errors, &refusal);
    bool loaded = profile != NULL;
    assert_int_equal (loaded, errors.size == 0);
    assert_int_equal (refusal.code, loaded ? REFUSAL_DONE : REFUSAL_INVALID);
    assert_true (loaded || strstr (refusal.field, ".yaml:"));
    profile_destroy (&profile);
    buffer_free (&errors);
    return loaded;
}

static void
test_files_cut_off_anywhere (void **state)
{
    (void)state;
    size_t refused = 0, tried = 0;
    for (size_t i = 0; i < PROFILE_COPY_FILES; i++) {
        buffer_t bytes = profile_copy_read (copy.folder, profile_copy_files[i]);
        for (size_t size = 0; size < bytes.size; size += 97, tried++)
            refused += !try_content (profile_copy_files[i], (slice_t){bytes.data, size});
        profile_copy_write (&copy, profile_copy_files[i], buffer_slice (&bytes));
        buffer_free (&bytes);
    }
    assert_true (refused > tried / 2); // of a cut calendar only days are missing
}

static void
test_files_damaged_anywhere (void **state)
{
    (void)state;
    const char damage[] = "{}[]:-|#\"'\n\t x\xff";
    size_t turn = 0, refused = 0;
    for (size_t i = 0; i < PROFILE_COPY_FILES; i++) {
        buffer_t bytes = profile_copy_read (copy.folder, profile_copy_files[i]);
        for (size_t at = 0; at < bytes.size; at += 97) {
            char kept = bytes.data[at];
            bytes.data[at] = damage[turn++ % (sizeof damage - 1)];
            refused += !try_content (profile_copy_files[i], buffer_slice (&bytes));
            bytes.data[at] = kept;
        }
        profile_copy_write (&copy, profile_copy_files[i], buffer_slice (&bytes));
        buffer_free (&bytes);
    }
    assert_true (refused > turn / 4); // a damaged name is still a name
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_files_cut_off_anywhere, make_small_copy, remove_copy),
        cmocka_unit_test_setup_teardown (test_files_damaged_anywhere, make_small_copy, remove_copy),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
