import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertWhole, CASES, CLIENTS, exchange, isConnected, listen, say, state } from '../support/clients.mjs'
import { startGate } from '../support/front.mjs'
import { rows } from '../support/tables.mjs'
import { ENGINE, eventually, startWorld } from '../support/world.mjs'

/*
 * Hostile networks: which transport is selected, when the first frame arrives, and that no message
 * is lost meanwhile. Prints the table.
 */
let world
const table = {}
before(async () => (world = await startWorld()))
after(async () => {
  if (!world) return
  await world.stop()
  console.log(`${world.browser.name}\n`)
  console.log('| network | way | first frame (ms) | messages lost |\n|---|---|--:|--:|')
  for (const { name } of NETWORKS) if (table[name]) console.log(`| ${name} | ${table[name].join(' | ')} |`)
  console.log('\n| network | way once settled | settled after (s) | lost until then | lost from then on | by the next page |\n|---|---|--:|--:|--:|--:|')
  for (const { name } of DEATHS) if (table[name]) console.log(`| ${name} | ${table[name].join(' | ')} |`)
})

const MESSAGES = 60

/** Networks that accept a WebSocket and then kill it. */
const DEATHS = [
  { name: 'WebSocket cut after 2 s', faults: { socketLife: 2000 } },
  { name: 'WebSocket cut after 15 s', faults: { socketLife: 15_000 } },
  { name: 'WebSocket silent from 1 s on', faults: { socketSilence: 1000 } }
]

/** The selected transport, and the number of timeouts before it: a silent transport has 2.5 s. */
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

test('the published table has these networks, and the transports used there', () => {
  const expected = NETWORKS.map(({ name, chosen }) => `| ${name} | ${chosen} | 0 |`)
  const published = rows('docs/results.md', 'networks')
  assert.deepEqual(published.map((row) => row.replace(/\d+ \| 0 \|$/, '0 |')), expected)
})

