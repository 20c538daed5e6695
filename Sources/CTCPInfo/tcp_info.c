#include "CTCPInfo.h"

#if defined(__linux__)
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

int weir_tcp_bytes_acknowledged(int descriptor, uint64_t *acknowledged) {
    struct tcp_info info;
    memset(&info, 0, sizeof info);
    socklen_t length = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return -1;
    if (length < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) return -1;
    *acknowledged = info.tcpi_bytes_acked;
    return 0;
}
#else
int weir_tcp_bytes_acknowledged(int descriptor, uint64_t *acknowledged) {
    (void)descriptor;
    (void)acknowledged;
    return -1;
}
#endif
