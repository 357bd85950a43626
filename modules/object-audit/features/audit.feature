Feature: Each object becomes an item
  The table, the function that writes it, its rights, and what happens when it fails. Read by auditors, and by who is on call.

  @AUDIT-003 @read
  Rule: The table is encrypted, can be restored, and shows who uses it

    Scenario: its keys
      When DynamoDB describes the module's table "items"
      Then its partition key is "pk" and its sort key "sk"
      And it is paid for each request

    Scenario: it encrypts with the key of its class
      When DynamoDB describes the module's table "items"
      Then it is encrypted with the key of class "<settings.class>"

    Scenario: it can be restored
      When DynamoDB describes the module's table "items"
      Then it can be restored to a point in time

    Scenario: its use is seen
      When DynamoDB describes the module's table "items"
      Then CloudWatch Contributor Insights shows who uses it

  @AUDIT-004 @read
  Rule: The function runs with a role of its own, and only for the bucket

    Scenario: what it runs
      When Lambda describes the module's function "audit"
      Then it runs "object_audit.handler" in "python3.13" for 300 seconds at most
      And it runs with the module's role "audit"

    Scenario: its environment
      When Lambda describes the module's function "audit"
      Then its environment has "BUCKET_NAME, TABLE_NAME" and nothing else
      And its environment is encrypted with the key of class "<settings.class>"

    Scenario: who calls it
      When Lambda describes the module's function "audit"
      Then only "s3.amazonaws.com" may call the function, for the module's bucket "objects" and this account

    Scenario: what it fails on
      When Lambda describes the module's function "audit"
      Then what it fails on is tried 2 times more, and goes to the module's queue "failed"

    Scenario: its logs are encrypted
      Given the log group of the module's function "audit"
      When CloudWatch Logs describes the log group
      Then the log group is encrypted with the key of class "<settings.class>"

    Scenario: its logs are kept as long as all are
      Given the log group of the module's function "audit"
      When CloudWatch Logs describes the log group
      Then the log group keeps its events as long as the environment says

  @AUDIT-005 @read
  Rule: The role has the rights that the function needs, and no others

    Scenario: its rights
      Given the module's role "audit"
      And the role may do "s3:GetObject, s3:GetObjectVersion" on all below the module's entry "bucket/arn"
      And the role may do "s3:ListBucket" on the module's entry "bucket/arn"
      And the role may do "dynamodb:PutItem" on the module's entry "table/arn"
      And the role may do "sqs:SendMessage" on the module's queue "failed"
      And the role may do "logs:CreateLogStream, logs:PutLogEvents" in the log group of the module's function "audit"
      And the role may do "kms:Decrypt, kms:GenerateDataKey" with the key of class "<settings.class>"
      Then the role has these rights and no others

  @AUDIT-006 @read
  Rule: A failure is kept, and somebody is told

    Scenario: the queue for what failed is encrypted
      Given the module's queue "failed"
      When SQS describes the queue
      Then the queue is encrypted with the key of class "<settings.class>"
      And the queue keeps messages for 14 days

    Scenario: the alarm
      When CloudWatch describes the module's alarm "audit-errors"
      Then it goes off at the first error of the module's function "audit" in 60 seconds
      And it tells the zone's topic for alerts

  @AUDIT-007 @read
  Rule: Others find the module by its contract

    Scenario: the bucket's name
      Given the module's entry "bucket/name"
      Then the entry is the name of the module's bucket "objects"

    Scenario: the bucket's ARN
      Given the module's entry "bucket/arn"
      Then the entry is an ARN of "s3" that ends with the name of the module's "objects"

    Scenario: the table's name
      Given the module's entry "table/name"
      Then the entry is the name of the module's "items"

    Scenario: the table's ARN
      Given the module's entry "table/arn"
      Then the entry is an ARN of "dynamodb" that ends with the name of the module's "items"

    Scenario: the function's name
      Given the module's entry "function/name"
      Then the entry is the name of the module's "audit"

    Scenario: the function's ARN
      Given the module's entry "function/arn"
      Then the entry is an ARN of "lambda" that ends with the name of the module's "audit"

    Scenario: the role's ARN
      Given the module's entry "role/arn"
      Then the entry is an ARN of "iam" that ends with the name of the module's "audit"

  @AUDIT-008 @probe
  Rule: An object that is put is seen, once; what cannot be processed is kept, and the alarm goes off

    Scenario: the same object put twice is one item
      When an object is put into the module's bucket "objects" 2 times
      Then within 30 seconds the module's table "items" has one item of it

    Scenario: an event that fails is kept, and the alarm goes off
      When the module's function "audit" gets an event that it cannot process
      Then within 420 seconds the event is in the module's queue "failed"
      And within 180 seconds the module's alarm "audit-errors" goes off
