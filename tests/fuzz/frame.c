/* Frames as they come off the network: at the server's table of sessions, and handshake answers at a client. */
#include "protocol/rpc/sessions.h"
#include "protocol/identity/identity.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static struct identity server, client;

static int authorise(void *context, const uint8_t channel[32], char name[PARTY_NAME_MAX + 1], uint8_t psk[32],
                     struct err *err)
{
    (void)context;
    (void)channel;
    (void)err;
    strcpy(name, "THA");
    memset(psk, 0, 32);
    return 0;
}

static struct sessions *table(void)
{
    static struct sessions *sessions;
    if (sessions == NULL) {
        fuzz_identity(&server, "matcher", 1);
        fuzz_identity(&client, "THA", 2);
        const struct sessions_options options = {server.channel_secret, authorise, NULL};
        if (sessions_new(&sessions, &options, ERR_IGNORED) != 0)
            abort();
    }
    return sessions;
}

/* The client is in the middle of a handshake that the input claims to answer. */
static void answer_a_client(struct span frame)
{
    static const uint8_t ephemeral[32] = {9}, psk[32];
    uint8_t first[FRAME_HANDSHAKE1_SIZE], hello[FRAME_HELLO2_SIZE] = {0};
    struct noise noise;
    struct err err = {0};
    if (frame.len != FRAME_HANDSHAKE2_SIZE)
        return;
    noise_initiator(&noise, NOISE_IKPSK2, SESSION_PROLOGUE, strlen(SESSION_PROLOGUE), client.channel_secret,
                    server.party.channel, ephemeral);
    FUZZ_HOLDS(noise_write1(&noise, first + 1, hello, FRAME_HELLO1_SIZE, &err) == 0);
    FUZZ_HOLDS(noise_read2(&noise, hello, psk, frame.data + 1, frame.len - 1, &err) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span frame = span_of(data, size);
    struct sessions *sessions = table();
    struct reply_key key;
    struct buf plain = buf_of(1 << 16);
    uint8_t answer[FRAME_HANDSHAKE2_SIZE];
    struct err err = {0};
    if (size > 0 && data[0] == FRAME_HANDSHAKE1 && sessions_accept(sessions, frame, answer, &err) != 0)
        FUZZ_HOLDS(err.text[0] != '\0');
    /* Nobody here knows a session's key. */
    FUZZ_HOLDS(sessions_open(sessions, frame, &plain, &key, &err) != 0 && plain.len == 0);
    answer_a_client(frame);
    buf_free(&plain);
    return 0;
}
