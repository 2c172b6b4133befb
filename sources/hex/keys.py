"""Public keys of Hex repositories: who signed what a registry says.

Hex.pm's own key is kept as data. It is the one that Hex.pm publishes at
https://hex.pm/docs/public_keys and that its clients carry (`src/hex_core.erl` of hexpm/hex_core,
`lib/hex/repo.ex` of hexpm/hex). A repository of one's own is named by a file with its key.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from factory.errors import RequestError

LONGEST = 64_000


def load(path: str) -> RSAPublicKey:
    """The key in a PEM file: `BEGIN PUBLIC KEY` (SPKI) or `BEGIN RSA PUBLIC KEY` (PKCS#1); Hex.pm's
    own for "". Raises `RequestError` when there is none that could be used."""
    if not path:
        return hexpm()
    try:
        with Path(path).expanduser().open("rb") as file:
            pem = file.read(LONGEST)
    except OSError as error:
        raise RequestError(f"the public key {path} cannot be read: {error.strerror}") from error
    return _key(pem, path)


@cache
def hexpm() -> RSAPublicKey:
    return _key(files("sources").joinpath("data/hexpm_public_key.pem").read_bytes(), "Hex.pm's key")


def _key(pem: bytes, where: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise RequestError(
            f"{where} holds no public key in PEM (a file that begins with "
            "-----BEGIN PUBLIC KEY----- or -----BEGIN RSA PUBLIC KEY-----)"
        ) from error
    if not isinstance(key, RSAPublicKey):
        raise RequestError(f"{where} holds a key of another kind; Hex signs with RSA")
    return key


def fingerprint(key: RSAPublicKey) -> str:
    """The start of the key's SHA-256 (of its SPKI form), for people to compare."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return f"SHA256:{digest.finalize().hex()[:32]}"


def is_signed(payload: bytes, signature: bytes, key: RSAPublicKey) -> bool:
    """Whether `signature` is the key's RSA signature (PKCS#1 v1.5) of the payload's SHA-512."""
    try:
        key.verify(signature, payload, PKCS1v15(), hashes.SHA512())
    except InvalidSignature:
        return False
    return True
