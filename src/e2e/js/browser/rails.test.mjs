import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { application, applyByCommand, locationAt, skip, startApplier, tree } from '../support/rails-application.mjs'
import { eventually, startWorld } from '../support/world.mjs'

/*
 * The application template in applications just created by `rails new`, in every layout that it
 * supports: applied twice, run in Chromium with WebSockets refused, and undone. In
 * rails-served.test.mjs Rails itself serves such an application.
 */
const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url))
const WEBAPP = fileURLToPath(new URL('../../../../webapp/-/', import.meta.url))
const VERSION = JSON.parse(readFileSync(join(WEBAPP, 'package.json'), 'utf8')).version
const VENDOR = {
  '@rails/actioncable': '/vendor/@rails/actioncable/app/assets/javascripts/actioncable.esm.js',
  '@hotwired/turbo-rails': '/vendor/@hotwired/turbo-rails/app/assets/javascripts/turbo.js',
  '@anycable/web': '/vendor/@anycable/web/index.js',
  '@anycable/core': '/vendor/@anycable/core/index.js',
  nanoevents: '/vendor/nanoevents/index.js'
}

const files = {}
let world
let location
let applier
before(async () => {
  if (skip) return
  world = await startWorld({ base: '/cable-events', files })
  location = locationAt((await world.network()).url)
  applier = await startApplier()
})
after(async () => {
  applier?.stop()
  await world?.stop()
})

const apply = (folder, environment) => applier.apply(folder, { LOCATION: location, ...environment })
const applied = async (folder, environment) => {
  const { status, output } = await apply(folder, environment)
  assert.equal(status, 0, output)
  return output
}
/** It refuses for this reason, and nothing has changed. */
const refused = async (folder, environment, reason) => {
  const before = tree(folder)
  const { status, output } = await apply(folder, environment)
  assert.equal(status, 1, output)
  assert.match(output, /^Not done, nothing was changed: /m)
  assert.match(output, reason)
  assert.deepEqual(tree(folder), before)
}

// Parts of an application's own files.
const CONSUMER = 'import { createConsumer } from "@rails/actioncable"\n\nexport default createConsumer()\n'
const subscribe = (consumer) => `window.seen = []
${consumer}.subscriptions.create({ channel: "EchoChannel" }, {
  connected() { this.perform("echo", { text: "there and back" }) },
  received: ({ text }) => window.seen.push(text)
})
`
const CHANNELS = { 'channels/consumer.js': CONSUMER, 'channels/index.js': 'import "./echo_channel"\n', 'channels/echo_channel.js': `import consumer from "./consumer"\n${subscribe('consumer')}` }
const ANYCABLE = `import { Channel, createCable } from "@anycable/web"

const cable = createCable()
class EchoChannel extends Channel { static identifier = "EchoChannel" }
const channel = new EchoChannel()
window.seen = []
channel.on("message", ({ text }) => window.seen.push(text))
channel.on("connect", () => channel.perform("echo", { text: "there and back" }))
cable.subscribe(channel)
`
const IMPORTMAP = '# Pin npm packages by running ./bin/importmap\n\npin "application"\npin "@hotwired/turbo-rails", to: "turbo.min.js"\n'
const TYPESCRIPT = {
  module: 'esnext',
  moduleResolution: 'bundler',
  target: 'es2022',
  lib: ['es2022', 'dom', 'dom.iterable'],
  strict: true,
  noEmit: true,
  noUncheckedSideEffectImports: true,
  types: []
}

/**
 * Files below app/javascript (`root`), and what they must contain after the template. `echo` and
 * `turbo` are whether the application has a channel of its own, and Turbo.
 */
