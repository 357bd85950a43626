Feature: Probes
  What is forbidden is tried, with a role that is made for it, and has to be refused by the policy that forbids it; what is
  allowed has to be done in the same run. Read by the auditor, and by whoever trusts a policy because it is there.

  @ZONE-018 @probe
  Rule: What lacks a required tag is not created

    Scenario Outline: <what> is not created without the tag <tag>
      Given a role that may create resources
      When it creates <what> with all required tags but "<tag>"
      Then it is refused by a service control policy
      And <what> with all required tags is created

      Examples: every creation without one tag
        | what | tag |

    Scenario Outline: <what> is not created without any tag
      Given a role that may create resources
      When it creates <what> without tags
      Then it is refused by a service control policy
      And <what> with all required tags is created

      Examples: every creation
        | what |

  @ZONE-019 @probe
  Rule: Nothing is stored that is not encrypted with its bucket's key

    Scenario Outline: bucket <purpose> takes no object <how>
      Given the bucket of purpose "<purpose>" in the contract
      When an object is stored <how>
      Then it is refused by the bucket's policy
      And an object that is encrypted with the key of class "<class>" is stored

      Examples: every bucket and wrong encryption
        | purpose | class | how |

  @ZONE-020 @probe
  Rule: Logs are not deleted, and nothing is read without credentials

    Scenario Outline: in bucket <purpose>, no object is deleted <how>
      Given the bucket of purpose "<purpose>" in the contract
      When an object is deleted <how>
      Then it is refused by the bucket's policy
      And the same session lists the bucket

      Examples: every bucket of logs and way to delete
        | purpose | how |

    Scenario Outline: bucket <purpose> is not read without credentials
      Given the bucket of purpose "<purpose>" in the contract
      When the bucket is listed without credentials
      Then it is refused
      And the same session lists the bucket

      Examples: every bucket
        | purpose |
