import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * The code in the README and docs/rails.md, extracted and run where WebSockets are blocked.
 */
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))
const documents = ['README.md', 'docs/rails.md'].map((name) => readFileSync(path(`../../../../${name}`), 'utf8'))

/** The documents' snippets, by the name in their first line. */
const snippets = {}
for (const [, name, code] of documents.join('\n').matchAll(/^```(?:js|rb)\n(?:\/\/|#) (\S+\.(?:js|rb).*)\n([^]*?)^```$/gm)) {
  assert.equal(snippets[name] ?? code, code, `all documents have the same ${name}`)
  snippets[name] = code
}
const snippet = (name) => {
  assert.ok(snippets[name], `a document has ${name}`)
  return snippets[name]
}

const CHECK = `
  window.seen = []
  window.consumer = consumer
  consumer.subscriptions.create({ channel: 'EchoChannel' }, {
    connected() { this.perform('echo', { text: 'there and back' }) },
    received: ({ text }) => window.seen.push(text)
  })`
const VENDOR = {
  '@rails/actioncable': '/vendor/@rails/actioncable/app/assets/javascripts/actioncable.esm.js',
  '@hotwired/turbo-rails': '/vendor/@hotwired/turbo-rails/app/assets/javascripts/turbo.js',
  '@anycable/web': '/vendor/@anycable/web/index.js',
  '@anycable/core': '/vendor/@anycable/core/index.js',
  nanoevents: '/vendor/nanoevents/index.js'
}
const html = (imports, script, body = '') => `<!doctype html>
  <meta charset="utf-8"><title>docs</title><link rel="icon" href="data:,">
  <script type="importmap">${JSON.stringify({ imports })}</script>
  ${script}<body>${body}`
const STREAM = '<turbo-cable-stream-source channel="Turbo::StreamsChannel" signed-stream-name="docs"></turbo-cable-stream-source><div id="messages"></div>'

const files = {}
let world
before(async () => (world = await startWorld({ base: '/cable-events', files })))
after(() => world?.stop())

const CONSUMER = 'app/javascript/channels/consumer.js'
const SETUP = 'app/javascript/cablestream/setup.js'
const APPLICATION = 'app/javascript/application.js'
/** As Rails generates it. */
const PLAIN = 'import { createConsumer } from "@rails/actioncable"\n\nexport default createConsumer()\n'
/** A snippet for importmap, changed for a bundler as its comments describe. */
const bundled = (code) => {
  const changed = code.replace(/".*?" (\/\/.*)with a bundler: (".*?")/g, '$2')
  assert.notEqual(changed, code)
  return changed
}

/**
 * The application and the bridge: on the same host, with the snippets unchanged, or on another one,
 * with the test's hosts in place of the example's. `name` is the suffix of the snippets' names.
 */
const HOSTS = [
  { host: 'the same host', name: '', there: (code) => code, page: (front) => front.url },
  {
    host: 'another host',
    name: ', another host',
    there: (code, front) => code.replaceAll('https://events.app.example/bridge', `${front.url}/cable-events`),
    // A different site for the browser.
    page: (front) => front.url.replace('127.0.0.1', 'localhost')
  }
]

/**
 * What `config/importmap.rb` contains: without an address, the file of that name, the script's in
 * vendor/javascript.
 */
const pins = (code, setup) =>
  Object.fromEntries(
    [...code.matchAll(/^pin "(.*?)"$/gm)].map(([, name]) => {
      files[`/assets/${name}.js`] = name === 'cablestream' ? readFileSync(path('../../../../webapp/-/cablestream.js'), 'utf8') : setup
      return [name, `/assets/${name}.js`]
    })
  )

const open = async (t, path, front, url) => {
  const page = await world.page({ faults: { upgrade: 'refuse' }, front, url, path })
  t.after(() => page.close())
  return page
}
const echoes = (page) =>
  eventually('the echo', () => page.evaluate(() => window.seen?.includes('there and back'))).catch((error) => assert.fail(`${error.message}: ${page.log}`))
const streams = async (page, n) => {
  await eventually('connected', () => page.evaluate(() => document.querySelector('turbo-cable-stream-source').hasAttribute('connected'))).catch((error) => assert.fail(`${error.message}: ${page.log}`))
  const json = JSON.stringify(`<turbo-stream action="append" target="messages"><template>turbo ${n}</template></turbo-stream>`)
  await world.control('broadcast', { stream: 'docs', json })
  await eventually('the broadcast', () => page.evaluate((n) => document.getElementById('messages').textContent === `turbo ${n}`, n))
}
const transport = (page) => page.evaluate(() => window.consumer.connection.webSocket.transport)

