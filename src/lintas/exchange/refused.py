"""What an envelope can be refused for: a closed list, because the other node acts on it."""

from lintas.model.errors import InputError

REASONS = {
    "bad_envelope": "it is no envelope, or a part of it is damaged",
    "too_large": "it is larger than this node takes",
    "not_for_us": "it is addressed to another node",
    "unknown_peer": "its sender is no node that two officers here have met",
    "other_carrier": "another node than its issuer handed it in",
    "revoked_peer": "its sender is not trusted any more",
    "suspended_peer": "its sender is suspended until officers here decide",
    "bad_signature": "its signature is not by a key that its sender uses",
    "altered": "what is inside is not what was signed",
    "downgraded": "it is signed or encrypted in a way that is not agreed",
    "unknown_key": "it is encrypted for a key that this node does not hold any more",
    "expired": "it came after its time",
    "from_the_future": "it is dated later than the clocks of two nodes may differ",
    "unknown_type": "its type is none that this node knows",
    "bad_body": "its contents are not those of its type",
    "bad_handling": "its handling is marked as none can be",
    "out_of_turn": "it answers nothing that waits for such an answer",
    "another_digest": "there is another message of the same number from the same node",
}


class RefusedError(InputError):
    """An envelope is not taken in. `code`: one of REASONS. `detail`: for the log of this node, not for the wire."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(
            f"The message is refused: {REASONS[code]}",
            do="The log of the node that refused it says more.",
            code=code,
        )
        self.detail = detail
