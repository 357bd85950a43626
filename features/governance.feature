Feature: Governance
  What is made says whose it is: not as a habit, but because everything else is refused.
  Read by who answers for the organization.

  @ZONE-008 @read
  Rule: Everything carries its tags, and the guardrail hangs where it binds the account

    @settles
    Scenario Outline: everything that was deployed has the tag <tag>, <value>
      Given everything that the contract names
      When each service tells the tags of its things
      Then each of them carries the tag "<tag>" with the value "<value>"

      Examples: every tag
        | tag | value |

    @settles
    Scenario Outline: the key and the buckets of class <class> carry it as a tag
      Given everything that the contract names
      When each service tells the tags of its things
      Then the key of class "<class>" and the buckets "<buckets>" carry the class as a tag

      Examples: every class with a bucket
        | class | buckets |

    Scenario Outline: the policy asks for the tag <tag> by itself
      Given the service control policy "<policy>"
      Then the policy denies creating resources without the tag "<tag>"

      Examples: every required tag
        | policy | tag |

    Scenario Outline: the policy <policy> is attached above the account
      Given the service control policy "<policy>"
      When Organizations tells what the policy is attached to
      Then it binds this account

      Examples: the guardrail
        | policy |
