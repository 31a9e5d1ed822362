"""A synthetic Dadi P&C of 2011-2012, made to test and to show: no row of it is real.

`write_delivery` writes the sample that meets the published figures; `write_company` writes a
company of any size.
"""

from .deliver import SAMPLE_DAY, write_delivery
from .faults import FAULTS
from .scale import write_company

__all__ = ["FAULTS", "SAMPLE_DAY", "write_company", "write_delivery"]
