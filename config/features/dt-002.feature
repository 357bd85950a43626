Feature: Keys and classes
  What is stored is encrypted with the key of its class: everything else is refused.
  Read by the auditor of DT-002.

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
