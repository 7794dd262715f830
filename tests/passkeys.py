"""A key for tests, made of software: registers and signs as a browser with a passkey does."""

import json
from hashlib import sha256
from secrets import token_bytes

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_encode

HOST = "testserver"
PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class Passkey:
    def __init__(self, host: str = HOST):
        self.host, self.id = host, token_bytes(16)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.handle = ""

    def made(self, options: dict) -> dict:
        """Answer the options for a new passkey."""
        asked = options["publicKey"]
        self.handle = asked["user"]["id"]
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        seen = self._seen(PRESENT | VERIFIED | WITH_KEY) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": seen})
        return self._reply(
            self._client("webauthn.create", asked["challenge"]),
            {"attestationObject": websafe_encode(attestation), "transports": ["internal"]},
            {"credProps": {"rk": True}},
        )

    def shown(self, options: dict, handle: str | None = None) -> dict:
        """Answer the options to sign in."""
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        seen = self._seen(PRESENT | VERIFIED)
        signature = self.key.sign(seen + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._reply(
            client,
            {
                "authenticatorData": websafe_encode(seen),
                "signature": websafe_encode(signature),
                "userHandle": handle or self.handle,
            },
            {},
        )

    def _seen(self, flags: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags]) + bytes(4)

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": f"https://{self.host}"}
        return json.dumps(told).encode()

    def _reply(self, client: bytes, response: dict, extensions: dict) -> dict:
        return {
            "type": "public-key",
            "id": websafe_encode(self.id),
            "rawId": websafe_encode(self.id),
            "authenticatorAttachment": "platform",
            "response": {"clientDataJSON": websafe_encode(client), **response},
            "clientExtensionResults": extensions,
        }
