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