/**
 * A page with importmap and these modules, which shows what arrives over Action Cable and Turbo.
 */
const withImportmap = async (t, n, front, pageOf, { setup = '', consumer, application }) => {
  files['/app/channels/consumer.js'] = consumer
  files['/app/application.js'] = application
  files['/importmap.html'] = html(
    { ...VENDOR, ...pins(snippet('config/importmap.rb'), setup), 'channels/consumer': '/app/channels/consumer.js' },
    `<script type="module" src="/app/application.js"></script>
    <script type="module">import consumer from 'channels/consumer'; ${CHECK}</script>`,
    STREAM
  )
  const page = await open(t, '/importmap.html', front, pageOf(front))
  await echoes(page)
  await streams(page, n)
  assert.equal(await transport(page), 'eventsource')
}

/** Like withImportmap, with the package and esbuild. */
const withEsbuild = async (t, n, front, pageOf, contents) => {
  const folder = mkdtempSync(join(tmpdir(), 'cablestream-docs-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: path('../../../../webapp/-/'), encoding: 'utf8' })
  )
  assert.ok(documents.join().includes(`(cd cablestream/webapp/- && npm pack)\nnpm install ./cablestream/webapp/-/${filename}\n`))
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  execFileSync('npm', ['install', '--offline', '--no-package-lock', `./${filename}`], { cwd: folder })
  for (const name of ['@rails', '@hotwired']) symlinkSync(path(`../node_modules/${name}`), join(folder, 'node_modules', name))
  for (const [file, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), content)
  }
  const { outputFiles } = await build({
    entryPoints: [join(folder, APPLICATION)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    preserveSymlinks: true,
    logLevel: 'silent'
  })
  files['/assets/application.js'] = outputFiles[0].text
  files['/esbuild.html'] = html({}, '<script defer src="/assets/application.js"></script>', STREAM)
  const page = await open(t, '/esbuild.html', front, pageOf(front))
  await echoes(page)
  await streams(page, n)
  assert.equal(await transport(page), 'eventsource')
}

for (const [n, { host, name, there, page: pageOf }] of HOSTS.entries()) {
  test(`importmap and Turbo, the bridge on ${host}`, async (t) => {
    const front = await world.network()
    const setup = there(snippet(`${SETUP}${name}`), front)
    await withImportmap(t, n, front, pageOf, { setup, consumer: PLAIN, application: snippet(APPLICATION) })
  })

  test(`esbuild and Turbo, the bridge on ${host}`, async (t) => {
    const front = await world.network()
    await withEsbuild(t, n, front, pageOf, {
      [SETUP]: there(snippet(`${SETUP}${name}`), front),
      [CONSUMER]: PLAIN,
      [APPLICATION]: `${bundled(snippet(APPLICATION))}import consumer from "./channels/consumer"\n${CHECK}`
    })
  })
}

const [{ page: pageOf }] = HOSTS
const TURBO = `${APPLICATION}, a single client`

test('importmap and Turbo, for a single client', async (t) =>
  withImportmap(t, 2, await world.network(), pageOf, { consumer: snippet(CONSUMER), application: snippet(TURBO) }))

test('esbuild and Turbo, for a single client', async (t) =>
  withEsbuild(t, 3, await world.network(), pageOf, { [CONSUMER]: snippet(CONSUMER), [APPLICATION]: `${bundled(snippet(TURBO))}${CHECK}` }))

test("AnyCable's client", async (t) => {
  files['/app/cable.js'] = snippet('app/javascript/cable.js')
  files['/anycable.html'] = html(
    { ...VENDOR, ...pins(snippet('config/importmap.rb')) },
    `<script type="module">
      import { Channel } from '@anycable/web'
      import cable from '/app/cable.js'
      class EchoChannel extends Channel { static identifier = 'EchoChannel' }
      const channel = new EchoChannel()
      window.seen = []
      channel.on('message', ({ text }) => window.seen.push(text))
      channel.on('connect', () => channel.perform('echo', { text: 'there and back' }))
      cable.subscribe(channel)
    </script>`
  )
  await echoes(await open(t, '/anycable.html'))
})
