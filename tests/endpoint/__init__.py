"""Tests of the endpoint's client, with servers that the tests own."""
