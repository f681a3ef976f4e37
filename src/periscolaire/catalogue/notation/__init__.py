"""The compact French notation of limits: read, and printed."""
