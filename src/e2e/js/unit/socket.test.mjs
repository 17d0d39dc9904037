import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { record, standIn, WELCOME } from '../support/stand-ins.mjs'

const CABLE = 'wss://app.example/cable?token=a%20b'
const PROTOCOLS = ['actioncable-v1-json', 'actioncable-unsupported']
let browser
beforeEach(async () => (browser = await standIn()))
afterEach(() => mock.timers.reset())

const connect = async (options = {}) => {
  const socket = new (browser.CableSocket.at('https://cable.example/bridge', options))(CABLE, PROTOCOLS)
  await browser.settle()
  return socket
}

/** An open socket on an EventSource. */
const tunnel = async (options) => {
  const socket = await connect({ transports: ['eventsource'], ...options })
  const events = record(socket)
  const stream = browser.streams.at(-1)
  stream.opens()
  stream.says('message', WELCOME, 'session-1')
  await browser.settle()
  return { socket, events, stream }
}

/** What arrived after the welcome, without pings. */
const said = (events) => events.slice(2).filter((event) => !event.includes('"ping"'))

describe('the interface of a WebSocket', () => {
  test('the states are enumerable statics, also of the class that at() makes', () => {
    const Socket = browser.CableSocket.at('/bridge')
    const states = {}
    for (const name in Socket) states[name] = Socket[name]
    assert.deepEqual(states, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })
  })

  test('instances have the states too, and begin connecting', async () => {
    const socket = await connect()
    assert.equal(socket.OPEN, 1)
    assert.equal(socket.readyState, socket.CONNECTING)
    assert.equal(socket.url, CABLE)
    assert.equal(socket.protocol, '')
    assert.equal(socket.bufferedAmount, 0)
  })

  test('an http address becomes a ws one, a relative one is taken from the page', async () => {
    const Socket = browser.CableSocket.at('/bridge')
    assert.equal(new Socket('/cable').url, 'wss://app.example/cable')
    assert.equal(new Socket('http://h.example/cable').url, 'ws://h.example/cable')
  })

  test('sending while connecting throws what a WebSocket throws', async () => {
    const socket = await connect()
    assert.throws(() => socket.send('x'), { name: 'InvalidStateError' })
  })

  test('both handlers and listeners get the events', async () => {
    const socket = await connect({ transports: ['websocket'] })
    const seen = []
    socket.onopen = () => seen.push('onopen')
    socket.onmessage = ({ data }) => seen.push(data)
    socket.addEventListener('message', ({ data }) => seen.push(`listener ${data}`))
    browser.sockets[0].accept()
    browser.sockets[0].says(WELCOME)
    assert.deepEqual(seen, ['onopen', WELCOME, `listener ${WELCOME}`])
  })
})

describe('over the WebSocket', () => {
  test('it connects to its own URL with its own protocols', async () => {
    await connect()
    assert.equal(browser.sockets[0].url, CABLE)
    assert.deepEqual(browser.sockets[0].protocols, PROTOCOLS)
  })

  test('it is open only with the first frame, and both in one turn', async () => {
    const socket = await connect()
    const events = record(socket)
    browser.sockets[0].accept()
    assert.deepEqual([events, socket.readyState], [[], 0])
    browser.sockets[0].says(WELCOME)
    assert.deepEqual([events, socket.readyState], [['open', WELCOME], 1])
    assert.deepEqual([socket.transport, socket.protocol], ['websocket', 'actioncable-v1-json'])
  })

  test('sending, closing and its end pass through', async () => {
    const socket = await connect()
    const events = record(socket)
    const [native] = browser.sockets
    native.accept()
    native.says(WELCOME)
    native.bufferedAmount = 7
    socket.send('frame')
    assert.deepEqual([native.sent, socket.bufferedAmount], [['frame'], 7])
    socket.close(3000, 'enough')
    assert.deepEqual([socket.readyState, native.closeCode, native.closeReason], [2, 3000, 'enough'])
    native.ends(3000, 'enough')
    assert.deepEqual(events.slice(2), ['close 3000 enough'])
    assert.equal(socket.readyState, 3)
  })

  test('a broken one dispatches error and close', async () => {
    const socket = await connect()
    const events = record(socket)
    browser.sockets[0].accept()
    browser.sockets[0].says(WELCOME)
    browser.sockets[0].ends()
    assert.deepEqual(events.slice(2), ['error', 'close 1006'])
  })

  test('nothing is asked of the bridge, not even a farewell', async () => {
    await connect()
    browser.sockets[0].accept()
    browser.sockets[0].says(WELCOME)
    await browser.pass(20_000)
    assert.deepEqual([browser.requests, browser.streams, browser.beacons], [[], [], []])
  })
})

