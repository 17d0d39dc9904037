import assert from 'node:assert/strict'
import { afterEach, describe, mock, test } from 'node:test'
import { FakeLocks, standIn, WELCOME } from '../support/stand-ins.mjs'

/*
 * Connections shared by all tabs over HTTP/1.1. A tab is a socket here; they share the fake of the
 * browser's locks.
 */
afterEach(() => mock.timers.reset())

const open = async (browser, transports = ['eventsource']) => {
  const socket = new (browser.CableSocket.at('https://cable.example/bridge', { transports }))('/cable', ['actioncable-v1-json'])
  await browser.pass(10)
  return socket
}
/** The bridge's side of the latest stream or poll. */
const greet = async (browser, { streams, polls } = browser) => {
  streams.at(-1)?.opens()
  streams.at(-1)?.says('message', WELCOME, 'session-1')
  polls.at(-1)?.answer(200, { messages: [{ id: 'session-1', type: 'message', data: WELCOME }] })
  await browser.settle()
}

describe('over HTTP/1.1', () => {
  test('the fourth does not keep a connection waiting: it asks every second', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    for (let n = 0; n < 3; n++) {
      await open(browser)
      await greet(browser)
    }
    const socket = await open(browser)
    assert.deepEqual([browser.streams.length, browser.polls.length], [3, 1])
    assert.equal(browser.polls[0].query.get('timeout'), '0')
    await greet(browser)
    assert.deepEqual([socket.readyState, socket.transport], [1, 'poll'])
    await browser.pass(1100)
    assert.equal(browser.polls.length, 2)
    assert.equal(browser.polls[1].query.get('last-event-id'), 'session-1')
  })

  test('and is not remembered as what works', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    for (let n = 0; n < 4; n++) {
      await open(browser)
      await greet(browser)
    }
    assert.match(browser.storage.cablestream, /^eventsource /)
  })

  test('it gets the connection that another gives up', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    const sockets = []
    for (let n = 0; n < 4; n++) {
      sockets.push(await open(browser))
      await greet(browser)
    }
    sockets[1].close()
    await browser.pass(1100)
    assert.equal(browser.streams.length, 4)
    assert.equal(browser.streams[3].url.searchParams.get('last-event-id'), 'session-1')
  })

  test('a visible tab takes one from a hidden tab, which continues with polls', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    browser.document.hidden = true
    const hidden = []
    for (let n = 0; n < 3; n++) {
      hidden.push(await open(browser))
      await greet(browser)
    }
    browser.document.hidden = false
    await open(browser)
    assert.equal(browser.streams.length, 4)
    await browser.settle()
    assert.deepEqual(browser.streams.map(({ readyState }) => readyState), [2, 1, 1, 0])
    browser.document.hidden = true
    await browser.pass(400)
    const [poll] = browser.polls
    assert.equal(poll.url.pathname, browser.streams[0].url.pathname)
    assert.equal(poll.query.get('timeout'), '0')
    assert.equal(poll.query.get('last-event-id'), 'session-1')
    assert.equal(hidden[0].readyState, 1)
  })

  test('a visible tab takes none from a visible one', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    for (let n = 0; n < 4; n++) {
      await open(browser)
      await greet(browser)
    }
    await browser.pass(3000)
    assert.deepEqual([browser.streams.length, browser.streams.every(({ readyState }) => readyState === 1)], [3, true])
  })

  test('a tab that is hidden or shown queues again, and resumes', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    const socket = await open(browser)
    await greet(browser)
    browser.document.hidden = true
    browser.documentEvent('visibilitychange')
    await browser.pass(400)
    browser.polls[0].answer(200, { messages: [] })
    await browser.pass(50)
    assert.equal(browser.streams[1].url.searchParams.get('last-event-id'), 'session-1')
    assert.equal(socket.readyState, 1)
    const held = (await navigator.locks.query()).held.map(({ name }) => name)
    assert.deepEqual(held, ['cablestream https://cable.example 1', 'cablestream https://cable.example 1 hidden'])
  })

  test('a tab that is shown while it connects continues to connect by the same transport', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    const socket = await open(browser, ['eventsource', 'fetch'])
    browser.documentEvent('visibilitychange')
    await browser.pass(1100)
    await greet(browser, { streams: browser.streams, polls: [] })
    assert.deepEqual([socket.readyState, browser.fetches.length], [1, 0])
  })
})

test('over HTTP/2 every tab has its stream', async () => {
  for (const protocol of ['h2', 'h3']) {
    const browser = await standIn({ locks: new FakeLocks(), protocols: { 'https://cable.example/bridge/-/cablestream.js': protocol } })
    for (let n = 0; n < 5; n++) {
      await open(browser)
      await greet(browser)
    }
    assert.deepEqual([browser.streams.length, browser.polls.length], [5, 0])
  }
})

test('what another host speaks does not count', async () => {
  const browser = await standIn({ locks: new FakeLocks(), protocols: { 'https://cable.example.evil/x': 'h2', 'https://cable.example/y': 'http/1.1' } })
  for (let n = 0; n < 4; n++) {
    await open(browser)
    await greet(browser)
  }
  assert.equal(browser.streams.length, 3)
})

test('a browser without locks has no limit', async () => {
  const browser = await standIn()
  for (let n = 0; n < 5; n++) {
    await open(browser)
    await greet(browser)
  }
  assert.equal(browser.streams.length, 5)
})

describe('the first contact of a browser', () => {
  test('the second tab waits for the first answer', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    await open(browser)
    await open(browser)
    assert.equal(browser.streams.length, 1)
    await greet(browser)
    await browser.pass(10)
    assert.equal(browser.streams.length, 2)
  })

  test('but not for ever', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    await open(browser, ['poll'])
    await open(browser, ['poll'])
    await browser.pass(2600)
    assert.equal(browser.polls.length, 2)
  })

  test('once the bridge has responded no tab waits', async () => {
    const browser = await standIn({ locks: new FakeLocks() })
    await open(browser)
    await greet(browser)
    await open(browser)
    await open(browser)
    assert.equal(browser.streams.length, 3)
  })
})
