"""What is stored enciphered: each purpose has a key of its own, made from the installation's secret."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet


def cipher(secret: str, purpose: str) -> Fernet:
    """The cipher of a purpose; what one purpose seals, another cannot open."""
    key = hmac.new(secret.encode(), f"palier: {purpose}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
