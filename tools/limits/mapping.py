"""Which model member each input of each type is, and what AWS limits without its models saying so.

TYPES         by token: the service, the shapes of the calls that carry the inputs, and the inputs that these do not have
              under their own name, each as `Shape.Member` or `none: REASON`
HAND          what the models lack or have otherwise than AWS: by token and path, with its source. A limit that is None is
              AWS's no longer; `words` say a pattern
OPEN_ENUMS    enums that AWS makes longer all the time: a value that this botocore does not know may be one of tomorrow's
UNENFORCED    shapes whose pattern is left out, with the reason
"""

NAME = "none: the name that is made of it is checked"
ATTRIBUTE = "none: one of the queue's or topic's attributes, which are all texts in the model"
NO_LIMIT = "none: EC2's model limits no id, ARN or network"
CAPACITY = "none: with `PAY_PER_REQUEST` it is 0 in the official provider; else the type itself checks it"
DIMENSIONS = "none: a map, of which AWS's model has a list"
OURS = "none: the provider's own, which AWS never sees"
ANSWERED = "none: AWS says it; it is never sent"
FILES = "none: content, whose size the type itself checks"

IN_WORDS = "none: the type itself checks names and prefixes of buckets alike, and says in words what they take"

# Inputs of that name in all types.
NONE = {"region": OURS, "tagsAll": "none: as `tags`, whose limits hold for it"}

