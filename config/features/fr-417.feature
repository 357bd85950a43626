Feature: Event buses
  The eight domains talk to each other through events and through nothing else: an event must find its bus, be kept, and
  never vanish. Read by the auditor of FR-417 and by every team that publishes or takes events.

  @FR-417 @read
  Rule: Every domain has a bus with a cross-account policy, a 30-day archive and a dead-letter queue

    Scenario Outline: bus <bus> exists
      Given the contract's entry "eventbridge/<bus>/arn"
      When EventBridge describes the bus
      Then the bus is called "<bus>"
      And the bus has the ARN that the contract says

      Examples:
        | bus                |
        | bank-core          |
        | bank-kyc           |
        | bank-aml           |
        | bank-payments      |
        | bank-credit        |
        | bank-risk-platform |
        | bank-platform      |
        | bank-app           |

    Scenario Outline: bus <bus> takes events from the organization and from nobody else
      Given the contract's entry "eventbridge/<bus>/arn"
      When EventBridge describes the bus
      Then its policy lets the account itself put events
      And its policy lets every account of the organization put events
      And its policy lets nobody else in

      Examples:
        | bus                |
        | bank-core          |
        | bank-kyc           |
        | bank-aml           |
        | bank-payments      |
        | bank-credit        |
        | bank-risk-platform |
        | bank-platform      |
        | bank-app           |

    Scenario Outline: events of <bus> are archived for 30 days
      Given the contract's entry "eventbridge/<bus>/archive-arn"
      When EventBridge describes the archive
      Then the archive takes every event of the bus at "eventbridge/<bus>/arn"
      And the archive keeps events for 30 days
      And the archive is enabled

      Examples:
        | bus                |
        | bank-core          |
        | bank-kyc           |
        | bank-aml           |
        | bank-payments      |
        | bank-credit        |
        | bank-risk-platform |
        | bank-platform      |
        | bank-app           |

    @settles
    Scenario Outline: bus <bus> has a dead-letter queue
      Given the contract's entry "eventbridge/<bus>/dlq-arn"
      When SQS describes the queue
      Then the queue has the ARN that the contract says
      And EventBridge may send messages to the queue

      Examples:
        | bus                |
        | bank-core          |
        | bank-kyc           |
        | bank-aml           |
        | bank-payments      |
        | bank-credit        |
        | bank-risk-platform |
        | bank-platform      |
        | bank-app           |
