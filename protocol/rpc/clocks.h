/*
 * In a handshake both sides tell each other the time. Where their clocks differ by more than CLOCKS_APART seconds, each
 * says so in its log: requests that seem to come from the future, or from long ago, are refused, and events get a wrong
 * date, before anybody looks at a clock. Private to rpc/.
 */
#ifndef PROTOCOL_RPC_CLOCKS_H
#define PROTOCOL_RPC_CLOCKS_H

#include <stdint.h>

#define CLOCKS_APART 300         /* seconds: what a request may be ahead */
#define CLOCKS_AGAIN_MS 3600000u /* of one peer it is said once in so long, or when it is another difference */

/* By how many seconds the peer's clock is ahead of this one. */
int64_t clocks_ahead(uint64_t theirs);

/* Says it, if it is much. Of a peer that has shown its key. Thread-safe. */
void clocks_say(const char *peer, int64_t ahead);

#endif
