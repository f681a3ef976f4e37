"""How the documentation becomes a site: ``python3 run docs`` writes it to ``sortie/docs/``."""

import periscolaire

project = "periscolaire"
author = "The periscolaire contributors"
project_copyright = author
release = periscolaire.__version__
language = "fr"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["conftest.py"]
html_theme = "furo"
html_title = f"periscolaire {release}"
html_copy_source = False

# Pages link to each other as files, so that they read the same on a forge and on the site.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
# One name may stand in two rooms (a port and what fills it); the page at hand says which is meant.
suppress_warnings = ["myst.header", "misc.highlighting_failure", "ref.python"]

autodoc_default_options = {"members": True, "imported-members": True, "member-order": "bysource"}
autodoc_typehints = "signature"
add_module_names = False
python_use_unqualified_type_names = True
