/* What the allocator is asked to keep. */
#ifndef PROTOCOL_BASE_MEMORY_H
#define PROTOCOL_BASE_MEMORY_H

/*
 * One: a program whose threads allocate by the batch, so that they do not stand in each other's way; what one of them
 * freed, the next one has. Many: as many as there are threads that want one at the same time.
 */
enum memory_heaps { MEMORY_ONE_HEAP, MEMORY_MANY_HEAPS };

/*
 * For programs whose messages and batches come and go by the megabyte: what is freed stays with the process, 128 MB for
 * each of its heaps, and is not given back to the kernel only to be touched for the first time again, which costs more
 * than what is done with it. The first 64 MB of the main heap are huge pages, where the kernel has them for who asks:
 * touching two megabytes for the first time is then one fault in place of 512. Call it first in main().
 */
void memory_keep(enum memory_heaps heaps);

#endif
