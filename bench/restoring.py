"""The engine's restore alone, in a process of its own: `python -m bench.restoring KAFKA PREFIX` prints JSON."""

import asyncio
import json
import resource
import sys
from contextlib import suppress

import uvloop
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

from schemas.topics import PARTITIONS
from services.escalation.app import INPUTS, NAME
from services.runtime.clock import elapsed_s
from services.runtime.restore import restore
from services.runtime.settings import load_settings

TRIES_MAX = 50


async def main(kafka: str, prefix: str) -> dict[str, object]:
    settings = load_settings(kafka=kafka, topic_prefix=prefix)
    changelogs = {f"{NAME}-advance-changelog": INPUTS}
    await _coordinator(kafka, prefix + NAME)
    start, cpu = elapsed_s(), _cpu_s()
    found = await restore(settings, prefix + NAME, changelogs, range(PARTITIONS))
    seconds, used = elapsed_s() - start, _cpu_s() - cpu
    rows = sum(len(one.rows.raw) for one in found.values())
    return {
        "restore_rows_per_s": round(rows / seconds),
        "restore_rows_per_cpu_s": round(rows / used),
        "restored": rows,
        "pending": sum(len(one.pending) for one in found.values()),
    }


async def _coordinator(kafka: str, group: str) -> None:
    """A broker that has never had a group makes its offsets topic when first asked; a worker's joining does so."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    for _ in range(TRIES_MAX):
        with suppress(GroupCoordinatorNotAvailableError):
            await admin.find_coordinator(group)
            break
        await asyncio.sleep(0.2)
    await admin.close()


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.stdout.write(json.dumps(uvloop.run(main(*sys.argv[1:3]))) + "\n")
