"""The compact French notation of limits: read, and printed.

Reading is one way, each module on those before it: a text is cut into tokens (``_tokens``), which name things
(``_names``) and hours (``_clock``); days are said by where they stand to others (``_relative``), by their week, month,
count or rank (``_weeks``, ``_months``, ``_counts``, ``_ranks``, gathered in ``_days``); a day with its hour is a point
(``_points``), points make windows (``_windows``) and tables (``_tables``), and those, with effects (``_effects``),
tiers (``_tiers``). ``_words`` and ``_phrases`` hold every form that is understood; ``_read`` is what others call.
"""
