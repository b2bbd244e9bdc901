"""The runbook played on a real terminal and an emulated AWS: tests of what a person sees, and a page of the docs."""
