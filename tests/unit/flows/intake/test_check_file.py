"""What checking one file may read."""

import pytest

from flows.intake import check_file


def test_looking_at_a_file_reaches_its_folder_and_the_store_and_no_other(tmp_path, monkeypatch):
    for name in ("landing", "store", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "claims_20120630.csv").write_text("claim_id\nC1\n")

    class Curious(check_file.Intake):
        def judge(self, *_):
            for name in ("landing", "store"):
                assert (
                    self.engine.arrow(
                        f"FROM read_csv('{tmp_path}/{name}/claims_20120630.csv')"
                    ).num_rows
                    == 1
                )
            self.engine.arrow(f"FROM read_csv('{tmp_path}/outside/claims_20120630.csv')")

    monkeypatch.setattr(check_file, "Intake", Curious)
    with pytest.raises(Exception, match="Permission Error"):
        check_file.check_file(
            tmp_path / "landing" / "claims_20120630.csv",
            "default",
            None,
            tmp_path / "store",
            5,
            tmp_path / "aside",
        )
