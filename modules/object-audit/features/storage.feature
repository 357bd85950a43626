Feature: Objects are kept safe
  The bucket for objects, and the one for its access logs. Read by whoever puts objects, and by auditors.

  @AUDIT-001 @read
  Rule: The bucket for objects is encrypted, versioned, private and TLS-only

    Scenario: it is there
      Given the module's bucket "objects"
      When S3 is asked for the bucket
      Then the bucket is in this account and region

    Scenario: it encrypts with the key of its class
      Given the module's bucket "objects"
      When S3 tells the bucket's encryption
      Then objects are encrypted with the key of class "<settings.class>"
      And the bucket key is on

    Scenario: it keeps versions
      Given the module's bucket "objects"
      When S3 tells the bucket's versioning
      Then versioning is on

    Scenario: it is not public
      Given the module's bucket "objects"
      When S3 tells the bucket's public access block
      Then all four public access flags are on

    Scenario: it is reached over TLS alone
      Given the module's bucket "objects"
      When S3 tells the bucket's policy
      Then everybody is denied everything without TLS

    Scenario: its objects belong to the account
      Given the module's bucket "objects"
      When S3 tells the bucket's object ownership
      Then object ownership is "BucketOwnerEnforced"

  @AUDIT-002 @read
  Rule: Who opened an object is logged, in a bucket that is closed as well

    Scenario: access is logged
      Given the module's bucket "objects"
      When S3 tells the bucket's logging
      Then access is logged in the module's bucket "access-logs"

    Scenario: the logs are not public
      Given the module's bucket "access-logs"
      When S3 tells the bucket's public access block
      Then all four public access flags are on

    Scenario: the logs are reached over TLS alone
      Given the module's bucket "access-logs"
      When S3 tells the bucket's policy
      Then everybody is denied everything without TLS