TYPES = {
    "aws:cloudtrail/trail:Trail": (
        "cloudtrail",
        ["CreateTrailRequest", "PutEventSelectorsRequest", "PutInsightSelectorsRequest"],
        {"cloudWatchLogsGroupArn": "CreateTrailRequest.CloudWatchLogsLogGroupArn"},
    ),
    "aws:cloudwatch/eventArchive:EventArchive": (
        "events",
        ["CreateArchiveRequest"],
        {"name": "CreateArchiveRequest.ArchiveName"},
    ),
    "aws:cloudwatch/eventBus:EventBus": ("events", ["CreateEventBusRequest"], {}),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": ("events", ["PutPermissionRequest"], {}),
    "aws:cloudwatch/logGroup:LogGroup": (
        "logs",
        ["CreateLogGroupRequest", "PutRetentionPolicyRequest"],
        {"name": "CreateLogGroupRequest.logGroupName", "namePrefix": "CreateLogGroupRequest.logGroupName"},
    ),
    "aws:cloudwatch/logStream:LogStream": (
        "logs",
        ["CreateLogStreamRequest"],
        {"name": "CreateLogStreamRequest.logStreamName"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        "cloudwatch",
        ["PutMetricAlarmInput"],
        {
            "dimensions": DIMENSIONS,
            "evaluateLowSampleCountPercentiles": "PutMetricAlarmInput.EvaluateLowSampleCountPercentile",
            "evaluationCriteria.promqlCriteria": "EvaluationCriteria.PromQLCriteria",
            "metricQueries": "PutMetricAlarmInput.Metrics",
            "metricQueries[].metric": "MetricDataQuery.MetricStat",
            "metricQueries[].metric.dimensions": DIMENSIONS,
            "metricQueries[].metric.metricName": "Metric.MetricName",
            "metricQueries[].metric.namespace": "Metric.Namespace",
            "name": "PutMetricAlarmInput.AlarmName",
        },
    ),
    "aws:cognito/resourceServer:ResourceServer": ("cognito-idp", ["CreateResourceServerRequest"], {}),
    "aws:cognito/userPool:UserPool": (
        "cognito-idp",
        ["CreateUserPoolRequest", "SetUserPoolMfaConfigRequest"],
        {
            "emailConfiguration.fromEmailAddress": "EmailConfigurationType.From",
            "name": "CreateUserPoolRequest.PoolName",
            "passwordPolicy": "UserPoolPolicyType.PasswordPolicy",
            "signInPolicy": "UserPoolPolicyType.SignInPolicy",
        },
    ),
    "aws:cognito/userPoolClient:UserPoolClient": (
        "cognito-idp",
        ["CreateUserPoolClientRequest"],
        {"name": "CreateUserPoolClientRequest.ClientName"},
    ),
    "aws:cognito/userPoolDomain:UserPoolDomain": (
        "cognito-idp",
        ["CreateUserPoolDomainRequest"],
        {"certificateArn": "CustomDomainConfigType.CertificateArn"},
    ),
    "aws:dynamodb/contributorInsights:ContributorInsights": (
        "dynamodb",
        ["UpdateContributorInsightsInput"],
        {"mode": "UpdateContributorInsightsInput.ContributorInsightsMode"},
    ),
    "aws:dynamodb/table:Table": (
        "dynamodb",
        ["CreateTableInput"],
        {
            "attributes": "CreateTableInput.AttributeDefinitions",
            "attributes[].name": "AttributeDefinition.AttributeName",
            "attributes[].type": "AttributeDefinition.AttributeType",
            "globalSecondaryIndexes[].hashKey": "KeySchemaElement.AttributeName",
            "globalSecondaryIndexes[].keySchemas": "GlobalSecondaryIndex.KeySchema",
            "globalSecondaryIndexes[].name": "GlobalSecondaryIndex.IndexName",
            "globalSecondaryIndexes[].nonKeyAttributes": "Projection.NonKeyAttributes",
            "globalSecondaryIndexes[].projectionType": "Projection.ProjectionType",
            "globalSecondaryIndexes[].rangeKey": "KeySchemaElement.AttributeName",
            "globalSecondaryIndexes[].readCapacity": CAPACITY,
            "globalSecondaryIndexes[].writeCapacity": CAPACITY,
            "hashKey": "KeySchemaElement.AttributeName",
            "localSecondaryIndexes[].name": "LocalSecondaryIndex.IndexName",
            "localSecondaryIndexes[].nonKeyAttributes": "Projection.NonKeyAttributes",
            "localSecondaryIndexes[].projectionType": "Projection.ProjectionType",
            "localSecondaryIndexes[].rangeKey": "KeySchemaElement.AttributeName",
            "name": "TableDescription.TableName",
            "pointInTimeRecovery.recoveryPeriodInDays": "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
            "rangeKey": "KeySchemaElement.AttributeName",
            "readCapacity": CAPACITY,
            "serverSideEncryption.kmsKeyArn": "SSESpecification.KMSMasterKeyId",
            "streamViewType": "StreamSpecification.StreamViewType",
            "ttl.attributeName": "TimeToLiveSpecification.AttributeName",
            "writeCapacity": CAPACITY,
        },
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (
        "ec2",
        ["CreateSecurityGroupRequest"],
        {"egress": NO_LIMIT, "ingress": NO_LIMIT},
    ),
    "aws:ec2/internetGateway:InternetGateway": ("ec2", ["AttachInternetGatewayRequest"], {}),
    "aws:ec2/route:Route": (
        "ec2",
        ["CreateRouteRequest"],
        {"egressOnlyGatewayId": "CreateRouteRequest.EgressOnlyInternetGatewayId"},
    ),
    "aws:ec2/routeTable:RouteTable": ("ec2", ["CreateRouteTableRequest"], {"routes": NO_LIMIT}),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("ec2", ["AssociateRouteTableRequest"], {}),
    "aws:ec2/subnet:Subnet": ("ec2", ["CreateSubnetRequest", "ModifySubnetAttributeRequest"], {}),
    "aws:ec2/vpc:Vpc": ("ec2", ["CreateVpcRequest"], {}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (
        "ec2",
        ["CreateVpcEndpointRequest"],
        {"policy": "CreateVpcEndpointRequest.PolicyDocument"},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ("iam", ["CreateOpenIDConnectProviderRequest"], {}),
    "aws:iam/policy:Policy": (
        "iam",
        ["CreatePolicyRequest"],
        {
            "name": "CreatePolicyRequest.PolicyName",
            "namePrefix": "CreatePolicyRequest.PolicyName",
            "policy": "CreatePolicyRequest.PolicyDocument",
        },
    ),
    "aws:iam/role:Role": (
        "iam",
        ["CreateRoleRequest"],
        {
            "assumeRolePolicy": "CreateRoleRequest.AssumeRolePolicyDocument",
            "name": "CreateRoleRequest.RoleName",
            "namePrefix": "CreateRoleRequest.RoleName",
        },
    ),
    "aws:iam/rolePolicy:RolePolicy": (
        "iam",
        ["PutRolePolicyRequest"],
        {
            "name": "PutRolePolicyRequest.PolicyName",
            "namePrefix": "PutRolePolicyRequest.PolicyName",
            "policy": "PutRolePolicyRequest.PolicyDocument",
            "role": "PutRolePolicyRequest.RoleName",
        },
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        "iam",
        ["AttachRolePolicyRequest"],
        {"role": "AttachRolePolicyRequest.RoleName"},
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        "firehose",
        ["CreateDeliveryStreamInput"],
        {
            "destination": OURS,
            "extendedS3Configuration": "CreateDeliveryStreamInput.ExtendedS3DestinationConfiguration",
            "extendedS3Configuration.bufferingInterval": "BufferingHints.IntervalInSeconds",
            "extendedS3Configuration.bufferingSize": "BufferingHints.SizeInMBs",
            "extendedS3Configuration.dynamicPartitioningConfiguration.retryDuration": "RetryOptions.DurationInSeconds",
            "extendedS3Configuration.kmsKeyArn": "KMSEncryptionConfig.AWSKMSKeyARN",
            "extendedS3Configuration.s3BackupConfiguration.bufferingInterval": "BufferingHints.IntervalInSeconds",
            "extendedS3Configuration.s3BackupConfiguration.bufferingSize": "BufferingHints.SizeInMBs",
            "extendedS3Configuration.s3BackupConfiguration.kmsKeyArn": "KMSEncryptionConfig.AWSKMSKeyARN",
            "kinesisSourceConfiguration": "CreateDeliveryStreamInput.KinesisStreamSourceConfiguration",
            "name": "CreateDeliveryStreamInput.DeliveryStreamName",
            "serverSideEncryption": "CreateDeliveryStreamInput.DeliveryStreamEncryptionConfigurationInput",
        },
    ),
    "aws:kms/alias:Alias": (
        "kms",
        ["CreateAliasRequest"],
        {"name": "CreateAliasRequest.AliasName", "namePrefix": "CreateAliasRequest.AliasName"},
    ),
    "aws:kms/key:Key": (
        "kms",
        ["CreateKeyRequest", "EnableKeyRotationRequest"],
        {
            "customerMasterKeySpec": "CreateKeyRequest.KeySpec",
            "deletionWindowInDays": "ScheduleKeyDeletionRequest.PendingWindowInDays",
        },
    ),
    "aws:lambda/function:Function": (
        "lambda",
        ["CreateFunctionRequest", "PutFunctionConcurrencyRequest"],
        {
            "code": FILES,
            "codeSha256": ANSWERED,
            "fileSystemConfig": "CreateFunctionRequest.FileSystemConfigs",
            "imageUri": "FunctionCode.ImageUri",
            "name": "CreateFunctionRequest.FunctionName",
            "replacementSecurityGroupIds": "VpcConfig.SecurityGroupIds",
            "s3Bucket": "FunctionCode.S3Bucket",
            "s3Key": "FunctionCode.S3Key",
            "s3ObjectVersion": "FunctionCode.S3ObjectVersion",
            "snapStart.optimizationStatus": ANSWERED,
            "sourceCodeHash": OURS,
            "sourceKmsKeyArn": "FunctionCode.SourceKMSKeyArn",
            "vpcConfig.vpcId": ANSWERED,
        },
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": (
        "lambda",
        ["PutFunctionEventInvokeConfigRequest"],
        {},
    ),
    "aws:lambda/permission:Permission": (
        "lambda",
        ["AddPermissionRequest"],
        {"function": "AddPermissionRequest.FunctionName", "statementIdPrefix": "AddPermissionRequest.StatementId"},
    ),
    "aws:organizations/policy:Policy": ("organizations", ["CreatePolicyRequest"], {}),
    "aws:organizations/policyAttachment:PolicyAttachment": ("organizations", ["AttachPolicyRequest"], {}),
    "aws:s3/bucket:Bucket": ("s3", ["CreateBucketRequest"], {"bucket": IN_WORDS, "bucketPrefix": IN_WORDS}),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": (
        "s3",
        ["PutBucketLifecycleConfigurationRequest", "BucketLifecycleConfiguration"],
        {},
    ),
    "aws:s3/bucketLogging:BucketLogging": ("s3", ["PutBucketLoggingRequest", "LoggingEnabled"], {}),
    "aws:s3/bucketNotification:BucketNotification": (
        "s3",
        ["PutBucketNotificationConfigurationRequest", "NotificationConfiguration"],
        {
            "lambdaFunctions": "NotificationConfiguration.LambdaFunctionConfigurations",
            "lambdaFunctions[].filterPrefix": "FilterRule.Value",
            "lambdaFunctions[].filterSuffix": "FilterRule.Value",
            "queues": "NotificationConfiguration.QueueConfigurations",
            "queues[].filterPrefix": "FilterRule.Value",
            "queues[].filterSuffix": "FilterRule.Value",
            "topics": "NotificationConfiguration.TopicConfigurations",
            "topics[].filterPrefix": "FilterRule.Value",
            "topics[].filterSuffix": "FilterRule.Value",
        },
    ),
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": (
        "s3",
        ["PutObjectLockConfigurationRequest", "ObjectLockConfiguration"],
        {},
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": (
        "s3",
        ["PutObjectRequest"],
        {
            "content": FILES,
            "contentBase64": FILES,
            "etag": ANSWERED,
            "kmsKeyId": "PutObjectRequest.SSEKMSKeyId",
            "objectLockRetainUntilDate": "none: a time; the type itself checks it",
            "source": FILES,
            "sourceHash": OURS,
            "websiteRedirect": "PutObjectRequest.WebsiteRedirectLocation",
        },
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": (
        "s3",
        ["PutBucketOwnershipControlsRequest"],
        {"rule": "OwnershipControls.Rules"},
    ),
    "aws:s3/bucketPolicy:BucketPolicy": ("s3", ["PutBucketPolicyRequest"], {}),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ("s3", ["PutPublicAccessBlockRequest"], {}),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        "s3",
        ["PutBucketEncryptionRequest", "ServerSideEncryptionConfiguration"],
        {"rules[].blockedEncryptionTypes": "BlockedEncryptionTypes.EncryptionType"},
    ),
    "aws:s3/bucketVersioning:BucketVersioning": ("s3", ["PutBucketVersioningRequest"], {}),
    "aws:sns/topic:Topic": (
        "sns",
        ["CreateTopicInput"],
        {
            "applicationFailureFeedbackRoleArn": ATTRIBUTE,
            "applicationSuccessFeedbackRoleArn": ATTRIBUTE,
            "deliveryPolicy": ATTRIBUTE,
            "firehoseFailureFeedbackRoleArn": ATTRIBUTE,
            "firehoseSuccessFeedbackRoleArn": ATTRIBUTE,
            "httpFailureFeedbackRoleArn": ATTRIBUTE,
            "httpSuccessFeedbackRoleArn": ATTRIBUTE,
            "kmsMasterKeyId": ATTRIBUTE,
            "lambdaFailureFeedbackRoleArn": ATTRIBUTE,
            "lambdaSuccessFeedbackRoleArn": ATTRIBUTE,
            "namePrefix": NAME,
            "policy": ATTRIBUTE,
            "sqsFailureFeedbackRoleArn": ATTRIBUTE,
            "sqsSuccessFeedbackRoleArn": ATTRIBUTE,
        },
    ),
    "aws:sns/topicPolicy:TopicPolicy": (
        "sns",
        ["SetTopicAttributesInput"],
        {"arn": "SetTopicAttributesInput.TopicArn", "policy": ATTRIBUTE},
    ),
    "aws:sqs/queue:Queue": (
        "sqs",
        ["CreateQueueRequest"],
        {
            "kmsMasterKeyId": ATTRIBUTE,
            "namePrefix": NAME,
            "policy": ATTRIBUTE,
            "redriveAllowPolicy": ATTRIBUTE,
            "redrivePolicy": ATTRIBUTE,
        },
    ),
    "aws:sqs/queuePolicy:QueuePolicy": ("sqs", ["SetQueueAttributesRequest"], {"policy": ATTRIBUTE}),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": (
        "sqs",
        ["SetQueueAttributesRequest"],
        {"redriveAllowPolicy": ATTRIBUTE},
    ),
    "aws:ssm/parameter:Parameter": ("ssm", ["PutParameterRequest"], {"insecureValue": "PutParameterRequest.Value"}),
    "aws:xray/samplingRule:SamplingRule": ("xray", ["CreateSamplingRuleRequest", "SamplingRule"], {}),
}

