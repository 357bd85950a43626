//! The mistakes: name, file, what is replaced, by what.

/// A case: its name, the file, the text that is replaced (the first time it occurs) and the new text.
pub(crate) type Case = (&'static str, &'static str, &'static str, &'static str);

pub(crate) const VALUES: &[Case] = &[
    ("misspelt table", "zone.toml", "[[bucket]]", "[[bukcet]]"),
    ("misspelt key", "zone.toml", "expire_after_days", "expires_after_days"),
    ("unknown key far from all others", "dev.toml", "profile =", "colour = \"red\"\nprofile ="),
    ("missing key at the top", "zone.toml", "prefix = \"acme\"\n", ""),
    ("missing key in a table of tables", "zone.toml", "class = \"secret\"\n", ""),
    ("missing table", "zone.toml", "[kms]\ndeletion_window_days = 11\nrotation_days = 180\n", ""),
    ("integer for a string", "dev.toml", "\"333344445555\"", "333344445555"),
    ("string for a number", "zone.toml", "archive_days = 21", "archive_days = \"30\""),
    ("negative number", "zone.toml", "archive_days = 21", "archive_days = -30"),
    ("string for a flag", "dev.toml", "protect = false", "protect = \"no\""),
    ("string for a list", "zone.toml", "[\"tier\", \"partner_no\"]", "\"abc\""),
    ("wrong types inside a list", "zone.toml", "[\"tier\", \"partner_no\"]", "[1, \"tier\", true]"),
    ("table where tables belong", "dev.toml", "[member]", "[waiver]\nreason = \"later\"\n[member]"),
    ("tables where a table belongs", "zone.toml", "[kms]", "[[kms]]"),
    (
        "value where a table belongs",
        "dev.toml",
        "[member]\naccount = \"333344445555\"\nprofile = \"acme-dev\"",
        "member = \"333344445555\"",
    ),
    ("empty text", "dev.toml", "\"333344445555\"", "\"\""),
    ("not TOML", "zone.toml", "prefix = \"acme\"", "prefix = acme\""),
    ("twice the same key", "dev.toml", "state = \"file\"", "state = \"file\"\nstate = \"file\""),
];

pub(crate) const SHAPE: &[Case] = &[
    ("prefix with capitals", "zone.toml", "prefix = \"acme\"", "prefix = \"Acme\""),
    ("reserved prefix", "zone.toml", "prefix = \"acme\"", "prefix = \"aws\""),
    ("organization", "zone.toml", "o-acme0fixture", "acme0fixture"),
    ("region with a zone", "zone.toml", "\"eu-west-1\"", "\"eu-west-1a\""),
    ("region of another partition", "zone.toml", "\"eu-west-1\"", "\"cn-north-1\""),
    ("both regions the same", "zone.toml", "\"eu-west-1\"", "\"eu-west-1\"\nsecondary = \"eu-west-1\""),
    ("tag value", "zone.toml", "Équipe Plateforme", "Équipe#Plateforme"),
    ("deletion window", "zone.toml", "deletion_window_days = 11", "deletion_window_days = 31"),
    ("rotation", "zone.toml", "rotation_days = 180", "rotation_days = 30"),
    ("archive for ever", "zone.toml", "archive_days = 21", "archive_days = 0"),
    ("queue retention", "zone.toml", "dlq_retention_days = 4", "dlq_retention_days = 15"),
    ("unknown service", "zone.toml", "\"logs\"", "\"log\""),
    ("service twice", "zone.toml", "\"logs\"", "\"sns\""),
    ("class twice", "zone.toml", "name = \"secret\"", "name = \"internal\""),
    ("class that does not exist", "zone.toml", "class = \"secret\"", "class = \"secre\""),
    ("purpose twice", "zone.toml", "\"invoices\"", "\"lake\""),
    ("purpose with an underscore", "zone.toml", "\"scratch\"", "\"scratch_pad\""),
    (
        "bucket name too long",
        "zone.toml",
        "\"scratch\"",
        "\"a-state-with-a-name-that-nobody-will-ever-want-to-type-by-hand\"",
    ),
    ("bucket name reserved", "zone.toml", "prefix = \"acme\"", "prefix = \"xn--acme\""),
    ("unknown writer", "zone.toml", "writer = \"cloudtrail\"", "writer = \"cloudtrial\""),
    ("Glacier after the end", "zone.toml", "glacier_after_days = 60", "glacier_after_days = 1200"),
    ("lock after the end", "zone.toml", "object_lock_days = 400", "object_lock_days = 801"),
    ("no days", "zone.toml", "expire_after_days = 3\n", "expire_after_days = 0\n"),
    ("bus twice", "zone.toml", "\"parcels\"", "\"orders\""),
    ("bus with a dot", "zone.toml", "\"parcels\"", "\"par.cels\""),
    ("bus of every account", "zone.toml", "\"parcels\"", "\"default\""),
    ("bus too long for its archive", "zone.toml", "\"parcels\"", "\"parcels-application-programming-interfaces\""),
    (
        "bus too long for its queue",
        "zone.toml",
        "\"parcels\"",
        "\"parcels-application-programming-interfaces-of-the-whole-wide-world-and-beyond\"",
    ),
];

