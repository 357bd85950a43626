Feature: The trail
  Who did what is written down where its subject cannot take it away.
  Read by auditors and operations.

  @ZONE-016 @read
  Rule: Calls in every region are written to the bucket and to the logs, and stay there

    Scenario Outline: the trail covers every region, is validated and encrypted with the key of <class>
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail describes the trail
      Then the trail covers every region and global services
      And the trail can prove that its files are unchanged
      And the trail is encrypted with the key of class "<class>"

      Examples: the trail
        | class |

    Scenario Outline: the trail writes to its log group, beside the bucket <purpose>
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail describes the trail
      Then the trail writes to the log group at "cloudtrail/log-group-arn"
      And its role writes to that log group and does nothing else
      And CloudTrail alone takes that role, for this account

      Examples: the trail
        | purpose |

    Scenario Outline: bucket <purpose> lets CloudTrail write for this trail, and for no other
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail describes the trail
      Then the policy of the bucket at "s3/<purpose>/name" lets CloudTrail write with the key of class "<class>" for this trail only

      Examples: the trail
        | purpose | class |

    Scenario Outline: the trail is this account's, and writes to the bucket <purpose>
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail describes the trail
      Then the trail has the ARN that the contract says
      And the trail writes to the bucket at "s3/<purpose>/name"
      And the trail does not log its own deliveries

      Examples: the trail
        | purpose |

    Scenario Outline: the trail logs everything to <purpose>
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail tells what the trail logs
      Then the trail is logging
      And it logs all management events
      And it logs the data events of every S3 object

      Examples: the trail
        | purpose |

    Scenario Outline: nobody deletes the logs in <purpose>
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's policy
      Then everybody is denied the deletion of objects and of their versions

      Examples: the trail
        | purpose |
