import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually, startWorld } from '../support/world.mjs'

/* CableEvents, the script for the classic API, over each of its transports. */
let world
before(async () => (world = await startWorld()))
after(() => world?.stop())

const begin = async (t, transports, { faults = {}, query = '' } = {}) => {
  const page = await world.page({ faults })
  t.after(() => page.close())
  await page.evaluate(
    async ([transports, query]) => {
      const { CableEvents } = await import('cablestream')
      window.events = new CableEvents('/bridge', { transports, query })
      window.seen = []
      for (const type of ['joined', 'gap', 'closed'])
        window.events.addEventListener(type, ({ detail }) => window.seen.push([type, detail.reason ?? detail.dropped ?? detail.resumed]))
      window.subscribe = (identifier) => {
        const handlers = {}
        for (const type of ['received', 'connected', 'rejected', 'disconnected'])
          handlers[type] = (value) => window.seen.push([type, type === 'received' ? value : undefined])
        return window.events.subscribe(identifier, handlers)
      }
    },
    [transports, query]
  )
  return page
}
const seen = (page) => page.evaluate(() => window.seen)
const sees = (page, type, count = 1, time = 10_000) =>
  eventually(`${count} of ${type}`, async () => (await seen(page)).filter(([name]) => name === type).length >= count, time).catch(async (error) => {
    throw new Error(`${error.message}: ${JSON.stringify(await seen(page))} ${page.log}`)
  })
const received = async (page) => (await seen(page)).filter(([type]) => type === 'received').map(([, message]) => message)

