"""Each claim follows from its source, and does not without it: schemas and models made for the test."""

import pathlib
import tempfile
import unittest
from unittest import mock

import names
import sources
from cloudformation import Schema
from decide import Drafting
from documentation import default_of, sentence
from models import Service
from official import Property, Resource
from problem import Problem

TOKEN = "aws:widgets/widget:Widget"


def input_(name, kind="string", required=False, doc="", **more):
    return Property(name, kind, required, doc, **more)


def schema(properties, **more):
    handlers = {part: {"permissions": [f"widgets:{part.title()}Widget"]} for part in ("create", "update", "delete")}
    return Schema("AWS::Widgets::Widget", {"properties": properties, "handlers": handlers} | more)


def service(create=(), update=(), read=(), delete=("WidgetName",), kinds=None):
    structure = lambda members: {
        "type": "structure",
        "required": list(members)[:1],
        "members": {name: {"shape": (kinds or {}).get(name, "Text")} for name in members},
    }
    shapes = {"Text": {"type": "string"}, "Count": {"type": "integer", "min": 1}, "Size": {"type": "long"}}
    shapes |= {
        "Mode": {"type": "string", "enum": ["ON", "OFF"]},
        "Modes": {"type": "list", "member": {"shape": "Mode"}},
    }
    shapes |= {"Texts": {"type": "list", "member": {"shape": "Text"}}}
    operations = {}
    for verb, members in (("Create", create), ("Update", update), ("Get", read), ("Delete", delete)):
        if members:
            operations[f"{verb}Widget"] = {"input": {"shape": f"{verb}In"}, "output": {"shape": f"{verb}Out"}}
            shapes[f"{verb}In"] = structure(members if verb != "Get" else ("WidgetName",))
            shapes[f"{verb}Out"] = structure(members if verb == "Get" else ())
    return Service(
        "widgets",
        {"shapes": shapes, "operations": operations, "metadata": {"serviceId": "Widgets", "endpointPrefix": "widgets"}},
    )


def drafted(inputs, schema=None, service=None):
    resource = Resource(TOKEN, "", inputs, [input_("arn", required=True)], {})
    operations = service.operations_of(resource, schema) if service else {}
    return Drafting(resource, schema, "made for a test", service, operations).run()


def attributes(name, inputs, *sources_):
    return next(field for field in drafted(inputs, *sources_).inputs if field.name == name).attributes


class Replace(unittest.TestCase):
    colour = [input_("colour")]

    def test_what_cloudformation_creates_only(self):
        properties = {"Colour": {"type": "string"}}
        self.assertIn(
            "replace",
            attributes("colour", self.colour, schema(properties, createOnlyProperties=["/properties/Colour"])),
        )
        self.assertNotIn("replace", attributes("colour", self.colour, schema(properties)))

    def test_what_the_documentation_says(self):
        self.assertIn(
            "replace", attributes("colour", [input_("colour", doc="Its colour. Changing this forces a new resource.")])
        )
        self.assertNotIn("replace", attributes("colour", [input_("colour", doc="Its colour. Changing it is quick.")]))

    def test_what_the_create_takes_and_no_later_call(self):
        both = ("WidgetName", "Colour")
        self.assertIn("replace", attributes("colour", self.colour, None, service(both, ("WidgetName", "Weight"))))
        self.assertNotIn("replace", attributes("colour", self.colour, None, service(both, both)))

    def test_what_the_delete_finds_it_by(self):
        inputs = [input_("widgetName", required=True), input_("colour")]
        made = service(("WidgetName", "Colour"), ("WidgetName", "Colour"), ("WidgetName", "Colour"))
        self.assertIn("replace", attributes("widgetName", inputs, None, made))
        self.assertNotIn("replace", attributes("colour", inputs, None, made))

    def test_a_part_of_it_is_undecided(self):
        made = drafted(
            self.colour, schema({"Colour": {"type": "object"}}, createOnlyProperties=["/properties/Colour/Shade"])
        )
        self.assertNotIn("replace", made.inputs[0].attributes)
        self.assertIn(
            "colour: `replace`: only a part of `Colour` cannot be changed, as CloudFormation says", made.undecided
        )

    def test_without_any_source_it_is_named(self):
        made = drafted(self.colour, None, service(("WidgetName", "Weight")))
        self.assertIn(
            "colour: CreateWidget does not take it; its place at AWS, and whether it can be changed, no source says",
            made.undecided,
        )


