Feature: Delivery streams
  What is sent to a stream is in the lake minutes later, encrypted, and what could not be delivered is told of.
  Read by the auditor of FR-420 and by the teams of CDC and usage.

  @FR-420 @read
  Rule: There is a stream for changes of data and one for usage, into the lake

    Scenario Outline: stream <stream> delivers into the lake
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then the stream is active and has the ARN that the contract says
      And it delivers to the bucket at "s3/iceberg/arn"
      And it delivers below "<prefix>", a folder a day

      Examples:
        | stream | prefix          |
        | cdc    | cdc/source=neon |
        | usage  | usage           |

  @ZONE-006 @read
  Rule: Records are encrypted on their way, and none is lost without a word

    Scenario Outline: records of <stream> are encrypted and gathered as they should be
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then records are encrypted with the key of class "financial"
      And what it writes is encrypted with the key of class "financial"
      And it writes 128 megabytes or 300 seconds at once, in the format "GZIP"

      Examples:
        | stream |
        | cdc    |
        | usage  |

    Scenario Outline: <stream> writes failed records below errors/
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then it writes failed records below "errors/", by stream, error and day

      Examples:
        | stream |
        | cdc    |
        | usage  |

    Scenario Outline: <stream> delivers records unchanged
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then it delivers records unchanged

      Examples:
        | stream |
        | cdc    |
        | usage  |

    Scenario Outline: <stream> logs what it could not deliver
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then it logs its errors to a log group that is there
      And what it logs is encrypted with the key of class "operational", and kept as long as the environment says

      Examples:
        | stream |
        | cdc    |
        | usage  |

    @settles
    Scenario: the queue of failed records is told by the bucket
      Given the contract's entry "firehose/dlq/arn"
      When SQS describes the queue
      Then the queue has the ARN that the contract says
      And the bucket at "s3/iceberg/name" tells the queue of new objects below "errors/", and tells nobody else

    @settles
    Scenario: failed records are kept, and nobody reads them without the key
      Given the contract's entry "firehose/dlq/arn"
      When SQS describes the queue
      Then the queue is encrypted with the key of class "operational"
      And the queue keeps messages for 14 days
      And the bucket at "s3/iceberg/arn" sends to the queue, and nobody else does

    Scenario Outline: <stream> is delivered by a role that does nothing else
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then its role writes below "cdc/source=neon, usage, errors" with the key of class "financial", logs, and does nothing else
      And Firehose alone takes that role, for this account

      Examples:
        | stream |
        | cdc    |
        | usage  |
