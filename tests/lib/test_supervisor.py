import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bridgedesk.lib.supervisor import Child, Reloader, keep_running

LIVES = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_child_that_is_killed_comes_back():
    child, said = Child("clerk", LIVES), []
    child.start()
    assert child.process
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    keep_running([child], said.append, until=lambda: bool(said))
    assert said == ["clerk ended with code -9; starting it again"]
    assert child.process.pid != first
    assert child.process.poll() is not None, "and it is stopped at the end"


def test_a_child_that_cannot_start_is_tried_less_and_less_often():
    child, said = Child("clerk", [sys.executable, "-c", "raise SystemExit(3)"]), []
    end = time.monotonic() + 2.5
    keep_running([child], said.append, until=lambda: time.monotonic() > end)
    assert 1 <= len(said) <= 4


def test_children_end_when_the_root_is_killed_even_where_interrupts_are_ignored():
    """A shell that starts us in the background makes us, and our children, deaf to SIGINT."""
    script = f"""
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
from bridgedesk.lib.supervisor import Child
child = Child("clerk", {LIVES!r}); child.start()
print(child.process.pid, flush=True); time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as root:
        assert root.stdout
        pid = int(root.stdout.readline())
        root.kill()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
            return
        time.sleep(0.05)
    raise AssertionError("the child lives on")


def test_who_edits_the_program_sees_it_start_again(tmp_path):
    code = tmp_path / "clerk.py"
    code.write_text("")
    os.utime(code, (1, 1))
    child, said = Child("clerk", LIVES), []
    child.start()
    assert child.process
    first = child.process.pid
    reloader = Reloader([child], [tmp_path], every=0)
    reloader.keep(said.append)
    (tmp_path / "clerk.html").write_text("read anew anyway")
    reloader.keep(said.append)
    assert said == []
    os.utime(code, (2, 2))
    reloader.keep(said.append)
    assert said == ["the program changed; starting it again"]
    assert child.process.pid != first
    child.stop()