/// The network of the one environment that makes it.
pub(crate) const NETWORK: &[Case] = &[
    ("malformed CIDR", "local.toml", "172.20.4.0/22", "172.20.4.0/220"),
    ("CIDR with host bits", "local.toml", "172.20.4.0/22", "172.20.5.0/22"),
    ("subnet outside the VPC", "local.toml", "172.20.4.0/22", "172.21.4.0/22"),
    ("subnets overlap", "local.toml", "172.20.64.0/19", "172.20.4.0/23"),
    ("subnet too small", "local.toml", "172.20.64.0/19", "172.20.64.0/29"),
    ("a zone more than subnets", "local.toml", "\"b\"]", "\"b\", \"c\"]"),
    ("zone with its region", "local.toml", "[\"a\",", "[\"eu-west-1a\","),
    ("the same zone twice", "local.toml", "[\"a\", \"b\"", "[\"a\", \"a\""),
    ("VPC too large", "local.toml", "172.20.0.0/16", "172.16.0.0/12"),
    ("VPC where none may be", "local.toml", "172.20.0.0/16", "169.254.0.0/16"),
    ("no zone", "local.toml", "[\"a\", \"b\"]", "[]"),
];

/// Rules of buckets, tags and names that a user meets when the zone is not quite the one of the fixture.
pub(crate) const SERVICES: &[Case] = &[
    ("prefix that begins like AWS's own", "zone.toml", "prefix = \"acme\"", "prefix = \"ssmall\""),
    ("prefix with two hyphens", "zone.toml", "prefix = \"acme\"", "prefix = \"a--acme\""),
    ("prefix too long for a sampling rule", "zone.toml", "prefix = \"acme\"", "prefix = \"commonwealth\""),
    ("region of a partition with other letters", "zone.toml", "\"eu-west-1\"", "\"eusc-de-east-1\""),
    (
        "days for all and for some",
        "zone.toml",
        "class = \"secret\"\n\n[[bucket.rule]]",
        "class = \"secret\"\nexpire_after_days = 9\n\n[[bucket.rule]]",
    ),
    ("objects of two rules", "zone.toml", "prefix = \"errors/\"", "prefix = \"facts/source=shop/\""),
    ("a prefix that is no folder", "zone.toml", "prefix = \"errors/\"", "prefix = \"/errors\""),
    ("a rule for nothing", "zone.toml", "prefix = \"errors/\"\nexpire_after_days = 45\n", "prefix = \"errors/\"\n"),
    (
        "exempt by a wildcard",
        "zone.toml",
        "exempt_principals = [\"arn:aws:iam::*:role/AcmeBootstrap\"]",
        "exempt_principals = [\"arn:aws:iam::*:role/?*\"]",
    ),
    (
        "anybody's emergency",
        "zone.toml",
        "break_glass_principals = [\"AWSReservedSSO_Emergency_*\"]",
        "break_glass_principals = [\"AWSReservedSSO_*\", \"arn:aws:iam::*:role/Admin\"]",
    ),
    ("tag value of AWS", "zone.toml", "cost-center = \"Zürich 4711\"", "cost-center = \"AWS:Zürich\""),
    (
        "class name too long for its alias",
        "zone.toml",
        "[[class]]\nname = \"secret\"",
        concat!(
            "[[class]]\nname = \"a-class-whose-name-is-a-sentence-about-the-people-whose-data-it-is-and-what-they-were-told-",
            "about-it-and-when-and-by-whom-and-where-they-can-read-it-again-and-what-they-can-do-when-they-are-not-content-",
            "with-it-which-is-to-write-to-us-or-to-the-office-for-privacy\"\nservices = []\n\n[[class]]\nname = \"secret\""
        ),
    ),
    ("days for ever", "zone.toml", "expire_after_days = 3\n", "expire_after_days = 99999\n"),
    (
        "the trail's bucket with another key",
        "zone.toml",
        "irreplaceable = true\nclass = \"internal\"",
        "irreplaceable = true\nclass = \"secret\"",
    ),
    (
        "queues with a key that EventBridge may not use",
        "zone.toml",
        "[events]\nclass = \"internal\"",
        "[events]\nclass = \"secret\"",
    ),
    (
        "exempt everybody",
        "zone.toml",
        "exempt_principals = [\"arn:aws:iam::*:role/AcmeBootstrap\"]",
        "exempt_principals = [\"*\", \"arn:aws:iam::*:role/*\"]",
    ),
    (
        "exempt twice",
        "zone.toml",
        "exempt_principals = [\"arn:aws:iam::*:role/AcmeBootstrap\"]",
        "exempt_principals = [\"arn:aws:iam::*:role/Setup\", \"arn:aws:iam::*:role/Setup\"]",
    ),
];

