Feature: Roles of functions
  Each domain's functions may do what the domain is for: their own bus, secrets and keys, and nobody else's.
  Read by the auditor of FR-420 and by every domain's team.

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

  @ZONE-007 @read
  Rule: A role has exactly the rights of its domain

    Scenario Outline: functions of <bus> may decrypt <classes> and nothing else
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then the role may use the keys of the classes "<classes>" and no others

      Examples:
        | bus                | classes         |
        | bank-core          | financial       |
        | bank-kyc           | pii, financial  |
        | bank-aml           | pii, financial  |
        | bank-payments      | financial       |
        | bank-credit        | pii, financial  |
        | bank-risk-platform | financial       |
        | bank-platform      | operational     |
        | bank-app           | pii, operational |

    Scenario Outline: functions of <bus> put events on their own bus, and read their own secrets
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then the role may put events on the bus at "eventbridge/<bus>/arn" and on no other
      And the role may read the secrets "<bus>/" and no others
      And no right of the role is for every action or every resource

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

    Scenario: functions of bank-aml put their own rules on the core's bus, and take none away
      Given the contract's entry "iam/lambda/bank-aml/arn"
      When IAM describes the role's rights
      Then the role may do "events:PutRule" on rules "bank-aml-mod-" of bus "bank-core" and on no others
      And the role may not do "events:DeleteRule"
      And the role may not do "events:RemoveTargets"

    Scenario: functions of bank-aml load their rules' parameters
      Given the contract's entry "iam/lambda/bank-aml/arn"
      When IAM describes the role's rights
      Then the role may do "appconfig:StartConfigurationSession"
      And the role may do "appconfig:GetLatestConfiguration"

    Scenario: functions of bank-payments ask the core for rates, and invoke nothing else
      Given the contract's entry "iam/lambda/bank-payments/arn"
      When IAM describes the role's rights
      Then the role may invoke functions "bank-core-mod-004-" and no others

    Scenario Outline: functions of <bus> have <more> beside what every domain has
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then AWS's policies for functions are attached to the role, and no others
      And functions of "<bus>" with data of "<classes>", and "<more>", have these rights and no others

      Examples:
        | bus                | classes          | more                    |
        | bank-core          | financial        | nothing else            |
        | bank-kyc           | pii, financial   | nothing else            |
        | bank-aml           | pii, financial   | rules on the core's bus |
        | bank-payments      | financial        | rates of the core       |
        | bank-credit        | pii, financial   | nothing else            |
        | bank-risk-platform | financial        | nothing else            |
        | bank-platform      | operational      | nothing else            |
        | bank-app           | pii, operational | nothing else            |
