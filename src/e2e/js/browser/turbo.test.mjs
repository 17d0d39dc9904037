import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * Turbo Streams with turbo-rails as published on npm (as modules, for importmap and bundlers, and
 * in one file, as in the gem), with a stream element in the initial HTML.
 */
let world
before(async () => (world = await startWorld()))
after(() => world?.stop())

const append = (stream, text) =>
  world.control('broadcast', {
    stream,
    json: JSON.stringify(`<turbo-stream action="append" target="messages"><template><p>${text}</p></template></turbo-stream>`)
  })
const connected = (page, name) =>
  eventually(`${name} is connected`, () =>
    page.evaluate((name) => document.querySelector(`[signed-stream-name="${name}"]`)?.hasAttribute('connected'), name)
  )
const text = (page) => page.evaluate(() => document.getElementById('messages').textContent)

const CASES = ['turbo', 'turbo-bundled'].flatMap((file) => [
  ...['websocket', 'eventsource', 'fetch', 'poll'].map((transport) => ({ file, transport, late: '' })),
  // Turbo's module is loaded before ours.
  ...['websocket', 'poll'].map((transport) => ({ file, transport, late: '&late' }))
])

for (const { file, transport, late } of CASES)
    describe(`${file}${late && ', imported first,'} over ${transport}`, () => {
      let page
      const user = `${file}-${transport}${late}`
      const mine = async () => (await world.control('connections')).filter((connection) => connection.user === user)
      before(async () => {
        const context = await world.browser.newContext()
        await context.addCookies([{ name: 'user', value: user, domain: '127.0.0.1', path: '/' }])
        page = await world.page({ context, faults: {}, path: `/${file}.html?transports=${transport}${late}` })
      })
      after(() => page?.close())

      test('the element in the initial HTML goes over our consumer, and a broadcast changes the page', async () => {
        await eventually('handed over', () => page.evaluate(() => window.handedOver))
        await connected(page, 'initial')
        assert.equal(await page.evaluate(() => window.consumer.connection.webSocket.transport), transport)
        await append('initial', 'one')
        await eventually('the paragraph', async () => (await text(page)) === 'one')
      })

      test('an element added later, too', async () => {
        await page.evaluate(() =>
          document.body.insertAdjacentHTML('beforeend', '<turbo-cable-stream-source channel="Turbo::StreamsChannel" signed-stream-name="later"></turbo-cable-stream-source>')
        )
        await connected(page, 'later')
        await append('later', 'two')
        await eventually('the paragraph', async () => (await text(page)) === 'onetwo')
      })

      test('one that is removed unsubscribes', async () => {
        await page.evaluate(() => document.querySelector('[signed-stream-name="later"]').remove())
        const subscriptions = async () => (await mine()).flatMap((connection) => connection.subscriptions)
        await eventually('unsubscribed', async () => !(await subscriptions()).some((identifier) => identifier.includes('"later"')))
        assert.ok((await subscriptions()).some((identifier) => identifier.includes('"initial"')))
      })

      test('the default consumer is removed, and its connection closed', async () => {
        await eventually('one connection', async () => (await mine()).length === 1)
        // Chromium's own message about the default consumer's WebSocket, if it was dialled.
        assert.deepEqual(page.log.filter((line) => !late || !line.includes('closed before the connection is established')), [])
      })

      if (!late)
        test('nor was it ever dialled', async () => {
          assert.equal((await page.evaluate(() => window.dials)).length, transport === 'websocket' ? 1 : 0)
        })
    })

test('where WebSockets are blocked, the element comes over the bridge by itself', async () => {
  const page = await world.page({ faults: { upgrade: 'hang' }, path: '/turbo.html' })
  await connected(page, 'initial')
  assert.equal(await page.evaluate(() => window.consumer.connection.webSocket.transport), 'eventsource')
  await append('initial', 'through')
  await eventually('the paragraph', async () => (await text(page)) === 'through')
  await page.close()
})
