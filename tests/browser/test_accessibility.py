"""axe-core, the checker of WCAG that browsers' own tools use, finds nothing on the pages."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / ".cache" / "axe"
SCRIPT = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = (
    "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"
)


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, fetched with npm once per checkout."""
    if not SCRIPT.exists():
        npm = shutil.which("npm")
        if not npm:
            pytest.skip("npm is not on this machine: axe-core cannot be had")
        FOLDER.mkdir(parents=True, exist_ok=True)
        try:
            command = [
                npm,
                "install",
                "--prefix",
                str(FOLDER),
                "axe-core@4",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--silent",
            ]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not fetch axe-core within two minutes")
        if done.returncode or not SCRIPT.exists():
            pytest.skip(
                f"npm could not fetch axe-core: {done.stderr.strip()[-200:] or done.returncode}"
            )
    return SCRIPT.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "matrix.html",
        "branches.html",
        "branch-01.html",
        "kpi-claim_closure_pct.html",
        "kpi-complaint_per_100m_premium.html",
        "voice.html",
        "agents.html",
        "composite.html",
        "changes.html",
        "quality.html",
        "definitions.html",
    ],
)
@pytest.mark.parametrize(("lang", "width"), [("zh", 360), ("en", 1024)])
def test_axe_finds_no_violation(reader, axe, name, lang, width):
    page = reader.open(name, lang, width)
    page.evaluate(axe)
    result = page.evaluate(RUN, TAGS)
    actual = [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for rule in result["violations"]
        for node in rule["nodes"][:3]
    ]
    assert actual == []
    assert len(result["passes"]) > 10, "axe has looked at next to nothing"
