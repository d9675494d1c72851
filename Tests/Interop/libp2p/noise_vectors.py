"""Prints the Noise XX vectors of NoiseXXHandshakeTests, made by an independent implementation (PyPI noiseprotocol,
which libp2p depends on): the private keys are 00…1f, 20…3f, 40…5f and 60…7f, messages alternate from the initiator.
"""

import warnings

from noise.connection import Keypair, NoiseConnection

warnings.simplefilter("ignore")
PAYLOADS = [b"", b"second message", b"third message", b"", b"fourth", b"fifth"]


def party(static, ephemeral, prologue):
    connection = NoiseConnection.from_name(b"Noise_XX_25519_ChaChaPoly_SHA256")
    connection.set_prologue(prologue)
    connection.set_keypair_from_private_bytes(Keypair.STATIC, bytes(range(static, static + 32)))
    connection.set_keypair_from_private_bytes(Keypair.EPHEMERAL, bytes(range(ephemeral, ephemeral + 32)))
    return connection


for prologue in (b"", b"Tabellion"):
    initiator, responder = party(0, 32, prologue), party(64, 96, prologue)
    initiator.set_as_initiator()
    responder.set_as_responder()
    initiator.start_handshake()
    responder.start_handshake()
    writer, reader = initiator, responder
    print(prologue)
    for index, payload in enumerate(PAYLOADS):
        message = writer.write_message(payload) if index < 3 else writer.encrypt(payload)
        assert (reader.read_message(message) if index < 3 else reader.decrypt(message)) == payload
        print(bytes(message).hex())
        writer, reader = reader, writer
    print(initiator.get_handshake_hash().hex())
