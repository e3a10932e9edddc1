#include "vault.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    VERSION = 1,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    WRAPPED = VAULT_KEY + TAG,
    HEAD = 2, // version and key id
    HEX = VAULT_KEY * 2,
};
_Static_assert(VAULT_OVERHEAD == HEAD + NONCE + WRAPPED + TAG, "as vault.h draws it");

//  Three keys from the one in the file, so that no key has two uses.
struct vault {
    uint8_t wrap[VAULT_KEY];
    uint8_t hash[VAULT_KEY];
    uint8_t key_id; // says quickly that a body was sealed under another vault key
};

//  --- the key file

static int
refuse_file (refusal_t *refusal, const char *path, const char *why)
{
    return refuse (refusal, REFUSAL_INVALID, "vault key", "%s: %s", path, why);
}

static int
check_mode (int fd, const char *path, refusal_t *refusal)
{
    struct stat status;
    if (fstat (fd, &status))
        return refuse_file (refusal, path, strerror (errno));
    if (status.st_mode & 077)
        return refuse_file (
            refusal, path, "others can read this key; take their rights away with chmod 600");
    return 0;
}

//  64 hex digits and at most one newline.
static int
parse_key (const char *text, size_t size, uint8_t key[VAULT_KEY])
{
    if (size == HEX + 1 && text[HEX] == '\n')
        size--;
    size_t bytes;
    if (size != HEX || sodium_hex2bin (key, VAULT_KEY, text, size, NULL, &bytes, NULL))
        return -1;
    return bytes == VAULT_KEY ? 0 : -1;
}

static int
read_key_from (int fd, const char *path, uint8_t key[VAULT_KEY], refusal_t *refusal)
{
    if (check_mode (fd, path, refusal))
        return -1;
    char text[HEX + 2]; // one more than allowed, to see that there is more
    ssize_t size = read (fd, text, sizeof text);
    int done = size < 0 ? -1 : parse_key (text, (size_t)size, key);
    sodium_memzero (text, sizeof text);
    if (done)
        return refuse_file (refusal, path, "must hold a key of 64 hex digits and a newline");
    return 0;
}

static int
read_key (const char *path, uint8_t key[VAULT_KEY], refusal_t *refusal)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return refuse_file (refusal, path, strerror (errno));
    int done = read_key_from (fd, path, key, refusal);
    close (fd);
    return done;
}

static void
need_sodium (void)
{
    if (sodium_init () < 0)
        die ("libsodium cannot start: no source of random numbers");
}

static void
derive (vault_t *self, const uint8_t key[VAULT_KEY])
{
    static const char context[crypto_kdf_CONTEXTBYTES] = {'d', 'a', 'u', 'm', 'o', 'i', 'v', '1'};
    uint8_t id[crypto_kdf_BYTES_MIN];
    crypto_kdf_derive_from_key (self->wrap, sizeof self->wrap, 1, context, key);
    crypto_kdf_derive_from_key (self->hash, sizeof self->hash, 2, context, key);
    crypto_kdf_derive_from_key (id, sizeof id, 3, context, key);
    self->key_id = id[0];
}

vault_t *
vault_new (const char *key_file, refusal_t *refusal)
{
    need_sodium ();
    uint8_t key[VAULT_KEY];
    if (read_key (key_file, key, refusal))
        return NULL;
    vault_t *self = sodium_malloc (sizeof *self);
    if (!self)
        die ("no locked memory for the vault key");
    derive (self, key);
    sodium_memzero (key, sizeof key);
    sodium_mprotect_readonly (self);
    return self;
}

void
vault_destroy (vault_t **self_p)
{
    assert (self_p);
    sodium_free (*self_p); // wipes it
    *self_p = NULL;
}

