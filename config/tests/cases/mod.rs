//! The mistakes: name, file, what is replaced, by what.

/// A case: its name, the file, the text that is replaced (the first time it occurs) and the new text.
pub(crate) type Case = (&'static str, &'static str, &'static str, &'static str);

pub(crate) const VALUES: &[Case] = &[
    ("misspelt table", "zone.toml", "[[bucket]]", "[[bukcet]]"),
    ("misspelt key", "zone.toml", "expire_after_days", "expires_after_days"),
    ("unknown key far from all others", "dev.toml", "profile =", "colour = \"red\"\nprofile ="),
    ("missing key at the top", "zone.toml", "prefix = \"bank\"\n", ""),
    ("missing key in a table of tables", "zone.toml", "class = \"pii\"\n", ""),
    ("missing table", "zone.toml", "[kms]\ndeletion_window_days = 30\nrotation_days = 365\n", ""),
    ("integer for a string", "dev.toml", "\"647751526084\"", "647751526084"),
    ("string for a number", "zone.toml", "archive_days = 30", "archive_days = \"30\""),
    ("negative number", "zone.toml", "archive_days = 30", "archive_days = -30"),
    ("string for a flag", "dev.toml", "protect = false", "protect = \"no\""),
    ("string for a list", "zone.toml", "[\"a\", \"b\", \"c\"]", "\"abc\""),
    ("wrong types inside a list", "zone.toml", "[\"a\", \"b\", \"c\"]", "[1, \"b\", true]"),
    ("table where tables belong", "dev.toml", "[member]", "[waiver]\nreason = \"later\"\n[member]"),
    ("tables where a table belongs", "zone.toml", "[kms]", "[[kms]]"),
    (
        "value where a table belongs",
        "dev.toml",
        "[member]\naccount = \"647751526084\"\nprofile = \"bank-dev\"",
        "member = \"647751526084\"",
    ),
    ("empty text", "dev.toml", "\"647751526084\"", "\"\""),
    ("not TOML", "zone.toml", "prefix = \"bank\"", "prefix = bank\""),
    ("twice the same key", "dev.toml", "state = \"file\"", "state = \"file\"\nstate = \"file\""),
];

pub(crate) const SHAPE: &[Case] = &[
    ("prefix with capitals", "zone.toml", "prefix = \"bank\"", "prefix = \"Bank\""),
    ("reserved prefix", "zone.toml", "prefix = \"bank\"", "prefix = \"aws\""),
    ("organization", "zone.toml", "o-1gqwjyxxhw", "1gqwjyxxhw"),
    ("region with a zone", "zone.toml", "\"ap-southeast-2\"", "\"ap-southeast-2a\""),
    ("region of another partition", "zone.toml", "\"ap-southeast-2\"", "\"cn-north-1\""),
    ("both regions the same", "zone.toml", "ap-southeast-4", "ap-southeast-2"),
    ("tag value", "zone.toml", "totara-bank\"", "totara#bank\""),
    ("malformed CIDR", "zone.toml", "10.40.16.0/20", "10.40.16.0/200"),
    ("CIDR with host bits", "zone.toml", "10.40.16.0/20", "10.40.17.0/20"),
    ("subnet outside the VPC", "zone.toml", "10.40.16.0/20", "10.41.16.0/20"),
    ("subnets overlap", "zone.toml", "10.40.160.0/20", "10.40.16.0/21"),
    ("subnet too small", "zone.toml", "10.40.160.0/20", "10.40.160.0/29"),
    ("a zone more than subnets", "zone.toml", "\"b\", \"c\"]", "\"b\", \"c\", \"d\"]"),
    ("zone with its region", "zone.toml", "[\"a\",", "[\"ap-southeast-2a\","),
    ("the same zone twice", "zone.toml", "[\"a\", \"b\"", "[\"a\", \"a\""),
    ("deletion window", "zone.toml", "deletion_window_days = 30", "deletion_window_days = 31"),
    ("rotation", "zone.toml", "rotation_days = 365", "rotation_days = 30"),
    ("archive for ever", "zone.toml", "archive_days = 30", "archive_days = 0"),
    ("queue retention", "zone.toml", "dlq_retention_days = 14", "dlq_retention_days = 15"),
    ("unknown service", "zone.toml", "\"logs\"", "\"log\""),
    ("service twice", "zone.toml", "\"logs\"", "\"sns\""),
    ("class twice", "zone.toml", "name = \"pii\"", "name = \"financial\""),
    ("class that does not exist", "zone.toml", "class = \"pii\"", "class = \"pi\""),
    ("purpose twice", "zone.toml", "\"reports\"", "\"iceberg\""),
    ("purpose with an underscore", "zone.toml", "\"pulumi-state\"", "\"pulumi_state\""),
    (
        "bucket name too long",
        "zone.toml",
        "\"pulumi-state\"",
        "\"a-state-with-a-name-that-nobody-will-ever-want-to-type-by-hand\"",
    ),
    ("bucket name reserved", "zone.toml", "prefix = \"bank\"", "prefix = \"xn--bank\""),
    ("unknown writer", "zone.toml", "writer = \"cloudtrail\"", "writer = \"cloudtrial\""),
    ("Glacier after the end", "zone.toml", "glacier_after_days = 90", "glacier_after_days = 2555"),
    ("lock after the end", "zone.toml", "object_lock_days = 2555", "object_lock_days = 2556"),
    ("no days", "zone.toml", "expire_after_days = 1\n", "expire_after_days = 0\n"),
    ("bus twice", "zone.toml", "\"bank-app\"", "\"bank-core\""),
    ("bus with a dot", "zone.toml", "\"bank-app\"", "\"bank.app\""),
    ("bus of every account", "zone.toml", "\"bank-app\"", "\"default\""),
    ("bus too long for its archive", "zone.toml", "\"bank-app\"", "\"bank-application-programming-interfaces\""),
    (
        "bus too long for its queue",
        "zone.toml",
        "\"bank-app\"",
        "\"bank-application-programming-interfaces-of-the-whole-wide-world-and-beyond\"",
    ),
];

