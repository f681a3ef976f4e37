"""Documents for people: pages to print. Pure: values in, text out; what comes from a file or a family is escaped."""

from periscolaire.documents._door_list import door_list_page

__all__ = ["door_list_page"]