pub(crate) const DOMAINS: &[Case] = &[
    ("role with a blank", "zone.toml", "\"BillingRole\"", "\"Billing Role\""),
    (
        "role too long",
        "zone.toml",
        "\"BillingRole\"",
        "\"BillingOfAllCustomersAndEverythingThatBelongsToItRoleOfLambdaFunctions\"",
    ),
    ("role twice, but for capitals", "zone.toml", "\"BillingRole\"", "\"ordersRole\""),
    ("role of the platform", "zone.toml", "\"BillingRole\"", "\"acme-platform-cicd\""),
    ("no class", "zone.toml", "classes = [\"internal\", \"secret\"]", "classes = []"),
    ("unknown class", "zone.toml", "classes = [\"internal\", \"secret\"]", "classes = [\"internal\", \"public\"]"),
    (
        "class named twice",
        "zone.toml",
        "classes = [\"internal\", \"secret\"]",
        "classes = [\"internal\", \"internal\"]",
    ),
    ("rules on the own bus", "zone.toml", "[domain.rules]\nbus = \"orders\"", "[domain.rules]\nbus = \"billing\""),
    (
        "rules on a bus that does not exist",
        "zone.toml",
        "[domain.rules]\nbus = \"orders\"",
        "[domain.rules]\nbus = \"order\"",
    ),
    ("rules of any name", "zone.toml", "prefix = \"billing-on-\"", "prefix = \"*\""),
    (
        "rules of two domains under one name",
        "zone.toml",
        "invokes = [\"orders-*QuoteHandler*\"]",
        "[domain.rules]\nbus = \"orders\"\nprefix = \"billing-\"",
    ),
    ("key of rules misspelt", "zone.toml", "prefix = \"billing-on-\"", "prefx = \"billing-on-\""),
    ("function of anybody", "zone.toml", "\"orders-*QuoteHandler*\"", "\"*QuoteHandler\""),
    (
        "function as an ARN",
        "zone.toml",
        "\"orders-*QuoteHandler*\"",
        "\"arn:aws:lambda:eu-west-1:333344445555:function:orders\"",
    ),
    ("a trust that is no text", "zone.toml", "[roles]\n", "[roles]\ntag_in_trust = false\n"),
];