describe('from rung to rung', () => {
  test('a refused WebSocket starts the EventSource at once', async () => {
    await connect()
    browser.sockets[0].ends()
    await browser.settle()
    const [{ url, withCredentials }] = browser.streams
    assert.equal(withCredentials, true)
    assert.match(url.href, /^https:\/\/cable\.example\/bridge\/[\w.~-]{16,128}\?token=a%20b&protocol=actioncable-v1-json%2Cactioncable-unsupported&cable-path=%2Fcable&fallback=refused&last-event-id=0&ping=3/)
  })

  test('a silent WebSocket starts it after 2.5 s', async () => {
    await connect()
    browser.sockets[0].accept()
    await browser.pass(2400)
    assert.equal(browser.streams.length, 0)
    await browser.pass(150)
    assert.equal(browser.streams.length, 1)
  })

  test('both go on, and the WebSocket may still win: the session gets its farewell', async () => {
    const socket = await connect()
    const events = record(socket)
    await browser.pass(2550)
    browser.streams[0].opens()
    await browser.settle()
    browser.sockets[0].accept()
    browser.sockets[0].says(WELCOME)
    assert.deepEqual([events, socket.transport], [['open', WELCOME], 'websocket'])
    await browser.settle()
    assert.equal(browser.streams[0].readyState, 2)
    assert.equal(browser.farewells.length, 1)
    assert.equal(browser.farewells[0].query.get('session-id'), 'session')
    assert.deepEqual(socket.failures, [])
  })

  test('or the stream wins, and the WebSocket is closed', async () => {
    const socket = await connect()
    const events = record(socket)
    await browser.pass(2550)
    browser.streams[0].opens()
    browser.streams[0].says('message', WELCOME, 'session-1')
    await browser.settle()
    assert.deepEqual([events, socket.transport, socket.protocol], [['open', WELCOME], 'eventsource', 'actioncable-v1-json'])
    assert.equal(browser.sockets[0].readyState, 2)
    browser.sockets[0].says(WELCOME)
    assert.equal(events.length, 2)
    assert.deepEqual(socket.failures, [{ transport: 'websocket', reason: 'silent' }])
  })

  test('a stream has 2.5 s to its first event, then the next rung joins the same session from the beginning', async () => {
    await connect({ transports: ['eventsource', 'fetch', 'poll'] })
    await browser.pass(2550)
    assert.equal(browser.streams[0].readyState, 2)
    const [request] = browser.fetches
    assert.equal(request.method, 'POST')
    assert.equal(request.body, '')
    assert.equal(request.credentials, 'include')
    assert.equal(request.url.pathname, browser.streams[0].url.pathname)
    assert.equal(request.query.get('last-event-id'), '0')
    await browser.pass(2550)
    assert.equal(request.signal.aborted, true)
    assert.equal(browser.polls[0].url.pathname, browser.streams[0].url.pathname)
    assert.equal(browser.polls[0].query.get('last-event-id'), '0')
  })

  test('once opened it may wait for the welcome as long as the bridge waits', async () => {
    const socket = await connect({ transports: ['eventsource', 'fetch'] })
    const [stream] = browser.streams
    stream.opens()
    // A minute for the dial's turn, and 10 s for the server.
    for (let second = 0; second < 70; second++) {
      await browser.pass(1000)
      stream.says('ping', '{}')
    }
    assert.equal(socket.readyState, 0)
    stream.says('message', WELCOME, 'session-1')
    assert.equal(socket.readyState, 1)
    assert.equal(browser.fetches.length, 0)
  })

  test('a response of the bridge itself is final: no further transport', async () => {
    const socket = await connect({ transports: ['eventsource', 'fetch', 'poll'] })
    const events = record(socket)
    browser.streams[0].opens()
    browser.streams[0].says('close', { code: 1006, reason: 'nothing listens there' }, 'session-end')
    await browser.pass(11_000)
    assert.deepEqual(events, ['error', 'close 1006'])
    assert.equal(browser.requests.length, 0)
    assert.deepEqual(socket.failures, [{ transport: 'eventsource', reason: 'nothing listens there' }])
  })

  test('but a WebSocket that is still connecting may yet win', async () => {
    const socket = await connect()
    const events = record(socket)
    await browser.pass(2550)
    browser.streams[0].opens()
    browser.streams[0].says('close', { code: 1006, reason: '' }, 'session-end')
    await browser.pass(1000)
    browser.sockets[0].accept()
    browser.sockets[0].says(WELCOME)
    assert.deepEqual([events, socket.transport], [['open', WELCOME], 'websocket'])
  })

  test('when all have failed: error, then close 1006, and each has its reason', async () => {
    const socket = await connect()
    const events = record(socket)
    browser.sockets[0].ends()
    await browser.settle()
    browser.streams[0].ends(true)
    await browser.settle()
    browser.fetches[0].answer(403, { error: 'not for you' })
    await browser.settle()
    browser.polls[0].fails()
    await browser.pass(50)
    assert.deepEqual(events, ['error', 'close 1006'])
    assert.deepEqual(
      socket.failures.map(({ transport, reason }) => `${transport}: ${reason}`),
      ['websocket: closed with 1006', 'eventsource: refused', 'fetch: not for you', 'poll: Failed to fetch']
    )
    assert.equal(socket.readyState, 3)
  })

  test('a page that is no bridge counts as a failure', async () => {
    const socket = await connect({ transports: ['fetch', 'poll'] })
    browser.fetches[0].answer(200, '<html>login</html>', 'text/html')
    await browser.settle()
    browser.polls[0].answer(200, '<html>login</html>', 'text/html')
    await browser.pass(1)
    assert.equal(socket.readyState, 3)
  })

  test('a page can set the transports, and learns which is in use and why others failed', async () => {
    const told = []
    const socket = await connect({ transports: ['fetch', 'poll'], onTransport: ({ detail }) => told.push(detail) })
    assert.deepEqual([browser.sockets.length, browser.streams.length], [0, 0])
    browser.fetches[0].answer(502, 'bad gateway', 'text/html')
    await browser.settle()
    browser.polls[0].answer(200, { messages: [{ id: 's-0', type: 'opened', data: '{"protocol":"actioncable-v1-json"}' }, { id: 's-1', type: 'message', data: WELCOME }] })
    await browser.settle()
    assert.equal(socket.transport, 'poll')
    assert.deepEqual(told, [
      { transport: undefined, failures: [{ transport: 'fetch', reason: 'HTTP 502' }] },
      { transport: 'poll', failures: [{ transport: 'fetch', reason: 'HTTP 502' }] }
    ])
  })

  test('a browser without EventSource uses the next transport', async () => {
    delete globalThis.EventSource
    await connect({ transports: ['eventsource', 'fetch'] })
    assert.equal(browser.fetches.length, 1)
  })

  test('so does one that forbids the WebSocket', async () => {
    browser = await standIn({
      WebSocket: class {
        constructor() {
          throw new DOMException('insecure', 'SecurityError')
        }
      }
    })
    const socket = await connect()
    assert.equal(browser.streams.length, 1)
    assert.deepEqual(socket.failures, [{ transport: 'websocket', reason: 'unsupported: insecure' }])
  })

  test('each new socket has an id of its own', async () => {
    for (let n = 0; n < 3; n++) await connect({ transports: ['eventsource'] })
    assert.equal(new Set(browser.streams.map(({ url }) => url.pathname)).size, 3)
  })
})

