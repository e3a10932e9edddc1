//  Sealing what is personal before it reaches Redis (promise 9).
//
//  Each petition has a fresh key of its own; that key is wrapped by the vault key and stored in
//  front of the sealed body, so that destroying it destroys the petition. XChaCha20-Poly1305 by
//  libsodium; the petition's id is bound to both layers: a body moved under another id stays shut.
//
//      version 1 | key id 1 | nonce 24 | wrapped key 32+16 | sealed body n+16

#ifndef DAUMOI_VAULT_H
#define DAUMOI_VAULT_H

#include "base.h"

enum { VAULT_KEY = 32, VAULT_OVERHEAD = 1 + 1 + 24 + 48 + 16 };

typedef struct vault vault_t;

//  Reads a key file (32 bytes as 64 hex digits and a newline; refused when group or others can
//  read it). NULL with the reason. The key sits in locked memory.
vault_t *vault_new (const char *key_file, refusal_t *refusal);
void vault_destroy (vault_t **self_p);
//  Makes a new key file, mode 0600; refuses to overwrite one.
int vault_create (const char *key_file, refusal_t *refusal);

//  Appends the sealed form of `body` to out.
void vault_seal (const vault_t *self, slice_t id, slice_t body, buffer_t *out);
//  Appends the body to out; -1 when it was not sealed here, for this id, or was changed.
int vault_open (const vault_t *self, slice_t id, slice_t sealed, buffer_t *out);

//  Keyed 16-byte hash, to look something up without storing it (repeat keys; phones later).
void vault_hash (const vault_t *self, const char *purpose, slice_t data, uint8_t out[16]);

#endif