/// What a domain is granted by configuration.
pub(crate) const GRANTS: &[Case] = &[
    ("everything on everything", "zone.toml", GRANT, "actions = [\"*\"]\nresources = [\"*\"]\n"),
    ("all of a service on everything", "zone.toml", GRANT, "actions = [\"dynamodb:*\"]\nresources = [\"*\"]\n"),
    (
        "rights to give rights",
        "zone.toml",
        GRANT,
        "actions = [\"iam:*\"]\nresources = [\"arn:aws:iam::{account}:role/x\"]\n",
    ),
    ("no action", "zone.toml", GRANT, "actions = []\nresources = [\"*\"]\n"),
    ("an action without its service", "zone.toml", GRANT, "actions = [\"GetItem\"]\nresources = [\"*\"]\n"),
    (
        "a wildcard inside an action",
        "zone.toml",
        GRANT,
        "actions = [\"s3:*Object\"]\nresources = [\"arn:aws:s3:::x\"]\n",
    ),
    ("no ARN", "zone.toml", GRANT, "actions = [\"s3:GetObject\"]\nresources = [\"my-bucket/*\"]\n"),
    (
        "an unknown placeholder",
        "zone.toml",
        GRANT,
        "actions = [\"s3:GetObject\"]\nresources = [\"arn:aws:s3:::{prefx}-x\"]\n",
    ),
    ("a statement of the zone's own", "zone.toml", "sid = \"Tables\"", "sid = \"Keys\""),
    ("a statement with a hyphen", "zone.toml", "sid = \"Tables\"", "sid = \"stored-tables\""),
];

const GRANT: &str = "actions = [\"dynamodb:GetItem\", \"dynamodb:PutItem\"]\nresources = [\"arn:aws:dynamodb:{region}:{account}:table/{prefix}-{bus}-{environment}\"]\n";

/// What an environment says otherwise than `zone.toml`.
pub(crate) const OVERRIDES: &[Case] = &[
    ("a key that does not exist", "dev.toml", "[member]", "[kms]\nrotation_dayz = 90\n\n[member]"),
    ("a table that does not exist", "dev.toml", "[member]", "[netwrok]\ncidr = \"172.21.0.0/16\"\n\n[member]"),
    ("a value of another type", "dev.toml", "[member]", "[kms]\nrotation_days = \"90\"\n\n[member]"),
    ("a value that a service refuses", "dev.toml", "[member]", "[kms]\nrotation_days = 89\n\n[member]"),
    (
        "a bucket that does not exist",
        "dev.toml",
        "[member]",
        "[[bucket]]\npurpose = \"invoice\"\nexpire_after_days = 9\n\n[member]",
    ),
    ("a bucket without its name", "dev.toml", "[member]", "[[bucket]]\nexpire_after_days = 9\n\n[member]"),
    ("a bucket as one table", "dev.toml", "[member]", "[bucket]\npurpose = \"invoices\"\n\n[member]"),
    (
        "a rule of the bucket that breaks it",
        "dev.toml",
        "[member]",
        "[[bucket]]\npurpose = \"invoices\"\nexpire_after_days = 9\n\n[member]",
    ),
];

/// Tags, and which of them are required.
pub(crate) const TAGS: &[Case] = &[
    ("a required tag that no resource has", "zone.toml", "\"owner\", \"environment\"", "\"ownr\", \"environment\""),
    (
        "all tags required, one of them in another script",
        "zone.toml",
        "required = [\"owner\", \"environment\"]",
        "\"課\" = \"物流\"",
    ),
    ("no required tag", "zone.toml", "required = [\"owner\", \"environment\"]", "required = []"),
    ("a required tag twice", "zone.toml", "\"owner\", \"environment\"", "\"owner\", \"owner\""),
    ("a tag that is added by itself", "zone.toml", "cost-center = \"Zürich 4711\"", "environment = \"dev\""),
    ("a tag of AWS", "zone.toml", "cost-center = \"Zürich 4711\"", "\"aws:managed\" = \"me\""),
    ("a tag that the zone sets", "zone.toml", "cost-center = \"Zürich 4711\"", "classification = \"me\""),
    ("a key with a sign of no tag", "zone.toml", "cost-center = \"Zürich 4711\"", "\"managed#by\" = \"me\""),
    ("a key that ends with a space", "zone.toml", "cost-center = \"Zürich 4711\"", "\"managed by \" = \"me\""),
    (
        "a required key in another script",
        "zone.toml",
        "\"owner\", \"environment\"]",
        "\"物流\", \"environment\"]\n\"物流\" = \"4711\"",
    ),
    ("a tag that no trust can name", "zone.toml", "[roles]", "[roles]\ntag_in_trust = \"lager#7\""),
    ("a number", "zone.toml", "cost-center = \"Zürich 4711\"", "managed_by = 7"),
];

