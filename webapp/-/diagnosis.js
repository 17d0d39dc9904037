/**
 * Tries each way to a cable against the bridge's own echo, which greets like an ActionCable server and
 * says again what it is told, and says in plain words what the network does with it.
 *
 * The echo, below this page's own folder:
 *
 * - echo/cable, a WebSocket. Where the container has none, a plain GET there is answered 501; another
 *   server's can be tried with ?websocket=wss://…, if its host is this page's or one that the setting
 *   diagnosis.websockets names: this page's Content-Security-Policy says which
 * - echo/{events-id}, a tunnel.
 */

/** Milliseconds. What an app gives a way before it tries the next one. */
const DEADLINE = 2500
/** What this page gives it, to tell late from never. */
const LONGEST = 10000
/** How long a connection that works is watched: whether it is cut. */
const WATCH = 7000

const PROTOCOL = 'actioncable-v1-json'

const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time))
const seconds = (time) => `${(time / 1000).toFixed(1)} s`
const span = (time) => (time < 1000 ? `${Math.round(time)} ms` : seconds(time))

/**
 * One way being tried: notes when what came. `came(frame)` is told each frame; `send` is how the way
 * sends one.
 */
class Trial {
  began = performance.now()
  /** When it was accepted, when the first frame came, when its echo did, when it ended. */
  accepted
  first
  echoed
  ended
  why
  #word = `echo ${Math.random()}`
  #wake

  since = () => performance.now() - this.began

  accept() {
    this.accepted ??= this.since()
    this.#wake?.()
  }

