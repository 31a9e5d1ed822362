"""The settings of operations.toml, and the sentence for what they may not be."""

import pytest

from data.config.operations import Operations, load_operations
from data.problem import Problem


def read(tmp_path, text: str) -> Operations:
    path = tmp_path / "operations.toml"
    path.write_text(text, encoding="utf-8")
    return load_operations(path)


@pytest.mark.parametrize("secret", ['"hush"', "4711", '["hush"]'])
def test_a_secret_never_stands_in_the_file(secret, tmp_path):
    with pytest.raises(
        Problem, match="smtp.password is a secret, written in the file itself"
    ) as caught:
        read(tmp_path, f"[smtp]\npassword = {secret}\n")
    assert "hush" not in str(caught.value) and "4711" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[schedules]",
            "schedules is not a setting (schedule is the nearest); use one of schedule, a",
        ),
        ("[[owners]]", "owners is not a setting (owner is the nearest)"),
        ("[schedule]\ncorn = ''", "schedule.corn is not a setting (cron is the nearest); use one"),
        ("[schedule]\ntimezone = 'Mars'", "schedule.timezone is 'Mars', it must be a time zone"),
        ("[schedule]\nlatest_start_minutes = 'long'", "is 'long', it must be a whole number"),
        ("[arrival]\nafter_deadline = 'wait'", "is 'wait', it must be 'publish' or 'hold'"),
        ("[arrival.deadlines]\nclaim = '04:00'", "deadlines.claim is 'claim', it must be the na"),
        ("[arrival.deadlines]\nclaims = 'four'", "arrival.deadlines.claims is 'four', it must be"),
        ("[arrival.deadlines]\nclaims = 4", "arrival.deadlines.claims is 4, it must be text in"),
        ("[[owner]]\nname = 'a'\n[[owner]]\nemail = 'a@x'", "owner[2].email is 'a@x', it must be"),
        ("[schedule", "is not valid TOML in UTF-8"),
    ],
)
def test_a_message_names_file_and_setting(text, message, tmp_path):
    with pytest.raises(Problem) as caught:
        read(tmp_path, text)
    assert message in str(caught.value) and "operations.toml" in str(caught.value)
    assert "docs/reference/operations.md" in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "values", "allowed"),
    [
        ("schedule.latest_start_minutes", (-1, 0, 1), (False, True, True)),
        ("smtp.port", (0, 1, 65535, 65536), (False, True, True, False)),
    ],
)
def test_a_number_is_within_its_bounds(setting, values, allowed):
    section, name = setting.split(".")
    model = Operations.model_fields[section].annotation
    results = []
    for value in values:
        try:
            results.append(getattr(model(**{name: value}), name) == value)
        except ValueError:
            results.append(False)
    assert tuple(results) == allowed


@pytest.mark.parametrize(
    ("settings", "hears"),
    [
        ("", ("*",)),
        ("rules = ['a']", ()),
        ("branches = ['14']", ()),
        ("rules = ['a']\nhears = ['*claims*']", ("*claims*",)),
    ],
)
def test_whoever_names_rules_or_branches_hears_of_these_alone(settings, hears, tmp_path):
    (owner,) = read(tmp_path, f"[[owner]]\n{settings}\n").owners
    assert owner.hears == hears


def test_without_a_file_every_setting_has_its_default(tmp_path):
    settings = load_operations(tmp_path / "nowhere")
    assert settings == read(tmp_path, "") == Operations()
    assert settings.schedule.cron == "0 2 * * *" and settings.owners == ()
