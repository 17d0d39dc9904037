import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertWhole, CASES, connect, exchange, isConnected, listen, RUNGS } from '../support/clients.mjs'
import { TOKEN } from '../support/servers.mjs'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * The clients as published on npm, over each transport: the same script for each of them.
 */
let world
before(async () => (world = await startWorld()))
after(() => world?.stop())

/** In the page: a consumer of this client, with its subscriptions' events in `window.seen`. */
const begin = async (page, client, transports, url) => {
  await connect(page, client, { transports }, { url })
  await page.evaluate(() => {
    window.seen = []
    window.subscribe = (identifier) =>
      window.consumer.subscriptions.create(identifier, {
        connected: () => window.seen.push('connected'),
        disconnected: () => window.seen.push('disconnected'),
        rejected: () => window.seen.push('rejected'),
        received: (message) => window.seen.push(message)
      })
  })
}
const seen = (page) => page.evaluate(() => window.seen)
const sees = (page, description, predicate, time) =>
  eventually(description, async () => ((await seen(page)).some(predicate) ? true : undefined), time).catch(async (error) => {
    throw new Error(`${error.message}\nseen: ${JSON.stringify(await seen(page))}\nlog: ${page.log.join('\n')}`)
  })
const rung = (page) => page.evaluate(() => window.sockets.at(-1)?.transport)

// Each waits most of the time, so they all run concurrently.
describe('a client', { concurrency: CASES.length }, () => {
  for (const { client, rung: transport } of CASES)
    describe(`${client} over ${transport}`, { concurrency: false }, () => {
      let page
      const user = `${client}-${transport}-${Math.random().toString(36).slice(2)}`
      before(async () => {
        page = await world.page({ faults: {} })
        await begin(page, client, [transport], `/cable?token=${user}`)
      })
      after(() => page?.close())

      test('subscribes, performs and receives', async () => {
        await page.evaluate(() => void (window.echo = window.subscribe({ channel: 'EchoChannel', room: 1 })))
        // Eight pages, a bridge and Rails start cold together; networks.test.mjs measures the usual
        // time.
        await sees(page, 'connected', (event) => event === 'connected', 30_000)
        assert.equal(await rung(page), transport)
        await page.evaluate(() => {
          for (let n = 0; n < 20; n++) window.echo.perform('echo', { n, text: 'ünïcödé \u2028 <b>' })
        })
        await eventually('20 echoes', async () => (await seen(page)).filter((event) => event.n !== undefined).length === 20)
        const echoes = (await seen(page)).filter((event) => event.n !== undefined)
        assert.deepEqual(new Set(echoes.map(({ n }) => n)).size, 20)
        assert.equal(echoes[0].text, 'ünïcödé \u2028 <b>')
      })

      test('gets a hundred messages in order', async () => {
        await page.evaluate(() => {
          window.seen = []
          window.burst = window.subscribe({ channel: 'BurstChannel' })
        })
        await sees(page, 'connected', (event) => event === 'connected')
        await page.evaluate(() => window.burst.perform('burst', { count: 100, size: 1000 }))
        await sees(page, 'the last message', (event) => event.n === 100)
        const numbers = (await seen(page)).filter((event) => event.padding).map(({ n }) => n)
        assert.deepEqual(numbers, Array.from({ length: 100 }, (_, n) => n + 1))
      })

      test('is rejected', async () => {
        await page.evaluate(() => {
          window.seen = []
          window.subscribe({ channel: 'RejectChannel' })
        })
        await sees(page, 'rejected', (event) => event === 'rejected')
      })

      test('unsubscribes', async () => {
        await page.evaluate(() => {
          window.seen = []
          window.chat = window.subscribe({ channel: 'ChatChannel', room: location.search + Math.random() })
        })
        await sees(page, 'connected', (event) => event === 'connected')
        const mine = async () =>
          (await world.control('connections')).find((connection) => connection.user === user)?.subscriptions ?? []
        await eventually('Rails has the subscription', async () => (await mine()).some((text) => text.includes('ChatChannel')))
        await page.evaluate(() => void window.chat.unsubscribe())
        await eventually('Rails has it no more', async () => !(await mine()).some((text) => text.includes('ChatChannel')))
      })

      test('is disconnected with reconnect and reconnects by itself', async () => {
        await page.evaluate(() => {
          window.seen = []
        })
        await world.control('disconnect', { user, reconnect: true })
        await sees(page, 'disconnected', (event) => event === 'disconnected')
        const both = async () => (await seen(page)).filter((event) => event === 'connected').length === 2
        await eventually('its two subscriptions are confirmed again', both, 40_000)
        assert.equal(await rung(page), transport)
      })

      test('is disconnected without reconnect and stays away', async () => {
        await page.evaluate(() => {
          window.seen = []
        })
        const sockets = await page.evaluate(() => window.sockets.length)
        await world.control('disconnect', { user, reconnect: false })
        await sees(page, 'disconnected', (event) => event === 'disconnected')
        await new Promise((resolve) => setTimeout(resolve, 7000))
        const events = await seen(page)
        assert.ok(events.lastIndexOf('connected') < events.indexOf('disconnected'), JSON.stringify(events))
        assert.equal(await page.evaluate(() => window.sockets.length), sockets)
        assert.deepEqual(page.log.filter((line) => line.startsWith('error')), [])
      })
    })
})

