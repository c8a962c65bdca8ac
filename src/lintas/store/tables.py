"""The tables. A change here needs a migration in `migrations/versions`; a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out, on databases that keep the zone and on those that do not."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: nobody knows what it means."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone reached the store")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite hands back a naive time; it was UTC when it went in."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)

list_versions = Table(
    "list_versions",
    metadata,
    Column("list", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("loaded_at", UtcDateTime, nullable=False),
    Column("loaded_by", String(64), nullable=False),
    Column("published_at", String(64)),
    Column("files", JSON, nullable=False),  # [{sha256, name, size_bytes}]
    Column("content_sha256", String(64), nullable=False),
    Column("n_entries", Integer, nullable=False),
    Column("n_entities", Integer, nullable=False),
    Column("n_added", Integer, nullable=False),
    Column("n_changed", Integer, nullable=False),
    Column("n_removed", Integer, nullable=False),
    Column("n_unclean", Integer, nullable=False),
    Column("n_leftovers", Integer, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("is_fictional", Boolean, nullable=False),
)

entities = Table(
    "entities",
    metadata,
    Column("list", String(64), primary_key=True),
    Column("id", String(255), primary_key=True),
    Column("schema", String(64), nullable=False),
    Column("caption", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("is_target", Boolean, nullable=False),
    Column("first_version", Integer, nullable=False),
    Column("changed_version", Integer, nullable=False),
    Column("until_version", Integer),  # the version that removed it; null while it is listed
    Index(None, "id"),
)

# What a list says: a value is true of an entity from one version until another. The delta between two
# versions is therefore a query, and every earlier version can be read again.
statements = Table(
    "statements",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("list", String(64), nullable=False),
    Column("entity_id", String(255), nullable=False),
    Column("prop", String(64), nullable=False),
    Column("value", Text, nullable=False),
    Column("original", Text),
    Column("lang", String(8)),
    Column("is_clean", Boolean, nullable=False),
    Column("is_link", Boolean, nullable=False),  # the value is the id of another entity
    Column("from_version", Integer, nullable=False),
    Column("until_version", Integer),
    Index(None, "entity_id", "list"),
    Index(
        "ix_statements_link_value",
        "value",
        postgresql_where=text("is_link"),
        sqlite_where=text("is_link"),
    ),
)

changes = Table(
    "changes",
    metadata,
    Column("list", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("entity_id", String(255), primary_key=True),
    Column("kind", String(8), nullable=False),  # added, changed, removed
    Column("schema", String(64), nullable=False),
    Column("caption", Text, nullable=False),
)

leftovers = Table(
    "leftovers",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("list", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("key", String(255), nullable=False),
    Column("record", Text, nullable=False),
    Index(None, "list", "version"),
)

# The log of version 0.1, from before rows were chained (store/log); kept as it was, nobody writes it.
unchained_log = Table(
    "unchained_log",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("officer", String(64), nullable=False),
    Column("verb", String(64), nullable=False),
    Column("object", Text, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("details", JSON, nullable=False),
)

downloads = Table(
    "downloads",
    metadata,
    Column("url", String(1024), primary_key=True),
    Column("etag", String(512), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

officers = Table(
    "officers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("clearance", Integer, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("passphrase", String(255)),  # Argon2id, in its own encoding
    Column("n_failed", Integer, nullable=False),  # wrong passphrases since the last right one
    Column("waits_until", UtcDateTime),  # no passphrase is tried before
    Column("preferences", JSON, nullable=False),
    Column("email", String(254)),
    Column("rung_at", UtcDateTime),  # something waits, and they were not told yet
    Column("notified_at", UtcDateTime),  # the last mail that told them so
)

# Links, sessions and tokens: only the SHA-256 of the secret is kept.
credentials = Table(
    "credentials",
    metadata,
    Column("secret_sha256", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),  # link, session, token
    Column("officer", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
    Column("label", String(255), nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("verbs", JSON),  # what a token may do; null: all that its officer may
    Index(None, "officer", "kind"),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String(512), primary_key=True),  # the credential's id, base64url
    Column("officer", String(64), nullable=False),
    Column("public_key", Text, nullable=False),  # COSE, base64url
    Column("sign_count", Integer, nullable=False),
    Column("label", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Index(None, "officer"),
)

# Who an officer is at an OpenID provider.
identities = Table(
    "identities",
    metadata,
    Column("issuer", String(512), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("officer", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

# What was asked of a browser and is not answered yet: of a passkey, or of an OpenID provider.
challenges = Table(
    "challenges",
    metadata,
    Column("secret_sha256", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("officer", String(64)),
    Column("data", JSON, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("agency", String(64), nullable=False),
    Column("clearance", Integer, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
)

assignments = Table(
    "assignments",
    metadata,
    Column("case", Integer, primary_key=True),
    Column("officer", String(64), primary_key=True),
    Column("assigned_by", String(64), nullable=False),
    Column("assigned_at", UtcDateTime, nullable=False),
    Index(None, "officer"),
)

# Emergency access: an officer broke the glass over one thing, for a while; another officer reviews it after.
broken_glass = Table(
    "broken_glass",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("officer", String(64), nullable=False),
    Column("run", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("reviewed_by", String(64)),
    Column("reviewed_at", UtcDateTime),
    Column("review", Text),
    Index(None, "officer"),
)

# Four eyes: what one officer proposed and another decides.
proposals = Table(
    "proposals",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("verb", String(64), nullable=False),
    Column("object", Text, nullable=False),
    Column("run", Integer),
    Column("match", Integer),
    Column("agency", String(64), nullable=False),
    Column("clearance", Integer),  # of one about no run: up to where it is seen
    Column("arguments", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", String(64), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("decided_by", String(64)),
    Column("decided_at", UtcDateTime),
    Column("outcome", String(16)),  # approved, refused; null while it waits
    Column("decision_reason", Text),
    Column("carried_out_at", UtcDateTime),  # null though approved: see error, or the node fell in between
    Column("error", JSON),
)

# What was done about a true match.
outcomes = Table(
    "outcomes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("match", Integer, nullable=False),
    Column("run", Integer, nullable=False),
    Column("kind", String(16), nullable=False),  # freeze, report, reject
    Column("reason", Text, nullable=False),
    Column("reference", String(255), nullable=False),
    Column("officer", String(64), nullable=False),
    Column("approved_by", String(64)),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),  # the match was reopened or decided otherwise
    Index(None, "match"),
)

# Work in the background. A worker claims a job, gives signs of life, and a dead worker's job is taken up again.
jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("run", Integer),
    Column("status", String(16), nullable=False),  # queued, running, done, stopped, failed
    Column("n_done", Integer, nullable=False),
    Column("n_total", Integer),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("every_h", Float),  # null: once
    Column("touched_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("n_tries", Integer, nullable=False),
    Column("result", JSON),
    Column("error", JSON),
    Index(None, "status", "due_at"),
    Index(None, "run"),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("changed_by", String(64), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("file", JSON, nullable=False),  # {sha256, name, size_bytes}
    Column("mapping", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("status", String(16), nullable=False),  # queued, running, done, stopped, failed
    Column("n_rows", Integer),
    Column("n_done", Integer, nullable=False),
    Column("n_problems", Integer, nullable=False),
    Column("n_matches", Integer, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("touched_at", UtcDateTime, nullable=False),  # the worker's last sign of life
    Column("finished_at", UtcDateTime),
    Column("scorer_version", String(64)),
    Column("list_versions", JSON, nullable=False),  # {list: content_sha256}
    Column("error", JSON),
    Column("is_fictional", Boolean, nullable=False),
    Column("agency", String(64), nullable=False),
    Column("clearance", Integer, nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("case", Integer),
    Column("held_at", UtcDateTime),  # under legal hold since
    Column("held_by", String(64)),
    Column("hold_reason", Text),
    Column("erased_at", UtcDateTime),  # the customers, their file and their matches are gone
    Column("erasure", JSON),  # {by, why, counts, is_whole}
)

customers = Table(
    "customers",
    metadata,
    Column("run", Integer, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("id", String(255), nullable=False),
    Column("caption", Text, nullable=False),
    Column("entity", JSON, nullable=False),
    Column("holds", JSON, nullable=False),  # wallets and accounts
    Column("has_problems", Boolean, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("unread", JSON, nullable=False),
)

matches = Table(
    "matches",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("row", Integer, nullable=False),
    Column("entity_id", String(255), nullable=False),
    Column("score", Float, nullable=False),
    Column("match", JSON, nullable=False),
    Column("verdict", String(16)),  # same, different, ask; null while it waits
    Column("decided_at", UtcDateTime),  # the last decision's time; of one that was reopened, the reopening's
    Index(None, "run", "row"),
    Index(None, "run", "verdict", "score"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("match", Integer, nullable=False),
    Column("verdict", String(16)),  # null reopens
    Column("reason", Text, nullable=False),
    Column("officer", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "match"),
)

# Who is on duty in which role. `instead_of`: whose role it is, when it is not the officer's own.
duties = Table(
    "duties",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("officer", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("instead_of", String(64)),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ended_by", String(64)),
    Index(None, "ends_at"),
)

# Nodes of other agencies. `card`: their public keys as they signed them. Two officers met them, or it does not count.
peers = Table(
    "peers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("card", Text, nullable=False),
    Column("added_by", String(64), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("confirmed_by", String(64)),
    Column("confirmed_at", UtcDateTime),
    Column("revoked_by", String(64)),
    Column("revoked_at", UtcDateTime),
    Column("reason", Text),
    Column("agreement", String(64)),  # by which deadlines are reckoned; null: the general one
    Column("suite", String(16)),  # null: the house's choice
    Column("listed_at", UtcDateTime),
    Column("suspended_at", UtcDateTime),
    Column("suspended_for", String(16)),
    Column("heads_told_on", String(10)),  # the day (UTC) on which a receipt last told it the heads of others
)

# Heads of the logs of peers, as those signed them. Two of one size, or one that does not follow, are a split view.
heads = Table(
    "heads",
    metadata,
    Column("node", String(64), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", String(64), primary_key=True),
    Column("signed", Text, nullable=False),
    Column("told_by", String(64), nullable=False),  # the node itself, or another peer
    Column("message", String(64), nullable=False),  # that it was told in a receipt for
    Column("at", UtcDateTime, nullable=False),
    # proved: it continues what was proved before; told: another peer was told so; split: it contradicts what is kept;
    # past: from before the agencies met anew
    Column("status", String(8), nullable=False),
)

# Time stamps (RFC 3161) over the head of this node's own log. `signed`: the head, as it was stamped.
stamps = Table(
    "stamps",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("signed", Text, nullable=False),
    Column("token", Text, nullable=False),  # DER, base64
    Column("authority", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),  # as the authority says
)

threads = Table(
    "threads",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(64), nullable=False),
    Column("peer", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("agency", String(64), nullable=False),
    Column("clearance", Integer, nullable=False),
    Column("case", Integer),
    Index(None, "peer", "id", unique=True),
)

# What was sent and what came in. A message comes in once for every (peer, id), however often it is delivered.
messages = Table(
    "messages",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("direction", String(4), nullable=False),  # in, out
    Column("peer", String(64), nullable=False),
    Column("thread", Integer, nullable=False),
    Column("id", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String(32), nullable=False),
    Column("content", JSON, nullable=False),  # as its originator said it; of what was recalled only the frame
    Column("signed", Text),  # the same as its originator signed it; null once it was recalled
    Column("sha256", String(64), nullable=False),  # of `signed`
    Column("envelope", JSON),  # out: as it is sent, until there is a receipt
    # out: waiting, kept, refused, stopped; in: kept, parked (an earlier one is missing), out_of_turn
    Column("status", String(16), nullable=False),
    # Why it was refused, or was not delivered at the last try; retention: why it was removed, if not by a recall.
    Column("code", String(32)),
    Column("receipt", Text),  # the other node's word, or ours
    Column("n_tries", Integer, nullable=False),
    Column("by", String(64), nullable=False),  # the officer who sent it; the peer that it came from
    Column("at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),  # out: when the receipt came; in: when it came
    Column("recalled_at", UtcDateTime),  # when it was removed
    Column("sources", JSON),  # out: the messages that came in on which it rests
    Index(None, "direction", "peer", "id", unique=True),
    Index(None, "thread"),
    Index(None, "status", "peer"),
)

# What travels beside messages, encrypted as on the wire; the key stands in the message.
attachments = Table(
    "attachments",
    metadata,
    Column("message", Integer, primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("data", Text, nullable=False),  # base64url
    # quarantined, checked, held_back; null of what nodes say to one another by themselves, which no officer opens
    Column("status", String(16)),
    Column("type", String(100)),  # of a checked one: its media type
    Column("code", String(32)),  # of one that is held back: why
    Column("sha256", String(64)),  # of what is inside, of a file of officers
    Index(None, "sha256"),
)

# Files that wait to be sent: with a form, or with a proposal.
draft_files = Table(
    "draft_files",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("officer", String(64), nullable=False),  # who attached it, and nobody else sends it
    Column("said", JSON, nullable=False),  # what the message will say of it
    Column("type", String(100), nullable=False),
    Column("data", Text, nullable=False),  # as it will be on the wire, base64url
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
)

# Sets of tags that peers offered to this node for private matching.
tag_sets = Table(
    "tag_sets",
    metadata,
    Column("peer", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("message", Integer, nullable=False),  # the offer
    Column("public_key", String(64), nullable=False),  # hexadecimal: what the holder's answers are proved against
    Column("tags", Text, nullable=False),  # base64url
    Column("at", UtcDateTime, nullable=False),
)

# What this node offered: enough to answer, and to say which customers a set was made of.
offers = Table(
    "offers",
    metadata,
    Column("peer", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("message", Integer, nullable=False),
    Column("run", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("quota", Integer, nullable=False),  # questions a day
    Column("at", UtcDateTime, nullable=False),
    Column("canaries", JSON),  # keys of nobody that are in the set
    Column("canary_tags", Text),  # base64url: what is told of them when the offer ends
    Column("ended_at", UtcDateTime),
)

# What was asked of a set. `texts` stay, so that an inspector can open the commitment; `scalars` go with the answer.
batches = Table(
    "batches",
    metadata,
    Column("message", Integer, primary_key=True),
    Column("peer", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("run", Integer, nullable=False),
    Column("texts", JSON, nullable=False),  # [[row, tier, text]]
    Column("scalars", JSON),
    Column("salt", String(64), nullable=False),
    Column("status", String(16), nullable=False),  # asked, answered, over_quota, refused
    Column("hits", JSON),  # places in `texts`
    Column("tags", JSON),  # the tag of each hit, to be held against canaries
    Column("answered_at", UtcDateTime),
    Index(None, "run"),
)

# Keys of nobody that somebody asked for (asked) or wrote of (named): here, or at a peer that matches with this node.
canary_alarms = Table(
    "canary_alarms",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("peer", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("what", String(16), nullable=False),  # asked, named
    Column("is_ours", Boolean, nullable=False),  # whether officers of this node did it
    Column("n", Integer, nullable=False),
    Column("message", Integer, nullable=False),  # by which it was found
    Column("at", UtcDateTime, nullable=False),
)

# How many questions of a peer were answered on a day (UTC): the quota that guessing runs into.
match_spent = Table(
    "match_spent",
    metadata,
    Column("peer", String(64), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("n", Integer, nullable=False),
)

# TAXII 2.1: what systems pull and push. The root "/discovery" is what the server says of itself.
taxii_roots = Table(
    "taxii_roots",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("information", JSON, nullable=False),
)

taxii_collections = Table(
    "taxii_collections",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("root", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("alias", String(255)),
    Column("can_read", Boolean, nullable=False),
    Column("can_write", Boolean, nullable=False),
    Column("media_types", JSON, nullable=False),
    Index(None, "root", "id", unique=True),
)

# One row for each version. Pages come by `added_at`, then `number`: so that one ends between equal times.
taxii_objects = Table(
    "taxii_objects",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("collection", Integer, nullable=False),
    Column("id", String(288), nullable=False),
    Column("type", String(250), nullable=False),
    Column("spec_version", String(8), nullable=False),
    Column("version", String(64), nullable=False),  # as the object writes it
    Column("version_at", UtcDateTime, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("media_type", String(255), nullable=False),
    Column("size_bytes", Integer, nullable=False),  # of `content` as JSON
    Column("content", JSON, nullable=False),
    Index(None, "collection", "id", "version_at", unique=True),
    Index(None, "collection", "added_at", "number"),
)

taxii_statuses = Table(
    "taxii_statuses",
    metadata,
    Column("root", String(64), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("content", JSON, nullable=False),
)

# A name and a secret for programs that know no tokens; the secret stands for a token of its officer in `credentials`.
taxii_accounts = Table(
    "taxii_accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("officer", String(64), nullable=False),
    Column("credential", String(64), nullable=False),
    Column("n_failed", Integer, nullable=False),  # wrong secrets since the last right one
    Column("waits_until", UtcDateTime),  # no secret is tried before
)
