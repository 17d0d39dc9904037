import assert from 'node:assert/strict'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { application, apply, skip, tree } from '../support/rails-application.mjs'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * The application template in an application that `rails new` has just made; then what it made, in Chromium: with
 * WebSockets refused, and with the bridge down. rails-served.test.mjs has Rails itself serve such an application.
 */
const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url))
const VENDOR = {
  '@rails/actioncable': '/vendor/@rails/actioncable/app/assets/javascripts/actioncable.esm.js',
  '@hotwired/turbo-rails': '/vendor/@hotwired/turbo-rails/app/assets/javascripts/turbo.js'
}
const APPLICATION = `import "@hotwired/turbo-rails"
`
const CHECK = `
  window.seen = []
  window.consumer = consumer
  consumer.subscriptions.create({ channel: 'EchoChannel' }, {
    connected() { this.perform('echo', { text: 'there and back' }) },
    received: ({ text }) => window.seen.push(text)
  })`
const STREAM = '<turbo-cable-stream-source channel="Turbo::StreamsChannel" signed-stream-name="rails"></turbo-cable-stream-source><div id="messages"></div>'

const files = {}
let world
before(async () => (world = skip ? undefined : await startWorld({ base: '/cable-events', files })))
after(() => world?.stop())

const html = (imports, script) => `<!doctype html>
  <meta charset="utf-8"><title>rails</title><link rel="icon" href="data:,"><meta name="action-cable-url" content="/cable">
  <script type="importmap">${JSON.stringify({ imports })}</script>${script}<body>${STREAM}`

/** The import map as importmap-rails draws it, and the files where it has them. */
const draw = (folder) => {
  const imports = { ...VENDOR }
  const serve = (name, file) => {
    imports[name] = `/assets/${name}.js`
    files[imports[name]] = readFileSync(join(folder, file), 'utf8')
  }
  for (const [, name] of readFileSync(join(folder, 'config/importmap.rb'), 'utf8').matchAll(/^pin "([^"]+)"/gm)) {
    const file = ['app/javascript', 'vendor/javascript'].map((root) => `${root}/${name}.js`).find((file) => existsSync(join(folder, file)))
    if (file) serve(name, file)
    else assert.ok(VENDOR[name], `${name} is pinned, and there`)
  }
  assert.match(readFileSync(join(folder, 'config/importmap.rb'), 'utf8'), /^pin_all_from "app\/javascript\/channels", under: "channels"/m)
  serve('channels/consumer', 'app/javascript/channels/consumer.js')
  return imports
}

const works = async (t, path, { faults, bridge }, transport) => {
  const front = await world.network(faults, bridge)
  const page = await world.page({ front, faults, path })
  t.after(() => page.close())
  await eventually('the echo', () => page.evaluate(() => window.seen?.includes('there and back'))).catch((error) => assert.fail(`${error.message}: ${page.log}`))
  await eventually('the stream', () => page.evaluate(() => document.querySelector('turbo-cable-stream-source').hasAttribute('connected')))
  await world.control('broadcast', { stream: 'rails', json: JSON.stringify('<turbo-stream action="append" target="messages"><template>turbo</template></turbo-stream>') })
  await eventually('the broadcast', () => page.evaluate(() => document.getElementById('messages').textContent === 'turbo'))
  assert.equal(await page.evaluate(() => window.consumer.connection.webSocket.transport), transport)
}
const NETWORKS = [
  [{ faults: { upgrade: 'refuse' } }, 'eventsource'],
  [{ faults: {}, bridge: () => 'http://127.0.0.1:9' }, 'websocket']
]

describe('the application template', { skip }, () => {
  const IMPORTMAP = {
    'config/importmap.rb': '# Pin npm packages by running ./bin/importmap\n\npin "application"\npin "@hotwired/turbo-rails", to: "turbo.min.js"\n',
    'app/javascript/application.js': APPLICATION,
    'vendor/javascript/.keep': ''
  }

  test('with importmap: works with WebSockets refused, and without a bridge', async (t) => {
    const folder = await application(t, IMPORTMAP)
    const front = await world.network()
    const said = await apply(folder, front)
    assert.match(said, /create\S* +vendor\/javascript\/cablestream\.js/)
    assert.match(said, /the bridge at \/cable-events/)
    files['/rails-importmap.html'] = html(draw(folder), `<script type="module">import "application"</script><script type="module">import consumer from "channels/consumer"; ${CHECK}</script>`)
    for (const [network, transport] of NETWORKS) await works(t, '/rails-importmap.html', network, transport)
  })

  test('twice changes nothing, and UNDO=1 takes it all back', async (t) => {
    const consumer = { 'app/javascript/channels/consumer.js': '// Ours.\n\nimport { createConsumer } from "@rails/actioncable"\n\nexport default createConsumer()\n' }
    const folder = await application(t, { ...IMPORTMAP, ...consumer })
    const before = tree(folder)
    const front = await world.network()
    await apply(folder, front)
    const once = tree(folder)
    assert.notDeepEqual(once, before)
    await apply(folder, front)
    assert.deepEqual(tree(folder), once)
    await apply(folder, front, { UNDO: '1' })
    assert.deepEqual(tree(folder), before)
  })

  for (const [bundler, root, entry] of [['esbuild', 'app/javascript', 'application.js'], ['vite', 'app/frontend', 'entrypoints/application.js']])
    test(`with ${bundler}: works with WebSockets refused, and without a bridge`, async (t) => {
      const folder = await application(t, {
        'package.json': '{"private":true,"dependencies":{"@rails/actioncable":"*","@hotwired/turbo-rails":"*"}}',
        ...(bundler === 'vite' && { 'config/vite.json': '{"all":{"sourceCodeDir":"app/frontend"}}' }),
        [`${root}/${entry}`]: APPLICATION
      })
      symlinkSync(MODULES, join(folder, 'node_modules'))
      await apply(folder, await world.network())
      const file = join(folder, root, entry)
      writeFileSync(file, `${readFileSync(file, 'utf8')}${CHECK}`)
      const script = await bundle(bundler, file)
      files[`/rails-${bundler}.html`] = html({}, `<script type="module" src="${script}"></script>`)
      for (const [network, transport] of NETWORKS) await works(t, `/rails-${bundler}.html`, network, transport)
    })
})

/** Serves what becomes of the file; returns where it begins. */
const bundle = async (bundler, file) => {
  if (bundler === 'vite') {
    const vite = await import('vite')
    const { output } = await vite.build({
      root: dirname(file),
      configFile: false,
      logLevel: 'error',
      resolve: { preserveSymlinks: true },
      build: { write: false, rollupOptions: { input: file } }
    })
    for (const { fileName, code } of output) files[`/${fileName}`] = code
    return `/${output.find(({ isEntry }) => isEntry).fileName}`
  }
  const { outputFiles } = await build({ entryPoints: [file], bundle: true, minify: true, write: false, format: 'esm', preserveSymlinks: true, logLevel: 'silent' })
  files['/assets/esbuild.js'] = outputFiles[0].text
  return '/assets/esbuild.js'
}
