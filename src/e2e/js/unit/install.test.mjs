import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { standIn } from '../support/stand-ins.mjs'

const CABLE = 'wss://app.example/cable'
const PROTOCOLS = ['actioncable-v1-json', 'actioncable-unsupported']
let browser
let Native
beforeEach(async () => {
  browser = await standIn()
  Native = WebSocket
})
afterEach(() => mock.timers.reset())

/** The bridge to which a client's socket connects after its WebSocket was refused. */
const bridge = async (socket) => {
  await browser.settle()
  assert.equal(browser.sockets.length, 1)
  browser.sockets[0].ends()
  await browser.settle()
  assert.equal(browser.streams.length, 1)
  socket.close()
  return browser.streams[0].url.href.match(/^(.*)\/[\w-]+\?/)[1]
}

describe("CableSocket.install, for Action Cable's sockets", () => {
  for (const [client, protocols] of Object.entries({ '@rails/actioncable': PROTOCOLS, '@anycable/core': 'actioncable-v1-ext-json', 'a token of AnyCable': ['actioncable-v1-json', 'anycable-token.x'] }))
    test(`${client} gets one that falls back`, async () => {
      browser.CableSocket.install('https://cable.example/bridge')
      const socket = new WebSocket(CABLE, protocols)
      assert.ok(socket instanceof browser.CableSocket)
      assert.equal(await bridge(socket), 'https://cable.example/bridge')
      assert.deepEqual(browser.sockets[0].protocols, protocols)
    })

  test('options are those of at()', async () => {
    browser.CableSocket.install('/bridge', { transports: ['eventsource'] })
    new WebSocket(CABLE, PROTOCOLS)
    await browser.settle()
    assert.deepEqual([browser.sockets.length, browser.streams.length], [0, 1])
  })

  test('called again, it replaces the bridge, also for a client that keeps the class', async () => {
    browser.CableSocket.install('/first')
    const kept = WebSocket
    browser.CableSocket.install('/second')
    assert.equal(WebSocket, kept)
    assert.equal(await bridge(new kept(CABLE, PROTOCOLS)), 'https://app.example/second')
  })

  test('a second copy of the script, in another bundle, takes over and dials the native class', async () => {
    browser.CableSocket.install('/first')
    const { CableSocket } = await import(`../../../../webapp/-/cablestream.js?${Math.random()}`)
    CableSocket.install('/second')
    assert.equal(await bridge(new WebSocket(CABLE, PROTOCOLS)), 'https://app.example/second')
    assert.ok(browser.sockets[0] instanceof Native)
  })

  test('the names of the states are enumerable statics, as Action Cable looks for them', () => {
    Object.assign(Native, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })
    browser.CableSocket.install('/bridge')
    const states = {}
    for (const name in WebSocket) if (name !== 'all') states[name] = WebSocket[name]
    assert.deepEqual(states, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })
  })
})

describe('CableSocket.install, for all other sockets', () => {
  beforeEach(() => browser.CableSocket.install('/bridge'))

  for (const protocols of [undefined, [], 'graphql-ws', ['mqtt', 'x-actioncable-v1']])
    test(`subprotocols ${JSON.stringify(protocols)}: the native class`, () => {
      const socket = new WebSocket('wss://other.example/', protocols)
      assert.equal(Object.getPrototypeOf(socket), Native.prototype)
      assert.ok(socket instanceof WebSocket)
      assert.deepEqual([socket.url, socket.protocols], ['wss://other.example/', protocols])
    })

  test("another site's Action Cable server, which a widget in the page may use: the native class", () => {
    assert.equal(Object.getPrototypeOf(new WebSocket('wss://widget.example/cable', PROTOCOLS)), Native.prototype)
  })

  test('a subclass stays one', () => {
    class Logged extends WebSocket {
      logged = true
    }
    const socket = new Logged(CABLE, PROTOCOLS)
    assert.ok(socket instanceof Logged && socket instanceof Native && socket.logged)
  })
})

test("the application's hosts are the page's, the bridge's and that of Rails' action_cable_meta_tag", async () => {
  browser = await standIn({ cableMetas: [{ content: 'wss://rails.example/cable' }] })
  browser.CableSocket.install('https://cable.example/bridge')
  for (const host of ['app.example', 'app.example:3000', 'cable.example', 'rails.example']) assert.ok(new WebSocket(`wss://${host}/cable`, PROTOCOLS) instanceof browser.CableSocket, host)
  assert.equal(new WebSocket('wss://example/cable', PROTOCOLS) instanceof browser.CableSocket, false)
})

test('where Turbo was loaded before, the console says so: its client keeps the native class', async (t) => {
  const warn = t.mock.method(console, 'warn', () => {})
  browser.CableSocket.install('/bridge')
  assert.equal(warn.mock.callCount(), 0)
  Object.defineProperty(globalThis, 'customElements', { value: { get: () => class {} }, configurable: true, writable: true })
  t.after(() => delete globalThis.customElements)
  browser = await standIn()
  browser.CableSocket.install('/bridge')
  assert.match(warn.mock.calls[0].arguments[0], /Turbo was loaded before/)
})

test('in a worker, which has no document', async () => {
  Object.defineProperty(globalThis, 'document', { value: undefined, configurable: true, writable: true })
  browser.CableSocket.install('/bridge')
  assert.ok(new WebSocket(CABLE, PROTOCOLS) instanceof browser.CableSocket)
})

test('where pages are rendered on a server without any of this, importing it does no harm', () => {
  const text = readFileSync(new URL('../../../../webapp/-/cablestream.js', import.meta.url), 'utf8').replace(/^export /gm, '')
  runInNewContext(`${text}\nCableSocket.install('/bridge')`, { Symbol, Proxy, EventTarget: undefined })
})

test('without WebSocket, for example on a server, install does nothing', async () => {
  Object.defineProperty(globalThis, 'WebSocket', { value: undefined, configurable: true, writable: true })
  const { CableSocket } = await import(`../../../../webapp/-/cablestream.js?${Math.random()}`)
  CableSocket.install('/bridge')
  assert.equal(globalThis.WebSocket, undefined)
})
