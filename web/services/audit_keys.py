"""The key that ends of chains are signed with (Ed25519), and the public keys of all that were used."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from engine.kernel import EngineError


class NoAuditKey(EngineError):
    """Ends of chains are to be signed, and there is no key, or none that can be read."""

    code = "no_audit_key"


class AuditKeyExists(EngineError):
    """A key is to be made where one is."""

    code = "audit_key_exists"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name."""

    id: str
    private: Ed25519PrivateKey

    def sign(self, digest: str) -> str:
        """The signature over a digest, both in hexadecimal."""
        return self.private.sign(bytes.fromhex(digest)).hex()


def make(path: Path, *, replace: bool = False) -> str:
    """A new key at `path`, readable by its owner alone, and its public key beside it; its name.

    Raises `AuditKeyExists` unless it may `replace` the one that is there, whose public key stays.
    """
    if path.exists() and not replace:
        raise AuditKeyExists(f"There is a key at {path} already: --replace makes another for the blocks to come.")
    path.parent.mkdir(parents=True, exist_ok=True)
    private = Ed25519PrivateKey.generate()
    aside = path.with_suffix(".new")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    name = id_of(private.public_key())
    public = path.parent / f"{name}.pub.pem"
    public.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    aside.replace(path)
    return name


def signer(path: Path) -> Signer:
    """The key at `path`. Raises `NoAuditKey`."""
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise NoAuditKey(f"There is no key to sign with at {path}: make one with `palier audit key`.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise NoAuditKey(f"The key at {path} is none of Ed25519.")
    return Signer(id_of(private.public_key()), private)


def known(path: Path) -> dict[str, Ed25519PublicKey]:
    """The public keys beside `path`, by name."""
    found = {}
    for file in sorted(path.parent.glob("*.pub.pem")):
        key = load_pem_public_key(file.read_bytes())
        if isinstance(key, Ed25519PublicKey):
            found[id_of(key)] = key
    return found


def id_of(key: Ed25519PublicKey) -> str:
    """A key's name: the beginning of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(raw(key)).hexdigest()[:16]


def raw(key: Ed25519PublicKey) -> bytes:
    """A public key as its 32 bytes."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signed(keys: dict[str, Ed25519PublicKey], key_id: str, digest: str, signature: str) -> bool:
    """Whether a signature over a digest is by one of these keys."""
    try:
        keys[key_id].verify(bytes.fromhex(signature), bytes.fromhex(digest))
    except (KeyError, InvalidSignature, ValueError):
        return False
    return True
