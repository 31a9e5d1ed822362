"""The names of the report's pages."""


def page_of(kpi: dict) -> str:
    return f"kpi-{kpi['kpi_id']}.html"
