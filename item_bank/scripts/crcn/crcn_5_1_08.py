"""The only computer whose gateway lies outside its subnet."""

import ipaddress
import re
from pathlib import Path


def key(files: list[Path]) -> str:
    """By address, mask and gateway of each."""
    blocks = re.split(r"=== Poste (B12-\d\d) ===", files[0].read_text(encoding="utf-8"))[1:]
    found, addresses = [], set()
    for name, block in zip(blocks[::2], blocks[1::2], strict=True):
        fields = {k.rstrip(" ."): v.strip() for k, v in re.findall(r"^ +(.+?) : (.+)$", block, re.MULTILINE)}
        host = ipaddress.ip_interface(f"{fields['Adresse IPv4']}/{fields['Masque de sous-réseau']}")
        assert host.ip not in (host.network.network_address, host.network.broadcast_address)
        addresses.add(host.ip)
        if ipaddress.ip_address(fields["Passerelle par défaut"]) not in host.network:
            found.append(name)
    assert len(addresses) == len(blocks) // 2 == 24
    assert len(found) == 1
    return found[0]


def make(folder: Path) -> None:
    """Two computers exchange all that is told of them."""
    text = (folder / "crcn-5.1-08.txt").read_bytes().decode("utf-8")
    for variant, other in (("v2", "B12-09"), ("v3", "B12-21")):
        parts = re.split(r"(=== Poste B12-\d\d ===)", text)
        one, two = (parts.index(f"=== Poste {name} ===") + 1 for name in ("B12-17", other))
        parts[one], parts[two] = parts[two], parts[one]
        (folder / f"crcn-5.1-08-{variant}.txt").write_bytes("".join(parts).encode())
