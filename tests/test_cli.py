"""The command line as an operator meets it, in processes of its own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

ALONE = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGEDESK_") and name != "DATABASE_URL"}


def bridgedesk(*words: str, data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridgedesk", *words]
    return subprocess.run(
        command, env=ALONE | {"BRIDGEDESK_DATA": str(data)} | env, capture_output=True, text=True, check=False, timeout=120
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_up_serves_and_ends_in_order(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "bridgedesk", "up", "--port", str(port)]
    with subprocess.Popen(
        command, env=ALONE | {"BRIDGEDESK_DATA": str(tmp_path / "d")}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as tree:
        assert tree.stdout
        said = []
        for line in tree.stdout:
            said.append(line)
            if "runs at" in line:
                break
        try:
            assert wait_for(port) == 200, said
            looked = bridgedesk("doctor", data=tmp_path / "d")
            assert "PostgreSQL" in looked.stdout
            written = bridgedesk("backup", str(tmp_path / "b.tar.gz"), data=tmp_path / "d")
            assert "written" in written.stdout, written.stderr
        finally:
            tree.terminate()
            tree.communicate(timeout=60)
        assert tree.returncode == 0
    assert not (tmp_path / "d" / "postgres" / "cluster" / "postmaster.pid").exists(), "the database was shut down, not cut off"


def wait_for(port: int) -> int:
    for _ in range(300):
        try:
            return httpx.get(f"http://127.0.0.1:{port}/account/login/", timeout=60).status_code
        except httpx.TransportError:
            time.sleep(0.2)
    return 0


def test_a_taken_port_is_said_before_anything_starts(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = bridgedesk("up", "--port", str(taken.getsockname()[1]), data=tmp_path / "d")
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert not (tmp_path / "d").exists()


def test_a_backup_that_is_none_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "not.tar.gz").write_bytes(b"hello")
    done = bridgedesk("restore", str(tmp_path / "not.tar.gz"), data=tmp_path / "d")
    assert done.returncode == 1
    assert done.stderr.startswith("bridgedesk: ")
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    done = bridgedesk("up", "--port", str(free_port()), data=tmp_path / "file" / "d")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
