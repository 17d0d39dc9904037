import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** A script as served: without its comments, which are on lines of their own. */
export const asServed = (text) =>
  text
    .replace(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '')
    .replace(/^ *\/\/.*\n/gm, '')

/** The size of the served script, in bytes. */
export const size = (file) => gzipSync(asServed(readFileSync(file, 'utf8')), { level: 9 }).length
