"""A foreign file is drawn or laid out by a process of its own: it is given the bytes and nothing else, and so much memory and time."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

FEW_THREADS = {"MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2"}
"""What a library sets aside for each of its threads counts as memory of the process."""


class Ended(Exception):
    """The process told of an error, died or took too long. `code` is its exit code (negative: a signal, 0: no time left)."""

    def __init__(self, code: int, word: str = "") -> None:
        super().__init__(word or f"ended with {code}")
        self.code, self.word = code, word


def run(script: str, data: bytes, *words: str, patience: float, env: Mapping[str, str] = FEW_THREADS) -> bytes:
    """What the script writes when given the bytes. It sets its own limits (`resource`) before it reads. `patience` in seconds. Ended."""
    command = [sys.executable, "-I", str(Path(script)), *words]
    with tempfile.TemporaryFile() as given:
        given.write(data)
        given.seek(0)
        try:
            done = subprocess.run(command, stdin=given, capture_output=True, env=dict(env), cwd="/", timeout=patience, check=False)
        except subprocess.TimeoutExpired as late:
            raise Ended(0, "out of time") from late
    if done.returncode:
        raise Ended(done.returncode, done.stderr.decode(errors="replace")[-2000:])
    return done.stdout
