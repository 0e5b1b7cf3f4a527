"""When int8 products need care."""

from __future__ import annotations

from pathlib import Path

import pytest

from index import onnx_session
from index.onnx_session import session_options, sums_int8_exactly

PRECISE = "session.x64quantprecision"


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("processor : 0\nflags\t\t: fpu avx512f avx512_vnni\n", True),
        ("flags\t\t: fpu avx2 avx_vnni\n", True),
        ("flags\t\t: fpu avx2 avx512f\n", False),
        ("model name : avx512_vnni\nflags\t\t: avx2\n", False),
        ("", False),
    ],
)
def test_vnni_is_read_from_the_flags(tmp_path: Path, text: str, exact: bool) -> None:
    (tmp_path / "cpuinfo").write_text(text)
    assert sums_int8_exactly(tmp_path / "cpuinfo") is exact


def test_an_unknown_processor_is_taken_care_of(tmp_path: Path) -> None:
    assert not sums_int8_exactly(tmp_path / "none")


@pytest.mark.parametrize("exact", [True, False])
def test_care_is_taken_only_where_it_is_needed(
    monkeypatch: pytest.MonkeyPatch, exact: bool
) -> None:
    monkeypatch.setattr(onnx_session, "sums_int8_exactly", lambda: exact)
    options = session_options()
    if not exact:
        assert options.get_session_config_entry(PRECISE) == "1"
    else:
        with pytest.raises(Exception, match=PRECISE):
            options.get_session_config_entry(PRECISE)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_models_run_on_so_many_threads(threads: int) -> None:
    options = session_options(threads)
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (threads, 1)


def test_models_run_on_one_thread_unless_told_otherwise() -> None:
    assert session_options().intra_op_num_threads == 1


def test_threads_that_share_a_run_give_their_processors_back() -> None:
    options = session_options(2)
    assert options.get_session_config_entry("session.force_spinning_stop") == "1"