class Optional(unittest.TestCase):
    def test_what_the_state_always_has_is_computed(self):
        self.assertIn("computed", attributes("colour", [input_("colour", filled=True)]))
        self.assertNotIn("computed", attributes("colour", [input_("colour")]))

    def test_drift_that_counts_only_where_it_is_given_is_told(self):
        doc = "Its policy. The provider will only perform drift detection of its value when present in a configuration."
        self.assertIn("told", attributes("policy", [input_("policy", filled=True, doc=doc)]))
        self.assertNotIn("told", attributes("policy", [input_("policy", filled=True)]))

    def test_defaults(self):
        for kind, doc, wanted in (
            ("string", "Mode. Defaults to `ON`.", '"ON"'),
            ("string", "Valid values are `ON` (default) and `OFF`.", '"ON"'),
            ("string", "Mode. Defaults to the mode of the account.", None),
            ("string", "Mode. Defaults to `ON` if there is a colour.", None),
            ("integer", "Seconds. The default for this attribute is 262144 (256 KiB).", "262_144"),
            ("integer", "Seconds. Defaults to `never`.", None),
            ("bool", "Whether it turns. Defaults to `true`.", "true"),
        ):
            with self.subTest(doc):
                self.assertEqual(default_of(input_("a", kind, doc=doc), None), wanted)
        self.assertEqual(default_of(input_("a", "bool"), {"default": True}), "true")

    def test_a_default_of_something_computed_is_undecided(self):
        made = drafted([input_("mode", filled=True, doc="Mode. Defaults to `ON`.")])
        self.assertIn('mode: `computed`, or `default = "ON"` as the documentation says', made.undecided)

    def test_a_list_a_flag_and_a_name(self):
        inputs = [
            input_("name"),
            input_("flag", "bool"),
            input_("ids", ("list", "string")),
            input_("text"),
            input_("must", required=True),
        ]
        made = {field.name: (field.type, field.attributes) for field in drafted(inputs).inputs}
        self.assertEqual(made["name"][0], "String")
        self.assertIn("autoname", made["name"][1])
        self.assertEqual(made["flag"], ("bool", {"default": "false"}))
        self.assertEqual(made["ids"], ("Vec<String>", {"default": None}))
        self.assertEqual((made["text"][0], made["must"][0]), ("Option<String>", "String"))


