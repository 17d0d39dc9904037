import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startWorld } from '../support/world.mjs'

/*
 * The Action Cable protocol through the tunnel is that of a WebSocket: the same client scripts over
 * the browser's own WebSocket and over each transport of the bridge, comparing every frame and
 * event.
 */
let world
before(async () => (world = await startWorld({ own: true })))
after(() => world?.stop())

/**
 * Each step is [verb, …]: send a frame; wait for a frame that contains a text; close; control;
 * ended.
 */
const ECHO = JSON.stringify({ channel: 'EchoChannel' })
const command = (command, identifier, data) => ['send', JSON.stringify({ command, identifier, ...(data && { data: JSON.stringify(data) }) })]
const SCRIPTS = {
  'subscribe, perform, unsubscribe': [
    ['wait', 'welcome'],
    command('subscribe', ECHO),
    ['wait', 'confirm_subscription'],
    command('message', ECHO, { action: 'echo', text: 'é \u2028 "quoted" </script>', big: 12345678901234 }),
    ['wait', 'quoted'],
    command('unsubscribe', ECHO),
    command('subscribe', JSON.stringify({ channel: 'EchoChannel', again: true })),
    ['wait', 'again'],
    ['close', 1000, 'done'],
    ['ended']
  ],
  'a transmit before the confirmation': [
    ['wait', 'welcome'],
    command('subscribe', JSON.stringify({ channel: 'EchoChannel', greeting: 'hello' })),
    ['wait', 'confirm_subscription'],
    ['close'],
    ['ended']
  ],
  'a rejection': [['wait', 'welcome'], command('subscribe', '{"channel":"RejectChannel"}'), ['wait', 'reject_subscription'], ['close'], ['ended']],
  'identifiers in any spelling are echoed': [
    ['wait', 'welcome'],
    command('subscribe', '{ "b": 1.0, "channel": "EchoChannel", "a": "<é>" }'),
    ['wait', 'confirm_subscription'],
    ['close'],
    ['ended']
  ],
  'a burst comes whole and in order': [
    ['wait', 'welcome'],
    command('subscribe', '{"channel":"BurstChannel"}'),
    ['wait', 'confirm_subscription'],
    command('message', '{"channel":"BurstChannel"}', { action: 'burst', count: 300, size: 100 }),
    ['wait', '"n":300'],
    ['close'],
    ['ended']
  ],
  'subscribing twice, to an unknown channel, and nonsense': [
    ['wait', 'welcome'],
    command('subscribe', ECHO),
    ['wait', 'confirm_subscription'],
    command('subscribe', ECHO),
    command('subscribe', '{"channel":"NoSuchChannel"}'),
    command('message', ECHO, { action: 'no_such_action' }),
    command('message', ECHO, { action: 'echo', text: 'still there' }),
    ['wait', 'still there'],
    ['close', 3001, 'bye'],
    ['ended']
  ],
  'the server disconnects, reconnect wanted': [['wait', 'welcome'], ['control', 'disconnect', true], ['ended']],
  'the server disconnects for good': [['wait', 'welcome'], ['control', 'disconnect', false], ['ended']],
  'the server restarts': [['wait', 'welcome'], command('subscribe', ECHO), ['wait', 'confirm_subscription'], ['control', 'restart'], ['ended']],
  unauthorized: [['ended'], { query: '&unauthorized=1' }]
}

/** Runs the steps with a socket class; returns what was received, without pings. */
const perform = async (page, transports, steps, user) => {
  const query = steps.at(-1).query ?? ''
  await page.evaluate(
    async ([transports, url]) => {
      const { CableSocket } = await import('cablestream')
      const Socket = transports ? CableSocket.at('/bridge', { transports }) : WebSocket
      window.log = []
      window.socket = new Socket(new URL(url, location.href.replace('http', 'ws')).href, ['actioncable-v1-json', 'actioncable-unsupported'])
      window.socket.onopen = () => window.log.push(`open ${window.socket.protocol} ${window.socket.readyState}`)
      window.socket.onmessage = ({ data }) => data.includes('"type":"ping"') || window.log.push(data)
      window.socket.onclose = ({ code, reason, wasClean }) =>
        // Rails responds to a close without a code with 1000; the fake server without one.
        window.log.push(`close ${code === 1005 ? 1000 : code} ${reason} ${wasClean} ${window.socket.readyState}`)
    },
    [transports, `/cable?token=${user}${query}`]
  )
  for (const [verb, ...parameters] of steps.filter(Array.isArray)) {
    if (verb === 'send') await page.evaluate((frame) => window.socket.send(frame), parameters[0])
    if (verb === 'wait') await page.waitForFunction((text) => window.log.some((line) => line.includes(text)), parameters[0])
    if (verb === 'close') await page.evaluate((parameters) => window.socket.close(...parameters), parameters)
    if (verb === 'control') await world.control(parameters[0], { user, reconnect: parameters[1] })
    if (verb === 'ended') await page.waitForFunction(() => window.log.at(-1)?.startsWith('close'))
  }
  return page.evaluate(() => window.log)
}

describe('the same frames as over a WebSocket', () => {
  for (const [name, steps] of Object.entries(SCRIPTS))
    test(name, async (t) => {
      const page = await world.page({ faults: {} })
      t.after(() => page.close())
      const user = () => `conform-${Math.random().toString(36).slice(2)}`
      const direct = await perform(page, undefined, steps, user())
      assert.ok(direct.length >= 2)
      for (const rung of ['websocket', 'eventsource', 'fetch', 'poll']) {
        const log = await perform(page, [rung], steps, user())
        const first = direct.findIndex((line, n) => line !== log[n])
        assert.equal(log[first], direct[first], `${rung}, line ${first}`)
        assert.equal(log.length, direct.length, rung)
      }
    })
})
