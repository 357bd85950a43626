Feature: Buckets
  Buckets hold what is kept: encrypted with the key of its class, versioned, closed to the public, and gone when its time is
  over. Read by every module that stores objects.

  @ZONE-014 @read
  Rule: Every bucket is encrypted, versioned, private, TLS-only, and keeps objects as long as it should

    Scenario Outline: bucket <purpose> is there
      Given the bucket of purpose "<purpose>" in the contract
      When S3 is asked for the bucket
      Then the bucket is in this account and region
      And the bucket has the ARN that the contract says

      Examples: every bucket
        | purpose |

    Scenario Outline: bucket <purpose> encrypts with the key of class <class>
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's encryption
      Then objects are encrypted with the key of class "<class>"

      Examples: every bucket
        | purpose | class |

    Scenario Outline: bucket <purpose> keeps versions
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's versioning
      Then versioning is on

      Examples: every bucket
        | purpose |

    Scenario Outline: bucket <purpose> is not public
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's public access block
      Then all four public access flags are on

      Examples: every bucket
        | purpose |

    Scenario Outline: bucket <purpose> is reached over TLS alone
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's policy
      Then everybody is denied everything without TLS

      Examples: every bucket
        | purpose |

    @settles
    Scenario Outline: bucket <purpose> keeps its lifecycle: Glacier <glacier>, expiry <expiry>, <where>
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's lifecycle
      Then objects "<where>" move to Glacier <glacier>, and no others do
      And objects "<where>" expire <expiry>, and no others do

      Examples: every bucket with one retention
        | purpose | where | glacier | expiry |

    @settles
    Scenario Outline: objects of <purpose> <where>: Glacier <glacier>, expiry <expiry>
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's lifecycle
      Then of the objects "<where>" each moves to Glacier <glacier>
      And of the objects "<where>" each expires <expiry>

      Examples: every one of several retentions
        | purpose | where | glacier | expiry |

    @settles
    Scenario Outline: in <purpose> nothing happens to other objects than those <where>
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's lifecycle
      Then objects move or expire "<where>" and nowhere else

      Examples: every bucket with several retentions
        | purpose | where |

    Scenario Outline: bucket <purpose> locks each object in mode <mode> for <days> days
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's Object Lock
      Then objects are locked in mode "<mode>" for <days> days

      Examples: every locked bucket
        | purpose | mode | days |

  @ZONE-002 @read
  Rule: ACLs are disabled, unfinished uploads expire, puts need the KMS key, and bucket keys are on

    Scenario Outline: bucket <purpose> knows no access control lists
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's object ownership
      Then object ownership is "BucketOwnerEnforced"

      Examples: every bucket
        | purpose |

    Scenario Outline: bucket <purpose> uses a bucket key
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's encryption
      Then the bucket key is on

      Examples: every bucket
        | purpose |

    @settles
    Scenario Outline: bucket <purpose> drops stale uploads after 7 days
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's lifecycle
      Then unfinished uploads are dropped after 7 days

      Examples: every bucket
        | purpose |

    Scenario Outline: bucket <purpose> takes nothing that is not encrypted with its key
      Given the bucket of purpose "<purpose>" in the contract
      When S3 tells the bucket's policy
      Then a put without encryption, or with another than KMS, is denied to "<whom>"
      And a put that does not name the key of class "<class>" is denied to "<whom>"
      And its policy lets in "<service>"

      Examples: every bucket
        | purpose | class | whom | service |