const LAYOUTS = {
  'importmap': {
    importmap: IMPORTMAP + 'pin "@rails/actioncable", to: "actioncable.esm.js"\npin_all_from "app/javascript/channels", under: "channels"\n',
    files: {
      'application.js': '// Configure your import map in config/importmap.rb. Read more: https://github.com/rails/importmap-rails\nimport "@hotwired/turbo-rails"\nimport "channels"\n',
      ...CHANNELS,
      'channels/index.js': 'import "channels/echo_channel"\n',
      'channels/echo_channel.js': `import consumer from "channels/consumer"\n${subscribe('consumer')}`
    },
    expected: { 'application.js': /^\/\/ Configure .*\nimport "cablestream\/setup" \/\/ keep this first\nimport "@hotwired/ },
    echo: true,
    turbo: true
  },
  "importmap, Turbo's own consumer, no line break at the end": {
    importmap: 'pin "application"\r\npin "@hotwired/turbo-rails", to: "turbo.min.js"',
    files: { 'application.js': 'import "@hotwired/turbo-rails"' },
    expected: { 'application.js': /^import "cablestream\/setup" \/\/ keep this first\nimport "@hotwired\/turbo-rails"$/, '../../config/importmap.rb': /^pin "cablestream"\r\npin "cablestream\/setup"\r\npin "application"\r\n/ },
    turbo: true
  },
  "importmap, AnyCable's cable.js": {
    importmap: 'pin "application"\npin "cable"\npin "@anycable/web"\npin "@anycable/core"\npin "nanoevents"\n',
    files: { 'application.js': 'import "cable"\n', 'cable.js': ANYCABLE },
    echo: true
  },
  'esbuild': {
    files: { 'application.js': '// Entry point for the build script in your package.json\nimport "@hotwired/turbo-rails"\nimport "./channels"\n', ...CHANNELS },
    expected: { 'application.js': /^\/\/ Entry point.*\nimport "\.\/cablestream\/setup\.js" \/\/ keep this first\nimport "@hotwired/ },
    echo: true,
    turbo: true
  },
  "esbuild, Turbo's own consumer": { files: { 'application.js': 'import "@hotwired/turbo-rails"\n' }, turbo: true },
  'esbuild, Turbo in controllers/application.js': {
    files: { 'application.js': "import './controllers';\n", 'controllers/index.js': "import './application';\n", 'controllers/application.js': "import * as Turbo from '@hotwired/turbo-rails';\nwindow.Turbo = Turbo;\n" },
    expected: { 'application.js': /^import '\.\/cablestream\/setup\.js'; \/\/ keep this first\nimport '\.\/controllers';\n$/ },
    turbo: true
  },
  'esbuild, Turbo in a file of its own, handed the consumer': {
    files: {
      'application.js': 'import "./live/turbo"\nimport "./channels"\n',
      'live/turbo.js': 'import { cable } from "@hotwired/turbo-rails"\nimport consumer from "../channels/consumer"\ncable.setConsumer(consumer)\n',
      ...CHANNELS
    },
    echo: true,
    turbo: true
  },
  'esbuild, import * as ActionCable': {
    files: { 'application.js': `import * as ActionCable from "@rails/actioncable"\n${subscribe('ActionCable.createConsumer()')}` },
    echo: true
  },
  "esbuild, AnyCable's cable.js, single quotes without semicolons": {
    files: { 'application.js': "import './cable'\n", 'cable.js': ANYCABLE },
    expected: { 'application.js': /^import '\.\/cablestream\/setup\.js' \/\/ keep this first\nimport '\.\/cable'\n$/ },
    echo: true
  },
  'esbuild, an application.js that imports the consumer, double quotes with semicolons': {
    files: { 'application.js': `import consumer from "./channels/consumer";\nimport "@hotwired/turbo-rails";\n${subscribe('consumer')}`, 'channels/consumer.js': CONSUMER },
    expected: { 'application.js': /^import "\.\/cablestream\/setup\.js"; \/\/ keep this first\nimport consumer/ },
    echo: true,
    turbo: true
  },
  'esbuild, CRLF, a byte order mark, a licence, a directive and a comment that belongs to the next line': {
    files: {
      'application.js': '\uFEFF/*!\n * Licence: ours. */\n// @ts-check\n\n"use strict";\n// eslint-disable-next-line import/first\nimport "./channels";\n'.replaceAll('\n', '\r\n'),
      ...Object.fromEntries(Object.entries(CHANNELS).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')]))
    },
    expected: { 'application.js': /^\uFEFF\/\*!\r\n \* Licence: ours. \*\/\r\n\/\/ @ts-check\r\n\r\n"use strict";\r\nimport "\.\/cablestream\/setup\.js"; \/\/ keep this first\r\n\/\/ eslint-disable-next-line/ },
    echo: true
  },
  'esbuild, packs, with require': {
    files: { 'packs/application.js': '// This file is compiled by Webpacker.\n\nrequire("../channels")\n', ...CHANNELS },
    bundle: 'packs/application.js',
    expected: { 'packs/application.js': /^\/\/ This .*\n\nimport "\.\.\/cablestream\/setup\.js" \/\/ keep this first\nrequire/ },
    echo: true
  },
  'esbuild, TypeScript with a typed consumer': {
    files: {
      'application.ts': 'import "./channels/echo_channel"\n',
      'channels/consumer.ts': 'import { createConsumer, type Consumer } from "@rails/actioncable"\n\nconst consumer: Consumer = createConsumer()\n\nexport default consumer\n',
      'channels/echo_channel.ts':
        'import consumer from "./consumer"\n\nconst seen: string[] = []\nObject.assign(window, { seen })\nconsumer.subscriptions.create({ channel: "EchoChannel" }, {\n  connected() { this.perform("echo", { text: "there and back" }) },\n  received: ({ text }) => seen.push(text)\n})\n',
      'actioncable.d.ts':
        'declare module "@rails/actioncable" {\n  interface Subscription { perform(action: string, data: object): void }\n  interface Consumer { subscriptions: { create(channel: object, handlers: { connected(): void; received(data: { text: string }): void } & ThisType<Subscription>): Subscription } }\n  function createConsumer(url?: string): Consumer\n}\n'
    },
    bundle: 'application.ts',
    typescript: true,
    echo: true
  },
  'Vite, two entries that share Turbo': {
    root: 'app/frontend',
    files: {
      'entrypoints/application.js': 'import "@hotwired/turbo-rails";\nimport "../channels";\n',
      'entrypoints/admin.js': 'import "@hotwired/turbo-rails";\nconsole.log("admin");\n',
      'entrypoints/application.css': 'body { color: black }\n',
      ...CHANNELS
    },
    bundle: ['entrypoints/application.js', 'entrypoints/admin.js'],
    expected: {
      'entrypoints/application.js': /^import "\.\.\/cablestream\/setup\.js"; \/\/ keep this first\nimport "@hotwired/,
      'entrypoints/admin.js': /^import "\.\.\/cablestream\/setup\.js"; \/\/ keep this first\nimport "@hotwired/
    },
    echo: true,
    turbo: true
  },
  'Vite, a chunk for node_modules and the script': {
    root: 'app/frontend',
    files: { 'entrypoints/application.js': 'import "@hotwired/turbo-rails"\nimport "../channels"\n', ...CHANNELS },
    bundle: 'entrypoints/application.js',
    // As documented in docs/rails.md.
    manualChunks: (id) => (id.includes('node_modules') || id.includes('/cablestream/') ? 'vendor' : undefined),
    echo: true,
    turbo: true
  }
}

/** A new application in this layout. */
const laidOut = async (t, { root = 'app/javascript', files, importmap }) => {
  const contents = Object.fromEntries(Object.entries(files).map(([name, text]) => [join(root, name), text]))
  if (importmap) contents['config/importmap.rb'] = importmap
  else contents['package.json'] = '{"private":true}\n'
  if (root !== 'app/javascript') contents['config/vite.json'] = `{"all":{"sourceCodeDir":"${root}"}}\n`
  const folder = await application(t, contents)
  if (!importmap) symlinkSync(MODULES, join(folder, 'node_modules'))
  return folder
}

/**
 * Writes the import map as importmap-rails does, and the files where it expects them; returns the
 * page's script elements.
 */
const draw = (folder, path) => {
  const imports = {}
  const map = readFileSync(join(folder, 'config/importmap.rb'), 'utf8')
  const names = [...map.matchAll(/^pin "([^"]+)"/gm)].map(([, name]) => name)
  if (map.includes('pin_all_from')) names.push('channels', 'channels/consumer', 'channels/echo_channel')
  for (const name of names) {
    const file = ['app', 'vendor'].flatMap((root) => [`${name}.js`, `${name}/index.js`].map((file) => join(folder, root, 'javascript', file))).find(existsSync)
    assert.ok(file ?? VENDOR[name], `${name} is pinned, and there`)
    imports[name] = file ? `${path}/${name}.js` : VENDOR[name]
    if (file) files[imports[name]] = readFileSync(file, 'utf8')
  }
  return `<script type="importmap">${JSON.stringify({ imports })}</script><script type="module">import "application"</script>`
}

/** Like draw, for the bundler's output. */
const bundle = async (folder, path, { root = 'app/javascript', bundle = 'application.js', manualChunks }) => {
  const entries = [bundle].flat().map((name) => join(folder, root, name))
  if (root === 'app/javascript') {
    const { outputFiles } = await build({ entryPoints: entries, bundle: true, minify: true, write: false, format: 'esm', preserveSymlinks: true, logLevel: 'error' })
    files[`${path}/bundle.js`] = outputFiles[0].text
    return `<script type="module" src="${path}/bundle.js"></script>`
  }
  const vite = await import('vite')
  const { output } = await vite.build({
    root: join(folder, root),
    base: `${path}/`,
    configFile: false,
    logLevel: 'error',
    resolve: { preserveSymlinks: true },
    build: { write: false, rollupOptions: { input: entries, output: { manualChunks } } }
  })
  for (const { fileName, code } of output) files[`${path}/${fileName}`] = code
  const name = output.find(({ facadeModuleId }) => facadeModuleId === entries[0]).fileName
  return `<script type="module" src="${path}/${name}"></script>`
}

let pages = 0
/**
 * Opens the application's page with WebSockets refused: its subscriptions receive messages over an
 * EventSource.
 */
const works = async (t, folder, layout) => {
  const path = `/rails-${++pages}`
  const scripts = layout.importmap ? draw(folder, path) : await bundle(folder, path, layout)
  const stream = `<turbo-cable-stream-source channel="Turbo::StreamsChannel" signed-stream-name="rails-${pages}"></turbo-cable-stream-source><div id="messages"></div>`
  files[`${path}.html`] = `<!doctype html><meta charset="utf-8"><title>rails</title><link rel="icon" href="data:,"><meta name="action-cable-url" content="/cable">${scripts}<body>${layout.turbo ? stream : ''}`
  const context = await world.browser.newContext()
  const streams = []
  context.on('request', (request) => request.resourceType() === 'eventsource' && streams.push(new URL(request.url()).pathname))
  const page = await world.page({ context, front: await world.network(), faults: { upgrade: 'refuse' }, path: `${path}.html` })
  t.after(() => context.close())
  const holds = (description, condition) => eventually(description, () => page.evaluate(condition)).catch((error) => assert.fail(`${error.message}: ${page.log}`))
  if (layout.echo) await holds('the echo', () => window.seen?.includes('there and back'))
  if (layout.turbo) {
    await holds('the stream', () => document.querySelector('turbo-cable-stream-source').hasAttribute('connected'))
    await world.control('broadcast', { stream: `rails-${pages}`, json: JSON.stringify('<turbo-stream action="append" target="messages"><template>turbo</template></turbo-stream>') })
    await holds('the broadcast', () => document.getElementById('messages').textContent === 'turbo')
  }
  assert.match(String(streams[0]), /^\/cable-events\//)
  return page
}

const execute = promisify(execFile)
/** TypeScript's errors in the application, with a file that uses the script's types. */
const check = async (folder) => {
  const use = join(folder, 'app/javascript/use.ts')
  writeFileSync(use, 'import { CableEvents } from "./cablestream/cablestream"\n\nnew CableEvents("/cable-events").addEventListener("gap", ({ detail }) => detail.dropped?.toFixed())\n')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: TYPESCRIPT, include: ['app/javascript'] }))
  try {
    return (await execute('node', [join(MODULES, 'typescript/bin/tsc'), '-p', folder])).stdout
  } catch ({ stdout, stderr }) {
    return stdout + stderr
  } finally {
    rmSync(use)
    rmSync(join(folder, 'tsconfig.json'))
  }
}

describe('every layout: applied, applied again, run and undone', { skip }, () => {
  for (const [name, layout] of Object.entries(LAYOUTS))
    test(name, async (t) => {
      const { root = 'app/javascript', importmap, expected = {} } = layout
      const folder = await laidOut(t, layout)
      const before = tree(folder)
      const output = await applied(folder)
      assert.match(output, /^ *Done: .* the bridge at \/cable-events where they don't\.$/m)
      for (const [file, text] of Object.entries(expected)) assert.match(readFileSync(join(folder, root, file), 'utf8'), text)
      const touched = tree(folder).filter((file) => !before.includes(file)).map((file) => file.split(': ')[0])
      const script = importmap ? ['config/importmap.rb', 'vendor/javascript/cablestream.js'] : [`${root}/cablestream/cablestream.d.ts`, `${root}/cablestream/cablestream.js`]
      const entries = [layout.bundle ?? 'application.js'].flat().map((file) => join(root, file))
      assert.deepEqual(touched.sort(), [...script, `${root}/cablestream/setup.js`, ...entries].sort())

      const once = tree(folder)
      const labels = new Set((await applied(folder)).match(/^ +(create|update|remove|left|identical)(?= )/gm).map((label) => label.trim()))
      assert.deepEqual([...labels], ['identical'])
      assert.deepEqual(tree(folder), once)

      if (layout.typescript) assert.equal(await check(folder), '')
      await works(t, folder, layout)

      await applied(folder, { UNDO: '1' })
      assert.deepEqual(tree(folder), before)
    })
})

test('an application that went on from importmap to a bundler, and kept its file', { skip }, async (t) => {
  const folder = await laidOut(t, LAYOUTS.esbuild)
  writeFileSync(join(folder, 'config/importmap.rb'), IMPORTMAP)
  writeFileSync(join(folder, 'package.json'), '{"private":true,"scripts":{"build":"esbuild app/javascript/*.*"}}\n')
  const before = tree(folder)
  await applied(folder)
  assert.equal(readFileSync(join(folder, 'config/importmap.rb'), 'utf8'), IMPORTMAP)
  await works(t, folder, LAYOUTS.esbuild)
  await applied(folder, { UNDO: '1' })
  assert.deepEqual(tree(folder), before)
})

test('a comment at the top that begins with the word import, and other code on the line of ours', { skip }, async (t) => {
  const folder = await laidOut(t, LAYOUTS.esbuild)
  const entry = join(folder, 'app/javascript/application.js')
  writeFileSync(entry, `/*\nimport what the page needs\n*/\n${readFileSync(entry, 'utf8')}`)
  const before = tree(folder)
  await applied(folder)
  const once = tree(folder)
  await applied(folder)
  assert.deepEqual(tree(folder), once)
  await applied(folder, { UNDO: '1' })
  assert.deepEqual(tree(folder), before)
  await applied(folder)
  writeFileSync(entry, readFileSync(entry, 'utf8').replace(' // keep this first\n', '; window.kept = true\n'))
  await applied(folder, { UNDO: '1' })
  assert.match(readFileSync(entry, 'utf8'), /^window\.kept = true$/m)
})

describe('applied again', { skip }, () => {
  const ESBUILD = LAYOUTS.esbuild
  const SETUP = 'app/javascript/cablestream/setup.js'
  const call = (folder) => readFileSync(join(folder, SETUP), 'utf8').match(/^CableSocket.*$/m)[0]
  const edit = (folder, change) => writeFileSync(join(folder, SETUP), change(readFileSync(join(folder, SETUP), 'utf8')))

  test('after the ten minutes on localhost, it has the address of production; then of a second BRIDGE', async (t) => {
    const folder = await laidOut(t, ESBUILD)
    const changes = []
    for (const environment of [{ BRIDGE: 'http://localhost:8080' }, {}, { BRIDGE: 'https://one.example.com' }, { BRIDGE: 'https://two.example.com/b' }]) {
      const output = await applied(folder, environment)
      changes.push(call(folder), output.match(/setup\.js(.*)/)[1])
    }
    assert.deepEqual(changes, [
      'CableSocket.install("http://localhost:8080")',
      '',
      'CableSocket.install("/cable-events")',
      `: ${VERSION}, http://localhost:8080 -> ${VERSION}, /cable-events`,
      'CableSocket.install("https://one.example.com")',
      `: ${VERSION}, /cable-events -> ${VERSION}, https://one.example.com`,
      'CableSocket.install("https://two.example.com/b")',
      `: ${VERSION}, https://one.example.com -> ${VERSION}, https://two.example.com/b`
    ])
  })

  test('it takes the version of the script that the bridge has, and nothing else changes', async (t) => {
    const folder = await laidOut(t, ESBUILD)
    const bridge = join(folder, 'tmp/bridge')
    mkdirSync(bridge, { recursive: true })
    for (const name of ['rails.rb', 'cablestream.js', 'cablestream.d.ts', 'package.json']) copyFileSync(join(WEBAPP, name), join(bridge, name))
    const LOCATION = join(bridge, 'rails.rb')
    await applied(folder, { LOCATION })
    const entry = readFileSync(join(folder, 'app/javascript/application.js'), 'utf8')
    appendFileSync(join(bridge, 'cablestream.js'), '// newer\n')
    writeFileSync(join(bridge, 'package.json'), readFileSync(join(bridge, 'package.json'), 'utf8').replace(`"${VERSION}"`, '"9.9.9"'))
    const output = await applied(folder, { LOCATION })
    assert.match(output, new RegExp(`update +app/javascript/cablestream/cablestream.js: ${VERSION} -> 9.9.9`))
    assert.match(readFileSync(join(folder, 'app/javascript/cablestream/cablestream.js'), 'utf8'), /^\/\/ Cablestream 9\.9\.9, MIT licence[^]*\/\/ newer\n$/)
    assert.equal(readFileSync(join(folder, 'app/javascript/application.js'), 'utf8'), entry)
  })

  // As documented in docs/rails.md.
  const OBSERVED = 'CableSocket.install("/cable-events", {\n  onTransport: ({ detail: { transport } }) => (window.transport = transport)\n})'

  test('options that the developer has added stay, and work; another address is refused with the line; UNDO leaves the file', async (t) => {
    const folder = await laidOut(t, ESBUILD)
    const before = tree(folder)
    await applied(folder)
    edit(folder, (text) => text.replace(/^CableSocket.*$/m, OBSERVED))
    const edited = tree(folder)
    assert.match(await applied(folder), /left +app\/javascript\/cablestream\/setup\.js, as it was edited/)
    assert.deepEqual(tree(folder), edited)
    await refused(folder, { BRIDGE: 'https://one.example.com' }, /setup\.js was edited, and its address isn't https:\/\/one\.example\.com\. Change it, then run this again:\n\n {4}CableSocket\.install\("\/cable-events", \{\n/)
    const page = await works(t, folder, ESBUILD)
    assert.equal(await page.evaluate(() => window.transport), 'eventsource')
    assert.match(await applied(folder, { UNDO: '1' }), /left +app\/javascript\/cablestream\/setup\.js, as it was edited/)
    assert.deepEqual(tree(folder).filter((file) => !before.includes(file)), edited.filter((file) => file.startsWith(SETUP)))
    assert.deepEqual(before.filter((file) => !tree(folder).includes(file)), [])
  })

  test('an edited script, or a file of the developer in its place, is refused', async (t) => {
    const folder = await laidOut(t, { ...ESBUILD, files: { ...ESBUILD.files, 'cablestream/setup.js': 'export const mine = 1\n' } })
    await refused(folder, {}, /setup\.js was edited/)
    const before = tree(folder)
    assert.match(await applied(folder, { UNDO: '1' }), /There was nothing to remove/)
    assert.deepEqual(tree(folder), before)
    rmSync(join(folder, SETUP))
    await applied(folder)
    appendFileSync(join(folder, 'app/javascript/cablestream/cablestream.js'), '// patched\n')
    await refused(folder, {}, /cablestream\.js was edited\. Restore or delete it/)
  })

  test('a checkout with CRLF is no edit', async (t) => {
    const folder = await laidOut(t, ESBUILD)
    await applied(folder)
    edit(folder, (text) => text.replaceAll('\n', '\r\n'))
    await applied(folder, { BRIDGE: '/elsewhere' })
    assert.equal(call(folder), 'CableSocket.install("/elsewhere")')
  })

  test('an import that the developer has moved or reformatted is found, and undone', async (t) => {
    const folder = await laidOut(t, ESBUILD)
    await applied(folder)
    const file = join(folder, 'app/javascript/application.js')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^import ".(\/cablestream.*)" .*$/m, "import type { T } from './t'\nimport '~$1';"))
    const once = tree(folder)
    await applied(folder)
    assert.deepEqual(tree(folder), once)
    await applied(folder, { UNDO: '1' })
    assert.equal(readFileSync(file, 'utf8').replace(/^import type.*\n/m, ''), ESBUILD.files['application.js'])
  })

  test('an import that does not come first any more is refused', async (t) => {
    const folder = await laidOut(t, ESBUILD)
    await applied(folder)
    const file = join(folder, 'app/javascript/application.js')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^(import ".\/cablestream.*\n)(.*\n)/m, '$2$1'))
    await refused(folder, {}, /in app\/javascript\/application\.js the import of cablestream\/setup has to stand above all others/)
  })

  test('a consumer with an address of its own is named', async (t) => {
    const own = 'import { adapters, createConsumer } from "@rails/actioncable"\nimport { CableSocket } from "cablestream"\nadapters.WebSocket = CableSocket.at("http://localhost:8080")\nexport default createConsumer()\n'
    const folder = await laidOut(t, { ...ESBUILD, files: { ...ESBUILD.files, 'channels/consumer.js': own } })
    assert.match(await applied(folder), /left +app\/javascript\/channels\/consumer\.js, with an address of its own: adapters\.WebSocket = CableSocket\.at\("http:\/\/localhost:8080"\)/)
  })
})

describe('where it cannot do everything, it changes nothing', { skip }, () => {
  const { files: ESBUILD_FILES } = LAYOUTS.esbuild

  test('no entry: it names the line, and continues once that exists', async (t) => {
    const folder = await laidOut(t, { files: { 'main.js': 'import "./channels"\n', ...CHANNELS } })
    await refused(folder, {}, /Add this line at the top of yours, then run this again:\n\n {4}import "\.\/cablestream\/setup\.js" \/\/ keep this first\n/)
    writeFileSync(join(folder, 'app/javascript/main.js'), 'import "./cablestream/setup.js" // keep this first\nimport "./channels"\n')
    assert.match(await applied(folder), /Imported in app\/javascript\/main\.js\./)
    await works(t, folder, { bundle: 'main.js', echo: true })
  })

  test('an entry of Sprockets', async (t) => {
    const folder = await laidOut(t, { files: { 'application.js': '//= require turbo\n//= require_tree .\n' } })
    await refused(folder, {}, /there is no entry that can import/)
  })

  test('neither an import map nor a package.json', async (t) => {
    const folder = await laidOut(t, { files: ESBUILD_FILES })
    rmSync(join(folder, 'package.json'))
    await refused(folder, {}, /neither config\/importmap\.rb nor a package\.json/)
  })

  test('a BRIDGE that is no address', async (t) => {
    const folder = await laidOut(t, { files: ESBUILD_FILES })
    for (const BRIDGE of ['cable-events', 'wss://events.example.com', '/a"b', 'events.example.com/bridge', '']) await refused(folder, { BRIDGE }, /BRIDGE=.* is neither a path nor an http address\./)
  })

  test('a file that cannot be written: what was written before is as it was', async (t) => {
    const layout = LAYOUTS.importmap
    const folder = await laidOut(t, { ...layout, files: { ...layout.files, cablestream: 'in the way of a folder' } })
    await refused(folder, {}, /app\/javascript\/cablestream/)
  })

  /** A server that has the template, and responds so to all other requests. */
  const server = async (t, answer) => {
    const server = createServer((request, response) => {
      if (request.url.endsWith('/rails.rb')) return response.end(readFileSync(join(WEBAPP, 'rails.rb')))
      answer(response)
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => (server.closeAllConnections(), server.close()))
    return { LOCATION: locationAt(`http://127.0.0.1:${server.address().port}`) }
  }

  for (const [name, answer, reason] of [
    ['a bridge that goes down meanwhile', (response) => response.destroy(), /cablestream\.js can't be read: /],
    ['a proxy without a bridge', (response) => response.writeHead(502).end(), /cablestream\.js can't be read: 502 /],
    ['a page to sign in', (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>'), /cablestream\.js isn't Cablestream's script\./]
  ])
    test(`${name}: one sentence, by the real command, too`, async (t) => {
      const folder = await laidOut(t, { files: ESBUILD_FILES })
      const environment = await server(t, answer)
      await refused(folder, environment, reason)
      const { status, output } = await applyByCommand(folder, environment)
      assert.equal(status, 1)
      assert.equal(output.match(/^(?! *apply).+/gm).length, 1, output)
    })

  test('UNDO asks the bridge for nothing', async (t) => {
    const folder = await laidOut(t, { files: ESBUILD_FILES })
    const before = tree(folder)
    await applied(folder)
    await applied(folder, { ...(await server(t, (response) => response.destroy())), UNDO: '1' })
    assert.deepEqual(tree(folder), before)
    assert.match(await applied(folder, { UNDO: '1' }), /There was nothing to remove/)
  })
})

test('the documented command, with the template in a copy of the repository', { skip }, async (t) => {
  const folder = await laidOut(t, LAYOUTS.importmap)
  const before = tree(folder)
  const LOCATION = join(WEBAPP, 'rails.rb')
  const { status, output } = await applyByCommand(folder, { LOCATION })
  assert.equal(status, 0, output)
  assert.match(output, /Done: .* the bridge at \/cable-events/)
  assert.equal((await applyByCommand(folder, { LOCATION, UNDO: '1' })).status, 0)
  assert.deepEqual(tree(folder), before)
})
