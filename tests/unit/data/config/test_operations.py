"""The settings of operations.toml."""

import pytest

from data.config import operations
from data.problem import Problem


def test_a_secret_never_stands_in_the_file(tmp_path):
    (tmp_path / "operations.toml").write_text('[smtp]\npassword = "hush"\n')
    with pytest.raises(Problem, match="smtp.password is a secret and stands in the file") as error:
        operations.load_operations(tmp_path / "operations.toml")
    assert "hush" not in str(error.value)
