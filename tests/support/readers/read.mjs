// Reads one base64-encoded document per line, and prints the result of each parser as JSON.
// A value that JSON cannot hold becomes an object with its type, so it equals no other value.
import { createInterface } from 'node:readline'
import * as jsYaml from 'js-yaml'
import jsYaml4 from 'js-yaml-4'
import { parse } from 'yaml'

const toComparable = (key, value) => {
  if (typeof value === 'bigint') return { $type: 'bigint', value: String(value) }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $type: 'number', value: String(value) }
  return value
}

// JSON.stringify turns dates into strings before it calls `toComparable`.
const convertDates = (value) => {
  if (value instanceof Date) return { $type: 'date', value: value.toISOString() }
  if (Array.isArray(value)) return value.map(convertDates)
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, convertDates(v)]))
  return value
}

const attempt = (read, text) => {
  try {
    return { value: convertDates(read(text)) }
  } catch (error) {
    return { error: String(error.message).split('\n')[0] }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const text = Buffer.from(line, 'base64').toString('utf8')
  const answer = {
    yaml: attempt((t) => parse(t, { maxAliasCount: 0 }), text),
    'js-yaml': attempt((t) => jsYaml.load(t), text),
    'js-yaml 4': attempt((t) => jsYaml4.load(t), text),
  }
  process.stdout.write(JSON.stringify(answer, toComparable) + '\n')
}
