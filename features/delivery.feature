Feature: Delivery streams
  What is sent to a stream is in the lake minutes later, encrypted, and a queue is notified of failed records.
  Read by the teams that send records.

  @ZONE-006 @read
  Rule: Records are encrypted and delivered, and the queue is notified of each failed record

    Scenario Outline: stream <stream> delivers below <prefix> of <bucket>
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then the stream is active and has the ARN that the contract says
      And it delivers to the bucket at "s3/<bucket>/arn"
      And it delivers below "<prefix>", a folder a day

      Examples: every stream
        | stream | prefix | bucket |

    Scenario Outline: records of <stream> are encrypted and gathered as they should be
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then records are encrypted with the key of class "<class>"
      And what it writes is encrypted with the key of class "<class>"
      And it writes <megabytes> megabytes or <seconds> seconds at once, in the format "GZIP"

      Examples: every stream
        | stream | class | megabytes | seconds |

    Scenario Outline: <stream> writes failed records below errors/
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then it writes failed records below "errors/", by stream, error and day

      Examples: every stream
        | stream |

    Scenario Outline: <stream> delivers records unchanged
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then it delivers records unchanged

      Examples: every stream
        | stream |

    Scenario Outline: <stream> logs what it could not deliver
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then it logs its errors to a log group that is there
      And what it logs is encrypted with the key of class "<log_class>", and kept as long as the environment says

      Examples: every stream
        | stream | log_class |

    @settles
    Scenario Outline: bucket <bucket> notifies the queue of failed records
      Given the contract's entry "firehose/dlq/arn"
      When SQS describes the queue
      Then the queue has the ARN that the contract says
      And the bucket at "s3/<bucket>/name" tells the queue of new objects below "errors/", and tells nobody else

      Examples: the delivery
        | bucket |

    @settles
    Scenario Outline: failed records are kept for <days> days, and nobody reads them without the key
      Given the contract's entry "firehose/dlq/arn"
      When SQS describes the queue
      Then the queue is encrypted with the key of class "<class>"
      And the queue keeps messages for <days> days
      And the bucket at "s3/<bucket>/arn" sends to the queue, and nobody else does

      Examples: the delivery
        | class | days | bucket |

    Scenario Outline: <stream> is delivered by a role that does nothing else
      Given the contract's entry "firehose/<stream>/arn"
      When Firehose describes the stream
      Then its role writes below "<prefixes>" with the key of class "<class>", logs, and does nothing else
      And Firehose alone takes that role, for this account

      Examples: every stream
        | stream | prefixes | class |