/// What exists already.
pub(crate) const EXISTING: &[Case] = &[
    ("a VPC that exists and is made", "local.toml", "[network]\n", "[network]\nvpc_id = \"vpc-0a1b2c3d4e5f67890\"\n"),
    (
        "subnets that exist in a VPC that is made",
        "local.toml",
        "[network]\n",
        "[network]\npublic_subnet_ids = [\"subnet-0a1b2c3d\"]\n",
    ),
    (
        "ids that are none",
        "local.toml",
        OWN_NETWORK,
        "vpc_id = \"my-vpc\"\npublic_subnet_ids = []\nprivate_subnet_ids = [\"subnet-1\"]\n",
    ),
    ("an unknown owner of the provider", "zone.toml", "[access]\n", "[access]\noidc_provider = \"theirs\"\n"),
];

const OWN_NETWORK: &str = "cidr = \"172.20.0.0/16\"\navailability_zones = [\"a\", \"b\"]\npublic_subnets = [\"172.20.0.0/22\", \"172.20.4.0/22\"]\nprivate_subnets = [\"172.20.32.0/19\", \"172.20.64.0/19\"]\n";

/// Tables that others need.
pub(crate) const MISSING: &[Case] = &[
    ("keys", "zone.toml", "[kms]\ndeletion_window_days = 11\nrotation_days = 180\n", ""),
    ("logs", "zone.toml", OBSERVABILITY, ""),
    ("buses", "zone.toml", "[events]\nclass = \"internal\"\narchive_days = 21\ndlq_retention_days = 4\n", ""),
];

const OBSERVABILITY: &str =
    "[observability]\nclass = \"internal\"\nsampling_percent = 7\nsampling_reservoir = 2\nsampling_priority = 4200\n";

pub(crate) const IDENTITY: &[Case] = &[
    ("domain with capitals", "zone.toml", "domain_prefix = \"acme-people\"", "domain_prefix = \"Acme\""),
    ("domain with a reserved word", "zone.toml", "name = \"buyers\"", "name = \"amazonians\""),
    (
        "domain too long",
        "zone.toml",
        "domain_prefix = \"acme-people\"",
        "domain_prefix = \"acme-people-of-the-southern-islands-and-the-sea-around-them\"",
    ),
    (
        "pool twice",
        "zone.toml",
        "[[pool]]\n",
        "[[pool]]\nname = \"buyers\"\npassword_minimum_length = 16\nadmin_creates_users = true\nattributes = []\n\n[[pool]]\n",
    ),
    ("pool with a blank", "zone.toml", "name = \"buyers\"", "name = \"our buyers\""),
    ("password too short", "zone.toml", "password_minimum_length = 16", "password_minimum_length = 6"),
    ("attribute with its prefix", "zone.toml", "\"tier\"", "\"custom:tier\""),
    ("attribute too long", "zone.toml", "\"tier\"", "\"tier_of_the_old_system\""),
    ("attribute twice", "zone.toml", "\"tier\"", "\"partner_no\""),
    ("no resource server", "zone.toml", "[identity.resource_server]", "[identity.resource_srever]"),
    ("scope with its server", "zone.toml", "[\"orders.read\", ", "[\"acme-api/orders.read\", "),
    ("unknown kind", "zone.toml", "kind = \"public\"", "kind = \"publik\""),
    (
        "unknown scope",
        "zone.toml",
        "kind = \"machine\"\nscopes = [\"orders.write\"]",
        "kind = \"machine\"\nscopes = [\"orders.rite\"]",
    ),
    ("machine without scopes", "zone.toml", "kind = \"machine\"\nscopes = [\"orders.write\"]", "kind = \"machine\""),
    (
        "people with scopes",
        "zone.toml",
        "kind = \"confidential\"",
        "kind = \"confidential\"\nscopes = [\"orders.read\"]",
    ),
    (
        "client of two pools",
        "zone.toml",
        "[[pool]]\n",
        "[[pool]]\nname = \"sellers\"\npassword_minimum_length = 16\nadmin_creates_users = true\nattributes = []\n\n[[pool.client]]\nname = \"shop\"\nkind = \"public\"\n\n[[pool]]\n",
    ),
    ("callback of nobody", "dev.toml", "client = \"desk\"", "client = \"desc\""),
    ("callback twice", "dev.toml", "client = \"desk\"", "client = \"shop\""),
    ("callback of a machine", "dev.toml", "client = \"desk\"", "client = \"robots\""),
    ("no URL", "dev.toml", "urls = [\"acme-dev://welcome\"]", "urls = []"),
    ("URL without TLS", "dev.toml", "\"https://desk.dev.acme.example/\"", "\"http://desk.dev.acme.example/\""),
    ("URL with a fragment", "dev.toml", "\"acme-dev://welcome\"", "\"acme-dev://app#welcome\""),
    ("URL twice", "dev.toml", "[\"acme-dev://welcome\"]", "[\"acme-dev://welcome\", \"acme-dev://welcome\"]"),
];

