"""Preparing: rules files checked and written, a store filled."""
