"""A certificate authority of the suite's own, and a server certificate for localhost signed by it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

NAMES = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])


def make(folder: Path) -> tuple[Path, Path, Path]:
    """Files of the authority's certificate, the server's certificate and the server's key."""
    own, its = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    authority = _certificate("The suite's authority", own.public_key(), "The suite's authority", own, authority=True)
    server = _certificate("localhost", its.public_key(), "The suite's authority", own, authority=False)
    key = its.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files = folder / "authority.pem", folder / "server.pem", folder / "server.key"
    for path, data in zip(files, (_pem(authority), _pem(server), key), strict=True):
        path.write_bytes(data)
        path.chmod(0o600 if path.suffix == ".key" else 0o644)
    return files


def _certificate(name: str, public: rsa.RSAPublicKey, issuer: str, signing: rsa.RSAPrivateKey, *, authority: bool) -> x509.Certificate:
    today = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(_named(issuer), _named(name), public, x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )
    if not authority:
        builder = builder.add_extension(NAMES, critical=False)
    return builder.sign(signing, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
