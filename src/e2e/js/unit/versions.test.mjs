import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rows } from '../support/tables.mjs'
import { named } from '../support/versions.mjs'

test("docs/versions.md has the build's versions", () => assert.deepEqual(rows('docs/versions.md', 'named'), named()))
