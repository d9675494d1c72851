import Gossip
import PeerProtocols
import Testing

struct MessageTests {
    private func bench(_ change: (inout GossipConfiguration) -> Void = { _ in }) throws -> RouterBench {
        var bench = try RouterBench(change)
        bench.connect(2...7)
        bench.join()
        bench.clear()
        return bench
    }

    @Test func validMessagesGoOnToWhoeverHasThemNot() throws {
        var bench = try bench()
        let message = try bench.message("m", by: 4)
        let id = try bench.id(message)
        bench.receive(GossipRPC(messages: [message]), from: 2)
        #expect(bench.takeOthers() == [.validate(message, id: id, from: RouterBench.peer(2).id)])
        // Nothing is forwarded before the verdict; who brings it meanwhile does not get it back.
        bench.receive(GossipRPC(messages: [message]), from: 3)
        for number in 2...7 { #expect(bench.takeSent(to: number).messages.isEmpty) }
        bench.report(.accept, of: id)
        for number in 2...7 {
            #expect(bench.takeSent(to: number).messages == (number <= 4 ? [] : [message]))
        }
        #expect(bench.score(2) > bench.score(3))
        bench.report(.reject, of: id)
        #expect(bench.score(2) > 0)
        bench.receive(GossipRPC(messages: [message]), from: 5)
        #expect(bench.takeOthers().isEmpty)
        #expect(bench.router.statistics.duplicates == 2)
        let bytes = 3 * message.encoded.count
        #expect(
            bench.router.traffic == [
                message.topic: TopicTraffic(
                    messagesReceived: 3,
                    bytesReceived: bytes,
                    messagesSent: 3,
                    bytesSent: bytes
                )
            ]
        )
    }

