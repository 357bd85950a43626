Feature: Roles of functions
  Each domain's functions may do what the domain is for: their own bus, secrets and keys, and nobody else's.
  Read by every domain's team.

  @ZONE-007 @read
  Rule: Every domain has a role for its functions, with exactly the rights of its domain

    Scenario Outline: Lambda alone takes the role of <bus>, for this account
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role
      Then the role has the ARN that the contract says
      And Lambda may take the role for this account, and nobody else may
      And the role may read parameters below "<parameters>"

      Examples: every role
        | bus | parameters |

    Scenario Outline: functions of <bus> may decrypt <classes> and nothing else
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then the role may use the keys of the classes "<classes>" and no others

      Examples: every role
        | bus | classes |

    Scenario Outline: functions of <bus> put events on their own bus, and on no other
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then the role may put events on the bus at "eventbridge/<bus>/arn" and on no other

      Examples: every role with a bus
        | bus |

    Scenario Outline: functions of <bus> read their own secrets, and have no right that is for everything
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then the role may read the secrets "<bus>/" and no others
      And no right of the role is for every action or every resource

      Examples: every role
        | bus |

    Scenario Outline: functions of <bus> put rules <prefix> on the bus <on>, and take none away
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then the role may do "events:PutRule" on rules "<prefix>" of bus "<on>" and on no others
      And the role may not do "events:DeleteRule"
      And the role may not do "events:RemoveTargets"

      Examples: every role with rules
        | bus | prefix | on |

    Scenario Outline: functions of <bus> may do <action>, which they are granted
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then the role may do "<action>"

      Examples: every grant
        | bus | action |

    Scenario Outline: functions of <bus> have the rights of their domain and no others
      Given the contract's entry "iam/lambda/<bus>/arn"
      When IAM describes the role's rights
      Then AWS's policies for functions are attached to the role, and no others
      And functions of "<bus>" have the rights that are configured, and no others

      Examples: every role
        | bus |
