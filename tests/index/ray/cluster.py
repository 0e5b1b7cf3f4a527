"""A Ray cluster of two machines on this one: ``python -m tests.index.ray.cluster FOLDER``.

Two raylets with a processor each, as Ray's own tests have them. It tells the address and the
process ids in one line, and ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main() -> None:
    answers = os.dup(1)
    os.dup2(2, 1)
    os.environ["RAY_TMPDIR"] = sys.argv[1]
    (Path(sys.argv[1]) / "ray").mkdir()  # where the address is noted
    from ray.cluster_utils import Cluster

    machine = {
        "num_cpus": 1,
        "object_store_memory": 80_000_000,
        "include_log_monitor": False,
        "no_monitor": True,
    }
    cluster = Cluster(
        initialize_head=True,
        shutdown_at_exit=True,
        head_node_args={
            **machine,
            "include_dashboard": False,
            # A loss is noticed in seconds.
            "_system_config": {
                "health_check_period_ms": 2_000,
                "health_check_failure_threshold": 3,
            },
        },
    )
    other = cluster.add_node(**machine)
    head = cluster.head_node
    started = {
        "address": cluster.address,
        "head": [_pid(head, "gcs_server"), _pid(head, "raylet")],
        "other": _pid(other, "raylet"),
    }
    os.write(answers, json.dumps(started).encode() + b"\n")
    sys.stdin.read()
    cluster.shutdown()


def _pid(node, name: str) -> int:
    return node.all_processes[name][0].process.pid


if __name__ == "__main__":
    main()
