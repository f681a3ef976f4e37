"""The family's account: invitation, activation, sign-in, its file, messages, personal data."""
