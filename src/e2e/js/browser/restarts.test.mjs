import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually, startWorld } from '../support/world.mjs'

/* Servers that go away and come back: the clients come back by themselves, over every rung. */
let world
before(async () => (world = await startWorld({ own: true })))
after(() => world?.stop())

const skip = process.env.BRIDGE_URL && !process.env.SERVERS && "servers that run already can't be restarted"
const clients = ['actioncable', 'anycable']
const rungs = ['websocket', 'eventsource', 'fetch', 'poll']

const open = async (t) => {
  const cases = clients.flatMap((client) => rungs.map((rung) => [client, rung]))
  const pages = await Promise.all(
    cases.map(async ([client, rung]) => {
      const page = await world.page()
      t.after(() => page.close())
      await page.evaluate(
        async ([client, rung, room]) => {
          const { CableSocket } = await import('cablestream')
          window.events = []
          const Socket = CableSocket.at('/bridge', { transports: [rung] })
          if (client === 'actioncable') {
            const { adapters, createConsumer } = await import('@rails/actioncable')
            adapters.WebSocket = Socket
            window.consumer = createConsumer('/cable')
          } else {
            const { createConsumer } = await import('@anycable/web')
            window.consumer = createConsumer(new URL('/cable', location.href.replace('http', 'ws')).href, { websocketImplementation: Socket, logLevel: 'error' })
          }
          window.consumer.subscriptions.create({ channel: 'ChatChannel', room }, {
            connected: () => window.events.push('connected'),
            disconnected: () => window.events.push('disconnected'),
            received: ({ n }) => window.events.push(n)
          })
        },
        [client, rung, 'restart']
      )
      return { name: `${client} over ${rung}`, page, client, rung }
    })
  )
  for (const { name, page } of pages) await seen(name, page, (events) => events.includes('connected'))
  return pages
}
const seen = (name, page, condition, time) =>
  eventually(name, async () => condition(await page.evaluate(() => window.events)), time)
const say = (n) => world.control('broadcast', { stream: 'chat_restart', json: JSON.stringify({ n }) })

const comesBack = async (pages, n) => {
  for (const { name, page } of pages) {
    await seen(`${name}: disconnected`, page, (events) => events.includes('disconnected'), 30_000)
    await seen(`${name}: connected again`, page, (events) => events.lastIndexOf('connected') > events.indexOf('disconnected'), 60_000)
  }
  await say(n)
  for (const { name, page } of pages) await seen(`${name}: a message`, page, (events) => events.includes(n))
}

describe('a restart', { skip }, () => {
  test('of Rails', async (t) => {
    const pages = await open(t)
    await world.rails.stop()
    await world.rails.start()
    await comesBack(pages, 1)
  })

  test('of the bridge: who has a WebSocket does not notice', async (t) => {
    const pages = await open(t)
    await world.bridge.stop()
    await world.bridge.start()
    await comesBack(pages.filter(({ rung }) => rung !== 'websocket'), 2)
    for (const { name, page } of pages.filter(({ rung }) => rung === 'websocket'))
      assert.deepEqual(await page.evaluate(() => window.events), ['connected', 2], name)
  })
})
