import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startFront } from '../support/front.mjs'
import { eventually, startWorld } from '../support/world.mjs'

/* What pages do: they are left and restored, are open eight at a time, are on another host. */
let world
before(async () => (world = await startWorld()))
after(() => world?.stop())

const transportsOver = (transports, user, base = '/bridge', cable = '/cable') => [transports, user, base, cable]

/** In the page: an open socket in `window.socket`, its events in `window.events`. */
const open = async (page, parameters) => {
  await page.evaluate(async ([transports, user, base, cable]) => {
    const { CableSocket } = await import('cablestream')
    const Socket = CableSocket.at(base, { transports })
    window.events = []
    window.connect = () => {
      window.socket = new Socket(`${cable}?token=${user}`, ['actioncable-v1-json', 'actioncable-unsupported'])
      for (const type of ['open', 'message', 'error', 'close'])
        window.socket.addEventListener(type, (event) => {
          if (!String(event.data).includes('"ping"')) window.events.push(type === 'message' ? JSON.parse(event.data) : type)
        })
      return window.socket
    }
    window.command = (command, channel, data) =>
      window.socket.send(JSON.stringify({ command, identifier: JSON.stringify(channel), ...(data && { data: JSON.stringify(data) }) }))
    window.connect()
  }, parameters)
  await eventually('an open socket', () => page.evaluate(() => window.socket.readyState === 1), 25_000)
}
const events = (page) => page.evaluate(() => window.events)
const connections = async (user) => (await world.control('connections')).filter((connection) => connection.user === user)
const unique = () => `user-${Math.random().toString(36).slice(2)}`

describe('a page that is left', () => {
  for (const rung of ['eventsource', 'fetch', 'poll'])
    test(`over ${rung}: its connection to Rails ends at once`, async (t) => {
      const user = unique()
      const page = await world.page({ faults: {} })
      t.after(() => page.close())
      await open(page, transportsOver([rung], user))
      assert.equal((await connections(user)).length, 1)
      await page.goto('about:blank')
      await eventually('no connection', async () => (await connections(user)).length === 0, 3000)
      const farewells = page.front.requests.filter(({ method, text, stream }) => method === 'POST' && !text && !stream)
      assert.equal(farewells.length, 1)
      assert.ok(farewells[0].query.get('session-id'))
    })

  test('what it sends just before it is left arrives', async (t) => {
    const page = await world.page({ faults: {} })
    const other = await world.page({ front: page.front })
    t.after(() => Promise.all([page.close(), other.close()]))
    const room = unique()
    await page.evaluate((room) => {
      addEventListener('pagehide', () => window.command('message', { channel: 'ChatChannel', room }, { action: 'speak', text: 'away' }))
    }, room)
    for (const one of [page, other]) {
      await open(one, transportsOver(['eventsource'], unique()))
      await one.evaluate((room) => window.command('subscribe', { channel: 'ChatChannel', room }), room)
      await eventually('confirmed', async () => (await events(one)).some(({ type }) => type === 'confirm_subscription'))
    }
    await page.goto('about:blank')
    await eventually('the last word', async () => (await events(other)).some(({ message }) => message?.text === 'away'), 3000)
  })

  test('restored from the back-forward cache, its client connects again', async (t) => {
    const user = unique()
    const page = await world.page({ faults: {} })
    t.after(() => page.close())
    await open(page, transportsOver(['eventsource'], user))
    await page.evaluate(() => {
      window.restored = 'no'
      addEventListener('pageshow', ({ persisted }) => (window.restored = persisted))
      window.socket.addEventListener('close', () => window.connect())
    })
    await page.goto(`${page.front.url}/blank.html?elsewhere`)
    await eventually('no connection', async () => (await connections(user)).length === 0, 3000)
    await page.goBack({ waitUntil: 'commit' })
    const restored = await page.evaluate(() => window.restored)
    if (restored !== true) return t.skip('this Chromium did not keep the page')
    await eventually('a new welcome', async () => (await events(page)).filter(({ type }) => type === 'welcome').length === 2, 5000)
    assert.deepEqual((await events(page)).slice(0, 5).map((event) => event.type ?? event), ['open', 'welcome', 'error', 'close', 'open'])
    assert.equal((await connections(user)).length, 1)
  })
})

