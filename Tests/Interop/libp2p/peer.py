"""An independent libp2p peer (PyPI libp2p) that the interoperability tests talk to.

    peer.py listen           print one JSON line with the address, serve until standard input ends
    peer.py dial MULTIADDR   identify, ping and echo there, print one JSON line with what was seen

Both speak TCP, multistream-select, Noise and yamux with a secp256k1 identity, and /test/echo/1, which returns what
it reads until the writer closes.
"""

import hashlib
import json
import sys

import trio
from libp2p import new_host
from libp2p.crypto.secp256k1 import create_new_key_pair
from libp2p.host.ping import ID as PING, PingService
from libp2p.identity.identify.identify import ID as IDENTIFY
from libp2p.identity.identify.pb.identify_pb2 import Identify
from libp2p.peer.peerinfo import info_from_p2p_addr
from libp2p.custom_types import TProtocol
from libp2p.network.stream.exceptions import StreamEOF
from libp2p.utils.varint import read_varint_prefixed_bytes
from multiaddr import Multiaddr

ECHO = TProtocol("/test/echo/1")
ECHO_BYTES = 3 << 20


async def read(stream, limit=1 << 16):
    """Up to `limit` bytes, none at the end."""
    try:
        return await stream.read(limit)
    except StreamEOF:
        return b""


async def handle_echo(stream):
    while chunk := await read(stream):
        await stream.write(chunk)
    await stream.close_write()


async def echo(host, peer):
    """Sends pseudo-random bytes both ways at once; true if they come back unchanged."""
    stream = await host.new_stream(peer, [ECHO])
    sent = hashlib.shake_128(b"echo").digest(ECHO_BYTES)
    received = bytearray()

    async def write():
        for start in range(0, len(sent), 1 << 16):
            await stream.write(sent[start : start + (1 << 16)])
        await stream.close_write()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(write)
        while chunk := await read(stream):
            received += chunk
    return bytes(received) == sent


async def dial(address):
    host = new_host(key_pair=create_new_key_pair(), muxer_preference="YAMUX")
    async with host.run(listen_addrs=[]):
        info = info_from_p2p_addr(Multiaddr(address))
        await host.connect(info)
        stream = await host.new_stream(info.peer_id, [IDENTIFY])
        message = Identify()
        message.ParseFromString(await read_varint_prefixed_bytes(stream))
        await stream.close()
        round_trips = [ms async for ms in PingService(host).ping_iter(info.peer_id, 3)]
        print(
            json.dumps(
                {
                    "self": str(host.get_id()),
                    "agent": message.agent_version,
                    "protocol": message.protocol_version,
                    "key": message.public_key.hex(),
                    "protocols": list(message.protocols),
                    "listen": [str(Multiaddr(bytes(raw))) for raw in message.listen_addrs],
                    "observed": str(Multiaddr(message.observed_addr)),
                    "pings": len(round_trips),
                    "echo": await echo(host, info.peer_id),
                }
            ),
            flush=True,
        )


async def listen():
    host = new_host(key_pair=create_new_key_pair(), muxer_preference="YAMUX")
    async with host.run(listen_addrs=[Multiaddr("/ip4/127.0.0.1/tcp/0")]):
        host.set_stream_handler(ECHO, handle_echo)
        address = next(a for a in host.get_addrs() if "/tcp/" in str(a))
        text = str(address)
        if "/p2p/" not in text:
            text += f"/p2p/{host.get_id()}"
        key = host.get_public_key().serialize().hex()
        print(json.dumps({"address": text, "peer": str(host.get_id()), "key": key}), flush=True)
        await trio.to_thread.run_sync(sys.stdin.read, abandon_on_cancel=True)


async def main():
    with trio.fail_after(60):
        match sys.argv[1:]:
            case ["listen"]:
                await listen()
            case ["dial", address]:
                await dial(address)
            case _:
                sys.exit(__doc__)


trio.run(main)
