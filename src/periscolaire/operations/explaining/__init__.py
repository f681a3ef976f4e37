"""From any cent to its facts: the stories of a line, of a day, of an entry."""
