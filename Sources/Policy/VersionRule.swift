import HTTP1
package import WeirConfiguration

/// Joins a request's target to an upstream's base path, so that the version segment appears exactly once.
///
/// Clients may use a base URL with or without `/v1`, and so may the upstream: `/X`, `/v1/X` and `/v1/v1/X` all arrive as
/// `/v1/X`. An upstream base that ends in another version keeps it, whether or not the request brings it too; a request
/// that brings yet another version keeps that one.
package struct VersionRule: Sendable {
    private let isActive: Bool
    /// What stands before the rest of a request that brings no version of its own.
    private let prefix: [UInt8]
    /// What stands before a request that brings another version.
    private let unversionedPrefix: [UInt8]
    /// The version that the upstream's base ends in, where it is another than `/v1`; a request may bring it too.
    private let ownVersion: [UInt8]

    /// Whether ``prefix`` is `/v1` and nothing else, so that a path that brings it goes out as it came.
    private let isPlain: Bool

    private static let defaultVersion: StaticString = "/v1"

    /// The rule for an upstream whose base path is `basePath`, without a slash at its end.
    package init(basePath: String, versionedPath: VersionedPath) {
        let base = Array(basePath.utf8)
        let defaultVersion = Array("/v1".utf8)
        isActive = versionedPath != .never
        var ownVersion: [UInt8] = []
        let lastSegment = base.lastIndex(of: 0x2F).map { Array(base[$0...]) } ?? []
        if !isActive {
            prefix = base
            unversionedPrefix = base
        } else if lastSegment == defaultVersion {
            prefix = base
            unversionedPrefix = Array(base.dropLast(lastSegment.count))
        } else if Self.isVersion(lastSegment) {
            prefix = base
            unversionedPrefix = base
            ownVersion = lastSegment
        } else {
            prefix = base + defaultVersion
            unversionedPrefix = base
        }
        self.ownVersion = ownVersion
        isPlain = prefix == defaultVersion
    }

    /// The upstream's target in two parts: octets to put in front, and where the rest stands in the head.
    ///
    /// - Returns: nil where the target goes out as it came.
    package func join(_ head: RawSpan, target: Range<Int>) -> (prefix: [UInt8], rest: Range<Int>)? {
        // The asterisk-form of OPTIONS has no path to join.
        guard head.octet(at: target.lowerBound) == 0x2F else { return nil }
        guard isActive else { return prefix.isEmpty ? nil : (prefix, target) }
        var start = target.lowerBound
        while true {
            let left = start..<target.upperBound
            if Self.startsWithDefaultVersion(head, left) {
                start += Self.defaultVersion.utf8CodeUnitCount
            } else if !ownVersion.isEmpty, Self.starts(head, left, with: ownVersion) {
                start += ownVersion.count
            } else {
                break
            }
        }
        let rest = start..<target.upperBound
        let removed = start - target.lowerBound
        let segmentEnd = Self.firstSegmentEnd(head, rest)
        if rest.lowerBound < segmentEnd, Self.isVersion(head, rest.lowerBound..<segmentEnd) {
            return removed == 0 && unversionedPrefix.isEmpty ? nil : (unversionedPrefix, rest)
        }
        return isPlain && removed == Self.defaultVersion.utf8CodeUnitCount ? nil : (prefix, rest)
    }

    private static func startsWithDefaultVersion(_ head: RawSpan, _ range: Range<Int>) -> Bool {
        let count = defaultVersion.utf8CodeUnitCount
        guard range.count >= count, head.equals(range.lowerBound..<(range.lowerBound + count), defaultVersion) else {
            return false
        }
        return range.count == count || isSegmentEnd(head.octet(at: range.lowerBound + count))
    }

    private static func starts(_ head: RawSpan, _ range: Range<Int>, with version: [UInt8]) -> Bool {
        guard range.count >= version.count else { return false }
        for index in version.indices where head.octet(at: range.lowerBound + index) != version[index] { return false }
        return range.count == version.count || isSegmentEnd(head.octet(at: range.lowerBound + version.count))
    }

    private static func isSegmentEnd(_ octet: UInt8) -> Bool {
        octet == 0x2F || octet == 0x3F
    }

    private static func firstSegmentEnd(_ head: RawSpan, _ range: Range<Int>) -> Int {
        guard !range.isEmpty, head.octet(at: range.lowerBound) == 0x2F else { return range.lowerBound }
        var index = range.lowerBound + 1
        while index < range.upperBound, !isSegmentEnd(head.octet(at: index)) { index += 1 }
        return index
    }

    private static func isVersion(_ segment: [UInt8]) -> Bool {
        let octets = segment.span.bytes
        return isVersion(octets, 0..<segment.count)
    }

    /// Whether a segment with its slash spells a version: `v`, digits, and perhaps `alpha` or `beta` with digits.
    private static func isVersion(_ octets: RawSpan, _ segment: Range<Int>) -> Bool {
        guard segment.count >= 3, octets.octet(at: segment.lowerBound) == 0x2F,
            octets.octet(at: segment.lowerBound + 1) == 0x76
        else { return false }
        var index = skipDigits(octets, (segment.lowerBound + 2)..<segment.upperBound)
        guard index > segment.lowerBound + 2 else { return false }
        if index == segment.upperBound { return true }
        let stages: [StaticString] = ["alpha", "beta"]
        for stage in stages {
            let end = index + stage.utf8CodeUnitCount
            if end <= segment.upperBound, octets.equals(index..<end, stage) {
                index = skipDigits(octets, end..<segment.upperBound)
                return index == segment.upperBound
            }
        }
        return false
    }

    private static func skipDigits(_ octets: RawSpan, _ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, octets.octet(at: index) &- 0x30 < 10 { index += 1 }
        return index
    }
}
