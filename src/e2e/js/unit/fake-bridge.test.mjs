import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startFakeBridge } from '../support/fake-bridge.mjs'
import { startFakeRails } from '../support/fake-rails.mjs'
import { read } from '../support/tables.mjs'

/*
 * The events of the bridge without Java have the members that docs/protocol.md names, as those of the
 * bridge do (EventDocumentsTest).
 */
const OF_ALL = ['type', 'session_id', 'msg_id', 'time']
/** It doesn't replace a cable that was lost. */
const NEVER = ['reconnected']

const documented = (type) => {
  const [, column] = new RegExp(`^\\| \`${type}\` \\|.*\\| (.*) \\|$`, 'm').exec(read('docs/protocol.md'))
  return [...column.replace(/\([^)]*\)/g, '').matchAll(/`(\w+)/g)].map(([, name]) => name)
}
const members = (names) => names.filter((name) => ![...OF_ALL, ...NEVER].includes(name)).sort()

test('the events of the bridge without Java have the members of docs/protocol.md', async (t) => {
  const rails = await startFakeRails()
  t.after(() => rails.stop())
  const bridge = await startFakeBridge({ cable: `${rails.url.replace('http', 'ws')}/cable`, linger: 2000 })
  t.after(() => bridge.stop())
  const url = `${bridge.url}/events-of-the-fake-bridge`
  const events = []
  const poll = async (cursor) => events.push(...(await (await fetch(`${url}?timeout=5&last-event-id=${cursor}`)).json()).messages)
  const until = async (type) => {
    while (events.at(-1)?.type !== type) await poll(events.at(-1)?.msg_id ?? 0)
  }

  await until('joined')
  await fetch(url, { method: 'POST', body: JSON.stringify([{ identifier: { channel: 'RejectChannel' }, subscribe: true }]) })
  await until('rejected')
  await fetch(url, { method: 'POST', body: JSON.stringify([{ identifier: { channel: 'EchoChannel' }, subscribe: true }]) })
  await until('connected')
  await fetch(url, { method: 'POST', body: JSON.stringify([{ identifier: { channel: 'EchoChannel' }, send: { action: 'echo' } }]) })
  await until('received')
  await poll('another-session-1')
  const closed = until('closed')
  // Only a poll that waits is told: afterwards there is no session.
  while (![...bridge.sessions.values()].some(({ listens }) => listens())) await sleep(5)
  rails.stop()
  await closed

  const types = ['joined', 'rejected', 'connected', 'received', 'gap', 'closed']
  assert.deepEqual(new Set(events.map(({ type }) => type)), new Set(types))
  for (const event of events) assert.deepEqual(members(Object.keys(event)), members(documented(event.type)), event.type)
})
