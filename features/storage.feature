Feature: Buckets
  Seven buckets hold what the bank keeps: encrypted with the key of its class, versioned, closed to the public, and gone
  when its time is over. Read by the auditor of FR-418 and by every module that stores objects.

  @FR-418 @read
  Rule: Every bucket is encrypted, versioned, private, TLS-only, and keeps objects as long as it should

    Scenario Outline: bucket <purpose> exists
      Given the bucket of purpose "<purpose>" in the contract
      When S3 is asked for the bucket
      Then the bucket is in this account and region
      And the bucket has the ARN that the contract says

      Examples:
        | purpose          |
        | iceberg          |
        | firehose-landing |
        | documents        |
        | artefacts        |
        | reports          |
        | cloudtrail       |
        | pulumi-state     |

    Scenario Outline: bucket <purpose> is encrypted with the key of class <class>
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's encryption
      Then objects are encrypted with the key of class "<class>"

      Examples:
        | purpose          | class       |
        | iceberg          | financial   |
        | firehose-landing | operational |
        | documents        | pii         |
        | artefacts        | operational |
        | reports          | financial   |
        | cloudtrail       | operational |
        | pulumi-state     | operational |

    Scenario Outline: bucket <purpose> is versioned
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's versioning
      Then versioning is on

      Examples:
        | purpose          |
        | iceberg          |
        | firehose-landing |
        | documents        |
        | artefacts        |
        | reports          |
        | cloudtrail       |
        | pulumi-state     |

    Scenario Outline: bucket <purpose> is closed to the public
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's public access block
      Then all four public access flags are on

      Examples:
        | purpose          |
        | iceberg          |
        | firehose-landing |
        | documents        |
        | artefacts        |
        | reports          |
        | cloudtrail       |
        | pulumi-state     |

    Scenario Outline: bucket <purpose> is reached over TLS only
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's policy
      Then everybody is denied everything without TLS

      Examples:
        | purpose          |
        | iceberg          |
        | firehose-landing |
        | documents        |
        | artefacts        |
        | reports          |
        | cloudtrail       |
        | pulumi-state     |

    # of the lake what was delivered grows old, and no file of a table does: a table reads old files at any time
    @settles
    Scenario Outline: bucket <purpose> keeps its lifecycle: Glacier <glacier>, expiry <expiry>, <where>
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's lifecycle
      Then objects "<where>" move to Glacier <glacier>, and no others do
      And objects "<where>" expire <expiry>, and no others do

      Examples:
        | purpose          | where                       | glacier        | expiry          |
        | iceberg          | below cdc/, usage/, errors/ | after 90 days  | after 2555 days |
        | firehose-landing | anywhere                    | never          | after 1 day     |
        | documents        | anywhere                    | after 365 days | after 2555 days |
        | artefacts        | anywhere                    | never          | after 90 days   |
        | reports          | anywhere                    | after 365 days | after 2555 days |
        | cloudtrail       | anywhere                    | after 90 days  | after 2555 days |
        | pulumi-state     | anywhere                    | never          | never           |

    Scenario Outline: bucket <purpose> locks objects in mode <mode> for <days> days
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's Object Lock
      Then objects are locked in mode "<mode>" for <days> days

      Examples:
        | purpose    | mode       | days |
        | cloudtrail | GOVERNANCE | 2555 |

  @ZONE-002 @read
  Rule: Rights on objects come from policies alone, and nothing half-written or needlessly dear stays

    Scenario Outline: bucket <purpose> knows no access control lists
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's object ownership
      Then object ownership is "BucketOwnerEnforced"

      Examples:
        | purpose          |
        | iceberg          |
        | firehose-landing |
        | documents        |
        | artefacts        |
        | reports          |
        | cloudtrail       |
        | pulumi-state     |

    Scenario Outline: bucket <purpose> uses a bucket key
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's encryption
      Then the bucket key is on

      Examples:
        | purpose          |
        | iceberg          |
        | firehose-landing |
        | documents        |
        | artefacts        |
        | reports          |
        | cloudtrail       |
        | pulumi-state     |

    @settles
    Scenario Outline: bucket <purpose> drops stale uploads after 7 days
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's lifecycle
      Then unfinished uploads are dropped after 7 days

      Examples:
        | purpose          |
        | iceberg          |
        | firehose-landing |
        | documents        |
        | artefacts        |
        | reports          |
        | cloudtrail       |
        | pulumi-state     |

    Scenario Outline: bucket <purpose> takes nothing that is not encrypted with its key
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's policy
      Then a put without encryption, or with another than KMS, is denied to "<whom>"
      And a put that does not name the key of class "<class>" is denied to "<whom>"
      And its policy lets in "<service>"

      Examples:
        | purpose          | class       | whom                                   | service                  |
        | iceberg          | financial   | everybody                              | nobody                   |
        | firehose-landing | operational | everybody                              | nobody                   |
        | documents        | pii         | everybody                              | nobody                   |
        | artefacts        | operational | everybody                              | nobody                   |
        | reports          | financial   | everybody                              | nobody                   |
        | cloudtrail       | operational | everybody but cloudtrail.amazonaws.com | cloudtrail.amazonaws.com |
        | pulumi-state     | operational | everybody                              | nobody                   |
