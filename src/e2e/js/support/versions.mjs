import { execFileSync } from 'node:child_process'
import { read } from './tables.mjs'

/*
 * The versions with which this build is tested, as published in docs/versions.md: `node
 * support/versions.mjs` prints its tables.
 */
const row = (cells) => `| ${cells.join(' | ')} |`
const property = (pom, name) => new RegExp(`<${name}>([^<]+)<`).exec(read(pom))[1]

/** Versions that the build itself names. */
export const named = () => {
  const { devDependencies: npm } = JSON.parse(read('src/e2e/js/package.json'))
  return [
    ['Tomcat', ...['tomcat10', 'tomcat11'].map((name) => property('src/pom.xml', `${name}.version`))],
    ['Jetty', `${property('src/pom.xml', 'jetty.version')}, ee10 and ee11`],
    ...['@rails/actioncable', '@hotwired/turbo-rails', '@anycable/web'].map((name) => [name, npm[name]])
  ].map(([name, ...versions]) => row([name, versions.join(', ')]))
}

const DEBIAN = {
  Rails: ['ruby-actioncable', 'puma'],
  Java: ['openjdk-17-jdk-headless', 'openjdk-21-jdk-headless', 'openjdk-25-jdk-headless'],
  browsers: ['chromium', 'firefox-esr', 'webkit2gtk-driver'],
  proxies: ['nginx', 'haproxy', 'apache2'],
  'other servers': ['tomcat11', 'valkey-server', 'prometheus'],
  containers: ['podman']
}

/** Versions of the Debian packages that `.ci/run` installs, on this machine. */
const installed = () =>
  Object.entries(DEBIAN).map(([what, packages]) => {
    const versions = packages.map((name) => {
      const version = execFileSync('dpkg-query', ['--show', '--showformat=${Version}', name], { encoding: 'utf8' })
      return `${name} ${version.replace(/^\d+:/, '').replace(/[-+~].*/, '')}`
    })
    return row([what, versions.join(', ')])
  })

if (import.meta.filename === process.argv[1]) console.log([...named(), '', ...installed()].join('\n'))