describe('what worked is remembered', () => {
  const win = async () => {
    const socket = await connect()
    browser.sockets.at(-1).ends()
    await browser.settle()
    browser.streams.at(-1).opens()
    browser.streams.at(-1).says('message', WELCOME, 'session-1')
    await browser.settle()
    return socket
  }

  test('so the next socket begins there', async () => {
    await win()
    await connect()
    assert.deepEqual([browser.sockets.length, browser.streams.length], [1, 2])
  })

  test('for ten minutes, from when it was found out', async () => {
    await win()
    await browser.pass(300_000)
    await connect()
    browser.streams.at(-1).opens()
    browser.streams.at(-1).says('message', WELCOME, 'session-1')
    await browser.pass(310_000)
    await connect()
    assert.equal(browser.sockets.length, 2)
  })

  test('until the browser comes online', async () => {
    await win()
    browser.page('online')
    await connect()
    assert.equal(browser.sockets.length, 2)
  })

  test('the rungs above are tried last', async () => {
    await win()
    const socket = await connect()
    browser.streams.at(-1).ends(true)
    await browser.settle()
    browser.fetches[0].fails()
    await browser.settle()
    browser.polls[0].fails()
    await browser.settle()
    assert.equal(browser.sockets.length, 2)
    browser.sockets[1].accept()
    browser.sockets[1].says(WELCOME)
    assert.equal(socket.transport, 'websocket')
  })

  test('a live socket stays where it is', async () => {
    const socket = await win()
    browser.page('online')
    await browser.pass(200)
    assert.deepEqual([socket.transport, browser.sockets.length], ['eventsource', 1])
  })

  test('storage that is forbidden or damaged does no harm', async () => {
    browser.storage.cablestream = '%%%'
    await connect()
    Object.defineProperty(globalThis, 'localStorage', { get: () => { throw new Error('forbidden') }, configurable: true })
    await connect()
    assert.equal(browser.sockets.length, 2)
  })
})

describe('sending through the tunnel', () => {
  test('one tick is one batch, in order; one POST is in flight', async () => {
    const { socket, stream } = await tunnel()
    socket.send('{"a":"ü"}')
    socket.send('b')
    await browser.settle()
    const [first] = browser.posts
    assert.equal(first.body, '["{\\"a\\":\\"ü\\"}","b"]')
    assert.equal(first.credentials, 'include')
    assert.equal(first.headers, undefined)
    assert.equal(first.keepalive, undefined)
    assert.equal(first.url.pathname, stream.url.pathname)
    assert.equal(first.query.get('token'), 'a b')
    assert.equal(first.query.get('protocol'), PROTOCOLS.join())
    socket.send('c')
    socket.send('d')
    await browser.settle()
    assert.equal(browser.posts.length, 1)
    first.answer(200, [])
    await browser.settle()
    assert.equal(browser.posts[1].body, '["c","d"]')
    assert.notEqual(browser.posts[1].query.get('idempotency-key'), first.query.get('idempotency-key'))
  })

  test('bufferedAmount counts bytes until they are answered', async () => {
    const { socket } = await tunnel()
    assert.equal(socket.bufferedAmount, 0)
    socket.send('ü'.repeat(100))
    assert.ok(socket.bufferedAmount >= 200)
    await browser.settle()
    browser.posts[0].answer(200, [])
    await browser.settle()
    assert.equal(socket.bufferedAmount, 0)
  })

  test('a batch has at most 48 KiB, unless one frame alone is larger', async () => {
    const { socket } = await tunnel()
    for (const size of [20_000, 20_000, 20_000, 70_000, 10]) socket.send('x'.repeat(size))
    const lengths = []
    for (let n = 0; n < 4; n++) {
      await browser.settle()
      const { body } = browser.posts[n]
      lengths.push(JSON.parse(body).map(({ length }) => length))
      if (n !== 2) assert.ok(body.length <= 48 * 1024)
      browser.posts[n].answer(200, [])
    }
    assert.deepEqual(lengths, [[20_000, 20_000], [20_000], [70_000], [10]])
  })

  test('without an answer it is repeated, with the same key and body', async () => {
    const { socket, stream } = await tunnel()
    socket.send('a')
    await browser.settle()
    browser.posts[0].fails()
    await browser.pass(1050)
    browser.posts[1].answer(502, 'bad gateway', 'text/html')
    await browser.pass(1050)
    browser.posts[2].answer(409, { error: 'still running' })
    await browser.pass(1050)
    stream.says('ping', '{}')
    // The fourth never gets a response.
    await browser.pass(3000)
    stream.says('ping', '{}')
    await browser.pass(2600)
    browser.posts[4].answer(200, [])
    await browser.settle()
    assert.equal(new Set(browser.posts.map(({ query }) => query.get('idempotency-key'))).size, 1)
    assert.equal(new Set(browser.posts.map(({ body }) => body)).size, 1)
    assert.deepEqual([browser.posts.length, socket.readyState, socket.bufferedAmount], [5, 1, 0])
  })

  test('a page instead of an answer is no answer', async () => {
    const { socket } = await tunnel()
    socket.send('a')
    await browser.settle()
    browser.posts[0].answer(200, '<html>login</html>', 'text/html')
    await browser.pass(1050)
    assert.equal(browser.posts.length, 2)
  })

  test('413 closes with 1009, other refusals with 1006', async () => {
    for (const [status, code] of [[413, 1009], [403, 1006], [410, 1006], [422, 1006]]) {
      const { socket, events } = await tunnel()
      socket.send('a')
      await browser.settle()
      browser.posts.at(-1).answer(status, { error: 'no' })
      await browser.settle()
      assert.deepEqual(events.slice(2), code === 1006 ? ['error', 'close 1006 no'] : ['close 1009 a frame is too large: no'])
      assert.equal(socket.readyState, 3)
    }
  })

  test('after 30 s without an answer it gives up', async () => {
    const { socket, stream, events } = await tunnel()
    socket.send('a')
    await browser.settle()
    for (let n = 0; socket.readyState === 1 && n < 60; n++) {
      browser.posts.at(-1).fails()
      stream.says('ping', '{}')
      await browser.pass(1000)
    }
    assert.deepEqual(said(events), ['error', 'close 1006 Failed to fetch'])
    assert.ok(browser.posts.length > 20)
  })
})