//  The new name must be on disk too, or a power cut takes the key and with it every petition.
static int
sync_folder (const char *path)
{
    char *copy = mem_copy (slice_from (path));
    int fd = open (dirname (copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free (copy);
    if (fd < 0)
        return -1;
    int done = fsync (fd);
    close (fd);
    return done;
}

static int
write_key (int fd)
{
    uint8_t key[VAULT_KEY];
    char text[HEX + 1];
    randombytes_buf (key, sizeof key);
    sodium_bin2hex (text, sizeof text, key, sizeof key);
    text[HEX] = '\n';
    int done = write (fd, text, sizeof text) == sizeof text && fsync (fd) == 0 ? 0 : -1;
    sodium_memzero (key, sizeof key);
    sodium_memzero (text, sizeof text);
    return done;
}

int
vault_create (const char *key_file, refusal_t *refusal)
{
    need_sodium ();
    int fd = open (key_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return refuse_file (refusal, key_file, strerror (errno));
    int done = write_key (fd);
    if (close (fd) || done || sync_folder (key_file)) {
        refuse_file (refusal, key_file, strerror (errno));
        unlink (key_file);
        return -1;
    }
    return 0;
}

//  --- sealing
//
//  Both layers use the one nonce, each under a key of its own; the petition's key is never used
//  again. What is bound to them: the head, which layer it is, and the petition's id.

typedef struct {
    const uint8_t *key;
    const uint8_t *nonce;
    buffer_t bound;
} layer_t;

static layer_t
layer_new (const uint8_t *key, const uint8_t *nonce, const char *head, char which, slice_t id)
{
    layer_t layer = {.key = key, .nonce = nonce};
    buffer_append (&layer.bound, head, HEAD);
    buffer_append (&layer.bound, &which, 1);
    buffer_append (&layer.bound, id.ptr, id.size);
    return layer;
}

//  Seals `size` bytes in place; there must be room for the tag behind them.
static void
layer_seal (layer_t *self, char *data, size_t size)
{
    crypto_aead_xchacha20poly1305_ietf_encrypt ((uint8_t *)data, NULL, (uint8_t *)data, size,
        (uint8_t *)self->bound.data, self->bound.size, NULL, self->nonce, self->key);
    buffer_free (&self->bound);
}

//  Opens in place what is `size` bytes with its tag; -1 when it was not sealed so.
static int
layer_open (layer_t *self, char *data, size_t size)
{
    int done =
        crypto_aead_xchacha20poly1305_ietf_decrypt ((uint8_t *)data, NULL, NULL, (uint8_t *)data,
            size, (uint8_t *)self->bound.data, self->bound.size, self->nonce, self->key);
    buffer_free (&self->bound);
    return done;
}

void
vault_seal (const vault_t *self, slice_t id, slice_t body, buffer_t *out)
{
    static const char tag[TAG];
    const char head[HEAD] = {VERSION, (char)self->key_id};
    uint8_t nonce[NONCE];
    char wrapped[WRAPPED];
    randombytes_buf (nonce, sizeof nonce);
    uint8_t key[VAULT_KEY];
    randombytes_buf (key, sizeof key);
    memcpy (wrapped, key, sizeof key);
    layer_t layer = layer_new (self->wrap, nonce, head, 'k', id);
    layer_seal (&layer, wrapped, VAULT_KEY);
    buffer_append (out, head, HEAD);
    buffer_append (out, nonce, NONCE);
    buffer_append (out, wrapped, WRAPPED);
    size_t start = out->size;
    buffer_append (out, body.ptr, body.size);
    buffer_append (out, tag, TAG);
    layer = layer_new (key, nonce, head, 'b', id);
    layer_seal (&layer, out->data + start, body.size);
    sodium_memzero (key, sizeof key);
}

//  Opens the body in `out` with the unwrapped key; leaves out as it was when it does not fit.
static int
open_body (layer_t layer, slice_t sealed, buffer_t *out)
{
    size_t start = out->size;
    buffer_append (out, sealed.ptr, sealed.size);
    int done = layer_open (&layer, out->data + start, sealed.size);
    out->size = done ? start : start + sealed.size - TAG;
    return done;
}

int
vault_open (const vault_t *self, slice_t id, slice_t sealed, buffer_t *out)
{
    if (sealed.size < VAULT_OVERHEAD || sealed.ptr[0] != VERSION ||
        (uint8_t)sealed.ptr[1] != self->key_id)
        return -1;
    const uint8_t *nonce = (const uint8_t *)sealed.ptr + HEAD;
    char wrapped[WRAPPED];
    memcpy (wrapped, nonce + NONCE, WRAPPED);
    layer_t layer = layer_new (self->wrap, nonce, sealed.ptr, 'k', id);
    if (layer_open (&layer, wrapped, WRAPPED))
        return -1;
    const size_t front = HEAD + NONCE + WRAPPED;
    slice_t body = {sealed.ptr + front, sealed.size - front};
    int done = open_body (layer_new ((uint8_t *)wrapped, nonce, sealed.ptr, 'b', id), body, out);
    sodium_memzero (wrapped, sizeof wrapped);
    return done;
}

void
vault_hash (const vault_t *self, const char *purpose, slice_t data, uint8_t out[16])
{
    //  A key for each purpose: hashes of one are of no use for another.
    uint8_t key[VAULT_KEY];
    crypto_generichash (
        key, sizeof key, (const uint8_t *)purpose, strlen (purpose), self->hash, sizeof self->hash);
    crypto_generichash (out, 16, (const uint8_t *)data.ptr, data.size, key, sizeof key);
    sodium_memzero (key, sizeof key);
}