DOCS = "https://docs.aws.amazon.com/"
SEEN = "as known on 2026-11-25, not looked up that day"
FUNCTION = f"{DOCS}lambda/latest/dg/gettingstarted-limits.html, {SEEN}"
LIFECYCLE = f"{DOCS}AmazonS3/latest/userguide/intro-lifecycle-rules.html, {SEEN}"
LOCK = f"{DOCS}AmazonS3/latest/userguide/object-lock.html, {SEEN}"
QUEUE = f"{DOCS}AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html, {SEEN}"
TOPIC = f"{DOCS}sns/latest/api/API_CreateTopic.html and API_SetTopicAttributes.html, {SEEN}"
RULES = f"{DOCS}AWSEC2/latest/APIReference/API_IpRange.html and API_IpPermission.html, {SEEN}"
RETENTION = f"{DOCS}AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html, {SEEN}; 0 is our word for ever"
PARAMETER = f"{DOCS}systems-manager/latest/APIReference/API_PutParameter.html, {SEEN}; 4 KiB unless advanced"
TRAIL = f"{DOCS}awscloudtrail/latest/APIReference/API_CreateTrail.html, {SEEN}"
ALARM = f"{DOCS}AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, as of 2026-11-26"
TABLE = f"{DOCS}amazondynamodb/latest/developerguide/ServiceQuotas.html, {SEEN}"
LIFECYCLES = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
LOCKS = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"

