import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { record, standIn, WELCOME } from '../support/stand-ins.mjs'

/*
 * When a WebSocket is given up, and when it is used again. A page is one copy of the script; pages
 * share storage.
 */
const CABLE = 'wss://app.example/cable'
const PROTOCOLS = ['actioncable-v1-json', 'actioncable-unsupported']
const PING = '{"type":"ping","message":1700000000}'
const DIED = /^\w+ \d+ died after \d+ s$/
let browser
beforeEach(async () => (browser = await standIn()))
afterEach(() => mock.timers.reset())

const connect = async (options = {}) => {
  const socket = new (browser.CableSocket.at('/bridge', options))(CABLE, PROTOCOLS)
  await browser.settle()
  return socket
}

/** A socket of this page whose WebSocket has received its welcome. */
const open = async (options) => {
  const socket = await connect(options)
  const native = browser.sockets.at(-1)
  native.accept()
  native.says(WELCOME)
  await browser.settle()
  return { socket, native }
}

/** The server pings for this many seconds. */
const live = async ({ native }, seconds) => {
  for (let left = seconds; left > 0; left -= 3) {
    await browser.pass(Math.min(left, 3) * 1000)
    native.says(PING)
  }
}

/** The server's response to plain HTTP, if that is requested. */
const answer = async (status = 404) => {
  await browser.settle()
  browser.probes.at(-1)?.answer(status, 'no WebSocket', 'text/plain')
  await browser.settle()
}

const die = async (opened, seconds) => {
  await live(opened, seconds)
  opened.native.ends()
  await answer()
}

/** Over the bridge, as the last stream does. */
const bridge = async () => {
  browser.streams.at(-1).opens()
  browser.streams.at(-1).says('message', WELCOME, 'session-1')
  await browser.settle()
}

const remembered = () => browser.storage.cablestream

describe('a WebSocket that dies young', () => {
  for (const seconds of [2, 15, 50])
    test(`twice in a row, after ${seconds} s, is not used next: not in this page, nor in the next one`, async () => {
      await die(await open(), seconds)
      await die(await open(), seconds)
      assert.match(remembered(), new RegExp(`^eventsource \\d+ died after ${seconds} s$`))
      for (const page of ['this', 'next']) {
        if (page === 'next') browser = await standIn({ storage: browser.storage, now: Date.now() })
        const before = browser.sockets.length
        const socket = await connect()
        await bridge()
        assert.equal(socket.transport, 'eventsource')
        assert.deepEqual(socket.failures, [{ transport: 'websocket', reason: `died after ${seconds} s` }])
        assert.equal(browser.sockets.length, before, `${page} page`)
      }
    })

  test('once is used again', async () => {
    await die(await open(), 15)
    assert.equal((await open()).socket.transport, 'websocket')
  })

  test('once in this page and once in the next is not used any more', async () => {
    await die(await open(), 15)
    browser = await standIn({ storage: browser.storage, now: Date.now() })
    await die(await open(), 15)
    await connect()
    assert.deepEqual([browser.sockets.length, browser.streams.length], [1, 1])
  })

  test('a second time only after ten minutes counts as the first', async () => {
    await die(await open(), 15)
    await browser.pass(610_000)
    await die(await open(), 15)
    assert.match(remembered(), /^websocket /)
  })

  test('by silence, which its client ends, counts by its last frame', async () => {
    for (const n of [1, 2]) {
      const { socket } = await open()
      await browser.pass(7000)
      socket.close()
      await answer()
      assert.equal(browser.probes.length, n)
    }
    assert.match(remembered(), /^eventsource \d+ died after 0 s$/)
  })

  test('is reported, the second time as the client is made to reconnect at once', async () => {
    const reported = []
    const seen = []
    addEventListener('visibilitychange', () => seen.push('visibilitychange'))
    const options = { onTransport: ({ detail }) => reported.push(detail.failures.map(({ reason }) => reason).join()) }
    await die(await open(options), 2)
    await browser.pass(1000)
    assert.deepEqual([reported.at(-1), seen], ['died after 2 s', []])
    await die(await open(options), 2)
    await browser.pass(350)
    assert.deepEqual([reported.at(-1), seen], ['died after 2 s', ['visibilitychange']])
  })

  test('with another in one page counts once: it was one event', async () => {
    const two = [await open(), await open()]
    await browser.pass(2000)
    for (const { native } of two) native.ends()
    await browser.settle()
    for (const { answer } of browser.probes) answer(404, 'no', 'text/plain')
    await browser.settle()
    assert.match(remembered(), /^websocket \d+ died after 2 s$/)
  })

  test('is not used by a page that does not have the transport which worked', async () => {
    browser.storage.cablestream = `fetch ${Date.now()} died after 2 s`
    await connect({ transports: ['websocket', 'eventsource', 'poll'] })
    assert.deepEqual([browser.sockets.length, browser.streams.length], [0, 1])
  })

  test('counts where there is no room in the storage', async () => {
    await die(await open(), 15)
    const full = { get cablestream() { return undefined }, set cablestream(_) { throw new DOMException('full', 'QuotaExceededError') } }
    browser = await standIn({ storage: full })
    for (let n = 0; n < 2; n++) await die(await open(), 15)
    await connect()
    assert.deepEqual([browser.sockets.length, browser.streams.length], [2, 1])
  })

  test('and that has no transport below it is not judged', async () => {
    for (let n = 0; n < 3; n++) await die(await open({ transports: ['websocket'] }), 2)
    assert.equal(browser.probes.length, 0)
    assert.equal((await open({ transports: ['websocket'] })).socket.transport, 'websocket')
  })
})

