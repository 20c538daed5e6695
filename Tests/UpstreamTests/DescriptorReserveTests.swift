import Testing

@testable import Upstream

@Suite struct DescriptorReserveTests {
    @Test(arguments: [(0, 0), (48, 12), (256, 64), (1024, 64), (1 << 20, 64), (Int.max, 64)])
    func aQuarterIsKeptAsideAndNoMoreThanNeeded(_ limit: Int, _ size: Int) {
        #expect(DescriptorReserve.size(limit) == size)
    }

    @Test func thereIsOneLeftHere() {
        #expect(!DescriptorReserve.isReached)
        #expect(!DescriptorReserve.isHalfGone)
    }
}