pub(crate) const DELIVERY: &[Case] = &[
    ("unknown class", "zone.toml", "[delivery]\nclass = \"secret\"", "[delivery]\nclass = \"public\""),
    ("class of another bucket", "zone.toml", "[delivery]\nclass = \"secret\"", "[delivery]\nclass = \"internal\""),
    ("unknown bucket", "zone.toml", "bucket = \"lake\"", "bucket = \"lak\""),
    ("buffer too large", "zone.toml", "buffer_megabytes = 64", "buffer_megabytes = 256"),
    ("buffer for too long", "zone.toml", "buffer_seconds = 120", "buffer_seconds = 3600"),
    ("stream with a slash", "zone.toml", "\"acme-facts\"", "\"acme/facts\""),
    (
        "stream too long",
        "zone.toml",
        "\"acme-facts\"",
        "\"acme-changes-and-other-facts-from-the-database-to-the-lake-of-all-data\"",
    ),
    (
        "stream twice",
        "zone.toml",
        "[[stream]]\n",
        "[[stream]]\nname = \"acme-facts\"\noutput = \"others\"\nprefix = \"others\"\n\n[[stream]]\n",
    ),
    ("output with capitals", "zone.toml", "output = \"facts\"", "output = \"Facts\""),
    ("output of the queue", "zone.toml", "output = \"facts\"", "output = \"dlq\""),
    (
        "output twice",
        "zone.toml",
        "[[stream]]\n",
        "[[stream]]\nname = \"acme-others\"\noutput = \"facts\"\nprefix = \"others\"\n\n[[stream]]\n",
    ),
    (
        "output too long",
        "zone.toml",
        "output = \"facts\"",
        "output = \"changes-of-the-database-as-they-are-captured-by-the-pipeline-of-acme\"",
    ),
    ("prefix with a slash at its end", "zone.toml", "prefix = \"facts/source=shop\"", "prefix = \"facts/\""),
    ("prefix of failed records", "zone.toml", "prefix = \"facts/source=shop\"", "prefix = \"errors/facts\""),
    (
        "prefix twice",
        "zone.toml",
        "[[stream]]\n",
        "[[stream]]\nname = \"acme-others\"\noutput = \"others\"\nprefix = \"facts/source=shop\"\n\n[[stream]]\n",
    ),
    (
        "prefix with an expression",
        "zone.toml",
        "prefix = \"facts/source=shop\"",
        "prefix = \"facts/!{timestamp:yyyy}\"",
    ),
    ("key without its services", "zone.toml", "\"cloudtrail\", \"logs\", \"sns\"", "\"sns\""),
    ("percent", "zone.toml", "sampling_percent = 7", "sampling_percent = 101"),
    ("priority", "zone.toml", "sampling_priority = 4200", "sampling_priority = 0"),
    ("key misspelt", "zone.toml", "sampling_reservoir = 2", "sampling_reservior = 2"),
];

