import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from './world.mjs'

/*
 * What clients see of an outage: messages come ten times a second, commands leave once a second, and each
 * page notes what arrives when.
 */
const PERIOD = 100
const COMMANDS = 100_000

export const CLIENTS = ['actioncable', 'anycable']
export const RUNGS = ['websocket', 'eventsource', 'fetch', 'poll']
export const CASES = CLIENTS.flatMap((client) => RUNGS.map((rung, n) => ({ client, rung, number: 1 + n + RUNGS.length * CLIENTS.indexOf(client) })))

/** In the page: a client in the room, and what it sees in `window.seen`. */
export async function witness(page, { client, rung, number }, room, options = {}) {
  await page.evaluate(
    async ([client, room, options, first]) => {
      const { CableSocket } = await import('cablestream')
      window.seen = []
      window.events = []
      window.sent = []
      const Socket = class extends CableSocket.at('/bridge', options) {
        constructor(...parameters) {
          super(...parameters)
          window.socket = this
        }
      }
      if (client === 'actioncable') {
        const { adapters, createConsumer } = await import('@rails/actioncable')
        adapters.WebSocket = Socket
        window.consumer = createConsumer('/cable')
      } else {
        const { createConsumer } = await import('@anycable/web')
        window.consumer = createConsumer(new URL('/cable', location.href.replace('http', 'ws')).href, { websocketImplementation: Socket, logLevel: 'error' })
      }
      const subscription = window.consumer.subscriptions.create({ channel: 'ChatChannel', room }, {
        connected: () => window.events.push('connected'),
        disconnected: () => window.events.push('disconnected'),
        received: ({ n, text }) => window.seen.push([n ?? Number(text), Date.now()])
      })
      /** A command counts as sent where the client took it: a client that knows that it is disconnected doesn't. */
      window.command = async () => {
        const text = String(first + window.sent.length + 1)
        try {
          if (window.events.at(-1) === 'connected' && (await subscription.perform('speak', { text })) !== false) window.sent.push(Number(text))
        } catch {}
      }
    },
    [client, room, { transports: [rung], ...options }, number * COMMANDS]
  )
  await eventually(`${client} over ${rung}`, () => page.evaluate(() => window.events.includes('connected')), 30_000)
}

/** Ten messages a second to the room, and a command of each page each second, until it is stopped. */
export function startTraffic(world, room, pages) {
  let running = true
  let sent = 0
  const send = async () => {
    for (let turn = 1; running; turn++) {
      const pause = sleep(PERIOD)
      const n = sent + 1
      const broadcast = world.control('broadcast', { stream: `chat_${room}`, json: JSON.stringify({ n }) })
      await broadcast.then(() => (sent = n), () => {})
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

/**
 * What each page saw of the messages sent, and when something came for the first time from then on. A command is
 * lost where no page saw what came of it: its own may just be on its way back.
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
export const HEADER =
  '| outage | client | way | messages lost | twice | commands lost | twice | longest silence (s) | back after (s) | client was told |\n' +
  '|---|---|---|--:|--:|--:|--:|--:|--:|---|'
export const row = (name, { client, rung, sent, lost, twice, commands, commandsLost, commandsTwice, silence, back, told }) =>
  `| ${[name, client, rung, `${lost} of ${sent}`, twice, `${commandsLost} of ${commands}`, commandsTwice, seconds(silence), seconds(back), told ? 'yes' : 'no'].join(' | ')} |`
