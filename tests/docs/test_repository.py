"""What the repository must not hold: an address of a package registry, a path of somebody's machine, a large file."""

import re

HOSTS = re.compile(r"(?:py[p]i|deb[i]an)\.o[r]g|pyth[o]nhosted|regist[r]y\.np[m]js", re.I)
PATHS = re.compile(r"(?<![\w.~}])/(?:hom[e]|User[s]|roo[t]|wor[k])/[\w.]")
LARGE = 900_000


def test_no_file_names_a_package_registry_or_a_folder_of_a_machine(kept_files, root):
    found = []
    for path in kept_files:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(root)}:{number}"
            for number, line in enumerate(lines, 1)
            if HOSTS.search(line) or PATHS.search(line)
        ]
    assert found == []


def test_no_file_is_large(kept_files, root):
    assert [str(path.relative_to(root)) for path in kept_files if path.stat().st_size > LARGE] == []