describe('closing', () => {
  test('it is closing at once, what was sent leaves before the DELETE, close follows later, once', async () => {
    const { socket, events, stream } = await tunnel()
    socket.send('last')
    socket.close(1000, 'bye')
    assert.deepEqual([socket.readyState, events.slice(2)], [2, []])
    socket.close()
    await browser.pass(1)
    assert.equal(stream.readyState, 2)
    assert.deepEqual([socket.readyState, events.slice(2)], [3, ['close 1000 bye']])
    assert.deepEqual([browser.posts.length, browser.farewells.length], [1, 0])
    browser.posts[0].answer(200, [])
    await browser.settle()
    assert.equal(browser.farewells.length, 1)
    assert.equal(browser.farewells[0].query.get('session-id'), 'session')
    socket.close()
    await browser.pass(10_000)
    assert.deepEqual([events.slice(2), browser.farewells.length], [['close 1000 bye'], 1])
  })

  test('nothing is received or sent any more', async () => {
    const { socket, events, stream } = await tunnel()
    socket.close()
    stream.says('message', 'late', 'session-2')
    socket.send('late')
    await browser.pass(1)
    assert.deepEqual([events.slice(2), browser.posts.length], [['close 1000'], 0])
  })

  test('while connecting it ends every rung', async () => {
    const socket = await connect()
    const events = record(socket)
    await browser.pass(2550)
    browser.streams[0].opens()
    socket.close()
    await browser.pass(1)
    assert.deepEqual([events, socket.readyState], [['error', 'close 1006'], 3])
    assert.deepEqual([browser.sockets[0].readyState, browser.streams[0].readyState], [2, 2])
    assert.equal(browser.farewells.length, 1)
    await browser.pass(20_000)
    assert.deepEqual([events.length, browser.requests.length], [2, 1])
  })

  test('a handler of open may close: the frame is then not delivered', async () => {
    const socket = await connect({ transports: ['eventsource'] })
    const events = record(socket)
    socket.onopen = () => socket.close()
    browser.streams[0].opens()
    browser.streams[0].says('message', WELCOME, 'session-1')
    await browser.pass(1)
    assert.deepEqual(events, ['open', 'close 1000'])
  })

  test('the client sees the cable as the bridge reports it', async () => {
    const { events, stream } = await tunnel()
    stream.says('message', '{"type":"disconnect","reconnect":false}', 'session-2')
    stream.says('close', { code: 1000, reason: 'done' }, 'session-end')
    assert.deepEqual(events.slice(2), ['{"type":"disconnect","reconnect":false}', 'close 1000 done'])
    await browser.pass(20_000)
    assert.deepEqual([browser.streams.length, browser.requests.length], [1, 0])
  })
})

