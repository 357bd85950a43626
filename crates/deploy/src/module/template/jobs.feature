Feature: {module} keeps its jobs safe
  What this module's team promises about its queue; `zone module verify {module}` judges it.

  @MODULE-001 @read
  Rule: Jobs are encrypted and kept

    Scenario: the queue for jobs
      Given the module's queue "jobs"
      When SQS describes the queue
      Then the queue is encrypted with the key of class "<settings.class>"
      And the queue keeps messages for 4 days