  came(frame, send) {
    this.accept()
    if (this.first === undefined) {
      this.first = this.since()
      send(this.#word)
    }
    if (frame === this.#word) this.echoed ??= this.since()
    this.#wake?.()
  }

  end(why) {
    if (this.ended !== undefined) return
    this.ended = this.since()
    this.why = why
    this.#wake?.()
  }

  /** Resolves when the condition holds, the trial has ended, or the time is over. */
  async until(condition, time) {
    const over = sleep(time).then(() => true)
    while (!condition() && this.ended === undefined) {
      const change = new Promise((resolve) => (this.#wake = () => resolve(false)))
      if (await Promise.race([change, over])) return
    }
  }

  /** Waits for the first frame, its echo, and then whether the connection stays. */
  async run(watch) {
    await this.until(() => this.first !== undefined, LONGEST)
    if (this.first === undefined) return
    await this.until(() => this.echoed !== undefined, LONGEST / 2)
    if (watch) await this.until(() => false, WATCH)
  }
}

const echoUrl = (id, more) =>
  new URL(`echo/${id}?${new URLSearchParams({ protocol: PROTOCOL, ...more })}`, location)
const newId = () => crypto.getRandomValues(new Uint32Array(5)).join('-')

/** Sends a frame through a tunnel. */
const post = (id, trial) => async (frame) => {
  try {
    const response = await fetch(echoUrl(id), { method: 'POST', body: JSON.stringify([frame]) })
    if (!response.ok) trial.refusal = `HTTP ${response.status}`
  } catch {
    trial.refusal = 'no answer'
  }
}
const farewell = (id) => fetch(echoUrl(id), { method: 'POST' }).catch(() => {})

async function tryWebSocket() {
  const trial = new Trial()
  const url = new URL(new URLSearchParams(location.search).get('websocket') ?? 'echo/cable', location)
  url.protocol = url.protocol.replace('http', 'ws')
  document.addEventListener('securitypolicyviolation', () => (trial.forbidden = true), { once: true })
  const socket = new WebSocket(url, [PROTOCOL])
  socket.onopen = () => trial.accept()
  socket.onmessage = ({ data }) => trial.came(data, (frame) => socket.send(frame))
  socket.onclose = ({ code }) => trial.end(`closed with ${code}`)
  await trial.run(true)
  const { ended } = trial
  socket.close()
  if (trial.accepted === undefined && ended !== undefined && !location.search.includes('websocket=')) {
    const response = await fetch('echo/cable').catch(() => undefined)
    if (response?.status === 501) trial.missing = true
  }
  return { ...trial, ended }
}

async function tryEventSource() {
  const trial = new Trial()
  const id = newId()
  const send = post(id, trial)
  const source = new EventSource(echoUrl(id, { 'last-event-id': 0, ping: 3 }))
  source.addEventListener('opened', () => trial.accept())
  source.onmessage = ({ data }) => trial.came(data, send)
  source.onerror = () => {
    source.close()
    trial.end('refused')
  }
  await trial.run(true)
  const { ended } = trial
  source.close()
  farewell(id)
  if (trial.accepted === undefined && ended !== undefined) trial.why = await statusOf(id)
  return { ...trial, ended }
}

/** An EventSource doesn't tell why it was refused. */
async function statusOf(id) {
  const abort = new AbortController()
  setTimeout(() => abort.abort(), DEADLINE)
  try {
    const { status, headers } = await fetch(echoUrl(newId(), { 'last-event-id': 0 }), {
      headers: { Accept: 'text/event-stream' },
      signal: abort.signal
    })
    abort.abort()
    return status === 200 ? `type ${headers.get('Content-Type')}` : `HTTP ${status}`
  } catch {
    return 'no answer'
  }
}

async function tryFetch() {
  const trial = new Trial()
  const id = newId()
  const send = post(id, trial)
  const abort = new AbortController()
  const read = async () => {
    const response = await fetch(echoUrl(id, { 'last-event-id': 0, ping: 3 }), {
      method: 'POST',
      headers: { Accept: 'text/event-stream' },
      signal: abort.signal
    })
    if (!response.ok) return trial.end(`HTTP ${response.status}`)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (let rest = '', chunk; !(chunk = await reader.read()).done; ) {
      const events = (rest + chunk.value).split('\n\n')
      rest = events.pop()
      for (const event of events) {
        if (/^event: opened$/m.test(event)) trial.accept()
        else if (!/^event:/m.test(event) && /^data: /m.test(event)) trial.came(/^data: (.*)$/m.exec(event)[1], send)
      }
    }
    trial.end('the stream ended')
  }
  read().catch((error) => trial.end(error.message))
  await trial.run(true)
  const { ended } = trial
  abort.abort()
  farewell(id)
  return { ...trial, ended }
}

async function tryPoll() {
  const trial = new Trial()
  const id = newId()
  const send = post(id, trial)
  const abort = new AbortController()
  const read = async () => {
    for (let cursor = 0; trial.echoed === undefined; ) {
      const url = echoUrl(id, { 'last-event-id': cursor, timeout: 3 })
      const response = await fetch(url, { cache: 'no-store', signal: abort.signal })
      if (!response.ok) return trial.end(`HTTP ${response.status}`)
      const { messages } = await response.json()
      trial.accept()
      for (const { id, type, data } of messages) {
        cursor = id
        if (type === 'message') trial.came(data, send)
      }
    }
  }
  read().catch((error) => trial.end(error.message))
  await trial.run(false)
  const { ended } = trial
  abort.abort()
  farewell(id)
  return { ...trial, ended }
}

/** What a trial means, in plain words: `usable` where an app would take it. */
function judge({ accepted, first, echoed, ended, why, refusal, missing, forbidden }, kind) {
  const finding = (state, usable, text) => ({ state, usable, text, first })
  const socket = kind === 'websocket'
  if (forbidden)
    return finding('warn', false, 'Not tried: the setting diagnosis.websockets doesn’t name this host. That says nothing about your network.')
  if (missing)
    return finding('warn', false, 'This server can’t tell: it has no WebSocket of its own to try. That says nothing about your network.')
  if (first !== undefined) {
    const refused = refusal ? ` (${refusal})` : ''
    if (echoed === undefined)
      return finding('bad', false, `Messages arrive, but what this page sends doesn’t get through${refused}.`)
    if (ended !== undefined)
      return finding('warn', true, `Works, but is cut after ${seconds(ended)}. An app comes back by itself each time.`)
    if (first > DEADLINE && !socket) return finding('warn', false, 'Held back on the way: it works, but too late for an app to wait for it.')
    if (first > DEADLINE) return finding('warn', true, 'Works, but slowly.')
    return finding('good', true, 'Works: messages get through, both ways.')
  }
  if (accepted !== undefined && ended !== undefined)
    return finding('bad', false, socket ? `Killed: accepted, then cut before anything came through (${why}).` : `Cut before anything came through (${why}).`)
  if (accepted !== undefined) return finding('bad', false, 'Accepted, but then nothing comes through.')
  if (ended !== undefined) return finding('bad', false, `Blocked: the connection is refused (${why}).`)
  if (socket) return finding('bad', false, 'Hangs: the request for a WebSocket gets no answer.')
  return finding('bad', false, kind === 'poll' ? 'No answer.' : 'Buffered: something on the way waits for the end of a stream that has no end.')
}

const NAMES = { websocket: 'WebSocket', eventsource: 'EventSource', fetch: 'Streaming POST', poll: 'Long poll' }

/** The answer to the page's question. */
function conclude(findings) {
  const chosen = Object.keys(NAMES).find((kind) => findings[kind].usable)
  const { websocket } = findings
  if (!chosen)
    return { state: 'bad', headline: 'Nothing gets through from here.', text: 'Neither WebSockets nor any of the other ways work. Is the network there at all, or does something block this site?' }
  const time = `the first message is there after ${span(findings[chosen].first)}`
  if (chosen === 'websocket')
    return { state: websocket.state, chosen, headline: 'No: WebSockets work here.', text: `An app would use a WebSocket; ${time}.` }
  return {
    state: 'warn',
    chosen,
    headline: websocket.state === 'warn' ? 'This server can’t tell whether WebSockets work here. Live updates do.' : 'Yes: WebSockets don’t work here. But live updates do.',
    text: `An app that falls back would use: ${NAMES[chosen]}; ${time}.`
  }
}

const element = (id) => document.getElementById(id)

const show = (kind, { state, text, first }) => {
  const row = element(kind)
  row.dataset.state = state
  row.querySelector('.finding').textContent = text
  row.querySelector('.time').textContent = first === undefined ? '' : span(first)
}

function report(findings, answer) {
  const protocols = performance.getEntriesByType('resource').map(({ nextHopProtocol }) => nextHopProtocol)
  return [
    answer.headline,
    answer.text,
    '',
    ...Object.entries(findings).map(
      ([kind, { text, first }]) => `${NAMES[kind].padEnd(15)} ${(first === undefined ? '-' : span(first)).padStart(7)}  ${text}`
    ),
    '',
    `Tried at ${new Date().toISOString()} from ${location.origin}${location.pathname}`,
    `HTTP     ${[...new Set(protocols)].filter(Boolean).join(', ') || 'unknown'}`,
    `Browser  ${navigator.userAgent}`
  ].join('\n')
}

const TRIALS = { websocket: tryWebSocket, eventsource: tryEventSource, fetch: tryFetch, poll: tryPoll }

async function run() {
  element('copy').disabled = element('again').disabled = true
  element('answer').dataset.state = 'busy'
  element('headline').textContent = 'Trying …'
  element('explanation').textContent = element('report').value = element('copied').textContent = ''
  const findings = {}
  await Promise.all(
    Object.entries(TRIALS).map(async ([kind, attempt]) => {
      show(kind, { state: 'busy', text: 'Trying …' })
      const outcome = await attempt().catch((error) => ({ ended: 0, why: error.message }))
      findings[kind] = judge(outcome, kind)
      show(kind, findings[kind])
    })
  )
  const ordered = Object.fromEntries(Object.keys(NAMES).map((kind) => [kind, findings[kind]]))
  const answer = conclude(ordered)
  element('answer').dataset.state = answer.state
  element('headline').textContent = answer.headline
  element('explanation').textContent = answer.text
  element('report').value = report(ordered, answer)
  element('copy').disabled = element('again').disabled = false
}

element('again').addEventListener('click', run)
element('copy').addEventListener('click', async () => {
  element('report').select()
  try {
    await navigator.clipboard.writeText(element('report').value)
    element('copied').textContent = 'Copied.'
  } catch {
    // Not over plain HTTP: the text is selected at least.
    element('copied').textContent = 'Selected: copy it with your keyboard or menu.'
  }
})

run()
