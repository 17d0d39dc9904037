import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { asServed, size } from '../support/script-size.mjs'

const folder = fileURLToPath(new URL('../../../../webapp/-/', import.meta.url))
const modules = fileURLToPath(new URL('../node_modules/', import.meta.url))
const script = join(folder, 'cablestream.js')

const inFolder = (t) => {
  const path = mkdtempSync(join(tmpdir(), 'cablestream-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

test('the script is under 11 KiB as it is served: gzipped, without its comments', (t) => {
  const bytes = size(script)
  t.diagnostic(`${bytes} bytes`)
  assert.ok(bytes < 11 * 1024, `${bytes} bytes`)
})

test('it imports nothing, and no comment is left to count', () => {
  const text = asServed(readFileSync(script, 'utf8'))
  assert.doesNotMatch(text, /\bimport\b|\brequire\b/)
  assert.doesNotMatch(text, /\/\*|^\s*\/\//m)
})

/**
 * The oldest browsers in docs/rails.md; support/stand-ins.mjs hides newer APIs from the unit tests.
 */
const BROWSERS = ['chrome92', 'edge92', 'firefox90', 'safari15.4']

test('its syntax is that of the oldest browsers that it is for: a compiler has nothing to rewrite for them', async () => {
  const rewritten = async (text) => {
    const [original, ...others] = await Promise.all(['esnext', BROWSERS].map((target) => transform(text, { target, format: 'esm' })))
    return others.some(({ code }) => code !== original.code)
  }
  const text = readFileSync(script, 'utf8')
  assert.equal(await rewritten(text), false)
  assert.equal(await rewritten(`${text}\nclass Newer { static { Newer.made = true } }`), true, 'Chrome 94, Firefox 93, Safari 16.4')
})

const pack = (path) => JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', path], { cwd: folder, encoding: 'utf8' }))[0]

test('its authors are the maintainers in pom.xml', () => {
  const [, name, email] = readFileSync(join(folder, '../../pom.xml'), 'utf8').match(/<developer>\s*<name>(.*)<\/name>\s*<email>(.*)<\/email>/)
  assert.equal(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).author, `${name} <${email}>`)
})

/** A project with the package as installed from a registry. */
const project = (t) => {
  const path = inFolder(t)
  const { filename } = pack(path)
  writeFileSync(join(path, 'package.json'), '{"type":"module"}')
  execFileSync('npm', ['install', '--offline', '--no-package-lock', join(path, filename)], { cwd: path })
  return path
}

test('npm pack packs the script, its declarations and what they are', (t) => {
  const { files } = pack(inFolder(t))
  assert.deepEqual(files.map((file) => file.path).sort(), ['LICENSE', 'README.md', 'cablestream.d.ts', 'cablestream.js', 'package.json'])
  assert.equal(readFileSync(join(folder, 'LICENSE'), 'utf8'), readFileSync(join(folder, '../../LICENSE'), 'utf8'))
})

test('npm publish fails only because no user is logged in', () => {
  const { stderr, status } = spawnSync('npm', ['publish', '--dry-run'], { cwd: folder, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const warnings = stderr.split('\n').filter((line) => /^npm (warn|error)/.test(line) && !line.includes('logged in'))
  assert.deepEqual(warnings, [])
})

test('packed and installed, it is imported by its name', (t) => {
  const path = project(t)
  const names = execFileSync('node', ['-e', 'import("cablestream").then((script) => console.log(Object.keys(script).join()))'], { cwd: path, encoding: 'utf8' })
  assert.equal(names.trim(), 'CableEvents,CableSocket,cableTurbo')
})

test('packed and installed, a bundler includes it, and only what is used of it', (t) => {
  const path = project(t)
  writeFileSync(join(path, 'page.js'), 'import { CableSocket } from "cablestream"; globalThis.socket = CableSocket.at("/bridge")')
  const esbuild = join(modules, 'esbuild/bin/esbuild')
  execFileSync(esbuild, ['page.js', '--bundle', '--format=iife', '--outfile=bundle.js', '--log-level=warning'], { cwd: path })
  const name = execFileSync('node', ['-e', 'require("vm").runInThisContext(require("fs").readFileSync("bundle.js", "utf8")); console.log(typeof socket)'], { cwd: path, encoding: 'utf8' })
  assert.equal(name.trim(), 'function')
})

for (const [module, resolution] of [['esnext', 'bundler'], ['nodenext', 'nodenext']]) {
  test(`packed and installed, TypeScript finds its types (moduleResolution ${resolution})`, (t) => {
    const path = project(t)
    writeFileSync(join(path, 'use.ts'), USE.replace('CABLESTREAM', 'cablestream'))
    const compiler = join(modules, 'typescript/bin/tsc')
    execFileSync('node', [compiler, '--noEmit', '--strict', '--target', 'es2022', '--module', module, '--moduleResolution', resolution, '--lib', 'es2022,dom', 'use.ts'], { cwd: path, encoding: 'utf8' })
  })
}

const USE = `
import { CableEvents, CableSocket, cableTurbo, type Transport } from 'CABLESTREAM'
declare const adapters: { WebSocket: new (url: string, protocols?: string | string[]) => Pick<WebSocket, 'send' | 'close' | 'readyState'> }
adapters.WebSocket = CableSocket.at('https://cable.example.org/bridge', {
  transports: ['eventsource', 'poll'],
  patience: 10_000,
  onTransport: ({ detail }) => console.log(detail.transport, detail.failures.map(({ reason }) => reason.length))
})
CableSocket.install(new URL('https://cable.example.org/bridge'), { patience: 0 })
const socket = new (CableSocket.at('/bridge'))('/cable', ['actioncable-v1-json'])
socket.onmessage = ({ data }) => console.log(data)
socket.addEventListener('close', ({ code }) => console.log(code.toFixed()))
const transport: Transport | undefined = socket.transport
declare const cable: { getConsumer(): Promise<unknown>; setConsumer(consumer: object): object }
cableTurbo(cable, {}).then(() => undefined)
const events = new CableEvents('/bridge', { query: 'token=1' })
const chat = events.subscribe({ channel: 'ChatChannel', room: 1 }, { received: (message) => console.log(message), rejected() {} })
chat.send({ action: 'speak' }).catch((error) => console.log(error.message))
events.addEventListener('gap', ({ detail }) => console.log(detail.dropped))
console.log(transport)
`
const check = (t, use) => {
  const path = inFolder(t)
  writeFileSync(join(path, 'use.ts'), use.replace('CABLESTREAM', script))
  try {
    execFileSync('node', [join(modules, 'typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom', join(path, 'use.ts')], { encoding: 'utf8' })
  } catch (error) {
    return error.stdout
  }
}

test('TypeScript accepts a program that uses all of it', (t) => {
  assert.equal(check(t, USE), undefined)
})

test('TypeScript finds a rung that does not exist, and a wrong handler', (t) => {
  assert.match(check(t, USE.replace("'eventsource', 'poll'", "'carrier-pigeon'")), /carrier-pigeon/)
  assert.match(check(t, USE.replace('received: (message)', 'recieved: (message)')), /recieved/)
})
