"""Each KPI by period, branch and segment: counted once, rolled up, formed by one division."""