describe('no such death is', () => {
  /** Ends in that way, three times. */
  const ends = async (seconds, end) => {
    for (let n = 0; n < 3; n++) {
      const opened = await open()
      await live(opened, seconds)
      await end(opened)
      await answer()
      await browser.pass(1000)
    }
    assert.doesNotMatch(remembered() ?? '', DIED)
    assert.equal((await open()).socket.transport, 'websocket')
  }

  test('that of one which lived for a minute', () => ends(61, ({ native }) => native.ends()))
  test('a close by the server', () => ends(10, ({ native }) => native.ends(1000)))
  test("the page's own close", () => ends(10, async ({ socket, native }) => {
    socket.close()
    native.ends()
  }))
  test('one that the server announced', () => ends(10, ({ native }) => {
    native.says('{"type":"disconnect","reason":"server_restart","reconnect":true}')
    native.ends()
  }))
  test('one of a server that is down: it does not respond to HTTP', () => ends(10, async ({ native }) => {
    native.ends()
    await browser.settle()
    browser.probes.at(-1).fails()
  }))
  test('nor where a proxy answers for it', () => ends(10, async ({ native }) => {
    native.ends()
    await answer(502)
  }))
  test('one beside which the browser was offline', () => ends(10, ({ native }) => {
    browser.page('offline')
    native.ends()
  }))
  test('one after a sleep', () => ends(10, async ({ socket }) => {
    mock.timers.setTime(Date.now() + 3_600_000)
    socket.close()
  }))
  test('one after a pause of 30 s, of a dialog for example', () => ends(10, async ({ native }) => {
    mock.timers.setTime(Date.now() + 30_000)
    native.ends()
  }))
  test("one by the watchdog of a client that was suspended", () => ends(10, async ({ socket }) => {
    mock.timers.setTime(Date.now() + 30_000)
    await browser.pass(1500)
    socket.close()
  }))
  test('one of a page restored from the back-forward cache', () => ends(10, async ({ native }) => {
    browser.page('pagehide', { persisted: true })
    await browser.pass(100)
    browser.page('pageshow', { persisted: true })
    native.ends()
  }))
  test("the page's own close between two pings that are 10 s apart", () => ends(0, async ({ socket, native }) => {
    for (let n = 0; n < 3; n++) {
      await browser.pass(10_000)
      native.says(PING)
    }
    await browser.pass(9000)
    socket.close()
    native.ends(1000)
  }))
  test('those of servers that are replaced one by one, where one has lived for a minute lately', async () => {
    await die(await open(), 90)
    for (let n = 0; n < 3; n++) await die(await open(), 15)
    assert.match(remembered(), /^websocket \d+ lived$/)
    browser.page('online')
    for (let n = 0; n < 2; n++) await die(await open(), 15)
    assert.match(remembered(), /^eventsource /, 'on another network it says nothing')
  })
  test('one of a page that is left', () => ends(10, async ({ native }) => {
    native.ends()
    browser.page('pagehide')
    await answer()
    browser.page('pageshow')
  }))
  test('one after which no transport worked, either', async () => {
    await die(await open(), 2)
    const socket = await connect()
    browser.sockets.at(-1).ends()
    await browser.settle()
    browser.streams.at(-1).ends(true)
    await browser.settle()
    browser.fetches.at(-1).fails()
    await browser.settle()
    browser.polls.at(-1).fails()
    await browser.pass(50)
    assert.equal(socket.readyState, 3)
    await die(await open(), 2)
    assert.match(remembered(), /^websocket /)
  })
  test('another host is not asked by HTTP, as a policy may forbid it', async () => {
    for (let n = 0; n < 2; n++) {
      new (browser.CableSocket.at('/bridge'))('wss://cable.example/cable', PROTOCOLS)
      await browser.settle()
      const native = browser.sockets.at(-1)
      native.accept()
      native.says(WELCOME)
      await browser.pass(2000)
      native.ends()
      await browser.settle()
    }
    assert.equal(browser.probes.length, 0)
    assert.match(remembered(), /^eventsource /)
  })
})