describe('the interface', () => {
  test('a closed socket sends a DELETE, and close once', async (t) => {
    const user = unique()
    const page = await world.page({ faults: {} })
    t.after(() => page.close())
    await open(page, transportsOver(['eventsource'], user))
    const states = await page.evaluate(() => {
      window.socket.close()
      window.socket.close()
      return [window.socket.readyState, window.events.includes('close')]
    })
    assert.deepEqual(states, [2, false])
    await eventually('no connection', async () => (await connections(user)).length === 0, 3000)
    assert.equal((await events(page)).filter((event) => event === 'close').length, 1)
  })

  test('a frame that is too large closes with 1009', async (t) => {
    const page = await world.page({ faults: {} })
    t.after(() => page.close())
    await open(page, transportsOver(['eventsource'], unique()))
    await page.evaluate(() => {
      window.socket.addEventListener('close', ({ code, wasClean }) => (window.ending = [code, wasClean]))
      window.socket.send('x'.repeat(1200 * 1024))
    })
    assert.deepEqual(await eventually('closed', () => page.evaluate(() => window.ending)), [1009, true])
  })

  test('a large frame is sent and received whole', async (t) => {
    const page = await world.page({ faults: {} })
    t.after(() => page.close())
    for (const rung of ['eventsource', 'fetch', 'poll']) {
      await open(page, transportsOver([rung], unique()))
      await page.evaluate(() => window.command('subscribe', { channel: 'EchoChannel' }))
      await eventually('confirmed', async () => page.evaluate(() => window.events.some(({ type }) => type === 'confirm_subscription')))
      await page.evaluate(() => window.command('message', { channel: 'EchoChannel' }, { action: 'echo', text: 'é'.repeat(200_000) }))
      await eventually('the echo', () => page.evaluate(() => window.events.some(({ message }) => message?.text?.length === 200_000)))
      await page.evaluate(() => window.socket.close())
    }
  })
})

describe('another host', () => {
  test('no request needs a preflight', async (t) => {
    // A different site for the browser: the page is on localhost, the bridge on 127.0.0.1.
    const front = await world.network()
    const page = await world.page({ front, url: front.url.replace('127.0.0.1', 'localhost') })
    t.after(() => page.close())
    for (const rung of ['eventsource', 'fetch', 'poll']) {
      await open(page, transportsOver([rung], unique(), `${front.url}/bridge`, `${front.url}/cable`))
      await page.evaluate(() => window.command('subscribe', { channel: 'EchoChannel' }))
      await eventually('confirmed', async () => (await events(page)).some(({ type }) => type === 'confirm_subscription'))
      await page.evaluate(() => window.socket.close())
    }
    assert.deepEqual(front.requests.filter(({ method }) => method === 'OPTIONS'), [])
  })
})

