"""A certificate authority for tests of TLS, made with the cryptography package, good for localhost and 127.0.0.1."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Authority:
    """Files of an authority and of a server's certificate that it signed."""

    ca: Path
    certificate: Path
    key: Path


def made(folder: Path, host: str = "localhost") -> Authority:
    """Make both; `host` is the only name in the certificate, besides 127.0.0.1 for localhost."""
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(f"Test authority of {host}")
    ca = _builder(issuer, issuer, ca_key).add_extension(x509.BasicConstraints(True, None), critical=True)
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    names += [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] if host == "localhost" else []
    server = _builder(_name(host), issuer, key).add_extension(
        x509.SubjectAlternativeName(names), critical=False
    )
    found = Authority(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    found.ca.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    found.certificate.write_bytes(
        server.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    found.key.chmod(0o600)
    return found


def _name(words: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, words)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
    )  # fmt: skip
