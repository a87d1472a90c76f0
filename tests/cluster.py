"""The suite's own PostgreSQL: one embedded cluster for the run, shared by all workers, gone afterwards.

BRIDGEDESK_TEST_POSTGRES=/usr/lib/postgresql/15/bin runs it on the programs of that folder, as DATABASE_URL would meet them.
Loaded with `-p tests.cluster`, before Django reads its settings.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from bridgedesk.lib import embedded_postgres

if "BRIDGEDESK_TEST_CLUSTER" not in os.environ:
    folder = Path(tempfile.mkdtemp(prefix="bridgedesk-test-"))
    programs = os.environ.get("BRIDGEDESK_TEST_POSTGRES")
    server = embedded_postgres.start(folder / "postgres", fast=True, programs=Path(programs) if programs else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.stop)
    (folder / "static").mkdir()
    os.environ |= {
        "BRIDGEDESK_TEST_CLUSTER": str(folder),
        "BRIDGEDESK_DATA": str(folder),
        "BRIDGEDESK_SECRET_KEY": "tests-only-" + "k" * 40,
        "DATABASE_URL": f"{server.url}&pool=0",
    }
