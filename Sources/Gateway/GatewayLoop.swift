import HTTP1
import NIOCore
import Policy
import Recording
import RequestLog
import Upstream

/// What the connections of one event loop share: pools, the recorder, the tick. Confined to that loop.
final class GatewayLoop {
    let eventLoop: any EventLoop
    /// What the next request works by.
    private(set) var setup: LoopSetup
    let recorder: LoopRecorder?
    let log: LoopLog?
    let counter: ConnectionCounter
    let heldBodies = HeldBodies()
    /// Exchanges whose clients are gone; they count for no connection any more.
    var orphans = 0
    let health: @Sendable (_ isFull: Bool) -> String
    private var ids: ExchangeIDGenerator
    private let clock: ProcessClock

    /// Scratch for the edits of heads; never held over a return to the loop.
    var requestEdit = HeadEdit()
    /// See ``requestEdit``.
    var responseEdit = HeadEdit()
    private(set) var isDraining = false

    private var connections: [ClientConnection] = []
    private var ticks = 0
    private var nextTick: NIOScheduledCallback?
    private var onEmpty: (() -> Void)?

    /// Nanoseconds; short enough that records reach the kernel within 50 ms of what they tell.
    private static let tick: UInt64 = 40_000_000
    /// Deadlines are looked at once in so many ticks.
    private static let ticksPerDeadlineWalk = 3

    init(
        eventLoop: any EventLoop, index: Int, plan: GatewayPlan, parts: GatewayServer.Parts, counter: ConnectionCounter
    ) {
        self.eventLoop = eventLoop
        setup = LoopSetup(plan, loop: eventLoop, earlier: nil)
        self.counter = counter
        health = parts.health
        log = parts.requestLog?.makeLoopLog()
        recorder = parts.recording?.makeLoopRecorder(loop: index)
        recorder?.mask = plan.mask
        clock = parts.recording?.clock ?? ProcessClock.read()
        ids = ExchangeIDGenerator(loop: index, clock: clock)
    }

    /// The monotonic clock in nanoseconds, as of the latest ``readClock()``.
    private(set) var now = NIODeadline.now().uptimeNanoseconds

    /// Reads the clock: once for each thing that the event loop calls for.
    @inline(__always)
    func readClock() { now = NIODeadline.now().uptimeNanoseconds }

    /// A name for an exchange that begins now.
    @inline(__always)
    func nextID(_ now: UInt64) -> ExchangeID { ids.next(monotonic: now) }

    /// The wall clock at a moment of the monotonic one: nanoseconds since the epoch.
    @inline(__always)
    func wallTime(_ now: UInt64) -> Int64 { clock.wallTime(at: now) }

    // MARK: Connections

    func add(_ connection: ClientConnection) {
        connection.place = connections.count
        connections.append(connection)
        startTicking()
    }

    func remove(_ connection: ClientConnection) {
        let place = connection.place
        guard connections.indices.contains(place), connections[place] === connection else { return }
        let last = connections.removeLast()
        if last !== connection {
            connections[place] = last
            last.place = place
        }
        if connections.isEmpty, let onEmpty {
            self.onEmpty = nil
            onEmpty()
        }
    }

    // MARK: The tick

    private func startTicking() {
        guard nextTick == nil else { return }
        // All loops tick at the same moments, so that the journal's writer need not wake for each of them.
        let next = NIODeadline.uptimeNanoseconds((NIODeadline.now().uptimeNanoseconds / Self.tick + 1) * Self.tick)
        // It fails where the loop is at its end, and then nothing needs it.
        nextTick = try? eventLoop.assumeIsolated().scheduleCallback(at: next, handler: self)
    }

    private func onTick() {
        nextTick = nil
        defer { goOnTicking() }
        readClock()
        recorder?.tick()
        log?.tick()
        ticks += 1
        guard ticks >= Self.ticksPerDeadlineWalk else { return }
        ticks = 0
        let now = self.now
        // A connection that ends removes itself, so the walk goes from the back.
        var index = connections.count - 1
        while index >= 0 {
            if index < connections.count, connections[index].deadline <= now { connections[index].deadlinePassed(now) }
            index -= 1
        }
        setup.evict(now: now)
    }

    /// With nothing to watch, the process sleeps.
    private func goOnTicking() {
        if !connections.isEmpty || !setup.isEmpty || recorder?.isAtRest == false { return startTicking() }
        // What the walk has just ended.
        log?.tick()
    }

    // MARK: Reload

    /// Works by another configuration from the next request on.
    func apply(_ plan: GatewayPlan) {
        let next = LoopSetup(plan, loop: eventLoop, earlier: setup)
        setup.retire(for: next)
        setup = next
        recorder?.mask = plan.mask
        if isDraining { next.retire(for: nil) }
    }

    // MARK: The end

    /// Lets what runs come to its end and takes nothing new; `done` is called once nothing is left.
    func drain(_ done: @escaping () -> Void) {
        readClock()
        isDraining = true
        setup.retire(for: nil)
        let all = connections
        for connection in all { connection.drain() }
        if connections.isEmpty { done() } else { onEmpty = done }
    }

    /// Ends what still runs, now.
    func cutOff() {
        readClock()
        let all = connections
        for connection in all { connection.cutOff() }
    }

    /// Hands the last records over; nothing runs on this loop any more.
    func close() {
        nextTick?.cancel()
        nextTick = nil
        recorder?.close()
        log?.tick()
    }
}

extension GatewayLoop: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) { onTick() }
}
