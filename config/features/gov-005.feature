Feature: Tags
  What is made says whose it is: not as a habit, but because everything else is refused.
  Read by the auditor of GOV-005.

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
