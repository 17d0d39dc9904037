import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { asServed, size } from '../support/script-size.mjs'

const folder = fileURLToPath(new URL('../../../../webapp/-/', import.meta.url))
const modules = fileURLToPath(new URL('../node_modules/', import.meta.url))
const script = join(folder, 'cablestream.js')

const inFolder = (t) => {
  const path = mkdtempSync(join(tmpdir(), 'cablestream-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}

test('the script is under 7 KiB as it is served: gzipped, without its comments', (t) => {
  const bytes = size(script)
  t.diagnostic(`${bytes} bytes`)
  assert.ok(bytes < 7 * 1024, `${bytes} bytes`)
})

test('it imports nothing, and no comment is left to count', () => {
  const text = asServed(readFileSync(script, 'utf8'))
  assert.doesNotMatch(text, /\bimport\b|\brequire\b/)
  assert.doesNotMatch(text, /\/\*|^\s*\/\//m)
})

test('npm pack packs the script, its declarations and its description', (t) => {
  const path = inFolder(t)
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', path], { cwd: folder, encoding: 'utf8' }))
  assert.deepEqual(packed.files.map((file) => file.path).sort(), ['cablestream.d.ts', 'cablestream.js', 'package.json'])
})

test('packed and installed, it is imported by its name', (t) => {
  const path = inFolder(t)
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', path], { cwd: folder, encoding: 'utf8' }))
  writeFileSync(join(path, 'package.json'), '{"type":"module"}')
  execFileSync('npm', ['install', '--offline', '--no-package-lock', join(path, filename)], { cwd: path })
  const names = execFileSync('node', ['-e', 'import("cablestream").then((script) => console.log(Object.keys(script).join()))'], { cwd: path, encoding: 'utf8' })
  assert.equal(names.trim(), 'CableEvents,CableSocket,cableTurbo')
})

const USE = `
import { CableEvents, CableSocket, cableTurbo, type Transport } from 'CABLESTREAM'
declare const adapters: { WebSocket: new (url: string, protocols?: string | string[]) => Pick<WebSocket, 'send' | 'close' | 'readyState'> }
adapters.WebSocket = CableSocket.at('https://cable.example.org/bridge', {
  transports: ['eventsource', 'poll'],
  patience: 10_000,
  onTransport: ({ detail }) => console.log(detail.transport, detail.failures.map(({ reason }) => reason.length))
})
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

test('TypeScript takes a program that uses all of it', (t) => {
  assert.equal(check(t, USE), undefined)
})

test('TypeScript finds a rung that does not exist, and a wrong handler', (t) => {
  assert.match(check(t, USE.replace("'eventsource', 'poll'", "'carrier-pigeon'")), /carrier-pigeon/)
  assert.match(check(t, USE.replace('received: (message)', 'recieved: (message)')), /recieved/)
})
