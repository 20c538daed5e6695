import CLibFuzzer
import ConfigurationInvariants
import Foundation
import HTTP1Invariants
import LLMWireInvariants
import PolicyInvariants
import ProxyInvariants

/// What is fuzzed, by name: each tells what does not hold of an input; nil where all holds.
let targets: [String: @Sendable ([UInt8]) -> String?] = [
    "heads": HeadInvariants.violation(inFuzzInput:),
    "chunked": ChunkedInvariants.violation(inFuzzInput:),
    "connect": ProxyInvariants.violation(inCONNECTInput:),
    "socks": ProxyInvariants.violation(inSOCKSInput:),
    "jsonedit": RewriteInvariants.violation(inFuzzInput:),
    "jsonmask": MaskInvariants.violation(inFuzzInput:),
    "jsondocument": DocumentInvariants.violation(in:),
    "sse": StreamInvariants.violation(inFuzzInput:),
    "answers": AnswerInvariants.violation(inFuzzInput:),
    "requests": RequestInvariants.violation(inFuzzInput:),
    "universal": UniversalInvariants.violation(inFuzzInput:),
    "config": { input in
        let directory = ProcessInfo.processInfo.environment["FUZZ_DIRECTORY"] ?? "/tmp"
        return ConfigurationInvariants.violation(in: input, directory: directory)
    },
]

/// What the driver calls can capture nothing.
let target = targets[ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""]

guard target != nil else {
    let names = targets.keys.sorted().joined(separator: ", ")
    FileHandle.standardError.write(Data("FUZZ_TARGET must be one of \(names)\n".utf8))
    exit(2)
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
    LLVMFuzzerRunDriver(&count, &arguments) { octets, size in
        guard let violation = target?(Array(UnsafeBufferPointer(start: octets, count: size))) else { return 0 }
        // Reported and stopped, so that libFuzzer keeps the input.
        FileHandle.standardError.write(Data("broken: \(violation)\n".utf8))
        abort()
    })
