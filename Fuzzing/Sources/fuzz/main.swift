import CLibFuzzer
import Foundation
import HTTP1Invariants
import LLMWireInvariants
import ProxyInvariants

/// Reports a broken invariant and stops, so that libFuzzer keeps the input.
func stop(at violation: String?) {
    guard let violation else { return }
    FileHandle.standardError.write(Data("broken: \(violation)\n".utf8))
    abort()
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
switch ProcessInfo.processInfo.environment["FUZZ_TARGET"] {
case "heads":
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
            stop(at: HeadInvariants.violation(inFuzzInput: Array(UnsafeBufferPointer(start: octets, count: size))))
            return 0
        })
case "chunked":
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
            stop(at: ChunkedInvariants.violation(inFuzzInput: Array(UnsafeBufferPointer(start: octets, count: size))))
            return 0
        })
case "connect":
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
            stop(at: ProxyInvariants.violation(inCONNECTInput: Array(UnsafeBufferPointer(start: octets, count: size))))
            return 0
        })
case "socks":
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
            stop(at: ProxyInvariants.violation(inSOCKSInput: Array(UnsafeBufferPointer(start: octets, count: size))))
            return 0
        })
case "jsonedit":
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
            stop(at: RewriteInvariants.violation(inFuzzInput: Array(UnsafeBufferPointer(start: octets, count: size))))
            return 0
        })
case "jsonmask":
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
            stop(at: MaskInvariants.violation(inFuzzInput: Array(UnsafeBufferPointer(start: octets, count: size))))
            return 0
        })
default:
    FileHandle.standardError.write(Data("FUZZ_TARGET must be heads, chunked, connect, socks, jsonedit or jsonmask\n".utf8))
    exit(2)
}
