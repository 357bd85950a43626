"""The groups of the program, in the order they are made: a later one takes of the earlier ones what it needs.

A group is a file with all that is to be said of its types:

describe(program)               its part of the program: each resource with what becomes of it
drift(account, ids)             somebody's hand on it: yields what a refresh has to find, and of which resource
look(accounts, outputs, wish)   what is looked at after every `up`, beside what all groups have
THERE                           how another client than ours lists a type: ids of an account
REFUSED                         with which words a program is refused that wants what cannot be, by resource
IMPORTED_AS                     what a resource is imported by, where that is not its id
UNREADABLE                      inputs that cannot be read back from AWS: an import takes them on with the next update
UNTOLD                          what the official SDK types as always there, and is not when nobody asks for it
UNREAD                          what of this is there once a read has seen it, as AWS has chosen it
LEFT_OUT                        what of this no resource of this provider has: docs/provider.md
SECRETS                         what stands in nothing that Pulumi keeps
ACCOUNT                         where the hand is, other than in the member account
"""

from groups import access, functions, messages, network, organization, parameters, places, storage, tables, users, watching

GROUPS = [storage, messages, parameters, places, network, users, access, functions, watching, tables, organization]


def of_all(name):
    """A table of all groups."""
    return {key: value for group in GROUPS for key, value in getattr(group, name, {}).items()}


def missing(*names):
    """What is missing of each type, for any of these reasons."""
    reasons = [of_all(name) for name in names]
    return {kind: set().union(*(reason.get(kind, ()) for reason in reasons)) for reason in reasons for kind in reason}
