Feature: The platform
  Where the platform logs and raises alarms, and who may change it.
  Read by operations and by who answers for the pipeline.

  @ZONE-009 @read
  Rule: Logs are encrypted and end some day, alarms arrive, traces are sampled

    Scenario Outline: log group <entry> is encrypted and keeps its events as long as it should
      Given the contract's entry "<entry>"
      When CloudWatch Logs describes the log group
      Then the log group is encrypted with the key of class "<class>"
      And the log group keeps its events as long as the environment says

      Examples: every log group
        | entry | class |

    Scenario Outline: alarms of this account reach the topic, and nobody else's do
      Given the contract's entry "sns/alerts/arn"
      When SNS describes the topic
      Then the topic is encrypted with the key of class "<class>"
      And CloudWatch may publish to the topic for this account only

      Examples: the observability
        | class |

    Scenario Outline: of a hundred requests <percent> are traced
      Given the contract's entry "xray/sampling/arn"
      When X-Ray describes the sampling rule
      Then the rule traces <percent> of a hundred requests, and <reservoir> a second in any case
      And the rule is for every request, and comes after rules with a priority below <priority>

      Examples: the observability
        | percent | reservoir | priority |

  @ZONE-010 @read
  Rule: The pipeline and a person in an emergency change the platform, and nobody else

    Scenario Outline: GitHub takes the pipeline's role for <subjects> only
      Given the contract's entry "iam/cicd/arn"
      When IAM describes the role
      Then GitHub may take the role for the subjects "<subjects>", and for no other
      And the role is an administrator

      Examples: the access
        | subjects |

    Scenario Outline: GitHub's identity provider accepts tokens for <audience> only
      Given the contract's entry "iam/cicd/arn"
      When IAM describes the role
      Then the identity provider that the role trusts accepts tokens for "<audience>" only

      Examples: the identity provider that is ours
        | audience |

    Scenario Outline: the emergency role needs a second factor and lasts an hour
      Given the contract's entry "iam/break-glass/arn"
      When IAM describes the role
      Then people of this account with a second factor may take the role, and nobody else may
      And a session of the role lasts 1 hour
      And the role is an administrator

      Examples: the access
        | secrets |

    Scenario Outline: the policy for secrets reads <secrets> and changes nothing
      Given the contract's entry "iam/secrets-read/arn"
      When IAM describes the policy
      Then the policy reads secrets "<secrets>" and no others
      And the policy decrypts with the keys of the classes "<classes>" and no others
      And the policy reads secrets "<secrets>" with the keys of the classes "<classes>", and does nothing else

      Examples: the access
        | secrets | classes |
