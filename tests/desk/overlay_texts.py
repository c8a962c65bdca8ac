"""Texts of overlays as an agency might write them, at random: what is compared, how, and under which head."""

from hypothesis import strategies as st

_HEADS = st.sampled_from(
    ["principal", 'principal in Role::"analyst"', 'principal in Role::"content"', "principal is Officer"]
)
_KNOWN = st.sampled_from(
    [
        'context.via == "token"',
        'principal in Role::"supervisor"',
        "principal.clearance >= 2",
        'context.purpose != "screening"',
        'context.via like "s*"',
        "principal.cases.isEmpty()",
        'principal.cases.contains(Case::"2")',
        "(if principal.clearance > 1 then context.via == principal.agency else true)",
        "true",
    ]
)
FIT = (
    "resource.clearance > 1",
    "2 <= resource.clearance",
    "resource.clearance == (if principal.clearance > 1 then 2 else 1)",
    'resource.agency == "elsewhere"',
    'resource.purpose == context["purpose"]',
    "resource.officer == principal",
    "principal == resource.officer",
    "resource has case",
    'resource has case && resource.case == Case::"2"',
    'resource has case && resource.case in [Case::"1", Case::"3"]',
    "resource has case && resource.case in principal.cases",
    "resource in principal.glass",
    'resource == Run::"3"',
    "resource is Run",
)
# What may not stand there, or does not fit the schema:
UNFIT = (
    '["own"].contains(resource.agency)',
    "resource.clearance + 1 > 2",
    "resource.officer != principal",
    'resource.officer in Role::"analyst"',
    "resource == principal",
    "resource.purpose == resource.agency",
    'resource.officer == Officer::"rina"',
    'resource.case == Case::"2"',
    '(if resource has case then true else principal in Role::"analyst")',
    "resource in principal.cases",
    "resource has verb",
)
_OF_RUNS = st.sampled_from((*FIT, *UNFIT))
_conditions = st.recursive(
    _KNOWN | _OF_RUNS,
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner) | st.builds("!({})".format, inner)
    ),
    max_leaves=4,
)
_actions = st.sampled_from(
    ["action", 'action == Action::"runs.read"', 'action in [Action::"runs.decide", Action::"runs.read"]']
)
_forbids = st.builds(
    "forbid ({}, {}, resource is Run) {} {{ {} }};".format,
    _HEADS,
    _actions,
    st.sampled_from(["when", "unless"]),
    _conditions,
)
_of_everything = st.builds("forbid ({}, action, resource) when {{ {} }};".format, _HEADS, _KNOWN)

texts = st.lists(_forbids | _of_everything, min_size=1, max_size=3).map("\n".join)
