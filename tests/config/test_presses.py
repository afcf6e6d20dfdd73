"""A press ends without a word when its server does, also one that never asked it for a page."""

import os
import select
import socket
import subprocess
import sys


def test_a_press_ends_quietly_with_a_server_that_never_asked_it(furnish, tmp_path):
    home = furnish(tmp_path / "home")
    options = {**os.environ, "BROADSHEET_HOME": str(home), "BROADSHEET_MODEL": "none"}
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "broadsheet.config.presses", str(theirs.fileno())]
        press = subprocess.Popen(command, env=options, pass_fds=[theirs.fileno()], stderr=subprocess.PIPE, text=True)
    with press, ours:
        assert select.select([ours], [], [], 60)[0], "it never was ready"
        ours.close()  # what the press said stays unread
        assert press.communicate(timeout=60) == (None, "")
    assert press.returncode == 0
