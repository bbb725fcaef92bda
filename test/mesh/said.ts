import assert from 'node:assert/strict'
import type { HostProcess } from '../../src/testing/test-network.ts'

/** Far beyond what anything takes, so that a hang becomes a failure. */
const patienceMs = 120_000

/** Waits until a program has said it, or for the nth time; tells what it said instead when it never does. */
export async function said(
  { stdout, stderr }: HostProcess,
  pattern: RegExp,
  nth = 1,
): Promise<string> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`not in time: ${pattern}`)), patienceMs)
  try {
    return await Promise.race([stdout.line(pattern, nth), late.promise])
  } catch (error) {
    return assert.fail(`${String(error)}\n${stdout.text}\n${stderr.text}`)
  } finally {
    clearTimeout(timer)
  }
}
