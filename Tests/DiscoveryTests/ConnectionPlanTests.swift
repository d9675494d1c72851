import CryptoCore
import Discovery
import PeerProtocols
import Testing

struct ConnectionPlanTests {
    private func plan(_ change: (inout ConnectionConfiguration) -> Void = { _ in }) -> ConnectionPlan {
        var configuration = ConnectionConfiguration()
        change(&configuration)
        return ConnectionPlan(configuration: configuration)
    }

    private func place(_ network: Int, _ host: Int = 1, port: Int = 1) -> PeerEndpoint {
        endpoint("/ip4/\(20 + network / 250).\(network % 250).\(host / 250).\(host % 250)/tcp/\(port)")
    }

    @Test func oneHostAndOneNetworkAreLimited() {
        var plan = plan { $0.countPerNetworkMax = 20 }
        for number in 0..<8 as Range<UInt64> {
            #expect(plan.connected(peer(number), endpoint: place(0), isOutbound: false, now: instant(0)) == nil)
        }
        #expect(plan.refusal(of: place(0, port: 99)) == .tooManyOfHost)
        #expect(plan.connected(peer(8), endpoint: place(0), isOutbound: false, now: instant(0)) == .tooManyOfHost)
        #expect(plan.count == 8)
        // Another machine of the network is welcome, until the network is at its limit.
        for number in 8..<20 as Range<UInt64> {
            #expect(
                plan.connected(peer(number), endpoint: place(0, Int(number)), isOutbound: false, now: instant(0)) == nil
            )
        }
        #expect(plan.refusal(of: place(0, 99)) == .tooManyOfNetwork)
        #expect(plan.refusal(of: place(1)) == nil)
        // This side's own dials are not limited by it, and who leaves makes room.
        #expect(plan.refusal(of: place(0), peer: peer(99), isOutbound: true) == nil)
        plan.disconnected(peer(0))
        #expect(plan.refusal(of: place(0)) == nil)
        #expect(plan.refusal(of: place(3), peer: peer(1)) == .duplicate)
        #expect(plan.connected(peer(1), endpoint: place(3), isOutbound: true, now: instant(0)) == .duplicate)
        #expect(plan[peer(1)]?.isOutbound == false)
    }

    @Test func ip6HostsAreWholeSubnets() {
        var plan = plan()
        for number in 0..<8 as Range<UInt64> {
            let place = endpoint("/ip6/2001:db8::\(number + 1)/tcp/1")
            #expect(plan.connected(peer(number), endpoint: place, isOutbound: false, now: instant(0)) == nil)
        }
        #expect(plan.refusal(of: endpoint("/ip6/2001:db8::ffff/tcp/1")) == .tooManyOfHost)
        #expect(plan.refusal(of: endpoint("/ip6/2001:db8:0:1::1/tcp/1")) == nil)
    }

    @Test func loopbackIsExemptOnlyWhereConfigured() {
        let loopback = endpoint("/ip4/127.0.0.1/tcp/1")
        for isExempt in [false, true] {
            var plan = plan { $0.exemptsLoopback = isExempt }
            for number in 0..<100 as Range<UInt64> {
                _ = plan.connected(peer(number), endpoint: loopback, isOutbound: false, now: instant(0))
            }
            #expect(plan.count == (isExempt ? 100 : 8))
            // The exemption is for this machine only.
            for number in 100..<200 as Range<UInt64> {
                _ = plan.connected(peer(number), endpoint: place(0), isOutbound: false, now: instant(0))
            }
            #expect(plan.count == (isExempt ? 108 : 16))
        }
    }

    @Test func thereIsAnEndToConnections() {
        var plan = plan { ($0.countMax, $0.trimThreshold, $0.trimTarget) = (10, 8, 6) }
        for number in 0..<20 {
            let refusal = plan.connected(
                peer(UInt64(number)),
                endpoint: place(number),
                isOutbound: number.isMultiple(of: 2),
                now: instant(0)
            )
            #expect(refusal == (number < 10 ? nil : .tooMany))
        }
        // The operator's peers are always welcome.
        plan.protect(peer(50), .configuration)
        #expect(plan.connected(peer(50), endpoint: place(50), isOutbound: false, now: instant(0)) == nil)
        #expect(plan.count == 11)
    }

    /// Having been in the mesh once is no way past the limits later, for as many ids as one likes.
    @Test func reasonsToKeepAConnectionEndWithIt() {
        var plan = plan { $0.countPerHostMax = 2 }
        for number in 0..<20 as Range<UInt64> {
            #expect(plan.connected(peer(number), endpoint: place(1), isOutbound: false, now: instant(0)) == nil)
            plan.protect(peer(number), .mesh)
            plan.protect(peer(number), .sync)
            plan.disconnected(peer(number))
            #expect(plan.protection(of: peer(number)).isEmpty)
        }
        for number in 0..<20 as Range<UInt64> {
            let refusal = plan.connected(peer(number), endpoint: place(1), isOutbound: false, now: instant(1))
            #expect(refusal == (number < 2 ? nil : .tooManyOfHost))
        }
        // The operator's word lasts.
        plan.protect(peer(0), .configuration)
        plan.protect(peer(0), .mesh)
        plan.disconnected(peer(0))
        #expect(plan.protection(of: peer(0)) == .configuration)
    }

    @Test func theLeastValuableGo() {
        var plan = plan {
            ($0.countMax, $0.trimThreshold, $0.trimTarget, $0.gracePeriod) = (50, 12, 8, .seconds(30))
        }
        for number in 0..<16 as Range<UInt64> {
            _ = plan.connected(peer(number), endpoint: place(Int(number)), isOutbound: false, now: instant(0))
            plan.setValue(Double(number), of: peer(number))
        }
        #expect(plan.surplus(now: instant(29_999)).isEmpty)
        #expect(plan.surplus(now: instant(30_000)) == (0..<8).map { peer($0) })
        // Outbound links and servers are worth more, protected ones stay whatever they are worth.
        plan.disconnected(peer(0))
        _ = plan.connected(peer(0), endpoint: place(0), isOutbound: true, now: instant(0))
        plan.setValue(-0.5, of: peer(0))
        plan.setServer(true, peer(1))
        plan.setValue(0.5, of: peer(1))
        plan.protect(peer(2), .mesh)
        plan.protect(peer(3), .session)
        plan.protect(peer(3), .mesh)
        plan.unprotect(peer(3), .mesh)
        plan.protect(peer(4), .mesh)
        plan.unprotect(peer(4), .mesh)
        let surplus = plan.surplus(now: instant(40_000))
        #expect(surplus == [4, 5, 1, 6, 7, 8, 9, 0].map { peer($0) })
        for peer in surplus.prefix(4) { plan.disconnected(peer) }
        #expect(plan.surplus(now: instant(40_000)).isEmpty)
    }

    @Test func crowdsGoFirst() {
        var plan = plan {
            ($0.countMax, $0.trimThreshold, $0.trimTarget, $0.gracePeriod) = (50, 4, 3, .zero)
        }
        _ = plan.connected(peer(1), endpoint: place(1), isOutbound: false, now: instant(5))
        _ = plan.connected(peer(2), endpoint: place(2), isOutbound: false, now: instant(6))
        _ = plan.connected(peer(3), endpoint: place(3, 1), isOutbound: false, now: instant(1))
        _ = plan.connected(peer(4), endpoint: place(3, 1), isOutbound: false, now: instant(2))
        _ = plan.connected(peer(5), endpoint: place(3, 1), isOutbound: false, now: instant(3))
        #expect(plan.surplus(now: instant(9)) == [peer(5), peer(4)])
    }

    @Test func protectedPeersAreNeverTrimmedWhateverHappens() {
        var random = BlockPRG(seed: Block(1, 1))
        var plan = plan { ($0.countMax, $0.trimThreshold, $0.trimTarget) = (40, 20, 10) }
        var protected: Set<PeerID> = []
        for step in 0..<20_000 as Range<UInt64> {
            let one = peer(UInt64.random(in: 0..<60, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0...1:
                let place = place(Int.random(in: 0..<5, using: &random), Int.random(in: 1..<9, using: &random))
                let isOutbound = Bool.random(using: &random)
                _ = plan.connected(one, endpoint: place, isOutbound: isOutbound, now: instant(step * 100))
            case 2: if plan.disconnected(one) != nil { protected.remove(one) }
            case 3:
                plan.protect(one, .mesh)
                protected.insert(one)
            case 4:
                plan.unprotect(one, .mesh)
                protected.remove(one)
            default: plan.setValue(Double.random(in: -1_000...100, using: &random), of: one)
            }
            let surplus = plan.surplus(now: instant(step * 100))
            #expect(protected.isDisjoint(with: surplus))
            #expect(surplus.count <= max(0, plan.count - 10) && Set(surplus).count == surplus.count)
            #expect(plan.count <= 40 + protected.count)
            if step.isMultiple(of: 5) { for peer in surplus { plan.disconnected(peer) } }
        }
    }
}