describe('after such deaths the WebSocket is tried again', () => {
  // Each browser waits up to half as long again.
  const { random } = Math
  beforeEach(async () => {
    Math.random = () => 0
    browser = await standIn()
  })
  afterEach(() => (Math.random = random))

  /** On an EventSource since two WebSockets died. */
  const fallen = async () => {
    for (let n = 0; n < 2; n++) await die(await open(), 2)
    const socket = await connect()
    await bridge()
    return { socket, stream: browser.streams.at(-1) }
  }
  /** The bridge pings meanwhile. */
  const stay = async (stream, seconds) => {
    for (let second = 0; second < seconds; second++) {
      stream.says('ping', '{}')
      await browser.pass(1000)
    }
  }

  test('every ten minutes, beside the transport that works; one that dies changes nothing', async () => {
    const { socket, stream } = await fallen()
    await stay(stream, 595)
    assert.equal(browser.sockets.length, 2)
    await stay(stream, 15)
    assert.equal(browser.sockets.length, 3)
    browser.sockets[2].accept()
    browser.sockets[2].says(WELCOME)
    await stay(stream, 2)
    browser.sockets[2].ends()
    await stay(stream, 60)
    assert.equal(browser.sockets.length, 3)
    await stay(stream, 545)
    assert.equal(browser.sockets.length, 4)
    assert.deepEqual([socket.readyState, socket.transport], [1, 'eventsource'])
    await connect()
    assert.equal(browser.sockets.length, 4)
  })

  test('and is used by the next connection when it has lived for a minute', async () => {
    const { socket, stream } = await fallen()
    while (!browser.sockets[2]) await stay(stream, 1)
    const trial = browser.sockets[2]
    trial.accept()
    trial.says(WELCOME)
    for (let n = 0; n < 21; n++) {
      await stay(stream, 3)
      assert.match(remembered(), n < 20 ? /^eventsource / : /^\w/)
      trial.says(PING)
    }
    await browser.settle()
    assert.match(remembered(), /^websocket \d+ lived$/)
    assert.deepEqual([socket.transport, trial.readyState], ['eventsource', 2])
    await connect()
    assert.equal(browser.sockets.length, 4)
  })

  test('by one tab only', async () => {
    const { stream } = await fallen()
    await connect()
    await bridge()
    const other = browser.streams.at(-1)
    for (let second = 0; second < 660; second++) {
      other.says('ping', '{}')
      await stay(stream, 1)
    }
    assert.equal(browser.sockets.length, 3)
  })

  test('soon after the browser came online, as that is most likely another network', async () => {
    const { stream } = await fallen()
    browser.page('online')
    await browser.pass(300)
    browser.polls.at(-1).answer(200, { messages: [] })
    await browser.pass(50)
    browser.streams.at(-1).opens('session', true, 1)
    await stay(browser.streams.at(-1), 55)
    assert.equal(stream.readyState, 2)
    assert.equal(browser.sockets.length, 3)
    await connect()
    assert.equal(browser.sockets.length, 3, 'the bridge is used until the WebSocket has lived')
  })

  test('within 15 minutes, each browser at another moment', async () => {
    Math.random = () => 0.999
    browser = await standIn()
    const { stream } = await fallen()
    await stay(stream, 870)
    assert.equal(browser.sockets.length, 2)
    await stay(stream, 80)
    assert.equal(browser.sockets.length, 3)
  })

  test('also where the server pings every 10 s', async () => {
    const { stream } = await fallen()
    while (!browser.sockets[2]) await stay(stream, 1)
    browser.sockets[2].accept()
    browser.sockets[2].says(WELCOME)
    for (let n = 0; n < 7; n++) {
      await stay(stream, 10)
      browser.sockets[2].says(PING)
    }
    await browser.settle()
    assert.match(remembered(), /^websocket \d+ lived$/)
  })

  test('soon again where its page left before it was over', async () => {
    const { socket, stream } = await fallen()
    while (!browser.sockets[2]) await stay(stream, 1)
    socket.close()
    browser = await standIn({ storage: browser.storage, now: Date.now() })
    await connect()
    await bridge()
    const other = browser.streams.at(-1)
    await stay(other, 60)
    assert.equal(browser.sockets.length, 0)
    await stay(other, 85)
    assert.equal(browser.sockets.length, 1)
  })

  test('at its time where a lower transport of the bridge is used', async () => {
    for (let n = 0; n < 2; n++) await die(await open(), 2)
    browser.storage.cablestream = browser.storage.cablestream.replace('eventsource', 'fetch')
    const socket = await connect()
    const streams = new Map()
    for (let second = 0; second < 700; second++) {
      for (const request of browser.fetches.filter(({ signal }) => !signal.aborted)) {
        if (!streams.has(request)) streams.set(request, request.stream())
        streams.get(request).says(second ? 'event: ping\ndata: {}\n\n' : `id: s-0\nevent: opened\ndata: {}\n\nid: s-1\ndata: ${WELCOME}\n\n`)
      }
      await browser.pass(1000)
    }
    assert.equal(socket.readyState, 1)
    assert.equal(browser.sockets.length, 3)
  })

  test('where the browser forbids it: later', async () => {
    const { socket, stream } = await fallen()
    const original = browser.sockets.push
    browser.sockets.push = () => {
      throw new DOMException('insecure', 'SecurityError')
    }
    await stay(stream, 660)
    browser.sockets.push = original
    assert.deepEqual([socket.readyState, browser.sockets.length], [1, 2])
  })

  test('at once where the clock was ahead', async () => {
    browser.storage.cablestream = `eventsource ${Date.now() + 1e9} died after 2 s`
    await connect()
    await bridge()
    await stay(browser.streams[0], 5)
    assert.equal(browser.sockets.length, 1)
  })

  test('not after a week, when it is used as ever', async () => {
    browser.storage.cablestream = `eventsource ${Date.now() - 8 * 86_400_000} died after 2 s`
    await connect()
    assert.equal(browser.sockets.length, 1)
  })

  test('not by a socket that has closed', async () => {
    const { socket } = await fallen()
    socket.close()
    await browser.pass(700_000)
    assert.equal(browser.sockets.length, 2)
  })
})

