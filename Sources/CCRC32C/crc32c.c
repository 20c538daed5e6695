#include "CCRC32C.h"

#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif
#endif

// Four bits at a time: sixteen remainders of the reflected polynomial 0x82F63B78.
static const uint32_t remainders[16] = {
    0x00000000, 0x105EC76F, 0x20BD8EDE, 0x30E349B1, 0x417B1DBC, 0x5125DAD3, 0x61C69362, 0x7198540D,
    0x82F63B78, 0x92A8FC17, 0xA24BB5A6, 0xB21572C9, 0xC38D26C4, 0xD3D3E1AB, 0xE330A81A, 0xF36E6F75,
};

uint32_t weir_crc32c_portable(uint32_t crc, const void *octets, size_t length) {
    const uint8_t *next = octets;
    crc = ~crc;
    for (size_t index = 0; index < length; index++) {
        crc ^= next[index];
        crc = (crc >> 4) ^ remainders[crc & 15];
        crc = (crc >> 4) ^ remainders[crc & 15];
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const void *octets, size_t length) {
    const uint8_t *next = octets;
    uint64_t state = ~crc;
    for (; length >= 8; length -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        state = _mm_crc32_u64(state, word);
    }
    uint32_t narrow = (uint32_t)state;
    for (; length > 0; length--, next++) narrow = _mm_crc32_u8(narrow, *next);
    return ~narrow;
}
static int has_instruction(void) { return __builtin_cpu_supports("sse4.2") != 0; }
#elif defined(__aarch64__)
__attribute__((target("crc"))) static uint32_t crc_by_instruction(uint32_t crc, const void *octets, size_t length) {
    const uint8_t *next = octets;
    crc = ~crc;
    for (; length >= 8; length -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        crc = __crc32cd(crc, word);
    }
    for (; length > 0; length--, next++) crc = __crc32cb(crc, *next);
    return ~crc;
}
static int has_instruction(void) {
#if defined(__linux__)
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#else
    return 1;
#endif
}
#else
static uint32_t crc_by_instruction(uint32_t crc, const void *octets, size_t length) {
    return weir_crc32c_portable(crc, octets, length);
}
static int has_instruction(void) { return 0; }
#endif

uint32_t weir_crc32c(uint32_t crc, const void *octets, size_t length) {
    // 0: not asked yet, 1: by table, 2: by instruction. Every thread finds the same answer.
    static _Atomic int choice = 0;
    int known = atomic_load_explicit(&choice, memory_order_relaxed);
    if (known == 0) {
        known = has_instruction() ? 2 : 1;
        atomic_store_explicit(&choice, known, memory_order_relaxed);
    }
    return known == 2 ? crc_by_instruction(crc, octets, length) : weir_crc32c_portable(crc, octets, length);
}