describe('resuming', () => {
  test('a stream that ends is requested again from the cursor on, unnoticed', async () => {
    const { socket, events, stream } = await tunnel()
    stream.says('message', 'one', 'session-2')
    stream.ends()
    await browser.pass(300)
    const [poll] = browser.polls
    assert.equal(poll.query.get('last-event-id'), 'session-2')
    assert.equal(poll.query.get('timeout'), '0')
    poll.answer(200, { messages: [{ id: 'session-3', type: 'message', data: 'two' }] })
    await browser.pass(50)
    assert.equal(browser.streams[1].url.searchParams.get('last-event-id'), 'session-3')
    browser.streams[1].opens('session', true, 3)
    browser.streams[1].says('message', 'three', 'session-4')
    assert.deepEqual(events, ['open', WELCOME, 'one', 'two', 'three'])
    assert.equal(socket.readyState, 1)
  })

  test('one that is replaced by a request from before, which a hung proxy let through late, takes the session back', async () => {
    const { socket, events, stream } = await tunnel()
    stream.says('message', 'one', 'session-2')
    stream.says('close', { code: 1000, reason: 'replaced' }, 'session-end')
    await browser.pass(300)
    const [poll] = browser.polls
    assert.equal(poll.query.get('last-event-id'), 'session-2')
    poll.answer(200, { messages: [{ id: 'session-3', type: 'message', data: 'two' }] })
    await browser.pass(50)
    browser.streams[1].opens('session', true, 3)
    browser.streams[1].says('message', 'three', 'session-4')
    assert.deepEqual(events, ['open', WELCOME, 'one', 'two', 'three'])
    assert.equal(socket.readyState, 1)
  })

  test('when that is refused the socket closes', async () => {
    for (const status of [204, 403, 404, 410]) {
      const { events, stream } = await tunnel()
      stream.ends(true)
      await browser.pass(300)
      browser.polls.at(-1).answer(status, status === 204 ? undefined : { error: 'over' })
      await browser.settle()
      assert.deepEqual(events.slice(2), ['error', `close 1006 ${status === 204 ? 'HTTP 204' : 'over'}`])
    }
  })

  test('a proxy in trouble is no refusal', async () => {
    const { socket, events, stream } = await tunnel()
    stream.ends(true)
    await browser.pass(300)
    browser.polls[0].answer(503, 'busy', 'text/html')
    await browser.pass(600)
    browser.polls[1].fails()
    await browser.pass(1100)
    browser.polls[2].answer(200, { messages: [{ id: 'session-2', type: 'message', data: 'missed' }] })
    await browser.pass(50)
    assert.deepEqual([events.at(-1), socket.readyState, browser.streams.length], ['missed', 1, 2])
  })

  test('silence of 4 s is the end of a stream', async () => {
    const { socket, stream } = await tunnel()
    await browser.pass(3000)
    stream.says('ping', '{}')
    await browser.pass(3900)
    assert.equal(stream.readyState, 1)
    await browser.pass(1000)
    assert.equal(stream.readyState, 2)
    assert.equal(browser.polls.length, 1)
    assert.equal(socket.readyState, 1)
  })

  test('after 30 s without a frame there is no session to resume', async () => {
    const { socket, events } = await tunnel()
    await browser.pass(29_000)
    assert.equal(socket.readyState, 1)
    await browser.pass(2000)
    assert.deepEqual(said(events), ['error', 'close 1006 silent'])
  })

  test('coming online asks at once', async () => {
    const { stream } = await tunnel()
    browser.page('online')
    await browser.pass(300)
    assert.equal(stream.readyState, 2)
    assert.equal(browser.polls.length, 1)
  })

  test('after a sleep it closes at once, so that the client connects again', async () => {
    const { events } = await tunnel()
    mock.timers.setTime(Date.now() + 3_600_000)
    await browser.pass(550)
    assert.deepEqual(events.slice(2), ['error', 'close 1006 silent'])
  })

  test('a long poll continues with a request after each response', async () => {
    const socket = await connect({ transports: ['poll'] })
    const events = record(socket)
    browser.polls[0].answer(200, { messages: [{ id: 's-0', type: 'opened', data: '{}' }] })
    await browser.pass(1)
    browser.polls[1].answer(200, { messages: [{ id: 's-1', type: 'message', data: WELCOME }] })
    await browser.pass(1)
    assert.deepEqual(events, ['open', WELCOME])
    assert.equal(browser.polls[2].query.get('last-event-id'), 's-1')
    assert.equal(browser.polls[2].query.get('timeout'), '3')
    assert.equal(browser.polls[2].cache, 'no-store')
  })

  test('a lost answer of a poll is asked for again', async () => {
    await connect({ transports: ['poll'] })
    browser.polls[0].answer(200, { messages: [{ id: 's-0', type: 'opened', data: '{}' }, { id: 's-1', type: 'message', data: WELCOME }] })
    await browser.pass(1)
    browser.polls[1].fails()
    await browser.pass(600)
    assert.equal(browser.polls[2].query.get('last-event-id'), 's-1')
  })
})

/** Frames that the script itself created. */
const signs = (events) => events.filter((event) => event.includes('"ping"'))

describe('an outage', () => {
  test('the client is not notified: it gets pings, never 6 s apart', async () => {
    const { socket } = await tunnel()
    const times = [Date.now()]
    socket.addEventListener('message', ({ data }) => {
      assert.match(data, /^\{"type":"ping","message":17000000\d\d\}$/)
      times.push(Date.now())
    })
    await browser.pass(25_000)
    const longest = Math.max(...times.slice(1).map((time, n) => time - times[n]))
    assert.ok(longest <= 4000 && times.length > 6, String(times))
    assert.equal(socket.readyState, 1)
  })

  test('of 25 s: what was missed arrives in order, and what was sent meanwhile leaves once', async () => {
    const { socket, events, stream } = await tunnel()
    stream.says('message', 'one', 'session-2')
    await browser.pass(2000)
    socket.send('held')
    for (let second = 0; second < 25; second++) {
      await browser.pass(1000)
      for (const { fails } of browser.requests) fails()
    }
    assert.equal(socket.readyState, 1)
    await browser.pass(1050)
    browser.polls.at(-1).answer(200, { messages: [{ id: 'session-3', type: 'message', data: 'two' }] })
    browser.posts.at(-1).answer(200, [])
    await browser.pass(100)
    browser.streams.at(-1).opens('session', true, 3)
    browser.streams.at(-1).says('message', 'three', 'session-4')
    assert.deepEqual(said(events), ['one', 'two', 'three'])
    assert.equal(new Set(browser.posts.map(({ query }) => query.get('idempotency-key'))).size, 1)
    assert.deepEqual([socket.readyState, socket.bufferedAmount], [1, 0])
  })

  test('it asks again every second or so, however long it lasts', async () => {
    const { stream } = await tunnel()
    stream.ends(true)
    await browser.pass(20_000)
    const times = []
    for (let n = 0; n < 50; n++) {
      const before = browser.polls.length
      for (const { fails } of browser.polls) fails()
      await browser.pass(100)
      if (browser.polls.length > before) times.push(Date.now())
    }
    const longest = Math.max(...times.slice(1).map((time, n) => time - times[n]))
    assert.ok(times.length > 3 && longest <= 1100, String(times))
  })

  test('connections from before may all be dead: each new try has 1 s, the third comes within 3', async () => {
    const { stream } = await tunnel()
    await browser.pass(4300)
    assert.equal(stream.readyState, 2)
    const began = Date.now()
    while (browser.polls.length < 3) await browser.pass(50)
    assert.ok(Date.now() - began < 3000, `${Date.now() - began}`)
  })

  test('patience is how long the client is not notified', async () => {
    const { socket, events } = await tunnel({ patience: 10_000 })
    await browser.pass(9500)
    assert.equal(socket.readyState, 1)
    assert.ok(signs(events).length > 1)
    await browser.pass(1000)
    assert.deepEqual(said(events), ['error', 'close 1006 silent'])
  })

  test('without patience there are no pings', async () => {
    const { socket, events } = await tunnel({ patience: 0 })
    await browser.pass(20_000)
    assert.deepEqual([signs(events), socket.readyState], [[], 1])
  })

  test('the silence of the server is broken too, as the bridge is the one that watches it', async () => {
    const { events, stream } = await tunnel()
    for (let n = 0; n < 3; n++) {
      await browser.pass(2000)
      stream.says('ping', '{}')
    }
    assert.equal(signs(events).length, 1)
  })

  test('a protocol that is not ActionCable\'s gets none', async () => {
    const socket = new (browser.CableSocket.at('https://cable.example/bridge', { transports: ['eventsource'] }))(CABLE, ['chat'])
    const events = record(socket)
    await browser.settle()
    browser.streams[0].opens()
    browser.streams[0].says('message', WELCOME, 'session-1')
    await browser.pass(10_000)
    assert.deepEqual(signs(events), [])
  })
})