describe('a slow server', () => {
  /** A WebSocket has carried frames for a while on this network. */
  const proven = async () => {
    const opened = await open()
    await live(opened, 70)
    opened.native.ends()
    await browser.settle()
    return connect()
  }

  test('gets 6 s to accept a WebSocket where one has worked', async () => {
    await proven()
    await browser.pass(5900)
    assert.equal(browser.streams.length, 0)
    await browser.pass(200)
    assert.equal(browser.streams.length, 1)
  })

  test('and 20 s to welcome one that it has accepted: nothing else is dialled', async () => {
    const socket = await proven()
    await browser.pass(1000)
    browser.sockets.at(-1).accept()
    await browser.pass(18_900)
    assert.deepEqual([browser.streams.length, browser.requests.length], [0, 0])
    browser.sockets.at(-1).says(WELCOME)
    assert.equal(socket.transport, 'websocket')
  })

  test('after that the next transport is tried, and ended as soon as the WebSocket answers', async () => {
    const socket = await proven()
    browser.sockets.at(-1).accept()
    await browser.pass(20_050)
    browser.streams[0].opens()
    await browser.settle()
    browser.sockets.at(-1).says(WELCOME)
    await browser.settle()
    assert.equal(socket.transport, 'websocket')
    assert.deepEqual([browser.streams[0].readyState, browser.farewells.length], [2, 1])
  })

  test('also where a WebSocket has lived for 5 s only', async () => {
    const opened = await open()
    await live(opened, 6)
    opened.native.ends()
    await answer()
    await connect()
    await browser.pass(5900)
    assert.equal(browser.streams.length, 0)
  })

  test('a refusal there may be that of a server that comes back: looked at again after 2 s', async () => {
    const socket = await proven()
    browser.sockets.at(-1).ends()
    await browser.settle()
    await bridge()
    assert.equal(socket.transport, 'eventsource')
    await browser.pass(2050)
    browser.sockets.at(-1).accept()
    browser.sockets.at(-1).says(WELCOME)
    await browser.pass(1050)
    assert.match(remembered(), /^websocket \d+$/)
  })
})

