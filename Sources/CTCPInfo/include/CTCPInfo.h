#ifndef WEIR_CTCPINFO_H
#define WEIR_CTCPINFO_H

#include <stdint.h>

/// Reads how many octets the peer's kernel has acknowledged on a TCP connection (tcpi_bytes_acked, Linux 4.1).
///
/// Returns 0 and sets *acknowledged, or -1 where the socket is not TCP or the system does not tell.
int weir_tcp_bytes_acknowledged(int descriptor, uint64_t *acknowledged);

#endif
