import { chosen as chosenLanguage, duration, say as sayIn } from './diagnosis/words.js'

/**
 * Tests each transport against the bridge's own echo, which greets like an Action Cable server and repeats every
 * frame, and explains what the network does with it.
 *
 * The echo, below this page's own folder:
 *
 * - echo/cable, a WebSocket. If the container has none, a plain GET there returns 501; that of another bridge can be
 *   tested with ?websocket=wss://…/-/echo/cable, if its origin is this page's or one that the setting
 *   diagnosis.websockets names: this page's Content-Security-Policy lists them. No other path is tested, as without
 *   an echo every network seems to block it
 * - echo/{events-id}, a tunnel.
 */

/** Findings that show nothing about the network. */
const UNTESTED = ['noServer', 'crowded', 'notAllowed', 'noEcho']

/** In milliseconds: the time that an app gives a transport before it tries the next one. */
const DEADLINE = 2500
/** The time that this page gives it, to distinguish a late answer from none. */
const LONGEST = 10000
/** How long a working connection is watched, to find whether it is cut. */
const WATCH = 7000

const PROTOCOL = 'actioncable-v1-json'

/** The usual duration of a test. */
const USUAL = 10000

const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time))

/** One transport under test: records what arrived, and when. `came(frame)` receives each frame; `send` sends one. */
class Trial {
  began = performance.now()
  /** The times of its acceptance, of the first frame, of its echo and of its end. */
  accepted
  first
  echoed
  ended
  why
  /** The session's name in the server's log. */
  session
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

  /** Waits for the first frame, its echo, and then whether the connection stays open. */
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
    trial.session ??= response.headers.get('Cablestream-Session') ?? undefined
    if (!response.ok) trial.refusal = `HTTP ${response.status}`
  } catch {
    trial.refusal = 'noResponse'
  }
}

/** Why a fetch failed: browsers' own words for a network error differ, and are in English only. */
const failure = (error, { accepted }) =>
  !(error instanceof TypeError) ? error.message : accepted === undefined ? 'noResponse' : 'streamEnded'

/** Whether the bridge itself refuses one more test, usually as it has too many of this address. */
const isBusy = ({ status, headers }) =>
  [429, 503].includes(status) && headers.has('Retry-After') && /json/.test(headers.get('Content-Type'))

const farewell = (id) => fetch(echoUrl(id), { method: 'POST' }).catch(() => {})

/** The address of the WebSocket to test; undefined if it has no echo. */
function socketUrl() {
  let url
  try {
    url = new URL(new URLSearchParams(location.search).get('websocket') ?? 'echo/cable', location)
  } catch {
    return
  }
  url.protocol = url.protocol.replace('http', 'ws')
  // A page from https: may not open ws:.
  const opens = url.protocol === 'wss:' || location.protocol !== 'https:'
  if (opens && /^wss?:[^?#]*\/-\/echo\/cable$/.test(url.href)) return url
}

async function tryWebSocket() {
  const trial = new Trial()
  const url = socketUrl()
  if (!url) return { unsuitable: true }
  document.addEventListener('securitypolicyviolation', () => (trial.forbidden = true), { once: true })
  trial.url = url
  const socket = new WebSocket(url, [PROTOCOL])
  socket.onopen = () => trial.accept()
  socket.onmessage = ({ data }) => trial.came(data, (frame) => socket.send(frame))
  socket.onclose = ({ code }) => {
    trial.crowded = code === 1013
    trial.end(`WebSocket ${code}`)
  }
  await trial.run(true)
  const { ended } = trial
  socket.close()
  if (trial.accepted === undefined && ended !== undefined && !location.search.includes('websocket=')) {
    const response = await fetch('echo/cable').catch(() => undefined)
    if (response?.status === 501) trial.missing = true
    if (response && isBusy(response)) trial.crowded = true
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
    trial.end('streamEnded')
  }
  await trial.run(true)
  const { ended } = trial
  source.close()
  farewell(id)
  if (trial.accepted === undefined && ended !== undefined) await findRefusal(trial)
  return { ...trial, ended }
}

/** An EventSource doesn't report why it was refused. */
async function findRefusal(trial) {
  const abort = new AbortController()
  setTimeout(() => abort.abort(), DEADLINE)
  try {
    const response = await fetch(echoUrl(newId(), { 'last-event-id': 0 }), {
      headers: { Accept: 'text/event-stream' },
      signal: abort.signal
    })
    abort.abort()
    trial.crowded = isBusy(response)
    trial.why = response.ok ? `type ${response.headers.get('Content-Type')}` : `HTTP ${response.status}`
  } catch {
    trial.why = 'noResponse'
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
    trial.crowded = isBusy(response)
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
    trial.end('streamEnded')
  }
  read().catch((error) => trial.end(failure(error, trial)))
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
      trial.crowded = isBusy(response)
      if (!response.ok) return trial.end(`HTTP ${response.status}`)
      const { messages } = await response.json()
      trial.accept()
      for (const { id, type, data } of messages) {
        cursor = id
        if (type === 'message') trial.came(data, send)
      }
    }
  }
  read().catch((error) => trial.end(failure(error, trial)))
  await trial.run(false)
  const { ended } = trial
  abort.abort()
  farewell(id)
  return { ...trial, ended }
}

