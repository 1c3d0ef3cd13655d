#include "protocol/identity/passphrase.h"

#include "protocol/base/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define KEY_SIZE crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define SALT_SIZE crypto_pwhash_SALTBYTES
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEALED_SIZE (PASSPHRASE_SECRET_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES)

static int stretch(uint8_t key[static KEY_SIZE], const char *passphrase, const uint8_t salt[static SALT_SIZE],
                   struct err *err)
{
    if (crypto_pwhash(key, KEY_SIZE, passphrase, strlen(passphrase), salt, crypto_pwhash_OPSLIMIT_MODERATE,
                      crypto_pwhash_MEMLIMIT_MODERATE, crypto_pwhash_ALG_ARGON2ID13) != 0)
        return err_set(err, ERR_NO_MEMORY, "out of memory: Argon2id needs %u MiB",
                       (unsigned)(crypto_pwhash_MEMLIMIT_MODERATE >> 20));
    return 0;
}

int passphrase_seal(struct buf *out, const uint8_t secret[static PASSPHRASE_SECRET_SIZE], const char *name,
                    const char *passphrase, struct err *err)
{
    uint8_t salt[SALT_SIZE], nonce[NONCE_SIZE], key[KEY_SIZE], sealed[SEALED_SIZE];
    char a[2 * SALT_SIZE + 1], b[2 * NONCE_SIZE + 1], c[2 * SEALED_SIZE + 1];
    randombytes_buf(salt, sizeof salt);
    randombytes_buf(nonce, sizeof nonce);
    int rc = stretch(key, passphrase, salt, err);
    if (rc == 0) {
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, secret, PASSPHRASE_SECRET_SIZE, (const uint8_t *)name,
                                                   strlen(name), NULL, nonce, key);
        rc = buf_printf(out, err, "%s %s %s", bytes_to_hex(a, salt, sizeof salt), bytes_to_hex(b, nonce, sizeof nonce),
                        bytes_to_hex(c, sealed, sizeof sealed));
    }
    sodium_memzero(key, sizeof key);
    return rc;
}

int passphrase_open(uint8_t secret[static PASSPHRASE_SECRET_SIZE], char *text, const char *name, const char *path,
                    const char *passphrase, struct err *err)
{
    uint8_t salt[SALT_SIZE], nonce[NONCE_SIZE], sealed[SEALED_SIZE], key[KEY_SIZE];
    char asked[PASSPHRASE_MAX] = "", *rest = NULL;
    const char *a = strtok_r(text, " ", &rest), *b = strtok_r(NULL, " ", &rest), *c = strtok_r(NULL, " ", &rest);
    if (a == NULL || b == NULL || c == NULL || !bytes_from_hex(salt, sizeof salt, a) ||
        !bytes_from_hex(nonce, sizeof nonce, b) || !bytes_from_hex(sealed, sizeof sealed, c))
        return err_set(err, ERR_INPUT, "%s is damaged", path);
    int rc = passphrase == NULL ? passphrase_read(asked, path, err) : 0;
    if (rc == 0)
        rc = stretch(key, passphrase == NULL ? asked : passphrase, salt, err);
    if (rc == 0 && crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, sealed, sizeof sealed,
                                                              (const uint8_t *)name, strlen(name), nonce, key) != 0)
        rc = err_set(err, ERR_VERIFY, "%s: wrong passphrase, or the file is damaged", path);
    sodium_memzero(key, sizeof key);
    sodium_memzero(asked, sizeof asked);
    return rc;
}

/* A byte, or none: an interrupt, which only comes here, or the end. */
static bool read_byte(char *out, int tty, const sigset_t *open)
{
    struct pollfd poll = {.fd = tty, .events = POLLIN};
    return ppoll(&poll, 1, NULL, open) == 1 && read(tty, out, 1) == 1;
}

/* Read by hand: a FILE would keep the passphrase in a buffer of its own. */
static bool read_line(char out[static PASSPHRASE_MAX], int tty, const sigset_t *open)
{
    size_t len = 0;
    bool got = false;
    while (len < PASSPHRASE_MAX - 1 && (got = read_byte(out + len, tty, open)) && out[len] != '\n')
        len++;
    out[len] = '\0';
    return got;
}

static void note_interrupt(int signal)
{
    (void)signal;
}

/*
 * Without echo from the terminal; ERR_USAGE where there is none. Ctrl-C ends the reading, not the process, which would
 * leave the terminal without echo; it is let in while a byte is waited for, so that none is lost before.
 */
static int ask(char out[static PASSPHRASE_MAX], const char *path, struct err *err)
{
    struct termios old, quiet;
    const struct sigaction noted = {.sa_handler = note_interrupt};
    struct sigaction usual;
    sigset_t interrupt, before, open_to;
    int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (tty < 0)
        return err_set(err, ERR_USAGE, "%s needs a passphrase and there is no terminal: set CONCORD_PASSPHRASE_FILE",
                       path);
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(SIG_BLOCK, &interrupt, &before);
    open_to = before;
    sigdelset(&open_to, SIGINT);
    sigaction(SIGINT, &noted, &usual);
    bool hidden = tcgetattr(tty, &old) == 0;
    if (hidden) {
        quiet = old;
        quiet.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(tty, TCSAFLUSH, &quiet); /* before the prompt: it forgets what was typed */
    }
    dprintf(tty, "passphrase for %s: ", path);
    bool got = read_line(out, tty, &open_to);
    if (hidden)
        tcsetattr(tty, TCSAFLUSH, &old);
    sigaction(SIGINT, &usual, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    dprintf(tty, "\n");
    close(tty);
    return got ? 0 : err_set(err, ERR_USAGE, "no passphrase given for %s", path);
}

int passphrase_read(char out[static PASSPHRASE_MAX], const char *path, struct err *err)
{
    const char *file = getenv("CONCORD_PASSPHRASE_FILE");
    struct buf text = buf_of(PASSPHRASE_MAX - 1);
    int rc = file != NULL ? file_read(&text, file, err) : ask(out, path, err);
    if (rc != 0 && file != NULL)
        err_wrap(err, "the passphrase for %s is to be read from the file that CONCORD_PASSPHRASE_FILE names", path);
    if (rc == 0 && file != NULL) {
        memcpy(out, text.data, text.len);
        out[text.len] = '\0';
    }
    if (rc == 0)
        out[strcspn(out, "\r\n")] = '\0';
    buf_free(&text);
    return rc;
}
