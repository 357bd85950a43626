//! What stands in the pattern of every path: what AWS gives out is taken, what is only alike is not.

use contract::ZONE;

use crate::sample;

#[test]
fn what_aws_gives_out_is_taken() {
    let live = sample::live();
    let promised = ZONE.promised(&sample::scope());
    assert_eq!(live.len(), promised.len());
    for entry in promised {
        let found = live.get(&entry.path).expect("the sample has everything that is promised");
        assert!(entry.accepts(&found.value), "{}: {} is not taken by {}", entry.path, found.value, entry.pattern);
    }
}

#[test]
fn what_is_only_alike_is_not_taken() {
    let cases = [
        ("network/vpc-id", "vpc-0A1B2C3D"),
        ("network/vpc-id", "vpc-0a1b2c3d4e"),
        ("network/public-subnet-ids", "subnet-0a1b2c3d;subnet-0a1b2c3e"),
        ("kms/secret/arn", "arn:aws:kms:ap-southeast-2:123456789012:alias/acme/secret"),
        ("kms/secret/arn", "arn:aws:kms::123456789012:key/1b2c3d4e-0000-4000-8000-00000000beef"),
        ("s3/cellar/name", "Acme-Cellar"),
        ("s3/cellar/arn", "arn:aws:s3:::acme-cellar-dev/*"),
        ("s3/pulumi-state/login-url", "s3://acme-pulumi-state-dev"),
        ("s3/pulumi-state/login-url", "s3://acme-pulumi-state-dev?region=ap-southeast-2&awssdk=v2&ssetype=aws:kms"),
        ("eventbridge/acme-sales/arn", "arn:aws:events:ap-southeast-2:123456789012:event-bus/aws.partner/x"),
        ("eventbridge/acme-sales/dlq-arn", "arn:aws:sqs:ap-southeast-2:123456789012:acme-sales-events-dlq.fifo"),
        ("eventbridge/acme-sales/dlq-arn", "https://sqs.ap-southeast-2.amazonaws.com/123456789012/acme-sales"),
        ("cognito/guests/pool-id", "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/ap-southeast-2_aB3"),
        ("cognito/guests/client/web", "1h57kf5cpq17m0eml12EXAMPLE:secret"),
        ("firehose/clicks/arn", "arn:aws:kinesis:ap-southeast-2:123456789012:stream/acme-clicks"),
        ("firehose/dlq/arn", "arn:aws:firehose:ap-southeast-2:123456789012:deliverystream/dlq"),
        ("iam/lambda/acme-sales/arn", "arn:aws:iam::123456789012:instance-profile/AcmeSalesRole"),
        ("iam/cicd/arn", "arn:aws:sts::123456789012:assumed-role/acme-platform-cicd/session"),
        ("iam/secrets-read/arn", "arn:aws:iam::aws:policy/SecretsManagerReadWrite"),
        ("cloudtrail/arn", "arn:aws:cloudtrail:ap-southeast-2:123456789012:trail/b"),
        ("cloudtrail/log-group-arn", "arn:aws:logs:ap-southeast-2:123456789012:log-group:/aws/cloudtrail/x:*"),
        ("logs/acme-platform/arn", "arn:aws:logs:ap-southeast-2:123456789012:log-group:x:log-stream:y"),
        ("sns/alerts/arn", "arn:aws:sns:ap-southeast-2:123456789012:alerts:1b2c3d4e-0000-4000-8000-00000000beef"),
        ("xray/sampling/arn", "arn:aws:xray:ap-southeast-2:123456789012:group/default/ABC"),
        ("contract/version", "01"),
        ("contract/version", "10000000000"),
        ("contract/published-at", "2026-11-24 07:00:00"),
    ];
    for (name, value) in cases {
        let entry = ZONE.find(ZONE.version(), sample::ROOT, name).expect(name);
        assert!(!entry.accepts(value), "{name}: {value} is taken by {}", entry.pattern);
    }
}

#[test]
fn other_partitions_are_taken() {
    let cases = [
        ("kms/secret/arn", "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-00112233445566778899aabbccddeeff"),
        ("iam/cicd/arn", "arn:aws-cn:iam::123456789012:role/service-role/deployers/cicd"),
        ("cloudtrail/arn", "arn:aws-iso-b:cloudtrail:us-isob-east-1:123456789012:trail/zone"),
        ("sns/alerts/arn", "arn:aws-eusc:sns:eusc-de-east-1:123456789012:alerts"),
    ];
    for (name, value) in cases {
        assert!(ZONE.find(ZONE.version(), sample::ROOT, name).expect(name).accepts(value), "{name}: {value}");
    }
}
