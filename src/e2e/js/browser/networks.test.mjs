import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { eventually, startWorld } from '../support/world.mjs'
import { startGate } from '../support/front.mjs'

/*
 * Hostile networks: which rung is chosen, after what time the first frame is there, and that no
 * message is lost meanwhile. Prints the table.
 */
let world
const table = {}
before(async () => (world = await startWorld()))
after(async () => {
  await world?.stop()
  console.log('| network | way | first frame (ms) | messages lost |\n|---|---|--:|--:|')
  for (const { name } of NETWORKS) if (table[name]) console.log(`| ${name} | ${table[name].join(' | ')} |`)
})

const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time))
const MESSAGES = 60

/** In the page: a consumer with a subscription to a chat room; numbers that arrive in `window.numbers`. */
const listen = (page, room, options = {}, client = 'actioncable') =>
  page.evaluate(
    async ([room, options, client]) => {
      const { CableSocket } = await import('cablestream')
      window.sockets = []
      window.numbers = []
      window.events = []
      const Socket = class extends CableSocket.at('/bridge', options) {
        constructor(...parameters) {
          super(...parameters)
          window.sockets.push(this)
          this.began = performance.now()
          this.addEventListener('open', () => (window.firstFrame ??= performance.now() - this.began))
        }
      }
      if (client === 'actioncable') {
        const { adapters, createConsumer } = await import('@rails/actioncable')
        adapters.WebSocket = Socket
        window.consumer = createConsumer('/cable')
      } else {
        const { createConsumer } = await import('@anycable/web')
        window.consumer = createConsumer(new URL('/cable', location.href.replace('http', 'ws')).href, { websocketImplementation: Socket, logLevel: 'error' })
      }
      window.subscription = window.consumer.subscriptions.create({ channel: 'ChatChannel', room }, {
        connected: () => window.events.push('connected'),
        disconnected: () => window.events.push('disconnected'),
        received: ({ n, text }) => window.numbers.push(n ?? Number(text))
      })
    },
    [room, options, client]
  )

const state = (page) =>
  page.evaluate(() => ({
    numbers: window.numbers,
    events: window.events,
    transport: window.sockets.at(-1)?.transport,
    sockets: window.sockets.length,
    failures: window.sockets.at(-1)?.failures,
    firstFrame: Math.round(window.firstFrame)
  }))

/** What is chosen, and for how many deadlines it is waited before: a silent rung has 2.5 s. */
const DEADLINE = 2500
const NETWORKS = [
  { name: 'fine', faults: {}, chosen: 'websocket', waits: 0 },
  { name: 'upgrade answered 403', faults: { upgrade: 'refuse' }, chosen: 'eventsource', waits: 0 },
  { name: 'upgrade hangs', faults: { upgrade: 'hang' }, chosen: 'eventsource', waits: 1 },
  { name: '101, then killed', faults: { upgrade: 'kill' }, chosen: 'eventsource', waits: 0 },
  { name: '101, then silence', faults: { upgrade: 'mute' }, chosen: 'eventsource', waits: 1 },
  { name: 'GET streams buffered', faults: { upgrade: 'refuse', streams: 'buffer-gets' }, chosen: 'fetch', waits: 1 },
  { name: 'every response buffered', faults: { upgrade: 'refuse', streams: 'buffer-all' }, chosen: 'poll', waits: 2 },
  { name: 'streams cut every 5 s', faults: { upgrade: 'refuse', cut: 5000 }, chosen: 'eventsource', waits: 0, time: 12_000 },
  { name: 'first chunk held until the second', faults: { upgrade: 'refuse', streams: 'hold' }, chosen: 'eventsource', waits: 0 },
  { name: 'HTTP/1.0', faults: { upgrade: 'refuse', http10: true }, chosen: 'eventsource', waits: 0 },
  { name: 'idle connections killed at 10 s', faults: { upgrade: 'refuse', idle: 10_000 }, chosen: 'eventsource', waits: 0, quiet: 13_000 },
  { name: 'POST answers lost', faults: { upgrade: 'refuse', loseAnswers: 3 }, chosen: 'eventsource', waits: 0 },
  { name: 'POST answers held', faults: { upgrade: 'refuse', holdAnswers: 1 }, chosen: 'eventsource', waits: 0 }
]

