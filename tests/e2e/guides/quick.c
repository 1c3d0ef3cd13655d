/* Preloaded, passphrases are stretched as little as libsodium allows: the guides open identities dozens of times. */
#include <sodium.h>

int crypto_pwhash(unsigned char *const out, unsigned long long outlen, const char *const passwd,
                  unsigned long long passwdlen, const unsigned char *const salt, unsigned long long opslimit,
                  size_t memlimit, int alg)
{
    (void)opslimit;
    (void)memlimit;
    return crypto_pwhash_argon2id(out, outlen, passwd, passwdlen, salt, crypto_pwhash_argon2id_OPSLIMIT_MIN,
                                  crypto_pwhash_argon2id_MEMLIMIT_MIN, alg);
}
