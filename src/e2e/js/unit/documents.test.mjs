import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

/* Every link of a document leads to an existing file and heading, prose is wrapped, and tables aren't. */
const PROJECT = fileURLToPath(new URL('../../../../', import.meta.url))
const NOT_OURS = /(^|\/)(\.git|node_modules|target)\//
const documents = readdirSync(PROJECT, { recursive: true }).filter((file) => file.endsWith('.md') && !NOT_OURS.test(file))

const withoutBlocks = (text) => text.replaceAll(/^ *```[^]*?^ *```$/gm, '')
const read = (file) => withoutBlocks(readFileSync(join(PROJECT, file), 'utf8'))

/** The headings' ids, as forges derive them from their words. */
const anchors = (text) => {
  const ids = [...text.matchAll(/^#+ (.*)$/gm)].map(([, words]) =>
    words
      .toLowerCase()
      .replaceAll(/\]\(.*?\)/g, '')
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  )
  return new Set(ids.map((id, n) => (ids.indexOf(id) === n ? id : `${id}-${ids.slice(0, n).filter((other) => other === id).length}`)))
}

test('the documents are found', () => {
  for (const file of ['README.md', 'docs/README.md', 'docs/deploy/aws.md', 'src/bench/README.md']) assert.ok(documents.includes(file), file)
})

for (const file of documents) {
  test(`${file}: its links lead somewhere`, () => {
    const links = [...read(file).replaceAll(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link)
    const broken = links
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [path, anchor] = link.split('#')
        const target = path === '' ? file : join(dirname(file), path)
        return !existsSync(join(PROJECT, target)) || (anchor !== undefined && !anchors(read(target)).has(anchor))
      })
    assert.deepEqual(broken, [])
  })

  test(`${file}: its prose is wrapped at 100 characters`, () => {
    const lines = read(file).split('\n')
    const prose = lines.filter((line) => !/^( {4}| *\||<!--)/.test(line))
    assert.deepEqual(prose.filter((line) => line.length > 100), [])
  })

  test(`${file}: its tables have a row a line`, () => {
    const separators = read(file).split('\n').filter((line) => /\|:?-{2,}/.test(line.replaceAll(/`[^`]*`/g, '')))
    assert.deepEqual(separators.filter((line) => !/^ *(\|:?-+:?)+\|$/.test(line)), [])
  })
}
