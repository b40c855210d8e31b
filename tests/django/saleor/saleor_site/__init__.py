"""A server that runs for Saleor alone, for the tests."""