/** The sentences below the headline. */
const explain = ({ reason, text, values }, say) => [...(reason ? [say(reason)] : []), say(text, values)].join(' ')

/** The meaning of a trial: a key of the words, and `usable` if an app would use the transport. */
function judge({ accepted, first, echoed, ended, why, refusal, missing, crowded, forbidden, unsuitable }, kind) {
  const finding = (state, usable, key, values) => ({ state, usable, key, values, first, ended })
  const socket = kind === 'websocket'
  if (unsuitable) return finding('warn', false, 'noEcho')
  if (forbidden) return finding('warn', false, 'notAllowed')
  if (missing) return finding('warn', false, 'noServer')
  if (crowded) return finding('warn', false, 'crowded')
  if (first !== undefined) {
    if (echoed === undefined) return finding('bad', false, 'oneWay', { why: refusal ?? 'noResponse' })
    // An app gives up a WebSocket that is cut so soon; streams are resumed.
    if (ended !== undefined) return finding(socket ? 'bad' : 'warn', !socket, 'cut', { time: ended })
    if (first > DEADLINE && !socket) return finding('warn', false, 'late')
    if (first > DEADLINE) return finding('warn', true, 'slow')
    return finding('good', true, 'works')
  }
  if (accepted !== undefined && ended !== undefined) return finding('bad', false, 'killed', { why })
  if (accepted !== undefined) return finding('bad', false, 'silent')
  if (ended !== undefined) return finding('bad', false, 'refused', { why })
  return finding('bad', false, socket || kind === 'poll' ? 'hangs' : 'buffered')
}

const KINDS = ['websocket', 'eventsource', 'fetch', 'poll']

/**
 * Milliseconds until the first message of a first visit: an app tries the transports in turn, and waits for each
 * unusable one until it fails, or gives up.
 */
function firstVisit(findings, chosen) {
  const before = KINDS.slice(0, KINDS.indexOf(chosen)).filter((kind) => !UNTESTED.includes(findings[kind].key))
  return before.reduce((sum, kind) => sum + Math.min(findings[kind].ended ?? DEADLINE, DEADLINE), findings[chosen].first)
}

/** The verdict. */
function conclude(findings) {
  const chosen = KINDS.find((kind) => findings[kind].usable)
  const untested = UNTESTED.includes(findings.websocket.key)
  if (!chosen && KINDS.some((kind) => findings[kind].key === 'crowded')) return { state: 'warn', headline: 'busy', text: 'crowded' }
  if (!chosen) return { state: 'bad', headline: 'bad', text: 'badText', forward: 'forwardBad', blocked: location }
  const { first } = findings[chosen]
  if (chosen === 'websocket') return { state: findings.websocket.state, headline: 'good', text: 'goodText', values: { time: first } }
  const values = { transport: chosen, time: first, first: firstVisit(findings, chosen) }
  return untested
    ? { state: 'good', headline: 'untested', text: 'fallbackText', reason: findings.websocket.key, values }
    : { state: 'warn', headline: 'fallback', text: 'fallbackText', forward: 'forwardBlocked', blocked: findings.websocket.url ?? location, values }
}

const LANGUAGE = chosenLanguage(navigator.languages ?? [navigator.language])
const say = (key, values) => sayIn(LANGUAGE, key, values)
const english = (key, values) => sayIn('en', key, values)
const place = ({ hostname, port, protocol }) => ({ host: hostname, port: port || (/s:$/.test(protocol) ? '443' : '80') })

const element = (id) => document.getElementById(id)

const show = (kind, { state, key, values, first }) => {
  const row = element(kind)
  row.dataset.state = state
  row.querySelector('.finding').textContent = say(key, values)
  row.querySelector('.time').textContent = first === undefined ? '' : duration(LANGUAGE, first)
}

/** The server's data: its version, the application's name and support address, and the proxies in the Via header. */
const about = Promise.race([
  fetch('diagnosis.json')
    .then(async (response) => ({ ...(response.ok ? await response.json() : {}), viaBack: response.headers.get('Via') }))
    .catch(() => ({})),
  sleep(LONGEST).then(() => ({}))
])

