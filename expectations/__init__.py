"""JUDGEMENT: what makes a row or a batch good enough, and the audits of built tables."""
