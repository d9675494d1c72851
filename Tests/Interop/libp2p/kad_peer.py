"""An independent Kademlia peer (PyPI libp2p) that the interoperability tests start.

    kad_peer.py find MULTIADDR PEER   connects to the address as a client of the DHT, searches the peer through it,
                                      identifies whom it found, then asks the node what no honest client asks
    kad_peer.py serve MULTIADDR       connects to the address as a server of the DHT, and serves until standard input ends

Each prints one line of JSON. py-libp2p 0.8.1 speaks /ipfs/kad/1.0.0 and no other name.
"""

import json
import sys

import trio
from libp2p import new_host
from libp2p.crypto.secp256k1 import create_new_key_pair
from libp2p.identity.identify.identify import ID as IDENTIFY
from libp2p.identity.identify.pb.identify_pb2 import Identify
from libp2p.kad_dht.common import PROTOCOL_ID
from libp2p.kad_dht.kad_dht import DHTMode, KadDHT
from libp2p.kad_dht.pb.kademlia_pb2 import Message
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.tools.anyio_service import background_trio_service
from libp2p.utils import encode_varint_prefixed
from libp2p.utils.varint import read_varint_prefixed_bytes
from multiaddr import Multiaddr


def say(**fields):
    print(json.dumps(fields), flush=True)


async def ask(host, peer, body):
    """The answer to these bytes, or None if the stream ends without one."""
    stream = await host.new_stream(peer, [PROTOCOL_ID])
    try:
        with trio.fail_after(10):
            await stream.write(encode_varint_prefixed(body))
            return await read_varint_prefixed_bytes(stream)
    except trio.TooSlowError:
        raise
    except Exception:
        return None


async def find(address, target):
    host = new_host(key_pair=create_new_key_pair(), muxer_preference="YAMUX")
    async with host.run(listen_addrs=[]):
        node = info_from_p2p_addr(Multiaddr(address))
        await host.connect(node)
        dht = KadDHT(host, DHTMode.CLIENT)
        nearest = await dht.peer_routing.find_closest_peers_network(b"a key of nobody")
        found = await dht.peer_routing.find_peer(ID.from_base58(target))
        agent = None
        if found:
            await host.connect(found)
            stream = await host.new_stream(found.peer_id, [IDENTIFY])
            message = Identify()
            message.ParseFromString(await read_varint_prefixed_bytes(stream))
            await stream.close()
            agent = message.agent_version
        ping = await ask(host, node.peer_id, Message(type=Message.MessageType.PING).SerializeToString())
        put = Message(type=Message.MessageType.PUT_VALUE, key=b"/pk/key")
        put.record.key, put.record.value = b"/pk/key", b"value"
        say(
            peer=str(host.get_id()),
            nearest=[str(peer) for peer in nearest],
            found=str(found.peer_id) if found else None,
            addresses=[str(address) for address in found.addrs] if found else [],
            agent=agent,
            ping=ping is not None and Message.FromString(ping).type == Message.MessageType.PING,
            stored=await ask(host, node.peer_id, put.SerializeToString()) is not None,
            nonsense=await ask(host, node.peer_id, b"\x01\x02\x03") is not None,
        )


async def serve(address):
    host = new_host(key_pair=create_new_key_pair(), muxer_preference="YAMUX")
    async with host.run(listen_addrs=[Multiaddr("/ip4/127.0.0.1/tcp/0")]):
        dht = KadDHT(host, DHTMode.SERVER)
        async with background_trio_service(dht):
            await host.connect(info_from_p2p_addr(Multiaddr(address)))
            own = next(a for a in host.get_addrs() if "/tcp/" in str(a))
            say(peer=str(host.get_id()), addresses=[str(own)])
            await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)


async def main():
    with trio.fail_after(120):
        match sys.argv[1:]:
            case ["find", address, target]:
                await find(address, target)
            case ["serve", address]:
                await serve(address)
            case _:
                sys.exit(__doc__)


trio.run(main)
