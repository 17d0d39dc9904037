import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertWhole, exchange, isConnected, listen, state } from '../support/clients.mjs'
import { isInstalled, PROXIES, startProxy } from '../support/proxies.mjs'
import { eventually, startWorld } from '../support/world.mjs'

/* Real proxies with the samples of src/deploy, HTTPS and HTTP/2, with and without WebSockets. */
let world
const table = []
before(async () => (world = await startWorld({ base: '/cable-events' })))
after(async () => {
  await world?.stop()
  console.log('| proxy | network | way | first frame (ms) | messages lost |\n|---|---|---|--:|--:|')
  for (const row of table) console.log(`| ${row.join(' | ')} |`)
})

const MESSAGES = 50
const open = (page, room, transports, base = '/cable-events') => listen(page, 'actioncable', room, { transports }, { base })

describe('a proxy', { concurrency: true }, () => {
  for (const name of Object.keys(PROXIES))
    describe(name, { concurrency: false, skip: !isInstalled(name) && `needs ${PROXIES[name].program}` }, () => {
      let proxy, front
      before(async () => {
        front = await world.network()
        proxy = await startProxy(name, front.url)
      })
      after(() => proxy?.stop())

      const cases = [
        { network: 'fine', faults: {}, chosen: 'websocket' },
        { network: 'WebSockets refused', faults: { upgrade: 'refuse' }, chosen: 'eventsource' },
        { network: 'WebSockets refused, streaming POST', faults: { upgrade: 'refuse' }, transports: ['fetch'], chosen: 'fetch' },
        { network: 'WebSockets refused, long poll', faults: { upgrade: 'refuse' }, transports: ['poll'], chosen: 'poll' }
      ]
      for (const { network, faults, transports, chosen } of cases)
        test(network, async (t) => {
          const page = await world.page({ faults, front, url: proxy.url })
          t.after(() => page.close())
          const room = `proxy-${Math.random()}`
          await open(page, room, transports)
          await isConnected(page, 20_000)
          const { numbers, transport, sockets, firstFrame, failures, lost } = await exchange(world, page, room, { count: MESSAGES, time: 0 })
          table.push([name, network, transport, firstFrame, lost])
          assert.equal(transport, chosen, JSON.stringify(failures))
          assertWhole(numbers, MESSAGES)
          assert.equal(sockets, 1)
          const protocols = await page.evaluate(() => performance.getEntriesByType('resource').map(({ nextHopProtocol }) => nextHopProtocol))
          assert.ok(protocols.includes('h2'), protocols.join())
        })

      test('ten tabs have ten streams: HTTP/2', async (t) => {
        front.set({})
        const context = await world.browser.newContext({ ignoreHTTPSErrors: true })
        t.after(() => context.close())
        const pages = []
        for (let n = 0; n < 10; n++) {
          pages.push(await world.page({ context, front, url: proxy.url }))
          await open(pages[n], 'tabs', ['eventsource'])
        }
        for (const page of pages) {
          await isConnected(page)
          assert.equal((await state(page)).transport, 'eventsource')
        }
      })

      test('five tabs of another host have five streams: they see that it is HTTP/2', async (t) => {
        front.set({})
        const context = await world.browser.newContext({ ignoreHTTPSErrors: true })
        t.after(() => context.close())
        const pages = []
        for (let n = 0; n < 5; n++) {
          pages.push(await world.page({ context, front, url: front.url.replace('127.0.0.1', 'localhost') }))
          await open(pages[n], 'elsewhere', ['eventsource'], `${proxy.url}/cable-events`)
        }
        for (const page of pages) {
          await isConnected(page)
          const bridge = await page.evaluate((url) => performance.getEntriesByType('resource').filter(({ name }) => name.startsWith(url)).map(({ nextHopProtocol }) => nextHopProtocol), proxy.url)
          assert.deepEqual(new Set(bridge), new Set(['h2']))
        }
        const streams = front.requests.filter(({ method, stream }) => method === 'GET' && stream)
        assert.equal(new Set(streams.map(({ id }) => id)).size, 5)
        assert.deepEqual(await pages[0].evaluate(async () => (await navigator.locks.query()).held), [])
      })

      test('a stream stays for a minute and a half, one and the same', { skip: !process.env.SLOW && 'slow: set SLOW=1' }, async (t) => {
        const page = await world.page({ faults: { upgrade: 'refuse' }, front, url: proxy.url })
        t.after(() => page.close())
        await open(page, 'silence')
        await isConnected(page)
        await new Promise((resolve) => setTimeout(resolve, 90_000))
        assert.deepEqual((await state(page)).events, ['connected'])
        assert.equal(front.requests.filter(({ method, stream }) => stream && method === 'GET').length, 1)
      })

      test('the diagnosis page finds everything open', async (t) => {
        const page = await world.page({ faults: {}, front, url: proxy.url, path: '/cable-events/-/diagnosis' })
        t.after(() => page.close())
        await eventually('a result', () => page.evaluate(() => document.getElementById('answer').dataset.state !== 'busy'), 40_000)
        const states = await page.evaluate(() => [...document.querySelectorAll('.transports li')].map((row) => row.dataset.state))
        assert.deepEqual(states, ['good', 'good', 'good', 'good'], await page.evaluate(() => document.getElementById('report').value))
      })
    })
})
