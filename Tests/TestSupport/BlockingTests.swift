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

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadExecutor()) { try await function() }
    }
}

extension Trait where Self == BlockingTests {
    /// See ``BlockingTests``.
    package static var blocking: Self { Self() }
}
