"""Runs LiteLLM for as long as langop holds the other end of the standard input, and no longer.

Started in a process group of its own: what is sent to group 0 reaches this process and all that it starts.
"""

import os
import shutil
import signal
import sys
import threading
import time

GRACE = 5


def follow(directory):
    while os.read(0, 4096):
        pass
    # langop was killed, else it would have ended this process itself. The files are loaded, or not needed.
    shutil.rmtree(directory, ignore_errors=True)
    os.kill(0, signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(0, signal.SIGKILL)


threading.Thread(target=follow, args=(sys.argv[1],), daemon=True).start()
sys.argv = ["litellm", *sys.argv[2:]]

from litellm.proxy.proxy_cli import run_server  # noqa: E402

run_server()
