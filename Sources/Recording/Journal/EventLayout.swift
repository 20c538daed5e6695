import LLMWire

/// What an event tells.
///
/// An event in a frame, all numbers little-endian:
///
///     u32 length of the whole event   u8 kind   u8 flags   u16 number   u64 sequence   u64 monotonic nanoseconds
///
/// and then, by kind (`text16` is a u16 length and so many octets, `text32` likewise):
///
///     begin             u64 u64 id   i64 wall nanoseconds   u8 family, u16 port, address   text16 route   head
///                       (flags: ``DialectFlag``)
///     attempt           text16 upstream   edit                        (number: the attempt's; flag 1: reused)
///     attemptFailed     text16 code   text32 message
///     requestBody       octets
///     interimHead       head
///     responseHead      u32 length of the head   head   edit          (flag 1: the client had Weir's own head)
///     ownHead           head
///     responseBody      octets
///     end               u64 request octets   u64 response octets   u64 delivered   [32 SHA-256]   [32 SHA-256]
///                       text16 code   text32 message                  (number: outcome; flags: ``EndFlags``)
///     gap               i64 from   i64 to   u64 exchanges   u64 bodies
///     key               text16 name
///     requestEdits      u32 edits in all   u32 edits here   (u64 offset   u32 removed   text32)…
///     keepalive
///     masked            [u32 ranges of the body so far   (u64 offset   u32 length)…]          (flags: ``MaskFlags``)
///
/// A head is text up to the event's end; an edit is a u16 count, then for each change an i32 line (−1 the start line,
/// `Int32.max` behind the last field) and a u32 length, then the texts.
enum EventKind: UInt8, CaseIterable {
    case begin = 1
    case attempt
    case attemptFailed
    case requestBody
    case interimHead
    case responseHead
    case ownHead
    case responseBody
    case end
    case gap
    case key
    case requestEdits
    case keepalive
    case masked
}

/// The dialect that a begin event's route is set to: 0 for none, else a number that stays a dialect's own for good.
enum DialectFlag {
    static func octet(_ dialect: Dialect?) -> UInt8 {
        switch dialect {
        case nil: 0
        case .openAIChat: 1
        case .openAIResponses: 2
        case .anthropicMessages: 3
        case .gemini: 4
        case .ollama: 5
        case .other: 6
        }
    }

    static func dialect(_ octet: UInt8) -> Dialect? { Dialect.allCases.first { Self.octet($0) == octet } }
}

/// What an attempt event says besides its fields.
struct AttemptFlags: OptionSet {
    let rawValue: UInt8

    static let reusedConnection = AttemptFlags(rawValue: 1)
    /// The head that went out is the first attempt's; no edit follows.
    static let repeatsFirst = AttemptFlags(rawValue: 2)
}

/// What a masked event is about.
struct MaskFlags: OptionSet {
    let rawValue: UInt8

    /// The response's body; else the request's.
    static let response = MaskFlags(rawValue: 1)
    /// Nothing more of the body is kept; no range follows.
    static let withheld = MaskFlags(rawValue: 2)
}

/// What an end event says about the bodies.
struct EndFlags: OptionSet {
    let rawValue: UInt8

    static let requestCut = EndFlags(rawValue: 1)
    static let requestLost = EndFlags(rawValue: 2)
    static let requestHashed = EndFlags(rawValue: 4)
    static let responseCut = EndFlags(rawValue: 8)
    static let responseLost = EndFlags(rawValue: 16)
    static let responseHashed = EndFlags(rawValue: 32)
    static let hasError = EndFlags(rawValue: 64)
}

/// Sizes of the event's parts.
enum EventLayout {
    /// Octets in front of every event.
    static let header = 24
    /// Where the kind stands.
    static let kindOffset = 4
    /// The line that stands for ``HTTP1/HeadEdit/appended``.
    static let appendedLine = Int32.max
    /// A text of Weir's own is cut here, so that an end event is small whatever went wrong.
    static let longestText = 4096
    /// A body's edits past these are counted and not told.
    static let mostEdits = 4096
    /// A body's masked ranges past these are counted and not told.
    static let mostMaskedRanges = 4096
    /// A piece of a body larger than this becomes several events.
    static let largestPiece = 1 << 20
}
