"""Layouts of returns, as small as tests need them."""

# Every key that a layout must have and that no test here is about.
HEAD = """
title = { zh = "甲", en = "A" }
regulator = { zh = "甲", en = "A" }
period = { zh = "甲", en = "A" }
source = ""
version = 1
order = []
"""
