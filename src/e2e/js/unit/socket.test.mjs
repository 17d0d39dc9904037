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
  test('it goes to its own URL with its own protocols', async () => {
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

  test('a broken one says error and close', async () => {
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
    assert.match(url.href, /^https:\/\/cable\.example\/bridge\/[\w.~-]{16,128}\?token=a%20b&protocol=actioncable-v1-json%2Cactioncable-unsupported&last-event-id=0&ping=3/)
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
    for (let second = 0; second < 9; second++) {
      await browser.pass(1000)
      stream.says('ping', '{}')
    }
    assert.equal(socket.readyState, 0)
    stream.says('message', WELCOME, 'session-1')
    assert.equal(socket.readyState, 1)
    assert.equal(browser.fetches.length, 0)
  })

  test('what the bridge itself says is final: no further rung', async () => {
    const socket = await connect({ transports: ['eventsource', 'fetch', 'poll'] })
    const events = record(socket)
    browser.streams[0].opens()
    browser.streams[0].says('close', { code: 1006, reason: 'nothing listens there' }, 'session-end')
    await browser.pass(11_000)
    assert.deepEqual(events, ['error', 'close 1006'])
    assert.equal(browser.requests.length, 0)
    assert.deepEqual(socket.failures, [{ transport: 'eventsource', reason: 'nothing listens there' }])
  })

  test('but a WebSocket that is still on its way may yet win', async () => {
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

  test('when all have failed: error, then close 1006, and each says why', async () => {
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

  test('a page can fix the rungs, and is told which is in use and why others failed', async () => {
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

  test('a browser without EventSource goes on to the next rung', async () => {
    delete globalThis.EventSource
    await connect({ transports: ['eventsource', 'fetch'] })
    assert.equal(browser.fetches.length, 1)
  })

  test('a WebSocket that the browser forbids goes on too', async () => {
    globalThis.WebSocket = class {
      constructor() {
        throw new DOMException('insecure', 'SecurityError')
      }
    }
    const socket = await connect()
    assert.equal(browser.streams.length, 1)
    assert.deepEqual(socket.failures, [{ transport: 'websocket', reason: 'insecure' }])
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
    // The fourth is never answered at all.
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
    for (const [status, code] of [[413, 1009], [404, 1006], [410, 1006], [422, 1006]]) {
      const { socket, events } = await tunnel()
      socket.send('a')
      await browser.settle()
      browser.posts.at(-1).answer(status, { error: 'no' })
      await browser.settle()
      assert.deepEqual(events.slice(2), code === 1006 ? ['error', 'close 1006 no'] : ['close 1009 no'])
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
    assert.deepEqual(events.slice(2), ['error', 'close 1006 Failed to fetch'])
    assert.ok(browser.posts.length > 20)
  })
})

describe('closing', () => {
  test('it is closing at once, what was sent leaves before the farewell, close comes later, once', async () => {
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

  test('what the bridge says of the cable is what the client sees', async () => {
    const { events, stream } = await tunnel()
    stream.says('message', '{"type":"disconnect","reconnect":false}', 'session-2')
    stream.says('close', { code: 1000, reason: 'done' }, 'session-end')
    assert.deepEqual(events.slice(2), ['{"type":"disconnect","reconnect":false}', 'close 1000 done'])
    await browser.pass(20_000)
    assert.deepEqual([browser.streams.length, browser.requests.length], [1, 0])
  })
})

describe('resuming', () => {
  test('a stream that ends is asked for again from the cursor on, and nobody notices', async () => {
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

  test('after 30 s in which nothing was heard there is nothing to come back to', async () => {
    const { socket, events } = await tunnel()
    await browser.pass(29_000)
    assert.equal(socket.readyState, 1)
    await browser.pass(2000)
    assert.deepEqual(events.slice(2), ['error', 'close 1006 silent'])
  })

  test('coming online asks at once', async () => {
    const { stream } = await tunnel()
    browser.page('online')
    await browser.pass(300)
    assert.equal(stream.readyState, 2)
    assert.equal(browser.polls.length, 1)
  })

  test('after a sleep it closes at once, so that the client connects anew', async () => {
    const { events } = await tunnel()
    mock.timers.setTime(Date.now() + 3_600_000)
    await browser.pass(550)
    assert.deepEqual(events.slice(2), ['error', 'close 1006 silent'])
  })

  test('a long poll goes on with a request for each answer', async () => {
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

describe('the streaming POST', () => {
  test('events are found in whatever pieces they come', async () => {
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

  test('what is sent while it goes, and what is in flight, leaves with requests that outlive it', async () => {
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

  test('back from the back-forward cache it says close', async () => {
    const { socket, events } = await tunnel()
    browser.page('pagehide', { persisted: true })
    await browser.settle()
    assert.deepEqual(events.slice(2), [])
    browser.page('pageshow', { persisted: true })
    assert.deepEqual([events.slice(2), socket.readyState], [['error', 'close 1006'], 3])
  })

  test('a socket that is closed already says nothing more', async () => {
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