    @Test func rejectedMessagesCostWhoeverBringsThem() throws {
        var bench = try bench()
        let message = try bench.message("m", by: 4)
        let id = try bench.id(message)
        for number in 2...3 { bench.receive(GossipRPC(messages: [message]), from: number) }
        bench.report(.reject, of: id)
        bench.receive(GossipRPC(messages: [message]), from: 5)
        for number in 2...7 { #expect(bench.takeSent(to: number).messages.isEmpty) }
        for number in [2, 3, 5] { #expect(bench.score(number) == -100) }
        for number in [4, 6, 7] { #expect(bench.score(number) == 0) }
    }

    /// Where ids say nothing of the content, an author can give one to two messages.
    @Test func aVerdictHoldsForOneContentOnly() throws {
        var bench = try bench()
        let bad = try bench.message("bad", by: 4, sequenceNumber: 1)
        let good = try bench.message("good", by: 4, sequenceNumber: 1)
        let id = try bench.id(bad)
        #expect(try bench.id(good) == id)
        bench.receive(GossipRPC(messages: [bad]), from: 2)
        bench.receive(GossipRPC(messages: [good]), from: 3)
        bench.receive(GossipRPC(messages: [bad]), from: 5)
        bench.report(.reject, of: id)
        bench.receive(GossipRPC(messages: [good]), from: 6)
        bench.receive(GossipRPC(messages: [bad]), from: 7)
        for number in [2, 5, 7] { #expect(bench.score(number) == -100) }
        for number in [3, 6] { #expect(bench.score(number) == 0) }
    }

    @Test func contentAsIDGivesEachContentAVerdictOfItsOwn() throws {
        var bench = try bench { $0.messageID = MessageID.content }
        let bad = try bench.message("bad", by: 4, sequenceNumber: 1)
        let good = try bench.message("good", by: 4, sequenceNumber: 1)
        bench.receive(GossipRPC(messages: [bad]), from: 2)
        bench.report(.reject, of: try #require(MessageID.content(bad)))
        bench.receive(GossipRPC(messages: [good]), from: 3)
        bench.report(.accept, of: try #require(MessageID.content(good)))
        #expect(bench.score(2) == -100 && bench.score(3) > 0)
        // SHA-256 of "good", computed elsewhere.
        let digest = "770e607624d689265ca6c44884d0807d9b054d23c473c106c72be9de08b7376c"
        #expect(MessageID.content(good)?.bytes.map { String(Int($0) + 256, radix: 16).dropFirst() }.joined() == digest)
    }

    @Test func whatIsInvalidNowMayBeValidLater() throws {
        var bench = try bench()
        let message = try bench.message("m", by: 4)
        bench.receive(GossipRPC(messages: [message]), from: 2)
        bench.report(.rejectForNow, of: try bench.id(message))
        bench.receive(GossipRPC(messages: [message]), from: 3)
        #expect(bench.score(2) == -100 && bench.score(3) == 0)
        #expect(bench.router.statistics.rejected == 1)
    }

    @Test func messagesOfNoUseAreBounded() throws {
        var bench = try bench {
            $0.ignorableCountMax = 10
            $0.ignorableCountPerHeartbeat = 3
        }
        var next: UInt64 = 0
        func bring(_ count: Int, from number: Int, _ bench: inout RouterBench) throws -> Int {
            var looked = 0
            for _ in 0..<count {
                next += 1
                let message = try bench.message("m", by: 4, sequenceNumber: next)
                bench.receive(GossipRPC(messages: [message]), from: number)
                let validations = bench.takeValidations()
                for id in validations { bench.report(.ignore, of: id) }
                looked += validations.count
            }
            return looked
        }
        #expect(try bring(30, from: 2, &bench) == 10)
        #expect(bench.router.statistics.messagesDropped == 20)
        // Nobody else is concerned, and what is of use costs nothing.
        #expect(try bring(5, from: 3, &bench) == 5)
        bench.heartbeat()
        #expect(try bring(30, from: 2, &bench) == 3)
        #expect(bench.score(2) == 0)
        bench.heartbeat(10)
        #expect(try bring(30, from: 2, &bench) == 10)
    }

    @Test func ignoredMessagesCostNothing() throws {
        var bench = try bench()
        let message = try bench.message("m", by: 4)
        for number in 2...3 { bench.receive(GossipRPC(messages: [message]), from: number) }
        bench.report(.ignore, of: try bench.id(message))
        bench.receive(GossipRPC(messages: [message]), from: 5)
        for number in 2...7 {
            #expect(bench.takeSent(to: number).messages.isEmpty)
            #expect(bench.score(number) == 0)
        }
    }

    @Test func forgeriesAreNotShownToTheApplicationAndDoNotHideTheOriginal() throws {
        var bench = try bench()
        let message = try bench.message("m", by: 4)
        bench.receive(GossipRPC(messages: [bench.forge(message)]), from: 2)
        #expect(bench.takeOthers().isEmpty)
        #expect(bench.score(2) == -100)
        #expect(bench.router.statistics.badSignatures == 1)
        bench.receive(GossipRPC(messages: [message]), from: 3)
        #expect(bench.takeValidations().count == 1)
    }

    @Test func aFloodOfForgeriesEndsWithTheGraylist() throws {
        var bench = try bench()
        let forgeries = try (0..<50).map { bench.forge(try bench.message("m", by: 4, sequenceNumber: $0)) }
        bench.receive(GossipRPC(messages: forgeries), from: 2)
        // Four invalid messages are enough; the signatures of the rest are not even verified.
        #expect(bench.router.statistics.badSignatures == 4)
        #expect(bench.router.isGraylisted(RouterBench.peer(2).id))
        let good = try bench.message("good", by: 5)
        bench.receive(GossipRPC(messages: [good]), from: 2)
        #expect(bench.takeOthers().isEmpty)
        #expect(bench.router.statistics.rpcsGraylisted == 1)
        bench.heartbeat(3)
        #expect(bench.takeOthers() == [.disconnect(RouterBench.peer(2).id, .graylisted)])
        #expect(!bench.inMesh(2))
        // Reconnecting changes nothing.
        bench.router.disconnect(RouterBench.peer(2).id, now: bench.now)
        bench.connect(2...2)
        bench.receive(GossipRPC(messages: [good]), from: 2)
        #expect(bench.takeValidations().isEmpty)
    }

    @Test func oversizeAndUnsignedMessagesCostScore() throws {
        var bench = try bench { $0.messageByteCountMax = 1_000 }
        bench.receive(GossipRPC(messages: [try bench.message("m", by: 4, byteCount: 1_001)]), from: 2)
        #expect(bench.score(2) == -100)
        let unsigned = GossipMessage(topic: bench.topic, data: [1], source: nil, sequenceNumber: nil)
        bench.receive(GossipRPC(messages: [unsigned]), from: 3)
        #expect(bench.score(3) == -100)
        #expect(bench.takeOthers().isEmpty)
        let topic = bench.topic
        let data = [UInt8](repeating: 1, count: 1_001)
        #expect(throws: GossipPublishingError.oversize(byteCount: 1_001, byteCountMax: 1_000)) {
            try bench.perform { try $0.publish(data, to: topic, now: $1).effects }
        }
    }

    @Test func ownMessagesAndForeignTopicsAreNobodysFault() throws {
        var bench = try bench()
        let own = try bench.message("own", by: 1)
        bench.receive(GossipRPC(messages: [own]), from: 2)
        let foreign = try #require(
            MessageSigning.sign([1], topic: topic("foreign"), sequenceNumber: 1, author: RouterBench.peer(4))
        )
        bench.receive(GossipRPC(messages: [foreign]), from: 2)
        #expect(bench.takeOthers().isEmpty)
        #expect(bench.score(2) == 0)
        #expect(bench.router.statistics.messagesUnasked == 2)
    }

    /// In the name of whoever gets them, too, forgeries are their bringer's fault.
    @Test func forgedOwnMessagesCostScore() throws {
        var bench = try bench()
        let own = try bench.message("own", by: 1)
        let forged = GossipMessage(
            topic: bench.topic,
            data: Array("forged".utf8),
            source: RouterBench.peer(1).id,
            sequenceNumber: 7,
            signature: Array(own.signature)
        )
        bench.receive(GossipRPC(messages: [forged]), from: 2)
        #expect(bench.score(2) == -100)
        #expect(bench.router.statistics.badSignatures == 1)
        #expect(bench.takeOthers().isEmpty)
    }

    @Test func waitingMessagesAreBoundedAndComeAgain() throws {
        var bench = try bench { $0.pendingCountMax = 3 }
        let messages = try (0..<5).map { try bench.message("m", by: 4, sequenceNumber: $0) }
        bench.receive(GossipRPC(messages: messages), from: 2)
        let waiting = bench.takeValidations()
        #expect(waiting.count == 3)
        #expect(bench.router.statistics.messagesDropped == 2)
        #expect(bench.score(2) == 0)
        bench.report(.accept, of: waiting[0])
        bench.receive(GossipRPC(messages: [messages[4]]), from: 3)
        #expect(bench.takeValidations() == [try bench.id(messages[4])])
        // What never gets a verdict is forgotten with its id.
        bench.pass(.seconds(130))
        #expect(bench.router.occupancy.pendingCount == 0 && bench.router.occupancy.pendingByteCount == 0)
        #expect(bench.router.occupancy.seenCount == 0 && bench.router.occupancy.cachedCount == 0)
    }

    @Test func rememberedIDsAreBounded() throws {
        var bench = try bench { $0.seenCountMax = 10 }
        for number in 0..<30 as Range<UInt64> {
            let message = try bench.message("m", by: 4, sequenceNumber: number)
            bench.receive(GossipRPC(messages: [message]), from: 2)
        }
        #expect(bench.router.occupancy.seenCount == 10)
        #expect(bench.router.occupancy.pendingCount == 10)
    }

    @Test func keptMessagesAreBoundedInBytes() throws {
        var bench = try bench {
            $0.messageByteCountMax = 10_000
            $0.historyByteCountMax = 25_000
        }
        let t = bench.topic
        for number in 0..<9 as Range<UInt8> {
            try bench.perform { try $0.publish([UInt8](repeating: number, count: 8_000), to: t, now: $1).effects }
        }
        #expect(bench.router.occupancy.cachedCount == 3)
        #expect(bench.router.occupancy.cachedByteCount <= 25_000)
        bench.heartbeat(5)
        #expect(bench.router.occupancy.cachedCount == 0 && bench.router.occupancy.cachedByteCount == 0)
    }

    @Test func ownMessagesFloodAllPeersAboveTheThreshold() throws {
        var bench = try bench()
        bench.connect(8...20)
        bench.earn(9, -400)
        bench.earn(10, -501)
        bench.clear()
        let t = bench.topic
        try bench.perform { try $0.publish([1, 2, 3], to: t, now: $1).effects }
        for number in 2...20 {
            #expect(bench.takeSent(to: number).messages.count == (number == 10 ? 0 : 1))
        }
    }

    @Test func withoutFloodingTheMeshOrTheFanoutIsUsed() throws {
        var bench = try bench { $0.floodsPublishing = false }
        bench.connect(8...20)
        bench.clear()
        let t = bench.topic
        try bench.perform { try $0.publish([1], to: t, now: $1).effects }
        for number in 2...20 { #expect(bench.takeSent(to: number).messages.count == (bench.inMesh(number) ? 1 : 0)) }
        bench.perform { $0.leave(t, now: $1) }
        bench.pass(.seconds(20))
        bench.clear()
        try bench.perform { try $0.publish([2], to: t, now: $1).effects }
        let first = (2...20).filter { !bench.takeSent(to: $0).messages.isEmpty }
        #expect(first.count == 6)
        bench.pass(.seconds(5))
        bench.clear()
        try bench.perform { try $0.publish([3], to: t, now: $1).effects }
        #expect((2...20).filter { !bench.takeSent(to: $0).messages.isEmpty } == first)
        // Joining turns the fanout into the mesh.
        bench.join()
        #expect(Set(bench.mesh) == Set(first.map { RouterBench.peer($0).id }))
    }

    @Test func contentCanBeTheID() throws {
        var bench = try bench { $0.messageID = { MessageID($0.data) } }
        let t = bench.topic
        try bench.perform { try $0.publish([1], to: t, now: $1).effects }
        #expect(throws: GossipPublishingError.duplicate) {
            try bench.perform { try $0.publish([1], to: t, now: $1).effects }
        }
        bench.receive(GossipRPC(messages: [try bench.message("a", by: 4, sequenceNumber: 1)]), from: 2)
        bench.receive(GossipRPC(messages: [try bench.message("a", by: 4, sequenceNumber: 2)]), from: 2)
        #expect(bench.takeValidations() == [GossipTests.id("a")])
    }

    @Test func deliveriesShortlyAfterTheVerdictCountForP3() throws {
        var bench = try bench {
            $0.scoring.topics[topic("t")]?.meshDeliveriesWeight = -1
            $0.scoring.topics[topic("t")]?.meshDeliveriesThreshold = 1
            $0.scoring.topics[topic("t")]?.meshDeliveriesActivation = .seconds(1)
            $0.scoring.topics[topic("t")]?.meshDeliveriesWindow = .milliseconds(10)
            $0.scoring.topics[topic("t")]?.meshDeliveriesDecay = 0.999
            $0.scoring.topics[topic("t")]?.meshFailureWeight = -2
            $0.scoring.topics[topic("t")]?.meshFailureDecay = 0.999
            $0.scoring.topics[topic("t")]?.firstDeliveriesWeight = 0
            $0.scoring.topics[topic("t")]?.timeInMeshWeight = 0
        }
        bench.pass(.milliseconds(500))
        for number in 0..<2 as Range<UInt64> {
            let message = try bench.message("m", by: 9, sequenceNumber: number)
            bench.receive(GossipRPC(messages: [message]), from: 2)
            bench.receive(GossipRPC(messages: [message]), from: 3)
            bench.report(.accept, of: try bench.id(message))
            bench.now = bench.now.advanced(by: .milliseconds(9))
            bench.receive(GossipRPC(messages: [message]), from: 4)
            bench.now = bench.now.advanced(by: .milliseconds(2))
            bench.receive(GossipRPC(messages: [message]), from: 5)
        }
        bench.pass(.seconds(3))
        // Too late is as good as never: peers with a deficit left the mesh, with it as P3b.
        for number in 2...4 { #expect(bench.inMesh(number) && bench.score(number) == 0) }
        for number in 5...7 { #expect(!bench.inMesh(number) && bench.score(number) < -1.9) }
    }
}