pub(crate) const ENVIRONMENT: &[Case] = &[
    ("kind", "dev.toml", "\"aws\"", "\"amazon\""),
    ("state in a bucket", "dev.toml", "state = \"file\"", "state = \"s3\""),
    ("account with hyphens", "dev.toml", "333344445555", "3333-4444-5555"),
    ("account too short", "dev.toml", "333344445555", "33334444555"),
    ("account of another environment", "dev.toml", "333344445555", "222233334444"),
    ("management is the member", "dev.toml", "[member]", "[management]\naccount = \"333344445555\"\n[member]"),
    ("role as an ARN", "dev.toml", "profile = \"acme-dev\"", "role = \"arn:aws:iam::333344445555:role/Admin\""),
    ("retention that CloudWatch does not have", "dev.toml", "log_retention_days = 120", "log_retention_days = 800"),
    ("retention longer than the longest", "dev.toml", "log_retention_days = 120", "log_retention_days = 9999"),
    (
        "secret as an ARN",
        "dev.toml",
        "state =",
        "passphrase_secret = \"arn:aws:secretsmanager:eu-west-1:333344445555:secret:a\"\nstate =",
    ),
    ("suffix", "dev.toml", "state =", "bucket_suffix = \"Acme\"\nstate ="),
    (
        "suffix that makes names too long",
        "dev.toml",
        "state =",
        "bucket_suffix = \"an-end-that-is-so-much-longer-than-any-end-should-ever-be\"\nstate =",
    ),
    ("emulator on AWS", "dev.toml", "[member]", "[emulator]\nendpoint = \"http://127.0.0.1:5000\"\n[member]"),
    ("full buckets deleted on AWS", "dev.toml", "force_destroy_buckets = false", "force_destroy_buckets = true"),
    (
        "waiver",
        "dev.toml",
        "[member]",
        "[[waiver]]\nrequirement = \"fr418\"\nreason = \"later\"\nuntil = \"2027-06-30\"\napproved_by = \"ops\"\n[[waiver]]\nrequirement = \"FR-418\"\nreason = \"later\"\nuntil = \"2027-02-29\"\n[member]",
    ),
    (
        "copies where everything is",
        "dev.toml",
        "\n[member]",
        "region = \"eu-west-3\"\n\n[regions]\nsecondary = \"eu-west-3\"\n\n[member]",
    ),
    ("entered by a domain's role", "dev.toml", "profile = \"acme-dev\"", "role = \"ordersrole\""),
    (
        "guardrail on nothing",
        "dev.toml",
        "[member]",
        "[management]\naccount = \"123456789012\"\nattach_to = \"everything\"\n[member]",
    ),
    (
        "waiver with a bare date",
        "dev.toml",
        "[member]",
        "[[waiver]]\nrequirement = \"FR-418\"\nreason = \"later\"\nuntil = 2027-06-30\napproved_by = \"ops\"\n[member]",
    ),
];

/// Which workflows may deploy, in an environment that is not protected.
pub(crate) const GITHUB: &[Case] = &[
    ("anybody's repository", "dev.toml", "repo:acme/orders:*", "repo:*"),
    ("a subject that is none", "dev.toml", "repo:acme/orders:*", "acme/orders"),
    ("an owner by how he begins", "dev.toml", "repo:acme/orders:*", "repo:acme*/orders:*"),
    ("any id", "dev.toml", "repo:acme/orders:*", "repo:acme@*/orders@345:*"),
    ("one id of two", "dev.toml", "repo:acme/orders:*", "repo:acme@12/orders:*"),
    ("a subject twice", "dev.toml", "repo:acme/orders:*", "repo:acme/billing:*"),
    ("any branch where it is protected", "dev.toml", "protect = false", "protect = true"),
];

/// Who sends the pools' e-mails.
pub(crate) const EMAIL: &[Case] = &[
    (
        "an ARN for an identity",
        "dev.toml",
        "[member]",
        "[identity.email]\nidentity = \"arn:aws:ses:eu-west-1:1:identity/a.example\"\nfrom = \"b@a.example\"\n\n[member]",
    ),
    (
        "a sender of another domain",
        "dev.toml",
        "[member]",
        "[identity.email]\nidentity = \"a.example\"\nfrom = \"Acme <b@evil-a.example>\"\n\n[member]",
    ),
    ("no sender", "dev.toml", "[member]", "[identity.email]\nidentity = \"a.example\"\n\n[member]"),
];

/// Who reads what the contract promises.
pub(crate) const CONSUMERS: &[Case] = &[
    ("a path with the root", "zone.toml", "path = \"kms/internal/arn\"", "path = \"/acme/dev/kms/internal/arn\""),
    ("a wildcard inside a segment", "zone.toml", "path = \"kms/internal/arn\"", "path = \"kms/i*/arn\""),
    ("a path twice", "zone.toml", "path = \"kms/internal/arn\"", "path = \"kms/secret/arn\""),
    ("no path", "zone.toml", "path = \"kms/internal/arn\"\n", ""),
    ("nobody", "zone.toml", "read_by = [\"the safe\"]", "read_by = []"),
    ("a reader twice", "zone.toml", "\"the ledger\", \"the shop\"", "\"the ledger\", \"the ledger\""),
    ("a text for readers", "zone.toml", "read_by = [\"the safe\"]", "read_by = \"the safe\""),
];
