"""The page of clients names each client that is tested, in the versions that are pinned."""

import json
import re


def test_every_tested_client_is_named_in_its_pinned_versions(root):
    page = (root / "docs" / "reference" / "clients.md").read_text()
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|.*tests/(\w+/test_\w+\.py)\)", page, re.M)
    assert {place for *_, place in rows if place.startswith("clients/")} == {
        f"clients/{path.name}" for path in (root / "tests" / "clients").glob("test_*.py")
    }
    inspector = json.loads((root / "tests" / "clients" / "inspector" / "package.json").read_text())["dependencies"]
    locks = [root / "requirements-dev.lock", *(root / "tests" / "clients").glob("*.lock")]
    pinned = {
        found for lock in locks for found in re.findall(r"^([a-z0-9.-]+)==([0-9.]+)", lock.read_text(), re.M)
    } | set(inspector.items())
    for name, versions, _ in rows:
        told = {(name, version) for version in versions.split(", ") if version != "this one"}
        assert told == {found for found in pinned if found[0] == name}, name
