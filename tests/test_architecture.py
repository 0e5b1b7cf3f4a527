"""Rules that the packages keep: who imports whom; what no module does is in `tests.security`."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("index", "qa", "web")
FORBIDDEN = {
    "index": {"qa", "web", "flask", "benchmarks", "training", "tests"},
    "qa": {"web", "flask", "benchmarks", "training", "tests"},
    "web": {"benchmarks", "training", "tests"},
}
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LIGHT_MODULES = sorted(
    {"qa.cli", "web.app"}
    | {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "index").rglob("*.py")
        if path.name != "__init__.py"
    }
)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _imported(tree: ast.Module) -> set[str]:
    """Top-level names of all that is imported, anywhere in the module."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add((node.module or "").split(".")[0])
    return names


def test_there_are_modules_to_check() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in MODULES} == set(PACKAGES)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_go_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    assert not _imported(_tree(path)) & FORBIDDEN[package]


def test_no_module_is_a_drawer_of_odds_and_ends() -> None:
    assert not [_name(p) for p in MODULES if p.stem in {"utils", "util", "helpers", "misc"}]


def test_importing_the_command_line_and_the_server_loads_no_model_library() -> None:
    """The command line answers ``--help`` at once: torch takes seconds to import."""
    script = (
        "import importlib, sys\n"
        f"for name in {LIGHT_MODULES!r}: importlib.import_module(name)\n"
        "import gc\n"
        "heavy = [m for m in ('torch', 'sentence_transformers', 'transformers')"
        " if m in sys.modules]\n"
        "runtime = sys.modules.get('onnxruntime')\n"
        "sessions = [o for o in gc.get_objects()"
        " if runtime and isinstance(o, runtime.InferenceSession)]\n"
        "print(heavy, len(sessions))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[] 0"


def test_the_plain_service_loads_no_extra(tmp_path: Path) -> None:
    """Milvus, PostgreSQL, Ray and Parquet are there for who names them: a library is filled,
    opened, searched and checked without."""
    script = (
        "import sys\n"
        "for name in ('pymilvus', 'milvus_lite', 'ray', 'psycopg', 'pyarrow', 'grpc'):\n"
        "    sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "import web.app, qa.cli\n"
        "from qa.assembly import make_retriever, make_store\n"
        "from qa.settings import Settings\n"
        "from tests.index.libraries import EMBEDDER, put\n"
        "settings = Settings(data=Path(sys.argv[1]))\n"
        "store = make_store(settings, create=True)\n"
        "put(store, 'The Rhine flows north.')\n"
        "retriever = make_retriever(settings, store, EMBEDDER)\n"
        "print(len(retriever.search('rhine', 5).passages), retriever.check())\n"
        "print([m for m in sys.modules if m.startswith('index.milvus')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "data")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:2] == ["1 []", "[]"]