AT_LEAST_ONE = {"min": 1}
PORT = {"min": -1, "max": 65535}
TEXT = {
    "maxLength": 255,
    "pattern": r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]*",
    "words": "letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*",
}
FIFO_NAME = {"pattern": r"[A-Za-z0-9_-]+(\.fifo)?", "words": "letters, digits, `-` and `_`, and `.fifo` at the end"}
SHARE = {"min": 0, "max": 100}

HAND = {
    "aws:cloudtrail/trail:Trail name": (
        {
            "minLength": 3,
            "maxLength": 128,
            "pattern": r"[a-zA-Z0-9]+([._-][a-zA-Z0-9]+)*",
            "words": "letters and digits, with single `.`, `_` and `-` between",
        },
        TRAIL,
    ),
    "aws:cloudtrail/trail:Trail s3KeyPrefix": ({"maxLength": 200}, TRAIL),
    "aws:cloudtrail/trail:Trail snsTopicName": ({"maxLength": 256}, TRAIL),
    "aws:cloudwatch/logGroup:LogGroup retentionInDays": (
        {
            "oneOf": [
                *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
                *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
            ]
        },
        RETENTION,
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm dimensions": ({"maxItems": 30}, ALARM),
    "aws:cloudwatch/metricAlarm:MetricAlarm evaluateLowSampleCountPercentiles": (
        {"maxLength": None, "oneOf": ["evaluate", "ignore"]},
        ALARM,
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm metricQueries[].metric.dimensions": ({"maxItems": 30}, ALARM),
    "aws:cloudwatch/metricAlarm:MetricAlarm treatMissingData": (
        {"maxLength": None, "oneOf": ["breaching", "notBreaching", "ignore", "missing"]},
        ALARM,
    ),
    "aws:dynamodb/table:Table localSecondaryIndexes": ({"maxItems": 5}, TABLE),
    f"{GROUP} egress[].description": (TEXT, RULES),
    f"{GROUP} egress[].fromPort": (PORT, RULES),
    f"{GROUP} egress[].toPort": (PORT, RULES),
    f"{GROUP} ingress[].description": (TEXT, RULES),
    f"{GROUP} ingress[].fromPort": (PORT, RULES),
    f"{GROUP} ingress[].toPort": (PORT, RULES),
    "aws:ec2/vpc:Vpc ipv4NetmaskLength": (
        {"min": 16, "max": 28},
        f"{DOCS}vpc/latest/userguide/vpc-cidr-blocks.html, {SEEN}",
    ),
    "aws:kms/key:Key deletionWindowInDays": (
        {"min": 7, "max": 30},
        f"{DOCS}kms/latest/APIReference/API_ScheduleKeyDeletion.html, {SEEN}; the model has 1 to 365",
    ),
    "aws:lambda/function:Function layers": ({"maxItems": 5}, FUNCTION),
    "aws:lambda/function:Function memorySize": ({"min": 128, "max": 10240}, f"{FUNCTION}; the model allows more"),
    "aws:lambda/function:Function name": (
        {"maxLength": 64, "pattern": r"[a-zA-Z0-9-_]+", "words": "letters, digits, `-` and `_`"},
        f"{DOCS}lambda/latest/api/API_CreateFunction.html, {SEEN}: an ARN names one that exists",
    ),
    "aws:lambda/function:Function reservedConcurrentExecutions": ({"min": -1}, FUNCTION),
    "aws:lambda/function:Function s3Bucket": (
        {"pattern": r"[0-9A-Za-z.\-_]*"},
        "the model looks behind, which Rust cannot: that a name does not end in a dot is left to AWS",
    ),
    "aws:lambda/function:Function s3Key": ({"pattern": None}, "the model's `.*` fits every key"),
    "aws:lambda/function:Function s3ObjectVersion": ({"pattern": None}, "the model's `.*` fits every version"),
    "aws:lambda/function:Function timeout": ({"min": 1, "max": 900}, FUNCTION),
    f"{LIFECYCLES} rules[].abortIncompleteMultipartUpload.daysAfterInitiation": (AT_LEAST_ONE, LIFECYCLE),
    f"{LIFECYCLES} rules[].expiration.days": (AT_LEAST_ONE, LIFECYCLE),
    f"{LIFECYCLES} rules[].filter.and.objectSizeGreaterThan": ({"min": 0}, LIFECYCLE),
    f"{LIFECYCLES} rules[].filter.and.objectSizeLessThan": (AT_LEAST_ONE, LIFECYCLE),
    f"{LIFECYCLES} rules[].filter.objectSizeGreaterThan": ({"min": 0}, LIFECYCLE),
    f"{LIFECYCLES} rules[].filter.objectSizeLessThan": (AT_LEAST_ONE, LIFECYCLE),
    f"{LIFECYCLES} rules[].id": ({"maxLength": 255}, LIFECYCLE),
    f"{LIFECYCLES} rules[].noncurrentVersionExpiration.newerNoncurrentVersions": ({"min": 1, "max": 100}, LIFECYCLE),
    f"{LIFECYCLES} rules[].noncurrentVersionExpiration.noncurrentDays": (AT_LEAST_ONE, LIFECYCLE),
    f"{LIFECYCLES} rules[].noncurrentVersionTransitions[].newerNoncurrentVersions": ({"min": 1, "max": 100}, LIFECYCLE),
    f"{LIFECYCLES} rules[].noncurrentVersionTransitions[].noncurrentDays": ({"min": 0}, LIFECYCLE),
    f"{LIFECYCLES} rules": ({"maxItems": 1000}, LIFECYCLE),
    f"{LIFECYCLES} rules[].transitions[].days": ({"min": 0}, LIFECYCLE),
    f"{LOCKS} rule.defaultRetention.days": ({"min": 1, "max": 36500}, LOCK),
    f"{LOCKS} rule.defaultRetention.years": ({"min": 1, "max": 100}, LOCK),
    "aws:s3/bucketObjectv2:BucketObjectv2 key": (
        {"maxLength": 1024},
        f"{DOCS}AmazonS3/latest/userguide/object-keys.html, {SEEN}: 1024 bytes",
    ),
    "aws:sns/topic:Topic applicationSuccessFeedbackSampleRate": (SHARE, TOPIC),
    "aws:sns/topic:Topic displayName": ({"maxLength": 100}, TOPIC),
    "aws:sns/topic:Topic fifoThroughputScope": ({"oneOf": ["Topic", "MessageGroup"]}, TOPIC),
    "aws:sns/topic:Topic firehoseSuccessFeedbackSampleRate": (SHARE, TOPIC),
    "aws:sns/topic:Topic httpSuccessFeedbackSampleRate": (SHARE, TOPIC),
    "aws:sns/topic:Topic lambdaSuccessFeedbackSampleRate": (SHARE, TOPIC),
    "aws:sns/topic:Topic name": ({"maxLength": 256} | FIFO_NAME, TOPIC),
    "aws:sns/topic:Topic signatureVersion": ({"min": 1, "max": 2}, TOPIC),
    "aws:sns/topic:Topic sqsSuccessFeedbackSampleRate": (SHARE, TOPIC),
    "aws:sns/topic:Topic tracingConfig": ({"oneOf": ["PassThrough", "Active"]}, TOPIC),
    "aws:sqs/queue:Queue deduplicationScope": ({"oneOf": ["messageGroup", "queue"]}, QUEUE),
    "aws:sqs/queue:Queue delaySeconds": ({"min": 0, "max": 900}, QUEUE),
    "aws:sqs/queue:Queue fifoThroughputLimit": ({"oneOf": ["perQueue", "perMessageGroupId"]}, QUEUE),
    "aws:sqs/queue:Queue kmsDataKeyReusePeriodSeconds": ({"min": 60, "max": 86400}, QUEUE),
    "aws:sqs/queue:Queue maxMessageSize": ({"min": 1024, "max": 1048576}, f"{QUEUE}; 1 MiB since 2025-08"),
    "aws:sqs/queue:Queue messageRetentionSeconds": ({"min": 60, "max": 1209600}, QUEUE),
    "aws:sqs/queue:Queue name": ({"maxLength": 80} | FIFO_NAME, QUEUE),
    "aws:sqs/queue:Queue receiveWaitTimeSeconds": ({"min": 0, "max": 20}, QUEUE),
    "aws:sqs/queue:Queue visibilityTimeoutSeconds": ({"min": 0, "max": 43200}, QUEUE),
    "aws:ssm/parameter:Parameter insecureValue": ({"maxLength": 8192}, PARAMETER),
    "aws:ssm/parameter:Parameter value": ({"maxLength": 8192}, PARAMETER),
    "aws:xray/samplingRule:SamplingRule version": (
        {"min": 1, "max": 1},
        f"{DOCS}xray/latest/devguide/xray-api-sampling.html, {SEEN}: there is version 1 only",
    ),
}

# Of all services: https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html, as known on 2026-11-25; a model goes before.
COMMON_TAG_KEY = {"maxLength": 128}
COMMON_TAG_VALUE = {"maxLength": 256}

OPEN_ENUMS = {
    "Event",  # of S3's notifications
    "KeySpec",  # of KMS
    "ProcessorParameterName",  # of Firehose
    "Runtime",  # of Lambda
    "ProcessorType",
    "TransitionStorageClass",  # of S3
    "VpcEndpointType",
}

UNENFORCED = {}
