import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from './world.mjs'

/*
 * The clients as published on npm, over each of the script's transports, and what their pages
 * record.
 */
export const CLIENTS = ['actioncable', 'anycable']
export const RUNGS = ['websocket', 'eventsource', 'fetch', 'poll']
export const CASES = CLIENTS.flatMap((client) => RUNGS.map((rung) => ({ client, rung })))

/**
 * In the page: `window.consumer` of this client, the sockets that it created in `window.sockets`,
 * and in `window.firstFrame` the time until the first of them opened, which it does with its first
 * frame.
 */
export const connect = (page, client, options = {}, { base = '/bridge', url = '/cable', script = `${base}/-/cablestream.js` } = {}) =>
  page.evaluate(
    async ([client, options, base, url, script]) => {
      const { CableSocket } = await import(script)
      window.sockets = []
      const Socket = class extends CableSocket.at(base, options) {
        constructor(...parameters) {
          super(...parameters)
          window.sockets.push(this)
          const began = performance.now()
          this.addEventListener('open', () => (window.firstFrame ??= Math.round(performance.now() - began)))
        }
      }
      if (client === 'actioncable') {
        const { adapters, createConsumer } = await import('@rails/actioncable')
        adapters.WebSocket = Socket
        window.consumer = createConsumer(url)
      } else {
        const { createConsumer } = await import('@anycable/web')
        window.consumer = createConsumer(new URL(url, location.href.replace('http', 'ws')).href, { websocketImplementation: Socket, logLevel: 'error' })
      }
    },
    [client, options, base, url, script]
  )

/**
 * In the page: this client in a chat room, as `window.subscription`. `window.events` has its
 * events, and `window.seen` the time of each number. Turbo's is an element, which uses the consumer
 * of actioncable, and sends nothing.
 */
export async function listen(page, client, room, options, place) {
  await connect(page, client === 'turbo' ? 'actioncable' : client, options, place)
  await page.evaluate(
    async ([client, room]) => {
      window.seen = []
      window.events = []
      const received = ({ n, text }) => window.seen.push([n ?? Number(text), Date.now()])
      if (client !== 'turbo')
        return void (window.subscription = window.consumer.subscriptions.create({ channel: 'ChatChannel', room }, {
          connected: () => window.events.push('connected'),
          disconnected: () => window.events.push('disconnected'),
          received
        }))
      const { cableTurbo } = await import('cablestream')
      const { cable } = await import('@hotwired/turbo-rails')
      const element = document.createElement('turbo-cable-stream-source')
      element.setAttribute('channel', 'Turbo::StreamsChannel')
      element.setAttribute('signed-stream-name', `chat_${room}`)
      element.addEventListener('message', ({ data }) => received(data))
      new MutationObserver(() => window.events.push(element.hasAttribute('connected') ? 'connected' : 'disconnected')).observe(element, { attributeFilter: ['connected'] })
      cableTurbo(cable, window.consumer)
      document.body.append(element)
    },
    [client, room]
  )
}

/** All of that, and the present transport. */
export const state = (page) =>
  page.evaluate(() => {
    const { sockets, seen, events, firstFrame } = window
    const { transport, failures } = sockets.at(-1) ?? {}
    return { numbers: seen.map(([n]) => n), events, transport, failures, sockets: sockets.length, firstFrame }
  })

export const isConnected = (page, time) =>
  eventually('the subscription', () => page.evaluate(() => window.events.includes('connected')), time)

/**
 * Sends numbers from 1 to the room, and a command of the page after each tenth; resolves to the
 * state of the page, with the number of missing messages.
 */
export async function exchange(world, page, room, { count, time }) {
  const before = (await state(page)).numbers.length
  for (let n = 1; n <= count; n++) {
    await say(world, room, n)
    if (n % 10 === 0) await page.evaluate((text) => window.subscription.perform('speak', { text }), String(1000 + n))
    await sleep(time / count)
  }
  const all = count + count / 10
  await eventually('all messages', async () => (await state(page)).numbers.length >= before + all, 20_000).catch(() => {})
  const seen = await state(page)
  const numbers = seen.numbers.slice(before)
  return { ...seen, numbers, lost: all - numbers.length }
}

/** All that was exchanged, each once, the messages in order. */
export function assertWhole(numbers, count) {
  assert.deepEqual(numbers.filter((n) => n < 1000), Array.from({ length: count }, (_, n) => n + 1))
  assert.deepEqual(numbers.filter((n) => n > 1000).sort(), Array.from({ length: count / 10 }, (_, n) => 1000 + 10 * (n + 1)))
}

/** From Rails to all pages in the room. */
export const say = (world, room, n) => world.control('broadcast', { stream: `chat_${room}`, json: JSON.stringify({ n }) })
