/*
 * Who may begin a connection with a listening socket, decided by the kernel at the first packet, so that it costs the
 * process nothing: a classic BPF program on the listener (socket(7), SO_ATTACH_FILTER). Who is kept out gets no answer,
 * and a client's system tries again after one second, then two, four, ... Connections that are open stay. Private to
 * sp/.
 */
#ifndef PROTOCOL_SP_FILTER_H
#define PROTOCOL_SP_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define SP_ADDRESS_SIZE 16
#define SP_FILTER_MAX 256 /* addresses */

/*
 * What counts as one address: an IPv4 one, or the first 64 bits of an IPv6 one, since anybody has such a network. All
 * zero for other families.
 */
void sp_address(uint8_t out[SP_ADDRESS_SIZE], const struct sockaddr_storage *from);

/*
 * listed true: these addresses alone may come; false: all but these; so an empty list with false lets everybody in.
 * False: the kernel takes no filter, and the one before stays. It costs some 0.3 ms.
 */
bool sp_filter(int listener, const uint8_t (*address)[SP_ADDRESS_SIZE], size_t count, bool listed);

/* An accepted connection has a copy of the filter; it needs none. */
void sp_filter_drop(int fd);

#endif