function report(findings, answer, { version, via, viaBack }) {
  const protocols = performance.getEntriesByType('resource').map(({ nextHopProtocol }) => nextHopProtocol)
  const { effectiveType, type, rtt } = navigator.connection ?? {}
  const sessions = KINDS.filter((kind) => findings[kind].session).map((kind) => `${kind} ${findings[kind].session}`)
  const connection = [type, effectiveType, rtt !== undefined && `round trip ${rtt} ms`].filter(Boolean).join(', ')
  return [
    english(answer.headline),
    explain(answer, english),
    ...(answer.forward ? ['', english(answer.forward, place(answer.blocked))] : []),
    '',
    ...KINDS.map((kind) => {
      const { key, values, first } = findings[kind]
      return `${english(kind).padEnd(15)} ${(first === undefined ? '-' : duration('en', first)).padStart(7)}  ${english(key, values)}`
    }),
    '',
    `Tested      ${new Date().toISOString()}, time zone ${Intl.DateTimeFormat().resolvedOptions().timeZone}`,
    `Address     ${location}`,
    `Version     ${version ?? 'unknown'}`,
    `HTTP        ${[...new Set(protocols)].filter(Boolean).join(', ') || 'unknown'}`,
    `Connection  ${connection || 'unknown'}`,
    `Via         ${[via && `to the server: ${via}`, viaBack && `back: ${viaBack}`].filter(Boolean).join('; ') || 'none'}`,
    `Sessions    ${sessions.join(', ') || 'none'}`,
    `Browser     ${navigator.userAgent}`
  ].join('\n').replaceAll('\u00a0', ' ')
}

const TRIALS = { websocket: tryWebSocket, eventsource: tryEventSource, fetch: tryFetch, poll: tryPoll }

/** Fills the bar during the usual time; a longer test continues with it nearly full. */
function progress() {
  const began = performance.now()
  const timer = setInterval(() => {
    element('progress').value = Math.min(97, (100 * (performance.now() - began)) / USUAL)
  }, 100)
  return () => clearInterval(timer)
}

async function run() {
  element('copy').disabled = element('again').disabled = true
  element('answer').dataset.state = 'busy'
  element('forward').hidden = true
  element('headline').textContent = say('testing')
  element('explanation').textContent = element('report').value = element('copied').textContent = ''
  const done = progress()
  const findings = {}
  await Promise.all(
    Object.entries(TRIALS).map(async ([kind, attempt]) => {
      show(kind, { state: 'busy', key: 'testing' })
      const outcome = await attempt().catch((error) => ({ ended: 0, why: error.message }))
      findings[kind] = { ...judge(outcome, kind), session: outcome.session, url: outcome.url }
      show(kind, findings[kind])
    })
  )
  const answer = conclude(findings)
  element('headline').textContent = say(answer.headline)
  element('explanation').textContent = explain(answer, say)
  if (answer.forward) {
    element('forward-text').textContent = say(answer.forward, place(answer.blocked))
    element('forward').hidden = false
  }
  element('report').value = report(findings, answer, await about)
  done()
  element('answer').dataset.state = answer.state
  element('copy').disabled = element('again').disabled = false
}

/** Sets the page's language to the browser's, and adds the application's name and logo. */
async function dress() {
  document.documentElement.lang = LANGUAGE
  document.title = say('title')
  for (const id of ['title', 'intro', 'copy', 'again']) element(id).textContent = say(id)
  element('forward-title').textContent = say('forward')
  element('support').textContent = say('sender')
  element('details-title').textContent = say('details')
  element('report-title').textContent = say('report')
  for (const kind of KINDS) element(kind).querySelector('h3').textContent = say(kind)
  const { application, logo, support } = await about
  if (application || logo) {
    const brand = element('brand')
    if (logo) brand.append(Object.assign(new Image(), { src: logo, alt: '' }))
    brand.append(application ?? '')
    brand.hidden = false
    if (application) document.title = `${say('title')} · ${application}`
  }
  if (support) {
    const [before, after] = say('support', { support: '\n' }).split('\n')
    const link = Object.assign(document.createElement('a'), {
      href: support.includes('://') ? support : `mailto:${support}`,
      textContent: support
    })
    element('support').replaceChildren(before, link, after)
  }
}

element('again').addEventListener('click', run)
element('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(element('report').value)
    element('copied').textContent = say('copied')
  } catch {
    // Not over plain HTTP: the text is then only selected.
    element('details').open = true
    element('report').select()
    element('copied').textContent = say('select')
  }
})

dress()
run()
