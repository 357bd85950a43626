Feature: The immutable trail
  Who did what is written down where its subject cannot take it away.
  Read by the auditor of GOV-006.

  @GOV-006 @read
  Rule: The trail logs, and what it has logged cannot be deleted

    Scenario: the trail is there, and is this account's
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail describes the trail
      Then the trail has the ARN that the contract says
      And the trail writes to the bucket at "s3/cloudtrail/name"
      And the trail does not log its own deliveries

    Scenario: the trail logs everything
      Given the contract's entry "cloudtrail/arn"
      When CloudTrail tells what the trail logs
      Then the trail is logging
      And it logs all management events
      And it logs the data events of every S3 object

    Scenario: the log bucket is immutable
      Given the bucket of purpose "cloudtrail" in the contract
      When S3 tells the bucket's Object Lock
      Then objects are locked in mode "GOVERNANCE" for 2555 days
      When S3 tells the bucket's policy
      Then everybody is denied the deletion of objects and of their versions

    Scenario: deleting a log is refused
      Given the bucket of purpose "cloudtrail" in the contract
      When somebody deletes an object of the bucket
      Then it is refused
