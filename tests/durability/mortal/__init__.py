"""A small shop whose processes are killed: sign-ups and orders through the app's real hooks."""
