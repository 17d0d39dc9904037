/**
 * Two Action Cable clients in two lanes, and buttons that cause faults between them and the
 * server.
 *
 * The reference comes over a path without faults: the control reports the latest tick and the
 * present faults. Everything else is counted from what each client has received.
 */
import * as plainCable from './actioncable.js?plain'
import * as bridgedCable from './actioncable.js?bridged'
import { CableSocket } from '../cablestream.js'

const CONTROL = new URL('control', import.meta.url)
const CABLE = new URL('cable', import.meta.url).href.replace(/^http/, 'ws')
const BRIDGE = new URL('../..', import.meta.url)

/** How often the control is requested, and after how long it counts as unavailable. */
const ASK_MS = 500
const AWAY_MS = 4000
/** A message that took this much longer than the quickest one was delivered late. */
const LATE_MS = 1000
/** A lane that receives nothing for this long is silent. */
const SILENT_MS = 1200
/** Ticks shown in the picture, and the width of one, in pixels. */
const KEPT = 600
const STEP = 5
const MAX_ENTRIES = 60

const FAULTS = {
  cut: { total: 10_000, began: 'The network is cut.', ended: 'The network is back.' },
  kill: { total: 10_000, began: 'WebSockets are killed.', ended: 'WebSockets get through again.' },
  restart: {
    total: 2_000,
    began: 'The Action Cable server restarts.',
    ended: 'The Action Cable server is back.'
  }
}
const TRANSPORTS = {
  websocket: 'WebSocket',
  eventsource: 'EventSource',
  fetch: 'streaming POST',
  poll: 'long poll'
}

