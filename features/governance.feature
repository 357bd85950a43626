Feature: Governance
  Tags on each resource name its owner: the guardrail denies creating untagged resources.
  Read by the owners of the organization.

  @ZONE-008 @read
  Rule: Every resource has its tags, and the guardrail applies to the account

    @settles
    Scenario Outline: everything that was deployed has the tag <tag>, <value>
      Given everything that the contract names
      When each service returns the tags of its resources
      Then each of them carries the tag "<tag>" with the value "<value>"

      Examples: every tag
        | tag | value |

    @settles
    Scenario Outline: the key and the buckets of class <class> carry it as a tag
      Given everything that the contract names
      When each service returns the tags of its resources
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
      When Organizations lists the targets of the policy
      Then it binds this account

      Examples: the guardrail
        | policy |
