"""The catalogue on the command line: which KPIs there are, and what each of them means."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data.config.policy import Policy
from transforms.kpis import catalogue


def print_list() -> None:
    """One line per KPI: its id, its unit, which way is better, its titles."""
    console = Console(highlight=False, soft_wrap=True)
    for model in catalogue.load_all_kpis():
        title, better = (
            model.header["title"],
            {"up": "↑", "down": "↓", "none": " "}[model.header["direction"]],
        )
        console.print(
            escape(
                f"{model.name:<42} {better} {model.header['unit']:<20} {title['zh']} · {title['en']}"
            )
        )


def print_definition(kpi_id: str, policy: Policy) -> None:
    """Everything a KPI's header says, with the minimum volume that the policy gives it, and its
    SQL.

    Raises Problem where there is no such KPI.
    """
    model = catalogue.find_kpi(kpi_id)
    row = next(
        row for row in catalogue.build_dim_kpi(policy).to_pylist() if row["kpi_id"] == kpi_id
    )
    console, facts = (
        Console(highlight=False, soft_wrap=True),
        Table(show_header=False, box=None, pad_edge=False),
    )
    console.print(f"[bold]{kpi_id}[/bold]")
    for name in row:
        if name != "kpi_id":
            facts.add_row(name, escape(str(row[name])))
    facts.add_row("needs", escape(", ".join(model.header["columns"])))
    console.print(facts)
    console.print(escape(f"\n{model.sql}".rstrip()))
