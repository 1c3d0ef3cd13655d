/* What the allocator is asked to keep. */
#ifndef PROTOCOL_BASE_MEMORY_H
#define PROTOCOL_BASE_MEMORY_H

/*
 * For programs whose messages and batches come and go by the megabyte: what is freed stays with the process, 64 MB for
 * each of its heaps, and is not given back to the kernel only to be touched for the first time again, which costs more
 * than what is done with it.
 */
void memory_keep(void);

#endif
