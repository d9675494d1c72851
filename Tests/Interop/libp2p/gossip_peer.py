"""An independent GossipSub peer (PyPI libp2p) that the interoperability tests command.

    gossip_peer.py MULTIADDR TOPIC VERSION IDS     VERSION: 1.1.0 or 1.2.0; IDS: origin or content

Connects to the address, joins the topic, and then takes one command of JSON a line on standard input:

    {"publish": SIZE, "seed": TEXT}      publishes SIZE pseudo-random bytes (SHAKE-128 of the seed)
    {"publishHex": HEX}                  publishes these bytes
    {"send": SIZE, "forged": BOOL}       sends a message of SIZE bytes, in the mesh or not; the signature of a forged one
                                         is one of other bytes
    {"raw": HEX}                         writes these bytes on the gossip stream as they are
    {"unwanted": true}                   counts the ids that the node does not want at the moment
    {"ping": COUNT}                      measures round trips
    {"identify": true}                   asks the node what it is

Prints one line of JSON for each thing that happens: "connected", "mesh" (the node is in the mesh of the topic),
"message" (with size, SHA-256 and, up to 4 KiB, the bytes), "unwanted" (IDONTWANT of the node), "closed", and an answer
to each command. Ends when standard input does.
"""

import hashlib
import json
import sys

import trio
from libp2p import new_host
from libp2p.crypto.secp256k1 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.host.ping import PingService
from libp2p.identity.identify.identify import ID as IDENTIFY
from libp2p.identity.identify.pb.identify_pb2 import Identify
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.pubsub.gossipsub import GossipSub
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.pubsub import PUBSUB_SIGNING_PREFIX, Pubsub
from libp2p.tools.anyio_service import background_trio_service
from libp2p.utils import encode_varint_prefixed
from libp2p.utils.varint import read_varint_prefixed_bytes
from multiaddr import Multiaddr


def say(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


class Peer:
    def __init__(self, host, pubsub, node, topic):
        self.host, self.pubsub, self.node, self.topic = host, pubsub, node, topic

    async def receive(self, subscription):
        while True:
            message = await subscription.get()
            if message.from_id == self.host.get_id().to_bytes():
                continue
            data = message.data
            say(
                "message",
                size=len(data),
                digest=hashlib.sha256(data).hexdigest(),
                author=message.from_id.hex(),
                data=data.hex() if len(data) <= 4096 else None,
            )

    async def await_mesh(self):
        await self.pubsub.wait_for_mesh(self.node, self.topic, timeout=60)
        say("mesh")

    async def watch(self):
        """Tells of IDONTWANT, and of the end of the connection."""
        router, told = self.pubsub.router, set()
        while True:
            for unwanted in set(router.dont_send_message_ids.get(self.node, ())) - told:
                told.add(unwanted)
                say("unwanted", id=unwanted.hex())
            if not self.host.get_network().get_connections(self.node):
                say("closed")
                return
            await trio.sleep(0.02)

    def message(self, size, is_forged):
        message = rpc_pb2.Message(
            data=hashlib.shake_128(b"forged" if is_forged else b"honest").digest(size),
            topicIDs=[self.topic],
            from_id=self.host.get_id().to_bytes(),
            seqno=self.pubsub._next_seqno(),
        )
        signed = PUBSUB_SIGNING_PREFIX.encode() + message.SerializeToString()
        if is_forged:
            signed += b"and more"
        message.signature = self.host.get_private_key().sign(signed)
        return encode_varint_prefixed(rpc_pb2.RPC(publish=[message]).SerializeToString())

    async def obey(self, command):
        match command:
            case {"publish": size, "seed": seed}:
                data = hashlib.shake_128(seed.encode()).digest(size)
                await self.pubsub.publish(self.topic, data)
                say("published", size=size, digest=hashlib.sha256(data).hexdigest())
            case {"publishHex": text}:
                await self.pubsub.publish(self.topic, bytes.fromhex(text))
                say("published")
            case {"send": size, "forged": is_forged}:
                await self.pubsub.peers[self.node].write(self.message(size, is_forged))
                say("sent")
            case {"raw": text}:
                await self.pubsub.peers[self.node].write(bytes.fromhex(text))
                say("written")
            case {"unwanted": True}:
                say("counted", count=len(self.pubsub.router.dont_send_message_ids.get(self.node, ())))
            case {"ping": count}:
                times = [time async for time in PingService(self.host).ping_iter(self.node, count)]
                say("pinged", count=len(times))
            case {"identify": True}:
                stream = await self.host.new_stream(self.node, [IDENTIFY])
                message = Identify()
                message.ParseFromString(await read_varint_prefixed_bytes(stream))
                await stream.close()
                say(
                    "identified",
                    agent=message.agent_version,
                    protocol=message.protocol_version,
                    protocols=list(message.protocols),
                )
            case _:
                say("misunderstood", command=str(command))


def content_id(message):
    return hashlib.sha256(message.data).digest()


async def main(address, topic, version, ids):
    host = new_host(key_pair=create_new_key_pair(), muxer_preference="YAMUX")
    router = GossipSub(
        protocols=[TProtocol(f"/meshsub/{version}")],
        degree=6,
        degree_low=4,
        degree_high=12,
        heartbeat_interval=1,
        max_messages_per_topic_per_second=1e6,
    )
    async with host.run(listen_addrs=[]):
        pubsub = Pubsub(host, router, **({"msg_id_constructor": content_id} if ids == "content" else {}))
        info = info_from_p2p_addr(Multiaddr(address))
        async with background_trio_service(pubsub), background_trio_service(router):
            await pubsub.wait_until_ready()
            subscription = await pubsub.subscribe(topic)
            await host.connect(info)
            peer = Peer(host, pubsub, info.peer_id, topic)
            say("connected", peer=str(host.get_id()))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(peer.receive, subscription)
                nursery.start_soon(peer.await_mesh)
                nursery.start_soon(peer.watch)
                while line := await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
                    await peer.obey(json.loads(line))
                nursery.cancel_scope.cancel()


async def run():
    with trio.move_on_after(170):
        await main(*sys.argv[1:])


trio.run(run)