for (const rung of ['eventsource', 'fetch', 'poll'])
  describe(`over ${rung}`, () => {
    test('subscribes, sends and receives, from the first frame on', async (t) => {
      const page = await begin(t, [rung])
      // All before the session is open.
      const outcome = await page.evaluate(() => {
        window.echo = window.subscribe({ channel: 'EchoChannel', greeting: 'hello' })
        return window.echo.send({ action: 'echo', n: 1 }).then(() => 'sent')
      })
      assert.equal(outcome, 'sent')
      await sees(page, 'received', 2)
      assert.deepEqual(await received(page), ['hello', { action: 'echo', n: 1 }])
      await sees(page, 'connected')
      await eventually('the rung', () => page.evaluate((rung) => window.events.transport === rung, rung))
    })

    test('is rejected, and what is sent there rejects with the error', async (t) => {
      const page = await begin(t, [rung])
      const error = await page.evaluate(() => {
        window.subscribe({ channel: 'RejectChannel' })
        return window.events.send({ channel: 'RejectChannel' }, { action: 'x' }).catch(({ message }) => message)
      })
      assert.match(error, /reject|not subscribed/)
      await sees(page, 'rejected')
    })

    test('messages reach each subscription, however its identifier is spelled', async (t) => {
      const page = await begin(t, [rung])
      await page.evaluate(() => {
        window.got = []
        const handlers = (name) => ({ received: ({ n }) => window.got.push(name + n) })
        window.one = window.events.subscribe({ channel: 'ChatChannel', room: 'spell', extra: { b: 1, a: [2] } }, handlers('one'))
        window.two = window.events.subscribe({ extra: { a: [2], b: 1 }, room: 'spell', channel: 'ChatChannel' }, handlers('two'))
        window.subscribe({ channel: 'ChatChannel', room: 'other' })
      })
      await sees(page, 'connected')
      await page.evaluate(() => window.one.send({ action: 'none' }))
      await world.control('broadcast', { stream: 'chat_spell', json: '{"n":1}' })
      await eventually('both', () => page.evaluate(() => window.got.length === 2))
      await page.evaluate(() => window.one.unsubscribe())
      await world.control('broadcast', { stream: 'chat_spell', json: '{"n":2}' })
      await eventually('one of them', () => page.evaluate(() => window.got.length === 3))
      await page.evaluate(() => window.two.unsubscribe())
      await world.control('broadcast', { stream: 'chat_spell', json: '{"n":3}' })
      await world.control('broadcast', { stream: 'chat_other', json: '{"n":4}' })
      await sees(page, 'received')
      assert.deepEqual(await page.evaluate(() => window.got.sort()), ['one1', 'two1', 'two2'])
    })

    test('resumes without a gap when its connections are cut', async (t) => {
      const page = await begin(t, [rung])
      await page.evaluate(() => window.subscribe({ channel: 'ChatChannel', room: 'resume' }))
      await sees(page, 'connected')
      for (let n = 0; n < 20; n++) {
        if (n % 5 === 4) page.front.drop()
        await world.control('broadcast', { stream: 'chat_resume', json: JSON.stringify(n) })
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      await sees(page, 'received', 20, 15_000)
      assert.deepEqual(await received(page), Array.from({ length: 20 }, (_, n) => n))
      assert.deepEqual((await seen(page)).filter(([type]) => type === 'gap' || type === 'disconnected'), [])
    })

    test('a message of any JSON type', async (t) => {
      const page = await begin(t, [rung])
      await page.evaluate(() => window.subscribe({ channel: 'ChatChannel', room: 'types' }))
      await sees(page, 'connected')
      const values = ['<b>\u2028</b>', [1, [2]], 0, false, { type: 'closed', id: 1 }]
      for (const value of values) await world.control('broadcast', { stream: 'chat_types', json: JSON.stringify(value) })
      await sees(page, 'received', values.length)
      assert.deepEqual(await received(page), values)
    })
  })

describe('whatever the way', () => {
  test('commands are carried out once, though answers are lost', async (t) => {
    const page = await begin(t, undefined, { faults: { loseAnswers: 3 } })
    await page.evaluate(async () => {
      window.echo = window.subscribe({ channel: 'EchoChannel' })
      for (let n = 0; n < 5; n++) await window.echo.send({ action: 'echo', n })
    })
    await sees(page, 'received', 5)
    assert.deepEqual((await received(page)).map(({ n }) => n), [0, 1, 2, 3, 4])
  })

  test('falls back to the long poll where every response is buffered', async (t) => {
    const page = await begin(t, undefined, { faults: { streams: 'buffer-all' } })
    await page.evaluate(() => window.subscribe({ channel: 'ChatChannel', room: 'buffered' }))
    await sees(page, 'connected')
    await eventually('a choice', () => page.evaluate(() => window.events.transport === 'poll'), 8000)
    for (let n = 0; n < 5; n++) await world.control('broadcast', { stream: 'chat_buffered', json: JSON.stringify(n) })
    await sees(page, 'received', 5)
    assert.deepEqual(await received(page), [0, 1, 2, 3, 4])
  })

  test('a server that wants no more ends it for good', async (t) => {
    const user = `events-${Math.random()}`
    const page = await begin(t, undefined, { query: `token=${user}` })
    await page.evaluate(() => window.subscribe({ channel: 'EchoChannel' }))
    await sees(page, 'connected')
    await world.control('disconnect', { user, reconnect: false })
    await sees(page, 'closed')
    const error = await page.evaluate(() => window.events.send({ channel: 'EchoChannel' }, { action: 'echo' }).catch(({ message }) => message))
    assert.equal(error, 'closed')
  })

  test('a bridge that has lost the session: everything is subscribed again', { skip: (process.env.BRIDGE_URL || process.env.SERVERS === 'real') && 'needs the stand-in' }, async (t) => {
    const page = await begin(t, ['eventsource'])
    await page.evaluate(() => window.subscribe({ channel: 'ChatChannel', room: 'again' }))
    await sees(page, 'connected')
    for (const session of world.bridge.sessions.values()) session.end(false)
    await sees(page, 'connected', 2)
    assert.ok((await seen(page)).some(([type]) => type === 'disconnected'))
    await world.control('broadcast', { stream: 'chat_again', json: '1' })
    await sees(page, 'received')
  })

  test('close ends the session', async (t) => {
    const user = `events-${Math.random()}`
    const page = await begin(t, undefined, { query: `token=${user}` })
    await page.evaluate(() => window.subscribe({ channel: 'EchoChannel' }))
    await sees(page, 'connected')
    await page.evaluate(() => window.events.close())
    await eventually('no connection', async () => !(await world.control('connections')).some((connection) => connection.user === user))
    const error = await page.evaluate(() => window.events.send({ channel: 'EchoChannel' }, { action: 'echo' }).catch(({ message }) => message))
    assert.equal(error, 'closed')
  })
})
