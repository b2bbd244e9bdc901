"""What is collected here."""

import sys

# AWS's runtime interface client is compiled, and there are builds for Linux only: what Lambda itself is.
collect_ignore = (
    [] if sys.platform == "linux" else ["test_api_key_rotation.py", "test_runtime.py", "test_validator_monitor.py"]
)
