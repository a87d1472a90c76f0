import os
import subprocess
import sys

LOOKS = (
    "import gc, bridgedesk.asgi, sys; print(gc.get_freeze_count() > len(gc.get_objects()), 'bridgedesk.orders.check_views' in sys.modules)"
)


def test_what_the_web_process_loads_for_good_is_out_of_the_collectors_rounds():
    done = subprocess.run([sys.executable, "-c", LOOKS], env=dict(os.environ), capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