/// Rules of buckets, networks, tags and names that a user meets when the zone is not quite the shipped one.
pub(crate) const SERVICES: &[Case] = &[
    ("prefix that begins like AWS's own", "zone.toml", "prefix = \"bank\"", "prefix = \"ssmall\""),
    ("prefix with two hyphens", "zone.toml", "prefix = \"bank\"", "prefix = \"a--bank\""),
    ("prefix too long for a sampling rule", "zone.toml", "prefix = \"bank\"", "prefix = \"commonwealth\""),
    ("region of a partition with other letters", "zone.toml", "\"ap-southeast-2\"", "\"eusc-de-east-1\""),
    (
        "days for all and for some",
        "zone.toml",
        "class = \"financial\"\n\n# Only",
        "class = \"financial\"\nexpire_after_days = 9\n\n# Only",
    ),
    ("objects of two rules", "zone.toml", "prefix = \"usage/\"", "prefix = \"cdc/source=neon/\""),
    ("a prefix that is no folder", "zone.toml", "prefix = \"usage/\"", "prefix = \"/usage\""),
    (
        "a rule for nothing",
        "zone.toml",
        "prefix = \"usage/\"\nglacier_after_days = 90\nexpire_after_days = 2555\n",
        "prefix = \"usage/\"\n",
    ),
    ("exempt by a wildcard", "zone.toml", "exempt_principals = []", "exempt_principals = [\"arn:aws:iam::*:role/?*\"]"),
    (
        "anybody's emergency",
        "zone.toml",
        "break_glass_principals = []",
        "break_glass_principals = [\"AWSReservedSSO_*\", \"arn:aws:iam::*:role/Admin\"]",
    ),
    ("tag value of AWS", "zone.toml", "cost_center = \"platform\"", "cost_center = \"AWS:platform\""),
    ("VPC too large", "zone.toml", "10.40.0.0/16", "10.32.0.0/12"),
    ("VPC where none may be", "zone.toml", "10.40.0.0/16", "169.254.0.0/16"),
    ("no zone", "zone.toml", "[\"a\", \"b\", \"c\"]", "[]"),
    (
        "class name too long for its alias",
        "zone.toml",
        "[[class]]\nname = \"pii\"",
        concat!(
            "[[class]]\nname = \"a-class-whose-name-is-a-sentence-about-the-people-whose-data-it-is-and-what-they-were-told-",
            "about-it-and-when-and-by-whom-and-where-they-can-read-it-again-and-what-they-can-do-when-they-are-not-content-",
            "with-it-which-is-to-write-to-us-or-to-the-office-for-privacy\"\nservices = []\n\n[[class]]\nname = \"pii\""
        ),
    ),
    ("days for ever", "zone.toml", "expire_after_days = 90\n", "expire_after_days = 99999\n"),
    (
        "the trail's bucket with another key",
        "zone.toml",
        "irreplaceable = true\nclass = \"operational\"",
        "irreplaceable = true\nclass = \"financial\"",
    ),
    (
        "queues with a key that EventBridge may not use",
        "zone.toml",
        "[events]\nclass = \"operational\"",
        "[events]\nclass = \"pii\"",
    ),
    (
        "exempt everybody",
        "zone.toml",
        "exempt_principals = []",
        "exempt_principals = [\"*\", \"arn:aws:iam::*:role/*\"]",
    ),
    (
        "exempt twice",
        "zone.toml",
        "exempt_principals = []",
        "exempt_principals = [\"arn:aws:iam::*:role/Setup\", \"arn:aws:iam::*:role/Setup\"]",
    ),
];