describe('the switch', () => {
  const page = async (options) => (browser = await standIn({ storage: browser.storage, ...options }))
  const made = async (mode) => {
    const socket = await connect(mode && { mode })
    return browser.sockets.includes(socket) ? 'plain' : browser.sockets.length ? 'websocket' : 'bridge'
  }

  test('off: a plain WebSocket, the browser\'s own', async () => {
    await page({ meta: ' Off' })
    assert.equal(await made(), 'plain')
    assert.deepEqual([browser.sockets[0].url, browser.sockets[0].protocols], [CABLE, PROTOCOLS])
    await page()
    assert.equal(await made('off'), 'plain')
  })

  test('force: the bridge only', async () => {
    await page({ meta: 'force' })
    assert.equal(await made(), 'bridge')
    assert.equal(browser.streams[0].url.searchParams.get('fallback'), 'forced')
    await page({ search: '?a=1&cablestream=force' })
    assert.equal(await made(), 'bridge')
    await page()
    assert.equal(await made('force'), 'bridge')
    await page({ search: '?cablestream=forced' })
    assert.equal(await made(), 'websocket')
  })

  test('the page comes before the option, its address before both', async () => {
    await page({ meta: 'off' })
    assert.equal(await made('force'), 'plain')
    await page({ meta: 'off', search: '?cablestream=force' })
    assert.equal(await made(), 'bridge')
  })

  test('a share: the same browsers each time, about as many as it says', async () => {
    let chosen = 0
    for (let n = 0; n < 300; n++) {
      const storage = {}
      await page({ meta: '25%', storage })
      const first = await made()
      await page({ meta: '25%', storage })
      assert.equal(await made(), first)
      if (first === 'websocket') {
        chosen++
        await page({ meta: '60%', storage })
        assert.equal(await made(), 'websocket', 'a larger share has those of a smaller one')
      }
    }
    assert.ok(chosen > 40 && chosen < 115, `${chosen} of 300`)
    for (const [meta, expected] of [['0%', 'plain'], ['100%', 'websocket']]) {
      await page({ meta, storage: {} })
      assert.equal(await made(), expected)
    }
  })

  test('none, empty and on: as usual', async () => {
    for (const meta of ['', undefined, 'on']) {
      await page({ meta })
      assert.equal(await made(), 'websocket')
    }
  })

  test('a share may be less than one per cent', async () => {
    await page({ meta: '0.5%', storage: { cablestreamShare: '0.004' } })
    assert.equal(await made(), 'websocket')
    await page({ meta: '0.5%', storage: { cablestreamShare: '0.006' } })
    assert.equal(await made(), 'plain')
  })

  test('anything else is off, and the console says what may be there', async (t) => {
    const warn = t.mock.method(console, 'warn', () => {})
    for (const meta of ['none', '5', 'offf', 'false']) {
      await page({ meta })
      assert.equal(await made(), 'plain')
      assert.match(warn.mock.calls.at(-1).arguments[0], new RegExp(`"${meta}" is neither on, off, force`))
    }
  })

  test('off while the bridge drains: no connection is made in advance', async () => {
    await page()
    await connect({ transports: ['eventsource'] })
    await bridge()
    browser.document.querySelector = () => ({ content: 'off' })
    browser.streams[0].says('drain', '{}', 'session-2')
    await browser.pass(1050)
    assert.deepEqual([browser.streams.length, browser.sockets.length], [1, 0])
  })

  test('the result of a forced page says nothing about WebSockets', async () => {
    await page({ meta: 'force' })
    await connect()
    await bridge()
    await page()
    assert.equal(await made(), 'websocket')
  })
})

