import { execFile, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { child, freePort } from './servers.mjs'

/*
 * Applications created by `rails new`, and the application template in them, by the command in its
 * first lines. Debian packages Rails, but not importmap-rails, turbo-rails or an asset pipeline:
 * the tests write what those would.
 */
const run = promisify(execFile)
const WITHOUT =
  'bundle javascript asset-pipeline hotwire jbuilder dev-gems test system-test brakeman rubocop ci git docker kamal solid active-record active-storage action-mailbox action-mailer action-text bootsnap'

const installed = (() => {
  try {
    return execFileSync('rails', ['--version'], { encoding: 'utf8' })
  } catch {}
})()
/** Why tests of applications are skipped, if they are. */
export const skip = !installed && 'Debian calls the package rails'

const temporary = (t, name) => {
  const folder = mkdtempSync(join(tmpdir(), `cablestream-${name}-`))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

let made
/** As just created by `rails new`; once for all tests of a file. */
const fresh = () =>
  (made ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cablestream-rails-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    const known = execFileSync('rails', ['new', '--help'], { encoding: 'utf8' })
    const options = WITHOUT.split(' ').filter((name) => known.includes(`skip-${name}`)).map((name) => `--skip-${name}`)
    await run('rails', ['new', join(folder, 'app'), ...options])
    // Without the gems for debugging.
    const gemfile = join(folder, 'app/Gemfile')
    writeFileSync(gemfile, readFileSync(gemfile, 'utf8').replace(/^.*gem "debug".*$/gm, ''))
    return join(folder, 'app')
  })())

/** An application of its own, with these files. */
export async function application(t, contents) {
  const folder = temporary(t, 'app')
  cpSync(await fresh(), folder, { recursive: true })
  write(folder, contents)
  return folder
}

export function write(folder, contents) {
  for (const [file, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}

/** Where a bridge's front, or its replacement, serves the template. */
export const locationAt = (url) => `${url}/cable-events/-/rails.rb`

/**
 * Runs the documented command; resolves to its exit status and its whole output. `environment` has
 * its parameters: LOCATION, BRIDGE, UNDO.
 */
export const applyByCommand = (folder, environment) =>
  run('bin/rails', ['app:template'], { cwd: folder, env: { ...process.env, ...environment } }).then(
    ({ stdout, stderr }) => ({ status: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ status: code, output: stdout + stderr })
  )

/** What `bin/rails app:template` runs after loading Rails. */
const APPLIER = `
require "rails/generators"
require "rails/generators/rails/app/app_generator"
# It doesn't depend on the template.
Rails::Generators::AppGenerator.define_method(:run_bundle) {}
answers = $stdout.dup
answers.sync = true
STDIN.each_line do |line|
  folder, environment = JSON.parse(line)
  $stdout = $stderr = StringIO.new
  status = begin
    ENV.update(environment)
    Dir.chdir(folder) { Rails::Generators::AppGenerator.apply_rails_template(ENV["LOCATION"], folder) }
    0
  rescue SystemExit => e
    e.status
  rescue Exception => e
    puts e.full_message
    -1
  end
  environment.each_key { |name| ENV.delete(name) }
  answers.puts({ status: status, output: $stdout.string }.to_json)
end
`

/**
 * Like applyByCommand, for any number of applications one after the other: Rails is loaded once.
 */
export async function startApplier() {
  const rails = spawn('bin/rails', ['runner', APPLIER], { cwd: await fresh(), stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: rails.stdout })[Symbol.asyncIterator]()
  let last = Promise.resolve()
  return {
    apply: (folder, environment) =>
      (last = last.then(async () => {
        rails.stdin.write(`${JSON.stringify([folder, environment])}\n`)
        return JSON.parse((await lines.next()).value)
      })),
    stop: () => rails.stdin.end()
  }
}

/** Every file below, except those that running anything creates. */
export const tree = (folder, path = '') =>
  readdirSync(join(folder, path))
    .map((name) => join(path, name))
    .filter((name) => !/^(log|tmp|node_modules|Gemfile.lock)/.test(name))
    .flatMap((name) => (statSync(join(folder, name)).isDirectory() ? tree(folder, name) : [`${name}: ${readFileSync(join(folder, name), 'base64')}`]))

/** Runs it, as `bin/rails server` would. */
export async function serve(t, folder, mode, variables = {}, port) {
  port ??= await freePort()
  const parameters = ['server', '-e', mode, '-b', '127.0.0.1', '-p', String(port), '-P', join(folder, `tmp/${mode}.pid`)]
  const server = await child(`http://localhost:${port}`, '/up', 'bin/rails', parameters, variables, folder)
  t.after(() => server.stop())
  return server
}