class Behaviour(unittest.TestCase):
    def test_set(self):
        ids, words = [input_("items", ("list", "string"))], [input_("subnetIds", ("list", "string"))]
        self.assertIn("set", attributes("subnetIds", words))
        array = {"type": "array", "items": {"type": "string"}}
        self.assertIn("set", attributes("items", ids, schema({"Items": array | {"insertionOrder": False}})))
        self.assertNotIn("set", attributes("items", ids, schema({"Items": array | {"uniqueItems": True}})))
        made = drafted(ids, schema({"Items": array}))
        self.assertIn(f"{TOKEN}: `set`: whether the order counts in `items`, no source says", made.undecided)
        self.assertIn(
            "set",
            attributes(
                "modes",
                [input_("modes", ("list", "string"))],
                None,
                service(("WidgetName", "Modes"), kinds={"Modes": "Modes"}),
            ),
        )
        self.assertNotIn(
            "set",
            attributes(
                "modes",
                [input_("modes", ("list", "string"))],
                None,
                service(("WidgetName", "Modes"), kinds={"Modes": "Texts"}),
            ),
        )

    def test_json(self):
        policy = [input_("policy")]
        self.assertEqual(
            attributes("policy", policy, schema({"Policy": {"type": "object"}})).get("equal"), "document::equal"
        )
        self.assertNotIn("json", attributes("policy", policy, schema({"Policy": {"type": "string"}})))

    def test_secret(self):
        self.assertIn("secret", attributes("word", [input_("word", secret=True)]))
        self.assertNotIn("secret", attributes("word", [input_("word")]))

    def test_unread(self):
        word, properties = [input_("word")], {"Word": {"type": "string"}}
        write_only = schema(properties, writeOnlyProperties=["/properties/Word"])
        self.assertIn("unread", attributes("word", word, write_only))
        self.assertNotIn("unread", attributes("word", word, schema(properties)))
        shown = service(("WidgetName", "Word"), read=("WidgetName", "Word"))
        self.assertNotIn("unread", attributes("word", word, write_only, shown))
        some = [input_("colour", required=True), *word]
        self.assertIn(
            "unread", attributes("word", some, None, service(("Colour", "Word"), ("Colour", "Word"), ("Colour",)))
        )
        self.assertNotIn(
            "unread",
            attributes("word", some, None, service(("Colour", "Word"), ("Colour", "Word"), ("Colour", "Word"))),
        )
        self.assertIn("unread", attributes("forceDestroy", [input_("forceDestroy", "bool")]))

    def test_places_in_the_sdk(self):
        inputs = [input_("name"), input_("colour"), input_("extra"), input_("size", "integer")]
        made = drafted(
            inputs,
            None,
            service(("WidgetName", "Colour", "Size"), read=("WidgetName", "Colour", "Size"), kinds={"Size": "Size"}),
        )
        fields = {field.name: field for field in made.inputs}
        self.assertEqual(fields["name"].attributes["sdk"], "widget_name")
        self.assertIn("own", fields["extra"].attributes)
        self.assertFalse({"own", "sdk"} & set(fields["colour"].attributes))
        self.assertEqual(fields["size"].type, "Option<i64>")
        self.assertEqual(made.mapping, {"name": "CreateIn.WidgetName", "extra": "none: REASON"})

    def test_what_is_deprecated_is_left_out_and_named(self):
        made = drafted([input_("old", deprecated=True), input_("colour")])
        self.assertEqual([field.name for field in made.inputs], ["colour"])
        self.assertIn("old: it is deprecated, and left out", made.undecided)

    def test_the_first_sentence_in_plain_text(self):
        field = drafted([input_("colour")]).inputs[0]
        doc = "(Optional) Colour as the [guide](https://a.example/b) says, e.g. `red`. Conflicts with `widget_name`."
        self.assertEqual(sentence(doc, set(), field), "Colour as the guide says, e.g. `red`.")
        self.assertEqual(sentence("Instead of `widget_name`", {"widgetName"}, field), "Instead of `widgetName`.")


class Names(unittest.TestCase):
    def test_as_the_sdk_writes_them(self):
        self.assertEqual(names.snake("SizeInMBs"), "size_in_mbs")
        self.assertEqual(names.snake("AWSKMSKeyARN"), "awskms_key_arn")
        self.assertEqual(names.snake("AllowedOAuthFlows"), "allowed_o_auth_flows")
        self.assertEqual(names.pascal("KMSEncryptionConfig"), "KmsEncryptionConfig")
        self.assertEqual((names.field("type"), names.field("kind")), ("r#type", "kind"))

    def test_each_of_ours_is_one_of_theirs(self):
        found = names.assigned(
            ["name", "metricName", "role"], ["AlarmName", "MetricName", "RoleArn"], ["metric", "alarm"]
        )
        self.assertEqual(found, {"name": "AlarmName", "metricName": "MetricName", "role": "RoleArn"})
        self.assertEqual(names.assigned(["name"], ["FirstName", "LastName"], ["first", "last", "thing"]), {})


class Sources(unittest.TestCase):
    def test_what_cannot_be_installed_is_named_with_its_place_and_a_way_out(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(sources, "tools", lambda: pathlib.Path(folder)):
            failed = mock.Mock(returncode=1, stderr="no network\n")
            with (
                mock.patch.object(sources.subprocess, "run", return_value=failed),
                self.assertRaises(Problem) as raised,
            ):
                sources.installed()
            self.assertIn(
                f"installing packages `pulumi-aws`, `botocore`, `cfn-lint`, {folder}/scaffold-",
                raised.exception.message,
            )
            self.assertIn("no network", raised.exception.message)
            self.assertIn("run it once with network", raised.exception.hint)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_they_are_pinned_with_hashes(self):
        for package, file in sources.PINS:
            self.assertIn("--hash=sha256:", sources.pinned(package, file))
        with self.assertRaises(Problem):
            sources.pinned("no-such-package", "tools/emulator/requirements.txt")


if __name__ == "__main__":
    unittest.main()
