"""The AsyncAPI document, read by the reference parser (npm @asyncapi/parser; `make setup` installs it)."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NODE = Path(__file__).parent / "node"
INSTALLED = shutil.which("node") and (NODE / "node_modules").is_dir()


def parse(document: Path) -> tuple[int, dict]:
    done = subprocess.run(
        ["node", NODE / "asyncapi.mjs", document],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.skipif(not INSTALLED, reason="node 20 and tests/contract/node are not installed")
def test_the_reference_parser_accepts_ours_and_refuses_a_broken_one(tmp_path):
    ours = ROOT / "schemas" / "generated" / "asyncapi.json"
    assert parse(ours) == (0, {"parsed": True, "errors": 0})
    broken = json.loads(ours.read_text(encoding="utf-8"))
    broken["operations"]["write-cases"]["channel"]["$ref"] = "#/channels/nowhere"
    (tmp_path / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    assert parse(tmp_path / "broken.json")[0] == 1
