/* Random bytes from the kernel by the block. */
#ifndef PROTOCOL_BASE_RANDOM_H
#define PROTOCOL_BASE_RANDOM_H

/*
 * From now on libsodium's randombytes_*() hand out bytes of a block that each thread draws from the kernel at once, for
 * programs that take a few of them for each of millions of entries. What was handed out is wiped; after a fork the
 * child draws a block of its own. Call it once, before sodium_init() and any other thread.
 */
void random_by_block(void);

#endif