describe('the bridge is notified', () => {
  const told = (name) => browser.streams.at(-1).url.searchParams.get(name)

  test('why the WebSocket is not used', async () => {
    await connect()
    browser.sockets.at(-1).ends()
    await browser.settle()
    assert.equal(told('fallback'), 'refused')
    await bridge()
    browser = await standIn({ storage: browser.storage })
    await connect()
    assert.equal(told('fallback'), 'refused', 'as the page before found out')
    browser = await standIn()
    await connect()
    await browser.pass(2550)
    assert.equal(told('fallback'), 'silent')
    browser = await standIn()
    for (let n = 0; n < 2; n++) await die(await open(), 2)
    await connect()
    assert.equal(told('fallback'), 'died')
    browser = await standIn({ WebSocket: null })
    await connect()
    assert.equal(told('fallback'), 'unsupported')
    browser = await standIn()
    await connect({ transports: ['eventsource'] })
    assert.equal(told('fallback'), 'forced')
  })

  test('the path that the client asked for', async () => {
    new (browser.CableSocket.at('/bridge', { transports: ['eventsource'] }))('/admin/cable?token=1', PROTOCOLS)
    await browser.settle()
    assert.equal(told('cable-path'), '/admin/cable')
  })
})

test('a frame that is too large closes with 1009, and is a failure with that reason', async () => {
  const socket = await connect({ transports: ['eventsource'] })
  const events = record(socket)
  await bridge()
  socket.send('x'.repeat(2_000_000))
  await browser.settle()
  browser.posts.at(-1).answer(413, { error: 'at most 1 MiB' })
  await browser.settle()
  assert.equal(events.at(-1), 'close 1009 a frame is too large: at most 1 MiB')
  assert.deepEqual(socket.failures, [{ transport: 'eventsource', reason: 'a frame is too large: at most 1 MiB' }])
})