describe('unauthorized', { concurrency: RUNGS.length }, () => {
  for (const transport of RUNGS)
    test(`stops actioncable for good over ${transport}`, async () => {
      const page = await world.page({ faults: {} })
      await begin(page, 'actioncable', [transport], '/cable?unauthorized=1')
      await page.evaluate(() => void window.subscribe({ channel: 'EchoChannel' }))
      await eventually('the monitor stops', () => page.evaluate(() => window.consumer.connection.monitor.isRunning() === false))
      await page.close()
    })
})

const stubborn = process.env.SERVERS !== 'real' && 'the stand-in has no setting cable.paths: set SERVERS=real'

test("a consumer of another path than the bridge's setting allows: refused, and the reason is there", { skip: stubborn }, async (t) => {
  const page = await world.page({ faults: { upgrade: 'refuse' } })
  t.after(() => page.close())
  await begin(page, 'actioncable', undefined, '/elsewhere/cable')
  await page.evaluate(() => void window.subscribe({ channel: 'EchoChannel' }))
  const failures = await eventually('the reason', () => page.evaluate(() => window.sockets.find(({ readyState }) => readyState === 3)?.failures))
  assert.ok(failures.some(({ reason }) => /the path \/elsewhere\/cable isn't allowed: the setting cable\.paths/.test(reason)), JSON.stringify(failures))
})

describe('the script of an earlier version, which a page may have for long', { concurrency: RUNGS.length }, () => {
  for (const transport of RUNGS)
    test(`works with this bridge over ${transport}`, async (t) => {
      const page = await world.page({ faults: {} })
      t.after(() => page.close())
      const room = `previous-${Math.random()}`
      await listen(page, 'actioncable', room, { transports: [transport] }, { script: '/previous/cablestream.js' })
      await isConnected(page, 30_000)
      const { numbers, transport: used } = await exchange(world, page, room, { count: 30, time: 3000 })
      assert.equal(used, transport)
      assertWhole(numbers, 30)
    })
})

test('each of several nodes has handed requests on', { skip: !(process.env.NODES > 1) && 'there is one: set NODES=3' }, async () => {
  for (const url of world.bridge.url.split(',')) {
    const metrics = await fetch(`${url}/-/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } })
    const [, relayed] = (await metrics.text()).match(/^cablestream_relayed_total (\d+)/m)
    assert.ok(relayed > 5, relayed)
  }
})
