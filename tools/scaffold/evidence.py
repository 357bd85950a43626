"""What the calls of AWS and CloudFormation's handlers say of each input: which take it, which show it, which find the resource by it."""

import re

import names


class Evidence:
    def __init__(self, resource, schema, service, operations):
        self.resource, self.schema, self.service, self.operations = resource, schema, service, operations
        self.ours, self.owner = resource.own_names(), tuple(names.words(resource.name))
        self.cfn = schema.assigned(self.ours, self.owner) if schema else {}
        self.create, self.read = operations.get("create"), operations.get("read")
        self.update = operations.get("update")
        # what is put again is changed by it
        if self.update is None and self.create and self.create.startswith(("Put", "Set", "Update", "Modify")):
            self.update = self.create
        self.creates = self.taken([self.create])
        later = [
            name for name in self.handler("update") if name != self.create and not re.match("Describe|Get|List", name)
        ]
        self.later = [self.update, *later] if self.update else later
        self.changes = self.taken(self.later)
        self.live, self.carried, self.reads = (
            {},
            (None, None),
            [name for name in (self.read, *self.handler("read")) if name],
        )
        if self.read:
            shape, path = service.carried(self.read, self.ours, self.owner)
            live = service.within(shape, self.ours, self.owner) if shape else {}
            # what shows little of it is read by hand
            if 3 * len(live) >= len(self.ours):
                self.carried, self.live = (shape, path), live
        self.shown = set()
        for operation in self.reads + (service.readers(resource) if service else []):
            if shape := service.carried(operation, self.ours, self.owner)[0]:
                self.shown |= set(service.within(shape, self.ours, self.owner))

    def handler(self, part):
        """The operations of the service that CloudFormation's handler calls."""
        if not self.schema or not self.service:
            return []
        actions = self.schema.schema.get("handlers", {}).get(part, {}).get("permissions", [])
        return [action.partition(":")[2] for action in actions if action.partition(":")[2] in self.service.operations]

    def taken(self, operations):
        """The member of these calls' requests that each input is."""
        found = {}
        for operation in operations:
            if operation:
                found = self.service.within(self.service.input(operation), self.ours, self.owner) | found
        return found

    def identifying(self, name):
        """Whether the calls that read and delete the resource find it by this."""
        found, delete = [], self.operations.get("delete")
        if (
            delete
            and name.lower().endswith("name")
            and name in self.service.assigned(self.service.input(delete), self.ours, self.owner)
        ):
            return True
        for operation in (self.read, delete):
            if operation:
                shape = self.service.input(operation)
                member = self.service.assigned(shape, self.ours, self.owner).get(name)
                found.append(
                    (member is not None, bool(member) and member[0] in self.service.shapes[shape].get("required", []))
                )
        return bool(found) and (all(takes for takes, _ in found) or any(needs for _, needs in found))

    def changed(self, name):
        """Whether a later call takes it, or a part of it, or is named after it."""
        one = names.singular(names.flat(name))
        of = lambda operation: [operation, *self.service.members(self.service.input(operation))]
        named = lambda text: re.search(rf"(?:add|remove|update|modify|put|set|new)(?:\w*)?{one}", text)
        return name in self.changes or any(
            named(names.flat(text)) for operation in self.later for text in of(operation)
        )

    def put_on(self, found):
        """Whether it names what a setting is put on, where no call takes the setting away."""
        return (
            "delete" not in self.operations
            and self.create == self.update
            and found.required
            and bool(re.search(r"(?:Id|Arn|Url|Name|^arn|^bucket)$", found.name))
        )
