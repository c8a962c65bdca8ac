"""A set of tags is offered for private matching; the tags travel beside it."""
