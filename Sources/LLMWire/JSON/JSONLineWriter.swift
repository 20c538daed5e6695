/// Writes JSON on one line into a run of octets that keeps its memory from line to line.
///
/// The caller opens and closes objects and arrays in pairs; commas come by themselves. Whatever is appended as a value
/// is escaped or checked here, so that no line break can come out other than by ``endLine()``.
package struct JSONLineWriter: JSONSink, Sendable {
    /// Octets; those from ``count`` on are room to write into.
    private var storage: [UInt8] = []
    /// How many octets have been written.
    package private(set) var count = 0

    /// A writer with nothing in it.
    package init() {}

    /// The octets that it can hold without growing.
    package var capacity: Int { storage.count }

    /// Hands `body` what has been written.
    package func withOctets<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Octets have no padding that could be read as data.
        try unsafe body(storage.span.extracting(0..<count).bytes)
    }

    /// A copy of what has been written.
    package var octets: [UInt8] { Array(storage[0..<count]) }

    /// Forgets what was written from octet `end` on.
    package mutating func truncate(to end: Int) {
        precondition(end >= 0 && end <= count)
        count = end
    }

    /// Forgets everything; more memory than `capacity` is given back.
    package mutating func removeAll(keepingCapacityUpTo capacity: Int) {
        count = 0
        if storage.count > capacity { storage = [] }
    }

    // MARK: Structure

    /// Opens an object.
    @inline(__always)
    package mutating func beginObject() { append(0x7B) }
    /// Closes it.
    @inline(__always)
    package mutating func endObject() { append(0x7D) }
    /// Opens an array.
    @inline(__always)
    package mutating func beginArray() { append(0x5B) }
    /// Closes it.
    @inline(__always)
    package mutating func endArray() { append(0x5D) }
    /// Ends the line.
    @inline(__always)
    package mutating func endLine() { append(0x0A) }

    /// Goes on to an array's next element.
    @inline(__always)
    package mutating func nextElement() {
        if count > 0, storage[count &- 1] != 0x5B { append(0x2C) }
    }

    /// Goes on to an object's member `name`, which holds nothing that needs an escape.
    @inline(__always)
    package mutating func key(_ name: StaticString) {
        let length = name.utf8CodeUnitCount
        let needsComma = count > 0 && storage[count &- 1] != 0x7B
        reserve(length &+ 4)
        var end = count
        // A static string's storage lives as long as the process and has `length` octets; `reserve` made the room.
        unsafe storage.withUnsafeMutableBytes { room in
            if needsComma {
                unsafe room[end] = 0x2C
                end &+= 1
            }
            unsafe room[end] = 0x22
            let start = unsafe room.baseAddress.unsafelyUnwrapped + (end &+ 1)
            unsafe start.copyMemory(from: name.utf8Start, byteCount: length)
            end &+= length &+ 1
            unsafe room[end] = 0x22
            unsafe room[end &+ 1] = 0x3A
        }
        count = end &+ 2
    }

    /// Goes on to an object's member named by the octets of `text` in `range`, which are UTF-8.
    @inline(__always)
    package mutating func key(_ text: RawSpan, _ range: Range<Int>) {
        if count > 0, storage[count &- 1] != 0x7B { append(0x2C) }
        string(text, range)
        append(0x3A)
    }

    // MARK: Values

    /// Appends `null`.
    @inline(__always)
    package mutating func null() { literal("null") }

    /// Appends `true` or `false`.
    @inline(__always)
    package mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    /// Appends `text` as a string.
    package mutating func string(_ text: String) {
        var text = text
        text.makeContiguousUTF8()
        // Octets have no padding that could be read as data.
        let utf8 = unsafe text.utf8.span.bytes
        string(utf8, 0..<utf8.byteCount)
    }

    /// Appends JSON that the program itself holds, without a line break, as it is.
    @inline(__always)
    package mutating func literal(_ text: StaticString) {
        let length = text.utf8CodeUnitCount
        reserve(length)
        let end = count
        // A static string's storage lives as long as the process and has `length` octets; `reserve` made the room.
        unsafe storage.withUnsafeMutableBytes { room in
            let start = unsafe room.baseAddress.unsafelyUnwrapped + end
            unsafe start.copyMemory(from: text.utf8Start, byteCount: length)
        }
        count = end &+ length
    }

    /// Appends `value` in decimal.
    package mutating func integer(_ value: UInt64) {
        reserve(20)
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, value >= bound {
            digits &+= 1
            bound &*= 10
        }
        var rest = value
        for place in stride(from: count &+ digits &- 1, through: count, by: -1) {
            let (tenth, digit) = rest.quotientAndRemainder(dividingBy: 10)
            storage[place] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
            rest = tenth
        }
        count &+= digits
    }

    /// Appends `value` in decimal.
    @inline(__always)
    package mutating func integer(_ value: Int) {
        if value < 0 { append(0x2D) }
        integer(UInt64(value.magnitude))
    }

    /// Appends a time in nanoseconds as milliseconds with three decimals; what lies below is cut off, as is a sign.
    package mutating func milliseconds(_ nanoseconds: Int64) {
        let microseconds = UInt64(max(0, nanoseconds)) / 1000
        integer(microseconds / 1000)
        reserve(4)
        let rest = UInt16(truncatingIfNeeded: microseconds % 1000)
        storage[count] = 0x2E
        storage[count &+ 1] = 0x30 &+ UInt8(truncatingIfNeeded: rest / 100)
        storage[count &+ 2] = 0x30 &+ UInt8(truncatingIfNeeded: rest / 10 % 10)
        storage[count &+ 3] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
        count &+= 4
    }

    /// Appends `text`, one JSON value, without the white space outside its strings.
    ///
    /// - Throws: ``JSONFault`` if it is none; the writer is then as it was.
    package mutating func appendJSON(
        _ text: RawSpan, maximumDepth: Int = JSONText.depthLimit
    ) throws(JSONFault) {
        let start = count
        do {
            try JSONText.compact(text, maximumDepth: maximumDepth, into: &self)
        } catch {
            count = start
            throw error
        }
    }

    /// Writes an array with an element for each of `items`; `write` appends one.
    package mutating func array<Items: Sequence>(_ items: Items, _ write: (inout JSONLineWriter, Items.Element) -> Void)
    {
        beginArray()
        for item in items {
            nextElement()
            write(&self, item)
        }
        endArray()
    }

    // MARK: Octets

    /// Appends one octet of JSON as it is.
    @inline(__always)
    package mutating func append(_ octet: UInt8) {
        if count == storage.count { grow(1) }
        storage[count] = octet
        count &+= 1
    }

    @inline(__always)
    mutating func appendRun(_ text: RawSpan, _ range: Range<Int>) {
        let length = range.count
        let run = text.extracting(range)
        reserve(length)
        let end = count
        // `reserve` made room for `length` octets behind `end`, and `run` has that many.
        unsafe storage.withUnsafeMutableBytes { room in
            unsafe run.withUnsafeBytes { source in
                guard let from = source.baseAddress else { return }
                let start = unsafe room.baseAddress.unsafelyUnwrapped + end
                unsafe start.copyMemory(from: from, byteCount: length)
            }
        }
        count = end &+ length
    }

    /// Makes room for `additional` octets and hands out the memory from ``count`` on; `body` says how many it wrote.
    @unsafe
    @inline(__always)
    mutating func write(upTo additional: Int, _ body: (UnsafeMutableRawPointer) -> Int) {
        reserve(additional)
        let end = count
        let written = unsafe storage.withUnsafeMutableBytes { room in
            // `reserve` made `additional` octets of room behind `end`, at least one of them.
            unsafe body(room.baseAddress.unsafelyUnwrapped + end)
        }
        precondition(written >= 0 && written <= additional)
        count = end &+ written
    }

    @inline(__always)
    private mutating func reserve(_ additional: Int) {
        if storage.count &- count < additional { grow(additional) }
    }

    @inline(never)
    private mutating func grow(_ additional: Int) {
        let wanted = max(additional, storage.count, 4096)
        storage.append(contentsOf: repeatElement(0, count: wanted))
    }
}
