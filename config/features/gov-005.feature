Feature: Tags
  Tags on each resource name its owner: the guardrail denies creating untagged resources.
  Read by the auditor of GOV-005.

  @GOV-005 @read
  Rule: Every resource has the required tags, and creating one without them is denied

    @settles
    Scenario Outline: everything that was deployed carries the tag <tag>
      Given everything that the contract names
      When each service returns the tags of its resources
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
