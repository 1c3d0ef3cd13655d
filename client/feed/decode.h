/* The bytes of a feed as UTF-8, whatever it is written in; streamed, with a way back. For this folder alone. */
#ifndef CLIENT_FEED_DECODE_H
#define CLIENT_FEED_DECODE_H

#include "protocol/base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <unicode/ucnv.h>

#define DECODE_RAW (16u << 10)
#define DECODE_OUT (3 * DECODE_RAW) /* bytes: no encoding needs more of UTF-8 for a byte of its own */
#define DECODE_ENCODINGS "utf-8, utf-16, windows-1252, windows-1258, windows-874, gb18030, big5, shift_jis, euc-kr"

struct decode {
    int fd;
    UConverter *from; /* NULL: UTF-8, which is handed on as it is, mistakes included */
    char raw[DECODE_RAW];
    size_t raw_len; /* read, and not handed on yet: the beginning, or of a character whose end is not there yet */
    off_t at;       /* in the file, behind raw */
    bool ended;
};

/*
 * path: for messages. encoding: one of DECODE_ENCODINGS in any case, "" for UTF-8 or UTF-16, told apart by the
 * beginning. fd is borrowed. ERR_USAGE: no such encoding. ERR_INPUT: it is not text, says what it is instead.
 */
int decode_begin(struct decode *d, int fd, const char *path, const char *encoding, struct err *err);
void decode_end(struct decode *d);

/* The next bytes, up to DECODE_OUT; *len 0 at the end. What cannot be read becomes U+FFFD. */
int decode_next(struct decode *d, const char *path, char out[DECODE_OUT], size_t *len, struct err *err);

/* Where in the file what decode_next() gives next begins; and back to there. */
off_t decode_mark(const struct decode *d);
int decode_go_back(struct decode *d, const char *path, off_t mark, struct err *err);

#endif
