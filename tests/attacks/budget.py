"""Work done in a process of its own, with bounded memory and processor time: what does not end there would hold a worker for ever."""

import os
import resource
import subprocess
import sys

MEMORY, SECONDS = 1_500_000_000, 60
"""A hundred times what any of it needs; processor time, so that a busy machine does not matter."""


def in_a_process(module: str, *words: str, seconds: int = SECONDS) -> str:
    """What `python -m module words` says; its last line names what it was at when it was ended."""
    env = os.environ | {"DATABASE_URL": "postgresql://x@/x?host=/nonexistent&pool=0", "DJANGO_SETTINGS_MODULE": "bridgedesk.settings"}

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    done = subprocess.run([sys.executable, "-m", module, *words], env=env, capture_output=True, text=True, check=False, preexec_fn=bounded)
    return done.stdout if done.returncode == 0 else f"ended with {done.returncode}\n{done.stdout}\n{done.stderr[-800:]}"


def main(what: str, *given: str) -> None:
    import django

    django.setup()
    if what == "template":
        from bridgedesk.conversations import liquid

        problems = liquid.check(given[0])
        sys.stdout.write(f"{'problem' if problems else 'fine'} {problems}")
    elif what == "expressions":
        from tests.attacks import expressions

        expressions.try_all()


if __name__ == "__main__":
    main(*sys.argv[1:])