describe('coming back', () => {
  const beckoned = () => {
    const seen = []
    for (const type of ['resume', 'visibilitychange']) addEventListener(type, () => seen.push(type))
    return seen
  }
  const lived = async () => {
    const all = await tunnel()
    for (let second = 0; second < 6; second++) {
      await browser.pass(1000)
      all.stream.says('ping', '{}')
    }
    return all
  }

  test('when the cable was lost, the clients are made to look at once, after the close', async () => {
    const seen = beckoned()
    const { stream, events } = await lived()
    stream.says('close', { code: 1006, reason: 'server_lost' }, 'session-end')
    assert.deepEqual([said(events), seen], [['error', 'close 1006 server_lost'], []])
    await browser.pass(350)
    assert.deepEqual(seen, ['resume', 'visibilitychange'])
  })

  test('as when the session is not there any more', async () => {
    for (const status of [204, 410]) {
      const seen = beckoned()
      const { stream } = await lived()
      stream.ends(true)
      await browser.pass(300)
      browser.polls.at(-1).answer(status, status === 204 ? undefined : { error: 'over' })
      await browser.pass(350)
      assert.deepEqual(seen, ['resume', 'visibilitychange'])
    }
  })

  test('as when the server says that it restarts', async () => {
    const seen = beckoned()
    const { socket, stream } = await lived()
    stream.says('message', '{"type":"disconnect","reason":"server_restart","reconnect":true}', 'session-2')
    socket.close()
    await browser.pass(350)
    assert.deepEqual(seen, ['resume', 'visibilitychange'])
  })

  test('not when the server or the page wanted it to end', async () => {
    const seen = beckoned()
    const { stream } = await lived()
    stream.says('close', { code: 1000, reason: '' }, 'session-end')
    const { socket } = await lived()
    socket.close()
    await browser.pass(1000)
    assert.deepEqual(seen, [])
  })

  test('not when the caller is refused, nor after silence: the bridge has not said so', async () => {
    const seen = beckoned()
    const { stream } = await lived()
    stream.ends(true)
    await browser.pass(300)
    browser.polls.at(-1).answer(403, { error: 'no' })
    const { socket } = await lived()
    await browser.pass(31_000)
    assert.deepEqual([socket.readyState, seen], [3, []])
  })

  test('not when it lived for less than 5 s: what breaks again and again is left to the clients\' clocks', async () => {
    const seen = beckoned()
    const { stream } = await tunnel()
    await browser.pass(2000)
    stream.says('close', { code: 1006, reason: 'server_lost' }, 'session-end')
    await browser.pass(1000)
    assert.deepEqual(seen, [])
  })

  test('a returning client retries until the server is back, each time with a new session', async () => {
    const { stream } = await lived()
    stream.says('close', { code: 1006, reason: 'server_lost' }, 'session-end')
    await browser.pass(350)
    const socket = await connect({ transports: ['eventsource'] })
    const events = record(socket)
    const began = Date.now()
    for (let n = 0; n < 5; n++) {
      browser.streams.at(-1).opens()
      browser.streams.at(-1).says('close', { code: 1006, reason: 'nothing listens there' }, 'session-end')
      await browser.pass(1050)
    }
    assert.ok(Date.now() - began < 6000)
    browser.streams.at(-1).opens()
    browser.streams.at(-1).says('message', WELCOME, 'session-1')
    assert.deepEqual([events, socket.failures], [['open', WELCOME], []])
    assert.equal(new Set(browser.streams.map(({ url }) => url.pathname)).size, browser.streams.length)
    assert.ok(browser.streams.length >= 7)
  })

  test('and gives up after a minute, as others do at once', async () => {
    const { stream } = await lived()
    stream.says('close', { code: 1006, reason: 'server_lost' }, 'session-end')
    await browser.pass(350)
    const socket = await connect({ transports: ['eventsource'] })
    for (let n = 0; n < 70; n++) {
      browser.streams.at(-1).ends(true)
      await browser.pass(1000)
      if (n === 55) assert.equal(socket.readyState, 0)
    }
    assert.equal(socket.readyState, 3)
    const other = await connect({ transports: ['eventsource'] })
    browser.streams.at(-1).ends(true)
    await browser.pass(100)
    assert.equal(other.readyState, 3)
  })
})

