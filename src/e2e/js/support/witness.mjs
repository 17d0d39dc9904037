import { setTimeout as sleep } from 'node:timers/promises'
import { isConnected, listen, RUNGS, say } from './clients.mjs'
import { eventually } from './world.mjs'

/*
 * What clients receive during an outage: messages arrive ten times per second, commands are sent
 * once per second, and each page records the time of each.
 */
const PERIOD = 100
/** The number of the first page's first command; the others' are multiples of it. Messages are below. */
const COMMANDS = 100_000

/** Each client on each rung. */
export const WITNESSES = ['actioncable', 'turbo', 'anycable'].flatMap((client) => RUNGS.map((rung) => ({ client, rung })))

/**
 * In the page: a client in the room, and its commands in `window.sent`, whose numbers distinguish
 * them from those of other pages.
 */
export async function witness(page, { client, rung }, room, options = {}) {
  const place = WITNESSES.findIndex((one) => one.client === client && one.rung === rung)
  await listen(page, client, room, { transports: [rung], ...options })
  await page.evaluate((first) => {
    window.sent = []
    /**
     * A command counts as sent if the client accepted it, which a client that knows that it is
     * disconnected doesn't.
     */
    window.command = async () => {
      if (!window.subscription) return
      const text = String(first + window.sent.length + 1)
      try {
        if (window.events.at(-1) === 'connected' && (await window.subscription.perform('speak', { text })) !== false) window.sent.push(Number(text))
      } catch {}
    }
  }, (place + 1) * COMMANDS)
  await isConnected(page, 30_000)
}

/**
 * Ten messages per second to the room, and a command of each page each second, until it is stopped.
 */
export function startTraffic(world, room, pages) {
  let running = true
  let sent = 0
  const send = async () => {
    for (let turn = 1; running; turn++) {
      const pause = sleep(PERIOD)
      const n = sent + 1
      await say(world, room, n).then(() => (sent = n), () => {})
      if (turn % 10 === 0) await Promise.all(pages.map(({ page }) => page.evaluate(() => void window.command())))
      await pause
    }
  }
  const over = send()
  return {
    get sent() {
      return sent
    },
    async stop() {
      running = false
      await over
    }
  }
}

/** Waits until each page has received a message sent after that many. */
export const areBack = (pages, sent) =>
  Promise.all(
    pages.map(({ page, client, rung }) =>
      eventually(`${client} over ${rung} is back`, () => page.evaluate(([sent, limit]) => window.seen.some(([n]) => n > sent && n < limit), [sent, COMMANDS]), 60_000)
    )
  )

/**
 * What each page received of the messages, and when something first arrived from then on. A command
 * is lost if no page received its result: a page's own copy may still be on its way.
 */
export async function sightings(pages, sent, since) {
  const all = await Promise.all(
    pages.map(async ({ page, ...one }) => {
      const { seen, events, commands } = await page.evaluate(() => ({ seen: window.seen, events: window.events, commands: window.sent }))
      const count = new Map()
      for (const [n] of seen) count.set(n, (count.get(n) ?? 0) + 1)
      return { ...one, seen, events, commands, count }
    })
  )
  const times = (n) => Math.max(...all.map(({ count }) => count.get(n) ?? 0))
  return all.map(({ client, rung, seen, events, commands, count }) => {
    const messages = Array.from({ length: sent }, (_, n) => n + 1)
    const moments = seen.map(([, time]) => time)
    return {
      client,
      rung,
      sent,
      lost: messages.filter((n) => !count.has(n)).length,
      twice: messages.filter((n) => count.get(n) > 1).length,
      commands: commands.length,
      commandsLost: commands.filter((n) => times(n) === 0).length,
      commandsTwice: commands.filter((n) => times(n) > 1).length,
      silence: Math.max(0, ...moments.slice(1).map((moment, n) => moment - moments[n])),
      back: (moments.find((moment) => moment >= since) ?? Infinity) - since,
      told: events.includes('disconnected')
    }
  })
}

const seconds = (time) => (time / 1000).toFixed(1)
export const HEADER = 'outage,client,transport,messages lost,twice,commands lost,twice,longest silence (s),back after (s),client was told'
const quoted = (text) => (text.includes(',') ? `"${text}"` : text)
export const row = (name, { client, rung, sent, lost, twice, commands, commandsLost, commandsTwice, silence, back, told }) =>
  [quoted(name), client, rung, `${lost} of ${sent}`, twice, `${commandsLost} of ${commands}`, commandsTwice, seconds(silence), seconds(back), told ? 'yes' : 'no'].join(',')
