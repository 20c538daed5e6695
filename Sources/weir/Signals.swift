import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The process's signals as streams; those that are listened to lose their default effect.
struct Signals {
    /// SIGTERM and SIGINT.
    let received: AsyncStream<Int32>
    /// SIGHUP, where it is listened to; several that nobody has taken yet are one.
    let hangups: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// - Parameter takesHangups: whether SIGHUP is listened to; otherwise it ends the process as usual.
    init(takesHangups: Bool = false) {
        let (received, ends) = AsyncStream.makeStream(of: Int32.self)
        let (hangups, reloads) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        let queue = DispatchQueue(label: "weir.signals")
        sources = ([SIGTERM, SIGINT] + (takesHangups ? [SIGHUP] : [])).map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { _ = (number == SIGHUP ? reloads : ends).yield(number) }
            source.resume()
            return source
        }
        self.received = received
        self.hangups = hangups
        signal(SIGPIPE, SIG_IGN)
    }
}
