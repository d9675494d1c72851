"""Prints Kademlia messages and signed peer records as py-libp2p 0.8.1 encodes them.

For Tests/DiscoveryTests/DiscoveryVectors.swift. Run with .venv/libp2p/bin/python. Private keys are 32 equal bytes; ECDSA
nonces are deterministic.
"""

from multiaddr import Multiaddr

from libp2p.crypto.secp256k1 import Secp256k1PrivateKey
from libp2p.kad_dht.pb.kademlia_pb2 import Message
from libp2p.peer.envelope import consume_envelope, seal_record
from libp2p.peer.id import ID
from libp2p.peer.peer_record import PeerRecord


def key(byte):
    return Secp256k1PrivateKey.from_bytes(bytes([byte] * 32))


def peer(byte):
    return ID.from_pubkey(key(byte).get_public_key())


def show(name, data):
    print(name, data.hex())


show("peer7", peer(7).to_bytes())
show("peer8", peer(8).to_bytes())

message = Message(type=Message.FIND_NODE, key=peer(7).to_bytes())
show("request", message.SerializeToString())
show("ping", Message(type=Message.PING).SerializeToString())
show("getValue", Message(type=Message.GET_VALUE, key=b"name").SerializeToString())

put = Message(type=Message.PUT_VALUE, key=b"name")
put.record.key = b"name"
put.record.value = b"value"
put.record.timeReceived = "2025-01-01T00:00:00Z"
show("putValue", put.SerializeToString())

addresses = [Multiaddr("/ip4/203.0.113.7/tcp/4001"), Multiaddr("/ip6/2001:db8::7/tcp/4002")]
envelope = seal_record(PeerRecord(peer(7), addresses, 1_700_000_000), key(7))
record = envelope.marshal_envelope()
consume_envelope(record, "libp2p-peer-record")
show("record", record)

plain = Message(type=Message.FIND_NODE, key=peer(7).to_bytes())
near = plain.closerPeers.add(id=peer(7).to_bytes(), connection=Message.CONNECTED)
near.addrs.extend(address.to_bytes() for address in addresses)
far = plain.closerPeers.add(id=peer(8).to_bytes())
far.addrs.append(Multiaddr("/dns4/node.example/tcp/4003").to_bytes())
show("answer", plain.SerializeToString())

signed = Message()
signed.CopyFrom(plain)
signed.closerPeers[0].signedRecord = record
signed.senderRecord = record
provider = signed.providerPeers.add(id=peer(8).to_bytes())
show("signedAnswer", signed.SerializeToString())
