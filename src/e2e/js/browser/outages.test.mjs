import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startGate } from '../support/front.mjs'
import { areBack, HEADER, row, sightings, startTraffic, witness, WITNESSES } from '../support/witness.mjs'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * Networks that fail and recover, for each client on each transport, all at the same time: what is
 * lost, and how long nothing is received. Prints the table.
 */
let world
const rows = []
before(async () => (world = await startWorld()))
after(async () => {
  if (!world) return
  await world.stop()
  console.log([world.browser.name, '', HEADER, ...rows].join('\n'))
})

const OUTAGES = [
  {
    name: 'the proxy hangs for 10 s',
    async act(gate) {
      gate.hang()
      await sleep(10_000)
      gate.go()
    },
    promise: ({ lost, told }) => lost === 0 && !told
  },
  {
    name: 'no network for 25 s',
    async act(gate) {
      gate.cut()
      await sleep(25_000)
      gate.mend()
    },
    promise: ({ lost, told }) => lost === 0 && !told
  },
  {
    name: 'dead connections, after 4 s without a network',
    async act(gate) {
      gate.cut()
      await sleep(4000)
      gate.mendSilently()
    },
    promise: ({ lost, told, back }) => lost === 0 && !told && back < 6000
  }
]

for (const { name, act, promise } of OUTAGES)
  test(name, async (t) => {
    const room = `outage-${Math.random()}`
    const pages = await Promise.all(
      WITNESSES.map(async (one) => {
        const front = await world.network()
        const gate = await startGate(front.port)
        const page = await world.page({ front, url: gate.url })
        t.after(async () => {
          await page.close()
          await gate.stop()
        })
        await witness(page, one, room)
        return { ...one, page, gate }
      })
    )
    const traffic = startTraffic(world, room, pages)
    await sleep(2000)
    await Promise.all(pages.map(({ gate }) => act(gate)))
    const mended = Date.now()
    const since = traffic.sent
    await areBack(pages, since)
    await traffic.stop()
    await sleep(4000)
    const seen = await sightings(pages, traffic.sent, mended)
    for (const one of seen) rows.push(row(name, one))
    for (const one of seen.filter(({ rung }) => rung !== 'websocket')) {
      assert.ok(promise(one), row(name, one))
      assert.deepEqual([one.twice, one.commandsLost, one.commandsTwice], [0, 0, 0], row(name, one))
    }
  })

test('no network for 40 s: on the best transport again within a minute', { skip: !process.env.SLOW && 'slow: set SLOW=1' }, async (t) => {
  const best = 'eventsource'
  await Promise.all(
    WITNESSES.filter(({ rung }) => rung === best).map(async (one) => {
      const front = await world.network({ upgrade: 'refuse' })
      const gate = await startGate(front.port)
      const page = await world.page({ front, faults: { upgrade: 'refuse' }, url: gate.url })
      t.after(async () => {
        await page.close()
        await gate.stop()
      })
      await witness(page, one, `fall-${Math.random()}`, { transports: undefined })
      const rung = () => page.evaluate(() => window.sockets.at(-1).transport)
      assert.equal(await rung(), best)
      gate.cut()
      await sleep(40_000)
      gate.mendSilently()
      const mended = Date.now()
      await eventually(`${one.client} is connected`, () => page.evaluate(() => window.events.at(-1) === 'connected'), 60_000)
      const first = await rung()
      await eventually(`${one.client} is on ${best}`, async () => (await rung()) === best, 60_000 - (Date.now() - mended))
      t.diagnostic(`${one.client}: ${first} at first, ${best} ${Date.now() - mended} ms after the network`)
      assert.match(await page.evaluate(() => localStorage.cablestream), /^eventsource /)
    })
  )
})
