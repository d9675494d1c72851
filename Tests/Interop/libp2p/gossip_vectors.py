"""Prints GossipSub RPCs as py-libp2p 0.8.1 encodes them, for Tests/GossipTests/CodecVectors.swift.

Run with .venv/libp2p/bin/python. The author's private key is 32 bytes of 0x07; ECDSA nonces are deterministic.
"""

from libp2p.crypto.secp256k1 import Secp256k1PrivateKey
from libp2p.peer.id import ID
from libp2p.pubsub.pb import rpc_pb2
from libp2p.pubsub.pubsub import PUBSUB_SIGNING_PREFIX
from libp2p.pubsub.validators import signature_validator


def show(name, message):
    print(name, message.SerializeToString().hex())


key = Secp256k1PrivateKey.from_bytes(bytes([7] * 32))
author = ID.from_pubkey(key.get_public_key())
print("author", author.to_bytes().hex())

message = rpc_pb2.Message(
    data=b"attested", topicIDs=["notarizations"], from_id=author.to_bytes(), seqno=bytes(range(8))
)
message.signature = key.sign(PUBSUB_SIGNING_PREFIX.encode() + message.SerializeToString())
assert signature_validator(message)
show("signed", message)

rpc = rpc_pb2.RPC()
rpc.subscriptions.add(subscribe=True, topicid="notarizations")
rpc.subscriptions.add(subscribe=False, topicid="operations")
rpc.publish.append(message)
show("data", rpc)

rpc = rpc_pb2.RPC()
have = rpc.control.ihave.add(topicID="notarizations")
have.messageIDs.extend([b"first", b"second"])
rpc.control.iwant.add().messageIDs.extend([b"third"])
rpc.control.graft.add(topicID="operations")
prune = rpc.control.prune.add(topicID="consensus", backoff=60)
prune.peers.add(peerID=author.to_bytes(), signedPeerRecord=b"record")
rpc.control.idontwant.add().messageIDs.extend([b"fourth", b"fifth"])
show("control", rpc)
