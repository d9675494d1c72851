"""An independent opinion on typed data, signatures, key files and Merkle roots.

Reads one JSON request a line from standard input and writes one JSON answer a line to standard output; a request that
fails is answered with its error. Nothing here is derived from Tabellion's sources: typed data, signatures and key files are eth-account's, and the Merkle root is computed from the
text of docs/attestation.md with hashlib and eth-hash.
"""

import hashlib
import json
import sys

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak


def recover(request):
    """Digest of a typed-data message, and the address that signed it."""
    message = encode_typed_data(full_message=request["typedData"])
    return {
        "digest": "0x" + keccak(b"\x19" + message.version + message.header + message.body).hex(),
        "structHash": "0x" + message.body.hex(),
        "domainSeparator": "0x" + message.header.hex(),
        "address": Account.recover_message(message, signature=request["signature"]),
    }


def sign(request):
    """Signature of a typed-data message."""
    signed = Account.sign_typed_data(request["key"], full_message=request["typedData"])
    return {"signature": "0x" + bytes(signed.signature).hex()}


def encrypt(request):
    """A key file for a key and a password."""
    keyfile = Account.encrypt(request["key"], request["password"], kdf=request["kdf"], iterations=request["iterations"])
    return {"keyfile": json.dumps(keyfile)}


def decrypt(request):
    """The key in a key file."""
    return {"key": "0x" + bytes(Account.decrypt(request["keyfile"], request["password"])).hex()}


def merkle_root(request):
    """Root over segments that are given with bytes and blinders."""

    def leaf(index, segment):
        data = bytes.fromhex(segment["bytes"][2:])
        commitment = hashlib.sha256(data + bytes.fromhex(segment["blinder"][2:])).digest()
        start = int(segment["start"])
        return keccak(
            b"\x00"
            + index.to_bytes(4, "big")
            + bytes([{"sent": 0, "received": 1}[segment["direction"]]])
            + bytes([{"disclosed": 0, "committed": 1}[segment["kind"]]])
            + start.to_bytes(8, "big")
            + (start + len(data)).to_bytes(8, "big")
            + commitment
        )

    def top(hashes):
        if len(hashes) == 1:
            return hashes[0]
        left = 1
        while 2 * left < len(hashes):
            left *= 2
        return keccak(b"\x01" + top(hashes[:left]) + top(hashes[left:]))

    leaves = [leaf(index, segment) for index, segment in enumerate(request["segments"])]
    highest = top(leaves) if leaves else bytes(32)
    return {"root": "0x" + keccak(b"\x02" + len(leaves).to_bytes(4, "big") + highest).hex()}


OPERATIONS = {
    "recover": recover,
    "sign": sign,
    "encrypt": encrypt,
    "decrypt": decrypt,
    "merkleRoot": merkle_root,
}


def answer(request):
    """The answer to a request, or what went wrong."""
    try:
        return OPERATIONS[request["operation"]](request)
    except Exception as error:  # The caller's test fails with this text.
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)
