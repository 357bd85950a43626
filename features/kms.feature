Feature: Keys of the data classes
  What a datum is decides which key encrypts it, and who holds no right to the key does not read the datum.
  Read by every module that encrypts.

  @ZONE-013 @read
  Rule: Every data class has a key with an alias, rotation and an entry in SSM

    Scenario Outline: the key of class <class> has the alias <alias>
      Given the contract's entry "kms/<class>/arn"
      When KMS describes the key
      Then the key is enabled and symmetric
      And the key has the alias "<alias>"

      Examples: every class
        | class | alias |

    Scenario Outline: the key of class <class> is no other class's
      Given the contract's entry "kms/<class>/arn"
      When KMS describes the key
      Then the key is enabled and symmetric
      And the key is no other class's

      Examples: every class
        | class |

    Scenario Outline: the key of class <class> rotates by itself
      Given the contract's entry "kms/<class>/arn"
      When KMS tells the key's rotation
      Then rotation is on

      Examples: every class
        | class |

    Scenario Outline: the key of class <class> rotates once in <days> days
      Given the contract's entry "kms/<class>/arn"
      When KMS tells the key's rotation
      Then the key rotates every <days> days

      Examples: every class
        | class | days |

    Scenario Outline: the contract names the key of class <class>
      Given the contract's entry "kms/<class>/arn"
      Then the entry has the type and the shape that the contract promises
      When KMS describes the key
      Then the key has the ARN that the contract says
      And the key belongs to this account and region

      Examples: every class
        | class |

  @ZONE-011 @read
  Rule: A key is used only through the account's IAM policies and by the configured services

    Scenario Outline: the key of class <class> is used by <services>
      Given the contract's entry "kms/<class>/arn"
      Then the account's own policies, and "<services>", say who uses the key

      Examples: every class
        | class | services |
