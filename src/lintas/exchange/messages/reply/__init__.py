"""The answer to a request: final, partial (the rest is withheld or follows), or nothing held."""
