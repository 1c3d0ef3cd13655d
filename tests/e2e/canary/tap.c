/*
 * Preloaded into a daemon by the canary test: writes every plaintext that the daemon's channel decrypts to the file
 * named by CONCORD_TAP, with CONCORD_TAP_LENGTHS behind its length, u32 of the machine. So the test sees what the
 * daemon sees, and the daemon needs no door for it.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <pthread.h>

typedef int decrypt_function(unsigned char *, unsigned long long *, unsigned char *, const unsigned char *,
                             unsigned long long, const unsigned char *, unsigned long long, const unsigned char *,
                             const unsigned char *);

int crypto_aead_chacha20poly1305_ietf_decrypt(unsigned char *m, unsigned long long *mlen, unsigned char *nsec,
                                              const unsigned char *c, unsigned long long clen, const unsigned char *ad,
                                              unsigned long long adlen, const unsigned char *npub,
                                              const unsigned char *k);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void record(const unsigned char *data, unsigned long long len)
{
    const char *path = getenv("CONCORD_TAP");
    pthread_mutex_lock(&lock);
    FILE *f = path != NULL ? fopen(path, "ab") : NULL;
    if (f != NULL) {
        const unsigned length = (unsigned)len;
        if (getenv("CONCORD_TAP_LENGTHS") != NULL)
            fwrite(&length, sizeof length, 1, f);
        fwrite(data, 1, (size_t)len, f);
        fclose(f);
    }
    pthread_mutex_unlock(&lock);
}

int crypto_aead_chacha20poly1305_ietf_decrypt(unsigned char *m, unsigned long long *mlen, unsigned char *nsec,
                                              const unsigned char *c, unsigned long long clen, const unsigned char *ad,
                                              unsigned long long adlen, const unsigned char *npub,
                                              const unsigned char *k)
{
    decrypt_function *real;
    *(void **)&real = dlsym(RTLD_NEXT, "crypto_aead_chacha20poly1305_ietf_decrypt");
    unsigned long long len = 0;
    int rc = real(m, &len, nsec, c, clen, ad, adlen, npub, k);
    if (mlen != NULL)
        *mlen = len;
    if (rc == 0 && m != NULL)
        record(m, len);
    return rc;
}
