"""The receiver of information asks its originator whether it may be handed on, or used in court."""