describe('a drain', () => {
  test('is told before: the next connection is there before this one ends, and what was sent leaves', async () => {
    const { socket, events, stream } = await tunnel()
    stream.says('message', 'one', 'session-2')
    stream.says('drain', '{}', 'session-3')
    await browser.pass(1050)
    assert.equal(browser.streams.length, 2)
    browser.streams[1].opens('next')
    await browser.settle()
    assert.equal(socket.readyState, 1)
    socket.send('last')
    browser.streams[1].says('message', WELCOME, 'next-1')
    await browser.pass(50)
    assert.deepEqual([said(events), socket.readyState], [['one', 'close 1001 drained'], 3])
    assert.equal(browser.posts[0].body, '["last"]')
    assert.equal(browser.posts[0].url.pathname, stream.url.pathname)
    browser.posts[0].answer(200, [])
    await browser.settle()
    assert.equal(browser.farewells.length, 1)
    const next = await connect({ transports: ['eventsource'] })
    const received = record(next)
    await browser.settle()
    assert.deepEqual([next.readyState, browser.streams.length], [1, 2])
    browser.streams[1].says('message', 'two', 'next-2')
    assert.deepEqual(received.at(-1), 'two')
  })

  test("a client that asks while its connection is still being made gets that", async () => {
    const { stream } = await tunnel()
    await browser.pass(3000)
    stream.says('drain', '{}', 'session-2')
    await browser.pass(1500)
    stream.says('close', { code: 1001, reason: 'drained' }, 'session-end')
    await browser.pass(50)
    const next = await connect({ transports: ['eventsource'] })
    const received = record(next)
    browser.streams.at(-1).opens('next')
    browser.streams.at(-1).says('message', WELCOME, 'next-1')
    assert.deepEqual([received, next.transport], [['open', WELCOME], 'eventsource'])
  })

  test('a client that never asks leaves no connection behind', async () => {
    const { stream } = await tunnel()
    stream.says('drain', '{}', 'session-2')
    await browser.pass(1050)
    browser.streams[1].opens('next')
    browser.streams[1].says('message', WELCOME, 'next-1')
    for (let second = 0; second < 22; second++) {
      await browser.pass(1000)
      browser.streams[1].says('ping', '{}')
    }
    assert.equal(browser.streams[1].readyState, 2)
    assert.deepEqual(browser.farewells.map(({ query }) => query.get('session-id')), ['session', 'next'])
    await connect({ transports: ['eventsource'] })
    assert.equal(browser.streams.length, 3)
  })
})

describe('a fall to a lower transport', () => {
  /** An open socket that found EventSource silent, then fetch. */
  const fall = async (transports = ['eventsource', 'fetch', 'poll']) => {
    const told = []
    const socket = await connect({ transports, onTransport: ({ detail }) => told.push(detail.transport) })
    const events = record(socket)
    await browser.pass(2600)
    const stream = browser.fetches[0].stream()
    stream.says(`id: s-0\nevent: opened\ndata: {}\n\nid: s-1\ndata: ${WELCOME}\n\n`)
    await browser.settle()
    assert.equal(socket.transport, 'fetch')
    return { socket, events, told, stream }
  }

  /** The remaining time. */
  const remembered = () => 600_000 - (Date.now() - browser.storage.cablestream.split(' ')[1])

  test('is remembered for a minute, and undone after 2 s if the higher transport works by then: nothing is lost', async () => {
    const { socket, events, told } = await fall()
    assert.ok(remembered() > 0 && remembered() <= 60_000)
    await browser.pass(2050)
    assert.equal(browser.streams.at(-1).url.searchParams.get('last-event-id'), 's-1')
    browser.streams.at(-1).opens('s', true, 1)
    browser.streams.at(-1).says('message', 'one', 's-2')
    await browser.pass(1050)
    assert.deepEqual([socket.transport, socket.failures, told.at(-1)], ['eventsource', [], 'eventsource'])
    assert.deepEqual(events, ['open', WELCOME, 'one'])
    assert.match(browser.storage.cablestream, /^eventsource /)
  })

  test('is remembered for ten minutes where that fails while this one works', async () => {
    const { socket } = await fall()
    await browser.pass(2000)
    assert.equal(browser.streams.length, 2)
    await browser.pass(1100)
    assert.equal(browser.streams[1].readyState, 2)
    const again = browser.fetches.at(-1)
    assert.equal(again.query.get('last-event-id'), 's-1')
    again.stream().says('id: s-1\nevent: opened\ndata: {}\n\n')
    await browser.pass(1050)
    assert.deepEqual([socket.transport, socket.readyState], ['fetch', 1])
    assert.match(browser.storage.cablestream, /^fetch /)
    assert.ok(remembered() > 590_000)
  })

  test('is no evidence where nothing works', async () => {
    const { socket } = await fall()
    await browser.pass(6000)
    assert.equal(socket.readyState, 1)
    assert.ok(remembered() <= 60_000)
  })

  test('is undone within a minute after the network has recovered', async () => {
    browser.storage.cablestream = `fetch ${Date.now()}`
    const socket = await connect({ transports: ['eventsource', 'fetch', 'poll'] })
    const stream = browser.fetches[0].stream()
    stream.says(`id: s-0\nevent: opened\ndata: {}\n\nid: s-1\ndata: ${WELCOME}\n\n`)
    for (let second = 0; second < 55 && !browser.streams[0]; second++) {
      stream.says('event: ping\ndata: {}\n\n')
      await browser.pass(1000)
    }
    browser.streams[0].opens('s', true, 1)
    await browser.pass(1050)
    assert.equal(socket.transport, 'eventsource')
    assert.match(browser.storage.cablestream, /^eventsource /)
  })

  test('from a silent WebSocket is not remembered where a new one gets a frame', async () => {
    const socket = await connect()
    await browser.pass(2550)
    browser.streams[0].opens()
    browser.streams[0].says('message', WELCOME, 'session-1')
    await browser.pass(2050)
    browser.sockets[1].accept()
    browser.sockets[1].says(WELCOME)
    await browser.pass(1050)
    assert.deepEqual([socket.transport, browser.sockets[1].readyState], ['eventsource', 2])
    assert.match(browser.storage.cablestream, /^websocket /)
  })
})

