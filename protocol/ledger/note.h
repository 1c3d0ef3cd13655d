/*
 * Signed notes, checkpoints and cosignatures, to the byte as C2SP signed-note, tlog-checkpoint and tlog-cosignature v1
 * say, so that existing tools read ours.
 *
 *     origin\nsize\nbase64(root)\n  \n  "— " name " " base64(key id || signature)\n ...
 */
#ifndef PROTOCOL_LEDGER_NOTE_H
#define PROTOCOL_LEDGER_NOTE_H

#include "protocol/ledger/merkle.h"

#define NOTE_NAME_MAX 255
#define NOTE_MAX 8192
#define NOTE_SIGNATURES_MAX 64

enum note_key { NOTE_ED25519 = 0x01, NOTE_COSIGNATURE = 0x04 };

struct checkpoint {
    char origin[NOTE_NAME_MAX + 1];
    uint64_t size;
    struct hash root;
};

/* "<region>/<party>": the origin of a party's log and the name of its log key. */
int ledger_origin(char out[NOTE_NAME_MAX + 1], const char *region, const char *party, struct err *err);

/* "<region>/<party>/witness": the name under which a party cosigns. */
int witness_name(char out[NOTE_NAME_MAX + 1], const char *region, const char *party, struct err *err);

/* First 4 bytes of SHA-256(name || 0x0A || type || key). */
void note_key_id(uint8_t out[4], const char *name, enum note_key type, const uint8_t key[32]);

/* Verifier key: name+hex(id)+base64(type || key). Appends. */
int note_verifier_key(struct buf *out, const char *name, enum note_key type, const uint8_t key[32], struct err *err);

/* Appends a checkpoint signed by the log: its origin is the key's name. */
int checkpoint_sign(struct buf *out, const struct checkpoint *checkpoint, const uint8_t secret[64], struct err *err);

/*
 * Parses the body strictly (no leading zeroes, no extension lines, no control characters). *body: the bytes that are
 * signed; *signatures: the lines behind the blank one. ERR_INPUT.
 */
int checkpoint_parse(struct checkpoint *out, struct span note, struct span *body, struct span *signatures,
                     struct err *err);

/* Parses and checks the signature of the log itself with its public key. ERR_VERIFY if there is none that verifies. */
int checkpoint_verify(struct checkpoint *out, struct span note, const uint8_t log_key[32], struct err *err);

/* Appends the line of a cosignature, made at `time` (seconds since 1970), over the body of a checkpoint. */
int cosignature_sign(struct buf *out, struct span body, const char *name, uint64_t time, const uint8_t secret[64],
                     struct err *err);

/* Looks for a cosignature by this key among the note's signature lines; *time is when it was made. ERR_VERIFY. */
int cosignature_verify(struct span note, const char *name, const uint8_t key[32], uint64_t *time, struct err *err);

#endif
