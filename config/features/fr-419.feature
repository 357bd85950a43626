Feature: Keys of the data classes
  What a datum is decides which key encrypts it, and who holds no right to the key does not read the datum.
  Read by the auditor of FR-419 and by every module that encrypts.

  @FR-419 @read
  Rule: Every data class has a key with an alias, yearly rotation and an entry in SSM

    Scenario Outline: the key of class <class> has its alias
      Given the contract's entry "kms/<class>/arn"
      When KMS describes the key
      Then the key is enabled and symmetric
      And the key has the alias "alias/bank/<class>"

      Examples:
        | class       |
        | pii         |
        | financial   |
        | operational |

    Scenario Outline: the key of class <class> rotates
      Given the contract's entry "kms/<class>/arn"
      When KMS tells the key's rotation
      Then rotation is on

      Examples:
        | class       |
        | pii         |
        | financial   |
        | operational |

    Scenario Outline: the key of class <class> rotates every 365 days
      Given the contract's entry "kms/<class>/arn"
      When KMS tells the key's rotation
      Then the key rotates every 365 days

      Examples:
        | class       |
        | pii         |
        | financial   |
        | operational |

    Scenario Outline: the key of class <class> is found through SSM
      Given the contract's entry "kms/<class>/arn"
      Then the entry has the type and the shape that the contract promises
      When KMS describes the key
      Then the key has the ARN that the contract says
      And the key belongs to this account and region

      Examples:
        | class       |
        | pii         |
        | financial   |
        | operational |