describe('a balancer that sends commands elsewhere', () => {
  test('is reported once, in words for an operator', async () => {
    const told = []
    const onTransport = ({ detail }) => told.push(detail)
    for (let n = 0; n < 3; n++) {
      const { socket, events } = await tunnel({ onTransport })
      socket.send('a')
      await browser.settle()
      browser.posts.at(-1).answer(404, { error: 'no such session' })
      await browser.settle()
      assert.match(events.at(-1), /^close 1006 another node answered/)
    }
    const words = told.filter(({ failures }) => failures.some(({ reason }) => /same/.test(reason)))
    assert.deepEqual(words.map(({ failures }) => failures.length), [1])
  })
})

describe('the streaming POST', () => {
  test('events are parsed in whatever pieces they arrive', async () => {
    const socket = await connect({ transports: ['fetch'] })
    const events = record(socket)
    const stream = browser.fetches[0].stream()
    const text = `retry: 2000\n\nid: s-0\nevent: opened\ndata: {"protocol":"actioncable-v1-json"}\n\n: padding\n\nid: s-1\ndata: ${WELCOME}\n\nid: s-2\ndata: {"é\u2028":\ndata: 1}\n\nevent: ping\ndata: {}\n\n`
    for (const byte of new TextEncoder().encode(text)) stream.says(Uint8Array.of(byte))
    await browser.pass(1)
    assert.deepEqual(events, ['open', WELCOME, '{"é\u2028":\n1}'])
    stream.ends()
    await browser.pass(300)
    assert.equal(browser.fetches[1].query.get('last-event-id'), 's-2')
  })

  test('one that is replaced with the last bytes of its response takes the session back', async () => {
    await connect({ transports: ['fetch'] })
    const stream = browser.fetches[0].stream()
    stream.says(`id: s-0\nevent: opened\ndata: {}\n\nid: s-1\ndata: ${WELCOME}\n\n`)
    await browser.pass(1)
    stream.says('id: s-end\nevent: close\ndata: {"code":1000,"reason":"replaced"}\n\n')
    stream.ends()
    await browser.pass(300)
    assert.equal(browser.fetches[1]?.query.get('last-event-id'), 's-1')
  })

  test('its buffer is released: the next one continues from the cursor, unnoticed', async () => {
    const socket = await connect({ transports: ['fetch'] })
    const events = record(socket)
    const stream = browser.fetches[0].stream()
    stream.says(`id: s-0\nevent: opened\ndata: {}\n\nid: s-1\ndata: ${WELCOME}\n\n`)
    await browser.pass(1)
    const large = 'x'.repeat(600_000)
    for (const n of [2, 3]) stream.says(`id: s-${n}\ndata: ${large}\n\n`)
    await browser.pass(350)
    assert.equal(browser.fetches[0].signal.aborted, true)
    assert.equal(browser.fetches[1].query.get('last-event-id'), 's-3')
    assert.deepEqual([events.length, socket.readyState], [4, 1])
  })
})

describe('the page goes away', () => {
  test('a farewell by beacon, once, for this session', async () => {
    const { socket, stream } = await tunnel()
    browser.page('pagehide')
    await browser.settle()
    assert.equal(browser.beacons.length, 1)
    assert.equal(browser.beacons[0].searchParams.get('session-id'), 'session')
    assert.equal(browser.beacons[0].pathname, stream.url.pathname)
    assert.equal(socket.readyState, 2)
    browser.page('pagehide')
    await browser.pass(5000)
    assert.deepEqual([browser.beacons.length, browser.requests.length], [1, 0])
  })

  test('also where the stream noticed it first', async () => {
    const { stream } = await tunnel()
    stream.ends()
    browser.page('pagehide')
    await browser.pass(1000)
    assert.equal(browser.beacons.length, 1)
    assert.equal(browser.polls.length, 0)
  })

  test('what is sent while it is left, and what is in flight, leaves with requests that outlive it', async () => {
    const { socket } = await tunnel()
    socket.send('in flight')
    await browser.settle()
    socket.send('away')
    browser.page('pagehide')
    await browser.settle()
    const [flight, again, last] = browser.posts
    assert.equal(again.body, flight.body)
    assert.equal(again.query.get('idempotency-key'), flight.query.get('idempotency-key'))
    assert.equal(last.body, '["away"]')
    assert.deepEqual([flight.keepalive, again.keepalive, last.keepalive], [undefined, true, true])
    assert.equal(browser.beacons.length, 0)
    again.answer(200, [])
    last.answer(200, [])
    await browser.settle()
    assert.equal(browser.beacons.length, 1)
  })

  test('restored from the back-forward cache it dispatches close', async () => {
    const { socket, events } = await tunnel()
    browser.page('pagehide', { persisted: true })
    await browser.settle()
    assert.deepEqual(events.slice(2), [])
    browser.page('pageshow', { persisted: true })
    assert.deepEqual([events.slice(2), socket.readyState], [['error', 'close 1006'], 3])
  })

  test('a socket that is closed already dispatches nothing more', async () => {
    const { socket, events } = await tunnel()
    socket.close()
    await browser.pass(1)
    browser.page('pagehide', { persisted: true })
    browser.page('pageshow', { persisted: true })
    await browser.settle()
    assert.deepEqual(events.slice(2), ['close 1000'])
    assert.equal(browser.beacons.length + browser.farewells.length, 1)
  })
})
