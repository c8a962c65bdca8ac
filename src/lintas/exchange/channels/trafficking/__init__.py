"""Trafficking in persons: how people were won, moved and held. Victims are counted, never named, here."""
