/*
 * Preloaded into an agency's client by tests: a client that is broken, or lies. Every entry that it seals has a bit
 * changed, so that nobody can open it.
 */
#include <dlfcn.h>
#include <sodium.h>

#define SLOTS 160 /* four slots of 40 bytes: nothing else that a client seals is so long */

int crypto_aead_xchacha20poly1305_ietf_encrypt(unsigned char *c, unsigned long long *clen, const unsigned char *m,
                                               unsigned long long mlen, const unsigned char *ad,
                                               unsigned long long adlen, const unsigned char *nsec,
                                               const unsigned char *npub, const unsigned char *k)
{
    int (*real)(unsigned char *, unsigned long long *, const unsigned char *, unsigned long long, const unsigned char *,
                unsigned long long, const unsigned char *, const unsigned char *, const unsigned char *);
    *(void **)&real = dlsym(RTLD_NEXT, "crypto_aead_xchacha20poly1305_ietf_encrypt");
    const int rc = real(c, clen, m, mlen, ad, adlen, nsec, npub, k);
    if (mlen == SLOTS)
        c[0] ^= 1;
    return rc;
}
