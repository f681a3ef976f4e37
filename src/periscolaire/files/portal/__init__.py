"""The file of the family space: the portal's address, its mail, kinds of requests, contacts."""
