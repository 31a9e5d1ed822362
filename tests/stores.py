"""Stores that many tests read, built once (tests/built_once.py); whoever writes takes a copy."""

import os
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from data.store.store import Store
from data.synthetic import SAMPLE_DAY, write_company, write_delivery
from data.synthetic.tree import CHANGING
from flows.monitoring.run_outcome import RunOutcome
from flows.nightly.flow import run_nightly
from flows.nightly.run_options import RunOptions
from tests.built_once import build_once
from tests.faults.conftest import CLAIMS, COMPLAINTS

JUNE, JULY, YEAR_END = date(2012, 6, 30), date(2012, 7, 31), date(2012, 12, 31)
# What arrives a month later: C2's payment was typed a day late; C3 is rejected; C4 was reopened and
# settled again; C9 of June is news.
DELTA = """claim_id,branch_code,line,reported_at,closed_at,paid_at,previous_settled_at,reopened_at,outcome,has_injury,paid_amount
C2,0101,商业车险,2012-02-05 10:00:00,2012-02-09 10:00:00,2012-03-09 10:00:00,,,normal,是,9000.00
C3,0102,交强险,2012-03-05 10:00:00,2012-07-02 10:00:00,,,,rejected,否,0
C4,0102,交强险,2012-04-05 10:00:00,2012-07-09 10:00:00,2012-07-10 10:00:00,2012-04-06 10:00:00,2012-07-03 10:00:00,normal,否,500
C9,0101,商业车险,2012-06-20 10:00:00,2012-06-25 10:00:00,2012-06-26 10:00:00,,,normal,否,700
"""


@dataclass(frozen=True)
class BuiltStore:
    """A folder with `landing` and `store`, and the outcomes of the nights that filled it."""

    folder: Path
    outcomes: tuple[RunOutcome, ...]

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def store(self) -> Store:
        return Store(self.folder / "store")

    def copy(self, target: Path) -> "BuiltStore":
        """Return a copy in a folder that does not exist yet, for whoever changes it."""
        shutil.copytree(self.folder, target)
        store = Store(target / "store")
        outcomes = [
            replace(outcome, folder=str(store.publication(outcome.publication_id)))
            for outcome in self.outcomes
        ]
        return BuiltStore(target, tuple(outcomes))


def write_first_extracts(folder: Path) -> Path:
    """Write the extracts of June, and return the landing folder."""
    landing = folder / "landing"
    landing.mkdir()
    (landing / "claims_20120630.csv").write_text(CLAIMS, encoding="utf-8")
    (landing / "complaints_20120630.csv").write_text(COMPLAINTS, encoding="utf-8")
    return landing


def june_store() -> BuiltStore:
    """Return the small company after June, the delivery of July in its landing folder."""
    return BuiltStore(*build_once("june", _publish_june))


def _publish_june(folder: Path) -> tuple[RunOutcome]:
    landing = write_first_extracts(folder)
    options = RunOptions(as_of=JUNE, landing=landing, store=folder / "store", render=False)
    outcome = _publish(options)
    (landing / "claims_20120731.csv").write_text(DELTA, encoding="utf-8")
    for path in landing.iterdir():  # whole since long: no run of the command line waits for it
        os.utime(path, (0, 0))
    return (outcome,)


def two_nights() -> BuiltStore:
    """Return the small company after June, which is rendered, and July; both are signed with the
    key in `keys/private.pem`.
    """
    return BuiltStore(*build_once("two_nights", _publish_two_nights))


def _publish_two_nights(folder: Path) -> tuple[RunOutcome, RunOutcome]:
    key = write_keys(folder / "keys")
    landing = write_first_extracts(folder)
    options = RunOptions(as_of=JUNE, landing=landing, store=folder / "store", signing_key=key)
    first = _publish(options)
    (landing / "claims_20120731.csv").write_text(DELTA, encoding="utf-8")
    return first, _publish(replace(options, as_of=JULY, render=False))


def write_keys(folder: Path) -> Path:
    """Write a new pair of keys; return the file of the private one."""
    folder.mkdir()
    key = Ed25519PrivateKey.generate()
    write_key(key.public_key(), folder / "public.pem")
    return write_key(key, folder / "private.pem")


def write_key(key, path: Path) -> Path:
    """Write a private or a public key as PEM."""
    if isinstance(key, Ed25519PrivateKey):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    else:
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.write_bytes(pem)
    return path


def synthetic_store() -> BuiltStore:
    """Return a company of 5,000 claims with a tree that changes, published and rendered by one
    thread.
    """
    return BuiltStore(*build_once("synthetic", _publish_synthetic))


def _publish_synthetic(folder: Path) -> tuple[RunOutcome]:
    landing = folder / "landing"
    landing.mkdir()
    write_company(landing, 5_000, YEAR_END, provinces=CHANGING)
    return (_publish(RunOptions(landing, YEAR_END, store=folder / "store", threads=1)),)


def sample_store() -> BuiltStore:
    """Return the sample company, delivered once and published once, as the demo does."""
    return BuiltStore(*build_once("sample", _publish_sample))


def _publish_sample(folder: Path) -> tuple[RunOutcome]:
    landing = folder / "landing"
    landing.mkdir()
    write_delivery(landing, SAMPLE_DAY)
    return (_publish(RunOptions(landing, SAMPLE_DAY, store=folder / "store", render=False)),)


def _publish(options: RunOptions) -> RunOutcome:
    outcome = run_nightly(options)
    assert outcome.state == "published", outcome.reason
    return outcome
