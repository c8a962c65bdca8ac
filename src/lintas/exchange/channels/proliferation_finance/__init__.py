"""Proliferation financing: a payment, goods, a company or people, and the programme it is said to serve."""
