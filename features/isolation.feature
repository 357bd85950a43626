Feature: Isolation
  What each role can do and cannot do, decided with its live policies as AWS decides: a policy that is written in another way
  and means the same holds, and one that means more does not. Read by the owners of access.

  @ZONE-017 @read
  Rule: No domain can use another's resources, and only the intended principals assume a role

    Scenario Outline: functions of <bus> use their own bus, keys and secrets, and no other domain's
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes every policy of the role
      Then the role can put events on the bus of "<bus>" and on no other domain's
      And the role can decrypt with the keys of the classes "<classes>" and with no other class's
      And the role can read secrets of "<bus>" and no other domain's

      Examples: every role
        | bus | classes |

    Scenario Outline: functions of <bus> cannot change what protects the zone
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes every policy of the role
      Then the role cannot change policies, keys, trails or logs, or assume another role

      Examples: every role
        | bus |

    Scenario Outline: the role of <bus> is assumed by functions of this account, and by no other domain's
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role
      Then functions of this account can assume the role, and other roles, accounts and services cannot

      Examples: every role
        | bus |

    Scenario Outline: the pipeline's role takes tokens of <subjects>, and of no other repository
      Given the contract's entry "iam/cicd/arn"
      When IAM describes the role
      Then a token of each subject in "<subjects>" assumes the role, and a token of another repository or audience does not

      Examples: the access
        | subjects |

    Scenario Outline: the emergency role is assumed with a second factor, and not without
      Given the contract's entry "iam/break-glass/arn"
      When IAM describes the role
      Then people of this account assume the role with a second factor, and not without one

      Examples: the access
        | secrets |

    Scenario Outline: sessions of <role> assume the emergency role, and those of other permission sets do not
      Given the contract's entry "iam/break-glass/arn"
      When IAM describes the role
      Then sessions of Identity Center's role "<role>" assume the role, and those of other permission sets do not

      Examples: every permission set for emergencies
        | role |
