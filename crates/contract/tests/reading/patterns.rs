//! What stands in the pattern of every path: what AWS gives out is taken, what is only alike is not.

use contract::{VERSION, entries, find, meta};

use crate::sample;

#[test]
fn what_aws_gives_out_is_taken() {
    let live = sample::live();
    let promised: Vec<_> = entries(&sample::scope()).into_iter().chain(meta::entries(sample::ROOT)).collect();
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
        ("kms/pii/arn", "arn:aws:kms:ap-southeast-2:123456789012:alias/bank/pii"),
        ("kms/pii/arn", "arn:aws:kms::123456789012:key/1b2c3d4e-0000-4000-8000-00000000beef"),
        ("s3/documents/name", "Bank-Documents"),
        ("s3/documents/arn", "arn:aws:s3:::bank-documents-dev/*"),
        ("s3/pulumi-state/login-url", "s3://bank-pulumi-state-dev"),
        ("s3/pulumi-state/login-url", "s3://bank-pulumi-state-dev?region=ap-southeast-2&awssdk=v2&ssetype=aws:kms"),
        ("eventbridge/bank-core/arn", "arn:aws:events:ap-southeast-2:123456789012:event-bus/aws.partner/x"),
        ("eventbridge/bank-core/dlq-arn", "arn:aws:sqs:ap-southeast-2:123456789012:bank-core-events-dlq.fifo"),
        ("eventbridge/bank-core/dlq-arn", "https://sqs.ap-southeast-2.amazonaws.com/123456789012/bank-core"),
        ("cognito/staff/pool-id", "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/ap-southeast-2_aB3"),
        ("cognito/staff/client/web", "1h57kf5cpq17m0eml12EXAMPLE:secret"),
        ("firehose/cdc/arn", "arn:aws:kinesis:ap-southeast-2:123456789012:stream/bank-cdc-stream"),
        ("firehose/dlq/arn", "arn:aws:firehose:ap-southeast-2:123456789012:deliverystream/dlq"),
        ("iam/lambda/bank-core/arn", "arn:aws:iam::123456789012:instance-profile/BankCoreRole"),
        ("iam/cicd/arn", "arn:aws:sts::123456789012:assumed-role/bank-platform-cicd/session"),
        ("iam/secrets-read/arn", "arn:aws:iam::aws:policy/SecretsManagerReadWrite"),
        ("cloudtrail/arn", "arn:aws:cloudtrail:ap-southeast-2:123456789012:trail/b"),
        ("cloudtrail/log-group-arn", "arn:aws:logs:ap-southeast-2:123456789012:log-group:/aws/cloudtrail/x:*"),
        ("logs/bank-platform/arn", "arn:aws:logs:ap-southeast-2:123456789012:log-group:x:log-stream:y"),
        ("sns/alerts/arn", "arn:aws:sns:ap-southeast-2:123456789012:alerts:1b2c3d4e-0000-4000-8000-00000000beef"),
        ("xray/sampling/arn", "arn:aws:xray:ap-southeast-2:123456789012:group/default/ABC"),
        ("contract/version", "01"),
        ("contract/version", "10000000000"),
        ("contract/published-at", "2026-11-24 07:00:00"),
    ];
    for (name, value) in cases {
        let entry = find(VERSION, sample::ROOT, name).expect(name);
        assert!(!entry.accepts(value), "{name}: {value} is taken by {}", entry.pattern);
    }
}

#[test]
fn other_partitions_are_taken() {
    let cases = [
        ("kms/pii/arn", "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-00112233445566778899aabbccddeeff"),
        ("iam/cicd/arn", "arn:aws-cn:iam::123456789012:role/service-role/deployers/cicd"),
        ("cloudtrail/arn", "arn:aws-iso-b:cloudtrail:us-isob-east-1:123456789012:trail/zone"),
        ("sns/alerts/arn", "arn:aws-eusc:sns:eusc-de-east-1:123456789012:alerts"),
    ];
    for (name, value) in cases {
        assert!(find(VERSION, sample::ROOT, name).expect(name).accepts(value), "{name}: {value}");
    }
}