const element = (id) => document.getElementById(id)
const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`
const calm = matchMedia('(prefers-reduced-motion: reduce)')

/** The control's latest report, and its time. */
let truth
let truthAt = 0
/** The first tick that counts. */
let start = Infinity
/** The duration of the quickest message, by two clocks that may differ. */
let quickest = Infinity
/** Faults in the picture: which, and from which tick to which. */
const bands = []

/** The tick that is due now, with a fraction. */
const now = () => (truth ? truth.tick + (Date.now() - truthAt) / truth.period : 0)

const tell = (text, kind = '') => {
  const entry = document.createElement('li')
  const time = document.createElement('time')
  time.textContent = new Date().toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23'
  })
  const words = document.createElement('span')
  words.textContent = text
  words.className = kind
  entry.append(time, words)
  element('log').prepend(entry)
  while (element('log').children.length > MAX_ENTRIES) element('log').lastChild.remove()
}

class Lane {
  constructor(id, name) {
    this.name = name
    this.root = element(id)
    this.canvas = this.root.querySelector('canvas')
    this.chip = this.root.querySelector('.chip')
    this.path = this.root.querySelector('.path')
    this.transport = ''
    this.last = 0
    this.heardAt = 0
    this.fates = new Map()
    this.count()
  }

  /** Starts to count at that tick. */
  count() {
    this.received = 0
    this.late = 0
    this.lost = 0
    this.before = undefined
  }

  hear({ tick, time }) {
    // A tick that was sent twice counts once.
    if (tick <= this.last) return
    const took = Date.now() - time
    quickest = Math.min(quickest, took)
    const late = took - quickest > LATE_MS
    const counted = tick >= start
    if (this.last && counted) {
      const first = Math.max(this.last + 1, start)
      this.lost += tick - first
      for (let missed = first; missed < tick; missed++) this.fates.set(missed, 'lost')
    }
    if (counted) {
      this.received++
      this.late += late
      this.fates.set(tick, late ? 'late' : 'got')
      this.fates.delete(tick - KEPT)
    }
    this.last = tick
    if (this.silence > SILENT_MS) this.backAt = Date.now()
    this.heardAt = Date.now()
  }

  get silence() {
    return this.heardAt ? Date.now() - this.heardAt : 0
  }

  /** Reports what an outage has cost once it is over: delayed ticks arrive at once. */
  report() {
    if (!this.heardAt) return
    if (this.silence > SILENT_MS) {
      this.outage ??= { from: this.heardAt, lost: this.lost, late: this.late }
    } else if (this.outage && now() - this.last < 3) {
      const { from, lost, late } = this.outage
      this.outage = undefined
      const seconds = ((this.backAt - from) / 1000).toFixed(1)
      const missed = this.lost - lost
      const caught = this.late - late
      tell(
        `${this.name} is back after ${seconds} s: ` +
          (missed ? `${plural(missed, 'message')} lost` : 'nothing lost') +
          (caught ? `, ${caught} caught up.` : '.'),
        missed ? 'bad' : 'good'
      )
    }
  }

  show() {
    const silent = this.silence > SILENT_MS
    const live = this.heardAt && !silent
    this.chip.dataset.state = live ? 'live' : silent ? 'silent' : 'wait'
    this.chip.textContent = live
      ? `Live${this.transport && `, by ${this.transport}`}`
      : silent
        ? `Silent for ${(this.silence / 1000).toFixed(1)} s`
        : 'Connecting'
    for (const [key, value] of [['lost', this.lost], ['late', this.late], ['got', this.received]])
      this.root.querySelector(`.${key} dd`).textContent = value
    this.root.querySelector('.lost').toggleAttribute('data-any', this.lost > 0)
    const cut = truth?.cut > 0 || (truth?.kill > 0 && this === plain)
    this.path.toggleAttribute('data-cut', cut)
    this.path.toggleAttribute('data-down', truth?.restart > 0)
  }

  draw(colours) {
    const { clientWidth: width, clientHeight: height } = this.canvas
    const scale = devicePixelRatio
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) }
    for (const side of ['width', 'height'])
      if (this.canvas[side] !== size[side]) this.canvas[side] = size[side]
    const pen = this.canvas.getContext('2d')
    pen.setTransform(scale, 0, 0, scale, 0, 0)
    pen.clearRect(0, 0, width, height)
    const right = calm.matches ? Math.floor(now()) : now()
    const x = (tick) => width - 14 - (right - tick) * STEP
    pen.fillStyle = colours.fault
    for (const { from, to } of bands) pen.fillRect(x(from), 0, x(to ?? right) - x(from), height)
    const top = height * 0.2
    const bottom = height * 0.8
    for (let tick = Math.floor(right); x(tick) > -STEP && tick >= start; tick--) {
      const fate = this.fates.get(tick)
      if (fate === 'lost') {
        pen.strokeStyle = colours.bad
        pen.lineWidth = 1
        pen.beginPath()
        pen.roundRect(x(tick) - 1.5, top, 3, bottom - top, 1.5)
        pen.stroke()
      } else if (fate) {
        pen.fillStyle = colours[fate]
        pen.beginPath()
        pen.roundRect(x(tick) - 1.6, top, 3.2, bottom - top, 1.6)
        pen.fill()
      } else if (tick > this.last) {
        pen.fillStyle = colours.muted
        pen.beginPath()
        pen.arc(x(tick), height / 2, 1.2, 0, 7)
        pen.fill()
      }
    }
  }
}

const plain = new Lane('plain', 'The plain WebSocket')
const bridge = new Lane('bridge', 'Cablestream')
const lanes = [plain, bridge]

bridgedCable.adapters.WebSocket = CableSocket.at(BRIDGE, {
  mode: 'force',
  onTransport: ({ detail }) => (bridge.transport = TRANSPORTS[detail.transport] ?? '')
})
for (const [lane, { createConsumer }] of [[plain, plainCable], [bridge, bridgedCable]])
  createConsumer(CABLE).subscriptions.create('TicksChannel', {
    received: (message) => lane.hear(message)
  })

const countAnew = () => {
  start = Math.max(...lanes.map(({ last }) => last)) + 1
  for (const lane of lanes) lane.count()
}

/** Both clients have received a tick: counting starts. */
const begin = () => {
  if (start === Infinity && lanes.every(({ heardAt }) => heardAt)) countAnew()
}

const learn = (answer) => {
  for (const [name, { total, began, ended }] of Object.entries(FAULTS)) {
    const open = bands.find((band) => band.name === name && !band.to)
    if (answer[name] && !open) {
      bands.push({ name, from: answer.tick - (total - answer[name]) / answer.period })
      tell(began)
    } else if (!answer[name] && open) {
      open.to = Math.min(answer.tick, open.from + total / answer.period)
      tell(ended)
    }
  }
  while (bands[0]?.to < answer.tick - KEPT) bands.shift()
  truth = answer
  truthAt = Date.now()
}

const ask = async (fault) => {
  const response = await fetch(fault ? `${CONTROL}?${fault}` : CONTROL, {
    method: fault ? 'POST' : 'GET',
    cache: 'no-store',
    signal: AbortSignal.timeout(AWAY_MS)
  })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  learn(await response.json())
}

const watch = async () => {
  try {
    await ask()
    element('away').hidden = true
  } catch {
    element('away').hidden = false
  }
  setTimeout(watch, ASK_MS)
}

/** The remaining time of a fault, in milliseconds. */
const left = (name) => (truth?.[name] ? Math.max(0, truth[name] - (Date.now() - truthAt)) : 0)

const buttons = [...document.querySelectorAll('[data-fault]')].map((button) => {
  const small = button.querySelector('small')
  const bar = button.querySelector('i')
  return { button, small, bar, words: small.textContent, name: button.dataset.fault }
})
for (const { button, name } of buttons)
  button.addEventListener('click', () => {
    if (!left(name)) ask(name).catch(() => (element('away').hidden = false))
  })
element('again').addEventListener('click', () => {
  countAnew()
  count()
})

const showButtons = () => {
  for (const { button, small, bar, words, name } of buttons) {
    const time = left(name)
    // Not disabled, which would remove the focus.
    button.setAttribute('aria-disabled', time > 0)
    bar.style.transform = `scaleX(${time / FAULTS[name].total})`
    const text = time ? `${Math.ceil(time / 1000)} s left` : words
    if (small.textContent !== text) small.textContent = text
  }
}

let colours
const readColours = () => {
  const style = getComputedStyle(document.documentElement)
  colours = Object.fromEntries(
    ['got', 'late', 'bad', 'muted', 'fault'].map((name) => [
      name,
      style.getPropertyValue(`--${name}`)
    ])
  )
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', readColours)
readColours()

const frame = () => {
  for (const lane of lanes) lane.draw(colours)
  showButtons()
  requestAnimationFrame(frame)
}
const count = () => {
  begin()
  for (const lane of lanes) {
    lane.report()
    lane.show()
  }
  element('sent').textContent = Math.max(0, (truth?.tick ?? 0) - start + 1)
}
setInterval(count, 100)
frame()
watch()
