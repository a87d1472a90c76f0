"""The bench never passes without having measured."""

from pathlib import Path

import pytest

from bench import truth
from bench.__main__ import main, names


def test_a_missing_folder_is_said_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["truth", "quotes", str(tmp_path / "none")]) != 0
    assert "nothing was measured" in capsys.readouterr().out


def test_an_empty_folder_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["truth", "quotes", str(tmp_path)]) != 0
    assert "nothing was measured" in capsys.readouterr().out


def test_the_share_and_the_misses_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, said in (("kept", "Thanks!"), ("wrong", "something else")):
        (tmp_path / f"{name}.txt").write_text("Thanks!\n\n> Your parcel left today.\n")
        (tmp_path / f"{name}.expected.txt").write_text(said)
    assert main(["truth", "quotes", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "quotes: 1/2" in out
    assert "miss wrong" in out


def test_the_sets_are_the_files_of_the_folder() -> None:
    assert "quotes" in truth.sets()
    assert "truth" in names()


def test_an_unknown_name_shows_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "truth" in capsys.readouterr().err


def test_a_set_without_its_file_is_said_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["truth", "caps", str(tmp_path)]) == 3
    assert "caps.tsv is missing, nothing was measured" in capsys.readouterr().out


def test_all_sets_end_in_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "language"
    folder.mkdir()
    (folder / "caps.tsv").write_text("1\tWHERE IS MY LAMP TODAY\n0\tWhere is my lamp\n")
    assert main(["truth", "all", str(tmp_path)]) == 3  # the other sets are missing
    assert "| caps | 2 | 2 | 100.0 % |" in capsys.readouterr().out
