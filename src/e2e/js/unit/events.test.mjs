import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { standIn } from '../support/stand-ins.mjs'

const CHAT = { channel: 'ChatChannel' }
const name = ({ query }) => query.get('session-id')
let browser
beforeEach(async () => (browser = await standIn()))
afterEach(() => mock.timers.reset())

const event = (session, position, type, more) => ({ type, session_id: session, msg_id: `${session}-${position}`, ...more })

describe('two nodes that each have a session with the id of this page', () => {
  /** A page that polls `mine` and has subscribed, without a response yet. */
  const subscribing = async () => {
    const events = new browser.CableEvents('https://cable.example/bridge', { transports: ['poll'] })
    const heard = []
    const note = (what) => () => heard.push(what)
    events.subscribe(CHAT, { connected: note('connected'), rejected: note('rejected'), disconnected: note('disconnected') })
    await browser.pass(50)
    browser.polls[0].answer(200, { messages: [event('mine', 0, 'joined', { resumed: false })], session_id: 'mine' })
    await browser.pass(50)
    return { events, heard }
  }
  const answer = (entry, ...messages) => entry.answer(200, { messages, session_id: messages[0].session_id })

  test('a command names the session to which the page listens', async () => {
    await subscribing()
    assert.deepEqual(browser.posts.map(name), ['mine'])
  })

  test('where an answer without an event is all that it has heard, the name is that of the answer', async () => {
    const events = new browser.CableEvents('https://cable.example/bridge', { transports: ['poll'] })
    events.subscribe(CHAT)
    await browser.pass(50)
    browser.polls[0].answer(200, { messages: [], session_id: 'mine' })
    await browser.pass(50)
    assert.deepEqual(browser.posts.map(name), ['mine'])
  })

  test('refused by the other, it is sent again, with the same key, until its own gets it', async () => {
    const { heard } = await subscribing()
    for (let n = 0; n < 3; n++) {
      browser.posts.at(-1).answer(409, { error: 'another session' })
      await browser.pass(1100)
    }
    assert.deepEqual(browser.posts.map(name), ['mine', 'mine', 'mine', 'mine'])
    assert.equal(new Set(browser.posts.map(({ query }) => query.get('idempotency-key'))).size, 1)
    browser.posts.at(-1).answer(200, [{ chan_id: 'c', session_id: 'mine' }])
    await browser.pass(50)
    answer(browser.polls.at(-1), event('mine', 1, 'connected', { identifier: CHAT }))
    await browser.pass(50)
    assert.deepEqual(heard, ['connected'])
  })

  test('when its own is gone the page subscribes in the other, and rejects nothing but what was sent', async () => {
    const { events, heard } = await subscribing()
    let sent
    events.send(CHAT, { text: 'hi' }).catch((error) => (sent = error.message))
    browser.posts[0].answer(200, [{ chan_id: 'c', session_id: 'mine' }])
    await browser.pass(50)
    events.subscribe({ channel: 'NewsChannel' }, { rejected: () => heard.push('rejected') })
    answer(browser.polls.at(-1), event('other', 0, 'joined', { resumed: false }))
    await browser.pass(50)
    browser.posts[1].answer(409, { error: 'another session' })
    await browser.pass(50)
    assert.equal(sent, 'another session')
    assert.deepEqual(browser.posts.map(name), ['mine', 'mine', 'other'])
    const subscribed = JSON.parse(browser.posts[2].body).filter(({ subscribe }) => subscribe)
    assert.deepEqual(new Set(subscribed.map(({ identifier }) => identifier.channel)), new Set(['ChatChannel', 'NewsChannel']))
    assert.deepEqual(heard, ['disconnected'])
  })
})
