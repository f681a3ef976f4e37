"""The rules file: calendar, limits, products, prices, and the parameter sheet of a commune."""