test("the README's table has these networks, and the ways that are taken there", () => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8')
  const [, rows] = /<!-- networks:[^]*?\|--:\|\n([^]*?)\n\n<!-- \/networks -->/.exec(readme)
  const expected = NETWORKS.map(({ name, chosen }) => `| ${name} | ${chosen} | 0 |`)
  assert.deepEqual(rows.replaceAll(/\d+ \| 0 \|$/gm, '0 |').split('\n'), expected)
})

describe('hostile networks', { concurrency: 4 }, () => {
  for (const { name, faults, chosen, waits, time = 3000, quiet = 0 } of NETWORKS)
    test(name, async (t) => {
      const page = await world.page({ faults })
      t.after(() => page.close())
      const room = `network-${Math.random()}`
      await listen(page, room)
      await eventually('the subscription', async () => (await state(page)).events.includes('connected'), 20_000)
      await sleep(quiet)
      for (let n = 1; n <= MESSAGES; n++) {
        await world.control('broadcast', { stream: `chat_${room}`, json: JSON.stringify({ n }) })
        if (n % 10 === 0) await page.evaluate((text) => window.subscription.perform('speak', { text }), String(1000 + n))
        await sleep(time / MESSAGES)
      }
      const whole = async () => (await state(page)).numbers.length >= MESSAGES + MESSAGES / 10
      await eventually('all messages', whole, 20_000).catch(() => {})
      const { numbers, transport, sockets, firstFrame, failures } = await state(page)
      const broadcasts = numbers.filter((n) => n < 1000)
      const lost = MESSAGES + MESSAGES / 10 - numbers.length
      table[name] = [transport, firstFrame, lost]
      assert.equal(transport, chosen, JSON.stringify(failures))
      assert.deepEqual(broadcasts, Array.from({ length: MESSAGES }, (_, n) => n + 1))
      assert.deepEqual(numbers.filter((n) => n > 1000).sort(), [1010, 1020, 1030, 1040, 1050, 1060])
      assert.equal(sockets, 1, 'the socket stayed open')
      assert.equal(Math.floor(firstFrame / DEADLINE), waits, `the first frame came after ${firstFrame} ms`)
      await page.close()
    })

  test('nothing gets through: the client is told, and tries again', async () => {
    const page = await world.page({ faults: { upgrade: 'refuse', status: 503 } })
    await listen(page, 'nobody')
    await eventually('another try', async () => (await state(page)).sockets > 1, 30_000)
    const { failures } = await page.evaluate(() => ({ failures: window.sockets[0].failures }))
    assert.deepEqual(failures.map(({ transport }) => transport), ['websocket', 'eventsource', 'fetch', 'poll'])
    await page.close()
  })

  test('what was found out is remembered by the next page', async () => {
    const page = await world.page({ faults: { upgrade: 'hang' } })
    await listen(page, 'memory')
    await eventually('the subscription', async () => (await state(page)).events.includes('connected'))
    await page.reload()
    await listen(page, 'memory')
    await eventually('the subscription', async () => (await state(page)).events.includes('connected'))
    assert.ok((await state(page)).firstFrame < DEADLINE)
    await page.close()
  })
})