// The second mostly waits, and the others run meanwhile.
describe('networks', { concurrency: 2 }, () => {
  describe('hostile networks', { concurrency: 4 }, () => {
    for (const { name, faults, chosen, waits, time = 3000, quiet = 0 } of NETWORKS)
      test(name, async (t) => {
        const page = await world.page({ faults })
        t.after(() => page.close())
        const room = `network-${Math.random()}`
        await listen(page, 'actioncable', room)
        await isConnected(page, 20_000)
        await sleep(quiet)
        const { numbers, transport, sockets, firstFrame, failures, lost } = await exchange(world, page, room, { count: MESSAGES, time })
        table[name] = [transport, firstFrame, lost]
        assert.equal(transport, chosen, JSON.stringify(failures))
        assertWhole(numbers, MESSAGES)
        assert.equal(sockets, 1, 'the socket stayed open')
        assert.equal(Math.floor(firstFrame / DEADLINE), waits, `the first frame came after ${firstFrame} ms`)
        await page.close()
      })

    test('nothing gets through: the client is notified, and tries again', async () => {
      const page = await world.page({ faults: { upgrade: 'refuse', status: 503 } })
      await listen(page, 'actioncable', 'nobody')
      await eventually('another try', async () => (await state(page)).sockets > 1, 30_000)
      const { failures } = await page.evaluate(() => ({ failures: window.sockets[0].failures }))
      assert.deepEqual(failures.map(({ transport }) => transport), ['websocket', 'eventsource', 'fetch', 'poll'])
      await page.close()
    })

    test('what was found out is remembered by the next page', async () => {
      const page = await world.page({ faults: { upgrade: 'hang' } })
      await listen(page, 'actioncable', 'memory')
      await isConnected(page)
      await page.reload()
      await listen(page, 'actioncable', 'memory')
      await isConnected(page)
      assert.ok((await state(page)).firstFrame < DEADLINE)
      await page.close()
    })
  })

  describe('a WebSocket that is let in and then killed', { concurrency: 6 }, () => {
    test('the published table has these networks, and that nothing is lost once it is settled', () => {
      const expected = DEATHS.map(({ name }) => `| ${name} | eventsource | 0 | 0 |`)
      const settled = rows('docs/results.md', 'deaths').map((row) => row.replace(/(\| [^|]+ \| [^|]+) \| [^|]+ \| [^|]+ /, '$1 '))
      assert.deepEqual(settled, expected)
    })

    for (const { client, name, faults } of CLIENTS.flatMap((client) => DEATHS.map((network) => ({ client, ...network }))))
      test(`${name}, under ${client}: the next transport takes its place, and nothing is lost from then on`, async (t) => {
        const page = await world.page({ faults })
        t.after(() => page.close())
        const room = `death-${Math.random()}`
        const began = Date.now()
        await listen(page, client, room)
        await isConnected(page, 20_000)
        // Two messages per second, from the start.
        let sent = 0
        const settled = async () => (await state(page)).transport === 'eventsource' && page.evaluate(() => window.events.at(-1) === 'connected')
        while (!(await settled())) {
          assert.ok(Date.now() - began < 90_000, JSON.stringify(await state(page)))
          await say(world, room, ++sent)
          await sleep(500)
        }
        const time = Date.now() - began
        const { numbers, failures } = await state(page)
        const lost = sent - numbers.length
        assert.equal(failures.length, 1, JSON.stringify(failures))
        assert.match(failures[0].reason, /^died after \d+ s$/)
        const after = await exchange(world, page, room, { count: MESSAGES, time: 20_000 })
        assert.equal(after.transport, 'eventsource')
        assertWhole(after.numbers, MESSAGES)
        await page.reload()
        await listen(page, client, room)
        await isConnected(page, 20_000)
        const next = await exchange(world, page, room, { count: MESSAGES, time: 3000 })
        assert.equal(next.transport, 'eventsource')
        assertWhole(next.numbers, MESSAGES)
        assert.equal(next.sockets, 1, 'the socket stayed open')
        if (client === 'actioncable') table[name] = [next.transport, Math.round(time / 1000), `${lost} of ${sent}`, after.lost, next.lost]
      })
  })

  describe('the network is cut', { concurrency: 8 }, () => {
    /** A page behind a network that can be cut, with a subscription to a room. */
    const wired = async (t, client, rung) => {
      const front = await world.network()
      const gate = await startGate(front.port)
      const page = await world.page({ front, url: gate.url })
      t.after(async () => {
        await page.close()
        await gate.stop()
      })
      const room = `cut-${Math.random()}`
      await listen(page, client, room, { transports: [rung] })
      await isConnected(page)
      const speak = (n) => say(world, room, n)
      await speak(1)
      await eventually('the first', async () => (await state(page)).numbers.length === 1)
      return { gate, page, speak }
    }

    for (const { client, rung } of CASES.filter(({ rung }) => rung !== 'websocket'))
      test(`for 3 s, under ${client} over ${rung}: the socket stays and nothing is lost`, async (t) => {
        const { gate, page, speak } = await wired(t, client, rung)
        gate.cut()
        await speak(2)
        await sleep(3000)
        gate.mend()
        await speak(3)
        await eventually('what was missed', async () => (await state(page)).numbers.length === 3, 6000)
        const { numbers, events, sockets } = await state(page)
        assert.deepEqual([numbers, events, sockets], [[1, 2, 3], ['connected'], 1])
      })

    // AnyCable's pauses after another attempt on a dead connection are too long to wait for.
    for (const rung of ['eventsource', 'fetch', 'poll'])
      test(`for 3 s, over ${rung}, and all earlier connections are silently dead: soon back`, async (t) => {
        const { gate, page, speak } = await wired(t, 'actioncable', rung)
        gate.cut()
        await speak(2)
        await sleep(3000)
        gate.mendSilently()
        const mended = Date.now()
        for (let n = 3; !(await state(page)).numbers.includes(n - 1) || n < 4; n++) {
          assert.ok(Date.now() - mended < 12_000, `${JSON.stringify(await state(page))}`)
          await speak(n)
          await sleep(100)
        }
        const { numbers, sockets } = await state(page)
        t.diagnostic(`back ${Date.now() - mended} ms after the network, with socket ${sockets}`)
        if (sockets === 1) assert.deepEqual(numbers, Array.from({ length: numbers.length }, (_, n) => n + 1))
      })

    for (const { client, rung } of CASES)
      test(`for 60 s, under ${client} over ${rung}: the client reconnects by itself`, { skip: !process.env.SLOW && 'slow: set SLOW=1' }, async (t) => {
        const { gate, page, speak } = await wired(t, client, rung)
        gate.cut()
        await sleep(60_000)
        assert.ok((await state(page)).events.includes('disconnected'), 'the client has noticed')
        gate.mendSilently()
        const mended = Date.now()
        // AnyCable's pauses double: after a minute one may last as long again, plus a half.
        await eventually('connected again', async () => (await state(page)).events.lastIndexOf('connected') > 0, client === 'anycable' ? 120_000 : 40_000)
        t.diagnostic(`back ${Date.now() - mended} ms after the network, with socket ${(await state(page)).sockets}`)
        await speak(2)
        await eventually('a message', async () => (await state(page)).numbers.includes(2))
        assert.equal(await page.evaluate(() => window.sockets.at(-1).transport), rung)
      })

    test('the browser goes offline for 3 s: back at once, nothing lost', { skip: ENGINE === 'webkit' && 'WebDriver has no command that takes WebKitGTK offline' }, async (t) => {
      const page = await world.page({ faults: {} })
      t.after(() => page.close())
      const room = `offline-${Math.random()}`
      await listen(page, 'actioncable', room, { transports: ['eventsource'] })
      await isConnected(page)
      await page.context().setOffline(true)
      page.front.drop()
      await say(world, room, 1)
      await sleep(3000)
      await page.context().setOffline(false)
      await eventually('what was missed', async () => (await state(page)).numbers.includes(1), 2500)
      assert.deepEqual((await state(page)).events, ['connected'])
    })
  })
})
