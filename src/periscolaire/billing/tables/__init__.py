"""Reports as tables: what files and pages are made of."""
