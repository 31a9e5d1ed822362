"""Count the landed sample a second time, from the files alone and the plain way.

Nothing of the generator and nothing of the pipeline is used, only the contracts (names and code
values) and the rules of the specification: a mistake has to be made twice to go unnoticed.
"""

import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from python_calamine import CalamineWorkbook

CONTRACTS = Path(__file__).parents[2] / "data" / "contracts"
BOOLEANS = {"是": True, "否": False, "true": True, "false": False}
DAY = pd.Timedelta(days=1)
YEAR_2011 = pd.Timestamp("2011-01-01"), pd.Timestamp("2012-01-01")
YEAR_2012 = pd.Timestamp("2012-01-01"), pd.Timestamp("2013-01-01")
TO_SEPTEMBER = YEAR_2012[0], pd.Timestamp("2012-10-01")
TO_NOVEMBER = YEAR_2012[0], pd.Timestamp("2012-12-01")


@dataclass
class Files:
    """The good rows of each file by extract and day, and per (file, reason) the rows left out."""

    tables: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    left_out: Counter = field(default_factory=Counter)


def _raw(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".xlsx":
        header, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        return pd.DataFrame(rows, columns=header)
    try:
        return pd.read_csv(path, dtype=str, encoding="utf-8", keep_default_na=False)
    except UnicodeDecodeError:
        return pd.read_csv(path, dtype=str, encoding="gb18030", keep_default_na=False)


def _value(column: dict, raw: pd.Series) -> pd.Series:
    """Return one column in its type; what cannot be read is empty."""
    if column["type"] == "text":
        return raw.astype("str").replace("", None)
    if isinstance(raw.dtype, pd.StringDtype):
        raw = raw.replace("", None)
    match column["type"]:
        case "instant" | "date":
            return pd.to_datetime(raw, errors="coerce").astype("datetime64[s]")
        case "money" | "decimal" | "integer":
            words = {
                word: number for number, many in column.get("words", {}).items() for word in many
            }
            return pd.to_numeric(raw.replace(words) if words else raw, errors="coerce").astype(
                float
            )
        case "boolean":
            return (raw.map(BOOLEANS) if isinstance(raw.dtype, pd.StringDtype) else raw).astype(
                "boolean"
            )
        case "code":
            return raw.replace(
                {word: code for code, many in column["values"].items() for word in many}
            )


def _critical(extract: str, t: pd.DataFrame, required: list[str]) -> pd.Series:
    """Return why each row is left out; empty for a good row."""
    reason = pd.Series("", index=t.index)
    if extract == "claims":
        reason[t.closed_at < t.reported_at] = "closed before reported"
        reason[t.paid_at < t.reported_at] = "paid before reported"
        reason[(t[["first_estimate", "outstanding_estimate", "paid_amount"]] < 0).any(axis=1)] = (
            "negative amount"
        )
    elif extract == "callbacks":
        reason[t.rating.notna() & ~t.rating.between(1, 5)] = "rating outside 1..5"
    elif extract == "complaints":
        reason[t.closed_at < t.received_at] = "closed before received"
    for name in required:
        reason[t[name].isna()] = f"{name} missing"
    return reason


def _one_file(extract: str, contract: dict, path: Path, left_out: Counter) -> pd.DataFrame:
    raw = _raw(path)
    names = {alias: c["name"] for c in contract["column"] for alias in c.get("aliases", [])}
    header = list(raw.columns)
    strays = (raw[header[0]] == header[0]) | (raw[header[0]] == "合计")
    left_out[path.name, "stray line"] += int(strays.sum())
    raw = raw[~strays].rename(columns=names)
    t = pd.DataFrame(
        {c["name"]: _value(c, raw[c["name"]]) for c in contract["column"] if c["name"] in raw}
    ).reset_index(drop=True)
    if extract == "branches":
        return t
    key = contract["key"]
    twice = t[t.duplicated(key, keep=False)]
    same = twice.index[twice.duplicated(keep="first")]
    left_out[path.name, "same row again"] += len(same)
    t = t.drop(same)
    reason = _critical(extract, t, [c["name"] for c in contract["column"] if c.get("required")])
    reason[t.duplicated(key, keep=False)] = "one key, different content"
    left_out.update(Counter((path.name, why) for why in reason[reason != ""]))
    return t[reason == ""]


def _contract(extract: str) -> dict:
    return tomllib.loads((CONTRACTS / f"{extract}.toml").read_text(encoding="utf-8"))


def read(landing: Path, extract: str = "*") -> Files:
    files = Files()
    for path in sorted(landing.glob(f"{extract}_*")):
        extract, day = path.stem.split("_")
        files.tables[extract, day] = _one_file(extract, _contract(extract), path, files.left_out)
    return files


def current(files: Files) -> dict[str, pd.DataFrame]:
    """Return the rows per extract, benchmarks left out: of every key the latest version."""
    rows = {}
    for extract in sorted({name for name, _ in files.tables} - {"benchmarks"}):
        days = sorted(day for name, day in files.tables if name == extract)
        together = pd.concat([files.tables[extract, day] for day in days], ignore_index=True)
        rows[extract] = together.drop_duplicates(
            _contract(extract)["key"], keep="last"
        ).reset_index(drop=True)
    return rows


def within(times: pd.Series, period: tuple) -> pd.Series:
    return (times >= period[0]) & (times < period[1])


def codes_below(branches: pd.DataFrame, name: str, last_day: pd.Timestamp) -> set[str]:
    """Return the branch and everything under it, by the tree of the last day of a period."""
    now = (
        branches[(branches.valid_from <= last_day)]
        .sort_values("valid_from")
        .drop_duplicates("branch_code", keep="last")
    )
    codes = set(now.branch_code[now.name == name])
    children = codes
    while children:
        children = set(now.branch_code[now.parent_code.isin(codes)]) - codes
        codes |= children
    return codes


def closure(t: pd.DataFrame, period: tuple) -> tuple[int, int]:
    """Return settlements of the period and claims to settle, by book-keeping.

    To settle is what came in less what went out before the period, plus what came in during it.
    """
    final = t.paid_at.where(t.outcome == "normal", t.closed_at)
    again = t.reopened_at[t.previous_settled_at < t.reopened_at]
    went_in, went_out = (
        pd.concat([t.reported_at, again]),
        pd.concat([final, t.previous_settled_at]).dropna(),
    )
    before = int((went_in < period[0]).sum()) - int((went_out < period[0]).sum())
    return int(within(went_out, period).sum()), before + int(within(went_in, period).sum())


def settlement_days(t: pd.DataFrame, period: tuple) -> pd.Series:
    """Return the days of the normal settlements in the period, of each claim the latest one known."""
    normal = t[t.outcome == "normal"]
    latest = normal.paid_at.fillna(normal.previous_settled_at)
    return ((latest - normal.reported_at) / DAY)[within(latest, period)]


def satisfaction(t: pd.DataFrame, period: tuple) -> tuple[int, int]:
    rated = t[within(t.completed_at, period) & t.rating.notna()]
    return int((rated.rating >= 4).sum()), len(rated)


def on_time(t: pd.DataFrame, period: tuple) -> tuple[int, int]:
    limits = [10, 30, 60]
    complexity = t.complexity.map({"simple": 0, "complex": 1, "special": 2}).fillna(0)
    step = complexity + t.extended.fillna(False).astype(int)
    limit = t.received_at.dt.normalize() + step.map(lambda s: limits[min(int(s), 2)] * DAY)
    due = within(limit, period)
    return int((due & (t.closed_at.dt.normalize() <= limit)).sum()), int(due.sum())


def head_office(r: dict[str, pd.DataFrame]) -> dict:
    premium = r["exposure"].premium[within(r["exposure"].month, TO_SEPTEMBER)].sum()
    letters = r["complaints"]
    to_regulator = int(
        (within(letters.received_at, TO_SEPTEMBER) & (letters.channel == "regulator")).sum()
    )
    dialled = r["callbacks"].first_dialled_at.dropna()
    months = dialled[within(dialled, YEAR_2012)].dt.month.value_counts().sort_index()
    return {
        "closure_2011": closure(r["claims"], YEAR_2011),
        "closure_2012": closure(r["claims"], YEAR_2012),
        "satisfaction": satisfaction(r["callbacks"], YEAR_2012),
        "regulator": to_regulator,
        "per_100m": to_regulator / (premium / 1e8),
        "calls": months.to_dict(),
    }


def jiangxi(r: dict[str, pd.DataFrame]) -> dict:
    period = TO_NOVEMBER
    codes = codes_below(r["branches"], "江西分公司", period[1] - DAY)
    claims = r["claims"][r["claims"].branch_code.isin(codes)]
    letters = r["complaints"][r["complaints"].branch_code.isin(codes)]
    calls = r["callbacks"]
    calls = calls[(calls.kind == "complaint") & calls.subject_id.isin(letters.complaint_id)]
    small = claims[(claims.paid_amount <= 3000) & (claims.has_injury == False)]  # noqa: E712 - missing is neither
    return {
        "on_time": on_time(letters, period),
        "handling": satisfaction(calls, period),
        "closure": closure(claims, period),
        "days": settlement_days(claims, period).mean(),
        "small_days": settlement_days(small, period).mean(),
    }


def jinhua(r: dict[str, pd.DataFrame]) -> dict:
    codes = codes_below(r["branches"], "金华中心支公司", TO_SEPTEMBER[1] - DAY)
    letters = r["complaints"][
        r["complaints"].branch_code.isin(codes) & within(r["complaints"].received_at, TO_SEPTEMBER)
    ]
    claims = r["claims"].branch_code.isin(codes) & within(r["claims"].reported_at, TO_SEPTEMBER)
    exposure = r["exposure"][
        r["exposure"].branch_code.isin(codes) & within(r["exposure"].month, TO_SEPTEMBER)
    ]
    return {
        "complaints": len(letters),
        "valid": int(letters.is_valid.sum()),
        "claims": int(claims.sum()),
        "premium": exposure.premium.sum(),
    }


def unknown_branches(r: dict[str, pd.DataFrame]) -> dict:
    known = set(r["branches"].branch_code)
    return {
        name: int((~t.branch_code.isin(known)).sum()) for name, t in r.items() if name != "branches"
    }


def provinces(r: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return closure rate, mean cycle and satisfaction of 2012 per provincial branch."""
    rows = []
    for name in r["branches"].name[r["branches"].level == "province"]:
        codes = codes_below(r["branches"], name, YEAR_2012[1] - DAY)
        claims = r["claims"][r["claims"].branch_code.isin(codes)]
        calls = r["callbacks"][r["callbacks"].branch_code.isin(codes)]
        (done, due), (good, rated) = closure(claims, YEAR_2012), satisfaction(calls, YEAR_2012)
        rows.append(
            {
                "branch": name,
                "claims": len(claims),
                "closure": 100 * done / due,
                "days": settlement_days(claims, YEAR_2012).mean(),
                "satisfaction": 100 * good / rated,
            }
        )
    return pd.DataFrame(rows)
