#ifndef CCRC32C_H
#define CCRC32C_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `length` octets, going on from `crc` (0 at the start).
/// Uses the processor's own instruction where there is one.
uint32_t weir_crc32c(uint32_t crc, const void *octets, size_t length);

/// The same by table, for processors without the instruction and for tests.
uint32_t weir_crc32c_portable(uint32_t crc, const void *octets, size_t length);

#endif
