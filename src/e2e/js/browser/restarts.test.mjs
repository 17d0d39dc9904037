import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isConnected, listen } from '../support/clients.mjs'
import { areBack, HEADER, row, sightings, startTraffic, witness, WITNESSES } from '../support/witness.mjs'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * Servers that stop and start again: the clients reconnect by themselves, over every transport, and
 * over the bridge within 2 s, unless the outage is longer than the script's patience. Prints the
 * table.
 */
let world
const rows = []
before(async () => (world = await startWorld({ own: true })))
after(async () => {
  if (!world) return
  await world.stop()
  console.log([world.browser.name, '', HEADER, ...rows].join('\n'))
})

/**
 * The script's patience, less the time before a server stops, and until it reports that it is
 * ready.
 */
const PATIENCE = 25_000

const skip = process.env.BRIDGE_URL && !process.env.SERVERS && "servers that run already can't be restarted"

const open = async (t, room, bridgeOf) => {
  const pages = await Promise.all(
    WITNESSES.map(async (one) => {
      const page = await world.page({ front: await world.network({}, bridgeOf) })
      t.after(() => page.close())
      await witness(page, one, room)
      return { ...one, page }
    })
  )
  // A client reconnects at once only if its connection has lived for a while.
  await sleep(6000)
  return pages
}

/** Makes the servers do that, under traffic; `act` resolves when everything is ready again. */
const restart = async (t, name, act, { bridgeOf, atLeast = () => true, within }) => {
  const room = `restart-${Math.random()}`
  const pages = await open(t, room, bridgeOf)
  const traffic = startTraffic(world, room, pages)
  await sleep(2000)
  const began = Date.now()
  await act()
  const ready = Date.now()
  // A client that has received nothing for that long is notified, and reconnects by its own clock.
  const soon = ready - began < PATIENCE ? within : Infinity
  if (soon > within) t.diagnostic(`ready again only after ${ready - began} ms`)
  const since = traffic.sent
  await areBack(pages, since)
  await traffic.stop()
  await sleep(2000)
  const seen = await sightings(pages, traffic.sent, ready)
  for (const one of seen) rows.push(row(name, one))
  for (const one of seen) {
    if (one.rung === 'websocket') continue
    assert.ok(one.back < soon, row(name, one))
    assert.deepEqual([one.twice, one.commandsTwice], [0, 0], row(name, one))
    assert.ok(!one.lost || one.told, row(name, one))
    assert.ok(atLeast(one), row(name, one))
  }
  return pages
}

describe('a restart', { skip }, () => {
  test('of Rails', (t) =>
    restart(t, 'Rails is restarted', async () => {
      await world.rails.stop()
      await sleep(2000)
      await world.rails.start()
    }, { within: 2000 }))

  test('of Rails, twice within a minute: WebSockets are not given up for that', async (t) => {
    const page = await world.page({ front: await world.network() })
    t.after(() => page.close())
    await listen(page, 'actioncable', `twice-${Math.random()}`, {})
    const connections = (n) => eventually(`connection ${n}`, () => page.evaluate((n) => window.events.filter((event) => event === 'connected').length === n, n), 40_000)
    for (let n = 1; n <= 2; n++) {
      await connections(n)
      await world.rails.stop()
      await sleep(2000)
      await world.rails.start()
    }
    await connections(3)
    assert.deepEqual(await page.evaluate(() => [window.sockets.at(-1).transport, /died/.test(localStorage.cablestream)]), ['websocket', false])
  })

  test('of the bridge: clients on a WebSocket do not notice', async (t) => {
    const pages = await restart(t, 'the bridge is restarted', async () => {
      await world.bridge.stop()
      await sleep(2000)
      await world.bridge.start()
      // `java -jar` drains when it is stopped; Maven's bridge stops at once.
    }, { within: 2000, atLeast: ({ commandsLost }) => !process.env.BRIDGE_WAR || commandsLost === 0 })
    for (const { page, rung } of pages.filter(({ rung }) => rung === 'websocket'))
      assert.deepEqual(await page.evaluate(() => window.events), ['connected'], rung)
  })

  // Commands that it hadn't executed or acknowledged are lost, and so is what clients held until it
  // came back.
  test('of the bridge that is killed: its clients are notified by a reconnection', (t) =>
    restart(t, 'the bridge is killed and started', async () => {
      await world.bridge.kill()
      await sleep(2000)
      await world.bridge.start()
    }, { within: 2000, atLeast: ({ told }) => told }))

  test('of the bridge after a drain', (t) =>
    restart(t, 'the bridge is drained and restarted', async () => {
      await world.bridge.drain()
      await world.bridge.stop()
      await world.bridge.start()
    }, { within: 2000, atLeast: ({ commandsLost }) => commandsLost === 0 }))

  test('of one bridge of two, drained before', async (t) => {
    const other = await world.another()
    // Like a balancer: clients of the first bridge stay there, and no new client reaches it once it
    // drains.
    const firsts = new Set()
    let draining = false
    const bridgeOf = (id) => {
      if (!draining && !id.startsWith('-')) firsts.add(id)
      return firsts.has(id) ? world.bridge.url : other.url
    }
    await restart(t, 'one of two bridges is drained', async () => {
      draining = true
      await world.bridge.drain()
    }, { bridgeOf, within: 2000, atLeast: ({ commandsLost, silence }) => commandsLost === 0 && silence < 2000 })
  })
})

/*
 * Rails runs `connect` in four workers. Where WebSockets have worked, browsers wait for an
 * overloaded server: another connection for the same browser, by the bridge, would occupy a worker
 * that another one needs.
 */
test('24 browsers whose WebSockets are cut dial once each, although connect takes 2 s', async (t) => {
  const BROWSERS = 24
  const front = await world.network()
  const token = `herd-${Math.random()}`
  const pages = await Promise.all(
    Array.from({ length: BROWSERS }, async () => {
      const page = await world.page({ front })
      t.after(() => page.close())
      await listen(page, 'actioncable', token, {}, { url: `/cable?token=${token}` })
      await isConnected(page, 30_000)
      return page
    })
  )
  const dials = async () => (await world.control('dials', { token })).dials
  assert.equal(await dials(), BROWSERS)
  // A connection younger than 5 s says nothing about the network yet.
  await sleep(6000)
  for (const page of pages) await page.evaluate(() => (document.cookie = 'slow-connect=2'))
  front.requests.length = 0
  front.drop()
  const began = Date.now()
  await Promise.all(pages.map((page) => eventually('back', () => page.evaluate(() => window.events.filter((event) => event === 'connected').length === 2), 40_000)))
  t.diagnostic(`the last one was back after ${((Date.now() - began) / 1000).toFixed(1)} s`)
  const sockets = await Promise.all(pages.map((page) => page.evaluate(() => window.sockets.map(({ transport, failures }) => [transport, failures]))))
  assert.deepEqual([await dials(), front.requests.length], [2 * BROWSERS, 0], JSON.stringify(sockets))
})
