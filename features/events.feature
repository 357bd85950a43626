Feature: Event buses
  The domains talk to each other through events and through nothing else: an event must find its bus, be kept, and never
  vanish. Read by every team that publishes or takes events.

  @ZONE-015 @read
  Rule: Every domain has a bus with a policy, an archive and a dead-letter queue

    Scenario Outline: bus <bus> exists
      Given the contract's entry "eventbridge/<bus>/arn"
      When EventBridge describes the bus
      Then the bus is called "<bus>"
      And the bus has the ARN that the contract says

      Examples: every bus
        | bus |

    Scenario Outline: bus <bus> takes events of the organization and of nobody else
      Given the contract's entry "eventbridge/<bus>/arn"
      When EventBridge describes the bus
      Then its policy lets the account itself put events
      And its policy lets every account of the organization put events
      And its policy lets nobody else in

      Examples: every bus
        | bus |

    Scenario Outline: events of <bus> stay in its archive for <archive_days> days
      Given the contract's entry "eventbridge/<bus>/archive-arn"
      When EventBridge describes the archive
      Then the archive takes every event of the bus at "eventbridge/<bus>/arn"
      And the archive keeps events for <archive_days> days
      And the archive is enabled

      Examples: every bus
        | bus | archive_days |

    @settles
    Scenario Outline: EventBridge reaches the dead-letter queue of <bus>
      Given the contract's entry "eventbridge/<bus>/dlq-arn"
      When SQS describes the queue
      Then the queue has the ARN that the contract says
      And EventBridge may send messages to the queue

      Examples: every bus
        | bus |

  @ZONE-001 @read
  Rule: Undelivered events go to an encrypted dead-letter queue and stay there

    Scenario Outline: events that <bus> itself cannot deliver go to its queue
      Given the contract's entry "eventbridge/<bus>/arn"
      When EventBridge describes the bus
      Then the bus sends dead letters to the queue at "eventbridge/<bus>/dlq-arn"

      Examples: every bus
        | bus |

    @settles
    Scenario Outline: dead letters of <bus> are encrypted and kept for <queue_days> days
      Given the contract's entry "eventbridge/<bus>/dlq-arn"
      When SQS describes the queue
      Then the queue is encrypted with the key of class "<class>"
      And the queue keeps messages for <queue_days> days
      And EventBridge sends to the queue on behalf of this account only

      Examples: every bus
        | bus | queue_days | class |
