Feature: Governance
  What is made says whose it is, and what is stored is encrypted: not as a habit, but because everything else is refused.
  Read by the auditor of GOV-005 and DT-002.

  @GOV-005 @read
  Rule: Everything carries the tags that say whose it is, and what does not is not made

    @settles
    Scenario Outline: everything that was deployed carries the tag <tag>
      Given everything that the contract names
      When each service tells the tags of its things
      Then each of them carries the tag "<tag>" with the value "<value>"

      Examples:
        | tag         | value             |
        | tenant_id   | totara-bank       |
        | module_id   | MOD-104           |
        | environment | {the environment} |

    Scenario: making a bucket without tags is refused
      Given everything that the contract names
      When somebody makes a bucket without tags
      Then it is refused

  @ZONE-008 @read
  Rule: The guardrail hangs where it binds the account

    Scenario: the policy asks for each tag by itself
      Given the service control policy "bank-platform-required-tags"
      Then the policy denies making things without the tag "tenant_id"
      And the policy denies making things without the tag "module_id"
      And the policy denies making things without the tag "environment"

    Scenario: the policy is attached above the account
      Given the service control policy "bank-platform-required-tags"
      When Organizations tells what the policy is attached to
      Then it binds this account

    @settles
    Scenario Outline: the tag <tag> is on everything, too
      Given everything that the contract names
      When each service tells the tags of its things
      Then each of them carries the tag "<tag>" with the value "<value>"

      Examples:
        | tag         | value    |
        | system_id   | SD07     |
        | cost_center | platform |
        | managed_by  | pulumi   |

    @settles
    Scenario Outline: the key and the buckets of class <class> carry it as a tag
      Given everything that the contract names
      When each service tells the tags of its things
      Then the key of class "<class>" and the buckets "<buckets>" carry the class as a tag

      Examples:
        | class       | buckets                                             |
        | pii         | documents                                           |
        | financial   | iceberg, reports                                    |
        | operational | firehose-landing, artefacts, cloudtrail, pulumi-state |

  @DT-002 @read
  Rule: Every class of data has its key, and nothing is stored without it

    Scenario Outline: the key of class <class> is there and is not another's
      Given the contract's entry "kms/<class>/arn"
      When KMS describes the key
      Then the key is enabled and symmetric
      And the key is no other class's

      Examples:
        | class       |
        | pii         |
        | financial   |
        | operational |

    Scenario: storing an object without encryption is refused
      Given the bucket of purpose "documents" in the contract
      When somebody stores an object without encryption
      Then it is refused
