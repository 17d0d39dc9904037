import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

/** A script without its comments, which stand on lines of their own. */
export const withoutComments = (text) =>
  text.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '').replace(/^\s*\/\/.*\n/gm, '')

/** Bytes of the script, gzipped without its comments. */
export const size = (file) => gzipSync(withoutComments(readFileSync(file, 'utf8')), { level: 9 }).length
