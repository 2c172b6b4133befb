"""An RSA key that signs a registry: made from a seed, given out in both PEM forms.

PKCS #1 (RFC 8017) for the key's form and the signature (RSASSA-PKCS1-v1_5 with SHA-512), X.509's
SubjectPublicKeyInfo for the other PEM. Fit for tests: nothing here is kept secret.
"""

from __future__ import annotations

import base64
import hashlib
import math
import random
from dataclasses import dataclass
from functools import cache, cached_property

BITS = 2048
EXPONENT = 65537
_SHA512 = bytes.fromhex("3051300d060960864801650304020305000440")
"""DER of the DigestInfo that stands before a SHA-512 digest (RFC 8017, section 9.2, note 1)."""
_RSA = bytes.fromhex("300d06092a864886f70d0101010500")
"""DER of the algorithm identifier rsaEncryption with no parameters."""
_SMALL = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))]


@dataclass(frozen=True)
class Key:
    """A private key by its two primes."""

    p: int
    q: int

    @property
    def modulus(self) -> int:
        return self.p * self.q

    @cached_property
    def _crt(self) -> tuple[int, int, int]:
        d = pow(EXPONENT, -1, math.lcm(self.p - 1, self.q - 1))
        return d % (self.p - 1), d % (self.q - 1), pow(self.q, -1, self.p)

    def sign(self, payload: bytes) -> bytes:
        size = (self.modulus.bit_length() + 7) // 8
        told = _SHA512 + hashlib.sha512(payload).digest()
        padded = b"\0\1" + b"\xff" * (size - len(told) - 3) + b"\0" + told
        number = int.from_bytes(padded)
        dp, dq, inverse = self._crt
        at_p, at_q = pow(number, dp, self.p), pow(number, dq, self.q)
        return (at_q + self.q * ((at_p - at_q) * inverse % self.p)).to_bytes(size)

    @property
    def pkcs1(self) -> str:
        """`-----BEGIN RSA PUBLIC KEY-----`."""
        return _pem("RSA PUBLIC KEY", self._der)

    @property
    def spki(self) -> str:
        """`-----BEGIN PUBLIC KEY-----`."""
        return _pem("PUBLIC KEY", _tagged(0x30, _RSA + _tagged(0x03, b"\0" + self._der)))

    @property
    def _der(self) -> bytes:
        return _tagged(0x30, _integer(self.modulus) + _integer(EXPONENT))


@cache
def key(seed: int) -> Key:
    """The key of this seed: the same in every run."""
    chance = random.Random(seed)
    p = _prime(chance)
    q = _prime(chance)
    while q == p:
        q = _prime(chance)
    return Key(max(p, q), min(p, q))


def _prime(chance: random.Random) -> int:
    half = BITS // 2
    while True:
        number = chance.getrandbits(half) | (3 << (half - 2)) | 1
        if (
            all(number % small for small in _SMALL)
            and (number - 1) % EXPONENT
            and _is_probably_prime(number, chance)
        ):
            return number


def _is_probably_prime(number: int, chance: random.Random) -> bool:
    """Miller and Rabin's test, eight times."""
    odd = number - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    for _ in range(8):
        x = pow(chance.randrange(2, number - 1), odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True


def _integer(number: int) -> bytes:
    return _tagged(0x02, number.to_bytes(number.bit_length() // 8 + 1))


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def _pem(title: str, der: bytes) -> str:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {title}-----", *lines, f"-----END {title}-----", ""])
