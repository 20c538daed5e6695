import Foundation
package import Testing

/// Runs each test on threads of its own, so that blocking calls in it hold up no other test.
package struct BlockingTests: SuiteTrait, TestTrait, TestScoping {
    private final class ThreadExecutor: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    package var isRecursive: Bool { true }

    /// How many run at a time: each has a gateway's threads besides its own, and a starved test tells nothing.
    private static let places = DispatchSemaphore(value: 8)

    /// Blocks a thread of the test's own.
    private static func takePlace() {
        places.wait()
    }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadExecutor()) {
            guard testCase != nil else { return try await function() }
            Self.takePlace()
            defer { Self.places.signal() }
            try await function()
        }
    }
}

extension Trait where Self == BlockingTests {
    /// See ``BlockingTests``.
    package static var blocking: Self { Self() }
}