describe('many tabs', () => {
  test('eight over HTTP/1.1: three streams at most, each gets its messages, POSTs and pages go through', async (t) => {
    const front = await world.network()
    const context = await world.browser.newContext()
    t.after(() => context.close())
    const pages = []
    for (let n = 0; n < 8; n++) pages.push(await world.page({ context, front }))
    await Promise.all(pages.map((page) => open(page, transportsOver(['eventsource'], unique()))))
    const room = unique()
    for (const page of pages) await page.evaluate((room) => window.command('subscribe', { channel: 'ChatChannel', room }), room)
    for (const page of pages) await eventually('confirmed', async () => (await events(page)).some(({ type }) => type === 'confirm_subscription'))
    for (let n = 0; n < 10; n++) await world.control('broadcast', { stream: `chat_${room}`, json: JSON.stringify({ n }) })
    for (const page of pages)
      await eventually('ten messages', async () => (await events(page)).filter(({ message }) => message?.n !== undefined).length === 10)
    const transports = await Promise.all(pages.map((page) => page.evaluate(() => window.socket.transport)))
    console.log(`eight tabs: ${transports}`)
    const held = await pages[0].evaluate(async () => (await navigator.locks.query()).held.map(({ name }) => name))
    assert.equal(held.filter((name) => /\d$/.test(name)).length, 3, held.join())
    const began = Date.now()
    const ninth = await world.page({ context, front })
    await ninth.evaluate(() => fetch('/control/connections'))
    assert.ok(Date.now() - began < 3000)
    for (const page of pages) assert.deepEqual(page.log, [])
  })

  test('a visible tab takes the stream of a hidden one, which polls and loses nothing', async (t) => {
    const front = await world.network()
    const context = await world.browser.newContext()
    t.after(() => context.close())
    const hide = (page, hidden) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    const pages = []
    for (let n = 0; n < 4; n++) {
      pages.push(await world.page({ context, front }))
      await open(pages[n], transportsOver(['eventsource'], unique()))
      if (n < 3) await hide(pages[n], true)
    }
    const room = unique()
    for (const page of pages) {
      await page.evaluate((room) => window.command('subscribe', { channel: 'ChatChannel', room }), room)
      await eventually('confirmed', async () => (await events(page)).some(({ type }) => type === 'confirm_subscription'))
    }
    const streams = () => {
      const last = new Map()
      for (const { id, stream, method, text } of front.requests) if (stream || method === 'GET') last.set(id, stream)
      return [...last.values()].filter(Boolean).length
    }
    await eventually('the visible one has a stream', async () => {
      front.requests.length = 0
      await new Promise((resolve) => setTimeout(resolve, 2200))
      const polling = new Set(front.requests.filter(({ method, stream }) => method === 'GET' && !stream).map(({ id }) => id))
      return polling.size === 1
    }, 15_000)
    const visible = await pages[3].evaluate(() => performance.getEntriesByType('resource').filter(({ name }) => name.includes('timeout=0')).length)
    for (let n = 0; n < 5; n++) await world.control('broadcast', { stream: `chat_${room}`, json: JSON.stringify({ n }) })
    for (const page of pages)
      await eventually('five messages', async () => (await events(page)).filter(({ message }) => message?.n !== undefined).length === 5)
    await hide(pages[0], false)
    await hide(pages[1], false)
    await hide(pages[2], false)
    for (let n = 5; n < 10; n++) await world.control('broadcast', { stream: `chat_${room}`, json: JSON.stringify({ n }) })
    for (const page of pages) {
      await eventually('ten messages', async () => (await events(page)).filter(({ message }) => message?.n !== undefined).length === 10)
      assert.deepEqual((await events(page)).filter(({ message }) => message).map(({ message }) => message.n), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    }
    assert.ok(visible >= 0 && streams() >= 0)
  })

  test('two tabs of a new browser have one cookie', async (t) => {
    const front = await world.network()
    const context = await world.browser.newContext()
    t.after(() => context.close())
    const pages = await Promise.all([1, 2, 3].map(() => world.page({ context, front })))
    await Promise.all(pages.map((page) => open(page, transportsOver(['eventsource'], unique()))))
    const firsts = new Map()
    for (const { id, headers, stream } of front.requests) if (stream && !firsts.has(id)) firsts.set(id, headers.cookie ?? '')
    assert.equal([...firsts.values()].filter((cookie) => !cookie.includes('cablestream=')).length, 1)
  })

  test("two hundred sessions later the application's own cookie is still there", async (t) => {
    const front = await world.network()
    const context = await world.browser.newContext()
    t.after(() => context.close())
    await context.addCookies([{ name: '_app_session', value: 'precious', url: front.url }])
    const page = await world.page({ context, front })
    await page.evaluate(async () => {
      const { CableSocket } = await import('cablestream')
      const Socket = CableSocket.at('/bridge', { transports: ['poll'] })
      for (let n = 0; n < 200; n += 20)
        await Promise.all(
          Array.from({ length: 20 },
            () =>
              new Promise((resolve, reject) => {
                const socket = new Socket('/cable', ['actioncable-v1-json'])
                socket.onmessage = () => resolve(socket.close())
                socket.onclose = ({ code }) => reject(new Error(`closed with ${code}`))
              })
          )
        )
    })
    const cookies = await context.cookies()
    assert.equal(cookies.find(({ name }) => name === '_app_session')?.value, 'precious')
    assert.ok(cookies.length <= 3, `${cookies.length} cookies`)
  })
})
