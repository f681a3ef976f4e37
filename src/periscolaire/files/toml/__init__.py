"""What every TOML file is read and written with: forms, places of faults, French texts of values."""
