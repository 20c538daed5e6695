import CLibFuzzer
import ConfigurationInvariants
import Foundation
import HTTP1Invariants
import LLMWireInvariants
import PolicyInvariants
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
case "universal":
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
            stop(at: UniversalInvariants.violation(inFuzzInput: Array(UnsafeBufferPointer(start: octets, count: size))))
            return 0
        })
case "config":
    exit(
        LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
            let input = Array(UnsafeBufferPointer(start: octets, count: size))
            let directory = ProcessInfo.processInfo.environment["FUZZ_DIRECTORY"] ?? "/tmp"
            stop(at: ConfigurationInvariants.violation(in: input, directory: directory))
            return 0
        })
default:
    let targets = "heads, chunked, connect, socks, jsonedit, jsonmask, universal or config"
    FileHandle.standardError.write(Data("FUZZ_TARGET must be \(targets)\n".utf8))
    exit(2)
}