pub(crate) const DOMAINS: &[Case] = &[
    ("role with a blank", "zone.toml", "\"BankKycRole\"", "\"Bank Kyc Role\""),
    (
        "role too long",
        "zone.toml",
        "\"BankKycRole\"",
        "\"BankKnowYourCustomerAndEverythingThatBelongsToItRoleOfLambdaFunctions\"",
    ),
    ("role twice, but for capitals", "zone.toml", "\"BankKycRole\"", "\"BankcoreRole\""),
    ("role of the platform", "zone.toml", "\"BankKycRole\"", "\"bank-platform-cicd\""),
    ("no class", "zone.toml", "classes = [\"pii\", \"financial\"]", "classes = []"),
    ("unknown class", "zone.toml", "classes = [\"pii\", \"financial\"]", "classes = [\"pii\", \"finance\"]"),
    ("class named twice", "zone.toml", "classes = [\"pii\", \"financial\"]", "classes = [\"pii\", \"pii\"]"),
    ("rules on the own bus", "zone.toml", "[domain.rules]\nbus = \"bank-core\"", "[domain.rules]\nbus = \"bank-aml\""),
    (
        "rules on a bus that does not exist",
        "zone.toml",
        "[domain.rules]\nbus = \"bank-core\"",
        "[domain.rules]\nbus = \"bank-cor\"",
    ),
    ("rules of any name", "zone.toml", "prefix = \"bank-aml-mod-\"", "prefix = \"*\""),
    (
        "rules of two domains under one name",
        "zone.toml",
        "invokes = [\"bank-core-mod-004-*FxConversionHandler*\"]",
        "[domain.rules]\nbus = \"bank-core\"\nprefix = \"bank-\"",
    ),
    ("key of rules misspelt", "zone.toml", "prefix = \"bank-aml-mod-\"", "prefx = \"bank-aml-mod-\""),
    ("function of anybody", "zone.toml", "\"bank-core-mod-004-*FxConversionHandler*\"", "\"*FxConversionHandler\""),
    (
        "function as an ARN",
        "zone.toml",
        "\"bank-core-mod-004-*FxConversionHandler*\"",
        "\"arn:aws:lambda:ap-southeast-2:647751526084:function:bank-core\"",
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
    ("a statement of the zone's own", "zone.toml", "sid = \"RuleParameters\"", "sid = \"Keys\""),
    ("a statement with a hyphen", "zone.toml", "sid = \"RuleParameters\"", "sid = \"rule-parameters\""),
];

const GRANT: &str = "actions = [\"appconfig:GetLatestConfiguration\", \"appconfig:StartConfigurationSession\"]\nresources = [\"arn:aws:appconfig:{region}:{account}:application/*/environment/*/configuration/*\"]\n";

/// What an environment says otherwise than `zone.toml`.
pub(crate) const OVERRIDES: &[Case] = &[
    ("a key that does not exist", "dev.toml", "[member]", "[network]\ncidrs = \"10.50.0.0/16\"\n\n[member]"),
    ("a table that does not exist", "dev.toml", "[member]", "[netwrok]\ncidr = \"10.50.0.0/16\"\n\n[member]"),
    ("a value of another type", "dev.toml", "[member]", "[kms]\nrotation_days = \"90\"\n\n[member]"),
    ("a value that a service refuses", "dev.toml", "[member]", "[kms]\nrotation_days = 89\n\n[member]"),
    ("a VPC elsewhere and its subnets not", "dev.toml", "[member]", "[network]\ncidr = \"10.50.0.0/16\"\n\n[member]"),
    (
        "a bucket that does not exist",
        "dev.toml",
        "[member]",
        "[[bucket]]\npurpose = \"report\"\nexpire_after_days = 9\n\n[member]",
    ),
    ("a bucket without its name", "dev.toml", "[member]", "[[bucket]]\nexpire_after_days = 9\n\n[member]"),
    ("a bucket as one table", "dev.toml", "[member]", "[bucket]\npurpose = \"reports\"\n\n[member]"),
    (
        "a rule of the bucket that breaks it",
        "dev.toml",
        "[member]",
        "[[bucket]]\npurpose = \"reports\"\nexpire_after_days = 9\n\n[member]",
    ),
];

/// Tags, and which of them are required.
pub(crate) const TAGS: &[Case] = &[
    (
        "a required tag that no resource has",
        "zone.toml",
        "\"tenant_id\", \"module_id\",",
        "\"tenant_id\", \"modul_id\",",
    ),
    ("no required tag", "zone.toml", "required = [\"tenant_id\", \"module_id\", \"environment\"]", "required = []"),
    ("a required tag twice", "zone.toml", "\"tenant_id\", \"module_id\",", "\"tenant_id\", \"tenant_id\","),
    ("a tag that is added by itself", "zone.toml", "managed_by = \"pulumi\"", "environment = \"dev\""),
    ("a tag of AWS", "zone.toml", "managed_by = \"pulumi\"", "\"aws:managed\" = \"pulumi\""),
    ("a tag that the zone sets", "zone.toml", "managed_by = \"pulumi\"", "classification = \"pulumi\""),
    ("a key with a space", "zone.toml", "managed_by = \"pulumi\"", "\"managed by\" = \"pulumi\""),
    ("a number", "zone.toml", "managed_by = \"pulumi\"", "managed_by = 7"),
];

/// What exists already.
pub(crate) const EXISTING: &[Case] = &[
    ("a VPC that exists and is made", "zone.toml", "[network]\n", "[network]\nvpc_id = \"vpc-0a1b2c3d4e5f67890\"\n"),
    (
        "subnets that exist in a VPC that is made",
        "zone.toml",
        "[network]\n",
        "[network]\npublic_subnet_ids = [\"subnet-0a1b2c3d\"]\n",
    ),
    (
        "ids that are none",
        "zone.toml",
        OWN_NETWORK,
        "vpc_id = \"my-vpc\"\npublic_subnet_ids = []\nprivate_subnet_ids = [\"subnet-1\"]\n",
    ),
    ("an unknown owner of the provider", "zone.toml", "[access]\n", "[access]\noidc_provider = \"theirs\"\n"),
];

const OWN_NETWORK: &str = "cidr = \"10.40.0.0/16\"\navailability_zones = [\"a\", \"b\", \"c\"]\npublic_subnets = [\"10.40.0.0/20\", \"10.40.16.0/20\", \"10.40.32.0/20\"]\nprivate_subnets = [\"10.40.128.0/20\", \"10.40.144.0/20\", \"10.40.160.0/20\"]\n";

/// Tables that others need.
pub(crate) const MISSING: &[Case] = &[
    ("keys", "zone.toml", "[kms]\ndeletion_window_days = 30\nrotation_days = 365\n", ""),
    ("logs", "zone.toml", OBSERVABILITY, ""),
    ("buses", "zone.toml", "[events]\nclass = \"operational\"\narchive_days = 30\ndlq_retention_days = 14\n", ""),
];

const OBSERVABILITY: &str = "[observability]\nclass = \"operational\"\nsampling_percent = 5\nsampling_reservoir = 1\nsampling_priority = 9000\n";

pub(crate) const IDENTITY: &[Case] = &[
    ("domain with capitals", "zone.toml", "domain_prefix = \"totara-bank\"", "domain_prefix = \"Totara\""),
    ("domain with a reserved word", "zone.toml", "name = \"customers\"", "name = \"amazonians\""),
    (
        "domain too long",
        "zone.toml",
        "domain_prefix = \"totara-bank\"",
        "domain_prefix = \"totara-bank-of-the-southern-islands-and-the-sea-around\"",
    ),
    ("pool twice", "zone.toml", "name = \"staff\"", "name = \"customers\""),
    ("pool with a blank", "zone.toml", "name = \"staff\"", "name = \"our staff\""),
    ("password too short", "zone.toml", "password_minimum_length = 12", "password_minimum_length = 6"),
    ("attribute with its prefix", "zone.toml", "\"user_id\"", "\"custom:user_id\""),
    ("attribute too long", "zone.toml", "\"user_id\"", "\"user_id_of_the_old_system\""),
    ("attribute twice", "zone.toml", "\"user_id\"", "\"party_id\""),
    ("no resource server", "zone.toml", "[identity.resource_server]", "[identity.resource_srever]"),
    ("scope with its server", "zone.toml", "scopes = [\"read\"]\n\n#", "scopes = [\"bank-api/read\"]\n\n#"),
    ("unknown kind", "zone.toml", "kind = \"public\"", "kind = \"publik\""),
    (
        "unknown scope",
        "zone.toml",
        "kind = \"machine\"\nscopes = [\"read\"]",
        "kind = \"machine\"\nscopes = [\"reed\"]",
    ),
    ("machine without scopes", "zone.toml", "kind = \"machine\"\nscopes = [\"read\"]", "kind = \"machine\""),
    ("people with scopes", "zone.toml", "kind = \"confidential\"", "kind = \"confidential\"\nscopes = [\"read\"]"),
    ("client of two pools", "zone.toml", "name = \"back-office\"", "name = \"web\""),
    ("callback of nobody", "dev.toml", "client = \"web\"", "client = \"wep\""),
    ("callback twice", "dev.toml", "client = \"web\"", "client = \"mobile\""),
    ("callback of a machine", "dev.toml", "client = \"web\"", "client = \"api-authoriser\""),
    ("no URL", "dev.toml", "urls = [\"bank-dev://signed-in\"]", "urls = []"),
    (
        "URL without TLS",
        "dev.toml",
        "\"https://web.dev.totara-bank.example/\"",
        "\"http://web.dev.totara-bank.example/\"",
    ),
    ("URL with a fragment", "dev.toml", "\"bank-dev://signed-in\"", "\"bank-dev://app#signed-in\""),
    ("URL twice", "dev.toml", "[\"bank-dev://signed-in\"]", "[\"bank-dev://signed-in\", \"bank-dev://signed-in\"]"),
];

pub(crate) const DELIVERY: &[Case] = &[
    ("unknown class", "zone.toml", "[delivery]\nclass = \"financial\"", "[delivery]\nclass = \"finance\""),
    ("class of another bucket", "zone.toml", "[delivery]\nclass = \"financial\"", "[delivery]\nclass = \"pii\""),
    ("unknown bucket", "zone.toml", "bucket = \"iceberg\"", "bucket = \"icberg\""),
    ("buffer too large", "zone.toml", "buffer_megabytes = 128", "buffer_megabytes = 256"),
    ("buffer for too long", "zone.toml", "buffer_seconds = 300", "buffer_seconds = 3600"),
    ("stream with a slash", "zone.toml", "\"bank-cdc-stream\"", "\"bank/cdc\""),
    (
        "stream too long",
        "zone.toml",
        "\"bank-cdc-stream\"",
        "\"bank-change-data-capture-stream-from-the-database-to-the-lake-of-data\"",
    ),
    ("stream twice", "zone.toml", "\"bank-cdc-stream\"", "\"bank-usage-events\""),
    ("output with capitals", "zone.toml", "output = \"cdc\"", "output = \"CDC\""),
    ("output of the queue", "zone.toml", "output = \"cdc\"", "output = \"dlq\""),
    ("output twice", "zone.toml", "output = \"cdc\"", "output = \"usage\""),
    (
        "output too long",
        "zone.toml",
        "output = \"cdc\"",
        "output = \"changes-of-the-database-as-they-are-captured-by-the-pipeline-of-neon\"",
    ),
    ("prefix with a slash at its end", "zone.toml", "prefix = \"usage\"", "prefix = \"usage/\""),
    ("prefix of failed records", "zone.toml", "prefix = \"usage\"", "prefix = \"errors/usage\""),
    ("prefix twice", "zone.toml", "prefix = \"usage\"", "prefix = \"cdc/source=neon\""),
    ("prefix with an expression", "zone.toml", "prefix = \"usage\"", "prefix = \"usage/!{timestamp:yyyy}\""),
    ("key without its services", "zone.toml", "\"cloudtrail\", \"logs\", \"sns\"", "\"sns\""),
    ("percent", "zone.toml", "sampling_percent = 5", "sampling_percent = 101"),
    ("priority", "zone.toml", "sampling_priority = 9000", "sampling_priority = 0"),
    ("key misspelt", "zone.toml", "sampling_reservoir = 1", "sampling_reservior = 1"),
];

pub(crate) const ENVIRONMENT: &[Case] = &[
    ("kind", "dev.toml", "\"aws\"", "\"amazon\""),
    ("state in a bucket", "dev.toml", "state = \"file\"", "state = \"s3\""),
    ("account with hyphens", "dev.toml", "647751526084", "6477-5152-6084"),
    ("account too short", "dev.toml", "647751526084", "64775152608"),
    ("account of another environment", "dev.toml", "647751526084", "111122223333"),
    ("management is the member", "dev.toml", "[member]", "[management]\naccount = \"647751526084\"\n[member]"),
    ("role as an ARN", "dev.toml", "profile = \"bank-dev\"", "role = \"arn:aws:iam::647751526084:role/Admin\""),
    ("retention that CloudWatch does not have", "dev.toml", "log_retention_days = 30", "log_retention_days = 2555"),
    ("retention longer than the longest", "dev.toml", "log_retention_days = 30", "log_retention_days = 9999"),
    ("suffix", "dev.toml", "state =", "bucket_suffix = \"Totara\"\nstate ="),
    (
        "suffix that makes names too long",
        "dev.toml",
        "state =",
        "bucket_suffix = \"an-end-that-is-much-longer-than-it-should-be\"\nstate =",
    ),
    ("emulator on AWS", "dev.toml", "[member]", "[emulator]\nendpoint = \"http://127.0.0.1:5000\"\n[member]"),
    ("full buckets deleted on AWS", "dev.toml", "force_destroy_buckets = false", "force_destroy_buckets = true"),
    (
        "waiver",
        "dev.toml",
        "[member]",
        "[[waiver]]\nrequirement = \"fr418\"\nreason = \"later\"\nuntil = \"2027-06-30\"\napproved_by = \"ops\"\n[[waiver]]\nrequirement = \"FR-418\"\nreason = \"later\"\nuntil = \"2027-02-29\"\n[member]",
    ),
    ("copies where everything is", "dev.toml", "state =", "region = \"ap-southeast-4\"\nstate ="),
    ("entered by a domain's role", "dev.toml", "profile = \"bank-dev\"", "role = \"bankcorerole\""),
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
    ("anybody's repository", "dev.toml", "repo:totara-bank/bank-core:*", "repo:*"),
    ("a subject that is none", "dev.toml", "repo:totara-bank/bank-core:*", "totara-bank/bank-core"),
    ("an owner by how he begins", "dev.toml", "repo:totara-bank/bank-core:*", "repo:totara-bank*/bank-core:*"),
    ("any id", "dev.toml", "repo:totara-bank/bank-core:*", "repo:totara-bank@*/bank-core@345:*"),
    ("one id of two", "dev.toml", "repo:totara-bank/bank-core:*", "repo:totara-bank@12/bank-core:*"),
    ("a subject twice", "dev.toml", "repo:totara-bank/bank-core:*", "repo:totara-bank/bank-kyc:*"),
    ("any branch where it is protected", "dev.toml", "protect = false", "protect = true"),
];

/// Who sends the pools' e-mails.
pub(crate) const EMAIL: &[Case] = &[
    (
        "an ARN for an identity",
        "dev.toml",
        "[member]",
        "[identity.email]\nidentity = \"arn:aws:ses:ap-southeast-2:1:identity/a.example\"\nfrom = \"b@a.example\"\n\n[member]",
    ),
    (
        "a sender of another domain",
        "dev.toml",
        "[member]",
        "[identity.email]\nidentity = \"a.example\"\nfrom = \"Bank <b@evil-a.example>\"\n\n[member]",
    ),
    ("no sender", "dev.toml", "[member]", "[identity.email]\nidentity = \"a.example\"\n\n[member]"),
];

/// Who reads what the contract promises.
pub(crate) const CONSUMERS: &[Case] = &[
    ("a path with the root", "zone.toml", "path = \"kms/pii/arn\"", "path = \"/bank/dev/kms/pii/arn\""),
    ("a wildcard inside a segment", "zone.toml", "path = \"kms/pii/arn\"", "path = \"kms/p*/arn\""),
    ("a path twice", "zone.toml", "path = \"kms/pii/arn\"", "path = \"kms/financial/arn\""),
    ("no path", "zone.toml", "path = \"kms/pii/arn\"\n", ""),
    ("nobody", "zone.toml", "read_by = [\"Firehose error output\"]", "read_by = []"),
    ("a reader twice", "zone.toml", "\"MOD-103\", \"MOD-075\"", "\"MOD-103\", \"MOD-103\""),
    ("a text for readers", "zone.toml", "read_by = [\"Firehose error output\"]", "read_by = \"Firehose\""),
];