describe('the network is cut', { concurrency: 8 }, () => {
  /** A page behind a wire that can be cut, with a subscription to a room. */
  const wired = async (t, client, rung) => {
    const front = await world.network()
    const gate = await startGate(front.port)
    const page = await world.page({ front, url: gate.url })
    t.after(async () => {
      await page.close()
      await gate.stop()
    })
    const room = `cut-${Math.random()}`
    await listen(page, room, { transports: [rung] }, client)
    await eventually('the subscription', async () => (await state(page)).events.includes('connected'))
    const say = (n) => world.control('broadcast', { stream: `chat_${room}`, json: JSON.stringify({ n }) })
    await say(1)
    await eventually('the first', async () => (await state(page)).numbers.length === 1)
    return { gate, page, say }
  }

  const CASES = ['actioncable', 'anycable'].flatMap((client) => ['websocket', 'eventsource', 'fetch', 'poll'].map((rung) => [client, rung]))

  for (const [client, rung] of CASES.filter(([, rung]) => rung !== 'websocket'))
    test(`for 3 s, under ${client} over ${rung}: the socket stays and nothing is lost`, async (t) => {
      const { gate, page, say } = await wired(t, client, rung)
      gate.cut()
      await say(2)
      await sleep(3000)
      gate.mend()
      await say(3)
      await eventually('what was missed', async () => (await state(page)).numbers.length === 3, 6000)
      const { numbers, events, sockets } = await state(page)
      assert.deepEqual([numbers, events, sockets], [[1, 2, 3], ['connected'], 1])
    })

  // AnyCable's pauses after a try that meets another dead connection are too long to wait for.
  for (const rung of ['eventsource', 'fetch', 'poll'])
    test(`for 3 s, over ${rung}, and all connections from before are dead without a word: soon back`, async (t) => {
      const { gate, page, say } = await wired(t, 'actioncable', rung)
      gate.cut()
      await say(2)
      await sleep(3000)
      gate.mendSilently()
      const mended = Date.now()
      for (let n = 3; !(await state(page)).numbers.includes(n - 1) || n < 4; n++) {
        assert.ok(Date.now() - mended < 12_000, `${JSON.stringify(await state(page))}`)
        await say(n)
        await sleep(100)
      }
      const { numbers, sockets } = await state(page)
      t.diagnostic(`back ${Date.now() - mended} ms after the network, with socket ${sockets}`)
      if (sockets === 1) assert.deepEqual(numbers, Array.from({ length: numbers.length }, (_, n) => n + 1))
    })

  for (const [client, rung] of CASES)
    test(`for 60 s, under ${client} over ${rung}: the client comes back by itself`, { skip: !process.env.SLOW && 'slow: set SLOW=1' }, async (t) => {
      const { gate, page, say } = await wired(t, client, rung)
      gate.cut()
      await sleep(60_000)
      assert.ok((await state(page)).events.includes('disconnected'), 'the client has noticed')
      gate.mendSilently()
      const mended = Date.now()
      // AnyCable's pauses double: after a minute one may last as long again, and half as much more.
      await eventually('connected again', async () => (await state(page)).events.lastIndexOf('connected') > 0, client === 'anycable' ? 120_000 : 40_000)
      t.diagnostic(`back ${Date.now() - mended} ms after the network, with socket ${(await state(page)).sockets}`)
      await say(2)
      await eventually('a message', async () => (await state(page)).numbers.includes(2))
      assert.equal(await page.evaluate(() => window.sockets.at(-1).transport), rung)
    })

  test('the browser goes offline for 3 s: back at once, nothing lost', async (t) => {
    const page = await world.page({ faults: {} })
    t.after(() => page.close())
    const room = `offline-${Math.random()}`
    await listen(page, room, { transports: ['eventsource'] })
    await eventually('the subscription', async () => (await state(page)).events.includes('connected'))
    await page.context().setOffline(true)
    page.front.drop()
    await world.control('broadcast', { stream: `chat_${room}`, json: '{"n":1}' })
    await sleep(3000)
    await page.context().setOffline(false)
    await eventually('what was missed', async () => (await state(page)).numbers.includes(1), 2500)
    assert.deepEqual((await state(page)).events, ['connected'])
  })
})
