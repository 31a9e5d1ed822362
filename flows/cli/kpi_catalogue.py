"""The catalogue on the command line: which KPIs there are, and what each of them means."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.config.policy import Policy
from transforms.kpis import catalogue

ARROWS = {"up": "↑", "down": "↓", "none": " "}


def print_list() -> None:
    """Print a line per KPI: its id, which way is better, its unit, its titles."""
    console = Console(highlight=False, soft_wrap=True)
    for model in catalogue.load_all_kpis():
        header = model.header
        arrow, title = ARROWS[header["direction"]], header["title"]
        line = f"{model.name:<42} {arrow} {header['unit']:<20} {title['zh']} · {title['en']}"
        console.print(escape(line))


def print_definition(kpi_id: str, policy: Policy) -> None:
    """Print everything that a KPI's header says, with the minimum volume that the policy gives it,
    and its SQL.

    Raises Problem where there is no such KPI.
    """
    model = catalogue.find_kpi(kpi_id)
    console = Console(highlight=False, soft_wrap=True)
    facts = Table(show_header=False, box=None, pad_edge=False)
    for row in catalogue.build_dim_kpi(policy).to_pylist():
        if row["kpi_id"] == kpi_id:
            for name, value in row.items():
                if name != "kpi_id":
                    facts.add_row(name, escape(str(value)))
    facts.add_row("needs", escape(", ".join(model.header["columns"])))
    console.print(f"[bold]{kpi_id}[/bold]")
    console.print(facts)
    console.print(escape(f"\n{model.sql}".rstrip()))
