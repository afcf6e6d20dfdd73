"""A private Postfix on loopback that keeps every mail it takes in one folder. It wants root, as Postfix does."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path

DAEMONS = Path("/usr/lib/postfix/sbin")
MAIN = """
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = papers.example
mydestination =
alias_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = static:all/
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_relay_restrictions = permit_mynetworks, reject
maillog_file_prefixes = {home}
maillog_file = {home}/log
"""
MASTER = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


def is_here() -> bool:
    """Whether Postfix is installed and may be started."""
    return os.geteuid() == 0 and shutil.which("postfix") is not None and (DAEMONS / "master").exists()


class Postfix:
    """`with Postfix(folder, port) as postfix`, where every user may look into the folder."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port

    def __enter__(self) -> "Postfix":
        owner = pwd.getpwnam("postfix")
        for name in ("queue", "data", "mail"):
            (self.home / name).mkdir(mode=0o755)
        for name in ("data", "mail"):
            os.chown(self.home / name, owner.pw_uid, owner.pw_gid)
        settings = {"home": self.home, "daemons": DAEMONS, "uid": owner.pw_uid, "gid": owner.pw_gid, "port": self.port}
        (self.home / "main.cf").write_text(MAIN.format(**settings))
        (self.home / "master.cf").write_text(MASTER.format(**settings))
        self._run("start")
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._run("stop")

    def mails(self, count: int, seconds: float = 120) -> list[EmailMessage]:
        """The heads of every mail delivered so far, as soon as so many have come."""
        folder, deadline = self.home / "mail" / "all" / "new", time.monotonic() + seconds
        while len(files := list(folder.glob("*"))) < count:
            assert time.monotonic() < deadline, f"{len(files)} of {count} mails"
            time.sleep(0.1)
        heads = BytesHeaderParser(policy=policy.default)
        return [heads.parsebytes(path.read_bytes()) for path in files]

    def _run(self, verb: str) -> None:
        subprocess.run(["postfix", "-c", str(self.home), verb], check=True, capture_output=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self.home / "log").read_text()
                time.sleep(0.05)
