Feature: User pools, streams, roles and the trail
  Customers and staff have their pools, changes and usage their streams, each domain its role, and every call is written down.
  Read by the auditor of FR-420.

  @FR-420 @read
  Rule: There is a pool for customers and one for staff, with the attributes the bank needs

    Scenario Outline: pool <pool> exists and has its attributes
      Given the contract's entry "cognito/<pool>/pool-id"
      When Cognito describes the pool
      Then the pool has the ARN at "cognito/<pool>/arn"
      And the pool has the custom attributes "<attributes>"

      Examples:
        | pool      | attributes                      |
        | customers | user_id, party_id, jurisdiction |
        | staff     | staff_id                        |

  @FR-420 @read
  Rule: There is a stream for changes of data and one for usage, into the lake

    Scenario Outline: stream <stream> delivers into the lake
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then the stream is active and has the ARN that the contract says
      And it delivers to the bucket at "s3/iceberg/arn"
      And it delivers below "<prefix>", a folder a day

      Examples:
        | stream | prefix          |
        | cdc    | cdc/source=neon |
        | usage  | usage           |

  @FR-420 @read
  Rule: Every domain has a role for its functions

    Scenario Outline: functions of <bus> have a role that Lambda alone takes, for this account
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role
      Then the role has the ARN that the contract says
      And Lambda may take the role for this account, and nobody else may
      And the role may read parameters below "/bank/"

      Examples:
        | bus                |
        | bank-core          |
        | bank-kyc           |
        | bank-aml           |
        | bank-payments      |
        | bank-credit        |
        | bank-risk-platform |
        | bank-platform      |
        | bank-app           |

  @FR-420 @read
  Rule: Calls in every region are written to the bucket and to the logs

    Scenario: the trail is multi-region, validated and encrypted
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail describes the trail
      Then the trail covers every region and global services
      And the trail can prove that its files are unchanged
      And the trail is encrypted with the key of class "operational"

    Scenario: the trail writes to its log group
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail describes the trail
      Then the trail writes to the log group at "cloudtrail/log-group-arn"
      And its role writes to that log group and does nothing else
      And CloudTrail alone takes that role, for this account
