Feature: The platform
  Where the platform logs and raises alarms, and who may change it.
  Read by operations and by who answers for the pipeline.

  @ZONE-009 @read
  Rule: Logs are encrypted and end some day, alarms arrive, traces are sampled

    Scenario Outline: log group <entry> is encrypted and keeps its events as long as it should
      Given the contract's entry "<entry>"
      When CloudWatch Logs describes the log group
      Then the log group is encrypted with the key of class "operational"
      And the log group keeps its events as long as the environment says

      Examples:
        | entry                    |
        | logs/bank-platform/arn   |
        | cloudtrail/log-group-arn |

    Scenario: alarms of this account reach the topic, and nobody else's do
      Given the contract's entry "sns/alerts/arn"
      When SNS describes the topic
      Then the topic is encrypted with the key of class "operational"
      And CloudWatch may publish to the topic for this account only

    Scenario: one request in twenty is traced
      Given the contract's entry "xray/sampling/arn"
      When X-Ray describes the sampling rule
      Then the rule traces 5 of a hundred requests, and 1 a second in any case
      And the rule is for every request, and comes after rules with a priority below 9000

  @ZONE-010 @read
  Rule: The pipeline and a person in an emergency change the platform, and nobody else

    Scenario: GitHub takes the pipeline's role for our repositories only
      Given the contract's entry "iam/cicd/arn"
      When IAM describes the role
      Then GitHub may take the role for the repositories "bank-core, bank-kyc, bank-aml, bank-payments, bank-credit, bank-risk-platform, bank-platform, bank-app" of "totara-bank", and for no other
      And the role is an administrator

    Scenario: GitHub's identity provider accepts tokens for AWS only
      Given the contract's entry "iam/cicd/arn"
      When IAM describes the role
      Then the identity provider that the role trusts accepts tokens for "sts.amazonaws.com" only

    Scenario: the emergency role needs a second factor and lasts an hour
      Given the contract's entry "iam/break-glass/arn"
      When IAM describes the role
      Then people of this account with a second factor may take the role, and nobody else may
      And a session of the role lasts 1 hour
      And the role is an administrator

    Scenario: the policy for secrets reads the platform's and changes nothing
      Given the contract's entry "iam/secrets-read/arn"
      When IAM describes the policy
      Then the policy reads secrets "bank-*/*" and no others
      And the policy decrypts with the keys of the classes "pii, financial, operational" and no others
      And the policy reads secrets "bank-*/*" with the keys of the classes "pii, financial, operational", and does nothing else
