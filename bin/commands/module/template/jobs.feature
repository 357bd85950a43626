Feature: {module} keeps its jobs safe
  What this module's team promises about its queue; `zone module verify {module}` judges it.

  @MODULE-001
  Rule: jobs are encrypted and kept

    Scenario: the queue for jobs
      Given the queue "jobs" of the module
      Then it is encrypted with the key of the class that the module's settings name
      And it keeps messages for 4 days
